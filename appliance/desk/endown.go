package desk

import (
	"context"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// ownFolders are where the copies of a registered recipient lie.
var ownFolders = [...]mail.Folder{mail.Inbox, mail.Sent, mail.Trash}

// Own is how many letters a registered recipient has, and how many of their own they have
// sent to the house.
type Own struct{ Letters, Sent int }

// CountOwn counts what lives of them.
func (d *Desk) CountOwn(ctx context.Context, r Reader) (own Own, err error) {
	err = d.Store.View(ctx, func(tx ReadTx) error {
		for _, f := range ownFolders {
			err := pages(tx, mail.MailboxQuery{Owner: r.ID, Folder: f, Limit: 200}, func(row mail.MailboxRow) error {
				switch l := (loaded{m: row.Message, h: row.Holder}); {
				case !alive(l, d.Clock.Now()) || row.Holder.House:
				case row.Message.Way == mail.In:
					own.Sent++
				default:
					own.Letters++
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return own, err
}

// pages calls f for each row of a folder.
func pages(tx ReadTx, q mail.MailboxQuery, f func(mail.MailboxRow) error) error {
	for {
		rows, err := tx.Mailbox(q)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := f(row); err != nil {
				return err
			}
		}
		if len(rows) < q.Limit {
			return nil
		}
		last := rows[len(rows)-1]
		q.Before, q.Skip = last.Message.At, last.Holder.ID
	}
}

// ownBatch is how many copies of a recipient's end in one transaction: of each somebody may
// have to be told.
const ownBatch = 50

// EndOwn ends every copy of a registered recipient's whose account is closed, and says so to
// who wrote: that they have deleted it, or, by a step and a mail, that they had not opened
// it. The house keeps its own copies, of what they have sent too: to whom one of these
// belongs, who is no recipient, it is Absent. It may be called again.
func (d *Desk) EndOwn(ctx context.Context, r Reader) error {
	house, err := d.House(ctx)
	for n := ownBatch; err == nil && n == ownBatch; {
		n, err = d.endSome(ctx, r, house)
	}
	return err
}

// endSome ends up to ownBatch copies, and returns how many it were.
func (d *Desk) endSome(ctx context.Context, r Reader, house House) (n int, err error) {
	unread := 0
	err = d.Store.View(ctx, func(tx ReadTx) error {
		list, err := tx.HoldersOf(r.ID, ownBatch)
		for _, h := range list {
			if h.Opened.IsZero() {
				unread++
			}
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	err = d.tell(ctx, max(unread, 1), func(tx Tx, post poster) error {
		list, err := tx.HoldersOf(r.ID, ownBatch)
		n = len(list)
		for _, h := range list {
			if err := d.endOwn(ctx, tx, post, ownEnd{r, house, h}); err != nil {
				return err
			}
		}
		return err
	})
	return n, err
}

// ownEnd is one copy that ends with its reader's account.
type ownEnd struct {
	r     Reader
	house House
	h     mail.Holder
}

func (d *Desk) endOwn(ctx context.Context, tx Tx, post poster, e ownEnd) error {
	if e.h.House {
		return absent()
	}
	l, err := d.loadHolder(tx, e.h)
	if mail.KindOf(err) == mail.Gone { // what is over ends all the same
		return d.end(tx, e.h, mail.EndClosed, e.r.Actor)
	}
	if err != nil {
		return err
	}
	if l.m.Way == mail.In || !l.h.Opened.IsZero() { // what they have sent, or read
		if err := d.step(tx, l, mail.StepDone, journal.Done, e.r.Actor, ""); err != nil {
			return err
		}
		return d.end(tx, e.h, mail.EndDone, e.r.Actor)
	}
	// Else their sender would read that somebody has removed what nobody ever saw.
	if err := d.step(tx, l, mail.StepClosedUnread, journal.ClosedUnread, e.r.Actor, ""); err != nil {
		return err
	}
	if err := d.postOwner(ctx, tx, post, l, e.house, mail.NoticeNeverRead, mail.StepClosedUnread, ""); err != nil {
		return err
	}
	return d.end(tx, e.h, mail.EndClosed, e.r.Actor)
}
