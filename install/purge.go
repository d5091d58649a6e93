package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"sigill/appliance/config"
	"sigill/appliance/erase"
)

// Purge erases what is kept: letters, keys, the configuration with its passwords. Each file
// is overwritten where it stands, keys before all others: broken off, what is left is
// ciphertext that nobody can open. It does nothing while an appliance has the store open.
// Stop the service before.
func (c *Computer) Purge(p Plan) error {
	data := config.Default().Data
	if err := c.within(data, c.alone); err != nil {
		return err
	}
	every := func(string) bool { return true }
	slots := func(name string) bool { return strings.HasSuffix(name, ".slots") || strings.HasSuffix(name, ".mirror") }
	if err := c.erase(config.Default().Keys, every); err != nil {
		return err
	}
	if err := c.erase(data, slots); err != nil {
		return err
	}
	for _, s := range kept(p) {
		if err := c.erase(s.Path, every); err != nil {
			return err
		}
		if err := c.within(s.Path, empty); err != nil {
			return fmt.Errorf("%s: %w", s.Path, err)
		}
	}
	return nil
}

// alone is an error if an appliance has the store of this directory open; see vault's lock.
func (c *Computer) alone(dir *os.Root) error {
	f, err := dir.Open("lock")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.New("an appliance is running here: stop it first")
	}
	return nil
}

// erase overwrites the files in a directory that which chooses by their name, and takes
// them away.
func (c *Computer) erase(path string, which func(name string) bool) error {
	return c.within(path, func(dir *os.Root) error {
		var list []string
		err := fs.WalkDir(dir.FS(), ".", func(name string, e fs.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() && which(e.Name()) {
				list = append(list, name)
			}
			return err
		})
		for _, name := range list {
			if err == nil {
				err = erase.Remove(disk{dir}, name)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}

// empty takes away what is left in a directory: others, and links.
func empty(dir *os.Root) error {
	list, err := fs.ReadDir(dir.FS(), ".")
	for _, e := range list {
		err = errors.Join(err, dir.RemoveAll(e.Name()))
	}
	return err
}

// disk is a directory as erase knows disks. No link leads out of it: the account of the
// service, whose directory it is, cannot make root overwrite a file elsewhere.
type disk struct{ *os.Root }

// Open opens name.
func (d disk) Open(name string, flag int, mode fs.FileMode) (erase.File, error) {
	f, err := d.OpenFile(name, flag|syscall.O_NOFOLLOW, mode)
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}

// SyncDir makes the names of a directory durable.
func (d disk) SyncDir(name string) error {
	f, err := d.Root.Open(path.Clean(name))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

type diskFile struct{ *os.File }

// Size is the length in bytes.
func (f diskFile) Size() (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}
