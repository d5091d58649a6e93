package access

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"

	"sigill/appliance/mail"
)

// Bounds of a session (2-security, 2.3): keys in memory are the price of a session,
// so it is short.
const (
	SessionIdle = 30 * time.Minute
	SessionMost = 12 * time.Hour
	maxSessions = 100_000
)

// Tokens keeps the sessions of one kind in memory, each under a random token of
// which only the hash is kept. A restart signs everybody out.
type Tokens[T any] struct {
	clock mail.Clock
	idle  time.Duration // over when it was not used for so long
	most  time.Duration // over in any case
	mu    sync.Mutex
	live  map[[32]byte]*tokenEntry[T]
}

type tokenEntry[T any] struct {
	value      T
	made, seen time.Duration // by Clock.Running: a wall that is set back gives no session longer life
}

// NewTokens returns an empty set.
func NewTokens[T any](clock mail.Clock) *Tokens[T] {
	return newTokens[T](clock, SessionIdle, SessionMost)
}

// NewBriefTokens returns an empty set of what is over after life, used or not.
func NewBriefTokens[T any](clock mail.Clock, life time.Duration) *Tokens[T] {
	return newTokens[T](clock, life, life)
}

func newTokens[T any](clock mail.Clock, idle, most time.Duration) *Tokens[T] {
	return &Tokens[T]{clock: clock, idle: idle, most: most, live: map[[32]byte]*tokenEntry[T]{}}
}

// Token is what a browser shows to be known again: 256 random bits.
type Token = [32]byte

// Add keeps a value and returns its token. When there are too many sessions, Busy.
func (t *Tokens[T]) Add(value T) (Token, error) {
	return t.AddUnless(value, func() bool { return false })
}

// AddUnless adds a value, unless it comes too late: then Denied. over is asked while
// nothing is dropped, and must not call the set; so whoever makes it true and then drops
// misses none.
func (t *Tokens[T]) AddUnless(value T, over func() bool) (Token, error) {
	var token Token
	rand.Read(token[:])
	now := t.clock.Running()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.live) >= maxSessions {
		t.sweep(now)
		if len(t.live) >= maxSessions {
			return Token{}, mail.E(mail.Busy, "error.busy", nil)
		}
	}
	if over() {
		return Token{}, mail.E(mail.Denied, "error.signin", nil)
	}
	t.live[sha256.Sum256(token[:])] = &tokenEntry[T]{value, now, now}
	return token, nil
}

// Get returns a token's value and keeps it alive.
func (t *Tokens[T]) Get(token Token) (T, bool) {
	now := t.clock.Running()
	t.mu.Lock()
	defer t.mu.Unlock()
	key := sha256.Sum256(token[:])
	e := t.live[key]
	if e == nil || t.over(e, now) {
		delete(t.live, key)
		var none T
		return none, false
	}
	e.seen = now
	return e.value, true
}

// KeepWhere keeps alive every value of which f says so, and reports whether there is one.
// f must not call the set.
func (t *Tokens[T]) KeepWhere(f func(T) bool) (kept bool) {
	now := t.clock.Running()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.live {
		if !t.over(e, now) && f(e.value) {
			e.seen, kept = now, true
		}
	}
	return kept
}

// Take returns a token's value and forgets it, in one step: of several who show the
// same token, one gets it.
func (t *Tokens[T]) Take(token Token) (T, bool) {
	now := t.clock.Running()
	t.mu.Lock()
	defer t.mu.Unlock()
	key := sha256.Sum256(token[:])
	e := t.live[key]
	delete(t.live, key)
	if e == nil || t.over(e, now) {
		var none T
		return none, false
	}
	return e.value, true
}

// Renew gives what stands behind a token another one; the old one is worth nothing
// then. It lives no longer by that.
func (t *Tokens[T]) Renew(old Token) (Token, bool) {
	now := t.clock.Running()
	t.mu.Lock()
	defer t.mu.Unlock()
	key := sha256.Sum256(old[:])
	e := t.live[key]
	delete(t.live, key)
	if e == nil || t.over(e, now) {
		return Token{}, false
	}
	var token Token
	rand.Read(token[:])
	t.live[sha256.Sum256(token[:])] = e
	return token, true
}

// Reissue gives a value that lives another token, as Renew does for who has lost the old
// one by its place in the browser; of several that fit, to one.
func (t *Tokens[T]) Reissue(is func(T) bool) (Token, bool) {
	now := t.clock.Running()
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, e := range t.live {
		if t.over(e, now) || !is(e.value) {
			continue
		}
		delete(t.live, key)
		var token Token
		rand.Read(token[:])
		t.live[sha256.Sum256(token[:])] = e
		return token, true
	}
	return Token{}, false
}

// Each calls f for each value that lives, with how long it was not used. f must not
// call the set.
func (t *Tokens[T]) Each(f func(value T, idle time.Duration)) {
	now := t.clock.Running()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.live {
		if !t.over(e, now) {
			f(e.value, now-e.seen)
		}
	}
}

// Drop ends a session. Its keys are the garbage collector's then.
func (t *Tokens[T]) Drop(token Token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.live, sha256.Sum256(token[:]))
}

// DropWhere ends every session of which f says so, such as all of one person.
func (t *Tokens[T]) DropWhere(f func(T) bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, e := range t.live {
		if f(e.value) {
			delete(t.live, k)
		}
	}
}

// Sweep ends what is over, so that keys do not stay in memory because nobody comes
// back.
func (t *Tokens[T]) Sweep() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sweep(t.clock.Running())
}

func (t *Tokens[T]) sweep(now time.Duration) {
	for k, e := range t.live {
		if t.over(e, now) {
			delete(t.live, k)
		}
	}
}

func (t *Tokens[T]) over(e *tokenEntry[T], now time.Duration) bool {
	return now-e.seen >= t.idle || now-e.made >= t.most
}
