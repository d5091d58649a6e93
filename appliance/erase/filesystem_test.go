package erase

import (
	"path/filepath"
	"testing"
)

func TestFileSystemOf(t *testing.T) {
	dir := t.TempDir()
	d, err := FileSystemOf(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("there is no more free than there is", func(t *testing.T) {
		if d.All <= 0 || d.Free < 0 || d.Free > d.All {
			t.Errorf("%d of %d bytes are free", d.Free, d.All)
		}
	})
	t.Run("it has the name that the report of its medium has", func(t *testing.T) {
		r, err := Medium(dir)
		if err != nil || d.Name() != r.FS {
			t.Errorf("%q, not %q; %v", d.Name(), r.FS, err)
		}
		if name := (FileSystem{Magic: 0x1234}).Name(); name != "0x1234" {
			t.Errorf("one without a name is %q", name)
		}
	})
	t.Run("a directory that is not there has none", func(t *testing.T) {
		if _, err := FileSystemOf(filepath.Join(dir, "none")); err == nil {
			t.Error("it was asked")
		}
	})
}
