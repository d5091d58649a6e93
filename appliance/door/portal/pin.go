package portal

import (
	"errors"
	"net/http"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// pinPage is the second screen.
type pinPage struct {
	web.Frame
	Tail   string
	PIN    web.Field
	Say    *web.Alert
	Phone  string
	Sign   string
	Locked bool
	None   bool // there is no PIN under way: only the button for another helps
}

// sayOf returns what an error says to people.
func sayOf(err error) *mail.Error {
	var e *mail.Error
	if errors.As(err, &e) {
		return e
	}
	return mail.E(mail.Internal, "error.internal", err)
}

// waiting returns the visit of a guest who has shown a code and no proof yet.
func (p *Portal) waiting(r *web.Request) (*visit, bool) {
	v, ok := visiting(r)
	return v, ok && v.letter.Kind == mail.CodeGuest && !v.proven()
}

func (p *Portal) pinPage(r *web.Request) error {
	v, ok := p.waiting(r)
	if !ok {
		return r.Redirect("/m")
	}
	v.mu.Lock()
	say := v.say
	v.say = ""
	v.mu.Unlock()
	if say != "" {
		return p.showPIN(r, v, http.StatusOK, "", &web.Alert{Tone: web.Warning, Text: r.T(say)})
	}
	return p.showPIN(r, v, http.StatusOK, "", nil)
}

func (p *Portal) showPIN(r *web.Request, v *visit, status int, fault string, say *web.Alert) error {
	_, pending := p.PINs.Pending(v.letter.Holder)
	return r.PageWith(status, "portal/pin", &pinPage{
		Tail: v.letter.Phone.Tail(), Say: say, Phone: p.House.Phone, Sign: p.House.Sign, Locked: v.letter.Locked, None: !pending,
		PIN: web.Field{
			Name: "pin", Label: r.T("page.pin.label"), Hint: r.T("page.pin.hint"), Error: fault,
			Auto: "one-time-code", Mode: "numeric", Pattern: "[0-9 ]*", Max: 7, Required: true, Focus: true, Short: true,
		},
	})
}

// send asks for an SMS. What goes wrong is said on the PIN's page, where there is a
// button to try again.
func (p *Portal) send(r *web.Request, v *visit) {
	say := ""
	if err := p.Texter.SendPIN(r.Context(), v.letter, r.Language()); err != nil {
		say = sayOf(err).Say
		if mail.KindOf(err) == mail.Locked {
			v.letter.Locked = true
			say = ""
		}
		if mail.KindOf(err) == mail.Internal {
			p.Log.Error("send a PIN", "part", "portal", "req", r.Number(), "err", err)
			say = "error.sms.failed"
		}
	}
	v.mu.Lock()
	v.say = say
	v.mu.Unlock()
}

func (p *Portal) sendAgain(r *web.Request) error {
	v, ok := p.waiting(r)
	if !ok {
		return r.Redirect("/m")
	}
	p.send(r, v)
	return r.Redirect("/m/pin")
}

// enterPIN compares the PIN. The try is counted first (access.PINs.Check).
func (p *Portal) enterPIN(r *web.Request) error {
	v, ok := p.waiting(r)
	if !ok {
		return r.Redirect("/m")
	}
	err := p.PINs.Check(r.Context(), v.letter.Holder, r.Form("pin"))
	switch mail.KindOf(err) {
	case mail.Invalid:
		return p.showPIN(r, v, http.StatusUnprocessableEntity, r.Sentence(err), nil)
	case mail.Gone:
		return p.showPIN(r, v, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	case mail.Locked:
		v.letter.Locked = true
		return p.showPIN(r, v, http.StatusUnprocessableEntity, "", nil)
	}
	if err != nil {
		return err
	}
	return p.enter(r, v, "sms")
}

// enter lets a guest in who has given the proof, under a fresh token.
func (p *Portal) enter(r *web.Request, v *visit, proof string) error {
	reader, err := p.Desk.Admit(r.Context(), v.letter, proof)
	if mail.KindOf(err) == mail.Gone {
		return p.ended(r, err)
	}
	if err != nil {
		return err
	}
	in := newVisit(v.letter, v.lang)
	in.reader = reader
	if err := p.begin(r, in); err != nil {
		return err
	}
	return r.Redirect("/m/letter")
}

type wrongPage struct {
	web.Frame
	Sign, Phone string
}

// wrongNumber tells the sender that the number is not this reader's.
func (p *Portal) wrongNumber(r *web.Request) error {
	v, ok := p.waiting(r)
	if !ok {
		return r.Redirect("/m")
	}
	if err := p.Desk.WrongNumber(r.Context(), v.letter); err != nil {
		return err
	}
	return r.Page("portal/wrong", &wrongPage{Sign: p.House.Sign, Phone: p.House.Phone})
}

// leave ends a guest's visit on this device.
func (p *Portal) leave(r *web.Request) error {
	p.end(r)
	r.ClearToken()
	return r.Redirect("/")
}
