package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// Printed sign-in codes: ten of 50 random bits, each good once (2-security, 2.5). A
// guess at a whole set is right once in 2⁴⁶·⁷.
const (
	SignInCodes    = 10
	signInCodeLen  = 10 // characters of Crockford's base32
	signInCodeSalt = 16 // bytes
)

// crockford has no I, L, O or U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// SignInCode is one printed code. It prints as [secret]; only Text shows it.
type SignInCode struct{ at func() string }

// NewSignInCode returns a fresh code.
func NewSignInCode() SignInCode {
	b := make([]byte, signInCodeLen)
	rand.Read(b) // never fails
	for i := range b {
		b[i] = crockford[b[i]&31] // 256 is a multiple of 32: each character is equally likely
	}
	return signInCode(string(b))
}

func signInCode(text string) SignInCode { return SignInCode{func() string { return text }} }

// ParseSignInCode reads a code as people type it: any case, with blanks or dashes
// anywhere, O for 0 and I or L for 1. ok is false for what is none.
func ParseSignInCode(s string) (c SignInCode, ok bool) {
	if len(s) > maxTyped {
		return SignInCode{}, false
	}
	b := make([]byte, 0, signInCodeLen)
	for _, r := range strings.ToUpper(s) {
		switch r {
		case ' ', '\t', '-', '‐', '‑', '–', '\u00a0', '.':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if r > 0x7f || !strings.ContainsRune(crockford, r) || len(b) == signInCodeLen {
			return SignInCode{}, false
		}
		b = append(b, byte(r))
	}
	if len(b) != signInCodeLen {
		return SignInCode{}, false
	}
	return signInCode(string(b)), true
}

// Text returns the code in two groups: "K7FQ2-QDM9X".
func (c SignInCode) Text() string {
	if c.at == nil {
		return ""
	}
	return c.at()[:signInCodeLen/2] + "-" + c.at()[signInCodeLen/2:]
}

// Format prints [secret] for every verb.
func (c SignInCode) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// LogValue keeps the code out of slog.
func (c SignInCode) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalJSON keeps the code out of JSON.
func (c SignInCode) MarshalJSON() ([]byte, error) { return []byte(`"[secret]"`), nil }

func (c SignInCode) hash(ctx context.Context, app *keyring.App, stretch *keyring.Stretcher, person mail.ID, salt []byte) ([32]byte, error) {
	var code []byte
	if c.at != nil {
		code = []byte(c.at())
	}
	return app.SignInCode(ctx, stretch, person, code, salt)
}

// NewSignInCodes makes a set, and what is to be kept of it. It costs as many Argon2id
// as there are codes; the error is ctx's.
func NewSignInCodes(ctx context.Context, app *keyring.App, stretch *keyring.Stretcher, person mail.ID) (codes []SignInCode, keep mail.SignInCodes, err error) {
	keep.Salt = make([]byte, signInCodeSalt)
	rand.Read(keep.Salt) // never fails
	for range SignInCodes {
		c := NewSignInCode()
		h, err := c.hash(ctx, app, stretch, person, keep.Salt)
		if err != nil {
			return nil, mail.SignInCodes{}, err
		}
		codes, keep.Hashes = append(codes, c), append(keep.Hashes, h)
	}
	return codes, keep, nil
}

// codesADay is how many sets a person may make in a day; each is ten Argon2id, which
// others then wait for.
const codesADay = 5

// SpendCodes counts a set of printed codes, before it is made. The error is Busy when a
// day's are used up.
func (s *SignIn) SpendCodes(ctx context.Context, person mail.ID) error {
	return take(ctx, s.c.Count, []limit{{s.c.App.Tag("codes.made", string(person[:])), day, codesADay, "error.codes.day", ""}})
}

// match returns the hash in a set that a code has. All are compared, whichever fits; one
// salt for the set makes that one Argon2id, and as much for a person without codes.
func (c SignInCode) match(ctx context.Context, app *keyring.App, stretch *keyring.Stretcher, person mail.ID, set mail.SignInCodes) (hash [32]byte, ok bool, err error) {
	salt := set.Salt
	if len(salt) == 0 {
		salt = make([]byte, signInCodeSalt)
	}
	h, err := c.hash(ctx, app, stretch, person, salt)
	if err != nil {
		return h, false, err
	}
	for i := range set.Hashes {
		if subtle.ConstantTimeCompare(h[:], set.Hashes[i][:]) == 1 {
			ok = true
		}
	}
	return h, ok, nil
}
