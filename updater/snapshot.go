package updater

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Data is what a new program may change while it is tried, and how it is held.
type Data struct {
	Dir    string
	Copied []string // names of files whose bytes are copied before, and back again
	Made   []string // names of files that only help to open those, and are removed on the way back
	// Hold keeps every other process away from Dir until it is closed.
	Hold func() (io.Closer, error)
	// Erase overwrites a file and removes it.
	Erase func(path string) error
}

// Copied is one file of a snapshot.
type Copied struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Sum  string `json:"sum"`
}

func (s *Service) copyOf(name string) string { return s.path("snapshot-" + name) }

// snapshot copies the data, which nobody has open. Files that are not there are left out.
func (s *Service) snapshot() (all []Copied, err error) {
	held, err := s.Data.Hold()
	if err != nil {
		return nil, err
	}
	defer held.Close()
	for _, name := range s.Data.Copied {
		f, err := open(filepath.Join(s.Data.Dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		err = errors.Join(write(s.Disk, s.copyOf(name), f, 0o600), f.Close())
		if err != nil {
			return nil, err
		}
		c := Copied{Name: name}
		if c.Sum, err = SumOf(s.copyOf(name)); err != nil {
			return nil, err
		}
		st, err := os.Stat(s.copyOf(name))
		if err != nil {
			return nil, err
		}
		c.Size = st.Size()
		all = append(all, c)
	}
	return all, s.Disk.SyncDir(s.Dir)
}

// restore copies a snapshot back, in place: what the trial has written there is overwritten,
// and no block of it is given free. It may be repeated from the beginning as long as the
// snapshot is there.
func (s *Service) restore(all []Copied) error {
	held, err := s.Data.Hold()
	if err != nil {
		return err
	}
	defer held.Close()
	for _, c := range all { // before the first byte is written
		if sum, err := SumOf(s.copyOf(c.Name)); err != nil || sum != c.Sum {
			return errors.Join(fmt.Errorf("the snapshot of %s is not as it was made; restore a backup", c.Name), err)
		}
	}
	for _, c := range all {
		if err := s.copyBack(c); err != nil {
			return fmt.Errorf("copy %s back: %w", c.Name, err)
		}
	}
	for _, name := range s.Data.Made {
		if err := remove(s.Disk, filepath.Join(s.Data.Dir, name)); err != nil {
			return err
		}
	}
	return s.Disk.SyncDir(s.Data.Dir)
}

// copyBack writes one file over what stands there. What is longer now is overwritten with
// zeros before it is cut off: a rest of the database's log would else be read on from where
// the copy ends.
func (s *Service) copyBack(c Copied) (err error) {
	from, err := open(s.copyOf(c.Name))
	if err != nil {
		return err
	}
	defer from.Close()
	path := filepath.Join(s.Data.Dir, c.Name)
	f, err := s.Disk.Open(path, os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(struct{ io.Writer }{f}, from); err != nil {
		return err
	}
	zeros := make([]byte, 1<<20)
	for at := c.Size; at < st.Size(); at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(int64(len(zeros)), st.Size()-at)], at); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if st.Size() > c.Size {
		if err := f.Truncate(c.Size); err != nil {
			return err
		}
	}
	return f.Sync()
}

// drop erases the snapshot, and takes away what else an update has laid down.
func (s *Service) drop() error {
	for _, name := range s.Data.Copied {
		if _, err := os.Lstat(s.copyOf(name)); err == nil {
			if err := s.Data.Erase(s.copyOf(name)); err != nil {
				return err
			}
		}
	}
	for _, name := range []string{nameTrial, nameBundle, nameBundle + ".part"} {
		if err := remove(s.Disk, s.path(name)); err != nil {
			return err
		}
	}
	return s.Disk.SyncDir(s.Dir)
}
