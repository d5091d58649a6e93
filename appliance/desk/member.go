package desk

import (
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// keyBy returns the keys by which a person opens what was sealed to id for an owner: his
// own, or a generation of a function mailbox that was locked for him. Without the latter
// it is ErrOpen. The wrap is looked for each time: who has left the mailbox has none, and
// what the session once opened is of no use.
func (d *Desk) keyBy(tx ReadTx, own *keyring.Person, owner, id mail.ID) (*keyring.Person, error) {
	me := mail.ID(own.ID)
	if owner == me && id == me {
		return own, nil
	}
	if owner == me {
		return nil, seal.ErrOpen
	}
	w, err := tx.GenerationWrap(owner, id, me)
	if mail.KindOf(err) == mail.Absent {
		return nil, seal.ErrOpen
	}
	if err != nil {
		return nil, err
	}
	sw, err := d.openSlot(tx, w.Slot)
	if err != nil {
		return nil, err
	}
	return own.Generation(id, sw, w.Box)
}

// keyOf returns the keys by which a person has opened a copy.
func (d *Desk) keyOf(tx ReadTx, own *keyring.Person, l loaded) (*keyring.Person, error) {
	if l.h.Owner == mail.ID(own.ID) {
		return own, nil
	}
	wraps, err := tx.Wraps(l.h.ID)
	if err != nil {
		return nil, err
	}
	for _, w := range wraps {
		id := w.Ref
		switch w.Kind {
		case mail.WrapEpoch:
			e, err := tx.Epoch(w.Ref)
			if err != nil {
				return nil, err
			}
			id = e.Owner
		case mail.WrapMailbox:
		default:
			continue
		}
		return d.keyBy(tx, own, l.h.Owner, id)
	}
	return nil, absent()
}
