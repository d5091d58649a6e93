package vault_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestAFailedSync(t *testing.T) {
	for _, c := range []struct{ name, file string }{
		{"of the slots", "shred.slots"}, {"of a blob's directory", "blobs/"}, {"of a blob", "blobs/"},
	} {
		t.Run(c.name+" closes the store to changes and acknowledges nothing", func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			disk := &badDisk{stash: t.TempDir()}
			db := openWith(t, vault.Config{Dir: dir, Disk: disk})
			before := newLetter(t, db, newClock().Now())
			update(t, db, before.put)
			l, blob := newLetter(t, db, newClock().Now()), db.NewBlobID()
			if c.name != "of a blob" {
				if _, err := db.PutBlob(ctx, blob, cipher(random(10))); err != nil {
					t.Fatal(err)
				}
				l.sealed.Parts = append(l.sealed.Parts, mail.Part{Message: l.sealed.Message.ID, N: mail.PartFile, Blob: blob})
			}
			disk.mu.Lock()
			disk.failSync = c.file
			disk.mu.Unlock()
			if c.name == "of a blob" {
				_, err := db.PutBlob(ctx, blob, cipher(random(10)))
				want(t, err, mail.Again)
			} else {
				want(t, db.Update(ctx, l.put), mail.Again)
			}
			disk.mu.Lock()
			disk.failSync = ""
			disk.mu.Unlock()
			want(t, db.Update(ctx, func(*vault.Tx) error { return nil }), mail.Again)
			want(t, db.Fault(), mail.Again)
			_, err := db.Reserve(mail.Shred, 1)
			want(t, err, mail.Again)
			live(t, db, []*letter{before}) // reading goes on
			if c.name != "of a blob" {
				// What failed may come true at the next start, and must then be whole.
				want(t, db.EraseBlob(ctx, blob), mail.Again)
			}
			db.Close()
			db = open(t, dir)
			live(t, db, []*letter{before})
			view(t, db, func(tx *vault.ReadTx) error {
				_, err := tx.Message(l.sealed.Message.ID)
				want(t, err, mail.Absent)
				return nil
			})
			update(t, db, newLetter(t, db, newClock().Now()).put)
		})
	}
	t.Run("while erasing does not say that it is erased, and may be repeated", func(t *testing.T) {
		disk := &badDisk{stash: t.TempDir()}
		db := openWith(t, vault.Config{Dir: filepath.Join(t.TempDir(), "data"), Disk: disk})
		l := newLetter(t, db, newClock().Now())
		update(t, db, l.put)
		disk.mu.Lock()
		disk.failSync = "shred.mirror"
		disk.mu.Unlock()
		want(t, db.EraseSlots(ctx, l.allSlots()), mail.Again)
		disk.mu.Lock()
		disk.failSync = ""
		disk.mu.Unlock()
		if err := db.EraseSlots(ctx, l.allSlots()); err != nil {
			t.Error(err)
		}
	})
}

func TestTwoProcesses(t *testing.T) {
	if dir := os.Getenv("VAULT_TEST_SECOND"); dir != "" {
		_, err := vault.Open(ctx, vault.Config{Dir: dir, Clock: newClock(), Log: quiet})
		fmt.Println("second:", mail.KindOf(err), err)
		os.Exit(0)
	}
	dir := t.TempDir()
	db := open(t, dir)
	second := func() string {
		cmd := exec.Command(os.Args[0], "-test.run=^TestTwoProcesses$")
		cmd.Env = append(os.Environ(), "VAULT_TEST_SECOND="+dir)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if out := second(); !strings.Contains(out, "second: busy") || !strings.Contains(out, fmt.Sprint(os.Getpid())) {
		t.Errorf("%s", out)
	}
	update(t, db, func(*vault.Tx) error { return nil })
	db.Close()
	if out := second(); !strings.Contains(out, "second: internal <nil>") {
		t.Errorf("after closing: %s", out)
	}
}

func TestAFullDisk(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 and be root: it mounts small file systems")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
		t.Skip("cannot mount:", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	db := openWith(t, vault.Config{Dir: filepath.Join(dir, "data")})
	var kept []*letter
	for round := range 20 {
		// A ballast of changing size, so that the disk is full at another place each time.
		ballast := filepath.Join(dir, "ballast")
		if err := os.WriteFile(ballast, make([]byte, 52<<20-round*600_000), 0o600); err != nil && !os.IsNotExist(err) {
			_ = err // full already
		}
		full := false
		for i := 0; i < 3000 && !full; i++ {
			l, err := reserved(db)
			if err == nil {
				if i%3 == 0 {
					blob := db.NewBlobID()
					if _, err = db.PutBlob(ctx, blob, cipher(random(80_000))); err == nil {
						l.sealed.Parts = append(l.sealed.Parts, mail.Part{Message: l.sealed.Message.ID, N: mail.PartFile, Blob: blob})
					}
				}
				if err == nil {
					err = db.Update(ctx, l.put)
				}
			}
			switch {
			case err == nil:
				kept = append(kept, l)
			case mail.KindOf(err) == mail.Again:
				full = true
				if l != nil {
					db.Unreserve(l.allSlots())
				}
			default:
				t.Fatalf("round %d: %v", round, err)
			}
		}
		if !full {
			t.Fatalf("round %d: never full", round)
		}
		if err := db.Fault(); err != nil {
			t.Fatalf("round %d: a full disk closed the store: %v", round, err)
		}
		live(t, db, kept)
		os.Remove(ballast)
		// Room again: what has blobs is purged, so that the next round has some.
		for _, l := range kept {
			for _, p := range l.sealed.Parts {
				if !p.Blob.IsZero() {
					if err := db.EraseBlob(ctx, p.Blob); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		// The reserve is taken back within a second; until then nothing new is taken.
		l, err := reserved(db)
		for tries := 0; ; tries++ {
			if err == nil {
				err = db.Update(ctx, l.put)
			}
			if err == nil || mail.KindOf(err) != mail.Again || tries == 200 {
				break
			}
			<-time.After(50 * time.Millisecond)
			l, err = reserved(db)
		}
		if err != nil {
			t.Fatalf("round %d: with room again: %v", round, err)
		}
		kept = append(kept, l)
		chain(t, db)
		if round%5 == 4 {
			db.Close()
			db = openWith(t, vault.Config{Dir: filepath.Join(dir, "data")})
			if c := db.Checked(); c.Lost > 0 {
				t.Fatalf("%+v", c)
			}
			live(t, db, kept)
		}
	}
	t.Logf("%d letters kept, none lost", len(kept))
}

func reserved(db *vault.DB) (*letter, error) {
	shred, err := db.Reserve(mail.Shred, 4)
	if err != nil {
		return nil, err
	}
	link, err := db.Reserve(mail.Link, 2)
	if err != nil {
		db.Unreserve(shred)
		return nil, err
	}
	return compose(shred, link, newClock().Now()), nil
}
