package target

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"sigill/appliance/erase"
	"sigill/appliance/owner"
)

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
	left, err := halves(before, d.walk)
	for _, name := range left {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := erase.Remove(d.disk, filepath.Join(d.path, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return err
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
	if err := d.giveOver(path); err != nil {
		return err
	}
	if err := write(until{ctx, f}); err != nil {
		return err
	}
	return f.Sync()
}

// giveOver makes what root has made here the directory's owner's: else the service, which is
// not root, could not write on where somebody has tried the place by hand.
func (d *Dir) giveOver(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	o, err := owner.Of(d.path)
	if err != nil {
		return err
	}
	below, err := filepath.Rel(d.path, path)
	if err != nil {
		return err
	}
	return o.Gets(d.path, below)
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
	if err := d.giveOver(path); err != nil {
		return err
	}
	return d.disk.SyncDir(filepath.Dir(path))
}

// Get opens an object. Reading it fails when ctx has ended.
func (d *Dir) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	path, err := d.at(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", name, ErrAbsent)
	}
	if err != nil {
		return nil, err
	}
	return &reading{ctx, f}, nil
}

// List returns the objects, without those that are half written.
func (d *Dir) List(_ context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		err := d.walk(prefix, func(o Object) bool { return isPartial(o.Name) || yield(o, nil) })
		if err != nil {
			yield(Object{}, err)
		}
	}
}

func (d *Dir) walk(prefix string, yield func(Object) bool) error {
	err := tree{prefix: prefix, yield: yield, read: func(dir string) ([]fs.DirEntry, error) {
		return os.ReadDir(filepath.Join(d.path, filepath.FromSlash(dir)))
	}}.walk()
	if err != nil {
		return fmt.Errorf("list backups: %w", err)
	}
	return nil
}

// Remove takes an object away.
func (d *Dir) Remove(_ context.Context, name string, overwrite bool) error {
	path, err := d.at(name)
	if err != nil {
		return err
	}
	if overwrite {
		if err := erase.Remove(d.disk, path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if err := d.disk.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := d.disk.SyncDir(filepath.Dir(path)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil // there is no such directory
}

// Close does nothing: no file is kept open.
func (d *Dir) Close() error { return nil }

// at is where an object stands. A name that leads out of the directory is refused.
func (d *Dir) at(name string) (string, error) {
	if err := named(name); err != nil {
		return "", err
	}
	return filepath.Join(d.path, filepath.FromSlash(name)), nil
}
