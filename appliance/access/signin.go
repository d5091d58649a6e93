package access

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// Bounds of guessing at passwords (2-security, 2.5): ten wrong in 15 minutes for an
// account and thirty from one network, by strangers; ten for an account from each
// device at which its owner has signed in before.
//
// So strangers, with however many networks, have 960 guesses a day at one account, which is
// 350,400 a year. Four words by chance from a list of 7,776 they meet in a year with
// 350,400 / 7,776⁴, which is 9.6·10⁻¹¹; a password that only one in 10⁹ has chosen, which
// none of the leaked lists knows (see office.CheckPassword), with 3.5·10⁻⁴.
const (
	signInWindow  = 15 * time.Minute
	signInAccount = 10
	signInNetwork = 30
	signInDevice  = 10
)

// MinPassword is the shortest password, in characters (NIST 800-63B-4; ASVS 6.2.1).
const MinPassword = 12

// MaxPassword bounds what Argon2id is given, in bytes.
const MaxPassword = 1024

// People finds who may sign in, and keeps their second factors; the office does.
type People interface {
	// Login returns the person at an address with the box of the password's wrap and
	// the key in its slot. An address without a password is ok false; l is then of the same
	// form, and nobody's.
	Login(ctx context.Context, lookup [32]byte) (l Login, ok bool, err error)
	Profile(mail.Person) (mail.Profile, error)
	// Factor returns a person's second factor; the zero Factor if there is none.
	Factor(ctx context.Context, person mail.ID) (Factor, error)
	// UseStep and UseCode use a code up, durably. They are false if it was used before.
	UseStep(ctx context.Context, person mail.ID, step int64) (bool, error)
	UseCode(ctx context.Context, person mail.ID, hash [32]byte) (bool, error)
	// PhoneShown says that a PIN to the person's own phone was right.
	PhoneShown(ctx context.Context, person mail.ID) error
	// OpenByPasskey opens the key of whoever has a passkey with what it gave. Without such
	// a passkey, or with the wrong lock, it is Denied.
	OpenByPasskey(ctx context.Context, passkey mail.ID, lock seal.Secret) (mail.Person, seal.Secret, error)
	// OpenHeld opens a person's key by what the server holds. Where there is nothing of the
	// kind, it is Denied.
	OpenHeld(ctx context.Context, person mail.ID) (mail.Person, seal.Secret, error)
	// Holds reports whether OpenHeld would open a person's key.
	Holds(ctx context.Context, person mail.ID) (bool, error)
	// CameIn writes a sign-in down, and does what only somebody's own key can do.
	CameIn(ctx context.Context, by Owner, how How) error
	// Tell sends a person a mail about their own account. To, name and language are
	// filled in.
	Tell(ctx context.Context, p mail.Person, n mail.Notice) error
}

// Login is what a password is tried against.
type Login struct {
	Person mail.Person
	Box    mail.Box
	Slot   seal.Secret // S_u
}

// SignInConfig is what a SignIn needs; none may be nil.
type SignInConfig struct {
	App     *keyring.App
	People  People
	Count   Counter
	Stretch *keyring.Stretcher // shared with who sets passwords
	PINs    *PINs              // of reserve phones; their tries are counted here
	Clock   mail.Clock
	Log     *slog.Logger
	// Failures writes down what was wrong; shared with Sending.
	Failures *Failures
	// Required says from when on a person must have a second factor; ok false: need not.
	Required func(mail.Person) (from time.Time, ok bool)
	// SignOnOnly says who comes in by the organisation's sign-on alone.
	SignOnOnly func(mail.Person) bool
}

// SignIn signs people in: by password, and by a second step if they have one.
type SignIn struct {
	c        SignInConfig
	Tokens   *Tokens[*Session]
	pendings *Tokens[*Pending]
	helping  *Helping // nil: nobody asks for help
	ends     ends
}

// NewSignIn returns a SignIn.
func NewSignIn(c SignInConfig) *SignIn {
	return &SignIn{c: c, Tokens: NewTokens[*Session](c.Clock), pendings: newTokens[*Pending](c.Clock, EnrolLife, EnrolLife)}
}

// Caller is from where somebody asks.
type Caller struct {
	Network netip.Addr
	Device  string // the browser's mark; "" if it has none; see MarkDevice
	Agent   Agent
}

// Entry is what a right password leads to: a session, or a sign-in that waits for its
// second step. One of the two is nil.
type Entry struct {
	Token   Token
	Session *Session
	Pending *Pending
}

// Password tries an address and a password. Wrong and unknown give the same error,
// Denied, after the same work; too many tries give Busy, before any work.
func (s *SignIn) Password(ctx context.Context, address, password string, from Caller) (Entry, error) {
	a, aerr := mail.ParseAddress(address)
	// Counted before it is compared, for accounts that exist and for those that do not.
	limits := s.limits(a, from.Network, from.Device)
	closes, err := takeTry(ctx, s.c.Count, limits)
	if err != nil {
		return Entry{}, err
	}
	began, lookup := s.ends.now(), s.c.App.Lookup(a.Key())
	l, lock, err := s.try(ctx, lookup, password, aerr == nil)
	if err != nil {
		s.failed(ctx, Failure{Lookup: lookup, By: TriedPassword, Wrong: mail.KindOf(err) == mail.Denied, Closes: closes})
		return Entry{}, err
	}
	if err := s.tryWasRight(ctx, limits); err != nil {
		return Entry{}, err
	}
	return s.enter(ctx, s.byPassword(l, lock, began, from))
}

// try holds a password against who has a lookup, if it is that of an address at all. Wrong
// and unknown are Denied, alike, after the same work.
func (s *SignIn) try(ctx context.Context, lookup [32]byte, password string, address bool) (l Login, lock seal.Secret, err error) {
	l, ok, err := s.c.People.Login(ctx, lookup)
	if err != nil {
		return Login{}, lock, err
	}
	// Of nobody too, l is something to try it against: it is stretched and held against that
	// like any other, so that the time is the same, and whatever comes of it is Denied.
	ok = ok && address
	if len(password) > MaxPassword {
		ok, password = false, ""
	}
	lock, err = s.compare(ctx, l, password)
	if errors.Is(err, seal.ErrOpen) || err == nil && !ok {
		err = mail.E(mail.Denied, "error.signin", nil)
	}
	return l, lock, err
}

// compare holds a password against a login, and returns what Argon2id gave. A wrong one
// is seal.ErrOpen.
//
// It opens the seed with S_u to see whether the password is right, and forgets the seed
// at once. S_u is meant to be released by the second step only; but if the password were
// not compared before that, whoever knows an address could send SMS to its owner, and
// use up the tries of the second step.
func (s *SignIn) compare(ctx context.Context, l Login, password string) (seal.Secret, error) {
	lock, err := s.c.Stretch.PasswordLock(ctx, []byte(password), l.Box)
	if err != nil {
		return seal.Secret{}, err
	}
	_, err = keyring.OpenSeedByLock(l.Person.ID, lock, l.Slot, l.Box)
	return lock, err
}

// enter goes on from what was shown: to the session, or to what is still lacking.
func (s *SignIn) enter(ctx context.Context, by proof) (Entry, error) {
	if by.how != BySignOn && s.c.SignOnOnly(by.person) {
		return Entry{}, mail.E(mail.Denied, "error.signin.signon", nil)
	}
	f, err := s.c.People.Factor(ctx, by.person.ID)
	if err != nil {
		return Entry{}, err
	}
	if by.opens == nil {
		return s.wait(by, f, lacksPassword)
	}
	if by.two {
		return s.finish(ctx, by, f.At, time.Time{})
	}
	wanted, must := s.required(by.person)
	switch {
	case f.On():
		return s.wait(by, f, lacksFactor)
	case must:
		return s.wait(by, f, lacksEnrolment)
	}
	return s.finish(ctx, by, time.Time{}, wanted)
}

// Activated signs in who has just chosen a first password, or leads to the second step. Who
// comes back by the recovery kit has a second factor already: the code that was handed over
// stands for the password, and for nothing more.
//
// The password is compared like any other: access may have been restored once more since
// it was set, and then it is Denied.
func (s *SignIn) Activated(ctx context.Context, p mail.Person, password string, from Caller) (Entry, error) {
	return s.chosen(ctx, p, password, from, false)
}

// chosen signs in by a password that was just set. two says that a second factor was shown
// with it.
func (s *SignIn) chosen(ctx context.Context, p mail.Person, password string, from Caller, two bool) (Entry, error) {
	began := s.ends.now()
	l, ok, err := s.c.People.Login(ctx, p.Lookup)
	if err != nil {
		return Entry{}, err
	}
	if !ok {
		return Entry{}, mail.E(mail.Denied, "error.signin", nil)
	}
	lock, err := s.compare(ctx, l, password)
	if errors.Is(err, seal.ErrOpen) {
		return Entry{}, mail.E(mail.Denied, "error.signin", nil)
	}
	if err != nil {
		return Entry{}, err
	}
	by := s.byPassword(l, lock, began, from)
	by.two = two
	return s.enter(ctx, by)
}

// Registered signs in who has just made an account for themself as a registered recipient:
// they have chosen the password and typed a PIN that came to their phone, a moment ago. The
// error is Denied if either is another one by now.
func (s *SignIn) Registered(ctx context.Context, p mail.Person, password string, from Caller) (Entry, error) {
	return s.chosen(ctx, p, password, from, true)
}

// Must reports whether a person must have a second factor by now.
func (s *SignIn) Must(p mail.Person) bool {
	_, must := s.required(p)
	return must
}

// required says from when on a second factor is required of a person who has none, and
// whether it is by now.
func (s *SignIn) required(p mail.Person) (from time.Time, must bool) {
	from, ok := s.c.Required(p)
	if !ok {
		return time.Time{}, false
	}
	return from, !s.c.Clock.Now().Before(from)
}

// finish opens the key, as what locks it stands by now, and begins the session. If that
// was changed since it was shown, or the person's sign-ins were ended, it is Denied.
func (s *SignIn) finish(ctx context.Context, by proof, factor, wanted time.Time) (Entry, error) {
	person, seed, err := by.opens(ctx)
	if err != nil {
		return Entry{}, err
	}
	by.person = person // roles may have been changed
	token, sess, err := s.begin(by, keyring.NewPerson(person.ID, seed), factor, wanted)
	if err != nil {
		return Entry{}, err
	}
	s.cameIn(ctx, sess, by)
	return Entry{Token: token, Session: sess}, nil
}

// limits are those of one try, in the order in which they are asked. A try that is
// refused is no guess, and takes nothing from the neighbours.
//
// A known device has one of its own, and no other: neither strangers who guess at the
// account nor the neighbours behind one address of a whole house can use that up. For
// everybody else the network comes first, so that one which has used up its tries
// closes no further accounts.
func (s *SignIn) limits(a mail.Address, from netip.Addr, device string) []limit {
	held := func(most int64, of Brake, value string) limit {
		return limit{s.c.App.Tag("signin."+string(of), value), signInWindow, most, "error.signin.wait", of}
	}
	if id := s.marked(device, a.Key()); id != nil {
		return []limit{held(signInDevice, AtDevice, string(id)+a.Key())}
	}
	return []limit{held(signInNetwork, AtNetwork, Network(from)), held(signInAccount, AtAccount, a.Key())}
}

// tryWasRight takes back the one try that was no wrong one: a whole house comes out of
// one network in the morning. It takes back no more than that, or somebody with an
// account of their own could guess at the others' for ever.
func (s *SignIn) tryWasRight(ctx context.Context, limits []limit) error {
	var errs []error
	for _, l := range limits {
		errs = append(errs, s.c.Count.GiveBack(ctx, l.name))
	}
	return errors.Join(errs...)
}

// Network is the part of an address by which callers are counted: a whole IPv4
// address, and the /64 of IPv6 that one customer has.
func Network(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		p, err := a.Prefix(64)
		if err == nil {
			return p.String()
		}
	}
	return a.String()
}
