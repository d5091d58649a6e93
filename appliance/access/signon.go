package access

import (
	"context"
	"errors"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// SignedOn is whom the organisation's own sign-on has named.
type SignedOn struct {
	Person mail.Person
	Two    bool // it vouches for two factors
	Fresh  bool // they have shown just now who they are, and not some hours ago
}

// SignOn signs in whom the organisation's sign-on has named. What opens the key is still
// asked for, a password or a passkey, unless the server holds it; and a second step, unless
// the sign-on vouches for two.
//
// find says who that is. It is called after what it finds could be overtaken was noted.
func (s *SignIn) SignOn(ctx context.Context, find func(context.Context) (SignedOn, error), from Caller) (Entry, error) {
	began := s.ends.now()
	on, err := find(ctx)
	if err != nil {
		return Entry{}, err
	}
	by := proof{person: on.Person, how: BySignOn, began: began, from: from, two: on.Two, given: s.c.Clock.Running()}
	if !on.Fresh {
		by.given -= StepUp // it is good for what is not risky
	}
	if by.box, err = s.password(ctx, on.Person); err != nil {
		return Entry{}, err
	}
	holds, err := s.c.People.Holds(ctx, on.Person.ID)
	if err != nil {
		return Entry{}, err
	}
	if holds {
		by.opens = func(ctx context.Context) (mail.Person, seal.Secret, error) {
			return s.c.People.OpenHeld(ctx, on.Person.ID)
		}
	}
	return s.enter(ctx, by)
}

// signOnsBegun is how many sign-ons one network may begin in a quarter of an hour: a whole
// house comes out of one in the morning. Each is kept in memory until it is over, and a
// stranger could else fill that alone.
const signOnsBegun = 3000

// BeginSignOn counts a sign-on that somebody begins. The error is Busy.
func (s *SignIn) BeginSignOn(ctx context.Context, from Caller) error {
	return take(ctx, s.c.Count, []limit{{s.c.App.Tag("signon.begun", Network(from.Network)), signInWindow, signOnsBegun, "error.signin.wait", ""}})
}

// Unlock opens the key with the password in the sign-in behind a token, which has shown who
// somebody is and lacks that. A wrong one is counted as at the front door. The errors for
// people are Invalid (wrong), Busy, and Denied for a sign-in that is over: begin anew.
func (s *SignIn) Unlock(ctx context.Context, token Token, password string) (Entry, error) {
	p, err := s.lacking(token, lacksPassword)
	if err != nil {
		return Entry{}, err
	}
	limits := s.limits(p.Profile.Address, p.proof.from.Network, p.proof.from.Device)
	closes, err := takeTry(ctx, s.c.Count, limits)
	if err != nil {
		return Entry{}, err
	}
	l, lock, err := s.opensWith(ctx, p.Person, password)
	if err != nil {
		s.failed(ctx, Failure{Person: p.Person.ID, By: TriedPassword, Wrong: mail.KindOf(err) == mail.Invalid, Closes: closes})
		return Entry{}, err
	}
	if err := s.tryWasRight(ctx, limits); err != nil {
		return Entry{}, err
	}
	return s.goOn(ctx, token, func(by *proof) { s.unlocked(by, l, lock) })
}

// opensWith holds a password against a person whom something else has shown. A wrong one is
// Invalid.
func (s *SignIn) opensWith(ctx context.Context, p mail.Person, password string) (l Login, lock seal.Secret, err error) {
	l, ok, err := s.c.People.Login(ctx, p.Lookup)
	if err != nil {
		return l, lock, err
	}
	// Meanwhile the address may have become somebody else's.
	if !ok || l.Person.ID != p.ID || len(password) > MaxPassword {
		return l, lock, mail.E(mail.Invalid, "error.unlock", nil)
	}
	lock, err = s.compare(ctx, l, password)
	if errors.Is(err, seal.ErrOpen) {
		err = mail.E(mail.Invalid, "error.unlock", nil)
	}
	return l, lock, err
}

// UnlockByPasskey is Unlock with a passkey that opens the key. One that does not is Invalid.
func (s *SignIn) UnlockByPasskey(ctx context.Context, token Token, show Show) (Entry, error) {
	p, err := s.lacking(token, lacksPassword)
	if err != nil {
		return Entry{}, err
	}
	k, err := s.shownBy(ctx, p.Person.ID, TriedPasskey, show)
	if err != nil {
		return Entry{}, err
	}
	if k.Lock.IsZero() {
		return Entry{}, mail.E(mail.Invalid, "error.passkey.locked", nil)
	}
	return s.goOn(ctx, token, func(by *proof) {
		s.keyed(by, k)
		by.two = true // the passkey alone is two
	})
}

// goOn takes the sign-in behind a token, once, adds what it lacked, and goes on from there.
func (s *SignIn) goOn(ctx context.Context, token Token, add func(*proof)) (Entry, error) {
	p, ok := s.pendings.Take(token)
	if !ok {
		return Entry{}, mail.E(mail.Denied, "error.signin", nil)
	}
	by := p.proof
	add(&by)
	return s.enter(ctx, by)
}

// ProveBySignOn is Prove with the organisation's sign-on in the place of the password: find
// says whom it has named just now. An older sign-on, and anybody else, is Denied.
func (s *SignIn) ProveBySignOn(ctx context.Context, token Token, sess *Session, find func(context.Context) (SignedOn, error)) (Token, error) {
	on, err := find(ctx)
	if err != nil {
		return Token{}, err
	}
	if !on.Fresh || on.Person.ID != sess.Person.ID {
		return Token{}, mail.E(mail.Denied, "error.signon.other", nil)
	}
	return s.proveAgain(ctx, token, sess)
}
