package access

import (
	"context"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// How is by what somebody has signed in.
type How uint8

// The ways.
const (
	ByPassword How = iota
	ByPasskey      // a passkey, which was unlocked by its owner
	BySignOn       // the organisation's own sign-on
)

// String is the way's word in the journal.
func (h How) String() string {
	switch h {
	case ByPasskey:
		return "passkey"
	case BySignOn:
		return "signon"
	}
	return "password"
}

// proof is what somebody has shown on the way to a session. By itself it opens nothing.
type proof struct {
	person mail.Person
	how    How
	opens  opens         // the key; nil: what opens it is still to come
	box    mail.Box      // the password's wrap as it stood then; nil: there is none; see Owner.Lock
	given  time.Duration // when, by Clock.Running
	began  uint64        // before anything was read; see ends
	from   Caller
	two    bool // it was two factors: no second step is asked for
}

// opens opens the key of who has shown something, as it is locked by now. If it was
// changed since, that is Denied.
type opens func(ctx context.Context) (mail.Person, seal.Secret, error)

// byPassword is the proof of a password that was right.
func (s *SignIn) byPassword(l Login, lock seal.Secret, began uint64, from Caller) proof {
	by := proof{person: l.Person, began: began, from: from}
	s.unlocked(&by, l, lock)
	return by
}

// unlocked adds the right password to what was shown before.
func (s *SignIn) unlocked(by *proof, l Login, lock seal.Secret) {
	by.box, by.given = l.Box, s.c.Clock.Running()
	by.opens = func(ctx context.Context) (mail.Person, seal.Secret, error) {
		now, ok, err := s.c.People.Login(ctx, l.Person.Lookup)
		if err != nil {
			return mail.Person{}, seal.Secret{}, err
		}
		if !ok {
			return mail.Person{}, seal.Secret{}, mail.E(mail.Denied, "error.signin", nil)
		}
		seed, err := keyring.OpenSeedByLock(now.Person.ID, lock, now.Slot, now.Box)
		if err != nil {
			return mail.Person{}, seal.Secret{}, mail.E(mail.Denied, "error.signin", nil)
		}
		return now.Person, seed, nil
	}
}

// password is a person's password as it is kept by now; nil for who has none.
func (s *SignIn) password(ctx context.Context, p mail.Person) (mail.Box, error) {
	l, ok, err := s.c.People.Login(ctx, p.Lookup)
	if err != nil || !ok {
		return nil, err
	}
	return l.Box, nil
}

// HasPassword reports whether there is a password that opens a person's key.
func (s *SignIn) HasPassword(ctx context.Context, p mail.Person) (bool, error) {
	box, err := s.password(ctx, p)
	return box != nil, err
}
