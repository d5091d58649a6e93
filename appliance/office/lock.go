package office

import (
	"context"
	"errors"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// wrapOf returns a person's seed under one kind of lock.
func wrapOf(tx ReadTx, person mail.ID, kind mail.SeedKind) (mail.SeedWrap, bool, error) {
	wraps, err := tx.SeedWraps(person)
	for _, w := range wraps {
		if w.Kind == kind {
			return w, true, err
		}
	}
	return mail.SeedWrap{}, false, err
}

// sealSlot fills a slot that is set aside with the key of a lock.
func (o *Office) sealSlot(s mail.Slot, key seal.Secret) mail.SlotWrite {
	return mail.SlotWrite{Slot: s, Value: o.App.SealSlot(byte(s.File), s.N, key)}
}

// erase erases what locked a seed before, after the change stands: it is forgotten, here
// and within a day in every backup, and an old password opens nothing. It is done even if
// nobody waits for it any more. If the disk fails, the next start does it: no row names
// these slots by now.
func (o *Office) erase(ctx context.Context, dead []mail.Slot) error {
	return o.Store.EraseSlots(context.WithoutCancel(ctx), dead)
}

func (o *Office) openSlot(tx ReadTx, s mail.Slot) (seal.Secret, error) {
	v, err := tx.SlotValue(s)
	if err != nil {
		return seal.Secret{}, err
	}
	k, err := o.App.OpenSlot(byte(s.File), s.N, v)
	if err != nil {
		return seal.Secret{}, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("open a slot"), err))
	}
	return k, nil
}
