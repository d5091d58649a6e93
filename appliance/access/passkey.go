package access

import (
	"context"

	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// Shown is a passkey that has just signed, after its owner had unlocked it with a finger, a
// face or a PIN: two factors, and nothing in it can be guessed or sent on to another site.
// So tries are not counted.
type Shown struct {
	Person  mail.Person
	Passkey mail.ID
	Lock    seal.Secret // of the person's key; zero: this passkey does not open it
}

// Show holds what a browser answered against what is kept of passkeys. It is called after
// what it finds could be overtaken was noted. Beside an error there is the person, and
// nothing else, if the passkey is one that is known.
type Show func(context.Context) (Shown, error)

// Passkey signs in whoever shows a passkey. If that does not open the key, the password is
// still asked for.
func (s *SignIn) Passkey(ctx context.Context, show Show, from Caller) (Entry, error) {
	began := s.ends.now()
	k, err := show(ctx)
	if err != nil {
		s.passkeyFailed(ctx, k, k.Person.ID, TriedPasskey, err)
		return Entry{}, err
	}
	by := proof{person: k.Person, how: ByPasskey, given: s.c.Clock.Running(), began: began, from: from, two: true}
	if by.box, err = s.password(ctx, k.Person); err != nil {
		return Entry{}, err
	}
	s.keyed(&by, k)
	return s.enter(ctx, by)
}

// shownBy is what is shown, if it is this person's own passkey; else it is Denied. What
// failed is written down as theirs, whosever passkey it is: it is they who are tried.
func (s *SignIn) shownBy(ctx context.Context, person mail.ID, by Tried, show Show) (Shown, error) {
	k, err := show(ctx)
	if err == nil && k.Person.ID != person {
		err = mail.E(mail.Denied, "error.passkey.other", nil)
	}
	if err != nil {
		s.passkeyFailed(ctx, k, person, by, err)
		return Shown{}, err
	}
	return k, nil
}

// keyed adds a passkey to what was shown before, if it opens the key.
func (s *SignIn) keyed(by *proof, k Shown) {
	if k.Lock.IsZero() {
		return
	}
	by.opens = func(ctx context.Context) (mail.Person, seal.Secret, error) {
		return s.c.People.OpenByPasskey(ctx, k.Passkey, k.Lock)
	}
}

// SecondByPasskey takes the second step of the sign-in behind a token with a passkey in the
// place of a code. Somebody else's passkey is Denied, as is a sign-in that is over.
func (s *SignIn) SecondByPasskey(ctx context.Context, token Token, show Show) (Entry, error) {
	p, err := s.lacking(token, lacksFactor)
	if err != nil {
		return Entry{}, err
	}
	if _, err := s.shownBy(ctx, p.Person.ID, TriedPasskey, show); err != nil {
		return Entry{}, err
	}
	return s.pass(ctx, token, p.factor)
}

// ProveByPasskey is Prove with a passkey in the place of the password.
func (s *SignIn) ProveByPasskey(ctx context.Context, token Token, sess *Session, show Show) (Token, error) {
	if _, err := s.shownBy(ctx, sess.Person.ID, TriedAgain, show); err != nil {
		return Token{}, err
	}
	return s.proveAgain(ctx, token, sess)
}

// proveAgain notes that who is signed in has shown anew who they are, and gives the session
// another token. What they do next is held against the password as it stands now.
func (s *SignIn) proveAgain(ctx context.Context, token Token, sess *Session) (Token, error) {
	box, err := s.password(ctx, sess.Person)
	if err != nil {
		return Token{}, err
	}
	return s.proved(token, sess, box)
}

func (s *SignIn) proved(token Token, sess *Session, box mail.Box) (Token, error) {
	fresh, ok := s.Tokens.Renew(token)
	if !ok {
		return Token{}, mail.E(mail.Denied, "error.prove", nil)
	}
	sess.mu.Lock()
	defer sess.mu.Unlock()
	sess.proved, sess.lock = s.c.Clock.Running(), box
	return fresh, nil
}
