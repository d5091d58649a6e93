package portal

import (
	"net/http"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// Who was invited to register as a recipient comes with the code of the mail, and shows by
// a PIN that the phone is theirs which the inviter has named, before the password is chosen.

// asInvited sends who is a recipient, and has not proven the phone yet, to where that is
// done; everybody else goes on.
func (p *Portal) asInvited(h guest) guest {
	return func(r *web.Request, v *visit) error {
		phone, is, err := p.Office.InvitedPhone(r.Context(), v.letter.Holder)
		if err != nil {
			return err
		}
		if is && (phone == "" || v.owns(p.Clock.Running()) != phone) {
			return r.Redirect("/welcome/phone")
		}
		return h(r, v)
	}
}

// byInvitation is a route for an invited recipient; phone is the one that the inviter has
// named.
func (p *Portal) byInvitation(h func(r *web.Request, v *visit, phone mail.Phone) error) func(*web.Request) error {
	return on((*visit).invited, func(r *web.Request, v *visit) error {
		phone, is, err := p.Office.InvitedPhone(r.Context(), v.letter.Holder)
		if err != nil {
			return err
		}
		if !is {
			return r.Redirect("/welcome")
		}
		return h(r, v, phone)
	})
}

func (p *Portal) invitedPage(r *web.Request, v *visit, phone mail.Phone) error {
	return p.showInvited(r, phone, http.StatusOK, nil)
}

func (p *Portal) showInvited(r *web.Request, phone mail.Phone, status int, say *web.Alert) error {
	return r.PageWith(status, "portal/invited", &registerPage{Sign: p.House.Sign, Tail: phone.Tail(), Say: say})
}

// sendInvited sends the PIN. It is counted as one to a phone of one's own: by the person
// and by the number.
func (p *Portal) sendInvited(r *web.Request, v *visit, phone mail.Phone) error {
	if err := p.sendOwn(r, v.letter.Holder, v.enrolment().Ask(phone), phone); err != nil {
		return p.showInvited(r, phone, http.StatusUnprocessableEntity, &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	}
	v.ask(phone)
	return r.Redirect("/welcome/pin")
}

func (p *Portal) invitedPIN(r *web.Request, v *visit, phone mail.Phone) error {
	return p.showInvitedPIN(r, v, phone, http.StatusOK, "", nil)
}

func (p *Portal) showInvitedPIN(r *web.Request, v *visit, phone mail.Phone, status int, fault string, say *web.Alert) error {
	if v.asks() != phone {
		return r.Redirect("/welcome/phone")
	}
	return r.PageWith(status, "portal/invitedpin", &registerPage{Tail: phone.Tail(), Say: say, PIN: pinField(r, "pin", fault)})
}

// proveInvited compares the PIN. The try is counted first (access.SignIn.ProvePhone).
func (p *Portal) proveInvited(r *web.Request, v *visit, phone mail.Phone) error {
	if v.asks() != phone {
		return r.Redirect("/welcome/phone")
	}
	e := v.enrolment()
	err := p.SignIn.ProvePhone(r.Context(), v.letter.Holder, e, r.Form("pin"))
	switch mail.KindOf(err) {
	case mail.Invalid:
		return p.showInvitedPIN(r, v, phone, http.StatusUnprocessableEntity, r.Sentence(err), nil)
	case mail.Gone, mail.Busy:
		return p.showInvitedPIN(r, v, phone, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	v.proves(e.Proven(), p.Clock.Running()+access.PINLife)
	return r.Redirect("/welcome")
}

// enrolment is where a visit stands with proving a phone.
func (v *visit) enrolment() *access.Enrolment {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.enrol == nil {
		v.enrol = access.NewEnrolment()
	}
	return v.enrol
}
