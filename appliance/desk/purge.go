package desk

import (
	"context"
	"errors"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/outbox"
)

// purgeBatch is how many ends are carried out together: their slots are erased with
// one sync.
const purgeBatch = 500

// Purge carries out every end that has begun, and says how many there were: first
// the keys, then the bytes, then the record that both are gone (2-security, 2.4).
// After a crash it goes on where it stood, because each of its steps may be done
// again and the state moves on only in the last.
func (d *Desk) Purge(ctx context.Context) (int, error) {
	total := 0
	for {
		h, err := d.purgeHolders(ctx)
		if err != nil {
			return total, err
		}
		m, err := d.purgeMessages(ctx)
		total += h + m
		if err != nil || h < purgeBatch && m < purgeBatch {
			return total, err
		}
	}
}

// holderEnd is all that one holder's end destroys.
type holderEnd struct {
	h        mail.Holder
	codes    []mail.Code
	outgoing []mail.Outgoing
}

func (d *Desk) purgeHolders(ctx context.Context) (int, error) {
	var ends []holderEnd
	err := d.Store.View(ctx, func(tx ReadTx) error {
		holders, err := tx.PurgingHolders(purgeBatch)
		if err != nil {
			return err
		}
		listed := map[mail.ID]bool{} // a code is deleted once, with whichever holder comes first
		for _, h := range holders {
			e := holderEnd{h: h}
			if e.codes, err = d.deadCodes(tx, h, listed); err != nil {
				return err
			}
			if e.outgoing, err = tx.OutgoingOf(h.ID); err != nil {
				return err
			}
			ends = append(ends, e)
		}
		return nil
	})
	if err != nil || len(ends) == 0 {
		return 0, err
	}
	var slots []mail.Slot
	var lines []mail.Ended
	for _, e := range ends {
		slots = append(slots, e.h.Slot)
		for _, c := range e.codes {
			slots = append(slots, c.Slot)
		}
		for _, o := range e.outgoing {
			slots = append(slots, o.Slot) // a link that was not sent yet never will be
		}
		lines = append(lines, mail.Ended{What: mail.EndsHolder, ID: e.h.ID, At: e.h.Ended})
	}
	if err := d.Store.EraseSlots(ctx, slots); err != nil {
		return 0, err
	}
	if err := d.Store.Destroyed(ctx, lines); err != nil {
		return 0, err
	}
	err = d.Store.Update(ctx, func(tx Tx) error {
		for _, e := range ends {
			if err := buryHolder(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	d.ended.Add(int64(len(ends)))
	return len(ends), nil
}

// deadCodes returns the codes whose last letter this holder was: its own, and that
// under whose pair it stands. A guest's code may open later letters of the thread
// and the guest's answers through its pair; then S_g stays until they have ended
// too, whichever ends last.
func (d *Desk) deadCodes(tx ReadTx, h mail.Holder, listed map[mail.ID]bool) ([]mail.Code, error) {
	codes, err := codesBehind(tx, h)
	if err != nil {
		return nil, err
	}
	var dead []mail.Code
	for _, c := range codes {
		alive, err := tx.CodeInUse(c.ID)
		if err != nil {
			return nil, err
		}
		if !alive && !listed[c.ID] {
			listed[c.ID] = true
			dead = append(dead, c)
		}
	}
	return dead, nil
}

// codesBehind returns every code by which a holder is opened.
func codesBehind(tx ReadTx, h mail.Holder) ([]mail.Code, error) {
	codes, err := tx.CodesOf(h.ID)
	if err != nil {
		return nil, err
	}
	wraps, err := tx.Wraps(h.ID)
	if err != nil {
		return nil, err
	}
	for _, w := range wraps {
		if w.Kind != mail.WrapPair {
			continue
		}
		p, err := tx.Pair(w.Ref)
		if mail.KindOf(err) == mail.Absent {
			continue // deleted with its code
		}
		if err != nil {
			return nil, err
		}
		c, err := tx.Code(p.Code)
		if err != nil {
			return nil, err
		}
		codes = append(codes, c)
	}
	return codes, nil
}

func buryHolder(tx Tx, e holderEnd) error {
	h, now := e.h, tx.Now()
	if err := tx.DeleteWraps(h.ID); err != nil {
		return err
	}
	for _, c := range e.codes {
		if err := tx.DeleteCode(c.ID); err != nil {
			return err
		}
	}
	for _, o := range e.outgoing {
		if err := tx.SaveOutgoing(outbox.Emptied(o)); err != nil {
			return err
		}
	}
	h.State, h.Slot, h.Columns = mail.Erased, mail.Slot{}, mail.Box{}
	if err := tx.SaveHolder(h); err != nil {
		return err
	}
	if err := tx.PutStep(mail.Step{Holder: h.ID, Kind: mail.StepErased, At: now}); err != nil {
		return err
	}
	if err := tx.DoneLedger(h.ID, now); err != nil {
		return err
	}
	return tx.Note(mail.Event{Kind: journal.Erased, At: now, Actor: mail.ActorSystem, Part: "erase", Message: h.Message, Holder: h.ID})
}

func (d *Desk) purgeMessages(ctx context.Context) (int, error) {
	var list []mail.Message
	blobs := map[mail.ID][]mail.ID{} // by message
	err := d.Store.View(ctx, func(tx ReadTx) error {
		var err error
		if list, err = tx.PurgingMessages(purgeBatch); err != nil {
			return err
		}
		for _, m := range list {
			parts, err := tx.Parts(m.ID)
			if err != nil {
				return err
			}
			for _, p := range parts {
				if !p.Blob.IsZero() {
					blobs[m.ID] = append(blobs[m.ID], p.Blob)
				}
			}
		}
		return nil
	})
	if err != nil || len(list) == 0 {
		return 0, err
	}
	var slots []mail.Slot
	for _, m := range list {
		slots = append(slots, m.Slot)
	}
	if err := d.Store.EraseSlots(ctx, slots); err != nil {
		return 0, err
	}
	// A blob that cannot be overwritten keeps its own message from being buried, and no
	// other: the keys of all are gone.
	var faults []error
	var done []mail.Message
	var lines []mail.Ended
	for _, m := range list {
		if err := d.eraseBlobs(ctx, blobs[m.ID]); err != nil {
			faults = append(faults, err)
			continue
		}
		done = append(done, m)
		lines = append(lines, mail.Ended{What: mail.EndsMessage, ID: m.ID, At: m.Ended})
	}
	if err := d.Store.Destroyed(ctx, lines); err != nil {
		return 0, errors.Join(append(faults, err)...)
	}
	err = d.Store.Update(ctx, func(tx Tx) error {
		for _, m := range done {
			if err := buryMessage(tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	return len(done), errors.Join(append(faults, err)...)
}

func (d *Desk) eraseBlobs(ctx context.Context, blobs []mail.ID) error {
	var errs []error
	for _, b := range blobs {
		errs = append(errs, d.Store.EraseBlob(ctx, b))
	}
	return errors.Join(errs...)
}

func buryMessage(tx Tx, m mail.Message) error {
	if _, err := tx.DeleteParts(m.ID); err != nil {
		return err
	}
	if err := tx.DeleteUploads(m.ID); err != nil {
		return err
	}
	if err := tx.DeleteRemarks(m.ID); err != nil {
		return err
	}
	m.State, m.Slot, m.Envelope = mail.Erased, mail.Slot{}, mail.Box{}
	if err := tx.SaveMessage(m); err != nil {
		return err
	}
	if err := tx.SaveHead(m.ID, mail.Box{}); err != nil {
		return err
	}
	if err := tx.ForgetClaims(m.Thread); err != nil {
		return err
	}
	if err := tx.DoneLedger(m.ID, tx.Now()); err != nil {
		return err
	}
	return tx.Note(mail.Event{Kind: journal.Erased, At: tx.Now(), Actor: mail.ActorSystem, Part: "erase", Message: m.ID})
}
