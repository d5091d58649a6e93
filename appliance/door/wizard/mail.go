package wizard

import (
	"net/http"
	"strings"

	"sigill/appliance/doctor"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// tryView is what tries a step: something is sent, and a code in it typed back.
type tryView struct {
	Base string // of the two forms' paths
	Lead string
	To   web.Field
	Sent bool
	Code web.Field
}

func (d *Door) mailTry(r *web.Request) *tryView {
	return &tryView{
		Base: MailOut.Path(), Lead: r.T("setup.mail.try"), Sent: d.m.Sent(MailOut), Code: codeField(r, "setup.try.code", ""),
		To: web.Field{Name: "to", Label: r.T("setup.mail.to"), Value: r.Form("to"), Type: "email", Auto: "email", Max: mail.MaxAddress, Required: true},
	}
}

// findingView is what was found of DNS, in words.
type findingView struct {
	Tone     web.Tone
	Word     string
	Text, Do string
	Records  []doctor.Record // the lines to be added
}

// askDNS looks whether other servers will believe our mail and find the way back.
func (d *Door) askDNS(r *web.Request) error {
	list, err := d.m.MailDNS(r.Context())
	if err != nil {
		return err
	}
	views := []findingView{}
	for _, f := range doctor.Sorted(list) {
		v := findingView{Tone: tones[f.Grave], Word: r.T("setup.grave." + f.Grave.String()), Text: f.Check, Records: f.Records}
		if r.Printer().Has(f.What) {
			v.Text = r.T(f.What, f.Pairs()...)
		}
		if do := f.Do(); do != "" && r.Printer().Has(do) {
			v.Do = r.T(do, f.Pairs()...)
		}
		views = append(views, v)
	}
	return d.showFormWith(r, mailForm(), http.StatusOK, nil, nil, views)
}

var tones = map[doctor.Grave]web.Tone{doctor.Good: web.Success, doctor.Note: web.Info, doctor.Warn: web.Warning, doctor.Fault: web.Danger}

func mailForm() form {
	for _, f := range forms {
		if f.step == MailOut {
			return f
		}
	}
	return form{}
}

func (d *Door) tryMail(r *web.Request) error {
	to, err := mail.ParseAddress(strings.TrimSpace(r.Form("to")))
	if err != nil {
		return d.showForm(r, mailForm(), http.StatusUnprocessableEntity, nil, &web.Alert{Tone: web.Danger, Text: r.T("setup.fault", "Example", "karin.berg@kommun.example")})
	}
	if err := d.m.TryMail(r.Context(), to, r.Language()); err != nil {
		return d.failed(r, err, func(say *web.Alert) error {
			return d.showForm(r, mailForm(), http.StatusUnprocessableEntity, nil, say)
		})
	}
	return r.Redirect(MailOut.Path())
}

func (d *Door) checkMail(r *web.Request) error {
	return d.check(r, MailOut, func(say *web.Alert) error {
		return d.showForm(r, mailForm(), http.StatusUnprocessableEntity, nil, say)
	})
}

// check compares the code that a step has sent, and goes on with the right one.
func (d *Door) check(r *web.Request, step Step, show func(*web.Alert) error) error {
	if err := d.m.Check(r.Context(), actor(r), step, r.Form("code")); err != nil {
		return d.failed(r, err, show)
	}
	return d.next(r, step)
}

// failed says on the step's own page what somebody can mend.
func (d *Door) failed(r *web.Request, err error, show func(*web.Alert) error) error {
	switch mail.KindOf(err) {
	case mail.Invalid, mail.Again, mail.Gone, mail.Busy:
		return show(&web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	return err
}
