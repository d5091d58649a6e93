package desk

import (
	"bytes"
	"context"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/policy"
	"sigill/appliance/seal"
)

// MoveIn takes the letter that a guest has opened, and the guest's own answers to it, into
// a registered recipient's mailbox: they are locked to that one's key from now on, for as
// long as before. The guest's code opens nothing any more, and its key is erased, here and
// in the backups. It returns where the letter is in the mailbox.
//
// All that the code opens moves at once, so that nothing is left which only a dead code
// could open. The errors are those of opening, Locked for a letter that wrong PINs have
// closed, and Denied for one that may not be in that account (policy.MayMoveIn).
func (d *Desk) MoveIn(ctx context.Context, r Reader, holder mail.ID, to mail.Resident) (mail.ID, error) {
	if _, ok := guestReader(r); !ok {
		return mail.ID{}, absent()
	}
	var list []*moving
	err := d.Store.View(ctx, func(tx ReadTx) (err error) {
		list, err = d.openedBy(tx, r, holder)
		return err
	})
	if err != nil {
		return mail.ID{}, err
	}
	for _, m := range list {
		if !policy.MayMoveIn(m.old.h.Level, m.cols.Address.Key() == to.Address.Key()) {
			return mail.ID{}, mail.E(mail.Denied, "error.movein", nil)
		}
	}
	undo := func() {
		for _, m := range list {
			m.undo(ctx)
		}
	}
	for _, m := range list {
		if err := m.prepare(d, to); err != nil {
			undo()
			return mail.ID{}, err
		}
	}
	err = d.Store.Update(ctx, func(tx Tx) error {
		// An answer that was sent just now would stay behind, under a code that is dead.
		now, err := d.openedBy(tx, r, holder)
		if err != nil {
			return err
		}
		if len(now) != len(list) {
			return mail.E(mail.Again, "error.again", nil)
		}
		for _, m := range list {
			if err := m.write(tx, r.Actor); err != nil {
				return err
			}
		}
		if list[0].cols.Address.Key() == to.Address.Key() {
			return tx.ShowInbox(to.ID, list[0].old.m.At) // the link came by a mail to the address
		}
		return nil
	})
	if err != nil {
		undo()
		return mail.ID{}, err
	}
	return list[0].fresh.ID, nil
}

// moving is one guest's holder on its way into a mailbox.
type moving struct {
	*sealing
	old   loaded
	cek   seal.Secret
	cols  mail.Columns
	fresh *sealedHolder
}

// openedBy lists what a guest's keys open in the thread of a letter: that letter first, and
// then the guest's own answers.
func (d *Desk) openedBy(tx ReadTx, r Reader, holder mail.ID) ([]*moving, error) {
	l, _, err := d.unlock(tx, r, holder)
	if err != nil {
		return nil, err
	}
	if l.h.Kind != mail.HolderGuest || l.m.Way == mail.In {
		return nil, absent()
	}
	first, err := d.movingOf(tx, r, l)
	if err != nil {
		return nil, err
	}
	list := []*moving{first}
	thread, err := tx.Thread(l.m.Thread)
	if err != nil {
		return nil, err
	}
	for _, m := range thread {
		holders, err := tx.Holders(m.ID)
		if err != nil {
			return nil, err
		}
		for _, h := range holders {
			if h.Kind != mail.HolderGuest || h.ID == holder {
				continue
			}
			x, err := d.loadHolder(tx, h)
			if mail.KindOf(err) == mail.Gone {
				continue
			}
			if err != nil {
				return nil, err
			}
			more, err := d.movingOf(tx, r, x)
			if mail.KindOf(err) == mail.Absent {
				continue // another reader's
			}
			if err != nil {
				return nil, err
			}
			list = append(list, more)
		}
	}
	return list, nil
}

func (d *Desk) movingOf(tx ReadTx, r Reader, l loaded) (*moving, error) {
	cek, err := d.contentKey(tx, r, l)
	if err != nil {
		return nil, err
	}
	cols, err := d.columns(l)
	return &moving{sealing: &sealing{d: d}, old: l, cek: cek, cols: cols}, err
}

// prepare makes the holder that takes the place of the guest's.
func (m *moving) prepare(d *Desk, to mail.Resident) error {
	s := &sealing{d: d, cek: m.cek, skm: m.old.skm}
	m.sealing = s
	s.sealed.Message = m.old.m
	s.sealed.Message.At = d.Clock.Now() // of the key's epoch and the holder's id
	if err := s.reserve(1, 0); err != nil {
		return err
	}
	h, err := s.holder(mail.HolderPerson, to.ID, m.cols)
	if err != nil {
		return err
	}
	old := m.old.h
	h.Level, h.Channel = old.Level, mail.ChannelRecipient
	h.OpenBy, h.ReadFor, h.ReadUntil = old.OpenBy, old.ReadFor, old.ReadUntil
	h.Opened, h.Seen = old.Opened, old.Seen
	if m.old.m.Way == mail.In {
		h.Folder = mail.Sent
	}
	s.keep(h)
	m.fresh = h
	err = s.wrapFor(h, to)
	s.sealed.Message.At = m.old.m.At // a mailbox is in the order of its letters
	return err
}

// write puts the new holder in the old one's place, with what has happened to it.
func (m *moving) write(tx Tx, actor mail.Actor) error {
	now, err := m.d.load(tx, m.old.h.ID)
	if err != nil {
		return err // ended, or moved by another press, meanwhile
	}
	if now.h.Locked {
		return mail.E(mail.Locked, "error.locked", nil)
	}
	if !bytes.Equal(now.h.Columns, m.old.h.Columns) { // its number was changed just now
		return mail.E(mail.Again, "error.again", nil)
	}
	if err := tx.AddSealed(&m.sealed); err != nil {
		return err
	}
	steps, err := tx.Steps(now.h.ID)
	if err != nil {
		return err
	}
	for _, s := range steps {
		s.Holder = m.fresh.ID
		if err := tx.PutStep(s); err != nil {
			return err
		}
	}
	if err := tx.Note(m.d.event(journal.MovedIn, actor, now.m, m.fresh.ID, now.skm, "")); err != nil {
		return err
	}
	return m.d.end(tx, now.h, mail.EndMoved, actor) // not the last holder: the message lives on
}

// TakeIn is MoveIn by a letter's code alone, for a registered recipient who is signed in:
// the PIN that the letter asks for would go to the very number that they have proven, and
// show by their second factor. It is Denied unless that is so, and the letter was sent to
// their own address; then the PIN is asked for as of anybody.
func (d *Desk) TakeIn(ctx context.Context, l Letter, to mail.Recipient) (mail.ID, error) {
	r := Reader{Actor: mail.Actor{Kind: mail.ActorGuest, ID: l.Holder}}
	err := d.Store.View(ctx, func(tx ReadTx) error {
		x, cols, err := d.loadKnown(tx, l.Holder)
		if err != nil {
			return err
		}
		// Somebody who guesses at the PIN has closed the letter: only its sender opens it again.
		same := cols.Address.Key() == to.Address.Key() && cols.Phone == to.Phone && cols.Phone != "" && to.PhoneShown
		if !same || x.h.Locked || l.Kind != mail.CodeGuest {
			return mail.E(mail.Denied, "error.absent", nil)
		}
		c, err := tx.Code(l.Code)
		if err != nil {
			return err
		}
		sg, err := d.openSlot(tx, c.Slot)
		r.Key = keyring.NewGuest(c.ID, l.Secret, sg)
		return err
	})
	if err != nil {
		return mail.ID{}, err
	}
	return d.MoveIn(ctx, r, l.Holder, to.Resident)
}
