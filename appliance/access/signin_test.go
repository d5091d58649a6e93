package access_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/seal"
)

const (
	anna     = "anna@kommun.example"
	password = "en stor blå elefant"
)

// people is one person with a password.
type people struct {
	app    *keyring.App
	login  access.Login
	lookup [32]byte
	asked  func() error // called before each answer

	mu     sync.Mutex
	person mail.Person
	factor access.Factor
	step   int64 // used up
	told   []mail.Notice
	came   []access.Owner
	crash  func() error // called before a factor is looked at

	how      access.How // of the last one who came in
	held     seal.Secret
	passkeys map[mail.ID]seal.Secret
}

func (p *people) Factor(context.Context, mail.ID) (access.Factor, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.crash != nil {
		return access.Factor{}, p.crash()
	}
	return p.factor, nil
}

func (p *people) PhoneShown(context.Context, mail.ID) error { return nil }

func (p *people) UseStep(_ context.Context, _ mail.ID, step int64) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if step <= p.step {
		return false, nil
	}
	p.step = step
	return true, nil
}

func (p *people) UseCode(_ context.Context, _ mail.ID, hash [32]byte) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := len(p.factor.Codes.Hashes)
	p.factor.Codes.Hashes = slices.DeleteFunc(slices.Clone(p.factor.Codes.Hashes), func(h [32]byte) bool { return h == hash })
	return len(p.factor.Codes.Hashes) < before, nil
}

func (p *people) Tell(_ context.Context, _ mail.Person, n mail.Notice) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, n)
	return nil
}

func (p *people) Holds(context.Context, mail.ID) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.held.IsZero(), nil
}

func (p *people) OpenHeld(context.Context, mail.ID) (mail.Person, seal.Secret, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held.IsZero() {
		return mail.Person{}, seal.Secret{}, mail.E(mail.Denied, "error.signin", nil)
	}
	return p.login.Person, p.held, nil
}

func (p *people) OpenByPasskey(_ context.Context, passkey mail.ID, lock seal.Secret) (mail.Person, seal.Secret, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seed, ok := p.passkeys[passkey]
	if !ok || lock.IsZero() {
		return mail.Person{}, seal.Secret{}, mail.E(mail.Denied, "error.signin", nil)
	}
	return p.login.Person, seed, nil
}

func (p *people) CameIn(_ context.Context, by access.Owner, how access.How) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.came, p.how = append(p.came, by), how
	return nil
}

func (p *people) Login(_ context.Context, lookup [32]byte) (access.Login, bool, error) {
	if p.asked != nil {
		if err := p.asked(); err != nil {
			return access.Login{}, false, err
		}
	}
	if lookup != p.lookup {
		return access.Login{}, false, nil
	}
	return p.login, true, nil
}

// careless gives somebody's own login for a decoy.
type careless struct{ *people }

func (p careless) Login(context.Context, [32]byte) (access.Login, bool, error) {
	return p.login, false, nil
}

func (p *people) Profile(mail.Person) (mail.Profile, error) {
	return mail.Profile{Address: anna, Name: "Anna"}, nil
}

type house struct {
	*access.SignIn
	config access.SignInConfig
	people *people
	book   *book
	clock  *clock
	seed   seal.Secret
}

func newHouse(t *testing.T) house {
	t.Helper()
	app, c, stretch := newApp(), newClock(), keyring.NewStretcher(cheap, 2, nil)
	h := house{clock: c, seed: seal.NewSecret(), book: &book{}, people: &people{app: app, lookup: app.Lookup(anna)}}
	id, key := mail.NewID(), seal.NewSecret()
	box, err := stretch.SealSeedByPassword(ctx, id, []byte(password), key, h.seed)
	fine(t, err)
	h.people.login = access.Login{Person: mail.Person{ID: id, Lookup: h.people.lookup}, Box: box, Slot: key}
	h.people.person = h.people.login.Person
	h.config = access.SignInConfig{App: app, Failures: access.NewFailures(h.book, quiet), People: h.people, Count: newCounter(t, c), Stretch: stretch, PINs: access.NewPINs(c, access.CountedBefore{}), Clock: c, Log: quiet, Required: func(mail.Person) (time.Time, bool) { return time.Time{}, false }, SignOnOnly: func(mail.Person) bool { return false }}
	h.SignIn = access.NewSignIn(h.config)
	return h
}

// Password signs in who has no second factor.
func (h house) Password(ctx context.Context, address, password string, from netip.Addr, device string) (access.Token, *access.Session, error) {
	e, err := h.SignIn.Password(ctx, address, password, access.Caller{Network: from, Device: device})
	return e.Token, e.Session, err
}

var errNoWork = errors.New("not asked")

// try counts a try without the work of a password.
func (h house) try(address string, from netip.Addr) error {
	h.people.asked = func() error { return errNoWork }
	defer func() { h.people.asked = nil }()
	_, _, err := h.Password(ctx, address, password, from, "")
	return err
}

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestSignIn(t *testing.T) {
	h := newHouse(t)
	home := ip("192.0.2.1")
	t.Run("the right password opens the person's key, in a session", func(t *testing.T) {
		token, s, err := h.Password(ctx, "Anna@Kommun.example", password, home, "")
		fine(t, err)
		if !bytes.Equal(s.Key.Seed().Bytes(), h.seed.Bytes()) || s.Actor() != (mail.Actor{Kind: mail.ActorPerson, ID: h.people.login.Person.ID}) || s.Profile.Name != "Anna" || !s.Since.Equal(h.clock.Now()) {
			t.Errorf("%+v", s)
		}
		if again, ok := h.Tokens.Get(token); !ok || again != s {
			t.Error("the token is not the session's")
		}
		_, s2, err := h.Password(ctx, anna, password, home, "")
		fine(t, err)
		if s2.Form == s.Form || s2.Form == [32]byte{} {
			t.Error("two sessions share the secret of their forms")
		}
	})
	t.Run("a wrong password and an unknown address are told alike", func(t *testing.T) {
		token, s, wrong := h.Password(ctx, anna, password+".", home, "")
		_, _, unknown := h.Password(ctx, "nobody@kommun.example", password, home, "")
		want(t, wrong, mail.Denied, "error.signin")
		if !reflect.DeepEqual(wrong, unknown) || s != nil || token != (access.Token{}) {
			t.Errorf("%#v and %#v", wrong, unknown)
		}
	})
	t.Run("a decoy is nobody, even if the password fitted it", func(t *testing.T) {
		c := h.config
		c.People = careless{h.people}
		e, err := access.NewSignIn(c).Password(ctx, anna, password, access.Caller{Network: ip("192.0.2.77")})
		want(t, err, mail.Denied, "error.signin")
		if e != (access.Entry{}) {
			t.Errorf("%+v", e)
		}
	})
	// Whoever gets as far as the stretching finds his context ended there; who is sent
	// away before would see another error.
	for name, c := range map[string]struct{ address, password string }{
		"a wrong password":                    {anna, "wrong"},
		"an unknown address":                  {"nobody@kommun.example", password},
		"what is no address":                  {"anna", password},
		"nothing at all":                      {"", ""},
		"a password that is too long":         {anna, strings.Repeat("x", access.MaxPassword+1)},
		"a long password for somebody else's": {"nobody@kommun.example", strings.Repeat("x", 1<<20)},
	} {
		t.Run(name+" costs the work of a right one", func(t *testing.T) {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			h.people.asked = func() error { cancel(); return nil }
			defer func() { h.people.asked = nil }()
			if _, _, err := h.Password(ctx, c.address, c.password, ip("192.0.2.99"), ""); !errors.Is(err, context.Canceled) {
				t.Errorf("answered before the work: %v", err)
			}
		})
	}
}

func TestTooManyTries(t *testing.T) {
	h := newHouse(t)
	busy := func(t *testing.T, err error) { t.Helper(); want(t, err, mail.Busy, "error.signin.wait") }
	from := 0
	stranger := func() netip.Addr { from++; return netip.AddrFrom4([4]byte{198, 51, 100, byte(from)}) }
	let := func(t *testing.T, err error) {
		t.Helper()
		if !errors.Is(err, errNoWork) {
			t.Fatalf("not let so far: %v", err)
		}
	}
	t.Run("ten tries at an account in a quarter of an hour, from wherever they come", func(t *testing.T) {
		for range 10 {
			let(t, h.try("ANNA@kommun.example", stranger()))
		}
		_, _, err := h.Password(ctx, anna, password, stranger(), "")
		busy(t, err)
		let(t, h.try("bo@kommun.example", stranger()))
		h.clock.goes(15*time.Minute - time.Millisecond)
		busy(t, h.try(anna, stranger()))
	})
	t.Run("and then again", func(t *testing.T) {
		h.clock.goes(time.Millisecond)
		let(t, h.try(anna, stranger()))
		h.clock.goes(15 * time.Minute)
	})
	t.Run("an account that does not exist is closed in the same way", func(t *testing.T) {
		for range 10 {
			let(t, h.try("nobody@kommun.example", stranger()))
		}
		busy(t, h.try("nobody@kommun.example", stranger()))
	})
	t.Run("thirty tries from one network, at whatever accounts", func(t *testing.T) {
		at := 0
		somebody := func() string { at++; return fmt.Sprintf("p%d@kommun.example", at) }
		for range 30 {
			let(t, h.try(somebody(), ip("2001:db8:1:2::1")))
		}
		busy(t, h.try(somebody(), ip("2001:db8:1:2:ffff::9")))
		let(t, h.try(somebody(), ip("2001:db8:1:3::1")))
		for range 30 {
			let(t, h.try(somebody(), ip("203.0.113.7")))
		}
		busy(t, h.try(somebody(), ip("::ffff:203.0.113.7")))
		let(t, h.try(somebody(), ip("203.0.113.8")))
		h.clock.goes(15 * time.Minute)
		let(t, h.try(somebody(), ip("203.0.113.7")))
	})
	t.Run("right passwords use up nothing: a whole house comes out of one network", func(t *testing.T) {
		office := ip("192.0.2.200")
		for range 9 {
			let(t, h.try(anna, office))
		}
		for i := range 20 { // one of the account's ten is left, and one of the network's thirty
			let(t, h.try(fmt.Sprintf("q%d@kommun.example", i), office))
		}
		for range 2 {
			_, _, err := h.Password(ctx, anna, password, office, "")
			fine(t, err)
		}
	})
	t.Run("and give nothing back but themselves", func(t *testing.T) {
		let(t, h.try(anna, ip("192.0.2.201")))
		busy(t, h.try(anna, ip("192.0.2.201")))
	})
	t.Run("what cannot be counted is not tried", func(t *testing.T) {
		broken := deaf{errors.New("disk")}
		h.config.Count = broken
		if _, err := access.NewSignIn(h.config).Password(ctx, anna, password, access.Caller{Network: ip("192.0.2.1")}); !errors.Is(err, broken.err) {
			t.Error(err)
		}
	})
}

func TestNetwork(t *testing.T) {
	for in, out := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := access.Network(ip(in)); got != out {
			t.Errorf("%s is of %s, want %s", in, got, out)
		}
	}
}
