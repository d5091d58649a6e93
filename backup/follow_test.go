package backup_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigill/appliance/erase"
	"sigill/appliance/mail"
	"sigill/backup"
)

func TestFollow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	standby := t.TempDir()
	disk := &cutting{left: 1 << 30}
	to, err := backup.OpenDir(standby, disk)
	if err != nil {
		t.Fatal(err)
	}
	// here is the house with what stands by in the place of its target.
	here := func(t testing.TB) *house {
		other := *h
		other.TB, other.target, other.dir = t, to, standby
		return &other
	}
	kept, gone := h.letter(3000), h.letter(3000)
	h.run(backup.Whole)
	follow := func(t testing.TB) backup.Followed {
		t.Helper()
		f, err := backup.Follow(ctx, h.target, to)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	t.Run("stopped at any step, it goes on with the next", func(t *testing.T) {
		for step := 0; ; step++ {
			disk.left = step
			_, err := backup.Follow(ctx, h.target, to)
			disk.left = 1 << 30
			if err == nil {
				break
			}
			if !errors.Is(err, errCut) {
				t.Fatalf("step %d: %v", step, err)
			}
			if v, err := backup.Verify(ctx, to, backup.Verifier{}); err == nil && len(v.Faults) > 0 && v.Sets > 0 {
				t.Fatalf("step %d: a set is there without what it needs: %v", step, v.Faults)
			}
		}
		db, _ := here(t).restored(h.kit.Backup)
		h.has(db, kept)
		h.has(db, gone)
	})
	t.Run("a minute later it has what has changed, and no more was copied", func(t *testing.T) {
		late := h.letter(500)
		h.turn(time.Minute)
		h.run(backup.Changes)
		f := follow(t)
		if f.New != 3 || f.Bytes > 100_000 || !f.Set.Equal(h.Now()) {
			t.Errorf("%+v", f)
		}
		if f := follow(t); f.New != 0 || f.Gone != 0 {
			t.Errorf("again: %+v", f)
		}
		db, _ := here(t).restored(h.kit.Backup)
		h.has(db, late)
	})
	t.Run("what was erased is in none of its files a day later", func(t *testing.T) {
		if err := h.db.EraseSlots(ctx, []mail.Slot{gone.slot}); err != nil {
			t.Fatal(err)
		}
		for range 25 {
			h.turn(time.Hour)
			if err := h.backup.Keep(ctx); err != nil {
				t.Fatal(err)
			}
			follow(t)
		}
		if all := here(t).opened(); bytes.Contains(all, gone.value[:]) || !bytes.Contains(all, kept.value[:]) {
			t.Error("the erased key is there, or the other is not")
		}
	})
	t.Run("when everything was removed there it stays as it is", func(t *testing.T) {
		before := len(here(t).files())
		rename(t, filepath.Join(h.dir, "set"), h.dir+".set")
		if _, err := backup.Follow(ctx, h.target, to); err == nil || len(here(t).files()) != before {
			t.Errorf("%v", err)
		}
		rename(t, h.dir+".set", filepath.Join(h.dir, "set"))
	})
	t.Run("when the other target has burnt it stays as it is", func(t *testing.T) {
		before := len(here(t).files())
		rename(t, h.dir, h.dir+".burnt")
		if _, err := backup.Follow(ctx, h.target, to); err == nil {
			t.Error("nobody has noticed")
		}
		if len(here(t).files()) != before {
			t.Error("something was removed")
		}
		db, _ := here(t).restored(h.kit.Backup)
		h.has(db, kept)
	})
	t.Run("it follows nobody else, nor into a directory with something in it", func(t *testing.T) {
		other := newHouse(t)
		other.run(backup.Whole)
		if _, err := backup.Follow(ctx, other.target, to); !errors.Is(err, backup.ErrForeign) {
			t.Errorf("%v", err)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "photo"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		full, err := backup.OpenDir(dir, erase.Machine{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Follow(ctx, other.target, full); err == nil || !strings.Contains(err.Error(), "not empty") {
			t.Errorf("%v", err)
		}
	})
}
