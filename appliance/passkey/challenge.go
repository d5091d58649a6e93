package passkey

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"slices"
	"sync/atomic"
	"time"
)

// The ceremonies, by the names that browsers sign (5.8.1).
const (
	create = "webauthn.create"
	get    = "webauthn.get"
)

// Challenge is what a browser was asked. It stays in memory, with who was asked: the
// session, or the sign-in that waits. Its copies are one: it is answered once. The zero
// Challenge is answered by nothing.
type Challenge struct{ asked *asked }

type asked struct {
	ceremony string
	value    [32]byte // 13.4.3 asks for 16 or more
	over     time.Duration
	ids      [][]byte // that a new passkey must not have, or one of which answers; none: any
	spent    atomic.Bool
}

func (p Party) challenge(ceremony string, about []Credential) Challenge {
	a := &asked{ceremony: ceremony, over: p.Clock.Running() + Life}
	rand.Read(a.value[:]) // never fails
	for _, c := range about {
		a.ids = append(a.ids, bytes.Clone(c.ID))
	}
	return Challenge{a}
}

// take uses the challenge up.
func (c Challenge) take(ceremony string, running time.Duration) error {
	switch {
	case c.asked == nil:
		return Unasked
	case c.asked.spent.Swap(true):
		return Replayed
	case c.asked.ceremony != ceremony:
		return Unasked
	case running >= c.asked.over:
		return Late
	}
	return nil
}

// fits reports whether a browser's challenge is this one, in a time that tells nothing of
// where they differ.
func (a *asked) fits(given string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(text(a.value[:]))) == 1
}

func (a *asked) has(id []byte) bool {
	return slices.ContainsFunc(a.ids, func(known []byte) bool { return bytes.Equal(known, id) })
}
