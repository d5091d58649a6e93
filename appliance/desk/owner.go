package desk

import (
	"cmp"
	"context"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// owned loads a recipient's holder for an act of the person whose letter it is.
// Everybody else gets Absent; so does whose letter was answered, about the copy that
// the guest keeps of the answer.
func (d *Desk) owned(tx ReadTx, r Reader, holder mail.ID) (loaded, error) {
	his := func(l loaded) bool {
		return r.owns(l.m.Owner) && l.m.Way != mail.In && !l.h.House
	}
	l, err := d.loadFor(tx, holder, his)
	if err == nil && !his(l) {
		err = absent()
	}
	if err != nil || l.m.Owner == r.ID {
		return l, err
	}
	_, err = d.ownersKey(tx, r, l.m.ID) // nobody acts on what came to a mailbox before them
	return l, err
}

// houseCopyOf returns the holder of the house's own copy of a message; ok is false if
// there is none. Its row stays when the copy has ended.
func houseCopyOf(tx ReadTx, message mail.ID) (h mail.Holder, ok bool, err error) {
	holders, err := tx.Holders(message)
	if err != nil {
		return h, false, err
	}
	for _, h := range holders {
		if h.House {
			return h, true, nil
		}
	}
	return h, false, nil
}

// houseHolder returns the holder of the house's own copy of a message, if it is r's.
func (d *Desk) houseHolder(tx ReadTx, r Reader, message mail.ID) (loaded, error) {
	h, ok, err := houseCopyOf(tx, message)
	if err != nil {
		return loaded{}, err
	}
	if !ok || !r.owns(h.Owner) {
		return loaded{}, absent()
	}
	l, err := d.loadHolder(tx, h)
	if err != nil || h.Owner == r.ID {
		return l, err
	}
	_, err = d.contentKey(tx, r, l)
	return l, err
}

// Recall ends every reader's access to a message of r's, opened or not. What a
// reader has saved elsewhere is outside. What came in is Absent: its only reader
// outside is who wrote it. It returns how many accesses ended.
func (d *Desk) Recall(ctx context.Context, r Reader, message mail.ID) (int, error) {
	n := 0
	err := d.Store.Update(ctx, func(tx Tx) error {
		n = 0
		own, err := d.houseHolder(tx, r, message)
		if err != nil {
			return err
		}
		if own.m.Way == mail.In {
			return absent()
		}
		holders, err := tx.Holders(message)
		if err != nil {
			return err
		}
		for _, h := range holders {
			if h.House || h.State >= mail.Purging {
				continue
			}
			own.h = h
			if err := d.step(tx, own, mail.StepRecalled, journal.Recalled, r.Actor, ""); err != nil {
				return err
			}
			if err := d.end(tx, h, mail.EndRecalled, r.Actor); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// SetEnd moves the end of one recipient's access to so many days from now: longer or
// shorter, within the house's bounds. After the end nothing can be moved.
func (d *Desk) SetEnd(ctx context.Context, r Reader, holder mail.ID, days int) (time.Time, error) {
	if err := d.sure(); err != nil {
		return time.Time{}, err
	}
	house, err := d.House(ctx)
	if err != nil {
		return time.Time{}, err
	}
	until, err := house.Rules.Until(days, d.Clock.Now())
	if err != nil {
		return time.Time{}, err
	}
	err = d.Store.Update(ctx, func(tx Tx) error {
		l, err := d.owned(tx, r, holder)
		if err != nil {
			return err
		}
		kind, event := mail.StepExtended, journal.Extended
		if until.Before(l.h.Due()) {
			kind, event = mail.StepShortened, journal.Shortened
		}
		l.h.OpenBy, l.h.ReadUntil, l.h.ReadFor = until, until, 0
		if err := tx.SaveHolder(l.h); err != nil {
			return err
		}
		if err := d.houseKeeps(tx, l.m, until); err != nil {
			return err
		}
		return d.step(tx, l, kind, event, r.Actor, until.Format(time.RFC3339))
	})
	return until, err
}

// houseKeeps moves the house's own copy along: it never ends before a reader's.
func (d *Desk) houseKeeps(tx Tx, m mail.Message, until time.Time) error {
	if m.LastDay.IsZero() || !until.After(m.LastDay) {
		return nil
	}
	m.LastDay = until
	if err := tx.SaveMessage(m); err != nil {
		return err
	}
	h, ok, err := houseCopyOf(tx, m.ID)
	if err != nil || !ok {
		return err
	}
	h.ReadUntil = until
	return tx.SaveHolder(h)
}

// SetNumber gives a recipient another phone. While the letter was never opened that
// mends a slip at once; later it could hand a letter that somebody reads to somebody
// else, so the reader is told by mail.
func (d *Desk) SetNumber(ctx context.Context, r Reader, holder mail.ID, phone mail.Phone) error {
	house, err := d.House(ctx)
	if err != nil {
		return err
	}
	return d.tell(ctx, 1, func(tx Tx, post poster) error {
		l, err := d.owned(tx, r, holder)
		if err != nil {
			return err
		}
		if l.h.Kind != mail.HolderGuest || l.h.Hold != mail.HoldNone {
			return mail.E(mail.Invalid, "error.notguest", nil)
		}
		cols, err := d.setPhone(tx, &l, phone)
		if err != nil {
			return err
		}
		if err := d.step(tx, l, mail.StepNumber, journal.NumberChanged, r.Actor, ""); err != nil {
			return err
		}
		if l.h.Opened.IsZero() {
			return nil
		}
		n := mail.Notice{Kind: mail.NoticeNumber, To: cols.Address, ToName: cols.Name, Lang: cmp.Or(cols.Lang, house.Lang), From: house.Sign, Tail: phone.Tail(), At: tx.Now()}
		return post(l.m.ID, l.h.ID, n, l.h.Due())
	})
}

// setPhone changes the number of a holder and what is remembered of the address.
func (d *Desk) setPhone(tx Tx, l *loaded, phone mail.Phone) (mail.Columns, error) {
	cols, err := d.columns(*l)
	if err != nil {
		return cols, err
	}
	cols.Phone = phone
	if l.h.Columns, err = d.sealColumns(l.skh, l.m.ID, l.h.ID, cols); err != nil {
		return cols, err
	}
	if err := tx.SaveHolder(l.h); err != nil {
		return cols, err
	}
	return cols, d.putContact(tx, cols)
}

// Unlock opens a letter again that wrong PINs have closed, with all its tries: its
// sender says that the number is right.
func (d *Desk) Unlock(ctx context.Context, r Reader, holder mail.ID) error {
	return d.Store.Update(ctx, func(tx Tx) error {
		l, err := d.owned(tx, r, holder)
		if err != nil {
			return err
		}
		name, err := d.phoneCounter(l)
		if err != nil {
			return err
		}
		if err := tx.ResetCounter(name); err != nil {
			return err
		}
		l.h.Locked, l.h.Wrong = false, 0
		if err := tx.SaveHolder(l.h); err != nil {
			return err
		}
		return d.step(tx, l, mail.StepUnlocked, journal.Unlocked, r.Actor, "")
	})
}

// Done ends the reader's own copy at his wish. The house keeps its own.
func (d *Desk) Done(ctx context.Context, r Reader, holder mail.ID) error {
	return d.Store.Update(ctx, func(tx Tx) error {
		l, _, err := d.unlock(tx, r, holder)
		if err != nil {
			return err
		}
		if l.h.House {
			return absent()
		}
		if err := d.step(tx, l, mail.StepDone, journal.Done, r.Actor, ""); err != nil {
			return err
		}
		return d.end(tx, l.h, mail.EndDone, r.Actor)
	})
}
