package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sigill/appliance/erase"
)

// partial is what names of objects that are being written end in. What a crash leaves of
// them is removed by the next Put of the same name, or by Sweep.
const partial = ".partial"

// Dir is a target in a directory: another disk, or one that a file server lends.
type Dir struct {
	disk erase.Disk
	path string
}

// OpenDir returns the target in a directory, which must be there.
func OpenDir(path string, disk erase.Disk) (*Dir, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("backup directory: %w", err)
	}
	if !st.IsDir() {
		return nil, fmt.Errorf("backup directory: %s is none", path)
	}
	return &Dir{disk: disk, path: path}, nil
}

// Sweep removes what was half written before a time: by a crash, or somebody else who has
// stopped since.
func (d *Dir) Sweep(ctx context.Context, before time.Time) error {
	for o, err := range d.walk("") {
		if err != nil {
			return err
		}
		if strings.HasSuffix(o.Name, partial) && o.At.Before(before) {
			if err := d.Remove(ctx, o.Name, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// Put writes under another name, makes that durable, and renames.
func (d *Dir) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	path, err := d.at(name)
	if err != nil {
		return err
	}
	if err := d.makeDirs(filepath.Dir(path)); err != nil {
		return err
	}
	half := path + partial
	if err := d.disk.Remove(half); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := d.fill(ctx, half, write); err != nil {
		return errors.Join(err, d.disk.Remove(half))
	}
	if err := d.disk.Rename(half, path); err != nil {
		return errors.Join(err, d.disk.Remove(half))
	}
	return d.disk.SyncDir(filepath.Dir(path))
}

func (d *Dir) fill(ctx context.Context, path string, write func(io.Writer) error) (err error) {
	f, err := d.disk.Open(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := write(until{ctx, f}); err != nil {
		return err
	}
	return f.Sync()
}

// until is a writer that fails when ctx has ended.
type until struct {
	ctx context.Context
	w   io.Writer
}

func (u until) Write(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.w.Write(b)
}

// makeDirs makes a directory below the target's own, and those above it, each durable
// before what is in it.
func (d *Dir) makeDirs(path string) error {
	if path == d.path {
		return nil
	}
	if err := d.makeDirs(filepath.Dir(path)); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	return d.disk.SyncDir(filepath.Dir(path))
}

// Get opens an object.
func (d *Dir) Get(_ context.Context, name string) (io.ReadCloser, error) {
	path, err := d.at(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", name, ErrAbsent)
	}
	return f, err
}

// List returns the objects, without those that are half written.
func (d *Dir) List(_ context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for o, err := range d.walk(prefix) {
			if strings.HasSuffix(o.Name, partial) {
				continue
			}
			if !yield(o, err) {
				return
			}
		}
	}
}

// errEnough ends a walk.
var errEnough = errors.New("enough")

func (d *Dir) walk(prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		err := filepath.WalkDir(d.path, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(d.path, path)
			if err != nil {
				return err
			}
			name := filepath.ToSlash(rel)
			if e.IsDir() {
				if name != "." && !strings.HasPrefix(name+"/", prefix) && !strings.HasPrefix(prefix, name+"/") {
					return fs.SkipDir
				}
				return nil
			}
			if !e.Type().IsRegular() || !strings.HasPrefix(name, prefix) {
				return nil
			}
			st, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil // removed meanwhile
			}
			if err != nil {
				return err
			}
			if !yield(Object{Name: name, Size: st.Size(), At: st.ModTime()}, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(Object{}, fmt.Errorf("list backups: %w", err))
		}
	}
}

// Remove takes an object away.
func (d *Dir) Remove(_ context.Context, name string, overwrite bool) error {
	path, err := d.at(name)
	if err != nil {
		return err
	}
	if overwrite {
		return erase.Remove(d.disk, path)
	}
	if err := d.disk.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return d.disk.SyncDir(filepath.Dir(path))
}

// Close does nothing: no file is kept open.
func (d *Dir) Close() error { return nil }

// at is where an object stands. A name that leads out of the directory is refused.
func (d *Dir) at(name string) (string, error) {
	if !fs.ValidPath(name) || name == "." {
		return "", fmt.Errorf("%q is no name of an object", name)
	}
	return filepath.Join(d.path, filepath.FromSlash(name)), nil
}
