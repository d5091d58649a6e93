package portal

import (
	"time"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// heldPage lists the letters of a mailbox of which a recipient waits for what is missing,
// with what mends it.
type heldPage struct {
	web.Frame
	Box     boxView
	Letters []heldView
	Most    int // letters that are shown where there are more; 0: these are all
}

type heldView struct {
	Path    string
	Subject string
	At      time.Time
	Closed  bool // from before one's time in a function mailbox
	Waiting []mendRow
}

func (p *Portal) heldOwn(r *web.Request, s *access.Session) error { return p.held(r, s, ownBox()) }

func (p *Portal) held(r *web.Request, _ *access.Session, b boxView) error {
	list, more, err := p.Desk.Held(r.Context(), p.reader(r), b.ID)
	if err != nil {
		return err
	}
	page := &heldPage{Box: b}
	if more {
		page.Most = desk.MaxHeld
	}
	for _, h := range list {
		page.Letters = append(page.Letters, heldViewOf(r, h))
	}
	return r.Page("portal/held", page)
}

func heldViewOf(r *web.Request, h desk.Held) heldView {
	v := heldView{Path: "/mail/" + h.Line.Holder.ID.String(), Subject: h.Line.Head.Subject, At: h.Line.Message.At, Closed: h.Line.Closed}
	for _, w := range h.Waiting {
		row := mendRowOf(r, w)
		if w.Why == mail.HoldNearMiss {
			row.Guessed = true
		}
		v.Waiting = append(v.Waiting, row)
	}
	return v
}
