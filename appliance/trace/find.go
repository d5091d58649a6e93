package trace

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// By what a mail is found; see keyring.App.ArrivalTag.
const (
	byAddress   = "address"
	byMessageID = "messageid"
	byLetter    = "letter"
)

// maxFound is how many mails a look finds. A stranger who has tried a thousand times is
// told of by the newest.
const maxFound = 200

// ever is from the first day to the last.
const ever = 1 << 40

// ByAddress returns the mails that were not taken, from or to an address, from one moment on
// and before another, the newest first. beyond is how many of those days were only counted,
// whoever they were from; whole is false if there were more to show.
func (t *Trace) ByAddress(ctx context.Context, a mail.Address, from, until time.Time) (list []mail.Arrival, beyond int64, whole bool, err error) {
	list, beyond, err = t.find(ctx, dayOf(from), dayOf(until), byAddress, a.Key())
	list = slices.DeleteFunc(list, func(a mail.Arrival) bool { return a.At.Before(from) || !a.At.Before(until) })
	whole = len(list) <= maxFound
	return list[:min(len(list), maxFound)], beyond, whole, err
}

// ByRef returns the mails with a number, or a Message-ID, with or without its brackets; also
// those that were taken. A letter's number finds the mail by which it came.
func (t *Trace) ByRef(ctx context.Context, ref string) ([]mail.Arrival, error) {
	id, err := mail.ParseID(ref)
	if err != nil {
		list, _, err := t.find(ctx, 0, ever, byMessageID, ref)
		return list, err
	}
	one, err := t.one(ctx, id)
	if mail.KindOf(err) != mail.Absent {
		return one, err
	}
	return t.ByLetter(ctx, id, time.Time{})
}

// ByLetter returns the mail that became a letter, if it is still known. The letter's own time
// says on which day to look; zero: on all.
func (t *Trace) ByLetter(ctx context.Context, letter mail.ID, at time.Time) ([]mail.Arrival, error) {
	first, last := int64(0), int64(ever)
	if !at.IsZero() {
		// The door and the desk look at the clock one after the other.
		first, last = dayOf(at.Add(-time.Hour)), dayOf(at.Add(time.Hour))
	}
	list, _, err := t.find(ctx, first, last, byLetter, string(letter[:]))
	return list, err
}

// one returns a mail by its number.
func (t *Trace) one(ctx context.Context, id mail.ID) (list []mail.Arrival, err error) {
	if err := t.Flush(ctx); err != nil {
		return nil, err
	}
	err = t.Store.View(ctx, func(tx ReadTx) error {
		row, err := tx.Arrival(id)
		if err != nil {
			return err
		}
		days, err := tx.ArrivalDays(row.Day, row.Day)
		if err != nil || len(days) == 0 {
			return err
		}
		key, err := t.open(tx, days[0])
		if err != nil {
			return gone(err)
		}
		a, err := t.unseal(key, row)
		list = append(list, a)
		return err
	})
	return list, err
}

// gone makes a mail whose key is erased one that is not there.
func gone(err error) error {
	if mail.KindOf(err) == mail.Gone {
		return mail.E(mail.Absent, "error.absent", nil)
	}
	return err
}

// find looks on each of some days, the newest first, and stops when it has found enough.
func (t *Trace) find(ctx context.Context, first, last int64, purpose, value string) (list []mail.Arrival, beyond int64, err error) {
	if err := t.Flush(ctx); err != nil {
		return nil, 0, err
	}
	err = t.Store.View(ctx, func(tx ReadTx) error {
		days, err := tx.ArrivalDays(first, last)
		if err != nil {
			return err
		}
		for _, d := range days {
			beyond += d.Beyond
			key, err := t.open(tx, d)
			if mail.KindOf(err) == mail.Gone {
				continue // its rows go with the next minute
			}
			if err != nil {
				return err
			}
			rows, err := tx.ArrivalsTagged(d.Day, t.App.ArrivalTag(key, purpose, value), maxStrangers)
			if err != nil {
				return err
			}
			for _, row := range rows {
				a, err := t.unseal(key, row)
				if err != nil {
					return err
				}
				list = append(list, a)
			}
			if len(list) > maxFound {
				break
			}
		}
		return nil
	})
	slices.SortFunc(list, func(a, b mail.Arrival) int { return cmp.Or(b.At.Compare(a.At), a.ID.Compare(b.ID)) })
	return list, beyond, err
}

func (t *Trace) unseal(key seal.Secret, row mail.ArrivalRow) (a mail.Arrival, err error) {
	b, err := t.App.OpenArrival(key, row.ID, row.Box)
	if err == nil {
		err = json.Unmarshal(b, &a)
	}
	if err != nil {
		return a, mail.E(mail.Internal, "error.internal", fmt.Errorf("open a mail at the door: %w", err))
	}
	a.ID = row.ID
	return a, nil
}

// forgetAtOnce is how many rows one transaction takes away: it must not keep others waiting.
const forgetAtOnce = 500

// Forget forgets the days that are older than they are kept: first their keys, then their
// rows. After a crash it goes on where it stood.
func (t *Trace) Forget(ctx context.Context) error {
	var old []mail.ArrivalDay
	err := t.Store.View(ctx, func(tx ReadTx) (err error) {
		old, err = tx.ArrivalDays(0, dayOf(t.Clock.Now())-int64(t.Days)-1)
		return err
	})
	if err != nil || len(old) == 0 {
		return err
	}
	t.writing.Lock() // nobody begins to write to a day whose key goes
	defer t.writing.Unlock()
	t.today = dayKey{}
	for _, d := range old {
		if err := t.Store.EraseSlots(ctx, []mail.Slot{d.Slot}); err != nil {
			return err
		}
		for done := false; !done; {
			err := t.Store.Update(ctx, func(tx Tx) (err error) {
				done, err = tx.ForgetArrivals(d.Day, forgetAtOnce)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
