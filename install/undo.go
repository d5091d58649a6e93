package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"syscall"
)

// Undone is a step and what came of its removal.
type Undone struct {
	Step
	Gone bool
	Left string // why it stays, if it does
}

// Undo takes back what a plan has made, the last first; stop comes before it. What somebody
// has filled in or filled stays: a configuration that was changed, directories with
// something in them, and the account that owns them. So does what a package brings: dpkg
// takes that away.
func (c *Computer) Undo(p Plan) (done []Undone, err error) {
	for _, s := range slices.Backward(p) {
		if s.Kind == Account {
			continue // the last of all: others may be its own
		}
		u, err := c.undo(s)
		if err != nil {
			return done, fmt.Errorf("%s: %w", s.Path, err)
		}
		done = append(done, u)
	}
	account, err := c.undoAccount(p)
	if err != nil {
		return done, err
	}
	if done = append(done, account); c.live() {
		return done, c.run("systemctl", "daemon-reload")
	}
	return done, nil
}

// would is what Undo would come to, after a purge if purged.
func (c *Computer) would(p Plan, purged bool) (list []Undone, err error) {
	gone := map[string]bool{}
	var account Undone
	for _, s := range slices.Backward(p) {
		if s.Kind == Account {
			account.Step = s
			continue
		}
		u, err := c.wouldUndo(s, gone, purged)
		switch {
		case errors.Is(err, fs.ErrPermission):
			u.Left = "only root sees it"
		case err != nil:
			return list, err
		}
		if gone[s.Path] = u.Gone; u.Left != "" && s.Kind == Directory && s.Kept {
			account.Left = s.Path + " may be its own"
		}
		list = append(list, u)
	}
	state, err := c.look(account.Step)
	account.Gone = state == Same && account.Left == ""
	return append(list, account), err
}

func (c *Computer) wouldUndo(s Step, gone map[string]bool, purged bool) (u Undone, err error) {
	u.Step = s
	state, err := c.look(s)
	switch {
	case err != nil || state == Missing:
		return u, err
	case s.Packaged:
		u.Left = byPackage
		return u, nil
	case purged && s.Kept && !s.Backup:
	case state == Changed:
		u.Left = changedHere
		return u, nil
	case s.Kind == Directory:
		dir, err := c.root.Open(below(s.Path))
		if err != nil {
			return u, err
		}
		defer dir.Close()
		names, err := dir.Readdirnames(-1)
		if err != nil {
			return u, err
		}
		if slices.ContainsFunc(names, func(n string) bool { return !gone[path.Join(s.Path, n)] }) {
			u.Left = notEmpty
			return u, nil
		}
	}
	u.Gone = true
	return u, nil
}

// Why something stays.
const (
	byPackage   = "it goes with the package: apt remove sigill"
	changedHere = "it was changed here"
	notEmpty    = "there is something in it"
)

// stop stops the service, where this computer has it.
func (c *Computer) stop(p Plan) error {
	i := slices.IndexFunc(p, func(s Step) bool { return s.Kind == File && path.Base(s.Path) == unitName })
	state, err := c.look(p[i])
	if err != nil || state == Missing || !c.live() {
		return err
	}
	return c.run("systemctl", "stop", unitName)
}

func (c *Computer) undo(s Step) (Undone, error) {
	state, err := c.look(s)
	u := Undone{Step: s}
	switch {
	case err != nil || state == Missing:
		return u, err
	case state == Changed:
		u.Left = changedHere
		return u, nil
	case s.Packaged:
		u.Left = byPackage
		return u, nil
	}
	err = c.root.Remove(below(s.Path))
	if s.Kind == Directory && errors.Is(err, syscall.ENOTEMPTY) {
		u.Left = notEmpty
		return u, nil
	}
	u.Gone = err == nil
	return u, err
}

// undoAccount takes the account away, unless something stays that could be its own: whoever
// got its number later would own that.
func (c *Computer) undoAccount(p Plan) (u Undone, err error) {
	u.Step = p[slices.IndexFunc(p, func(s Step) bool { return s.Kind == Account })]
	for _, s := range p {
		if s.Kind != Directory || !s.Kept {
			continue
		}
		if _, err := c.root.Lstat(below(s.Path)); err == nil {
			u.Left = s.Path + " may be its own"
			return u, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return u, err
		}
	}
	if state, err := c.look(u.Step); err != nil || state == Missing {
		return u, err
	}
	if err := c.run("userdel", "--prefix", c.dir, u.Path); err != nil {
		return u, err
	}
	u.Gone = true
	return u, nil
}

// Burden is what a purge would erase.
type Burden struct {
	Directories []string
	Files       int
	Bytes       int64
}

// kept are the directories of a plan that a purge empties and that are no others' parts.
func kept(p Plan) (list []Step) {
	for _, s := range p {
		if s.Kind == Directory && s.Kept && !s.Backup && !slices.ContainsFunc(list, func(o Step) bool { return path.Dir(s.Path) == o.Path }) {
			list = append(list, s)
		}
	}
	return list
}

// Weigh says what Purge would erase.
func (c *Computer) Weigh(p Plan) (b Burden, err error) {
	for _, s := range kept(p) {
		err := c.within(s.Path, func(dir *os.Root) error {
			b.Directories = append(b.Directories, s.Path)
			return fs.WalkDir(dir.FS(), ".", func(_ string, e fs.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return err
				}
				info, err := e.Info()
				if err != nil {
					return err
				}
				b.Files, b.Bytes = b.Files+1, b.Bytes+info.Size()
				return nil
			})
		})
		if err != nil {
			return b, err
		}
	}
	return b, nil
}

// within does something in a directory, out of which no link leads. One that is not there is
// no error.
func (c *Computer) within(path string, do func(dir *os.Root) error) error {
	dir, err := c.root.OpenRoot(below(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(do(dir), dir.Close())
}
