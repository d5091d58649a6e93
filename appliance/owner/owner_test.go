package owner

import (
	"os"
	"path/filepath"
	"testing"
)

// TestOwner gives files away, which root alone may.
func TestOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "foreign")
	other := Owner{UID: 12345, GID: 23456}
	inside := filepath.Join(dir, "a", "b")
	for _, err := range []error{
		os.Mkdir(filepath.Join(dir, "a"), 0o700), os.WriteFile(inside, nil, 0o600), os.WriteFile(outside, nil, 0o600),
		os.Symlink(outside, filepath.Join(dir, "link")), os.Symlink(filepath.Dir(outside), filepath.Join(dir, "way")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	is := func(t *testing.T, path string, want Owner) {
		t.Helper()
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := In(info); got != want {
			t.Errorf("%s is of %v, not of %v", path, got, want)
		}
	}
	t.Run("a file below a directory is given, and what is beside it is not", func(t *testing.T) {
		if err := other.Gets(dir, "a/b"); err != nil {
			t.Fatal(err)
		}
		is(t, inside, other)
		is(t, filepath.Join(dir, "a"), Us())
	})
	t.Run("a link is given, and not where it leads", func(t *testing.T) {
		if err := other.Gets(dir, "link"); err != nil {
			t.Fatal(err)
		}
		is(t, filepath.Join(dir, "link"), other)
		is(t, outside, Us())
	})
	t.Run("nothing is given on a way that leads out", func(t *testing.T) {
		for _, path := range []string{"way/foreign", "../" + filepath.Base(filepath.Dir(outside)) + "/foreign", outside} {
			if err := other.Gets(dir, path); err == nil {
				t.Errorf("%s was given away", path)
			}
		}
		is(t, outside, Us())
	})
	t.Run("a directory is given with all below it, and with nothing outside", func(t *testing.T) {
		if err := other.GetsAll(dir); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{dir, filepath.Join(dir, "a"), inside, filepath.Join(dir, "link"), filepath.Join(dir, "way")} {
			is(t, path, other)
		}
		is(t, outside, Us())
		is(t, filepath.Dir(outside), Us())
	})
}
