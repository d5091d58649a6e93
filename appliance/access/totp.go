package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// Codes of an app by RFC 6238, in the one form that every app reads: SHA-1, six digits,
// 30 seconds. One step before and after the present one is good too, for clocks that
// differ (RFC 6238, 5.2).
const (
	totpKeySize = 20 // bytes: the length of SHA-1's output (RFC 4226, 4)
	totpStep    = 30 * time.Second
	totpDigits  = 6
	totpSkew    = 1 // steps; so a guess is right in 3 of 10⁶ cases
)

// TOTPKey is the secret that a person's app shares with the house. It prints as
// [secret]. It stands behind a function, because fmt prints what it is not told to hide.
type TOTPKey struct{ at func() []byte }

// NewTOTPKey returns a fresh key.
func NewTOTPKey() TOTPKey {
	b := make([]byte, totpKeySize)
	rand.Read(b) // never fails
	return TOTPKeyOf(b)
}

// TOTPKeyOf returns the key of bytes from the store; no bytes are no key, which no code
// fits.
func TOTPKeyOf(b []byte) TOTPKey {
	if len(b) == 0 {
		return TOTPKey{}
	}
	return TOTPKey{func() []byte { return b }}
}

// IsZero reports whether there is no key.
func (k TOTPKey) IsZero() bool { return k.at == nil }

// Bytes returns the key, to be sealed.
func (k TOTPKey) Bytes() []byte {
	if k.IsZero() {
		return nil
	}
	return append([]byte(nil), k.at()...)
}

// Format prints [secret] for every verb, %x and %d included.
func (k TOTPKey) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// LogValue keeps the key out of slog.
func (k TOTPKey) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalJSON keeps the key out of JSON; it is sealed by its Bytes, on purpose.
func (k TOTPKey) MarshalJSON() ([]byte, error) { return []byte(`"[secret]"`), nil }

// Text returns the key as it is typed into an app: base32 (RFC 4648, 6).
func (k TOTPKey) Text() string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(k.Bytes())
}

// URI returns what the QR code says, in the form that apps have in common ("Key URI
// Format"): who asks, and for which account.
func (k TOTPKey) URI(house, account string) string {
	// Apps take blanks as %20; not all take them as "+".
	escaped := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	return "otpauth://totp/" + escaped(house) + ":" + escaped(account) +
		"?secret=" + k.Text() + "&issuer=" + escaped(house) + "&algorithm=SHA1&digits=6&period=30"
}

// Match returns the step of which code is the code, if one of those that are good at now
// is. All are compared, whichever fits.
func (k TOTPKey) Match(code string, now time.Time) (step int64, ok bool) {
	if len(code) != totpDigits {
		return 0, false
	}
	text := k.Text()
	if k.IsZero() {
		text = nobodysKey // so that who has no app takes as long; nothing fits it
	}
	at := now.Unix() / int64(totpStep/time.Second)
	for n := at - totpSkew; n <= at+totpSkew; n++ {
		want, err := hotp.GenerateCodeCustom(text, uint64(n), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = n, true
		}
	}
	return step, ok && !k.IsZero()
}

// nobodysKey is as long as a key is in base32.
const nobodysKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// LastStep is the newest step of which a code may have been taken by t.
func LastStep(t time.Time) int64 { return t.Unix()/int64(totpStep/time.Second) + 1 }
