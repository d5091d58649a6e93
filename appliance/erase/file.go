package erase

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// chunk is how much is overwritten with one call, in bytes.
const chunk = 1 << 20

// Remove overwrites the file at path where it stands, makes that durable, and
// only then takes its name away. A file that is not there is no error: it was
// erased before. Other errors are those of the disk; the same call again goes on
// where it stopped.
func Remove(disk Disk, path string) error {
	err := overwrite(disk, path)
	dir := filepath.Dir(path)
	if errors.Is(err, fs.ErrNotExist) {
		// A former call may have taken the name away and failed before the directory
		// was on disk.
		return syncDir(disk, dir)
	}
	if err != nil {
		return err
	}
	// The new name has nothing of the old one: directories keep the bytes of names
	// that are gone.
	gone := filepath.Join(dir, "gone-"+rand.Text())
	if err := disk.Rename(path, gone); err != nil {
		return fmt.Errorf("rename before unlinking: %w", err)
	}
	if err := disk.Remove(gone); err != nil {
		return fmt.Errorf("unlink: %w", err)
	}
	return syncDir(disk, dir)
}

// Zero writes n zero bytes at off of an open file. It does not wait for the disk:
// who erases several places calls Sync once.
func Zero(f File, off, n int64) error {
	zeros := make([]byte, min(n, chunk))
	for n > 0 {
		k, err := f.WriteAt(zeros[:min(n, int64(len(zeros)))], off)
		if err != nil {
			return fmt.Errorf("overwrite: %w", err)
		}
		off, n = off+int64(k), n-int64(k)
	}
	return nil
}

func overwrite(disk Disk, path string) (err error) {
	// Not O_TRUNC: that frees the blocks with the old bytes in them.
	f, err := disk.Open(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("open to overwrite: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err := f.Size()
	if err != nil {
		return fmt.Errorf("size to overwrite: %w", err)
	}
	if err := Zero(f, 0, size); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync the overwriting: %w", err)
	}
	return nil
}

func syncDir(disk Disk, dir string) error {
	if err := disk.SyncDir(dir); err != nil {
		return fmt.Errorf("sync directory after unlinking: %w", err)
	}
	return nil
}
