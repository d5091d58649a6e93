package vault_test

import (
	"database/sql"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// filled makes a store with letters and closes it.
func filled(t *testing.T, n int) (dir string, list []*letter) {
	t.Helper()
	dir = t.TempDir()
	db := open(t, dir)
	for range n {
		l := newLetter(t, db, newClock().Now())
		update(t, db, l.put)
		list = append(list, l)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, list
}

func scribble(t *testing.T, path string, off int64, b []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(b, off); err != nil {
		t.Fatal(err)
	}
}

func live(t *testing.T, db *vault.DB, list []*letter) {
	t.Helper()
	view(t, db, func(tx *vault.ReadTx) error {
		for _, l := range list {
			for _, w := range append(l.sealed.Slots, l.slots...) {
				if v, err := tx.SlotValue(w.Slot); err != nil || v != w.Value {
					t.Fatalf("slot %v: %v", w.Slot, err)
				}
			}
		}
		return nil
	})
}

func TestDamagedSlots(t *testing.T) {
	at := func(s mail.Slot) int64 { return int64(s.N) * 64 }
	t.Run("a half-written slot is repaired from the mirror", func(t *testing.T) {
		dir, list := filled(t, 3)
		scribble(t, filepath.Join(dir, "shred.slots"), at(list[1].sealed.Slots[2].Slot)+30, random(20))
		db := open(t, dir)
		if c := db.Checked(); c.Repaired != 1 || c.Lost != 0 {
			t.Errorf("%+v", c)
		}
		live(t, db, list)
		db.Close()
		if c := open(t, dir).Checked(); c.Repaired != 0 {
			t.Errorf("not for good: %+v", c)
		}
	})
	t.Run("a page of zeros, or a file cut short, is repaired from the mirror", func(t *testing.T) {
		dir, list := filled(t, 3)
		scribble(t, filepath.Join(dir, "shred.slots"), 64, make([]byte, 4032))
		if err := os.Truncate(filepath.Join(dir, "link.slots"), 100); err != nil {
			t.Fatal(err)
		}
		live(t, open(t, dir), list)
	})
	t.Run("a damaged or missing mirror is repaired from the primary", func(t *testing.T) {
		dir, list := filled(t, 3)
		scribble(t, filepath.Join(dir, "shred.mirror"), 64, random(2000))
		if err := os.Remove(filepath.Join(dir, "link.mirror")); err != nil {
			t.Fatal(err)
		}
		live(t, open(t, dir), list)
		scribble(t, filepath.Join(dir, "link.slots"), 64, random(300))
	})
	t.Run("a slot damaged while the store is open is taken from the mirror", func(t *testing.T) {
		dir, list := filled(t, 1)
		db := open(t, dir)
		scribble(t, filepath.Join(dir, "shred.slots"), at(list[0].sealed.Slots[0].Slot), random(64))
		live(t, db, list)
	})
	t.Run("a slot damaged in both is said, and the others are readable", func(t *testing.T) {
		dir, list := filled(t, 3)
		for _, name := range []string{"shred.slots", "shred.mirror"} {
			scribble(t, filepath.Join(dir, name), at(list[0].sealed.Slots[0].Slot), random(64))
		}
		db := open(t, dir)
		if c := db.Checked(); c.Lost != 1 {
			t.Errorf("%+v", c)
		}
		view(t, db, func(tx *vault.ReadTx) error {
			_, err := tx.SlotValue(list[0].sealed.Slots[0].Slot)
			want(t, err, mail.Internal)
			return nil
		})
		live(t, db, list[1:])
	})
	t.Run("slots that no row names are erased", func(t *testing.T) {
		dir, list := filled(t, 1)
		orphan := list[0].sealed.Slots[3].Slot.N + 500
		db := open(t, dir)
		db.Close()
		b, err := os.ReadFile(filepath.Join(dir, "shred.slots"))
		if err != nil {
			t.Fatal(err)
		}
		scribble(t, filepath.Join(dir, "shred.slots"), int64(orphan)*64, b[at(list[0].sealed.Slots[0].Slot):][:64])
		if c := open(t, dir).Checked(); c.Swept != 1 {
			t.Errorf("%+v", c)
		}
		b, err = os.ReadFile(filepath.Join(dir, "shred.slots"))
		if err != nil || string(b[orphan*64:][:64]) != string(make([]byte, 64)) {
			t.Error("still there", err)
		}
	})
	t.Run("a key is kept while a row names another's, none, one beyond the file, or what is no number of one: a bit may have turned", func(t *testing.T) {
		dir, list := filled(t, 2)
		row, own := list[0].sealed.Message.ID, int64(list[0].sealed.Slots[0].Slot.N)
		for name, n := range map[string]int64{"another's": int64(list[1].sealed.Slots[0].Slot.N), "none": own + 500, "one beyond": own + 1<<23, "far beyond": own + 1<<40, "zero": 0, "less than zero": own - 128} {
			renumber(t, dir, row, n)
			db := open(t, dir)
			if c := db.Checked(); c.Kept != 1 || c.Swept != 0 {
				t.Errorf("%s: %+v", name, c)
			}
			db.Close()
		}
		renumber(t, dir, row, own)
		live(t, open(t, dir), list)
	})
	t.Run("a file of another kind is refused", func(t *testing.T) {
		dir, _ := filled(t, 1)
		for _, end := range []string{".slots", ".mirror"} {
			if err := os.Rename(filepath.Join(dir, "link"+end), filepath.Join(dir, "shred"+end)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := vault.Open(ctx, vault.Config{Dir: dir, Clock: newClock(), Log: quiet}); err == nil {
			t.Error("opened")
		}
	})
}

func TestEachFlippedBitIsFound(t *testing.T) {
	dir, list := filled(t, 40)
	db := open(t, dir)
	var slots []mail.SlotWrite
	for _, l := range list {
		slots = append(slots, l.sealed.Slots...)
	}
	path := filepath.Join(dir, "shred.slots")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mirror := filepath.Join(dir, "shred.mirror")
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range 1000 {
		w := slots[r.IntN(len(slots))]
		off := int64(w.Slot.N)*64 + r.Int64N(64)
		bad := []byte{whole[off] ^ 1<<r.IntN(8)}
		scribble(t, path, off, bad)
		if i%2 == 0 {
			scribble(t, mirror, off, bad) // no second copy: it must be said, never read
		}
		view(t, db, func(tx *vault.ReadTx) error {
			v, err := tx.SlotValue(w.Slot)
			if i%2 == 0 {
				want(t, err, mail.Internal)
			} else if err != nil || v != w.Value {
				t.Fatalf("seed %d, flip %d: %v", seed, i, err)
			}
			return nil
		})
		scribble(t, path, off, whole[off:off+1])
		scribble(t, mirror, off, whole[off:off+1])
	}
	live(t, db, list)
}

func TestReserve(t *testing.T) {
	db := open(t, t.TempDir())
	t.Run("slots lie side by side and none is given out twice", func(t *testing.T) {
		seen := map[mail.Slot]bool{}
		for i := range 2000 {
			list, err := db.Reserve(mail.Link, 1+i%20)
			if err != nil {
				t.Fatal(err)
			}
			for k, s := range list {
				if seen[s] || s.IsZero() || s.File != mail.Link || s.N != list[0].N+uint32(k) {
					t.Fatalf("slot %v", s)
				}
				seen[s] = true
			}
		}
	})
	t.Run("what is given back is given out again", func(t *testing.T) {
		for range 100 {
			list, err := db.Reserve(mail.Shred, 8000)
			if err != nil {
				t.Fatal(err)
			}
			if list[7999].N > 1<<15 {
				t.Fatal("the file only grows")
			}
			db.Unreserve(list)
		}
	})
	t.Run("room in small pieces is used before the file grows", func(t *testing.T) {
		db := open(t, t.TempDir())
		all, err := db.Reserve(mail.Shred, 8192)
		if err != nil {
			t.Fatal(err)
		}
		more, err := db.Reserve(mail.Shred, 8191)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, more...)
		for i, s := range all {
			if i%2 == 0 {
				db.Unreserve([]mail.Slot{s})
			}
		}
		list, err := db.Reserve(mail.Shred, 50)
		if err != nil || list[49].N >= 1<<14 {
			t.Error(list[49], err)
		}
	})
	t.Run("a foolish number is refused", func(t *testing.T) {
		for _, n := range []int{0, -1, 1 << 20} {
			_, err := db.Reserve(mail.Shred, n)
			want(t, err, mail.Invalid)
		}
		want(t, db.EraseSlots(ctx, []mail.Slot{{File: mail.Shred, N: 1 << 30}}), mail.Invalid)
	})
	t.Run("a zero slot is passed over", func(t *testing.T) {
		l := newLetter(t, db, newClock().Now())
		update(t, db, l.put)
		if err := db.EraseSlots(ctx, []mail.Slot{{}, l.sealed.Message.Slot, {File: mail.Link}}); err != nil {
			t.Fatal(err)
		}
		view(t, db, func(tx *vault.ReadTx) error {
			_, err := tx.SlotValue(l.sealed.Message.Slot)
			want(t, err, mail.Gone)
			return nil
		})
	})
	t.Run("erasing twice is erasing once", func(t *testing.T) {
		l := newLetter(t, db, newClock().Now())
		update(t, db, l.put)
		for range 2 {
			if err := db.EraseSlots(ctx, l.allSlots()); err != nil {
				t.Fatal(err)
			}
		}
		view(t, db, func(tx *vault.ReadTx) error {
			for _, s := range l.allSlots() {
				_, err := tx.SlotValue(s)
				want(t, err, mail.Gone)
			}
			return nil
		})
	})
}

// renumber changes which slot a message's row names, as a turned bit would.
func renumber(t *testing.T, dir string, message mail.ID, n int64) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "sigill.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("UPDATE message SET slot = ? WHERE id = ?", n, message[:]); err != nil {
		t.Fatal(err)
	}
}
