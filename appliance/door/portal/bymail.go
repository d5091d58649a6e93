package portal

import (
	"regexp"
	"strings"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// The links in mails to registered recipients hold what shows, together with the sign-in,
// that the mail has reached them. The browser keeps it until they have signed in; opened by
// anybody else it does nothing.

// What the kept word begins with.
const (
	byLetter = "letter."
	byJoin   = "join."
)

// proofs is how what such a link holds looks (keyring.InboxProof): nothing else gets into a
// cookie.
var proofs = regexp.MustCompile(`^[A-Za-z0-9_-]{32}$`)

// arriveBy keeps what stands in a mail's link, and goes to the mailbox, or to the sign-in.
func (p *Portal) arriveBy(purpose string) func(*web.Request) error {
	return func(r *web.Request) error {
		proof := r.Param("proof")
		if !proofs.MatchString(proof) {
			return mail.E(mail.Absent, "error.absent", nil)
		}
		r.SetArrival(purpose + proof)
		return r.Redirect("/mail")
	}
}

// arriving is a route of who has come by such a link.
func (p *Portal) arriving(h func(*web.Request) error) func(*web.Request) error {
	return own(func(r *web.Request, s *access.Session) error {
		kept := r.Arrival()
		if kept == "" {
			return h(r)
		}
		if proof, ok := strings.CutPrefix(kept, byJoin); ok && isRecipient(s) && p.Account.MayJoin(s.Owner(), proof) == nil {
			return r.Redirect("/account/join") // which takes it up
		}
		r.ClearArrival()
		if proof, ok := strings.CutPrefix(kept, byLetter); ok && isRecipient(s) {
			// One that is too old, or was sent to another, is passed over: the mailbox is theirs.
			if err := p.Account.InboxShown(r.Context(), s.Person.ID, proof); err != nil && mail.KindOf(err) != mail.Absent {
				return err
			}
		}
		return h(r)
	})
}

// joinPage asks a registered recipient whose address is the house's by now whether they will
// be one of it.
type joinPage struct {
	web.Frame
	Organisation string
	Address      string
}

func (p *Portal) joinPage(r *web.Request, s *access.Session) error {
	if err := p.Account.MayJoin(s.Owner(), strings.TrimPrefix(r.Arrival(), byJoin)); err != nil {
		return err
	}
	return r.Page("portal/join", &joinPage{Organisation: p.look(r).House, Address: string(s.Profile.Address)})
}

// join makes one of the house of them. Their sessions end with it, this one too.
func (p *Portal) join(r *web.Request, s *access.Session) error {
	if err := p.Account.Join(r.Context(), s.Owner(), strings.TrimPrefix(r.Arrival(), byJoin)); err != nil {
		return p.overtaken(r, err)
	}
	r.ClearArrival()
	p.end(r)
	r.ClearToken()
	r.Flash("flash.joined")
	return r.Redirect("/in")
}

// notJoin stays what they are. The mail comes again in a month.
func (p *Portal) notJoin(r *web.Request, _ *access.Session) error {
	r.ClearArrival()
	return r.Redirect("/mail")
}
