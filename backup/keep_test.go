package backup_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/backup"
)

// opened is everything that stands in the target's containers, opened with B.
func (h *house) opened() (all []byte) {
	h.Helper()
	for name, file := range h.files() {
		if !strings.HasSuffix(name, ".tar.age") {
			continue
		}
		clear, err := keyring.OpenContainer(bytes.NewReader(file), h.kit.Backup)
		if err != nil {
			h.Fatal(err)
		}
		for t := tar.NewReader(clear); ; {
			if _, err := t.Next(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				h.Fatal(err)
			}
			b, err := io.ReadAll(t)
			if err != nil {
				h.Fatal(err)
			}
			all = append(all, b...)
		}
	}
	return all
}

func TestErasedKeysLeaveTheTarget(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gone, stays := h.letter(2000), h.letter(2000)
	h.run(backup.Whole)
	// keeps is the minutely copy, once an hour, of a house where something happens.
	keeps := func() {
		h.turn(time.Hour)
		h.letter(10)
		if err := h.backup.Keep(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		keeps()
	}
	if !bytes.Contains(h.opened(), gone.value[:]) {
		t.Fatal("the control: the key is not found while it is there")
	}
	if err := errors.Join(h.db.EraseSlots(ctx, []mail.Slot{gone.slot}),
		h.db.Destroyed(ctx, []mail.Ended{{What: mail.EndsMessage, ID: gone.message, At: h.Now()}})); err != nil {
		t.Fatal(err)
	}
	t.Run("at once a restore has it no more", func(t *testing.T) {
		keeps()
		db, r := h.restored(h.kit.Backup)
		h.has(db, stays)
		if r.Ended != 1 {
			t.Errorf("%d lines of the ledger, want 1", r.Ended)
		}
		ended, err := db.LoadDestroyed(ctx)
		if err != nil || len(ended) != 1 || ended[0].ID != gone.message {
			t.Errorf("%v, %v", ended, err)
		}
	})
	t.Run("within a day it is in no file of the target", func(t *testing.T) {
		for range 23 {
			keeps()
		}
		all := h.opened()
		if bytes.Contains(all, gone.value[:]) {
			t.Error("it is")
		}
		if !bytes.Contains(all, stays.value[:]) {
			t.Error("the control: another key is not there either")
		}
		if list, _ := filepath.Glob(h.dir + "/slots/*/*"); len(list) > 2*2*13 {
			t.Errorf("%d files of slots", len(list))
		}
	})
}

func TestKeep(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	old := h.letter(2000)
	keep := backup.Keep{Days: 3, Weeks: 3, Months: 3}
	for range 120 {
		l := h.letter(500)
		h.run(backup.Changes)
		if err := errors.Join(h.db.Update(ctx, h.ends(l)), h.db.EraseBlob(ctx, l.blob)); err != nil {
			t.Fatal(err)
		}
		if _, err := h.backup.Clean(ctx, keep); err != nil {
			t.Fatal(err)
		}
		h.turn(24 * time.Hour)
	}
	c, err := backup.ReadCatalogue(ctx, h.target, h.verifier())
	if err != nil || len(c.Faults) > 0 {
		t.Fatal(err, c.Faults)
	}
	for _, s := range c.Sets {
		if _, err := c.Chain(s.Number); err != nil {
			t.Error(err)
		}
	}
	// Three days, up to three weeks and three months, each with the chain of up to a week.
	if n := len(c.Sets); n < 8 || n > 60 {
		t.Errorf("%d of 120 sets are left", n)
	}
	if len(c.Packs) > len(c.Sets)+10 {
		t.Errorf("%d packs for %d sets", len(c.Packs), len(c.Sets))
	}
	db, _ := h.restored(h.kit.Backup)
	h.has(db, old)
}
