package target_test

import (
	"os"
	"path/filepath"
	"testing"

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
	t.Run("what a crash has left half written is gone when it is opened, and a link is not followed", func(t *testing.T) {
		dir, other := t.TempDir(), t.TempDir()
		left := filepath.Join(dir, "set.tar.age.partial")
		if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
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
		if _, err := os.Stat(left); !os.IsNotExist(err) {
			t.Errorf("%v", err)
		}
		if l := targettest.List(t, d, ""); len(l) != 0 {
			t.Errorf("%v", l)
		}
	})
	t.Run("a directory must be there", func(t *testing.T) {
		if _, err := target.OpenDir(filepath.Join(t.TempDir(), "no"), erase.Machine{}); err == nil {
			t.Error("it is opened")
		}
	})
}
