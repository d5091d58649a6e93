package desk_test

import (
	"slices"

	"sigill/appliance/desk"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

// box is a function mailbox of the tests.
type box struct {
	mail.Resident
	h       *house
	n       int
	members []desk.Reader
}

// box makes a function mailbox that these read.
func (h *house) box(a mail.Address, members ...desk.Reader) *box {
	h.t.Helper()
	b := &box{h: h, Resident: mail.Resident{ID: mail.NewID(), Shared: true, Profile: mail.Profile{Address: a, Name: "Socialtjänsten", Lang: "sv"}}}
	h.boxes[a.Key()] = b
	h.fine(h.db.Update(ctx, func(tx *vault.Tx) error {
		return tx.PutFunctionMailbox(mail.FunctionMailbox{ID: b.ID, Unit: mail.RootUnit, Lookup: h.app.Lookup(a.Key()), Columns: mail.Box("-"), At: h.clock.Now()})
	}))
	for _, m := range members {
		b.join(m)
	}
	return b
}

// turn makes the next generation, for the members.
func (b *box) turn() {
	b.h.t.Helper()
	b.n++
	seed := seal.NewSecret()
	b.Key, b.Public = mail.NewID(), seal.PrivateKeyOf(seed).Public().Bytes()
	slots, err := b.h.db.Reserve(mail.Shred, len(b.members)+1)
	b.h.fine(err)
	b.h.fine(b.h.db.Update(ctx, func(tx *vault.Tx) error {
		if err := tx.PutGeneration(mail.Generation{ID: b.Key, Mailbox: b.ID, N: b.n, Public: b.Public, At: tx.Now()}); err != nil {
			return err
		}
		for i, m := range b.members {
			if err := b.lock(tx, m, b.Key, seed, slots[i]); err != nil {
				return err
			}
		}
		return nil
	}))
	b.h.db.Unreserve(slots[len(b.members):])
}

func (b *box) lock(tx *vault.Tx, m desk.Reader, g mail.ID, seed seal.Secret, slot mail.Slot) error {
	key := seal.NewSecret()
	w, err := keyring.SealSeedTo(keyring.SeedByMember, seal.PrivateKeyOf(b.h.seeds[m.ID]).Public(), g, key, seed)
	if err != nil {
		return err
	}
	if err := tx.PutSlots([]mail.SlotWrite{{Slot: slot, Value: b.h.app.SealSlot(byte(slot.File), slot.N, key)}}); err != nil {
		return err
	}
	_, err = tx.PutGenerationWrap(mail.GenerationWrap{Generation: g, Kind: mail.SeedMember, Member: m.ID, Slot: slot, Box: w})
	return err
}

func (b *box) join(m desk.Reader) {
	b.h.t.Helper()
	b.members = append(b.members, m)
	b.turn()
}

func (b *box) leave(m desk.Reader) {
	b.h.t.Helper()
	b.members = slices.DeleteFunc(b.members, func(o desk.Reader) bool { return o.ID == m.ID })
	var dead []mail.Slot
	b.h.fine(b.h.db.Update(ctx, func(tx *vault.Tx) (err error) {
		dead, err = tx.DeleteGenerationWraps(b.ID, m.ID)
		return err
	}))
	b.h.fine(b.h.db.EraseSlots(ctx, dead))
	b.turn()
}

// in is somebody who reads in these mailboxes at this moment.
func in(r desk.Reader, boxes ...*box) desk.Reader {
	r.Mailboxes = nil
	for _, b := range boxes {
		r.Mailboxes = append(r.Mailboxes, b.ID)
	}
	return r
}
