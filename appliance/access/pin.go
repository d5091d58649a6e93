package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"sigill/appliance/mail"
)

// Bounds of a PIN (2-security, 2.5): six digits, ten minutes, five tries: one PIN is
// guessed with 5 / 10⁶ = 5·10⁻⁶. What a guesser has in a letter's whole life is
// desk.MaxWrong, and of other PINs what counts before (secondTries, ownPINs, helpProofs).
const (
	PINLife   = 10 * time.Minute
	PINTries  = 5
	maxPINs   = 100_000
	pinDigits = 6
)

// Tries counts tries at a letter's PINs in its row; desk.Desk does.
type Tries interface {
	CountTry(ctx context.Context, holder mail.ID) error
	TryWasRight(ctx context.Context, holder mail.ID) error
	TryWasWrong(ctx context.Context, holder mail.ID) error
}

// PINs has the PINs that are under way. They live in memory only, each as an HMAC
// under a key of this process; after a crash the reader asks for another.
type PINs struct {
	clock mail.Clock
	tries Tries
	key   [32]byte
	mu    sync.Mutex
	live  map[mail.ID]*pin
}

type pin struct {
	mac   [32]byte
	over  time.Duration // by Clock.Running
	tries int
}

// NewPINs returns an empty set.
func NewPINs(clock mail.Clock, tries Tries) *PINs {
	p := &PINs{clock: clock, tries: tries, live: map[mail.ID]*pin{}}
	rand.Read(p.key[:])
	return p
}

// Make returns a fresh PIN for a letter's reader. It takes the place of an older
// one.
func (p *PINs) Make(holder mail.ID) (string, error) {
	text := sixDigits()
	now := p.clock.Running()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.live) >= maxPINs {
		for k, e := range p.live {
			if now >= e.over {
				delete(p.live, k)
			}
		}
		if len(p.live) >= maxPINs {
			return "", mail.E(mail.Busy, "error.busy", nil)
		}
	}
	p.live[holder] = &pin{mac: p.mac(holder, text), over: now + PINLife}
	return text, nil
}

// sixDigits returns six random digits.
func sixDigits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic("access: internal: " + err.Error()) // crypto/rand ends the process before
	}
	return fmt.Sprintf("%0*d", pinDigits, n)
}

// Pending reports whether a PIN is under way, and for how much longer.
func (p *PINs) Pending(holder mail.ID) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.live[holder]
	if e == nil || p.clock.Running() >= e.over || e.tries >= PINTries {
		return 0, false
	}
	return e.over - p.clock.Running(), true
}

// Check compares a PIN that somebody typed. Nil: it was right, and it is used up.
//
// The errors are Invalid (wrong; With "left" tells how many tries), Gone (there is no
// PIN, or it is too old, or tried too often: ask for another) and Locked (the letter
// is closed until the sender opens it again).
func (p *PINs) Check(ctx context.Context, holder mail.ID, typed string) error {
	// The try at this PIN is taken first, so that parallel requests cannot share one;
	// then the letter's count is made durable; only then is anything compared.
	e, left, err := p.take(holder)
	if err != nil {
		return err
	}
	if err := p.tries.CountTry(ctx, holder); err != nil {
		if mail.KindOf(err) == mail.Locked {
			// A crash behind the last try's count may have kept it from being closed.
			err = errors.Join(p.tries.TryWasWrong(ctx, holder), err)
		}
		return err
	}
	mac := p.mac(holder, digits(typed))
	if !hmac.Equal(mac[:], e.mac[:]) {
		if err := p.tries.TryWasWrong(ctx, holder); err != nil {
			return err
		}
		if left == 0 {
			return mail.E(mail.Gone, "error.pin.used", nil)
		}
		return mail.E(mail.Invalid, "error.pin", nil).Tell("Left", fmt.Sprint(left))
	}
	first := p.use(holder, e)
	if err := p.tries.TryWasRight(ctx, holder); err != nil {
		return err
	}
	if !first {
		return mail.E(mail.Gone, "error.pin.used", nil) // a button pressed twice lets in once
	}
	return nil
}

// use uses a PIN up. It is false if another request was quicker.
func (p *PINs) use(holder mail.ID, e *pin) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live[holder] != e {
		return false
	}
	delete(p.live, holder)
	return true
}

func (p *PINs) take(holder mail.ID) (*pin, int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.live[holder]
	if e != nil && p.clock.Running() >= e.over {
		delete(p.live, holder)
		e = nil
	}
	// One that was tried often enough stays until it is over: the last try may still
	// be on its way to be compared, and be right.
	if e == nil || e.tries >= PINTries {
		return nil, 0, mail.E(mail.Gone, "error.pin.none", nil)
	}
	e.tries++
	return e, PINTries - e.tries, nil
}

// mac binds a PIN to its letter, so that one letter's PIN opens no other.
func (p *PINs) mac(holder mail.ID, text string) [32]byte {
	h := hmac.New(sha256.New, p.key[:])
	h.Write(holder[:])
	h.Write([]byte(text))
	return [32]byte(h.Sum(nil))
}

// digits takes the digits out of what somebody typed: people write "123 456".
func digits(s string) string {
	var b []byte
	for i := 0; i < len(s) && len(b) <= pinDigits; i++ {
		if '0' <= s[i] && s[i] <= '9' {
			b = append(b, s[i])
		}
	}
	return string(b)
}
