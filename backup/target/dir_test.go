package target_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"sigill/appliance/erase"
	"sigill/backup/target"
	"sigill/backup/target/targettest"
)

func TestDir(t *testing.T) {
	targettest.Suite(t, func(t testing.TB) target.Place {
		d, err := target.OpenDir(t.TempDir(), erase.Machine{})
		if err != nil {
			t.Fatal(err)
		}
		return d
	})
	t.Run("a link is not followed", func(t *testing.T) {
		dir, other := t.TempDir(), t.TempDir()
		if err := os.WriteFile(filepath.Join(other, "x"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(other, filepath.Join(dir, "pack")); err != nil {
			t.Fatal(err)
		}
		d, err := target.OpenDir(dir, erase.Machine{})
		if err != nil {
			t.Fatal(err)
		}
		if l := targettest.List(t, d, ""); len(l) != 0 {
			t.Errorf("%v", l)
		}
	})
	t.Run("what root makes is the owner's of the directory", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("only root can give files away")
		}
		dir := t.TempDir()
		if err := os.Chown(dir, 4711, 4712); err != nil {
			t.Fatal(err)
		}
		d, err := target.OpenDir(dir, erase.Machine{})
		if err != nil {
			t.Fatal(err)
		}
		if err := target.Try(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if err := d.Put(t.Context(), "blobs/aa/x", func(io.Writer) error { return nil }); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"try", "blobs", "blobs/aa", "blobs/aa/x"} {
			st, err := os.Lstat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if o := st.Sys().(*syscall.Stat_t); o.Uid != 4711 || o.Gid != 4712 {
				t.Errorf("%s is %d's", name, o.Uid)
			}
		}
	})
	t.Run("what a crash has left half written is swept away, when it is old", func(t *testing.T) {
		dir := t.TempDir()
		d, err := target.OpenDir(dir, erase.Machine{})
		if err != nil {
			t.Fatal(err)
		}
		sweeps(t, dir, d)
	})
	t.Run("a directory must be there", func(t *testing.T) {
		if _, err := target.OpenDir(filepath.Join(t.TempDir(), "no"), erase.Machine{}); err == nil {
			t.Error("it is opened")
		}
	})
}

// sweeps leaves something half written in a directory that is a target, and lets the target
// sweep.
func sweeps(t *testing.T, dir string, p interface {
	Sweep(ctx context.Context, before time.Time) error
}) {
	t.Helper()
	left, whole := filepath.Join(dir, "set", "1.tar.age.partial"), filepath.Join(dir, "set", "1.tar.age")
	if err := errors.Join(os.Mkdir(filepath.Dir(left), 0o700), os.WriteFile(left, []byte("half"), 0o600), os.WriteFile(whole, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(left)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		before time.Time
		stays  bool
	}{{st.ModTime().Add(-time.Second), true}, {st.ModTime().Add(2 * time.Second), false}} {
		if err := p.Sweep(t.Context(), c.before); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(left); os.IsNotExist(err) == c.stays {
			t.Errorf("%v: %v", c.stays, err)
		}
		if _, err := os.Stat(whole); err != nil {
			t.Error(err)
		}
	}
}
