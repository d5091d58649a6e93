package target_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"

	"sigill/appliance/erase"
	"sigill/appliance/mail"
	"sigill/backup/target"
	"sigill/backup/target/targettest"
)

// odd is a target that does one thing wrong.
type odd struct {
	*target.Dir
	fault string
	puts  int
}

var errOdd = errors.New("odd")

func (o *odd) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	o.puts++
	switch {
	case o.fault == "cannot write", o.fault == "cannot replace" && o.puts == 2:
		return errOdd
	case o.fault == "keeps the first" && o.puts == 2:
		return write(io.Discard)
	case o.fault == "keeps old ones":
		return target.ErrKept
	}
	return o.Dir.Put(ctx, name, write)
}

func (o *odd) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if o.fault == "cannot read" {
		return nil, errOdd
	}
	return o.Dir.Get(ctx, name)
}

func (o *odd) List(ctx context.Context, prefix string) iter.Seq2[target.Object, error] {
	switch o.fault {
	case "cannot list":
		return func(yield func(target.Object, error) bool) { yield(target.Object{}, errOdd) }
	case "lists nothing":
		return func(func(target.Object, error) bool) {}
	}
	return o.Dir.List(ctx, prefix)
}

func (o *odd) Remove(ctx context.Context, name string, overwrite bool) error {
	switch o.fault {
	case "cannot remove":
		return errOdd
	case "removes nothing":
		return nil
	}
	return o.Dir.Remove(ctx, name, overwrite)
}

func (o *odd) Versions(ctx context.Context, name string) (n int, err error) {
	for _, err := range o.Dir.List(ctx, name) {
		if err != nil {
			return n, err
		}
		n++
	}
	switch {
	case o.fault == "has two versions" && n == 1, o.fault == "keeps what is removed" && n == 0:
		n++
	case o.fault == "does not tell versions":
		return 0, errOdd
	}
	return n, nil
}

func TestTry(t *testing.T) {
	for fault, say := range map[string]string{
		"":                       "",
		"does not tell versions": "", // each Put has told
		"cannot write":           "error.target.write",
		"cannot replace":         "error.target.write",
		"keeps the first":        "error.target.read",
		"cannot read":            "error.target.read",
		"cannot list":            "error.target.list",
		"lists nothing":          "error.target.list",
		"keeps old ones":         "error.target.kept",
		"has two versions":       "error.target.kept",
		"keeps what is removed":  "error.target.kept",
		"cannot remove":          "error.target.remove",
		"removes nothing":        "error.target.remove",
	} {
		t.Run("a target that "+strings.TrimSpace(fault+" is told of"), func(t *testing.T) {
			d, err := target.OpenDir(t.TempDir(), erase.Machine{})
			if err != nil {
				t.Fatal(err)
			}
			err = target.Try(t.Context(), &odd{Dir: d, fault: fault})
			var e *mail.Error
			if errors.As(err, &e); say == "" && err != nil || say != "" && (e == nil || e.Say != say) {
				t.Errorf("%v, not %s", err, say)
			}
			if l := targettest.List(t, d, ""); len(l) > 0 && !strings.Contains(fault, "remove") {
				t.Errorf("left: %v", l)
			}
		})
	}
}
