package office_test

import (
	"context"
	"math"
	"math/rand/v2"
	"net/netip"
	"os"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/welch"
)

// told is what signs people in and is told what has failed.
type told interface {
	access.People
	access.FailureBook
}

// telling writes down what is about somebody before the answer, and of nobody nothing.
type telling struct{ *office.Office }

// SignInFailed has nothing more to write.
func (telling) SignInFailed(context.Context, access.Failure) error { return nil }

// Login is asked at each try.
func (o telling) Login(ctx context.Context, lookup [32]byte) (access.Login, bool, error) {
	l, ok, err := o.Office.Login(ctx, lookup)
	if ok && err == nil {
		err = o.Office.SignInFailed(ctx, access.Failure{Lookup: lookup, By: access.TriedPassword, Wrong: true})
	}
	return l, ok, err
}

// guesser tries wrong passwords at offices, and takes the time.
type guesser struct {
	x       *town
	signIns []*access.SignIn
	tries   int
}

func newGuesser(x *town, offices ...told) *guesser {
	g := &guesser{x: x}
	for _, o := range offices {
		failures := access.NewFailures(o, quiet)
		x.t.Cleanup(failures.Wait)
		g.signIns = append(g.signIns, access.NewSignIn(access.SignInConfig{
			App: x.app, People: o, Count: x.db, Stretch: x.stretch, PINs: access.NewPINs(x.clock, access.CountedBefore{}), Clock: x.clock, Log: quiet,
			Failures: failures, Required: func(mail.Person) (time.Time, bool) { return time.Time{}, false }, SignOnOnly: func(mail.Person) bool { return false },
		}))
	}
	return g
}

// takes returns how many microseconds two tries one behind the other take: the first one's
// answer, and what of its work the second one meets.
func (g *guesser) takes(s *access.SignIn, address mail.Address) float64 {
	g.x.t.Helper()
	if g.tries%8 == 0 {
		g.x.clock.goes(access.SessionIdle) // and with it the limits
	}
	from := access.Caller{Network: netip.AddrFrom4([4]byte{198, 51, 100, byte(g.tries % 200)})}
	g.tries += 2
	begin := time.Now()
	for range 2 {
		if _, err := s.Password(ctx, string(address), "solrosor i motvind", from); mail.KindOf(err) != mail.Denied {
			g.x.t.Fatalf("try %d: %v", g.tries, err)
		}
	}
	return float64(time.Since(begin).Nanoseconds()) / 1000
}

// measure tries each office at an address that somebody has and at one that nobody has, in a
// random order, n times each.
func (g *guesser) measure(n int) (times [][2][]float64) {
	g.x.t.Helper()
	times = make([][2][]float64, len(g.signIns))
	who := [2]mail.Address{ulla, "ingen@kommun.example"}
	for range 2 * n * len(g.signIns) {
		at, of := rand.IntN(len(g.signIns)), rand.IntN(2)
		times[at][of] = append(times[at][of], g.takes(g.signIns[at], who[of]))
	}
	return times
}

// TestTimeTellsNobody measures what a stranger may learn by time from the whole way of a wrong
// password, with the journal of failed sign-ins (2-security.md, A7). Passwords cost next to
// nothing here: in the product Argon2id hides the rest behind a noise of milliseconds.
//
// It tries until the control is seen, on a machine with a slow disk for longer than on others:
// whatever was tried then would have shown what it must not show.
func TestTimeTellsNobody(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1: it measures for a minute")
	}
	const tries, rounds = 1000, 5
	judge := func(times [2][]float64) (float64, string) { return welch.Test(welch.Without(0.25, times[0], times[1])) }
	x := newTown(t)
	x.withPassword(ulla, "fyra ord som passar")
	g := newGuesser(x, x.Office, telling{x.Office})
	times := g.measure(tries)
	for n := 1; n < rounds; n++ {
		if d, _ := judge(times[1]); d >= 1.5*welch.Seen {
			break
		}
		for at, more := range g.measure(tries) {
			for of := range more {
				times[at][of] = append(times[at][of], more[of]...)
			}
		}
	}
	t.Run("by how long a wrong password takes nobody learns whether an address is somebody's", func(t *testing.T) {
		d, say := judge(times[0])
		t.Log(say)
		if math.Abs(d) >= welch.Seen {
			t.Error("it is told")
		}
	})
	t.Run("control: it is seen if the answer waits for what is written about somebody", func(t *testing.T) {
		d, say := judge(times[1])
		t.Log(say)
		if d < welch.Seen {
			t.Error("it was not seen")
		}
	})
}
