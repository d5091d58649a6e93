package vault_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"sigill/appliance/erase"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// fullDisk has no room for blobs while it is full.
type fullDisk struct {
	erase.Machine
	full bool
}

func (d *fullDisk) Open(name string, flag int, mode os.FileMode) (erase.File, error) {
	if d.full && flag&os.O_EXCL != 0 {
		return nil, &os.PathError{Op: "open", Path: name, Err: syscall.ENOSPC}
	}
	return d.Machine.Open(name, flag, mode)
}

func TestBallast(t *testing.T) {
	dir := t.TempDir()
	disk := &fullDisk{}
	db, err := vault.Open(ctx, vault.Config{Dir: dir, Clock: newClock(), Log: quiet, Disk: disk})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	reserve := filepath.Join(dir, "reserve")
	var st syscall.Stat_t
	if err := syscall.Stat(reserve, &st); err != nil || st.Blocks*512 < st.Size || st.Size < 1<<20 {
		t.Skipf("no room for a reserve here: %v", err)
	}
	old := newLetter(t, db, newClock().Now())
	update(t, db, old.put)
	disk.full = true
	blob := func() error {
		_, err := db.PutBlob(ctx, db.NewBlobID(), func(w io.Writer) error { _, err := w.Write([]byte("content")); return err })
		return err
	}
	t.Run("the first that meets the full disk gives the reserve up", func(t *testing.T) {
		want(t, blob(), mail.Again)
		if _, err := os.Stat(reserve); !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	})
	t.Run("then nothing new is taken, and what is there is changed and ended", func(t *testing.T) {
		want(t, blob(), mail.Again)
		want(t, db.Update(ctx, newLetter(t, db, newClock().Now()).put), mail.Again)
		h := old.guest()
		h.Locked = true
		update(t, db, func(tx *vault.Tx) error { return tx.SaveHolder(h) })
		if err := db.EraseSlots(ctx, []mail.Slot{h.Slot}); err != nil {
			t.Error(err)
		}
	})
	t.Run("with room again it takes the reserve back, and content", func(t *testing.T) {
		disk.full = false
		for deadline := time.Now().Add(5 * time.Second); blob() != nil; {
			if time.Now().After(deadline) {
				t.Fatal("it does not")
			}
			<-time.After(10 * time.Millisecond)
		}
		if err := syscall.Stat(reserve, &st); err != nil || st.Blocks*512 < st.Size {
			t.Errorf("%+v %v", st, err)
		}
	})
}
