package seal_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"sigill/appliance/seal"
)

// Each target holds the keys and lets a stranger write the bytes. Whatever opens must
// be, byte for byte, what was sealed.

// known returns the first vector of a topic.
func known(f *testing.F, name string) (in, topic, []byte) {
	f.Helper()
	tp := topics()[name]
	v := load(f, name, func() []vector { return tp.make(f, name) })
	n := min(1, len(v)-1)
	box := unhex(f, v[n].Sealed)
	f.Add(box)
	f.Add(box[:len(box)-1])
	f.Add(append(bytes.Clone(box), 0))
	f.Add([]byte{})
	f.Add(make([]byte, len(box)))
	return in{f, v[n].In}, tp, box
}

func fuzzTopic(f *testing.F, name string) {
	i, tp, box := known(f, name)
	f.Fuzz(func(t *testing.T, b []byte) {
		i := in{t, i.m}
		plain, err := tp.open(i, b)
		if err == nil && !bytes.Equal(b, box) {
			t.Errorf("opens: %x", b)
		}
		if err != nil && (!errors.Is(err, seal.ErrOpen) || plain != nil) {
			t.Errorf("%d bytes and %v", len(plain), err)
		}
	})
}

func FuzzUnbox(f *testing.F)        { fuzzTopic(f, "head") }
func FuzzUnwrap(f *testing.F)       { fuzzTopic(f, "wrap") }
func FuzzUnwrapByPair(f *testing.F) { fuzzTopic(f, "pair") }

func FuzzPartHeader(f *testing.F) {
	v := load(f, "part", func() []partVector { return partVectors(f) })[1]
	p, file := v.parts(f)
	good := file.bytes()
	two := file
	two.stanzas = func(s string) string { return s + s }
	crlf := file
	crlf.intro = "age-encryption.org/v1\r\n"
	for _, b := range [][]byte{good, good[:len(good)-1], file.header(), two.bytes(), crlf.bytes(), []byte(ageIntro), []byte(ageIntro + "-> x\n\n--- x\n"), {}} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		plain, err := decrypt(p, b)
		if err == nil && !bytes.Equal(b, good) {
			t.Errorf("opens as %q: %q", plain, b)
		}
		if err != nil && err != seal.ErrOpen {
			t.Error(err)
		}
		r, n, at := p.DecryptAt(bytes.NewReader(b), int64(len(b)))
		if at == nil {
			_, at = io.ReadAll(io.NewSectionReader(r, 0, n))
		}
		if (at == nil) != (err == nil) || at != nil && at != seal.ErrOpen {
			t.Errorf("Decrypt says %v, DecryptAt %v", err, at)
		}
	})
}
