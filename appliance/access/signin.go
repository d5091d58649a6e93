package access

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

// Bounds of guessing at passwords (2-security, 2.5): ten wrong in 15 minutes for an
// account and thirty from one network, by strangers; ten for an account from each
// device at which its owner has signed in before. A password of 12 characters then
// stands for longer than anybody lives.
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

// People finds who may sign in; the appliance wires it to the vault.
type People interface {
	// Login returns the person at an address with the box of the password's wrap and
	// the key in its slot. An address without a password is ok false.
	Login(ctx context.Context, lookup [32]byte) (l Login, ok bool, err error)
	Profile(mail.Person) (mail.Profile, error)
}

// Login is what a password is tried against.
type Login struct {
	Person mail.Person
	Box    mail.Box
	Slot   seal.Secret // S_u
}

// Key is a signed-in person's keys; see keyring.
type Key = keyring.Person

// Session is a signed-in person. It lives in memory with its keys.
type Session struct {
	Person  mail.Person
	Profile mail.Profile
	Key     *keyring.Person
	Form    [32]byte // secret of this session's forms
	Since   time.Time
}

// Actor is who acts in this session.
func (s *Session) Actor() mail.Actor { return mail.Actor{Kind: mail.ActorPerson, ID: s.Person.ID} }

// SignIn signs people in by password.
type SignIn struct {
	app     *keyring.App
	people  People
	count   Counter
	stretch *keyring.Stretcher
	clock   mail.Clock
	Tokens  *Tokens[*Session]
}

// NewSignIn returns a SignIn. stretch is shared with who sets passwords.
func NewSignIn(app *keyring.App, people People, count Counter, stretch *keyring.Stretcher, clock mail.Clock) *SignIn {
	return &SignIn{app, people, count, stretch, clock, NewTokens[*Session](clock)}
}

// Password tries an address and a password, from a network and a browser with this
// mark ("" if it has none; see MarkDevice). Wrong and unknown give the same error,
// Denied, after the same work; too many tries give Busy, before any work.
func (s *SignIn) Password(ctx context.Context, address, password string, from netip.Addr, device string) (token Token, sess *Session, err error) {
	a, aerr := mail.ParseAddress(address)
	lookup := s.app.Lookup(a.Key())
	// Counted before it is compared, for accounts that exist and for those that do not.
	limits := s.limits(a, from, device)
	if err := take(ctx, s.count, limits); err != nil {
		return Token{}, nil, err
	}
	l, ok, err := s.people.Login(ctx, lookup)
	if err != nil {
		return Token{}, nil, err
	}
	if aerr != nil || !ok || len(password) > MaxPassword {
		l, ok = Login{}, false
		password = "" // still stretched, so that the time is the same
	}
	seed, err := s.stretch.OpenSeedByPassword(ctx, l.Person.ID, []byte(password), l.Slot, l.Box)
	if errors.Is(err, seal.ErrOpen) || err == nil && !ok {
		return Token{}, nil, mail.E(mail.Denied, "error.signin", nil)
	}
	if err != nil {
		return Token{}, nil, err
	}
	if err := s.tryWasRight(ctx, limits); err != nil {
		return Token{}, nil, err
	}
	return s.Begin(l.Person, keyring.NewPerson(l.Person.ID, seed))
}

// Begin makes the session of somebody whose key is open.
func (s *SignIn) Begin(p mail.Person, key *keyring.Person) (Token, *Session, error) {
	profile, err := s.people.Profile(p)
	if err != nil {
		return Token{}, nil, err
	}
	sess := &Session{Person: p, Profile: profile, Key: key, Since: s.clock.Now()}
	rand.Read(sess.Form[:])
	token, err := s.Tokens.Add(sess)
	return token, sess, err
}

// limits are those of one try, in the order in which they are asked. A try that is
// refused is no guess, and takes nothing from the neighbours.
//
// A known device has one of its own, and no other: neither strangers who guess at the
// account nor the neighbours behind one address of a whole house can use that up. For
// everybody else the network comes first, so that one which has used up its tries
// closes no further accounts.
func (s *SignIn) limits(a mail.Address, from netip.Addr, device string) []limit {
	held := func(most int64, purpose, value string) limit {
		return limit{s.app.Tag(purpose, value), signInWindow, most, "error.signin.wait"}
	}
	if id := s.marked(device, a.Key()); id != nil {
		return []limit{held(signInDevice, "signin.device", string(id)+a.Key())}
	}
	return []limit{held(signInNetwork, "signin.network", Network(from)), held(signInAccount, "signin.account", a.Key())}
}

// tryWasRight takes back the one try that was no wrong one: a whole house comes out of
// one network in the morning. It takes back no more than that, or somebody with an
// account of their own could guess at the others' for ever.
func (s *SignIn) tryWasRight(ctx context.Context, limits []limit) error {
	var errs []error
	for _, l := range limits {
		errs = append(errs, s.count.GiveBack(ctx, l.name))
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
