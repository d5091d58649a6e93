package desk

import (
	"context"
	"time"

	"sigill/appliance/mail"
)

// Standings counts what waits in mailboxes of r's; zero is r's own. What came to a function
// mailbox before r's time there is nothing that waits for r, and is not counted. Each count has a
// bound (mail.MaxStanding), so that it costs the same in a full mailbox.
func (d *Desk) Standings(ctx context.Context, r Reader, mailboxes []mail.ID) ([]mail.Standing, error) {
	list := make([]mail.Standing, len(mailboxes))
	err := d.Store.View(ctx, func(tx ReadTx) error {
		for i, id := range mailboxes {
			owner, err := r.mailbox(id)
			if err != nil {
				return err
			}
			since, err := d.readsSince(tx, r, owner)
			if err != nil {
				return err
			}
			if list[i], err = tx.Standing(owner, since); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// readsSince returns from when on r opens what comes to a mailbox; zero: all of it.
func (d *Desk) readsSince(tx ReadTx, r Reader, owner mail.ID) (time.Time, error) {
	if owner == r.ID {
		return time.Time{}, nil
	}
	since, err := tx.ReadsSince(owner, r.ID)
	if mail.KindOf(err) == mail.Absent {
		return d.Clock.Now(), nil // the key of who was just added is on its way
	}
	return since, err
}

// CountTrash tells what EmptyTrash would do. Like it, it leaves out of a function mailbox what
// came before r's time there.
func (d *Desk) CountTrash(ctx context.Context, r Reader, mailbox mail.ID) (n mail.TrashCount, err error) {
	owner, err := r.mailbox(mailbox)
	if err != nil {
		return n, err
	}
	err = d.Store.View(ctx, func(tx ReadTx) error {
		since, err := d.readsSince(tx, r, owner)
		if err != nil {
			return err
		}
		n, err = tx.CountTrash(owner, since)
		return err
	})
	return n, err
}

// MaxHeld is how many letters Held returns.
const MaxHeld = 100

// Held is a letter of which a recipient waits for what is missing.
type Held struct {
	Line    Line
	Waiting []Waiting // none if the line is Closed
}

// Held returns up to MaxHeld letters from a mailbox of r's of which a recipient waits, the
// newest first, with those who do, and whether there are more. What was sent before r's time is
// Closed.
func (d *Desk) Held(ctx context.Context, r Reader, mailbox mail.ID) (list []Held, more bool, err error) {
	owner, err := r.mailbox(mailbox)
	if err != nil {
		return nil, false, err
	}
	err = d.Store.View(ctx, func(tx ReadTx) error {
		ids, err := tx.Held(owner, MaxHeld+1)
		if err != nil {
			return err
		}
		if more = len(ids) > MaxHeld; more {
			ids = ids[:MaxHeld]
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
	return list, more, err
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
