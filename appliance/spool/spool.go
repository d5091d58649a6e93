// Package spool keeps mail that comes while the appliance is locked.
//
// It never holds a key that opens what it keeps, and never writes a byte of a mail in the
// clear. It decides nothing: who may send was the door's to ask, and what becomes of a mail is
// the desk's when the appliance is open again.
//
// On disk is DATA/spool, one age file a mail (FORMAT.md).
//
// What holds always: Put returns nil only when the mail is durable, and Erase only when it is
// overwritten. There is never less room on the disk for it than the store itself needs.
package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sigill/appliance/erase"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// Bounds of what is kept. Senders keep the rest themselves: they hear 4xx.
const (
	MaxMails = 20_000
	// spare is what stays free on the disk, in bytes: erasing and the start need room.
	spare = 256 << 20
)

const (
	whole  = ".age"
	unsure = ".new"
)

// Config is what a Spool needs.
type Config struct {
	Dir   string     // DATA/spool; it is made if it is not there
	Clock mail.Clock // must not be nil
	// Disk is the file system. Default: erase.Machine. Tests break its steps.
	Disk erase.Disk
	// Room says how many bytes are free. Default: what the file system says.
	Room func() (int64, error)
}

// Spool is DATA/spool.
type Spool struct {
	c    Config
	mu   sync.Mutex // one change at a time
	list []mail.ID  // in order
}

// Open reads which mails wait, and erases what a crash left half written.
func Open(c Config) (*Spool, error) {
	if c.Disk == nil {
		c.Disk = erase.Machine{}
	}
	if c.Room == nil {
		c.Room = func() (int64, error) {
			f, err := erase.FileSystemOf(c.Dir)
			return f.Free, err
		}
	}
	if err := os.Mkdir(c.Dir, 0o700); err == nil {
		if err := c.Disk.SyncDir(filepath.Dir(c.Dir)); err != nil {
			return nil, fmt.Errorf("open the spool: %w", err)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("open the spool: %w", err)
	}
	s := &Spool{c: c}
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("open the spool: %w", err)
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), whole)
		if id, err := mail.ParseID(name); ok && err == nil {
			s.list = append(s.list, id)
			continue
		}
		// Half a mail that nobody was answered for, or half an erasing.
		if err := erase.Remove(c.Disk, filepath.Join(c.Dir, e.Name())); err != nil {
			return nil, fmt.Errorf("clear the spool: %w", err)
		}
	}
	slices.SortFunc(s.list, mail.ID.Compare)
	return s, nil
}

// Waiting returns the mails that wait, the oldest first.
func (s *Spool) Waiting() []mail.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.list)
}

// Since is when the oldest of them came; the zero time if none waits.
func (s *Spool) Since() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) == 0 {
		return time.Time{}
	}
	return s.list[0].At()
}

// Put keeps a mail, sealed to a recipient of keyring's. Nil means that it is durable. The
// error is Again if it is not taken now: too many wait, or the disk has no room or fails.
func (s *Spool) Put(ctx context.Context, recipient string, m Mail) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) >= MaxMails {
		return again(errors.New("too many mails wait in the spool"))
	}
	switch free, err := s.c.Room(); {
	case err != nil:
		return again(err)
	case free-int64(len(m.Raw)) < spare:
		return again(errors.New("there is no room for the spool"))
	}
	id := mail.NewIDAt(s.c.Clock.Now())
	if err := s.write(id, recipient, m); err != nil {
		return again(errors.Join(fmt.Errorf("spool a mail: %w", err), s.drop(id)))
	}
	s.list = append(s.list, id)
	return nil
}

// Read opens a mail. It holds the whole of it in memory, as the door did.
func (s *Spool) Read(id mail.ID, app *keyring.App) (Mail, error) {
	f, err := s.c.Disk.Open(s.path(id, whole), os.O_RDONLY, 0)
	if err != nil {
		return Mail{}, fmt.Errorf("read the spool: %w", err)
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return Mail{}, fmt.Errorf("read the spool: %w", err)
	}
	clear, err := app.OpenSpooled(io.NewSectionReader(f, 0, size))
	if err != nil {
		return Mail{}, fmt.Errorf("open a mail of the spool: %w", err)
	}
	return decode(clear, size)
}

// Erase overwrites a mail where it stands and takes its name away. One that is not there is
// no error.
func (s *Spool) Erase(id mail.ID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := erase.Remove(s.c.Disk, s.path(id, whole)); err != nil {
		return fmt.Errorf("erase a mail of the spool: %w", err)
	}
	s.list = slices.DeleteFunc(s.list, func(other mail.ID) bool { return other == id })
	return nil
}

func (s *Spool) path(id mail.ID, ending string) string {
	return filepath.Join(s.c.Dir, id.String()+ending)
}

func (s *Spool) write(id mail.ID, recipient string, m Mail) (err error) {
	f, err := s.c.Disk.Open(s.path(id, unsure), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(seal(f, recipient, m), f.Close()); err != nil {
		return err
	}
	if err := s.c.Disk.Rename(s.path(id, unsure), s.path(id, whole)); err != nil {
		return err
	}
	return s.c.Disk.SyncDir(s.c.Dir)
}

func seal(f erase.File, recipient string, m Mail) error {
	w, err := keyring.SealSpooled(f, recipient)
	if err != nil {
		return err
	}
	if err := m.encode(w); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return f.Sync()
}

// drop takes back what was not answered for, under either name. Where even that fails, a mail
// whose sender was told to try again may come in twice, and none is lost.
func (s *Spool) drop(id mail.ID) error {
	return errors.Join(erase.Remove(s.c.Disk, s.path(id, unsure)), erase.Remove(s.c.Disk, s.path(id, whole)))
}

func again(err error) error { return mail.E(mail.Again, "error.again", err) }
