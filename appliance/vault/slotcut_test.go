package vault_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestSlotCut(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	l := newLetter(t, db, newClock().Now())
	update(t, db, l.put)
	c, err := db.Changes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	whole := map[uint32][]byte{}
	take := func(t *testing.T, cut *vault.SlotCut, ns []uint32) {
		t.Helper()
		for _, n := range ns {
			whole[n] = make([]byte, vault.PageSize)
			if err := cut.Page(n, whole[n]); err != nil {
				t.Fatal(err)
			}
		}
	}
	slots := func(t *testing.T, do func(cut *vault.SlotCut)) {
		t.Helper()
		do(c.Slots())
		c.SlotsKept()
	}
	file := func(count uint32) (b []byte) {
		for n := range count {
			b = append(b, whole[n]...)
		}
		return b
	}
	slots(t, func(cut *vault.SlotCut) {
		for n := range cut.Count {
			take(t, cut, []uint32{n})
		}
		if len(cut.Changed) > 0 || cut.Live != 4 {
			t.Errorf("%v changed, %d live, want none and 4", cut.Changed, cut.Live)
		}
	})

	t.Run("what is written and what is erased is in the next one", func(t *testing.T) {
		update(t, db, newLetter(t, db, newClock().Now()).put)
		if err := db.EraseSlots(ctx, []mail.Slot{l.sealed.Slots[0].Slot}); err != nil {
			t.Fatal(err)
		}
		slots(t, func(cut *vault.SlotCut) {
			if len(cut.Changed) != 1 || cut.Live != 7 {
				t.Errorf("%v changed, %d live, want one page and 7", cut.Changed, cut.Live)
			}
			take(t, cut, cut.Changed)
			on, err := os.ReadFile(filepath.Join(dir, "shred.slots"))
			if err != nil || !bytes.Equal(on, file(cut.Count)) {
				t.Error("it is not the file as it stands")
			}
			if v := l.sealed.Slots[0].Value; bytes.Contains(file(cut.Count), v[:]) {
				t.Error("what was erased is still there")
			}
		})
	})

	t.Run("the next one has what one that was not kept had", func(t *testing.T) {
		update(t, db, newLetter(t, db, newClock().Now()).put)
		c.Slots()
		slots(t, func(cut *vault.SlotCut) {
			if len(cut.Changed) != 1 {
				t.Errorf("%v changed, want one page", cut.Changed)
			}
		})
	})

	t.Run("one that is damaged comes from the mirror", func(t *testing.T) {
		n := l.sealed.Slots[1].Slot.N
		f, err := os.OpenFile(filepath.Join(dir, "shred.slots"), os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteAt([]byte("damage"), int64(n)*64); err != nil {
			t.Fatal(err)
		}
		slots(t, func(cut *vault.SlotCut) {
			take(t, cut, []uint32{n / 64})
			if v := l.sealed.Slots[1].Value; !bytes.Contains(whole[n/64], v[:]) {
				t.Error("it is not there")
			}
		})
	})
}
