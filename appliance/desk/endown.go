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

// EndOwn ends every copy of a registered recipient's, who closes the account. The house
// keeps its own copies, of what they have sent too. It may be called again.
func (d *Desk) EndOwn(ctx context.Context, r Reader) error {
	for _, f := range ownFolders {
		q := mail.MailboxQuery{Owner: r.ID, Folder: f, Limit: emptyBatch}
		for more := true; more; {
			err := d.Store.Update(ctx, func(tx Tx) error {
				rows, err := tx.Mailbox(q)
				if err != nil {
					return err
				}
				for _, row := range rows {
					if err := d.endOwn(tx, r, row.Holder); err != nil {
						return err
					}
				}
				if more = len(rows) == q.Limit; more {
					last := rows[len(rows)-1]
					q.Before, q.Skip = last.Message.At, last.Holder.ID
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Desk) endOwn(tx Tx, r Reader, h mail.Holder) error {
	if h.House || h.State >= mail.Purging {
		return nil
	}
	l, err := d.loadHolder(tx, h)
	if mail.KindOf(err) == mail.Gone {
		return nil // it is over, and retention is on its way
	}
	if err != nil {
		return err
	}
	if err := d.step(tx, l, mail.StepDone, journal.Done, r.Actor, ""); err != nil {
		return err
	}
	return d.end(tx, h, mail.EndDone, r.Actor)
}
