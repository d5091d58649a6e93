package portal

import (
	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// leavePage says what happens to who leaves a function mailbox.
type leavePage struct {
	web.Frame
	Box  boxView
	Last bool // nobody else reads there
}

func (p *Portal) leavePage(r *web.Request, s *access.Session, b boxView) error {
	page := &leavePage{Box: b, Last: true}
	p.Office.Tree(func(t *org.Tree) {
		for _, c := range t.Staff(b.ID) {
			if c.Role == mail.MailboxReader && c.ID != s.Person.ID {
				page.Last = false
			}
		}
	})
	return r.Page("portal/leave", page)
}

// leaveBox ends one's own place.
func (p *Portal) leaveBox(r *web.Request, s *access.Session, b boxView) error {
	if err := p.Office.LeaveMailbox(r.Context(), s.Actor(), b.ID, s.Person.ID); err != nil {
		return err
	}
	r.Flash("flash.box.left")
	return r.Redirect("/mail")
}
