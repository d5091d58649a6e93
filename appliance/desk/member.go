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

// keyFor returns a person's keys for a wrap of a copy of owner's, see keyBy, and what of
// them locks it: K_U, or the key of an epoch. For a wrap that is no person's it is ErrOpen.
func (d *Desk) keyFor(tx ReadTx, own *keyring.Person, owner mail.ID, w mail.Wrap) (key *keyring.Person, inner seal.Secret, err error) {
	switch w.Kind {
	case mail.WrapMailbox:
		if key, err = d.keyBy(tx, own, owner, w.Ref); err != nil {
			return nil, inner, err
		}
		return key, key.Mailbox(), nil
	case mail.WrapEpoch:
		e, err := tx.Epoch(w.Ref)
		if err != nil {
			return nil, inner, err
		}
		if key, err = d.keyBy(tx, own, owner, e.Owner); err != nil {
			return nil, inner, err
		}
		inner, err = key.Epoch(e.ID, e.Box)
		return key, inner, err
	}
	return nil, inner, seal.ErrOpen
}
