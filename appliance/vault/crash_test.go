package vault_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
	"sigill/appliance/vault/vaulttest"
)

// life is what a client was told of one letter with a blob.
type life struct {
	*letter
	blob          mail.ID
	content       []byte
	put, purging  bool // told so
	asked, erased bool // erasing was asked for; was told to be done
}

// story keeps two letters and ends the first, until the disk stops.
func story(t *testing.T, db *vault.DB, lives []*life) error {
	for _, l := range lives {
		shred, err := db.Reserve(mail.Shred, 4)
		if err != nil {
			return err
		}
		link, err := db.Reserve(mail.Link, 2)
		if err != nil {
			return err
		}
		l.letter, l.blob, l.content = compose(shred, link, newClock().Now()), db.NewBlobID(), random(3000)
		l.sealed.Parts = append(l.sealed.Parts, mail.Part{Message: l.sealed.Message.ID, N: mail.PartFile, Size: 1, Blob: l.blob})
		if _, err := db.PutBlob(ctx, l.blob, cipher(l.content)); err != nil {
			return err
		}
		if err := db.Update(ctx, l.letter.put); err != nil {
			return err
		}
		l.put = true
	}
	return lives[0].end(db)
}

// end is the procedure of purging, as the desk does it.
func (l *life) end(db *vault.DB) error {
	hs, m := l.sealed.Holders, l.sealed.Message
	state := func(s mail.State) func(tx *vault.Tx) error {
		return func(tx *vault.Tx) error {
			for _, h := range hs {
				h.State = s
				if err := tx.SaveHolder(h); err != nil {
					return err
				}
			}
			m.State = s
			if s == mail.Erased {
				if err := tx.DeleteCode(l.sealed.Codes[0].ID); err != nil {
					return err
				}
				if _, err := tx.DeleteParts(m.ID); err != nil {
					return err
				}
			}
			return tx.SaveMessage(m)
		}
	}
	if err := db.Update(ctx, state(mail.Purging)); err != nil {
		return err
	}
	l.purging, l.asked = true, true
	var slots []mail.Slot
	for _, w := range l.sealed.Slots {
		slots = append(slots, w.Slot)
	}
	if err := db.EraseSlots(ctx, slots); err != nil {
		return err
	}
	if err := db.EraseBlob(ctx, l.blob); err != nil {
		return err
	}
	l.erased = true
	if err := db.Destroyed(ctx, []mail.Ended{{What: mail.EndsMessage, ID: m.ID, At: m.At}}); err != nil {
		return err
	}
	return db.Update(ctx, state(mail.Erased))
}

// check holds what was told against what is there.
func (l *life) check(db *vault.DB, dir string) error {
	if l.letter == nil {
		return nil
	}
	return db.View(ctx, func(tx *vault.ReadTx) error {
		m, err := tx.Message(l.sealed.Message.ID)
		if mail.KindOf(err) == mail.Absent && !l.put {
			return nil
		}
		if err != nil {
			return fmt.Errorf("a kept message: %w", err)
		}
		if l.erased {
			return l.checkGone(dir)
		}
		if l.asked {
			return nil // on its way: either is right
		}
		if m.State != mail.Active {
			return fmt.Errorf("state %d", m.State)
		}
		for _, w := range append(l.sealed.Slots, l.slots...) {
			if v, err := tx.SlotValue(w.Slot); err != nil || v != w.Value {
				return fmt.Errorf("slot %v of a message that is there: %w", w.Slot, err)
			}
		}
		for _, h := range l.sealed.Holders {
			if ws, err := tx.Wraps(h.ID); err != nil || len(ws) != 1 {
				return fmt.Errorf("%d wraps, %w", len(ws), err)
			}
		}
		if of, err := tx.OutgoingOf(l.guest().ID); err != nil || len(of) != 2 {
			return fmt.Errorf("%d mails, %w", len(of), err)
		}
		b, size, err := db.OpenBlob(l.blob)
		if err != nil {
			return fmt.Errorf("blob of a message that is there: %w", err)
		}
		defer b.Close()
		got := make([]byte, size)
		if _, err := b.ReadAt(got, 0); err != nil || !bytes.Equal(got, l.content) {
			return fmt.Errorf("blob with other bytes: %v", err)
		}
		return nil
	})
}

// checkGone looks for the keys and the blob in every byte of the data directory.
func (l *life) checkGone(dir string) error {
	return filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, w := range l.sealed.Slots {
			if bytes.Contains(b, w.Value[:32]) {
				return fmt.Errorf("an erased key stands in %s", d.Name())
			}
		}
		if bytes.Contains(b, l.content[:64]) {
			return fmt.Errorf("an erased blob stands in %s", d.Name())
		}
		return nil
	})
}

// stopAt tells the story on a disk that stops at step n, starts again on a good
// one, and holds what was told against what is there.
func stopAt(t *testing.T, n int, halves bool) (steps int) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if n%2 == 0 { // every other time the store is there already
		open(t, dir).Close()
	}
	disk := &badDisk{stopAt: n, halves: halves, stash: t.TempDir()}
	lives := []*life{{}, {}}
	db, err := vaulttest.Open(t, vault.Config{Dir: dir, Clock: newClock(), Log: quiet, Disk: disk, Readers: 1})
	if err == nil {
		err = story(t, db, lives)
		db.Close()
	}
	if n > 0 && disk.stopped && err == nil && disk.steps < n {
		t.Fatal("the stop was not noticed")
	}
	disk.forget()
	db, err = vault.Open(ctx, vault.Config{Dir: dir, Clock: newClock(), Log: quiet, Readers: 1})
	if err != nil {
		t.Fatalf("stopped at step %d, halves %v: does not open: %v", n, halves, err)
	}
	defer db.Close()
	if c := db.Checked(); c.Lost > 0 {
		t.Fatalf("stopped at step %d, halves %v: %+v", n, halves, c)
	}
	for i, l := range lives {
		if err := l.check(db, dir); err != nil {
			t.Fatalf("stopped at step %d, halves %v, letter %d (put %v, asked %v, erased %v): %v", n, halves, i, l.put, l.asked, l.erased, err)
		}
	}
	// And it works on.
	l := &life{}
	if err := story(t, db, []*life{l}); err != nil || l.check(db, dir) != nil {
		t.Fatalf("stopped at step %d: afterwards %v", n, err)
	}
	return disk.steps
}

func TestAPowerCutAtEachStep(t *testing.T) {
	all := max(stopAt(t, 0, false), stopAt(t, 1<<20+1, false))
	if all < 40 {
		t.Fatalf("only %d steps seen", all)
	}
	every := 1
	if os.Getenv("SIGILL_FULL") == "" {
		every = 3 // the rest in the full run
	}
	for n := 1; n <= all; n += every {
		stopAt(t, n, n%4 == 1)
	}
}
