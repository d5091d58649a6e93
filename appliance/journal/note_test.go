package journal_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sigill/appliance/journal"
)

var sample = journal.Checkpoint{Size: 20852163, Root: [32]byte{1, 2, 3}, At: time.Date(2026, 5, 3, 10, 20, 30, 0, time.UTC)}

func TestNote(t *testing.T) {
	s := signer(t)
	ours := s.Sign(sample)
	t.Run("the text is the checkpoint of C2SP with our line", func(t *testing.T) {
		text, _, _ := strings.Cut(string(ours), "\n\n")
		want := "sigill.example.se/journal\n20852163\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\ntime 2026-05-03T10:20:30Z"
		if text != want {
			t.Errorf("%s", text)
		}
	})
	t.Run("the reference implementation opens ours with our verifier key", func(t *testing.T) {
		v, err := note.NewVerifier(s.Public().String())
		if err != nil {
			t.Fatal(err)
		}
		n, err := note.Open(ours, note.VerifierList(v))
		if err != nil || len(n.Sigs) != 1 || n.Sigs[0].Name != origin {
			t.Fatalf("%v %+v", err, n)
		}
	})
	t.Run("we open what the reference implementation signs with the same key, byte for byte the same", func(t *testing.T) {
		ref, err := note.NewSigner(refKey(s, 7))
		if err != nil {
			t.Fatal(err)
		}
		text, _, _ := strings.Cut(string(ours), "\n\n")
		theirs, err := note.Sign(&note.Note{Text: text + "\n"}, ref)
		if err != nil || !bytes.Equal(theirs, ours) {
			t.Fatalf("%v\n%s\n%s", err, theirs, ours)
		}
	})
	t.Run("a witness's line before or behind ours does no harm", func(t *testing.T) {
		skey, _, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{9}, 64)), "witness.example.org")
		if err != nil {
			t.Fatal(err)
		}
		w, err := note.NewSigner(skey)
		if err != nil {
			t.Fatal(err)
		}
		v, _ := note.NewVerifier(s.Public().String())
		n, err := note.Open(ours, note.VerifierList(v))
		if err != nil {
			t.Fatal(err)
		}
		both, err := note.Sign(n, w)
		if err != nil || bytes.Count(both, []byte("—")) != 2 {
			t.Fatalf("%v\n%s", err, both)
		}
		if got, err := s.Public().Open(both); err != nil || got != sample {
			t.Errorf("%v %v", got, err)
		}
	})
	t.Run("a checkpoint comes back as it was", func(t *testing.T) {
		for _, c := range []journal.Checkpoint{sample, {At: time.Unix(0, 0).UTC()}, {Size: 1<<63 - 1, At: time.Unix(1e9, 0).UTC()}} {
			if got, err := s.Public().Open(s.Sign(c)); err != nil || got != c {
				t.Errorf("%v: %v %v", c, got, err)
			}
		}
	})
	t.Run("every single changed bit is refused", func(t *testing.T) {
		for i := range len(ours) * 8 {
			bad := bytes.Clone(ours)
			bad[i/8] ^= 1 << (i % 8)
			if _, err := s.Public().Open(bad); err == nil {
				t.Fatalf("bit %d", i)
			}
		}
	})
	t.Run("every prefix and every longer note is refused", func(t *testing.T) {
		for i := range ours {
			if _, err := s.Public().Open(ours[:i]); err == nil {
				t.Fatalf("prefix of %d", i)
			}
		}
		for _, tail := range []string{"\n", "x", "\n\n", "— x\n", string(ours), "\x00"} {
			if _, err := s.Public().Open(append(bytes.Clone(ours), tail...)); err == nil {
				t.Errorf("with %q behind", tail)
			}
		}
	})
	t.Run("a text that is signed but no checkpoint of ours is refused", func(t *testing.T) {
		root := base64.StdEncoding.EncodeToString(make([]byte, 32))
		ref, err := note.NewSigner(refKey(s, 7))
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"another origin":          "other\n1\n" + root + "\ntime 2026-05-03T10:20:30Z\n",
			"no time":                 origin + "\n1\n" + root + "\n",
			"a line more":             origin + "\n1\n" + root + "\ntime 2026-05-03T10:20:30Z\nmore\n",
			"a negative size":         origin + "\n-1\n" + root + "\ntime 2026-05-03T10:20:30Z\n",
			"a size with zeros":       origin + "\n01\n" + root + "\ntime 2026-05-03T10:20:30Z\n",
			"a size with plus":        origin + "\n+1\n" + root + "\ntime 2026-05-03T10:20:30Z\n",
			"a size too large":        origin + "\n9223372036854775808\n" + root + "\ntime 2026-05-03T10:20:30Z\n",
			"a short root":            origin + "\n1\nAAAA\ntime 2026-05-03T10:20:30Z\n",
			"a root without padding":  origin + "\n1\n" + root[:43] + "\ntime 2026-05-03T10:20:30Z\n",
			"a root spelt otherwise":  origin + "\n1\n" + root[:42] + "B=\ntime 2026-05-03T10:20:30Z\n",
			"a time with a zone":      origin + "\n1\n" + root + "\ntime 2026-05-03T12:20:30+02:00\n",
			"a time with fractions":   origin + "\n1\n" + root + "\ntime 2026-05-03T10:20:30.5Z\n",
			"a time without its word": origin + "\n1\n" + root + "\n2026-05-03T10:20:30Z\n",
			"a day that is none":      origin + "\n1\n" + root + "\ntime 2026-02-30T10:20:30Z\n",
		} {
			n, err := note.Sign(&note.Note{Text: text}, ref)
			if err != nil {
				t.Fatal(err)
			}
			if c, err := s.Public().Open(n); err == nil {
				t.Errorf("%s: %v", name, c)
			}
		}
	})
	t.Run("a wrong signature under our name is told from a malformed note", func(t *testing.T) {
		other := signerOf(t, 8).Sign(sample)
		if _, err := s.Public().Open(other); !errors.Is(err, journal.ErrSignature) {
			t.Errorf("got %v", err)
		}
	})
}

// refKey is the signer's key as the reference implementation reads it.
func refKey(s *journal.Signer, fill byte) string {
	p := strings.Split(s.Public().String(), "+")
	seed := bytes.Repeat([]byte{fill}, ed25519.SeedSize)
	return "PRIVATE+KEY+" + p[0] + "+" + p[1] + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, seed...))
}

func signerOf(t testing.TB, fill byte) *journal.Signer {
	t.Helper()
	s, err := journal.NewSigner(origin, bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestKeys(t *testing.T) {
	s := signer(t)
	t.Run("a verifier key comes back as it was", func(t *testing.T) {
		k, err := journal.ParsePublicKey(s.Public().String())
		if err != nil || k.String() != s.Public().String() {
			t.Fatalf("%v %v", k, err)
		}
		if _, err := k.Open(s.Sign(sample)); err != nil {
			t.Error(err)
		}
	})
	t.Run("what is no verifier key is refused", func(t *testing.T) {
		good := s.Public().String()
		for _, bad := range []string{"", "+", "++", "a+b", good + "=", good[:len(good)-4], "x" + good, strings.Replace(good, "+", "+0", 1), strings.Replace(good, "sigill", "sig ill", 1)} {
			if _, err := journal.ParsePublicKey(bad); err == nil {
				t.Errorf("%q", bad)
			}
		}
	})
	t.Run("the zero key opens nothing", func(t *testing.T) {
		if _, err := (journal.PublicKey{}).Open(s.Sign(sample)); err == nil {
			t.Error("opened")
		}
	})
	t.Run("a signer needs a seed and a name with one spelling", func(t *testing.T) {
		for _, seed := range [][]byte{nil, make([]byte, 31), make([]byte, 32), bytes.Repeat([]byte{1}, 33)} {
			if _, err := journal.NewSigner(origin, seed); err == nil {
				t.Errorf("a seed of %d bytes", len(seed))
			}
		}
		for _, name := range []string{"", "a b", "a+b", "a\nb", "å", strings.Repeat("a", 256)} {
			if _, err := journal.NewSigner(name, bytes.Repeat([]byte{1}, 32)); err == nil {
				t.Errorf("the name %q", name)
			}
		}
	})
	t.Run("a signer prints as [secret], also within something else", func(t *testing.T) {
		box := struct{ s *journal.Signer }{s}
		for _, f := range []string{"%v", "%+v", "%#v", "%x", "%d", "%s"} {
			for _, got := range []string{fmt.Sprintf(f, s), fmt.Sprintf(f, box), fmt.Sprintf(f, &box)} {
				if strings.Contains(got, "7 7 7") || strings.Contains(got, "070707") || strings.Contains(got, "0x7, 0x7") {
					t.Errorf("%s shows the seed: %s", f, got)
				}
			}
		}
	})
}

func TestDue(t *testing.T) {
	last := journal.Checkpoint{Size: 100, At: morning}
	for _, c := range []struct {
		name string
		size int64
		now  time.Time
		want bool
	}{
		{"nothing new, much later", 100, morning.Add(time.Hour), false},
		{"one new at once", 101, morning, false},
		{"one new after ten minutes less a second", 101, morning.Add(10*time.Minute - time.Second), false},
		{"one new after ten minutes", 101, morning.Add(10 * time.Minute), true},
		{"999 new at once", 1099, morning, false},
		{"1,000 new at once", 1100, morning, true},
		{"one new and the clock set back by an hour", 101, morning.Add(-time.Hour), true},
		{"fewer than before", 99, morning.Add(time.Hour), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := (journal.Due{Last: last}).Now(c.size, c.now); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
	t.Run("the first entry is due at once", func(t *testing.T) {
		if !(journal.Due{}).Now(1, morning) {
			t.Error("is not")
		}
	})
}

func FuzzOpen(f *testing.F) {
	s := signer(f)
	good := s.Sign(sample)
	f.Add(good)
	f.Add([]byte("a\n\n— a AAAAAAAA\n"))
	f.Add([]byte("\n\n"))
	f.Add(append(bytes.Clone(good), "— witness.example.org AAAAAAAA\n"...))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := s.Public().Open(b)
		if err != nil {
			return
		}
		// Whatever opens is what was signed, but for lines of others.
		if c != sample || !bytes.HasPrefix(b, good[:bytes.Index(good, []byte("\n\n"))]) {
			t.Errorf("opens: %q", b)
		}
	})
}

func FuzzCheckpointFile(f *testing.F) {
	s := signer(f)
	list := chain(f, 20)
	f.Add(checkpoints(s, list, 5))
	f.Add([]byte("\n\n\n\n"))
	f.Add(s.Sign(sample))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := journal.Verify(seq(list), bytes.NewReader(b), s.Public()); err != nil {
			t.Error(err)
		}
	})
}
