package admin

import (
	"context"
	"net/http"
	"strings"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// Tracing finds letters and mails for the help desk. It tells who, when and how far, and
// never what a letter says.
type Tracing interface {
	Trace(ctx context.Context, by mail.Actor, asked mail.TraceAsked) (mail.TraceFound, error)
}

// maxTrace is the longest time over which letters are looked for, in days.
const maxTrace = 31

// maxRef is the longest number that is looked for: a Message-ID may be as long as a line.
const maxRef = 998

func (d *Door) traceRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/trace", Need: web.HelpDesk, Handle: d.tracePage},
		{Method: "POST", Path: "/trace", Need: web.HelpDesk, Body: web.Form, Handle: d.trace},
	}
}

// tracePage is where the help desk follows letters.
type tracePage struct {
	web.Frame
	Address, Ref, From, Until web.Field
	Asked                     bool // there was a look, and this is what it found
	Most                      bool // there was more to look at
	Letters, Mails            int
	Beyond                    int // mails that were only counted
	List                      *tableView
}

func (d *Door) tracePage(r *web.Request) error {
	today := r.Now().In(d.zone)
	page := &tracePage{}
	page.fields(r, "", "", d.day(today.AddDate(0, 0, -7)), d.day(today))
	return r.Page("admin/trace", page)
}

func (p *tracePage) fields(r *web.Request, address, ref, from, until string) {
	p.Address = web.Field{Name: "address", Label: r.T("page.trace.address"), Hint: r.T("page.trace.address.hint"), Value: address, Type: "email", Max: mail.MaxAddress}
	p.Ref = web.Field{Name: "ref", Label: r.T("page.trace.ref"), Hint: r.T("page.trace.ref.hint"), Value: ref, Max: maxRef}
	p.From = web.Field{Name: "from", Label: r.T("page.trace.from"), Value: from, Type: "date", Short: true}
	p.Until = web.Field{Name: "until", Label: r.T("page.trace.until"), Value: until, Type: "date", Short: true}
}

// trace is a POST, so that no address stands in an address line or a log.
func (d *Door) trace(r *web.Request) error {
	page := &tracePage{Asked: true}
	page.fields(r, r.Form("address"), r.Form("ref"), r.Form("from"), r.Form("until"))
	asked, field, err := d.traceAsked(r, page)
	if err != nil {
		page.Asked, field.Error, field.Focus = false, r.Sentence(err), true
		return r.PageWith(http.StatusUnprocessableEntity, "admin/trace", page)
	}
	found, err := d.tracing.Trace(r.Context(), actor(r), asked)
	if err != nil {
		return err
	}
	rows := tracedRows(r, found)
	page.Most, page.Letters, page.Mails, page.Beyond = !found.Whole, len(found.Letters), len(found.Arrivals), int(found.Beyond)
	t := d.traceTable(r, rows)
	if a := t.asked(r); a.file {
		return t.save(r, t.pick(a, rows))
	}
	page.List = t.show(r, &page.Frame, rows)
	return r.Page("admin/trace", page)
}

// traceAsked reads what is to be followed. A number needs nothing else. With an error comes
// the field that it is about.
func (d *Door) traceAsked(r *web.Request, page *tracePage) (asked mail.TraceAsked, wrong *web.Field, err error) {
	if asked.Ref = strings.TrimSpace(r.Form("ref")); asked.Ref != "" && len(asked.Ref) <= maxRef {
		return asked, nil, nil
	}
	if r.Form("address") == "" {
		return asked, &page.Address, mail.E(mail.Invalid, "error.trace.ask", nil)
	}
	if asked.Address, err = mail.ParseAddress(r.Form("address")); err != nil {
		return asked, &page.Address, mail.E(mail.Invalid, "error.address", nil)
	}
	if asked.From, err = d.date(r.Form("from")); err != nil || asked.From.IsZero() {
		return asked, &page.From, mail.E(mail.Invalid, "error.date", nil)
	}
	if asked.Until, err = d.date(r.Form("until")); err != nil || asked.Until.IsZero() {
		return asked, &page.Until, mail.E(mail.Invalid, "error.date", nil)
	}
	asked.Until = asked.Until.AddDate(0, 0, 1) // the day itself, too
	if !asked.From.Before(asked.Until) || asked.From.AddDate(0, 0, maxTrace).Before(asked.Until) {
		return asked, &page.From, mail.E(mail.Invalid, "error.trace.days", nil)
	}
	return asked, nil, nil
}
