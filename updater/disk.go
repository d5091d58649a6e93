package updater

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Disk is every change that is made on disk, so that tests can stop before each of them.
type Disk interface {
	// Open opens a file to be written; flag is os.O_CREATE, with os.O_TRUNC or os.O_EXCL, or 0.
	Open(name string, flag int, mode fs.FileMode) (File, error)
	Rename(from, to string) error
	Remove(name string) error
	SyncDir(dir string) error
}

// File is a file that is written.
type File interface {
	io.Writer
	io.WriterAt
	io.Closer
	Chmod(mode fs.FileMode) error
	Truncate(size int64) error
	Sync() error
}

// Machine is the computer's own disk.
type Machine struct{}

// Open implements Disk. It follows no link at the name itself.
func (Machine) Open(name string, flag int, mode fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|syscall.O_NOFOLLOW|flag, mode)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Rename implements Disk.
func (Machine) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements Disk.
func (Machine) Remove(name string) error { return os.Remove(name) }

// SyncDir implements Disk: without it a name may be gone after a power cut.
func (Machine) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// write makes a file of what comes out of r, synced; the one before is gone from the first
// byte on. The mode is that of the file whatever the process's mask is.
func write(disk Disk, path string, r io.Reader, mode fs.FileMode) (err error) {
	f, err := disk.Open(path, os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	defer func() { err = noRoom(errors.Join(err, f.Close())) }()
	if _, err := io.Copy(struct{ io.Writer }{f}, r); err != nil {
		return err
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	return f.Sync()
}

// replace gives a file new content: after a crash it has the old or the new.
func replace(disk Disk, path string, text []byte, mode fs.FileMode) error {
	next := path + ".new"
	if err := write(disk, next, bytes.NewReader(text), mode); err != nil {
		return err
	}
	if err := disk.Rename(next, path); err != nil {
		return err
	}
	return disk.SyncDir(filepath.Dir(path))
}

// remove takes a file away that may be gone already.
func remove(disk Disk, path string) error {
	if err := disk.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// noRoom says NoRoom of a disk that is full, beside the cause.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return errors.Join(NoRoom, err)
	}
	return err
}

// open opens a regular file to be read, which may be somebody else's: no link, no pipe.
func open(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%s is no file", path), err, f.Close())
	}
	return f, nil
}

// readBounded reads a small file.
func readBounded(path string, most int64) ([]byte, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s is larger than %d bytes", path, most)
	}
	return text, err
}
