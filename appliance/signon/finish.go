package signon

import (
	"context"
	"crypto/subtle"
	"time"

	"sigill/appliance/mail"
)

// Answer is what the browser brings back in its query: code, state, iss and error.
type Answer struct {
	Code, State, Issuer, Error string
}

// Bounds of what a browser brings, in bytes. The longest codes that are known are those
// of AD FS, some 2 KiB.
const (
	maxCode  = 8 << 10
	maxState = 200
	maxOther = 1000
)

// Identity is somebody of whom the issuer says who they are.
type Identity struct {
	Issuer   string       // with Subject, who it is for ever
	Subject  string       // the issuer's own name for the person
	Address  mail.Address // as it stands there today: it may be another person's tomorrow
	Name     string       // may be empty
	AuthTime time.Time    // when they showed themselves there; zero if that is not said
	Methods  []string     // how: amr (RFC 8176); may be empty
	ACR      string       // how well, in the issuer's words; may be empty
}

// Finish holds an answer against the sign-in that waits for it, and returns who it is.
// Whoever calls has taken w from its browser's place; it must not be used again.
//
// The error is Denied for what the person or the issuer did (cancelled, too late, not the
// answer to this question, not well enough, not an account of the house's), Again for an
// issuer that cannot be reached, and Internal for one that does not fit the configuration.
func (p *Provider) Finish(ctx context.Context, w Waiting, a Answer) (Identity, error) {
	if waited := p.clock.Running() - w.since; w.state == "" || waited < 0 || waited > Waits {
		return Identity{}, late("nobody waits for this answer, or no longer")
	}
	if len(a.Code) > maxCode || len(a.State) > maxState || len(a.Issuer) > maxOther || len(a.Error) > maxOther {
		return Identity{}, wrong("the answer is too long")
	}
	// Whoever was sent here by a link of somebody else's does not know the state of this
	// browser (RFC 6749, 10.12).
	if subtle.ConstantTimeCompare([]byte(a.State), []byte(w.state)) != 1 {
		return Identity{}, wrong("the answer has another state")
	}
	k, err := p.discover(ctx)
	if err != nil {
		return Identity{}, err
	}
	// Another issuer's answer is refused before anything of it is used (RFC 9207, 2.4).
	if a.Issuer != p.c.Issuer && (a.Issuer != "" || k.issued) {
		return Identity{}, wrong("the answer is of another issuer, or does not say whose")
	}
	if a.Error != "" {
		return Identity{}, refused(a.Error)
	}
	if a.Code == "" {
		return Identity{}, wrong("the answer has no code")
	}
	t, err := p.exchange(ctx, k, w, a.Code)
	if err != nil {
		return Identity{}, err
	}
	if err := p.check(t, w); err != nil {
		return Identity{}, err
	}
	return p.identify(ctx, k, t)
}
