// Package targettest asks of every kind of target the same: what backup/target promises.
//
// It is for tests only. Nothing of it is on disk or on the wire but what the target that is
// asked puts there.
package targettest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"sigill/backup/target"
)

// Lengths are those around which targets cut what they carry into pieces, in bytes.
var Lengths = []int{0, 1, 4095, 32 << 10, 64<<10 + 1, 1<<20 - 1, 1<<20 + 1}

// Suite asks a target that open makes: a fresh and empty one each time. More lengths are
// those that are of note for this kind.
func Suite(t *testing.T, open func(t testing.TB) target.Place, more ...int) {
	s := func(name string, f func(t *testing.T, p target.Place)) {
		t.Run(name, func(t *testing.T) {
			p := open(t)
			f(t, p)
			for range 2 { // it may be closed twice
				if err := p.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	s("what was put is read back, of every length", func(t *testing.T, p target.Place) {
		for _, n := range slices.Concat(Lengths, more) {
			name := fmt.Sprintf("set/%08d.tar.age", n)
			content := Bytes(uint64(n), n)
			Put(t, p, name, content)
			Has(t, p, name, content)
		}
	})
	s("one that is there already is replaced, by a longer and by a shorter one", func(t *testing.T, p target.Place) {
		for i, n := range []int{1000, 200_000, 10} {
			Put(t, p, "sigill-backup", Bytes(uint64(i), n))
			Has(t, p, "sigill-backup", Bytes(uint64(i), n))
		}
		if l := List(t, p, ""); len(l) != 1 || l[0].Size != 10 {
			t.Errorf("%v", l)
		}
	})
	s("what is not there is absent, and removing it is no fault", func(t *testing.T, p target.Place) {
		Absent(t, p, "set/1.tar.age")
		Absent(t, p, "slots/1/2/3/4.txt")
		for _, overwrite := range []bool{false, true} {
			if err := p.Remove(t.Context(), "set/1.tar.age", overwrite); err != nil {
				t.Error(err)
			}
		}
		if l := List(t, p, ""); len(l) != 0 {
			t.Errorf("%v", l)
		}
	})
	s("what was removed is gone, overwritten before or not", func(t *testing.T, p target.Place) {
		for i, overwrite := range []bool{false, true, true} {
			n := []int{300, 300, 1<<20 + 5}[i]
			Put(t, p, "slots/00000001/000001.tar.age", Bytes(1, n))
			if err := p.Remove(t.Context(), "slots/00000001/000001.tar.age", overwrite); err != nil {
				t.Fatal(err)
			}
			Absent(t, p, "slots/00000001/000001.tar.age")
		}
		if l := List(t, p, ""); len(l) != 0 {
			t.Errorf("%v", l)
		}
	})
	s("objects are listed in order of their names, below a prefix", lists)
	s("names that lead elsewhere, or are none, are refused", refuses)
	s("nobody sees half of one", half)
	s("several at once do not disturb each other", atOnce)
	s("a trial leaves nothing behind", func(t *testing.T, p target.Place) {
		if err := target.Try(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if l := List(t, p, ""); len(l) != 0 {
			t.Errorf("%v", l)
		}
	})
}

func lists(t *testing.T, p target.Place) {
	names := []string{"sigill-backup", "set/00000001.tar.age", "set/00000001.txt", "set/00000002.tar.age", "set.old", "slots/00000001/000001.txt", "slots/00000002/000001.txt", "pack/a.txt"}
	for i, n := range names {
		Put(t, p, n, Bytes(1, i))
	}
	slices.Sort(names)
	for _, prefix := range []string{"", "s", "set", "set/", "set/00000001", "slots/00000002/", "slots/00000001/000001.txt", "sigill-backup", "no", "no/no", "set/no", "../", "/"} {
		var want, got []string
		for _, n := range names {
			if strings.HasPrefix(n, prefix) {
				want = append(want, n)
			}
		}
		for _, o := range List(t, p, prefix) {
			got = append(got, o.Name)
			if o.At.IsZero() {
				t.Errorf("%s has no time", o.Name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("below %q: %v, not %v", prefix, got, want)
		}
	}
	for o, err := range p.List(t.Context(), "set/") { // who has seen enough goes
		if err != nil || o.Name != "set/00000001.tar.age" {
			t.Errorf("%v, %v", o, err)
		}
		break
	}
}

// Hostile are names that no target takes.
var Hostile = []string{"", ".", "..", "../x", "/etc/x", "a//b", "a/../b", "a/./b", "a/", `a\b`, "a\x00b", "a\nb", "x.partial", "a/../../x", strings.Repeat("x", 300)}

func refuses(t *testing.T, p target.Place) {
	for _, n := range Hostile {
		err := p.Put(t.Context(), n, func(io.Writer) error { t.Errorf("%q is written", n); return nil })
		if err == nil {
			t.Errorf("%q is taken", n)
		}
		if r, err := p.Get(t.Context(), n); err == nil {
			r.Close()
			t.Errorf("%q is opened", n)
		}
		if err := p.Remove(t.Context(), n, false); err == nil {
			t.Errorf("%q is removed", n)
		}
	}
	if l := List(t, p, ""); len(l) != 0 {
		t.Errorf("%v", l)
	}
}

// half looks at an object while it is written and breaks off in the middle.
func half(t *testing.T, p target.Place) {
	stop := errors.New("the disk that is read has died")
	for _, old := range []bool{false, true} {
		if old {
			Put(t, p, "a/b", []byte("old"))
		}
		sees := func() {
			t.Helper()
			if !old {
				Absent(t, p, "a/b")
			} else {
				Has(t, p, "a/b", []byte("old"))
			}
		}
		err := p.Put(t.Context(), "a/b", func(w io.Writer) error {
			if _, err := w.Write(Bytes(3, 3<<20)); err != nil {
				return err
			}
			sees()
			if l := List(t, p, ""); (len(l) > 0) != old {
				t.Errorf("while it is written: %v", l)
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatalf("not what the writer has said: %v", err)
		}
		sees()
		ctx, cancel := context.WithCancel(t.Context())
		err = p.Put(ctx, "a/b", func(w io.Writer) error {
			if _, err := w.Write(Bytes(3, 2<<20)); err != nil {
				return err
			}
			cancel()
			_, err := w.Write(Bytes(3, 2<<20))
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("%v", err)
		}
		sees()
	}
	Put(t, p, "a/b", []byte("new"))
	Has(t, p, "a/b", []byte("new"))
}

// atOnce puts, reads, lists and removes by several at once, and reads one while it is
// replaced.
func atOnce(t *testing.T, p target.Place) {
	Put(t, p, "mark", Bytes(0, 150_000))
	var wg sync.WaitGroup
	for i := range uint64(6) {
		wg.Go(func() {
			name := fmt.Sprintf("dir%d/object", i%3+1) // two below one directory
			name += fmt.Sprint(i)
			for round := range uint64(3) {
				content := Bytes(i*10+round, 100_000+int(i))
				Put(t, p, name, content)
				Has(t, p, name, content)
				List(t, p, "dir")
			}
			if i%2 == 0 {
				if err := p.Remove(t.Context(), name, true); err != nil {
					t.Error(err)
				}
			}
			if i == 0 {
				for round := range uint64(8) {
					Put(t, p, "mark", Bytes(round, 150_000))
				}
				return
			}
			r, err := p.Get(t.Context(), "mark")
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Close()
			b, err := io.ReadAll(r)
			if err != nil {
				return // replaced while it was read, and said so
			}
			for round := range uint64(8) {
				if bytes.Equal(b, Bytes(round, 150_000)) {
					return
				}
			}
			t.Errorf("%d bytes of several objects", len(b))
		})
	}
	wg.Wait()
	if l := List(t, p, "dir"); len(l) != 3 {
		t.Errorf("%v", l)
	}
}

// Bytes are so many that look like chance and are the same again for the same seed.
func Bytes(seed uint64, n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	r.Read(b)
	return b
}

// Put puts an object, in pieces.
func Put(t testing.TB, p target.Place, name string, content []byte) {
	t.Helper()
	if err := Tries(t.Context(), p, name, content); err != nil {
		t.Error(err)
	}
}

// Tries puts an object as Put does, and returns the error.
func Tries(ctx context.Context, p target.Place, name string, content []byte) error {
	return p.Put(ctx, name, func(w io.Writer) error {
		for piece := range slices.Chunk(content, 65_537) {
			if _, err := w.Write(piece); err != nil {
				return err
			}
		}
		return nil
	})
}

// Has wants an object to be there with its content.
func Has(t testing.TB, p target.Place, name string, content []byte) {
	t.Helper()
	b, err := Read(t.Context(), p, name)
	if err != nil {
		t.Error(err)
	} else if !bytes.Equal(b, content) {
		t.Errorf("%s has %d bytes, which are not the %d that were put", name, len(b), len(content))
	}
}

// Read reads an object.
func Read(ctx context.Context, p target.Place, name string) ([]byte, error) {
	r, err := p.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(err, r.Close())
}

// Absent wants an object not to be there.
func Absent(t testing.TB, p target.Place, name string) {
	t.Helper()
	if b, err := Read(t.Context(), p, name); !errors.Is(err, target.ErrAbsent) {
		t.Errorf("%s is there, %d bytes: %v", name, len(b), err)
	}
}

// List lists what a target has.
func List(t testing.TB, p target.Place, prefix string) (l []target.Object) {
	t.Helper()
	for o, err := range p.List(t.Context(), prefix) {
		if err != nil {
			t.Error(err)
			break
		}
		l = append(l, o)
	}
	return l
}
