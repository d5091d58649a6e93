package erase

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// Disk is the file system as erase and vault use it. It is a seam: tests put a
// disk beneath that fails, or stops, at a chosen step.
type Disk interface {
	// Open opens name with the flags and mode of os.OpenFile.
	Open(name string, flag int, mode fs.FileMode) (File, error)
	// Rename gives a file another name in the same directory.
	Rename(from, to string) error
	// Remove takes a name away.
	Remove(name string) error
	// SyncDir makes the names of a directory durable.
	SyncDir(dir string) error
}

// File is an open file of a Disk.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Writer
	io.Closer
	// Size is the length in bytes.
	Size() (int64, error)
	// Sync makes what was written durable. After an error nothing that was written
	// since the last good Sync may be relied on: Linux marks the pages clean.
	Sync() error
}

// Machine is the true disk.
type Machine struct{}

// Open opens name with the flags and mode of os.OpenFile.
func (Machine) Open(name string, flag int, mode fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, flag, mode)
	if err != nil {
		return nil, err
	}
	return machineFile{f}, nil
}

// Rename gives a file another name in the same directory.
func (Machine) Rename(from, to string) error { return os.Rename(from, to) }

// Remove takes a name away.
func (Machine) Remove(name string) error { return os.Remove(name) }

// SyncDir makes the names of a directory durable.
func (Machine) SyncDir(dir string) error {
	if !Durable {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

type machineFile struct{ *os.File }

// Size is the length in bytes.
func (f machineFile) Size() (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

// Sync is fdatasync: it writes the length where that changed, but no times.
func (f machineFile) Sync() error { return datasync(f.File) }
