package backup_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/erase"
	"sigill/appliance/mail"
	"sigill/backup"
)

var errCut = errors.New("the power is gone")

// cutting is a disk that stops at one of its steps, and does none after it.
type cutting struct {
	erase.Machine
	left int // steps until then
}

func (c *cutting) step() error {
	if c.left--; c.left < 0 {
		return errCut
	}
	return nil
}

func (c *cutting) Open(name string, flag int, mode fs.FileMode) (erase.File, error) {
	if flag != os.O_RDONLY {
		if err := c.step(); err != nil {
			return nil, err
		}
	}
	f, err := c.Machine.Open(name, flag, mode)
	if err != nil {
		return nil, err
	}
	return &cuttingFile{f, c}, nil
}

func (c *cutting) Rename(from, to string) error {
	if err := c.step(); err != nil {
		return err
	}
	return c.Machine.Rename(from, to)
}

func (c *cutting) Remove(name string) error {
	if err := c.step(); err != nil {
		return err
	}
	return c.Machine.Remove(name)
}

func (c *cutting) SyncDir(dir string) error {
	if err := c.step(); err != nil {
		return err
	}
	return c.Machine.SyncDir(dir)
}

type cuttingFile struct {
	erase.File
	c *cutting
}

func (f *cuttingFile) Write(b []byte) (int, error) {
	if err := f.c.step(); err != nil {
		n, _ := f.File.Write(b[:len(b)/2]) // half of it may be there
		return n, err
	}
	return f.File.Write(b)
}

func (f *cuttingFile) WriteAt(b []byte, off int64) (int, error) {
	if err := f.c.step(); err != nil {
		return 0, err
	}
	return f.File.WriteAt(b, off)
}

func (f *cuttingFile) Sync() error {
	if err := f.c.step(); err != nil {
		return err
	}
	return f.File.Sync()
}

// TestBackupCutAnywhere stops a backup at each step of the target's disk: there is the old
// set or the new one, never half of one, and the next backup goes on.
func TestBackupCutAnywhere(t *testing.T) {
	t.Parallel()
	stride := 7 // all of them take a minute
	if os.Getenv("SIGILL_FULL") != "" {
		stride = 1
	}
	for _, kind := range []backup.Kind{backup.Changes, backup.Whole} {
		t.Run(string(kind), func(t *testing.T) {
			h := newHouse(t)
			state := t.TempDir()
			disk := &cutting{left: 1 << 30}
			var err error
			if h.target, err = backup.OpenDir(h.dir, disk); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(filepath.Join(h.dir, "sigill-backup")); err != nil { // another's, until now
				t.Fatal(err)
			}
			h.open(state)
			letters := []*letter{h.letter(5000)}
			h.run(backup.Whole)
			sets, sure := 1, 1
			for step := 0; ; step += stride {
				h.turn(time.Minute)
				l := h.letter(3000)
				disk.left = step
				_, err := h.backup.Run(ctx, kind)
				disk.left = 1 << 30
				if err == nil {
					letters = append(letters, l)
					break // it needed no more steps
				}
				if !errors.Is(err, errCut) {
					t.Fatalf("step %d: %v", step, err)
				}
				if step%4 == 0 { // the process may have ended with the power, or not
					h.backup.Close()
					if h.target, err = backup.OpenDir(h.dir, disk); err != nil {
						t.Fatal(err)
					}
					h.open(state)
				}
				if step%5 == 0 {
					db, r := h.restored(h.kit.Backup)
					if r.Set.Number != sets && r.Set.Number != sets+1 {
						t.Fatalf("step %d: set %d after set %d", step, r.Set.Number, sets)
					}
					for _, l := range letters[:sure] {
						h.has(db, l)
					}
					db.Close()
				}
				letters = append(letters, l)
				if step%3 == 0 {
					h.run(backup.Changes)
					sure = len(letters)
				}
				if c, err := backup.ReadCatalogue(ctx, h.target, backup.Verifier{}); err != nil || len(c.Faults) > 0 {
					t.Fatalf("step %d: %v, %v", step, c.Faults, err)
				} else {
					sets = c.Sets[len(c.Sets)-1].Number
				}
			}
			db, _ := h.restored(h.kit.Backup)
			for _, l := range letters {
				h.has(db, l)
			}
			v, err := backup.Verify(ctx, h.target, backup.Verifier{})
			if err != nil || len(v.Faults) > 0 {
				t.Errorf("%v, %v", v.Faults, err)
			}
		})
	}
}

// TestBackupFlipped turns a bit in each byte of a small target's statements and in many of its
// containers, in turn: nobody takes for whole what was not written.
func TestBackupFlipped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.letter(3000)
	h.run(backup.Whole)
	key := h.verifier()
	for name, file := range h.files() {
		put := func(b []byte) {
			if err := os.WriteFile(filepath.Join(h.dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		seen := func() bool {
			v, err := backup.Verify(ctx, h.target, key)
			return err != nil || len(v.Faults) > 0
		}
		step := len(file) / 20
		if !strings.HasSuffix(name, ".tar.age") {
			step = 1
		}
		for i := 0; i < len(file); i += step {
			turned := slices.Clone(file)
			turned[i] ^= 1 << (i % 8)
			switch {
			case name == "sigill-backup":
				put(turned)
				if err := h.backup.Keep(ctx); err == nil {
					t.Fatalf("the mark, byte %d: written to it", i)
				}
			case step == 1:
				if _, _, err := key.Open(turned); err == nil {
					t.Fatalf("%s, byte %d: nobody has seen it", name, i)
				}
			default:
				if put(turned); !seen() {
					t.Fatalf("%s, byte %d: nobody has seen it", name, i)
				}
			}
		}
		put(file)
		if seen() {
			t.Fatal("the control: nothing is turned any more")
		}
		if name == "sigill-backup" {
			continue
		}
		if put(file[:len(file)-1]); !seen() {
			t.Errorf("%s is cut short, and nobody has seen it", name)
		}
		put(file)
	}
}

func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	t.Run("a target of somebody else", func(t *testing.T) {
		h := newHouse(t)
		h.run(backup.Whole)
		other := newHouse(t)
		other.backup.Close()
		other.dir, other.target = h.dir, h.target
		if err := other.tries(t.TempDir()); !errors.Is(err, backup.ErrForeign) {
			t.Errorf("%v", err)
		}
	})

	t.Run("a copy of itself, of which one must stop", func(t *testing.T) {
		h := newHouse(t)
		h.run(backup.Whole)
		if err := h.tries(t.TempDir()); !errors.Is(err, backup.ErrForeign) {
			t.Errorf("%v", err)
		}
	})

	t.Run("a directory with something else in it", func(t *testing.T) {
		h := newHouse(t)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "photo"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		h.target, _ = backup.OpenDir(dir, erase.Machine{})
		if err := h.tries(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not empty") {
			t.Errorf("%v", err)
		}
	})

	t.Run("to forget keys that nothing has ended", func(t *testing.T) {
		h := newHouse(t)
		var slots []mail.Slot
		for range 200 {
			slots = append(slots, h.letter(100).slot)
		}
		h.run(backup.Whole)
		if err := h.db.EraseSlots(ctx, slots); err != nil {
			t.Fatal(err)
		}
		before := len(h.files())
		if err := h.backup.Keep(ctx); !errors.Is(err, backup.ErrSlotsLost) {
			t.Errorf("%v", err)
		}
		if len(h.files()) != before {
			t.Error("it has written something")
		}
		var ended []mail.Ended
		for range slots {
			ended = append(ended, mail.Ended{What: mail.EndsMessage, ID: mail.NewID(), At: h.Now()})
		}
		if err := h.db.Destroyed(ctx, ended); err != nil {
			t.Fatal(err)
		}
		if err := h.backup.Keep(ctx); err != nil {
			t.Errorf("the ledger says that they have ended: %v", err)
		}
	})
}
