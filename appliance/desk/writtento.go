package desk

import (
	"context"
	"slices"
	"strings"

	"sigill/appliance/mail"
)

// writtenMost is how many letters WrittenTo looks through, the newest: one page of a
// folder, so that what is asked for while somebody types costs as much as that.
const writtenMost = 200

// WrittenTo returns up to n of those whom letters from r's own mailbox, or from a function
// mailbox of theirs, have gone to, and in whose name or address text stands: who was
// written to last first. It tells what r could read in those letters, and nothing of such
// as have ended, or are held: an address that was misspelt is not offered again.
func (d *Desk) WrittenTo(ctx context.Context, r Reader, mailbox mail.ID, text string, n int) (found []mail.Named, err error) {
	mailbox, err = r.mailbox(mailbox)
	if err != nil {
		return nil, err
	}
	text = strings.ToLower(text)
	err = d.Store.View(ctx, func(tx ReadTx) error {
		rows, err := tx.Mailbox(mail.MailboxQuery{Owner: mailbox, Folder: mail.Sent, Limit: writtenMost})
		if err != nil {
			return err
		}
		for _, row := range rows {
			if found, err = d.addressees(tx, r, row, text, found); err != nil {
				return err
			}
			if len(found) >= n {
				found = found[:n]
				return nil
			}
		}
		return nil
	})
	return found, err
}

// addressees adds those of one letter.
func (d *Desk) addressees(tx ReadTx, r Reader, row mail.MailboxRow, text string, found []mail.Named) ([]mail.Named, error) {
	l := loaded{m: row.Message, h: row.Holder}
	if !alive(l, d.Clock.Now()) {
		return found, nil
	}
	head, err := d.rowHead(tx, r, l, row)
	if k := mail.KindOf(err); err != nil && (k == mail.Gone || k == mail.Absent) {
		return found, nil // it ends just now, or is from before r's time
	}
	if err != nil {
		return found, err
	}
	has := func(t mail.Named) bool {
		there := slices.ContainsFunc(found, func(f mail.Named) bool { return f.Address.Key() == t.Address.Key() })
		return !there && strings.Contains(strings.ToLower(t.Name+"\n"+string(t.Address)), text)
	}
	if !slices.ContainsFunc(head.To, has) {
		return found, nil // nor are its recipients opened: there may be 500, and 200 such letters
	}
	if l.skm, err = d.openSlot(tx, l.m.Slot); err != nil {
		return found, err
	}
	list, err := d.reached(tx, l)
	for _, c := range list {
		if t := (mail.Named{Name: c.Name, Address: c.Address}); has(t) {
			found = append(found, t)
		}
	}
	return found, err
}
