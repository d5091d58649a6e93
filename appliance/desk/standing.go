package desk

import (
	"context"

	"sigill/appliance/mail"
)

// Standings counts what waits in mailboxes of r's; zero is r's own. Each count has a
// bound (mail.MaxStanding), so that it costs the same in a full mailbox.
func (d *Desk) Standings(ctx context.Context, r Reader, mailboxes []mail.ID) ([]mail.Standing, error) {
	list := make([]mail.Standing, len(mailboxes))
	err := d.Store.View(ctx, func(tx ReadTx) error {
		for i, id := range mailboxes {
			owner, err := r.mailbox(id)
			if err != nil {
				return err
			}
			if list[i], err = tx.Standing(owner); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// maxHeld is how many letters Held returns.
const maxHeld = 100

// Held is a letter of which a recipient waits for what is missing.
type Held struct {
	Line    Line
	Waiting []Waiting // none if the line is Closed
}

// Held returns up to 100 letters from a mailbox of r's of which a recipient waits, the
// newest first, with those who do. What was sent before r's time is Closed.
func (d *Desk) Held(ctx context.Context, r Reader, mailbox mail.ID) ([]Held, error) {
	owner, err := r.mailbox(mailbox)
	if err != nil {
		return nil, err
	}
	var list []Held
	err = d.Store.View(ctx, func(tx ReadTx) error {
		ids, err := tx.Held(owner, maxHeld)
		if err != nil {
			return err
		}
		for _, id := range ids {
			h, err := d.held(tx, r, id)
			if mail.KindOf(err) == mail.Gone || err == nil && !h.Line.Closed && len(h.Waiting) == 0 {
				continue // it ends at this moment
			}
			if err != nil {
				return err
			}
			list = append(list, h)
		}
		return nil
	})
	return list, err
}

func (d *Desk) held(tx ReadTx, r Reader, message mail.ID) (Held, error) {
	own, ok, err := houseCopyOf(tx, message)
	if err == nil && !ok {
		err = mail.E(mail.Gone, "error.gone", nil)
	}
	if err != nil {
		return Held{}, err
	}
	row, err := tx.MailboxOf(own.ID)
	if err != nil {
		return Held{}, err
	}
	h := Held{}
	if h.Line, err = d.line(tx, r, row); err != nil || h.Line.Closed {
		return h, err
	}
	h.Waiting, err = d.waiting(tx, message)
	return h, err
}
