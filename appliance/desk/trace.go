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
	err = d.Store.Update(ctx, func(tx Tx) error {
		return tx.Note(mail.Event{Kind: journal.Traced, At: tx.Now(), Actor: by.Kind, Who: d.App.Who(by.ID), Detail: strconv.Itoa(int(until.Sub(from).Hours() / 24))})
	})
	if err != nil {
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

// tracing is a look for letters under way.
type tracing struct {
	*Desk
	key         string // of the address
	from, until time.Time
	found       []mail.Traced
}

// look keeps a letter if it is one of those that were asked for.
func (t *tracing) look(tx ReadTx, m mail.Message) error {
	if m.At.Before(t.from) || !m.At.Before(t.until) {
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
		if e.Sender.Key() != t.key && c.Address.Key() != t.key {
			continue
		}
		r := mail.TracedRecipient{Holder: h, Address: c.Address, Phone: c.Phone}
		if r.Steps, err = tx.Steps(h.ID); err != nil {
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
