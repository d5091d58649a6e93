package backup

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"sigill/appliance/erase"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// errSet says that something of a set, or of its chain, is damaged.
var errSet = errors.New("this set cannot be restored")

// placing puts entries of containers where they belong.
type placing struct {
	r     Restoring
	dir   string
	files map[string]erase.File // that grow or are written here and there
	done  *Restored
}

// The files that a restore makes, by where their entries stand in containers.
var placed = map[string][]string{
	"pages":       {"sigill.db"},
	"slots":       {"shred.slots", "shred.mirror"},
	"destroyed":   {"destroyed"},
	"checkpoints": {"checkpoints"},
}

func (p *placing) all(ctx context.Context, c *Catalogue, chain, copies []Stated) (err error) {
	if err := errors.Join(os.Mkdir(p.dir, 0o700), os.Mkdir(filepath.Join(p.dir, "blobs"), 0o700)); err != nil {
		return err
	}
	p.files = map[string]erase.File{}
	defer func() {
		for _, f := range p.files {
			err = errors.Join(err, f.Close())
		}
	}()
	newest := chain[len(chain)-1]
	list := append(append([]Stated{}, chain...), copies...)
	for _, name := range newest.Packs {
		list = append(list, c.Packs[name])
	}
	for _, s := range list {
		if err := p.container(ctx, s.Statement, placed); err != nil {
			if s.Series != Slots && errors.Is(err, errDamaged) {
				err = fmt.Errorf("%w: %w", errSet, err)
			}
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	// An older set than the newest: what ended since then must not come back with it.
	for _, s := range c.Sets {
		if s.Number <= newest.Number {
			continue
		}
		if err := p.container(ctx, s.Statement, map[string][]string{"destroyed": placed["destroyed"]}); err != nil {
			p.done.Passed = append(p.done.Passed, fmt.Errorf("the ledger of %s: %w", s.Name, err))
		}
	}
	if err := p.cut("sigill.db", int64(newest.Pages)*vault.PageSize); err != nil {
		return err
	}
	return p.sync()
}

// container reads one whole, holds it against its statement, and puts what is in it where it
// belongs, by the directory within the container.
func (p *placing) container(ctx context.Context, s Statement, where map[string][]string) (err error) {
	if p.r.Told != nil {
		p.r.Told(s)
	}
	// First its sum: what was changed is not even unpacked.
	if _, err := whole(ctx, p.r.Target, s); err != nil {
		return err
	}
	in, err := p.r.Target.Get(ctx, s.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	clear, err := keyring.OpenContainer(in, p.r.Key)
	if err != nil {
		return err
	}
	t := tar.NewReader(clear)
	for {
		head, err := t.Next()
		if errors.Is(err, io.EOF) {
			_, err := io.Copy(io.Discard, clear) // to the end: only there age has seen that nothing is cut off
			return err
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.entry(head, t, where); err != nil {
			return fmt.Errorf("%s: %w", head.Name, err)
		}
	}
}

func (p *placing) entry(head *tar.Header, content io.Reader, where map[string][]string) error {
	dir, name := path.Split(head.Name)
	switch dir = strings.TrimSuffix(dir, "/"); {
	case head.Typeflag != tar.TypeReg:
		return nil
	case strings.HasPrefix(dir, "blobs/"):
		return p.blob(name, content)
	case where[dir] == nil:
		return nil // not wanted, or what a later version writes as well
	}
	at, err := strconv.ParseInt(name, 10, 64)
	if err != nil || at < 0 {
		return errors.New("no number")
	}
	switch dir {
	case "pages":
		at = (at - 1) * vault.PageSize
	case "slots":
		at *= vault.PageSize
	}
	// The bound is that of the format, so that a wrong number makes no huge file.
	if at < 0 || at > 1<<44 || head.Size > tailEntry {
		return errors.New("out of bounds")
	}
	b, err := io.ReadAll(io.LimitReader(content, tailEntry+1))
	if err != nil {
		return err
	}
	if dir == "destroyed" {
		p.done.Ended += strings.Count(string(b), "\n")
	}
	for _, file := range where[dir] {
		f, err := p.file(file)
		if err != nil {
			return err
		}
		if _, err := f.WriteAt(b, at); err != nil {
			return err
		}
	}
	return nil
}

// blob writes a blob under its name. Those that no row needs any more the store erases when
// it is opened.
func (p *placing) blob(name string, content io.Reader) (err error) {
	id, err := mail.ParseID(name)
	if err != nil {
		return errors.New("no name of a blob")
	}
	dir := filepath.Join(p.dir, "blobs", fmt.Sprintf("%02x", id[0]))
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	f, err := p.r.Disk.Open(filepath.Join(dir, id.String()), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.Copy(f, content); err != nil {
		return err
	}
	p.done.Blobs++
	return f.Sync()
}

func (p *placing) file(name string) (erase.File, error) {
	if f := p.files[name]; f != nil {
		return f, nil
	}
	f, err := p.r.Disk.Open(filepath.Join(p.dir, name), os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		p.files[name] = f
	}
	return f, err
}

// cut makes a file as long as it was: a set of changes may have had fewer pages.
func (p *placing) cut(name string, size int64) error {
	f, err := p.file(name)
	if err != nil {
		return err
	}
	have, err := f.Size()
	if err != nil {
		return err
	}
	if have < size {
		return fmt.Errorf("the database has %d bytes, not %d", have, size)
	}
	return os.Truncate(filepath.Join(p.dir, name), size)
}

// sync makes all that was written durable, files first and then the names.
func (p *placing) sync() error {
	for _, f := range p.files {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	return filepath.WalkDir(p.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return p.r.Disk.SyncDir(path)
	})
}
