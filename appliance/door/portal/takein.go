package portal

import (
	"net/http"
	"slices"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// A registered recipient who is signed in and shows the code of a letter may get it into
// the mailbox. One that was sent to their own address moves by itself: without a PIN if it
// would go to the number that they have registered, for it would show nothing new, else
// with it. One to another address may have been forwarded, or somebody else sits at the
// family's computer: it is opened as by anybody, and moves if its reader says so. Meanwhile
// the visit keeps the session, and goes back to it.

// waiting is the session of a registered recipient that waits while a letter is looked at.
// It is named, and not kept: its keys go with it when it ends.
type waiting struct {
	person, session mail.ID
	address         mail.Address
}

// recipientHere is the session of the registered recipient who is signed in, also while a
// letter is looked at; nil if there is none.
func (p *Portal) recipientHere(r *web.Request) *waiting {
	switch v := r.Viewer().Value.(type) {
	case *access.Session:
		if isRecipient(v) {
			return &waiting{v.Person.ID, v.ID, v.Profile.Address}
		}
	case *visit:
		if p.waits(v) {
			return v.into
		}
	}
	return nil
}

// waits reports whether a session waits for a visit to end. To ask does not keep it alive.
func (p *Portal) waits(v *visit) bool {
	return v.into != nil && slices.ContainsFunc(p.SignIn.Sessions(v.into.person), func(l access.Listed) bool { return l.ID == v.into.session })
}

// takeIn moves a letter in whose code was just shown, or lets it be opened as by anybody.
func (p *Portal) takeIn(r *web.Request, w *waiting, l desk.Letter) error {
	to, err := p.registeredAs(r, w)
	if mail.KindOf(err) == mail.Absent {
		return p.lasting(p.arrive)(r, newVisit(l, r.Language()))
	}
	if err != nil {
		return err
	}
	id, err := p.Desk.TakeIn(r.Context(), l, to)
	if mail.KindOf(err) == mail.Denied {
		v := newVisit(l, r.Language())
		v.into = w
		return p.lasting(p.arrive)(r, v)
	}
	if err != nil {
		return err
	}
	if v, ok := r.Viewer().Value.(*visit); ok {
		p.goBack(r, v) // if it ended just now, they sign in on the way to the letter
	}
	r.Flash("flash.takenin")
	return r.Redirect("/mail/" + id.String())
}

// registeredAs is who is signed in as a registered recipient, as they stand by now. It is
// Absent if they are none any more.
func (p *Portal) registeredAs(r *web.Request, w *waiting) (mail.Recipient, error) {
	found, err := p.Office.Recipients(r.Context(), []mail.Address{w.address})
	if err != nil {
		return mail.Recipient{}, err
	}
	to := found[w.address.Key()]
	if to.ID != w.person { // closed meanwhile, or somebody else's by now
		return mail.Recipient{}, mail.E(mail.Absent, "error.absent", nil)
	}
	return to, nil
}

// movesIn reports whether the letter of a visit moves by itself into the mailbox of who is
// signed in.
func (v *visit) movesIn() bool { return v.mayMoveIn() && v.letter.Own(v.into.address) }

// mayMoveIn reports whether it may move there at all.
func (v *visit) mayMoveIn() bool { return v.into != nil && v.letter.MayMoveIn(v.into.address) }

// takeProven moves the letter of a visit in, and goes back to the session. If that has
// ended, or the account, moved is false, and the letter is where it was.
func (p *Portal) takeProven(r *web.Request, v *visit, reader desk.Reader) (moved bool, err error) {
	to, err := p.registeredAs(r, v.into)
	if mail.KindOf(err) == mail.Absent {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	// First, for a letter does not move where nobody is any more. If it comes to nothing,
	// nobody has this token, and the session waits on.
	t, ok := p.SignIn.Again(v.into.person, v.into.session)
	if !ok {
		return false, nil
	}
	id, err := p.Desk.MoveIn(r.Context(), reader, v.letter.Holder, to.Resident)
	if err != nil {
		return false, err
	}
	p.resume(r, v, t)
	r.Flash("flash.takenin")
	return true, r.Redirect("/mail/" + id.String())
}

// goBack ends a visit and gives the browser the session that it kept, under another token.
// It is false if there is none, or it is over.
func (p *Portal) goBack(r *web.Request, v *visit) bool {
	if v.into == nil {
		return false
	}
	t, ok := p.SignIn.Again(v.into.person, v.into.session)
	if ok {
		p.resume(r, v, t)
	}
	return ok
}

func (p *Portal) resume(r *web.Request, v *visit, t access.Token) {
	p.dropVisit(r, v)
	r.SetToken(web.TokenOf(t))
}

// moveInPage asks whether a letter to another address is to move, and into which account.
type moveInPage struct {
	web.Frame
	Account string // whose mailbox it would be in
	Address string // to which it was sent
	Own     bool   // they are the same
	Say     *web.Alert
}

// moving is a route for whose letter may move into the account that waits.
func (p *Portal) moving(h guest) func(*web.Request) error {
	return p.reading(func(r *web.Request, v *visit) error {
		if !v.mayMoveIn() || !p.waits(v) {
			return r.Redirect("/m/letter")
		}
		return h(r, v)
	})
}

func (p *Portal) moveInPage(r *web.Request, v *visit) error {
	return p.showMoveIn(r, v, http.StatusOK, nil)
}

func (p *Portal) showMoveIn(r *web.Request, v *visit, status int, say *web.Alert) error {
	account := v.into.address
	return r.PageWith(status, "portal/movein", &moveInPage{Account: string(account), Address: string(v.letter.Address), Own: v.letter.Own(account), Say: say})
}

// moveInto moves the letter, at its reader's word.
func (p *Portal) moveInto(r *web.Request, v *visit) error {
	moved, err := p.takeProven(r, v, v.reader)
	switch mail.KindOf(err) {
	case mail.Again, mail.Denied, mail.Locked:
		return p.showMoveIn(r, v, http.StatusUnprocessableEntity, &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	}
	if moved || err != nil {
		return err
	}
	return r.Redirect("/m/letter") // the session, or the account, is over
}
