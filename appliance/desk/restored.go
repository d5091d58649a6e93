package desk

import (
	"context"

	"sigill/appliance/mail"
	"sigill/appliance/outbox"
)

// restoredBatch is how many rows of a restored store one transaction takes.
const restoredBatch = 200

// Replay begins the end of everything that the ledger of a restored backup names and that
// has come back with its rows, and says how many there were. Purge does the rest. It may be
// repeated.
func (d *Desk) Replay(ctx context.Context, ledger []mail.Ended) (int, error) {
	total := 0
	for len(ledger) > 0 {
		batch := ledger[:min(len(ledger), restoredBatch)]
		ledger = ledger[len(batch):]
		n := 0
		err := d.Store.Update(ctx, func(tx Tx) error {
			n = 0
			for _, e := range batch {
				ended, err := d.replay(tx, e)
				if err != nil {
					return err
				}
				n += ended
			}
			return nil
		})
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

// replay ends what one line names; it returns how many holders that was.
func (d *Desk) replay(tx Tx, e mail.Ended) (n int, err error) {
	var holders []mail.Holder
	if e.What == mail.EndsMessage {
		holders, err = tx.Holders(e.ID)
	} else {
		holders = make([]mail.Holder, 1)
		holders[0], err = tx.Holder(e.ID)
	}
	if mail.KindOf(err) == mail.Absent {
		return 0, nil // it came after the backup, and has gone with it
	}
	if err != nil {
		return 0, err
	}
	for _, h := range holders {
		if h, err = tx.Holder(h.ID); err != nil { // the end of one may be that of another
			return n, err
		}
		if h.State >= mail.Purging {
			continue
		}
		if err := d.endAt(tx, h, mail.EndLedger, mail.SystemActor("restore"), e.At); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Unsent gives up the mails of a restored store that had not left when it was backed up: the
// keys of their links are in no backup. Whose letter's notice it was is told, and sends a new
// one. It returns how many notices of letters there were, and how many other mails. It may be
// repeated.
func (d *Desk) Unsent(ctx context.Context) (letters, others int, err error) {
	house, err := d.House(ctx)
	if err != nil {
		return 0, 0, err
	}
	// All rows lose their slots before the first new mail gets one: it could be one of theirs.
	if err := d.unkey(ctx); err != nil {
		return 0, 0, err
	}
	for {
		var list []mail.Outgoing
		err := d.Store.View(ctx, func(tx ReadTx) (err error) {
			list, err = tx.UnkeyedOutgoing(restoredBatch)
			return err
		})
		if err != nil || len(list) == 0 {
			return letters, others, err
		}
		for _, o := range list {
			err := d.tell(ctx, 1, func(tx Tx, post poster) error {
				if err := d.stepIfLetter(tx, o, mail.StepNoticeFailed, "restored"); err != nil {
					return err
				}
				if err := d.tellFailed(ctx, tx, post, o, house, ""); err != nil {
					return err
				}
				return tx.SaveOutgoing(outbox.Emptied(o))
			})
			if err != nil {
				return letters, others, err
			}
			if isLetter(o) {
				letters++
			} else {
				others++
			}
		}
	}
}

// unkey takes the slots from all mails whose key is gone. They stay to be told of.
func (d *Desk) unkey(ctx context.Context) error {
	var after mail.ID
	for {
		n := 0
		err := d.Store.Update(ctx, func(tx Tx) error {
			list, err := tx.KeyedOutgoing(after, restoredBatch)
			if err != nil {
				return err
			}
			n = len(list)
			for _, o := range list {
				after = o.ID
				if _, err := d.openOutgoing(tx, o); err == nil {
					continue // enqueued here, before this was broken off
				}
				next := o.Next
				o = outbox.Emptied(o)
				o.Next = next
				if err := tx.SaveOutgoing(o); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < restoredBatch {
			return err
		}
	}
}
