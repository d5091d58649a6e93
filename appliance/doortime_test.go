package appliance_test

import (
	"crypto/tls"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"sigill/appliance"
	"sigill/appliance/keyring"
	"sigill/appliance/welch"
)

// timed is a door at which a stranger measures how long it takes to be refused.
type timed struct {
	clock   *appliance.Turned
	try     func(t testing.TB, address string) time.Duration
	perTurn int           // tries at one address before the clock is turned
	turn    time.Duration // by how far: then the limits of an address are open again
	at      int           // tries at the same time
}

// tries is what was measured.
type tries struct {
	known, unknown []float64            // microseconds
	by             map[string][]float64 // the same, by address
}

// measure tries n times at addresses that somebody has, and n times at those that nobody
// has, in one random order. The limits are met as by an attacker with many networks and much
// time: each try comes from an address of its own, and the clock is turned; the limits
// themselves are the product's.
func (d timed) measure(t testing.TB, n int, known []string) tries {
	t.Helper()
	var order []string
	for i := range n {
		order = append(order, known[i%len(known)], nobodyLike(known[i%len(known)]))
	}
	rand.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
	is := map[string]bool{}
	for _, a := range known {
		is[a] = true
	}
	got, tried := tries{by: map[string][]float64{}}, map[string]int{}
	var mu sync.Mutex
	next := func() (address string, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if len(order) == 0 {
			return "", false
		}
		address, order = order[0], order[1:]
		if tried[address] >= d.perTurn {
			d.clock.Turn(d.turn)
			clear(tried)
		}
		tried[address]++
		return address, true
	}
	var wait sync.WaitGroup
	for range max(d.at, 1) {
		wait.Go(func() {
			for {
				address, ok := next()
				if !ok {
					return
				}
				us := float64(d.try(t, address).Nanoseconds()) / 1000
				mu.Lock()
				got.by[address] = append(got.by[address], us)
				if is[address] {
					got.known = append(got.known, us)
				} else {
					got.unknown = append(got.unknown, us)
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return got
}

// alike fails if it is told by time whether there is an account, whatever kind it is of.
// part of the slowest is left out, by one bound for those of accounts and of none.
func (m tries) alike(t *testing.T, known []string, part float64) {
	t.Helper()
	judge := func(what string, a, b []float64) {
		if part > 0 {
			a, b = welch.Without(part, a, b)
		}
		d, say := welch.Test(a, b)
		t.Logf("%s: %s", what, say)
		if math.Abs(d) >= welch.Seen {
			t.Errorf("%s: it is told", what)
		}
	}
	judge("all", m.known, m.unknown)
	for _, a := range known {
		judge(a, m.by[a], m.unknown)
	}
}

// signInDoor is the page where people sign in, tried with a wrong password.
func (j *journey) signInDoor(at int) timed {
	return timed{clock: j.demo.Clock, perTurn: 9, turn: 15 * time.Minute, at: at, try: func(t testing.TB, address string) time.Duration {
		v := newVisitor(j.info.Portal)
		defer v.close()
		if err := v.get("/in"); err != nil {
			t.Error(err)
		}
		begin := time.Now()
		if err := v.post("/in", "address", address, "password", "solrosor i motvind"); err != nil {
			t.Error(err)
		}
		took := time.Since(begin)
		if v.code != http.StatusUnprocessableEntity || v.wants("stämmer inte") != nil {
			t.Errorf("%d %.3000s", v.code, v.page)
		}
		return took
	}}
}

// paperDoor takes a code on paper in the place of a forgotten password.
func (j *journey) paperDoor() timed {
	return timed{clock: j.demo.Clock, perTurn: 9, turn: 15 * time.Minute, try: func(t testing.TB, address string) time.Duration {
		v := newVisitor(j.info.Portal)
		defer v.close()
		if err := v.get("/in/lost"); err != nil {
			t.Error(err)
		}
		begin := time.Now()
		if err := v.post("/in/lost", "address", address, "code", keyring.NewRecoveryCode().Text(), "password", annaPassword, "repeat", annaPassword); err != nil {
			t.Error(err)
		}
		took := time.Since(begin)
		if v.code != http.StatusUnprocessableEntity || v.wants("Adressen eller koden är fel") != nil {
			t.Errorf("%d %.3000s", v.code, v.page)
		}
		return took
	}}
}

// helpDoor takes a question for help with a password, or the proof that follows.
func (j *journey) helpDoor(proof bool) timed {
	return timed{clock: j.demo.Clock, perTurn: 14, turn: 7 * 24 * time.Hour, try: func(t testing.TB, address string) time.Duration {
		v := newVisitor(j.info.Portal)
		defer v.close()
		if err := v.get("/in/help"); err != nil {
			t.Error(err)
		}
		begin := time.Now()
		if err := v.post("/in/help", "address", address); err != nil || v.at != "/in/help/proof" {
			t.Errorf("%s: %v", v.at, err)
		}
		took := time.Since(begin)
		if !proof {
			return took
		}
		begin = time.Now()
		if err := v.post("/in/help/proof", "by", "app", "code", "000000"); err != nil {
			t.Error(err)
		}
		took = time.Since(begin)
		if v.code != http.StatusUnprocessableEntity || v.wants("Koden stämmer inte") != nil {
			t.Errorf("%d %.3000s", v.code, v.page)
		}
		return took
	}}
}

// programDoor is where mail programs sign in, over TLS.
func (s *submitting) programDoor(clock *appliance.Turned) timed {
	return timed{clock: clock, perTurn: 9, turn: 15 * time.Minute, try: func(t testing.TB, address string) time.Duration {
		took, err := s.guesses(t, address)
		if err == nil || !strings.Contains(err.Error(), "535") {
			t.Errorf("%v", err)
		}
		return took
	}}
}

// guesses tries a wrong password of a mail program from an address of its own, and returns
// how long the answer took, and what it was.
func (s *submitting) guesses(t testing.TB, address string) (time.Duration, error) {
	t.Helper()
	d := tls.Dialer{NetDialer: &net.Dialer{LocalAddr: ownAddress()}, Config: &tls.Config{RootCAs: s.roots, ServerName: submissionHost}}
	conn, err := d.DialContext(t.Context(), "tcp", "127.0.0.1:"+s.implicit)
	if err != nil {
		return 0, err
	}
	c := smtp.NewClient(conn)
	defer c.Close()
	if err := c.Hello("client.example"); err != nil {
		return 0, err
	}
	begin := time.Now()
	err = c.Auth(sasl.NewPlainClient("", address, "AAAA-AAAA-AAAA-AAAA-AAAA"))
	return time.Since(begin), err
}

// ownHouse is a directory for people whose passwords are made in it: what others have made
// was stretched at another cost.
func ownHouse(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestTimeAtTheDoorTellsNobody measures the portal as it is, with what Argon2id costs in the
// product. Nothing that was measured is left out. It tries less often than the test below,
// which sees a difference long before this one does.
func TestTimeAtTheDoorTellsNobody(t *testing.T) {
	full(t, "it stretches hundreds of passwords")
	defer appliance.TrueStretch()()
	t.Run("a wrong password takes as long where there is an account, of whatever kind, as where there is none", func(t *testing.T) {
		j, kinds := newTownOfKinds(t, ownHouse(t))
		j.signInDoor(2).measure(t, 100, kinds).alike(t, kinds, 0)
	})
	t.Run("control: it is seen if no password is stretched where there is nobody", func(t *testing.T) {
		j, _ := newTownOfKinds(t, ownHouse(t), appliance.AnswerHastily)
		// As often as it takes on a machine that does other things as well; the door itself is
		// tried as often.
		var m tries
		for d, say := 0.0, ""; d < 2*welch.Seen; d, say = welch.Test(m.known, m.unknown) {
			if len(m.known) >= 200 {
				t.Fatalf("it was not seen: %s", say)
			}
			more := j.signInDoor(1).measure(t, 50, []string{caseworker, anna}) // who have a password
			m.known, m.unknown = append(m.known, more.known...), append(m.unknown, more.unknown...)
		}
	})
}

// TestTimeAtTheDoorsTellsNobody measures the doors that take an address, finer than a
// stranger can: passwords cost next to nothing here, and hide nothing. The slowest quarter
// is left out, by one bound for all: it is the disk's and the neighbours'.
func TestTimeAtTheDoorsTellsNobody(t *testing.T) {
	full(t, "it tries thousands of times")
	const slowest = 0.25
	j, kinds := newTownOfKinds(t, t.TempDir())
	t.Run("a wrong password", func(t *testing.T) {
		j.signInDoor(1).measure(t, 1000, kinds).alike(t, kinds, slowest)
	})
	t.Run("a wrong code on paper", func(t *testing.T) {
		j.paperDoor().measure(t, 1000, kinds).alike(t, kinds, slowest)
	})
	t.Run("a question for help", func(t *testing.T) {
		j.helpDoor(false).measure(t, 1000, kinds).alike(t, kinds, slowest)
	})
	t.Run("a wrong code of the app, by who asks for help", func(t *testing.T) {
		j.helpDoor(true).measure(t, 1000, kinds).alike(t, kinds, slowest)
	})
	t.Run("a mail program's wrong password", func(t *testing.T) {
		clock := appliance.NewTurned()
		s := newSubmittingBy(t, clock)
		maria := s.Browser().SignsIn(caseworker)
		maria.makesApp(caseworker, "Datorn")
		maria.makesApp(caseworker, "Skrivaren")
		programs := []string{caseworker, johanAt} // who has some, and who has none
		s.implicit = implicitOn.FindStringSubmatch(maria.page)[1]
		s.programDoor(clock).measure(t, 1000, programs).alike(t, programs, slowest)
	})
}
