// Package api is the door for programs. Today it takes in the delivery reports of SMS
// gateways.
//
// It never reads a cookie: a program proves itself by a secret of its own.
//
// On the wire is what each provider sends; see courier.ReportForm.
//
// What holds always: a report is answered at once, and one that says nothing new
// changes nothing. Gateways send them twice, late and out of order.
package api

import (
	"context"
	"io"
	"net/http"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// maxReport bounds a delivery report, in bytes.
const maxReport = 16 << 10

// Reports takes what a gateway says of an SMS. The secret is compared before anything
// of the rest is looked at; a wrong one, and an unknown provider, are Absent.
type Reports interface {
	Report(ctx context.Context, provider, secret, contentType, query string, body []byte) error
}

// Routes is the map of the door. healthy says whether all is well: a stranger is told that,
// and nothing more.
func Routes(reports Reports, healthy func() bool) []web.Route {
	report := func(r *web.Request) error {
		body, err := io.ReadAll(r.RawBody())
		if err != nil {
			return err
		}
		err = reports.Report(r.Context(), r.Param("provider"), r.Param("secret"), r.Header("Content-Type"), r.QueryString(), body)
		if mail.KindOf(err) == mail.Invalid && err != nil {
			// Told again, it would be as wrong: say thanks, or the gateway repeats it for hours.
			return r.Done()
		}
		if err != nil {
			return err
		}
		return r.Done()
	}
	health := func(r *web.Request) error {
		if !healthy() {
			return r.Plain(http.StatusServiceUnavailable, "not well\n")
		}
		return r.Plain(http.StatusOK, "ok\n")
	}
	return []web.Route{
		{Method: "GET", Path: "/healthz", Need: web.Anyone, Handle: health},
		{Method: "POST", Path: "/hook/sms/:provider/:secret", Need: web.Program, Body: web.Raw, Limit: maxReport, Handle: report},
	}
}
