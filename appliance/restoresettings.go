package appliance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sigill/appliance/config"
	"sigill/backup"
)

// broughtSettings is the configuration file that a backup has, and where it goes.
type broughtSettings struct {
	file    string // where one belongs; "": nobody wants it
	text    []byte // nil: the backup has none
	at      string // where it was put; "" if that very file is there
	keys    string // whose directory says whose the file is
	lacking []string
	unread  error // why this program cannot read it
}

// settings reads the configuration file of a backup. Where the machine has none, that one
// says where everything goes, as it did on the machine before.
func (o Restoring) settings(ctx context.Context, in backup.Restoring, p *Places) (*broughtSettings, error) {
	back := &broughtSettings{file: o.File, keys: p.Keys}
	if o.File == "" {
		return back, nil
	}
	var err error
	if back.text, err = backup.ReadSettings(ctx, in); err != nil || back.text == nil {
		return back, err
	}
	f, err := config.Read(back.text, Languages()...)
	if err != nil {
		back.unread = err
		return back, nil
	}
	for _, path := range f.Files() {
		if !exists(path) {
			back.lacking = append(back.lacking, path)
		}
	}
	if !config.Vacant(o.File) {
		return back, nil
	}
	there := PlacesOf(f)
	for _, dir := range []string{there.Data, there.Keys} {
		if err := makeAs(dir, p.Keys); err != nil {
			return back, err
		}
	}
	*p, back.keys = there, there.Keys
	return back, nil
}

// makeAs makes a directory if it is not there, for whose another is, if that is there.
func makeAs(dir, other string) error {
	if exists(dir) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("make the directory %s: %w", dir, err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("make the directory: %w", err)
	}
	if !exists(other) {
		return nil
	}
	return givenAs(dir, other)
}

// put writes it: once the store and the key are there, and before anybody can start with them.
func (b *broughtSettings) put() (err error) {
	if b.text == nil {
		return nil
	}
	if b.at, err = config.PutBack(b.file, b.text); err != nil || b.at == "" {
		return err
	}
	err = givenAs(b.at, b.keys)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// say tells what came of it.
func (b *broughtSettings) say(w io.Writer) {
	switch {
	case b.file == "":
		return
	case b.text == nil:
		fmt.Fprintf(w, "The backup has no configuration file. Fill one in at %s before you start.\n", b.file)
		return
	case b.at == "":
		fmt.Fprintf(w, "The configuration file %s is that of the backup.\n", b.file)
	case b.at == b.file:
		fmt.Fprintf(w, "The configuration file was put back to %s.\n", b.at)
	default:
		fmt.Fprintf(w, "There is a configuration file already. That of the backup lies beside it, at %s.\n", b.at)
	}
	if b.unread != nil {
		fmt.Fprintf(w, "This program does not understand that of the backup: %v.\n", b.unread)
	}
	if len(b.lacking) > 0 {
		fmt.Fprint(w, "Files that it names and that are not here. No backup has them, for they hold secrets:\n")
	}
	for _, path := range b.lacking {
		fmt.Fprintf(w, "  %s\n", path)
	}
}
