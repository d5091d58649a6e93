package target

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"sigill/appliance/mail"
)

// Tried is what names of objects begin with that Try writes.
const Tried = "try/"

// tried is how much Try writes, in bytes.
const tried = 100_000

// Try writes an object, replaces it, reads it back, lists it and removes it, and looks
// whether anything of it is kept. The error is a mail.Error.
func Try(ctx context.Context, p Place) (err error) {
	t := &try{ctx: ctx, p: p, name: Tried + mail.NewID().String()}
	defer func() {
		if err != nil {
			// It may have been written before the fault; whether this goes well changes nothing.
			p.Remove(ctx, t.name, true)
		}
	}()
	for _, step := range []struct {
		say string
		do  func() error
	}{
		{"error.target.write", t.put}, {"error.target.write", t.put}, {"error.target.read", t.read},
		{"error.target.list", t.list}, {"error.target.kept", t.versions(1)},
		{"error.target.remove", func() error { return p.Remove(ctx, t.name, true) }}, {"error.target.remove", t.gone},
		{"error.target.kept", t.versions(0)},
	} {
		err := step.do()
		if errors.Is(err, ErrKept) {
			step.say = "error.target.kept"
		}
		if err != nil {
			return mail.E(mail.Again, step.say, err)
		}
	}
	return nil
}

// try is one trial.
type try struct {
	ctx     context.Context
	p       Place
	name    string
	content []byte
}

func (t *try) put() error {
	t.content = make([]byte, tried)
	rand.Read(t.content)
	return t.p.Put(t.ctx, t.name, func(w io.Writer) error {
		_, err := w.Write(t.content)
		return err
	})
}

func (t *try) read() error {
	r, err := t.p.Get(t.ctx, t.name)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(r, tried+1))
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	if !bytes.Equal(b, t.content) {
		return errors.New("what was read is not what was written last")
	}
	return nil
}

func (t *try) list() error {
	found := false
	for o, err := range t.p.List(t.ctx, t.name) {
		if err != nil {
			return err
		}
		found = found || o.Name == t.name && o.Size == tried
	}
	if !found {
		return errors.New("what was written is not listed")
	}
	return nil
}

func (t *try) gone() error {
	r, err := t.p.Get(t.ctx, t.name)
	if err == nil {
		return errors.Join(errors.New("what was removed is still there"), r.Close())
	}
	if !errors.Is(err, ErrAbsent) {
		return err
	}
	return nil
}

// versions looks how many there are, where the target knows of such.
func (t *try) versions(most int) func() error {
	return func() error {
		v, ok := t.p.(interface {
			Versions(ctx context.Context, name string) (int, error)
		})
		if !ok {
			return nil
		}
		n, err := v.Versions(t.ctx, t.name)
		if err != nil {
			// Whose key may not list them has been told by each Put whether it made one.
			return nil
		}
		if n > most {
			return fmt.Errorf("%w: there are %d", ErrKept, n)
		}
		return nil
	}
}
