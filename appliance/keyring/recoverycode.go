package keyring

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"sigill/appliance/seal"
)

// RecoveryCode is what a person keeps on paper against a forgotten password: 128 random
// bits (FORMAT.md, 6.1). However it is printed, it says [secret]; only Text shows it.
type RecoveryCode struct{ at func() [recoveryBytes]byte }

const (
	recoveryBytes = 16
	recoveryChars = 28
)

// NewRecoveryCode returns a fresh code.
func NewRecoveryCode() RecoveryCode {
	var b [recoveryBytes]byte
	rand.Read(b[:])
	return recoveryCode(b)
}

func recoveryCode(b [recoveryBytes]byte) RecoveryCode {
	return RecoveryCode{func() [recoveryBytes]byte { return b }}
}

// IsZero reports whether there is no code.
func (c RecoveryCode) IsZero() bool { return c.at == nil }

// Text writes the code in seven groups of four characters; "" if there is none.
func (c RecoveryCode) Text() string {
	if c.IsZero() {
		return ""
	}
	b := c.at()
	sum := sha256.Sum256(append(seal.NewContext("recovery"), b[:]...))
	// 128 bits and 12 of the sum are 28 characters exactly; what is behind them is cut.
	return grouped(crockford.EncodeToString(append(b[:], sum[:2]...))[:recoveryChars])
}

// ErrRecoveryCode is a code that cannot have been written so: nothing is counted for it.
var ErrRecoveryCode = errors.New("this is no recovery code: something was misread or mistyped")

// ParseRecoveryCode reads a code as people type it: any case, blanks and dashes anywhere,
// O for 0, I and L for 1.
func ParseRecoveryCode(typed string) (RecoveryCode, error) {
	if len(typed) > 200 {
		return RecoveryCode{}, ErrRecoveryCode
	}
	s := strings.NewReplacer("-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(strings.Join(strings.Fields(typed), "")))
	if len(s) != recoveryChars {
		return RecoveryCode{}, ErrRecoveryCode
	}
	b, err := crockford.DecodeString(s)
	if err != nil || len(b) < recoveryBytes {
		return RecoveryCode{}, ErrRecoveryCode
	}
	c := recoveryCode([recoveryBytes]byte(b[:recoveryBytes]))
	if strings.ReplaceAll(c.Text(), "-", "") != s {
		return RecoveryCode{}, ErrRecoveryCode
	}
	return c, nil
}

// RecoveryLockOf is the lock of a seed's wrap by this code; see RecoveryLock. Without a
// code it is zero, which opens nothing.
func (a *App) RecoveryLockOf(c RecoveryCode) seal.Secret {
	if c.IsZero() {
		return seal.Secret{}
	}
	b := c.at()
	return a.RecoveryLock(b[:])
}

// Format keeps the code out of logs and errors, whatever the verb.
func (c RecoveryCode) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// LogValue keeps it out of slog.
func (c RecoveryCode) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalJSON keeps it out of JSON.
func (c RecoveryCode) MarshalJSON() ([]byte, error) { return []byte(`"[secret]"`), nil }
