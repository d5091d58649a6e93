package access

import (
	"context"
	"sync"

	"sigill/appliance/mail"
)

// Bounds of proving a phone of one's own: 25 wrong PINs in 30 days for a person, five for
// each PIN, as for a letter's reader. So somebody who has another's session proves a
// phone that is not theirs with at most 2.5·10⁻⁵ a month.
const (
	ownPINs   = 25
	ownWindow = 30 * day
)

// Enrolment is where somebody stands who sets a second factor up: first a phone, then an
// app. It lives in memory with the session, or the sign-in, in which it is done.
type Enrolment struct {
	mu     sync.Mutex
	pin    mail.ID    // names the PIN that was sent; another for each number
	asked  mail.Phone // to whom it was sent
	proven mail.Phone
	key    TOTPKey
}

// NewEnrolment returns one at its beginning.
func NewEnrolment() *Enrolment { return &Enrolment{} }

// Ask notes a number to which a PIN is about to go, and returns the PIN's name. Another
// number gets another name, so that one number's PIN proves no other.
func (e *Enrolment) Ask(to mail.Phone) mail.ID {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.asked != to || e.pin.IsZero() {
		e.asked, e.pin = to, mail.NewID()
	}
	return e.pin
}

// Asked returns the number to which a PIN was sent; "" for none.
func (e *Enrolment) Asked() mail.Phone {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked
}

// Proven returns the number that was proven; "" for none yet.
func (e *Enrolment) Proven() mail.Phone {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.proven
}

// Key returns the key that the app is to get: the same one until the enrolment ends.
func (e *Enrolment) Key() TOTPKey {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.key.IsZero() {
		e.key = NewTOTPKey()
	}
	return e.key
}

// Confirm compares the first code of the app. It is right if it shows that the app has
// the key; the step is used up by it. Who tries has been shown the key, so there is
// nothing to count.
func (s *SignIn) Confirm(e *Enrolment, typed string) (step int64, err error) {
	if step, ok := e.Key().Match(digits(typed), s.c.Clock.Now()); ok {
		return step, nil
	}
	return 0, mail.E(mail.Invalid, "error.second.app", nil)
}

// ProvePhone compares the PIN that was sent to a person's own number. The try is counted,
// durably, before. The errors are those of PINs.Check, and Busy.
func (s *SignIn) ProvePhone(ctx context.Context, person mail.ID, e *Enrolment, typed string) error {
	asked, err := s.prove(ctx, limit{name: s.c.App.Tag("own.pin", string(person[:])), window: ownWindow, most: ownPINs, say: "error.own.tries"}, e, typed)
	if err != nil {
		return err
	}
	return s.proven(ctx, person, asked)
}

// prove compares a PIN, counted by one limit, and returns the number that it proves.
func (s *SignIn) prove(ctx context.Context, by limit, e *Enrolment, typed string) (mail.Phone, error) {
	limits := []limit{by}
	if err := take(ctx, s.c.Count, limits); err != nil {
		return "", err
	}
	e.mu.Lock()
	pin, asked := e.pin, e.asked
	e.mu.Unlock()
	if err := s.c.PINs.Check(ctx, pin, typed); err != nil {
		return "", err
	}
	e.mu.Lock()
	e.proven = asked
	e.mu.Unlock()
	return asked, s.tryWasRight(ctx, limits)
}

// Enrolled goes on to the session of somebody who had to set a factor up, and has. Who
// has none, or had one before, is Denied.
func (s *SignIn) Enrolled(ctx context.Context, token Token) (Entry, error) {
	p, ok := s.Pending(token)
	if !ok || !p.Enrols() {
		return Entry{}, mail.E(mail.Denied, "error.signin", nil)
	}
	f, err := s.c.People.Factor(ctx, p.Person.ID)
	if err != nil {
		return Entry{}, err
	}
	if !f.On() {
		return Entry{}, mail.E(mail.Denied, "error.signin", nil)
	}
	return s.pass(ctx, token, f.At)
}

// Prove compares the password of who is signed in, for what is risky, and gives the
// session another token. The errors for people are Denied for a wrong one, and Busy.
func (s *SignIn) Prove(ctx context.Context, token Token, sess *Session, password string) (Token, error) {
	limits := []limit{{s.c.App.Tag("prove", string(sess.Person.ID[:])), signInWindow, signInAccount, "error.signin.wait", AtAccount}}
	closes, err := takeTry(ctx, s.c.Count, limits)
	if err != nil {
		return Token{}, err
	}
	l, err := s.proves(ctx, sess.Person, password)
	if err != nil {
		s.failed(ctx, Failure{Person: sess.Person.ID, By: TriedAgain, Wrong: mail.KindOf(err) == mail.Denied, Closes: closes})
		return Token{}, err
	}
	if err := s.tryWasRight(ctx, limits); err != nil {
		return Token{}, err
	}
	return s.proved(token, sess, l.Box)
}

func (s *SignIn) proves(ctx context.Context, p mail.Person, password string) (Login, error) {
	l, ok, err := s.c.People.Login(ctx, p.Lookup)
	if err != nil {
		return l, err
	}
	if !ok || len(password) > MaxPassword {
		return l, mail.E(mail.Denied, "error.prove", nil)
	}
	if _, err := s.compare(ctx, l, password); err != nil {
		if ctx.Err() != nil {
			return l, err
		}
		return l, mail.E(mail.Denied, "error.prove", nil)
	}
	return l, nil
}

// ownSMS is how many SMS somebody may cause in a day by signing in; and as many by typing
// numbers of their own, see SpendNew.
const ownSMS = 10

// SpendOwn is Spend for an SMS by which somebody signs in, to the phone that they have
// proven. There is no letter whose life could bound it, so it is bounded by the person.
func (b *Budget) SpendOwn(ctx context.Context, person mail.ID, to mail.Phone) error {
	l := b.limits()
	if !allowed(l.Countries, to) {
		return mail.E(mail.Invalid, "error.own.country", nil)
	}
	return take(ctx, b.count, []limit{
		{b.name.Tag(pausePurpose, string(to)), smsPause, 1, "error.sms.pause", ""},
		{b.name.Tag("sms.number", string(to)), day, l.Number, "error.sms.number", ""},
		{b.name.Tag("sms.person", person.String()), day, ownSMS, "error.own.person", ""},
		{b.name.Tag("sms.day", ""), day, l.Day, "error.own.day", ""},
	})
}

// helpNumber is how many SMS go to one number in a day because somebody has asked for help
// with a password.
const helpNumber = 3

// SpendHelp is Spend for an SMS by which somebody is to prove who they are without a
// password. It has counts of its own: a stranger who knows an address may cause it, and
// must not use up those by which the owner signs in.
func (b *Budget) SpendHelp(ctx context.Context, to mail.Phone) error {
	l := b.limits()
	if !allowed(l.Countries, to) {
		return mail.E(mail.Invalid, "error.own.country", nil)
	}
	return take(ctx, b.count, []limit{
		{b.name.Tag(helpPausePurpose, string(to)), smsPause, 1, "error.sms.pause", ""},
		{b.name.Tag("sms.help", string(to)), day, helpNumber, "error.sms.number", ""},
		{b.name.Tag("sms.day", ""), day, l.Day, "error.own.day", ""},
	})
}
