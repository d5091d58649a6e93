package seal

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// ID names a message, holder, person or anything else that a key is bound to.
type ID = [16]byte

// Secret is 32 bytes that must not be seen. However it is printed, it says
// [secret]. The zero value is no key: nothing is sealed under it, nothing opens
// with it.
//
// The bytes stand behind a function, because fmt may not call the methods of an
// unexported field: in a struct of somebody else an array would be printed byte by
// byte, and with a verb that does not fit, such as %s, what a pointer points to as
// well. Of a function it knows the address only. So secrets are compared by Equal;
// == does not compile.
type Secret struct{ at func() *[32]byte }

func secret(b *[32]byte) Secret { return Secret{func() *[32]byte { return b }} }

// NewSecret returns 32 fresh random bytes.
func NewSecret() Secret {
	b := new([32]byte)
	rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return secret(b)
}

// SecretOf copies 32 bytes. Any other length is ErrOpen, since such bytes come
// out of an opened box; so are 32 zeros, which are what an erased slot holds and
// must never act as a key that everybody knows.
func SecretOf(b []byte) (Secret, error) {
	if len(b) != 32 {
		return Secret{}, ErrOpen
	}
	c := [32]byte(b)
	s := secret(&c)
	if s.IsZero() {
		return Secret{}, ErrOpen
	}
	return s, nil
}

// raw returns the bytes themselves; 32 zeros for no key, as FORMAT.md has it for
// the wraps whose lock is zero.
func (s Secret) raw() []byte {
	if s.at == nil {
		return make([]byte, 32)
	}
	return s.at()[:]
}

// Bytes returns a copy of the secret's bytes.
func (s Secret) Bytes() []byte { return append([]byte(nil), s.raw()...) }

// IsZero reports whether the secret was never set.
func (s Secret) IsZero() bool {
	return s.at == nil || subtle.ConstantTimeCompare(s.at()[:], make([]byte, 32)) == 1
}

// Equal compares in constant time.
func (s Secret) Equal(o Secret) bool { return subtle.ConstantTimeCompare(s.raw(), o.raw()) == 1 }

// Format prints [secret] for every verb, %x and %d included.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// String returns "[secret]".
func (s Secret) String() string { return "[secret]" }

// LogValue keeps the secret out of slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalJSON keeps the secret out of JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"[secret]"`), nil }

// MarshalText keeps the secret out of every other encoding.
func (s Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// keyed stops a caller who is about to seal under a key that is none. It cannot
// be: keys come from NewSecret, SecretOf or Derive, and none of them gives zeros.
// If an error was overlooked nevertheless, what follows would be clear text for
// everybody, and no answer at all is better.
func keyed(keys ...Secret) {
	if anyZero(keys...) {
		panic("seal: internal: sealing without a key")
	}
}

func anyZero(keys ...Secret) bool {
	for _, k := range keys {
		if k.IsZero() {
			return true
		}
	}
	return false
}
