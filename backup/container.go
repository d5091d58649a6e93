package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/vault"
)

// ending is that of a container, stated that of its statement.
const (
	ending = ".tar.age"
	stated = ".txt"
)

// container is one that is being written: a tar within an age file, whose sum is taken as
// it goes to the target.
type container struct {
	tar *tar.Writer
	at  time.Time
}

// entry writes a file of size bytes.
func (c *container) entry(name string, size int64, content io.Reader) error {
	head := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: c.at}
	if err := c.tar.WriteHeader(head); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if n, err := io.Copy(c.tar, content); err != nil || n != size {
		return fmt.Errorf("%s: %d of %d bytes: %w", name, n, size, err)
	}
	return nil
}

// writer writes containers and their statements to a target.
type writer struct {
	to   Target
	seal keyring.Recipients
	sign *Signer
}

// container writes one as fill does it, and returns its statement with what is known of it
// now. It does not count before state has been called with it.
func (w *writer) container(ctx context.Context, s Statement, fill func(c *container) error) (Statement, error) {
	err := w.to.Put(ctx, s.Name, func(out io.Writer) error {
		m := &meter{w: out, sum: sha256.New()}
		sealed, err := w.seal.Encrypt(m)
		if err != nil {
			return err
		}
		c := &container{tar: tar.NewWriter(sealed), at: s.At}
		if err := c.about(s); err != nil {
			return err
		}
		if err := fill(c); err != nil {
			return err
		}
		if err := c.tar.Close(); err != nil {
			return err
		}
		if err := sealed.Close(); err != nil {
			return err
		}
		s.Size, s.Sum = m.n, Sum(m.sum.Sum(nil))
		return nil
	})
	if err != nil {
		return s, fmt.Errorf("write %s: %w", s.Name, err)
	}
	return s, nil
}

// state signs a statement and writes it. It returns its sum, by which the next one in the
// series names it.
func (w *writer) state(ctx context.Context, s Statement) (Sum, error) {
	signed, err := w.sign.Sign(s)
	if err != nil {
		return Sum{}, err
	}
	name := statementOf(s.Name)
	if err := w.to.Put(ctx, name, func(out io.Writer) error {
		_, err := out.Write(signed)
		return err
	}); err != nil {
		return Sum{}, fmt.Errorf("write %s: %w", name, err)
	}
	return sha256.Sum256(signed), nil
}

func statementOf(container string) string { return container[:len(container)-len(ending)] + stated }

// meter counts and sums what goes through it.
type meter struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

func (m *meter) Write(b []byte) (int, error) {
	n, err := m.w.Write(b)
	m.n += int64(n)
	m.sum.Write(b[:n])
	return n, err
}

// about writes the first entry: the statement, for who has no more than the container.
func (c *container) about(s Statement) error {
	b, err := json.MarshalIndent(struct {
		Format  string `json:"format"`
		Series  Series `json:"series"`
		Name    string `json:"name"`
		At      string `json:"at"`
		Number  int    `json:"number"`
		Kind    Kind   `json:"kind"`
		After   string `json:"after"`
		Version string `json:"version"`
	}{"sigill/backup/1", s.Series, s.Name, s.At.UTC().Format(time.RFC3339), s.Number, s.Kind, s.After.String(), s.Version}, "", "  ")
	if err != nil {
		return err
	}
	return c.entry("about.json", int64(len(b)), bytes.NewReader(b))
}

// run collects neighbours and writes them as one entry: pages, of the database or of the
// slots.
type run struct {
	c     *container
	dir   string // "pages", "slots"
	first uint32
	buf   []byte
}

const perRun = 256 // pages

func (r *run) add(n uint32, page []byte) error {
	if have := uint32(len(r.buf) / vault.PageSize); have > 0 && (n != r.first+have || have == perRun) {
		if err := r.end(); err != nil {
			return err
		}
	}
	if len(r.buf) == 0 {
		r.first = n
	}
	r.buf = append(r.buf, page...)
	return nil
}

// end writes what has been collected.
func (r *run) end() error {
	if len(r.buf) == 0 {
		return nil
	}
	err := r.c.entry(fmt.Sprintf("%s/%08d", r.dir, r.first), int64(len(r.buf)), bytes.NewReader(r.buf))
	r.buf = r.buf[:0]
	return err
}
