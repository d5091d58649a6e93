package portal

import (
	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// A registered recipient who is signed in and shows the code of a letter gets it into the
// mailbox. If it was sent to the address and the number that they have registered, no PIN
// is asked for: it would show nothing new. Else it is, and meanwhile the visit keeps the
// session into which the letter is to move.

// takeIn moves a letter in whose code was just shown, or asks for the PIN.
func (p *Portal) takeIn(r *web.Request, s *access.Session, l desk.Letter) error {
	to, err := p.registeredAs(r, s)
	if err != nil {
		return err
	}
	id, err := p.Desk.TakeIn(r.Context(), l, to)
	if err != nil && mail.KindOf(err) == mail.Denied {
		v := newVisit(l, r.Language())
		v.into = s
		return p.lasting(p.arrive)(r, v)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.takenin")
	return r.Redirect("/mail/" + id.String())
}

// registeredAs is who is signed in as a registered recipient, as they stand by now.
func (p *Portal) registeredAs(r *web.Request, s *access.Session) (mail.Recipient, error) {
	found, err := p.Office.Recipients(r.Context(), []mail.Address{s.Profile.Address})
	if err != nil {
		return mail.Recipient{}, err
	}
	to := found[s.Profile.Address.Key()]
	if to.ID != s.Person.ID { // closed meanwhile, or somebody else's by now
		return mail.Recipient{}, mail.E(mail.Absent, "error.absent", nil)
	}
	return to, nil
}

// takeProven moves a letter in of which the PIN was right, and goes back to the session. If
// that has ended meanwhile, ok is false: the letter is read as by anybody.
func (p *Portal) takeProven(r *web.Request, v *visit, reader desk.Reader) (ok bool, err error) {
	s := v.into
	if s == nil {
		return false, nil
	}
	to, err := p.registeredAs(r, s)
	if err != nil {
		return false, err
	}
	if !p.goBack(r, v) {
		return false, nil
	}
	id, err := p.Desk.MoveIn(r.Context(), reader, v.letter.Holder, to.Resident)
	if err != nil {
		return false, err
	}
	r.Flash("flash.takenin")
	return true, r.Redirect("/mail/" + id.String())
}

// goBack ends a visit and gives the browser the session that it kept, under another token.
// It is false if the session is over.
func (p *Portal) goBack(r *web.Request, v *visit) bool {
	t, ok := p.SignIn.Again(v.into)
	if ok {
		p.visits.Drop(r.Token().Secret())
		r.SetToken(web.TokenOf(t))
	}
	return ok
}
