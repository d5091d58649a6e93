package vault

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"

	"sigill/appliance/erase"
	"sigill/appliance/mail"
)

// The ballast is 5 % of the file system, within these bounds in bytes. It is for
// rows, and a row is small.
const (
	minBallast = 1 << 20
	maxBallast = 16 << 20
)

// ballast is DATA/reserve: room that is taken while there is plenty, and given up
// when the disk is full. What is in it is zeros. On a full disk people must still
// be able to sign in, tries must be counted, and what is due must end; ending is
// what makes room. So once it is given up, the store takes no new content until
// there is room to take it back.
type ballast struct {
	path string
	size int64
	mu   sync.Mutex  // one change of the file at a time
	gone atomic.Bool // given up
}

// openBallast takes the room, or finds that there is none.
func openBallast(path string) (*ballast, error) {
	b := &ballast{path: path}
	disk, err := b.disk()
	if err != nil {
		return nil, err
	}
	b.size = min(max(disk.All/20, minBallast), maxBallast)
	b.gone.Store(true)
	st, err := os.Stat(path)
	if err == nil && st.Size() == b.size && disk.Free > b.size/4 {
		b.gone.Store(false)
		return b, nil
	}
	// Of another size, half made, or the disk is so full that starting takes its room.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	b.restore()
	return b, nil
}

func (b *ballast) disk() (erase.FileSystem, error) { return erase.FileSystemOf(filepath.Dir(b.path)) }

// release gives the room up. It reports whether there was any to give.
func (b *ballast) release() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.gone.CompareAndSwap(false, true) {
		return false
	}
	_ = os.Remove(b.path) // what stays now the next start takes for whole, and it is
	return true
}

// restore takes the room back if there is twice as much, so that it does not go to
// and fro. It reports whether it has it.
func (b *ballast) restore() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.gone.Load() {
		return true
	}
	disk, err := b.disk()
	if err != nil || disk.Free < 2*b.size {
		return false
	}
	if err := b.take(); err != nil {
		_ = os.Remove(b.path)
		return false
	}
	b.gone.Store(false)
	return true
}

func (b *ballast) take() error {
	f, err := os.OpenFile(b.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	err = syscall.Fallocate(int(f.Fd()), 0, 0, b.size)
	if errors.Is(err, syscall.EOPNOTSUPP) {
		err = b.write(f)
	}
	return errors.Join(err, f.Close())
}

// write takes the room on a file system that cannot set it aside.
func (b *ballast) write(f *os.File) error {
	zeros := make([]byte, 1<<16)
	for at := int64(0); at < b.size; at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(int64(len(zeros)), b.size-at)], at); err != nil {
			return err
		}
	}
	return f.Sync()
}

// content refuses new content while the ballast is given up.
func (db *DB) content() error {
	if !db.ballast.gone.Load() {
		return nil
	}
	return mail.E(mail.Again, "error.again", errors.New("the disk is full; what is left is for signing in and for erasing"))
}

// lighten gives the ballast up after an error that said that the disk is full.
func (db *DB) lighten() {
	if db.ballast.release() {
		db.cfg.Log.Error("the disk is full: no new content until there is room", "part", "vault")
	}
}

// ballasted takes the ballast back when there is room. It is called every second.
func (db *DB) ballasted() {
	if db.ballast.gone.Load() && db.ballast.restore() {
		db.cfg.Log.Warn("there is room on the disk again", "part", "vault")
	}
}
