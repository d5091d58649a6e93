package keyring

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"filippo.io/age"

	"sigill/appliance/seal"
)

// Recipients are those to whom an export is sealed: whoever has the key of one of them
// opens it with stock age, and nobody else does, the appliance included. The zero value
// is nobody.
type Recipients struct{ list []age.Recipient }

// Bounds of what people type as recipients.
const (
	MaxRecipients    = 10
	maxRecipientText = 40 << 10 // bytes; a hybrid recipient has about 2,000
)

// Why what was typed is no list of recipients. None of them repeats a word of it: it may
// be a secret key.
var (
	ErrNoRecipient     = errors.New("no recipient")
	ErrManyRecipients  = errors.New("too many recipients")
	ErrMixedRecipients = errors.New("recipients of the kinds age1pq1 and age1 together")
	ErrSecretKey       = errors.New("a secret key where a recipient belongs")
	ErrRecipient       = errors.New("no age recipient")
)

// ParseRecipients reads age recipients (age1… and age1pq1…), one a line, as age itself
// reads a file of them: empty lines and those that begin with # say nothing. Recipients
// of both kinds together are ErrMixedRecipients, for the weaker would open the file.
func ParseRecipients(text string) (Recipients, error) {
	if HasSecretKey(text) {
		return Recipients{}, ErrSecretKey
	}
	if len(text) > maxRecipientText {
		return Recipients{}, ErrManyRecipients
	}
	var r Recipients
	classic, hybrid := false, false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if len(r.list) == MaxRecipients {
			return Recipients{}, ErrManyRecipients
		}
		one, err := age.ParseRecipients(strings.NewReader(line))
		if err != nil {
			return Recipients{}, ErrRecipient // age's own error repeats the line
		}
		_, pq := one[0].(*age.HybridRecipient)
		classic, hybrid = classic || !pq, hybrid || pq
		r.list = append(r.list, one...)
	}
	switch {
	case len(r.list) == 0:
		return Recipients{}, ErrNoRecipient
	case classic && hybrid:
		return Recipients{}, ErrMixedRecipients
	}
	// Some points are no key (RFC 7748, 6.1), and age finds that out only as it seals: it is
	// better said here than in the middle of an answer.
	if _, err := age.Encrypt(io.Discard, r.list...); err != nil {
		return Recipients{}, ErrRecipient
	}
	return r, nil
}

// HasSecretKey reports whether a text has an age identity in it, which is to be shown
// nowhere again.
func HasSecretKey(text string) bool {
	return strings.Contains(strings.ToUpper(text), "AGE-SECRET-KEY-")
}

// IsZero reports whether there is nobody.
func (r Recipients) IsZero() bool { return len(r.list) == 0 }

// Encrypt returns a writer that seals to w as an age file for all recipients. The file is
// whole only after Close has returned nil: cut anywhere before, it does not open to its
// end.
func (r Recipients) Encrypt(w io.Writer) (io.WriteCloser, error) { return age.Encrypt(w, r.list...) }

// ExportKey is a key that was made for somebody to open exports with. The appliance keeps
// it nowhere. However it is printed, it says [secret]; only Text shows it.
type ExportKey struct{ seed seal.Secret }

// NewExportKey makes one: a hybrid key, which age reads from 1.3 on.
func NewExportKey() ExportKey { return ExportKey{seal.NewSecret()} }

// Text writes the key as the line that a file of age's has: AGE-SECRET-KEY-PQ-1….
func (k ExportKey) Text() (string, error) { return Identity(k.seed) }

// Recipient writes the public half, age1pq1….
func (k ExportKey) Recipient() (string, error) { return Recipient(k.seed) }

// Format prints [secret] for every verb.
func (k ExportKey) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// LogValue keeps the key out of slog.
func (k ExportKey) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalJSON keeps the key out of JSON.
func (k ExportKey) MarshalJSON() ([]byte, error) { return []byte(`"[secret]"`), nil }
