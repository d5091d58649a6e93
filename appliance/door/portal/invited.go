package portal

import (
	"net/http"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/office"
)

// Who was invited to register as a recipient comes with the code of the mail, and shows by
// a PIN that the phone is theirs which the inviter has named, before the password is chosen.

// asInvited sends who is a recipient, and has not proven the phone yet, to where that is
// done; everybody else goes on.
func (p *Portal) asInvited(h guest) guest {
	return func(r *web.Request, v *visit) error {
		to, is, err := p.Office.Invitee(r.Context(), v.letter.Holder)
		if err != nil {
			return err
		}
		if is && (to.Phone == "" || v.owns(p.Clock.Running()) != to.Phone) {
			return r.Redirect("/welcome/phone")
		}
		return h(r, v)
	}
}

// byInvitation is a route for an invited recipient.
func (p *Portal) byInvitation(h func(r *web.Request, v *visit, to office.Invitee) error) func(*web.Request) error {
	return on((*visit).invited, func(r *web.Request, v *visit) error {
		to, is, err := p.Office.Invitee(r.Context(), v.letter.Holder)
		if err != nil {
			return err
		}
		if !is {
			return r.Redirect("/welcome")
		}
		return h(r, v, to)
	})
}

func (p *Portal) invitedPage(r *web.Request, v *visit, to office.Invitee) error {
	return p.showInvited(r, to, http.StatusOK, nil)
}

func (p *Portal) showInvited(r *web.Request, to office.Invitee, status int, say *web.Alert) error {
	return r.PageWith(status, "portal/invited", &registerPage{Sign: p.look(r).Sign(), Tail: to.Phone.Tail(), Say: say})
}

// sendInvited sends the PIN. It is counted by the address that was invited, and by the
// number.
func (p *Portal) sendInvited(r *web.Request, v *visit, to office.Invitee) error {
	pin := v.enrolment().Ask(to.Phone)
	if err := p.sent(r, pin, p.Texter.SendInvited(r.Context(), to, pin, r.Language())); err != nil {
		return p.showInvited(r, to, http.StatusUnprocessableEntity, &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	}
	v.ask(to.Phone)
	return r.Redirect("/welcome/pin")
}

func (p *Portal) invitedPIN(r *web.Request, v *visit, to office.Invitee) error {
	if v.asks() != to.Phone {
		return r.Redirect(invitedSteps.Send)
	}
	return invitedSteps.askPIN(r, v, http.StatusOK, "", nil)
}

// proveInvited compares the PIN. The try is counted first (access.SignIn.ProveInvited).
func (p *Portal) proveInvited(r *web.Request, v *visit, to office.Invitee) error {
	if v.asks() != to.Phone {
		return r.Redirect("/welcome/phone")
	}
	e := v.enrolment()
	if err := p.SignIn.ProveInvited(r.Context(), to.Address, e, r.Form("pin")); err != nil {
		return invitedSteps.refused(r, v, err)
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
