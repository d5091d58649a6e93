package backup_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sigill/appliance/erase"
	"sigill/appliance/vault"
	"sigill/appliance/vault/vaulttest"
	"sigill/backup"
)

// TestRestoreCutAnywhere stops a restore at each step of its disk: there is no data directory
// or a whole one, and the next restore goes well.
func TestRestoreCutAnywhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := h.letter(3000)
	h.run(backup.Whole)
	top := t.TempDir()
	dir := filepath.Join(top, "data")
	for step := 0; ; step++ {
		disk := &cutting{left: step}
		_, err := backup.Restore(ctx, backup.Restoring{Target: h.target, Key: h.kit.Backup, Dir: dir, Disk: disk})
		if err == nil {
			break // it needed no more steps
		}
		if !errors.Is(err, errCut) {
			t.Fatalf("step %d: %v", step, err)
		}
		if _, err := os.Lstat(dir); err == nil {
			h.opens(dir, l) // cut behind the last rename: then it is whole
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.opens(dir, l)
	if left, _ := filepath.Glob(top + "/*"); len(left) != 1 {
		t.Errorf("it has left %v", left)
	}
}

// opens wants a restored store to be whole, with a letter.
func (h *house) opens(dir string, l *letter) {
	h.Helper()
	db, err := vaulttest.Open(h, vault.Config{Dir: dir, Clock: h.clock, Log: quiet})
	if err != nil {
		h.Fatal(err)
	}
	defer db.Close()
	if err := db.Sound(ctx); err != nil {
		h.Fatal(err)
	}
	h.has(db, l)
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.letter(100)
	h.run(backup.Whole)
	restore := func(now time.Time) error {
		_, err := backup.Restore(ctx, backup.Restoring{Target: h.target, Key: h.kit.Backup, Dir: filepath.Join(t.TempDir(), "data"), Disk: erase.Machine{}, Now: now})
		return err
	}
	for _, c := range []struct {
		name string
		now  time.Time
		want error
	}{
		{"while the other may be running", h.Now().Add(5 * time.Minute), backup.ErrWritten},
		{"with a clock that was set back", h.Now().Add(-2 * time.Hour), backup.ErrClock},
		{"but not when the other has been silent", h.Now().Add(11 * time.Minute), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := restore(c.now); !errors.Is(err, c.want) || err == nil != (c.want == nil) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("onto a directory that has something in it", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "mine"), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := backup.Restore(ctx, backup.Restoring{Target: h.target, Key: h.kit.Backup, Dir: dir, Disk: erase.Machine{}})
		if b, _ := os.ReadFile(filepath.Join(dir, "mine")); err == nil || string(b) != "mine" {
			t.Errorf("%v, %q", err, b)
		}
	})
	t.Run("without room", func(t *testing.T) {
		_, err := backup.Restore(ctx, backup.Restoring{
			Target: h.target, Key: h.kit.Backup, Dir: filepath.Join(t.TempDir(), "data"), Disk: erase.Machine{}, Room: func() (int64, error) { return 1000, nil },
		})
		if err == nil || !strings.Contains(err.Error(), "there is room for 1000") {
			t.Errorf("%v", err)
		}
	})
}

// TestTakeOver has the restored appliance go on where the other has stopped.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := h.letter(100)
	h.run(backup.Whole)
	other := h.backup
	h.turn(time.Minute)
	h.from = h.Now()
	h.turn(time.Minute)
	t.Run("not while the other writes", func(t *testing.T) {
		h.letter(100)
		if err := other.Keep(ctx); err != nil {
			t.Fatal(err)
		}
		if err := h.tries(t.TempDir()); !errors.Is(err, backup.ErrAlive) {
			t.Errorf("%v", err)
		}
	})
	h.from = h.Now()
	h.turn(time.Minute)
	h.open(t.TempDir())
	t.Run("in the order of its numbers, and the other stops", func(t *testing.T) {
		if d := h.run(backup.Changes); d.Kind != backup.Whole || d.Set != "set/00000002.tar.age" {
			t.Errorf("%+v", d)
		}
		if err := other.Keep(ctx); !errors.Is(err, backup.ErrForeign) {
			t.Errorf("%v", err)
		}
		h.TB = t
		db, r := h.restored(h.kit.Backup)
		h.has(db, l)
		if r.Set.Number != 2 || len(r.Passed) > 0 {
			t.Errorf("%+v", r)
		}
	})
}

// failing is a disk on which writing fails in some way, while it is told to.
type failing struct {
	erase.Machine
	err error
}

func (f *failing) Open(name string, flag int, mode os.FileMode) (erase.File, error) {
	file, err := f.Machine.Open(name, flag, mode)
	return &failingFile{file, f}, err
}

type failingFile struct {
	erase.File
	f *failing
}

func (f *failingFile) Write(b []byte) (int, error) {
	if f.f.err != nil {
		n, _ := f.File.Write(b[:len(b)/2])
		return n, f.f.err
	}
	return f.File.Write(b)
}

func TestBackupWithoutTarget(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	disk := &failing{}
	var err error
	if h.target, err = backup.OpenDir(h.dir, disk); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(h.dir, "sigill-backup")); err != nil {
		t.Fatal(err)
	}
	h.open(t.TempDir())
	letters := []*letter{h.letter(3000)}
	h.run(backup.Whole)
	for _, c := range []struct {
		name      string
		away      func()
		back      func()
		complains func(error) bool
	}{
		{"that is full", func() { disk.err = syscall.ENOSPC }, func() { disk.err = nil }, func(err error) bool { return errors.Is(err, syscall.ENOSPC) }},
		{"that is gone", func() { rename(t, h.dir, h.dir+".gone") }, func() { rename(t, h.dir+".gone", h.dir) }, func(err error) bool { return err != nil }},
	} {
		t.Run(c.name+", nothing is lost, and it goes on when the target is back", func(t *testing.T) {
			letters = append(letters, h.letter(3000))
			h.turn(time.Minute)
			c.away()
			if _, err := h.backup.Run(ctx, backup.Changes); !c.complains(err) {
				t.Errorf("%v", err)
			}
			if err := h.backup.Keep(ctx); !c.complains(err) {
				t.Errorf("%v", err)
			}
			c.back()
			h.TB = t
			db, _ := h.restored(h.kit.Backup)
			h.has(db, letters[len(letters)-2])
			if d := h.run(backup.Changes); d.Blobs == 0 {
				t.Errorf("%+v", d)
			}
			db, _ = h.restored(h.kit.Backup)
			for _, l := range letters {
				h.has(db, l)
			}
		})
	}
}

func rename(t testing.TB, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func TestRestorePassesByWhatIsDamaged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.letter(100)
	h.run(backup.Whole)
	h.turn(time.Minute)
	h.letter(3000)
	h.run(backup.Changes)
	damage := func(name string) {
		t.Helper()
		path := filepath.Join(h.dir, name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/2] ^= 1
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	damage("set/00000002.tar.age")
	t.Run("it takes the set before, and says why", func(t *testing.T) {
		h.TB = t
		db, r := h.restored(h.kit.Backup)
		h.has(db, first)
		if r.Set.Number != 1 || len(r.Passed) != 2 || !strings.Contains(r.Passed[0].Error(), "set/00000002.tar.age is damaged") {
			t.Errorf("%+v", r)
		}
	})
	h.TB = t
	t.Run("if nothing is whole it leaves nothing behind", func(t *testing.T) {
		damage("set/00000001.tar.age")
		top := t.TempDir()
		_, err := backup.Restore(ctx, backup.Restoring{Target: h.target, Key: h.kit.Backup, Dir: filepath.Join(top, "data"), Disk: erase.Machine{}})
		if left, _ := filepath.Glob(top + "/*"); err == nil || !strings.Contains(err.Error(), "is damaged") || len(left) > 0 {
			t.Errorf("%v, and left %v", err, left)
		}
	})
}

// TestEmptied has the disk of a target go, and the directory where it was mounted stay.
func TestEmptied(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.letter(100)
	h.run(backup.Whole)
	rename(t, h.dir, h.dir+".disk")
	if err := os.Mkdir(h.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	h.letter(100)
	if _, err := h.backup.Run(ctx, backup.Changes); !errors.Is(err, backup.ErrEmptied) {
		t.Errorf("%v", err)
	}
	if len(h.files()) > 0 {
		t.Error("it was filled")
	}
	if err := os.Remove(h.dir); err != nil {
		t.Fatal(err)
	}
	rename(t, h.dir+".disk", h.dir)
	if d := h.run(backup.Changes); d.Kind != backup.Changes {
		t.Errorf("%+v", d)
	}
}
