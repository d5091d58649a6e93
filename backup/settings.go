package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"sigill/appliance/keyring"
)

// settingsName is the entry of a set that has the configuration file (FORMAT.md, 2.3).
const settingsName = "settings/sigill.toml"

// maxSettings bounds a configuration file, in bytes: twice what the program reads of one.
const maxSettings = 128 << 10

// settings writes the configuration file, if there is one that can be read.
func (b *Backup) settings(c *container) error {
	if b.c.Settings == nil {
		return nil
	}
	text, err := b.c.Settings()
	if err == nil && len(text) > maxSettings {
		err = fmt.Errorf("it has more than %d bytes", maxSettings)
	}
	if err != nil {
		b.c.Log.Warn("a set is without the configuration file", "part", "backup", "err", err)
		return nil
	}
	if len(text) == 0 {
		return nil
	}
	return c.entry(settingsName, int64(len(text)), bytes.NewReader(text))
}

// ReadSettings returns the configuration file of the set that Restore would take, or of the
// newest before it that is whole: who restores needs it to know where to. It is empty if that
// set has none, for it was written by a program that kept none.
func ReadSettings(ctx context.Context, r Restoring) ([]byte, error) {
	c, err := ReadCatalogue(ctx, r.Target, r.Verifier)
	if err != nil {
		return nil, err
	}
	for most := r.Most; ; {
		chain, _, err := c.Newest(most)
		if err != nil {
			return nil, err
		}
		set := chain[len(chain)-1].Statement
		text, err := r.settingsOf(ctx, set)
		if !errors.Is(err, errDamaged) || set.Number < 2 {
			return text, err
		}
		most = set.Number - 1
	}
}

// settingsOf reads the configuration file in a set's container, whose sum is looked at first.
func (r Restoring) settingsOf(ctx context.Context, s Statement) (text []byte, err error) {
	if _, err := whole(ctx, r.Target, s); err != nil {
		return nil, err
	}
	in, err := r.Target.Get(ctx, s.Name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	clear, err := keyring.OpenContainer(in, r.Key)
	if err != nil {
		return nil, err
	}
	// It stands before the pages, so that nobody reads them for it.
	for t := tar.NewReader(clear); ; {
		head, err := t.Next()
		switch {
		case errors.Is(err, io.EOF), err == nil && strings.HasPrefix(head.Name, "pages/"):
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		case head.Name == settingsName && (head.Typeflag != tar.TypeReg || head.Size > maxSettings):
			return nil, fmt.Errorf("%s: %s: out of bounds", s.Name, head.Name)
		case head.Name == settingsName:
			return io.ReadAll(io.LimitReader(t, maxSettings))
		}
	}
}
