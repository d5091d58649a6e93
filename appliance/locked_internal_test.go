package appliance

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"sigill/appliance/door/smtpd"
	"sigill/appliance/mail"
	"sigill/appliance/spool"
)

// Locked is an appliance that has not its key, for tests that turn its clock.
type Locked struct{ l *lockedMachine }

// OpenLocked opens it as Boot does.
func OpenLocked(ctx context.Context, c Config) (Locked, error) {
	l, err := openLocked(ctx, c, keyPlaces{dir: c.Keys}.mode())
	return Locked{l}, err
}

// Run runs it until it is unlocked, and returns the configuration to go on with.
func (x Locked) Run(ctx context.Context) (Config, error) {
	key, err := x.l.Run(ctx)
	c := x.l.c
	c.Key = key
	return c, errors.Join(err, x.l.Close())
}

// Work does what is due.
func (x Locked) Work(ctx context.Context) error { return x.l.jobs.All(ctx) }

// Waits says how long an address must wait before it guesses again.
func (x Locked) Waits(from netip.Addr) time.Duration {
	return x.l.guesses.wait(from, x.l.c.Clock.Running())
}

// PutSpool gives an appliance another one, such as one whose disk fails.
func PutSpool(a *Appliance, s *spool.Spool) { a.spool = s }

// TakeSpooled takes in what waits, as the job does.
func TakeSpooled(ctx context.Context, a *Appliance) error { return a.jobs.Now(ctx, "spool") }

// SpoolKey is whom mail is sealed to while the appliance is locked.
func SpoolKey(a *Appliance) string {
	s, err := a.founding.app.SpoolRecipient()
	if err != nil {
		panic(err)
	}
	return s
}

func init() { serverWait = 10 * time.Millisecond }

func TestGuesses(t *testing.T) {
	g := &guesses{}
	a, b := netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("192.0.2.8")
	now := time.Hour
	t.Run("five are free, and then each doubles the wait, to five minutes", func(t *testing.T) {
		var waits []time.Duration
		for range 14 {
			g.wrong(a, now)
			w := g.wait(a, now)
			waits = append(waits, w)
			now += w
		}
		if got := fmt.Sprint(waits); got != "[0s 0s 0s 0s 5s 10s 20s 40s 1m20s 2m40s 5m0s 5m0s 5m0s 5m0s]" {
			t.Error(got)
		}
	})
	t.Run("nobody else waits for it, and nobody for ever", func(t *testing.T) {
		g.wrong(a, now)
		if g.wait(b, now) != 0 || g.wait(a, now) == 0 || g.wait(a, now+maxGuessWait) != 0 {
			t.Error(g.wait(b, now), g.wait(a, now))
		}
	})
	t.Run("what is remembered is bounded", func(t *testing.T) {
		x := a
		for range 3 * guessers {
			x = x.Next()
			g.wrong(x, now)
		}
		if len(g.per) > guessers {
			t.Error(len(g.per))
		}
	})
}

func TestNobodySignsInToSend(t *testing.T) {
	_, err := nobodySends{}.Authenticate(t.Context(), "anna", "x", netip.Addr{})
	if mail.KindOf(err) != mail.Locked || mail.KindOf(nobodySends{}.Still(t.Context(), smtpd.Login{})) != mail.Locked {
		t.Error(err) // the door's word for it is 454
	}
}

func TestSafeToType(t *testing.T) {
	for base, want := range map[string]bool{
		"https://brev.example.se": true, "http://localhost:8080": true, "http://127.0.0.1": true, "http://[::1]:80": true,
		"http://brev.example.se": false, "http://10.0.0.1": false, "": false, "http://localhost.example.se": false,
	} {
		if safeToType(base) != want {
			t.Errorf("%q: %v", base, !want)
		}
	}
}
