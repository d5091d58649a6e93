package erase_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigill/appliance/erase"
)

// recorder is a disk that writes down its steps and may stop at one of them.
type recorder struct {
	erase.Machine
	steps  []string
	stopAt int // 0: never
}

var errStopped = errors.New("stopped")

func (r *recorder) step(s string) error {
	r.steps = append(r.steps, s)
	if len(r.steps) == r.stopAt {
		return errStopped
	}
	return nil
}

func (r *recorder) Open(name string, flag int, mode fs.FileMode) (erase.File, error) {
	if flag&os.O_TRUNC != 0 {
		return nil, errors.New("a file that is to be overwritten was cut short")
	}
	if err := r.step("open"); err != nil {
		return nil, err
	}
	f, err := r.Machine.Open(name, flag, mode)
	if err != nil {
		return nil, err
	}
	return recordedFile{f, r}, nil
}

func (r *recorder) Rename(from, to string) error {
	if err := r.step("rename"); err != nil {
		return err
	}
	return r.Machine.Rename(from, to)
}

func (r *recorder) Remove(name string) error {
	if err := r.step("remove"); err != nil {
		return err
	}
	return r.Machine.Remove(name)
}

func (r *recorder) SyncDir(dir string) error {
	if err := r.step("syncdir"); err != nil {
		return err
	}
	return r.Machine.SyncDir(dir)
}

type recordedFile struct {
	erase.File
	r *recorder
}

func (f recordedFile) WriteAt(b []byte, off int64) (int, error) {
	if err := f.r.step("write"); err != nil {
		return 0, err
	}
	return f.File.WriteAt(b, off)
}

func (f recordedFile) Sync() error {
	if err := f.r.step("sync"); err != nil {
		return err
	}
	return f.File.Sync()
}

func TestRemove(t *testing.T) {
	content := bytes.Repeat([]byte("marked "), 400_000)
	// A second name keeps the blocks in sight after the first is gone.
	prepare := func(t *testing.T) (path, witness string) {
		dir := t.TempDir()
		path, witness = filepath.Join(dir, "blob"), filepath.Join(t.TempDir(), "witness")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(path, witness); err != nil {
			t.Skip("no hard links here")
		}
		return path, witness
	}
	gone := func(t *testing.T, path, witness string) {
		t.Helper()
		if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) > 0 {
			t.Errorf("left: %v %v", entries, err)
		}
		b, err := os.ReadFile(witness)
		if err != nil || len(b) != len(content) || bytes.Contains(b, []byte("marked")) {
			t.Errorf("the bytes are still there, or the file was cut to %d: %v", len(b), err)
		}
	}
	t.Run("the bytes go before the name, each on disk before the next", func(t *testing.T) {
		path, witness := prepare(t)
		r := &recorder{}
		if err := erase.Remove(r, path); err != nil {
			t.Fatal(err)
		}
		gone(t, path, witness)
		if got := strings.Join(r.steps, " "); got != "open write write write sync rename remove syncdir" {
			t.Error(got)
		}
	})
	t.Run("stopped at any step it does not say done, and done again it ends", func(t *testing.T) {
		for n := 1; n <= 8; n++ {
			path, witness := prepare(t)
			if err := erase.Remove(&recorder{stopAt: n}, path); !errors.Is(err, errStopped) {
				t.Fatalf("stopped at %d: %v", n, err)
			}
			if err := erase.Remove(erase.Machine{}, path); err != nil {
				t.Fatal(err)
			}
			// Stopped between renaming and unlinking the file has its random name still;
			// whoever owns the directory sweeps it.
			left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "gone-*"))
			if (len(left) == 1) != (n == 7) {
				t.Errorf("stopped at %d: %v", n, left)
			}
			for _, l := range left {
				if err := erase.Remove(erase.Machine{}, l); err != nil {
					t.Fatal(err)
				}
			}
			gone(t, path, witness)
		}
	})
	t.Run("a file that is not there is erased already, once its directory is on disk", func(t *testing.T) {
		r := &recorder{}
		if err := erase.Remove(r, filepath.Join(t.TempDir(), "nothing")); err != nil {
			t.Error(err)
		}
		if got := strings.Join(r.steps, " "); got != "open syncdir" {
			t.Error(got)
		}
	})
	t.Run("an empty file is erased", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "empty")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := erase.Remove(erase.Machine{}, path); err != nil {
			t.Error(err)
		}
	})
}

func TestZero(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slots")
	if err := os.WriteFile(path, bytes.Repeat([]byte{7}, 300), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := erase.Machine{}.Open(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := errors.Join(erase.Zero(f, 64, 128), f.Sync()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	want := append(append(bytes.Repeat([]byte{7}, 64), make([]byte, 128)...), bytes.Repeat([]byte{7}, 108)...)
	if err != nil || !bytes.Equal(b, want) {
		t.Error("other bytes than asked for", err)
	}
}

func TestMediumOfThisMachine(t *testing.T) {
	r, err := erase.Medium(t.TempDir())
	if err != nil || r.FS == "" || len(r.Faults) == 0 {
		t.Errorf("%+v %v", r, err)
	}
	if _, err := erase.Medium(filepath.Join(t.TempDir(), "nothing")); err == nil {
		t.Error("a directory that is not there has a medium")
	}
}
