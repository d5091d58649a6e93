package desk

import (
	"context"
	"strconv"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// Bounds of a look for letters. Each letter costs a slot and a box, and each of its
// recipients as much; 20,000 take about a second.
const (
	traceLook  = 20_000 // letters that are looked at
	traceFound = 100    // that are shown
	traceChunk = 500    // that are looked at in one transaction
	traceDays  = 60     // how much longer a letter may have been a draft: its id is as old as that
)

// Trace finds the letters from or to an address that were sent from one moment on and
// before another, newest first, for the help desk. whole is false if there were more to
// look at. Only the whole address finds any, so that nobody leafs through who writes to
// whom; of a letter to several, only who was asked about is told. What has ended is not
// found: nobody knows any more whose it was.
//
// It is noted before anything is told that it was asked, and by whom.
func (d *Desk) Trace(ctx context.Context, by mail.Actor, address mail.Address, from, until time.Time) (list []mail.Traced, whole bool, err error) {
	if err := d.noteTrace(ctx, by, int(until.Sub(from).Hours()/24)); err != nil {
		return nil, false, err
	}
	t := tracing{Desk: d, key: address.Key(), from: from, until: until}
	before, least := mail.FirstIDAt(until), mail.FirstIDAt(from.AddDate(0, 0, -traceDays))
	for looked := 0; looked < traceLook && len(t.found) < traceFound; looked += traceChunk {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		var rows []mail.Message
		err := d.Store.View(ctx, func(tx ReadTx) (err error) {
			if rows, err = tx.LettersBefore(before, least, traceChunk); err != nil {
				return err
			}
			for _, m := range rows {
				if err := t.look(tx, m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, false, err
		}
		if len(rows) < traceChunk {
			return t.found, true, nil
		}
		before = rows[len(rows)-1].ID
	}
	return t.found, false, nil
}

// noteTrace writes down that the help desk follows something, over how many days.
func (d *Desk) noteTrace(ctx context.Context, by mail.Actor, days int) error {
	return d.Store.Update(ctx, func(tx Tx) error {
		return tx.Note(mail.Event{Kind: journal.Traced, At: tx.Now(), Actor: by.Kind, Who: d.App.Who(by.ID), Detail: strconv.Itoa(days)})
	})
}

// NoteTrace writes down that the help desk follows one mail. TraceOne is what it gets.
func (d *Desk) NoteTrace(ctx context.Context, by mail.Actor) error { return d.noteTrace(ctx, by, 0) }

// TraceOne finds a letter by its id, or by a recipient's: whoever knows that has got it from
// somebody who has the letter. All recipients are told of. It is false for a draft, and for
// what is not there; of what has ended it says when, and when its keys were destroyed.
func (d *Desk) TraceOne(ctx context.Context, id mail.ID) (letter mail.Traced, ended mail.Ending, ok bool, err error) {
	err = d.Store.View(ctx, func(tx ReadTx) error {
		m, err := tx.Message(id)
		if mail.KindOf(err) == mail.Absent {
			var h mail.Holder
			if h, err = tx.Holder(id); err == nil {
				m, err = tx.Message(h.Message)
			}
		}
		if mail.KindOf(err) == mail.Absent || err == nil && m.State >= mail.Purging {
			ended, err = endedAt(tx, id, m.ID)
			return err
		}
		if err != nil || m.State != mail.Active {
			return err
		}
		t := tracing{Desk: d, all: true}
		if err := t.look(tx, m); err != nil {
			return err
		}
		if ok = len(t.found) > 0; ok {
			letter = t.found[0]
			return nil
		}
		ended, err = allEnded(tx, m.ID) // the house's own copy may live longer
		return err
	})
	return letter, ended, ok, err
}

// allEnded is when the last copy of a letter's recipients was ended, as far as they have.
func allEnded(tx ReadTx, message mail.ID) (last mail.Ending, err error) {
	holders, err := tx.Holders(message)
	if err != nil {
		return last, err
	}
	for _, h := range holders {
		if !isRecipient(h) {
			continue
		}
		at, err := endedAt(tx, h.ID)
		if err != nil {
			return last, err
		}
		last = last.And(at)
	}
	return last, nil
}

// endedAt is when the first of these that was ended, a letter or a recipient's copy, was;
// zero if nobody knows.
func endedAt(tx ReadTx, ids ...mail.ID) (mail.Ending, error) {
	for _, id := range ids {
		l, err := tx.Ledger(id)
		if mail.KindOf(err) != mail.Absent {
			return mail.Ending{At: l.Asked, Erased: l.Done}, err
		}
	}
	return mail.Ending{}, nil
}

// tracing is a look for letters under way.
type tracing struct {
	*Desk
	key         string // of the address
	all         bool   // whoever it is to or from, and whenever
	from, until time.Time
	found       []mail.Traced
}

// look keeps a letter if it is one of those that were asked for.
func (t *tracing) look(tx ReadTx, m mail.Message) error {
	if !t.all && (m.At.Before(t.from) || !m.At.Before(t.until)) {
		return nil
	}
	skm, err := t.openSlot(tx, m.Slot)
	if err != nil {
		return err
	}
	e, err := t.envelope(loaded{m: m, skm: skm})
	if err != nil {
		return err
	}
	holders, err := tx.Holders(m.ID)
	if err != nil {
		return err
	}
	letter := mail.Traced{At: m.At, Sender: e.Sender}
	for _, h := range holders {
		if !isRecipient(h) || h.State >= mail.Purging {
			continue
		}
		c, err := t.peopleOf(tx, m, h)
		if err != nil {
			return err
		}
		if !t.all && e.Sender.Key() != t.key && c.Address.Key() != t.key {
			continue
		}
		r := mail.TracedRecipient{Holder: h, Address: c.Address, Phone: c.Phone}
		if r.Steps, err = tx.Steps(h.ID); err != nil {
			return err
		}
		if r.Waiting, err = waiting(tx, h.ID); err != nil {
			return err
		}
		r.Steps = append([]mail.Step{{Holder: h.ID, Kind: mail.StepAccepted, At: m.At}}, r.Steps...)
		letter.Recipients = append(letter.Recipients, r)
	}
	if len(letter.Recipients) > 0 {
		t.found = append(t.found, letter)
	}
	return nil
}

// waiting is the notice of a letter that the smarthost has not taken yet.
func waiting(tx ReadTx, holder mail.ID) (w mail.TracedNotice, err error) {
	list, err := tx.OutgoingOf(holder)
	for _, o := range list {
		if isLetter(o) && !o.Slot.IsZero() {
			return mail.TracedNotice{Tries: o.Tries, Next: o.Next}, nil
		}
	}
	return w, err
}
