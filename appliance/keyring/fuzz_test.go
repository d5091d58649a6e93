package keyring_test

import (
	"os"
	"strings"
	"testing"

	"sigill/appliance/keyring"
)

// What parses must be written again to the same bytes, or be refused: then nothing reads
// in two ways.

func FuzzRequest(f *testing.F) {
	h := newHouse(f)
	file := h.request(f).Marshal()
	f.Add(file)
	f.Add([]byte(strings.ReplaceAll(string(file), "\n", "\r\n")))
	f.Add(h.answer(f, h.request(f)).Marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := keyring.ParseRequest(b)
		if err != nil {
			return
		}
		if string(r.Marshal()) != strings.ReplaceAll(string(b), "\r\n", "\n") {
			t.Fatal("it is written otherwise")
		}
		if r.Address == "" || strings.ContainsAny(r.Address, "\x00\n\r\x1b ") {
			t.Fatalf("address %q", r.Address)
		}
		if _, err := r.Answer(h.kit.Custody); err == nil && r.Person != h.u {
			t.Fatal("R opened somebody else's")
		}
	})
}

func FuzzAnswer(f *testing.F) {
	h := newHouse(f)
	f.Add(h.answer(f, h.request(f)).Marshal())
	f.Add(h.request(f).Marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := keyring.ParseAnswer(b)
		if err != nil {
			return
		}
		if string(a.Marshal()) != strings.ReplaceAll(string(b), "\r\n", "\n") {
			t.Fatal("it is written otherwise")
		}
		if seed, err := h.app.OpenAnswer(a, h.sw, h.public()); err == nil && !seed.Equal(h.seed) {
			t.Fatal("it opened to something else")
		}
	})
}

func FuzzPage(f *testing.F) {
	kit := newKit()
	for _, p := range kit.Pages() {
		f.Add(text(f, p), "")
		f.Add(words(f, p), p.Check())
	}
	b, err := os.ReadFile("testdata/kit-whole/recovery-kit.txt")
	if err != nil {
		f.Fatal(err)
	}
	for l := range strings.Lines(string(b)) {
		f.Add(l, "")
	}
	f.Fuzz(func(t *testing.T, typed, check string) {
		if p, err := keyring.ParsePage(typed); err == nil && (p.Kind != keyring.PageApp || p.Installation != (keyring.Installation{})) {
			line := text(t, p)
			again, err := keyring.ParsePage(line)
			if err != nil || !again.Secret().Equal(p.Secret()) || again.Kind != p.Kind || again.Number != p.Number || again.Sharing != p.Sharing || again.Installation != p.Installation {
				t.Fatalf("%v reads back as %v: %v", p, again, err)
			}
		}
		meant := keyring.Page{Kind: keyring.PageShare, Installation: here, Sharing: keyring.DefaultSharing, Number: 2}
		if p, err := keyring.ParseWords(typed, meant, check); err == nil {
			again, err := keyring.ParseWords(words(t, p), meant, p.Check())
			if err != nil || !again.Secret().Equal(p.Secret()) {
				t.Fatal("words read back otherwise")
			}
		}
		_, _ = keyring.Combine([]keyring.Page{mustPage(typed), mustPage(check)})
	})
}

func mustPage(s string) keyring.Page {
	p, _ := keyring.ParsePage(s)
	return p
}

func FuzzRecoveryCode(f *testing.F) {
	f.Add(keyring.NewRecoveryCode().Text())
	f.Add(strings.Repeat("0", 28))
	f.Fuzz(func(t *testing.T, s string) {
		c, err := keyring.ParseRecoveryCode(s)
		if err != nil {
			return
		}
		if again, err := keyring.ParseRecoveryCode(c.Text()); err != nil || again.Text() != c.Text() {
			t.Fatal(err)
		}
	})
}
