package vault_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"sigill/appliance/erase"
)

var errStopped = errors.New("the machine has stopped")

// badDisk is a disk that fails at one step, or stops there for good and forgets
// all that was not synced, as a power cut does.
type badDisk struct {
	erase.Machine
	mu      sync.Mutex
	steps   int
	stopAt  int  // 0: never
	halves  bool // the write at which it stops is done by half
	stopped bool
	log     []*change
	stash   string

	failSync string // syncs of files whose name holds this fail once with EIO
	failed   int
}

// change is something that is not yet on the disk.
type change struct {
	name string // of the file for its bytes, of the directory for its names
	safe bool
	undo func()
}

func (d *badDisk) step() error {
	if d.stopped {
		return errStopped
	}
	if d.steps++; d.steps == d.stopAt {
		d.stopped = true
		return errStopped
	}
	return nil
}

func (d *badDisk) note(name string, undo func()) {
	d.log = append(d.log, &change{name: name, undo: undo})
}

func (d *badDisk) safe(name string) {
	for _, c := range d.log {
		if c.name == name {
			c.safe = true
		}
	}
}

// forget undoes what was not synced, the last first.
func (d *badDisk) forget() {
	for i := len(d.log) - 1; i >= 0; i-- {
		if !d.log[i].safe {
			d.log[i].undo()
		}
	}
}

func (d *badDisk) Open(name string, flag int, mode fs.FileMode) (erase.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return nil, err
	}
	_, before := os.Lstat(name)
	f, err := os.OpenFile(name, flag, mode)
	if err != nil {
		return nil, err
	}
	if before != nil {
		d.note(filepath.Dir(name), func() { os.Remove(name) })
	}
	own, err := os.OpenFile(name, os.O_RDWR, 0) // outlives names and the store's handle
	if err != nil {
		return nil, err
	}
	return &badFile{f, own, d}, nil
}

func (d *badDisk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return err
	}
	d.note(filepath.Dir(from), func() { os.Rename(to, from) })
	return os.Rename(from, to)
}

func (d *badDisk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return err
	}
	kept := filepath.Join(d.stash, filepath.Base(name))
	if err := os.Link(name, kept); err != nil {
		return err
	}
	d.note(filepath.Dir(name), func() { os.Link(kept, name) })
	return os.Remove(name)
}

func (d *badDisk) SyncDir(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return err
	}
	if err := d.mayFail(dir); err != nil {
		return err
	}
	d.safe(dir)
	return nil
}

func (d *badDisk) mayFail(name string) error {
	if d.failSync == "" || !strings.Contains(name, d.failSync) {
		return nil
	}
	d.failed++
	return &os.PathError{Op: "fdatasync", Path: name, Err: syscall.EIO}
}

type badFile struct {
	*os.File
	own *os.File
	d   *badDisk
}

func (f *badFile) Size() (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

func (f *badFile) Write(b []byte) (int, error) {
	at, err := f.Size() // only new files are written so
	if err != nil {
		return 0, err
	}
	if n, err := f.WriteAt(b, at); err != nil {
		return n, err
	}
	return len(b), nil
}

func (f *badFile) WriteAt(b []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.stopped {
		return 0, errStopped
	}
	size, err := f.Size()
	if err != nil {
		return 0, err
	}
	old := make([]byte, max(0, min(int64(len(b)), size-off)))
	if _, err := f.own.ReadAt(old, off); err != nil {
		return 0, err
	}
	f.d.note(f.Name(), func() { f.own.WriteAt(old, off); f.own.Truncate(size) })
	if err := f.d.step(); err != nil {
		if f.d.halves {
			f.own.WriteAt(b[:len(b)/2], off)
			f.d.log = f.d.log[:len(f.d.log)-1] // and that half is on the disk
		}
		return 0, err
	}
	return f.File.WriteAt(b, off)
}

func (f *badFile) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.step(); err != nil {
		return err
	}
	if err := f.d.mayFail(f.Name()); err != nil {
		return err
	}
	f.d.safe(f.Name())
	return nil
}
