package portal

import (
	"errors"
	"net/http"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// enrolling is somebody who sets up a second factor: signed in, or kept from that until
// there is one.
type enrolling struct {
	*access.Enrolment
	owner   access.Owner
	address mail.Address
	base    string          // of the pages: "/account" or "/in"
	session *access.Session // nil before the sign-in
	waits   *access.Pending // nil after it
}

type enrol func(*web.Request, enrolling) error

// atAccount is a route for who is signed in.
func (p *Portal) atAccount(page string, h enrol) func(*web.Request) error {
	return p.risky(page, func(r *web.Request, s *access.Session) error {
		return h(r, enrolling{s.Enrolment(), s.Owner(), s.Profile.Address, "/account", s, nil})
	})
}

// atDoor is a route for who must set a second factor up before anything else.
func (p *Portal) atDoor(h enrol) func(*web.Request) error {
	return pending(func(r *web.Request, q *access.Pending) error {
		if !q.Enrols() {
			return r.Redirect(onward(q))
		}
		return h(r, enrolling{q.Enrolment(), q.Owner(), q.Profile.Address, "/in", nil, q})
	})
}

// phonePage asks for a phone of one's own, and then for the PIN that was sent there.
type phonePage struct {
	web.Frame
	Base  string
	Must  bool // nothing else can be reached before
	Tail  string
	Phone web.Field
	PIN   web.Field
	Say   *web.Alert
}

func (p *Portal) phonePage(r *web.Request, e enrolling) error {
	return p.showPhone(r, e, http.StatusOK, "", "", nil)
}

func (p *Portal) showPhone(r *web.Request, e enrolling, status int, value, fault string, say *web.Alert) error {
	return r.PageWith(status, "portal/phone", &phonePage{
		Base: e.base, Must: e.session == nil, Say: say,
		Phone: web.Field{Name: "phone", Label: r.T("page.phone.label"), Hint: r.T("page.phone.hint"), Error: fault, Value: value, Type: "tel", Auto: "tel", Max: 30, Required: true, Focus: true},
	})
}

// sendPhone sends a PIN to the number that was typed.
func (p *Portal) sendPhone(r *web.Request, e enrolling) error {
	typed := r.Form("phone")
	to, err := p.Phone(typed)
	if err != nil {
		return p.showPhone(r, e, http.StatusUnprocessableEntity, typed, r.T("error.phone"), nil)
	}
	pin := e.Ask(to)
	if err := p.sent(r, pin, p.Texter.SendNew(r.Context(), e.owner.Person.ID, pin, to, r.Language())); err != nil {
		return p.showPhone(r, e, http.StatusUnprocessableEntity, typed, "", &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	}
	return r.Redirect(e.base + "/phone/pin")
}

// sent makes errors for people of how the PIN of this name went to somebody's own phone.
func (p *Portal) sent(r *web.Request, pin mail.ID, err error) error {
	switch mail.KindOf(err) {
	case mail.Internal:
		if err == nil {
			return nil
		}
		p.Log.Error("send a PIN", "part", "portal", "req", r.Number(), "err", err)
		return mail.E(mail.Again, smsFailed, nil)
	case mail.Busy:
		var say *mail.Error
		if _, waits := p.OwnPINs.Pending(pin); waits && errors.As(err, &say) && say.Say == "error.sms.pause" {
			return nil // the one that was sent a moment ago is still good
		}
	}
	return err
}

func (p *Portal) phonePIN(r *web.Request, e enrolling) error {
	return p.showPhonePIN(r, e, http.StatusOK, "", nil)
}

func (p *Portal) showPhonePIN(r *web.Request, e enrolling, status int, fault string, say *web.Alert) error {
	to := e.Asked()
	if to == "" {
		return r.Redirect(e.base + "/phone")
	}
	return r.PageWith(status, "portal/phonepin", &phonePage{Base: e.base, Must: e.session == nil, Tail: to.Tail(), Say: say, PIN: pinField(r, "pin", fault)})
}

func pinField(r *web.Request, name, fault string) web.Field {
	return web.Field{
		Name: name, Label: r.T("page.pin.label"), Hint: r.T("page.pin.hint"), Error: fault,
		Auto: "one-time-code", Mode: "numeric", Pattern: "[0-9 ]*", Max: 7, Required: true, Focus: true, Short: true,
	}
}

// provePhone compares the PIN; then comes the app, or for who has one already, the end.
func (p *Portal) provePhone(r *web.Request, e enrolling) error {
	if e.Asked() == "" {
		return r.Redirect(e.base + "/phone")
	}
	err := p.SignIn.ProvePhone(r.Context(), e.owner.Person.ID, e.Enrolment, r.Form("pin"))
	switch mail.KindOf(err) {
	case mail.Invalid:
		return p.showPhonePIN(r, e, http.StatusUnprocessableEntity, r.Sentence(err), nil)
	case mail.Gone, mail.Busy:
		return p.showPhonePIN(r, e, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	f, err := p.Account.Factor(r.Context(), e.owner.Person.ID)
	if err != nil {
		return err
	}
	if !f.On() || e.session == nil {
		return r.Redirect(e.base + "/app")
	}
	at, err := p.Account.SetReserve(r.Context(), e.owner, e.Proven())
	if err != nil {
		return p.overtaken(r, err)
	}
	p.changed(r, e.session, at)
	r.Flash("flash.reserve")
	return r.Redirect("/account")
}

// changed ends what came in before the second factor was another one, and marks this
// browser as one at which it was shown.
func (p *Portal) changed(r *web.Request, s *access.Session, at time.Time) {
	s.Enrolled(at)
	p.forgetPictures(p.SignIn.EndOthers(s))
	r.SetDevice(p.SignIn.MarkDevice(r.Device(), s))
}

// overtaken sends somebody to the sign-in whose act came too late: the password or the
// second factor is another one by now.
func (p *Portal) overtaken(r *web.Request, err error) error {
	if err == nil || mail.KindOf(err) != mail.Denied {
		return err
	}
	return p.toSignIn(r, "error.overtaken")
}
