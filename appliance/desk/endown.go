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

// EndOwn ends every copy of a registered recipient's, who closes the account, and tells who
// wrote that they have deleted it. The house keeps its own copies, of what they have sent
// too: to whom one of these belongs, who is no recipient, it is Absent. It may be called
// again.
func (d *Desk) EndOwn(ctx context.Context, r Reader) error {
	for {
		n := 0
		err := d.Store.Update(ctx, func(tx Tx) error {
			list, err := tx.HoldersOf(r.ID, endBatch)
			if err != nil {
				return err
			}
			n = len(list)
			for _, h := range list {
				if err := d.endOwn(tx, r, h); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < endBatch {
			return err
		}
	}
}

func (d *Desk) endOwn(tx Tx, r Reader, h mail.Holder) error {
	if h.House {
		return absent()
	}
	l, err := d.loadHolder(tx, h)
	if err == nil {
		err = d.step(tx, l, mail.StepDone, journal.Done, r.Actor, "")
	}
	if err != nil && mail.KindOf(err) != mail.Gone { // what is over ends all the same
		return err
	}
	return d.end(tx, h, mail.EndDone, r.Actor)
}
