package mail

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// LinkCode is the secret of a link: 20 characters of Crockford's base32, 100
// random bits. Whoever holds it and proves the phone opens the letter. It prints
// as [secret]; only Text shows it, and only notify and the reader's door call
// that. The text stands behind a function, because fmt prints an unexported field of
// somebody else's struct without asking; so codes cannot be compared by ==.
type LinkCode struct{ at func() string }

// codeAlphabet is Crockford's: no I, L, O or U.
const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// CodeLen is the number of characters of a code, without the dashes.
const CodeLen = 20

// NewLinkCode returns a fresh code.
func NewLinkCode() LinkCode {
	b := make([]byte, CodeLen)
	rand.Read(b)
	for i := range b {
		b[i] = codeAlphabet[b[i]&31] // 256 is a multiple of 32: each character is equally likely
	}
	return linkCode(string(b))
}

func linkCode(text string) LinkCode { return LinkCode{func() string { return text }} }

// ParseLinkCode reads a code as people type it: any case, with blanks or dashes
// anywhere, O for 0 and I or L for 1. The error is Absent: a malformed code must
// look like an unknown one.
func ParseLinkCode(s string) (LinkCode, error) {
	if len(s) > 200 {
		return LinkCode{}, E(Absent, "error.code", fmt.Errorf("code: too long"))
	}
	b := make([]byte, 0, CodeLen)
	for _, r := range strings.ToUpper(s) {
		switch r {
		case ' ', '\t', '\n', '\r', '-', '‐', '‑', '‒', '–', '—', '\u00a0', '\u200b', '_', '.':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if r > 0x7f || !strings.ContainsRune(codeAlphabet, r) || len(b) == CodeLen {
			return LinkCode{}, E(Absent, "error.code", fmt.Errorf("code: malformed"))
		}
		b = append(b, byte(r))
	}
	if len(b) != CodeLen {
		return LinkCode{}, E(Absent, "error.code", fmt.Errorf("code: malformed"))
	}
	return linkCode(string(b)), nil
}

// Text returns the code in five groups of four: "K7FQ-2QDM-9XWT-4HBN-T6RC".
func (c LinkCode) Text() string {
	if c.IsZero() {
		return ""
	}
	var g []string
	text := c.at()
	for i := 0; i < CodeLen; i += 4 {
		g = append(g, text[i:i+4])
	}
	return strings.Join(g, "-")
}

// Secret returns the 20 characters from which keys are derived; nil if there is no
// code.
func (c LinkCode) Secret() []byte {
	if c.IsZero() {
		return nil
	}
	return []byte(c.at())
}

// IsZero reports whether there is no code.
func (c LinkCode) IsZero() bool { return c.at == nil }

// Format prints [secret] for every verb, %x and %d included.
func (c LinkCode) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// String keeps the code out of logs and errors.
func (c LinkCode) String() string { return "[secret]" }

// LogValue keeps the code out of slog.
func (c LinkCode) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalJSON keeps the code out of JSON; where a code must travel in a sealed
// payload its Text is put there on purpose.
func (c LinkCode) MarshalJSON() ([]byte, error) { return []byte(`"[secret]"`), nil }

// MarshalText keeps the code out of every other encoding.
func (c LinkCode) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }
