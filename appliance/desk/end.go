package desk

import (
	"context"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// tombstoneDays is how long the holder of a code may still be told when and how it
// ended.
const tombstoneDays = 90

// end begins the end of one holder: from this transaction on it opens for nobody.
// The key, the bytes and the rows follow in Purge, which may be repeated.
func (d *Desk) end(tx Tx, h mail.Holder, why mail.End, actor mail.Actor) error {
	return d.endAt(tx, h, why, actor, tx.Now())
}

// endAt is end, of one that has ended at a time: it is now, but for what a restored backup
// has brought back.
func (d *Desk) endAt(tx Tx, h mail.Holder, why mail.End, actor mail.Actor, now time.Time) error {
	if h.State >= mail.Purging {
		return nil
	}
	h.State, h.Ended, h.Why = mail.Purging, now, why
	if err := tx.SaveHolder(h); err != nil {
		return err
	}
	if err := tx.PutLedger(mail.Ledger{ID: h.ID, What: mail.EndsHolder, Why: why, Actor: actor.Kind, Asked: now}); err != nil {
		return err
	}
	codes, err := tx.CodesOf(h.ID)
	if err != nil {
		return err
	}
	for _, c := range codes {
		t := mail.Tombstone{Locator: c.Locator, Ended: readableTo(h, now), Why: why, Forget: now.AddDate(0, 0, tombstoneDays)}
		if err := tx.PutTombstone(t); err != nil {
			return err
		}
	}
	m, err := tx.Message(h.Message)
	if err != nil {
		return err
	}
	if err := tx.PutStep(mail.Step{Holder: h.ID, Kind: mail.StepEnded, At: now}); err != nil {
		return err
	}
	skm, err := d.openSlot(tx, m.Slot)
	if err != nil {
		skm = seal.Secret{} // the commitment is left out; the end is not
	}
	if err := tx.Note(d.event(journal.Ended, actor, m, h.ID, skm, "")); err != nil {
		return err
	}
	return d.endMessage(tx, m, now, why, actor)
}

// readableTo is when somebody could last open, of an access that was ended at a time. What
// was due was over then, however long the machine took to come by: a letter that could be
// read up to the third of May is swept on the fourth.
func readableTo(h mail.Holder, ended time.Time) time.Time {
	if due := h.Due(); !due.IsZero() && due.Before(ended) {
		return due
	}
	return ended
}

// endMessage begins the end of a message when its last holder has ended. The repair
// holder does not keep it alive: it has nobody left to repair for.
func (d *Desk) endMessage(tx Tx, m mail.Message, now time.Time, why mail.End, actor mail.Actor) error {
	holders, err := tx.Holders(m.ID)
	if err != nil {
		return err
	}
	var repairs []mail.Holder
	for _, h := range holders {
		if h.State >= mail.Purging {
			continue
		}
		if h.Kind != mail.HolderRepair {
			return nil
		}
		repairs = append(repairs, h)
	}
	if len(repairs) > 0 {
		return d.end(tx, repairs[0], mail.EndHold, actor) // comes back here for the next
	}
	if m.State >= mail.Purging {
		return nil
	}
	m.State, m.Ended, m.Why = mail.Purging, now, why
	if err := tx.SaveMessage(m); err != nil {
		return err
	}
	return tx.PutLedger(mail.Ledger{ID: m.ID, What: mail.EndsMessage, Why: why, Actor: actor.Kind, Asked: now})
}

// Expire ends every holder that is due, and says how many there were. It is called
// by the clock. A clock that leapt is the caller's to hold back (retention.Brake).
func (d *Desk) Expire(ctx context.Context) (int, error) {
	total := 0
	for {
		n := 0
		err := d.Store.Update(ctx, func(tx Tx) error {
			due, err := tx.DueHolders(tx.Now(), 200)
			if err != nil {
				return err
			}
			n = len(due)
			for _, h := range due {
				if err := d.end(tx, h, whyDue(h), mail.SystemActor("retention")); err != nil {
					return err
				}
			}
			return nil
		})
		total += n
		if err != nil || n < 200 {
			return total, err
		}
	}
}

func whyDue(h mail.Holder) mail.End {
	switch {
	case h.Kind == mail.HolderRepair || h.Hold != mail.HoldNone:
		return mail.EndHold
	case h.House:
		return mail.EndLastDay
	case h.Opened.IsZero():
		return mail.EndUnopened
	}
	return mail.EndRead
}
