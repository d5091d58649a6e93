package target

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// tree walks the files below a directory whose names begin with prefix, in order of the
// names, those that are half written too. It asks for one directory after another, and for
// none in which there can be nothing. What is neither file nor directory is passed by, a
// link above all: it would lead out.
type tree struct {
	prefix string
	read   func(dir string) ([]fs.DirEntry, error) // "" is the target's own
	yield  func(Object) bool
}

// errEnough ends a walk.
var errEnough = errors.New("enough")

// walk begins in the directory that the prefix names.
func (t tree) walk() error {
	dir := ""
	if i := strings.LastIndexByte(t.prefix, '/'); i >= 0 {
		dir = t.prefix[:i]
		if !fs.ValidPath(dir) {
			return nil // nothing has such a name
		}
	}
	err := t.dir(dir)
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (t tree) dir(dir string) error {
	list, err := t.read(dir)
	if errors.Is(err, fs.ErrNotExist) && dir != "" {
		return nil // removed meanwhile, or never there
	}
	if err != nil {
		return err
	}
	// A directory stands where the names in it do: "a.txt" is before "a/b".
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(sorted(a), sorted(b)) })
	for _, e := range list {
		if err := t.entry(path.Join(dir, e.Name()), e); err != nil {
			return err
		}
	}
	return nil
}

func sorted(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

func (t tree) entry(name string, e fs.DirEntry) error {
	if e.IsDir() {
		if !strings.HasPrefix(name+"/", t.prefix) && !strings.HasPrefix(t.prefix, name+"/") {
			return nil
		}
		return t.dir(name)
	}
	if !e.Type().IsRegular() || !strings.HasPrefix(name, t.prefix) {
		return nil
	}
	st, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // removed meanwhile
	}
	if err != nil {
		return err
	}
	if !t.yield(Object{Name: name, Size: st.Size(), At: st.ModTime()}) {
		return errEnough
	}
	return nil
}

// halves returns which files were left half written before a time.
func halves(before time.Time, walk func(prefix string, yield func(Object) bool) error) (names []string, err error) {
	err = walk("", func(o Object) bool {
		if isPartial(o.Name) && o.At.Before(before) {
			names = append(names, o.Name)
		}
		return true
	})
	return names, err
}
