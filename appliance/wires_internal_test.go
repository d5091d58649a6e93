package appliance

import (
	"io"
	"log/slog"
	"testing"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestNoLetterIsSealedToAKeyThatNobodyHas(t *testing.T) {
	db, err := vault.Open(t.Context(), vault.Config{Dir: t.TempDir(), Clock: NewWall(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	gone, other := mail.NewID(), mail.NewID()
	store := deskStore{db, func(p mail.ID) bool { return p == gone }}
	put := func(holder, epoch mail.ID, add bool) error {
		slots, err := store.Reserve(mail.Shred, 2)
		if err != nil {
			t.Fatal(err)
		}
		m := mail.Message{ID: mail.NewID(), Thread: mail.NewID(), State: mail.Active, Owner: other, Slot: slots[0], Envelope: mail.Box("e")}
		s := mail.Sealed{
			Message: m, Head: mail.Box("h"), Epochs: []mail.Epoch{{ID: mail.NewID(), Owner: epoch, Box: mail.Box("b")}},
			Holders: []mail.Holder{{ID: mail.NewID(), Message: m.ID, Kind: mail.HolderPerson, Owner: holder, State: mail.Active, Slot: slots[1], Columns: mail.Box("c")}},
			Slots:   []mail.SlotWrite{{Slot: slots[0]}, {Slot: slots[1]}},
		}
		return store.Update(t.Context(), func(tx desk.Tx) error {
			if !add {
				return tx.PutSealed(&s)
			}
			first := mail.Sealed{Message: m, Head: s.Head, Slots: s.Slots[:1]}
			s.Slots = s.Slots[1:]
			if err := tx.PutSealed(&first); err != nil {
				return err
			}
			return tx.AddSealed(&s)
		})
	}
	for _, c := range []struct {
		name          string
		holder, epoch mail.ID
		kind          mail.Kind
	}{
		{"for somebody whose key is the same", other, other, mail.Internal},
		{"for somebody with another key by now", gone, other, mail.Again},
		{"under an epoch of a key that is gone", other, gone, mail.Again},
	} {
		for _, add := range []bool{false, true} {
			t.Run(c.name, func(t *testing.T) {
				if err := put(c.holder, c.epoch, add); (err == nil) != (c.kind == mail.Internal) || err != nil && mail.KindOf(err) != c.kind {
					t.Errorf("add %v: %v", add, err)
				}
			})
		}
	}
}
