package install

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// Do carries a plan out and returns how each step stood before. A step that is not
// Missing or Differs is left alone. After an error the same call goes on where it stopped.
func (c *Computer) Do(p Plan) (done []Seen, err error) {
	services := false
	for i, s := range p {
		state, err := c.look(s)
		if err != nil {
			return done, err
		}
		if s.Backup {
			if err := c.foreign(s); err != nil {
				return done, fmt.Errorf("%s: %w", s.Path, err)
			}
		}
		if state == Missing || state == Differs {
			if err := c.do(p[:i+1], s); err != nil {
				return done, fmt.Errorf("%s: %w", s.Path, err)
			}
			services = services || strings.HasPrefix(s.Path, path.Dir(path.Dir(dropIn))) || path.Base(s.Path) == unitName || path.Base(s.Path) == updateName
		}
		done = append(done, Seen{s, state})
	}
	if services && c.live() {
		return done, c.run("systemctl", "daemon-reload")
	}
	return done, nil
}

// do makes one thing; before are the steps up to it.
func (c *Computer) do(before Plan, s Step) error {
	switch s.Kind {
	case Account:
		return c.makeAccount(before)
	case Directory:
		if err := c.parents(s.Path); err != nil {
			return err
		}
		if err := c.root.Mkdir(below(s.Path), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		return c.own(below(s.Path), s)
	case Link:
		if err := c.parents(s.Path); err != nil {
			return err
		}
		if err := c.root.Remove(below(s.Path)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return c.root.Symlink(s.To, below(s.Path))
	}
	return c.write(s)
}

// makeAccount lets systemd-sysusers make what the file before says; see sysusers.d(5).
func (c *Computer) makeAccount(before Plan) error {
	return c.run("systemd-sysusers", "--root="+c.dir, path.Base(before[len(before)-2].Path))
}

// parents makes the directories above a path, for everybody to read, as those of the system are.
func (c *Computer) parents(p string) error {
	dir := below(path.Dir(p))
	if _, err := c.root.Stat(dir); err == nil || dir == "" {
		return nil
	}
	if err := c.parents("/" + dir); err != nil {
		return err
	}
	if err := c.root.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return c.root.Chmod(dir, 0o755) // whatever the umask is
}

// own sets owner and mode, the owner first: changing it may take bits of the mode away.
func (c *Computer) own(name string, s Step) error {
	if c.staged {
		return c.root.Chmod(name, s.Mode)
	}
	uid, gid, err := c.ids(s.Owner, s.Group)
	if err != nil {
		return err
	}
	if err := c.root.Chown(name, uid, gid); err != nil {
		return err
	}
	return c.root.Chmod(name, s.Mode)
}

// write puts a file in the place of another at once: a computer that loses its power has
// the old one or the new one.
func (c *Computer) write(s Step) (err error) {
	if err := c.parents(s.Path); err != nil {
		return err
	}
	content, err := c.open(s)
	if err != nil {
		return err
	}
	defer content.Close()
	name := below(path.Join(path.Dir(s.Path), ".sigill-"+rand.Text()))
	f, err := c.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			c.root.Remove(name)
		}
	}()
	_, err = io.Copy(f, content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := c.own(name, s); err != nil {
		return err
	}
	if err := c.root.Rename(name, below(s.Path)); err != nil {
		return err
	}
	dir, err := c.root.Open(below(path.Dir(s.Path)))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
