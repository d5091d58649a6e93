package vault_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// image is the database's file as a backup puts it together.
type image map[uint32][]byte

func (m image) put(n uint32, page []byte) error {
	m[n] = bytes.Clone(page)
	return nil
}

// file writes the first count pages.
func (m image) file(t *testing.T, count uint32) []byte {
	t.Helper()
	var b []byte
	for n := uint32(1); n <= count; n++ {
		if m[n] == nil {
			t.Fatalf("page %d of %d was never seen", n, count)
		}
		b = append(b, m[n]...)
	}
	return b
}

// take puts what a cut has into the image.
func (m image) take(t *testing.T, c *vault.Changes) (count uint32, blobs []mail.ID) {
	t.Helper()
	if err := c.Cut(ctx, func(cut *vault.Cut) error {
		if cut.Unsure {
			t.Error("the log was not read")
		}
		count, blobs = cut.Count, cut.New
		return cut.Page(cut.Changed, m.put)
	}); err != nil {
		t.Fatal(err)
	}
	c.Kept()
	return count, blobs
}

func TestCut(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	for range 20 {
		update(t, db, newLetter(t, db, newClock().Now()).put)
	}
	c, err := db.Changes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	whole := image{}
	if _, err := db.Pages(ctx, whole.put); err != nil {
		t.Fatal(err)
	}
	// same wants the image to be what SQLite reads now.
	same := func(t *testing.T, m image, count uint32) {
		t.Helper()
		now := image{}
		n, err := db.Pages(ctx, now.put)
		if err != nil || n != count {
			t.Fatalf("%d pages, not %d: %v", n, count, err)
		}
		if !bytes.Equal(now.file(t, n), m.file(t, count)) {
			t.Error("it is not the database as it stands")
		}
	}

	t.Run("nothing changed, nothing is taken", func(t *testing.T) {
		if err := c.Cut(ctx, func(cut *vault.Cut) error {
			if len(cut.Changed) > 0 || len(cut.New) > 0 || cut.Unsure {
				t.Errorf("%v, %v, %t", cut.Changed, cut.New, cut.Unsure)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})

	t.Run("what changed is enough, over checkpoints and a log that begins anew", func(t *testing.T) {
		for range 6 {
			for range 40 {
				update(t, db, newLetter(t, db, newClock().Now()).put)
			}
			if err := vault.Checkpoint(db); err != nil {
				t.Fatal(err)
			}
			update(t, db, newLetter(t, db, newClock().Now()).put)
		}
		count, _ := whole.take(t, c)
		same(t, whole, count)
	})

	t.Run("it costs what changed, not what is there", func(t *testing.T) {
		update(t, db, newLetter(t, db, newClock().Now()).put)
		if err := c.Cut(ctx, func(cut *vault.Cut) error {
			if n := len(cut.Changed); n == 0 || n > int(cut.Count)/4 {
				t.Errorf("%d of %d pages for one letter", n, cut.Count)
			}
			return cut.Page(cut.Changed, whole.put)
		}); err != nil {
			t.Fatal(err)
		}
	})

	c.Kept()

	t.Run("the next one has what one that was not kept had", func(t *testing.T) {
		blob := db.NewBlobID()
		if _, err := db.PutBlob(ctx, blob, cipher(random(100))); err != nil {
			t.Fatal(err)
		}
		l := newLetter(t, db, newClock().Now())
		l.sealed.Parts = append(l.sealed.Parts, mail.Part{Message: l.sealed.Message.ID, N: mail.PartFile, Size: 1, Blob: blob})
		update(t, db, l.put)
		broken := errors.New("the target is gone")
		if err := c.Cut(ctx, func(*vault.Cut) error { return broken }); !errors.Is(err, broken) {
			t.Fatal(err)
		}
		update(t, db, newLetter(t, db, newClock().Now()).put)
		count, blobs := whole.take(t, c)
		same(t, whole, count)
		if !slices.Equal(blobs, []mail.ID{blob}) {
			t.Errorf("blobs %v, want %v", blobs, blob)
		}
	})

	c.Kept()

	t.Run("the state stands still while others write", func(t *testing.T) {
		update(t, db, newLetter(t, db, newClock().Now()).put)
		m := image{}
		var count uint32
		var ns []uint32
		if err := c.Cut(ctx, func(cut *vault.Cut) error {
			count = cut.Count
			for n := range count {
				ns = append(ns, n+1)
			}
			for i, n := range ns {
				if i%50 == 0 {
					update(t, db, newLetter(t, db, newClock().Now()).put)
					if err := vault.Checkpoint(db); err != nil {
						return err
					}
				}
				if err := cut.Page([]uint32{n}, m.put); err != nil {
					return err
				}
			}
			return cut.Page(cut.Changed, whole.put)
		}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(m.file(t, count), whole.file(t, count)) {
			t.Error("two ways to the same state differ")
		}
		opens(t, m.file(t, count))
	})

	t.Run("a second who remembers has its own", func(t *testing.T) {
		other, err := db.Changes(ctx)
		if err != nil {
			t.Fatal(err)
		}
		m := image{}
		if _, err := db.Pages(ctx, m.put); err != nil {
			t.Fatal(err)
		}
		update(t, db, newLetter(t, db, newClock().Now()).put)
		whole.take(t, c)
		update(t, db, newLetter(t, db, newClock().Now()).put)
		count, _ := whole.take(t, c)
		theirs, _ := m.take(t, other)
		if count != theirs || !bytes.Equal(m.file(t, theirs), whole.file(t, count)) {
			t.Error("it has not all")
		}
		other.Stop()
	})

	t.Run("pages read while others write are mended by the cut behind them", func(t *testing.T) {
		other, err := db.Changes(ctx)
		if err != nil {
			t.Fatal(err)
		}
		m, seen := image{}, 0
		if _, err := db.Pages(ctx, func(n uint32, page []byte) error {
			if seen++; seen%40 == 0 {
				update(t, db, newLetter(t, db, newClock().Now()).put)
			}
			return m.put(n, page)
		}); err != nil {
			t.Fatal(err)
		}
		count, _ := m.take(t, other)
		opens(t, m.file(t, count))
		same(t, m, count)
	})

	t.Run("a log that cannot be read makes nobody believe that nothing changed", func(t *testing.T) {
		log := filepath.Join(dir, "sigill.db-wal")
		if err := os.Rename(log, log+".away"); err != nil {
			t.Fatal(err)
		}
		update(t, db, newLetter(t, db, newClock().Now()).put)
		unsure := false
		err := c.Cut(ctx, func(cut *vault.Cut) error { unsure = cut.Unsure; return nil })
		if err != nil || !unsure {
			t.Errorf("unsure %t, %v", unsure, err)
		}
		if err := os.Rename(log+".away", log); err != nil {
			t.Fatal(err)
		}
	})
}

// opens wants the file to be a whole database.
func opens(t *testing.T, file []byte) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sigill.db"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	db := open(t, dir)
	if err := db.Sound(ctx); err != nil {
		t.Error(err)
	}
}
