package wizard

import (
	"net/http"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// enterPage asks for the one-time code; a script of ours takes it from the address.
type enterPage struct {
	web.Frame
	Code web.Field
	Say  *web.Alert
}

func (d *Door) enterPage(r *web.Request) error {
	guarded, err := d.m.Guarded(r.Context())
	if err != nil {
		return err
	}
	known, err := d.m.Knows(r.Context(), r.Setup())
	if err != nil {
		return err
	}
	if guarded || known {
		return d.ours(func(r *web.Request) error { return d.next(r, "") })(r)
	}
	return d.askCode(r, http.StatusOK, "")
}

func (d *Door) askCode(r *web.Request, status int, fault string) error {
	return r.PageWith(status, "wizard/enter", &enterPage{Code: web.Field{
		Name: "code", Label: r.T("setup.code"), Hint: r.T("setup.code.hint"), Error: fault, Max: 40, Required: true, Code: true, Focus: true,
	}})
}

func (d *Door) enter(r *web.Request) error {
	browser, err := d.m.Enter(r.Context(), r.Form("code"))
	if mail.KindOf(err) == mail.Denied {
		return d.askCode(r, http.StatusUnprocessableEntity, r.Sentence(err))
	}
	if err != nil {
		return err
	}
	r.SetSetup(browser)
	return d.next(r, "")
}
