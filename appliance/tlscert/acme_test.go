package tlscert_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance/tlscert"
)

// clock is one that is turned.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Now().UTC()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

const (
	host   = "post.kommun.example"
	former = "brev.kommun.example"
	oneDay = 24 * time.Hour
)

// house is a Keeper with a portal that shows its certificates and answers the authority.
type house struct {
	*tlscert.Keeper
	t     testing.TB
	c     tlscert.Config
	log   *bytes.Buffer
	web   net.Addr
	port  net.Addr // for HTTP-01
	close func()
}

func open(t testing.TB, c tlscert.Config) *house {
	t.Helper()
	return openAt(t, c, listen(t), listen(t))
}

// openAt is open where the portal, and the port for HTTP-01, are known before.
func openAt(t testing.TB, c tlscert.Config, web, port net.Listener) *house {
	t.Helper()
	h := &house{t: t, log: &bytes.Buffer{}}
	c.Log = slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.c = c
	var err error
	if h.Keeper, err = tlscert.Open(c); err != nil {
		t.Fatal(err)
	}
	h.web, h.port = web.Addr(), port.Addr()
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() {
		if err := h.Answer(ctx, port, "https://"+host); err != nil {
			t.Error(err)
		}
	})
	if conf := h.TLS("web"); conf != nil {
		run.Go(func() { greet(web, conf) })
	}
	h.close = sync.OnceFunc(func() { cancel(); web.Close(); run.Wait() })
	t.Cleanup(h.close)
	return h
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// again listens where l did.
func again(t testing.TB, l net.Listener) net.Listener {
	t.Helper()
	next, err := net.Listen("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { next.Close() })
	return next
}

// greet shakes hands with everybody until the listener is closed.
func greet(l net.Listener, conf *tls.Config) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			_ = tls.Server(c, conf).Handshake()
		}()
	}
}

// shown is what the portal shows to who asks for a name.
func (h *house) shown(name string) *x509.Certificate {
	h.t.Helper()
	c, err := tls.Dial("tcp", h.web.String(), &tls.Config{ServerName: name, InsecureSkipVerify: true})
	if err != nil {
		h.t.Fatal(err)
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0]
}

// by says which authority the certificate for a name is of, and for how many days.
func (h *house) by(name string) string {
	c := h.shown(name)
	return fmt.Sprint(c.Issuer.CommonName, " ", c.DNSNames, " ", int(c.NotAfter.Sub(h.c.Clock.Now()).Round(oneDay)/oneDay))
}

// trouble is what is wrong with the certificate for a name, in a word.
func (h *house) trouble(name string) tlscert.Why {
	for _, s := range h.States() {
		if s.Host == name && s.Trouble != nil {
			return s.Trouble.Why
		}
	}
	return ""
}

// withAuthority is a house whose portal has two names and whose doors for mail have a third.
func withAuthority(t testing.TB, ways ...string) (*house, *authority, *clock) {
	t.Helper()
	c := newClock()
	a := newAuthority(t, c)
	conf := tlscert.Config{
		Dir: filepath.Join(t.TempDir(), "tls"), Clock: c,
		Doors: []tlscert.Door{{Name: "web", Source: tlscert.FromACME, Hosts: []string{host, former}}, {Name: "smtp", Source: tlscert.FromACME, Hosts: []string{host}}},
		ACME:  tlscert.ACME{Directory: a.URL + "/dir", Contact: "drift@kommun.example", Roots: a.roots()},
	}
	for _, w := range ways {
		conf.ACME.HTTP, conf.ACME.ALPN = conf.ACME.HTTP || w == "http", conf.ACME.ALPN || w == "alpn"
	}
	h := open(t, conf)
	a.set(func() { a.http, a.alpn = h.port.String(), h.web.String() })
	return h, a, c
}

func TestACME(t *testing.T) {
	for _, way := range []string{"http", "alpn"} {
		t.Run("a certificate is had by "+way+", for each name its own", func(t *testing.T) {
			h, _, _ := withAuthority(t, way)
			if got := h.shown(host).Issuer.CommonName; !strings.HasPrefix(got, "Sigill") {
				t.Errorf("before, %s is shown", got)
			}
			if s := h.States(); !s[0].StandIn || s[0].Trouble != nil {
				t.Errorf("%+v", s[0])
			}
			h.Keep(t.Context())
			for _, name := range []string{host, former} {
				if got := h.by(name); got != "Authority ["+name+"] 90" {
					t.Errorf("%s\n%s", got, h.log)
				}
			}
			if got := h.by("somebody.else.example"); got != "Authority ["+host+"] 90" {
				t.Errorf("who asks for another name is shown %s", got)
			}
		})
	}
	t.Run("nobody but who asks for the authority gets its answer, and nobody asks when nothing is asked", func(t *testing.T) {
		h, _, _ := withAuthority(t, "alpn")
		for _, protos := range [][]string{{"acme-tls/1"}, {"acme-tls/1", "http/1.1"}} {
			if c, err := tls.Dial("tcp", h.web.String(), &tls.Config{ServerName: host, InsecureSkipVerify: true, NextProtos: protos}); err == nil {
				t.Errorf("%v: %v", protos, c.ConnectionState().PeerCertificates[0].Subject)
				c.Close()
			}
		}
	})
	t.Run("it is kept over a new start, and nobody is asked before it is due", func(t *testing.T) {
		h, a, c := withAuthority(t, "http")
		h.Keep(t.Context())
		n := a.times("/order")
		h.close()
		anew := open(t, h.c)
		c.turn(59 * oneDay)
		anew.Keep(t.Context())
		if got := anew.by(host); a.times("/order") != n || got != "Authority ["+host+"] 31" {
			t.Errorf("%s, after %d orders", got, a.times("/order"))
		}
	})
	t.Run("it is renewed when a third of its life is left, and one of six days at half", func(t *testing.T) {
		h, a, c := withAuthority(t, "http")
		h.Keep(t.Context())
		c.turn(61 * oneDay)
		a.set(func() { a.life = 6 * oneDay; a.http = h.port.String() })
		h.Keep(t.Context())
		if got := h.by(host); got != "Authority ["+host+"] 6" {
			t.Fatal(got)
		}
		c.turn(2 * oneDay)
		if h.Keep(t.Context()); h.by(host) != "Authority ["+host+"] 4" {
			t.Error("too early: ", h.by(host))
		}
		c.turn(2 * oneDay)
		if h.Keep(t.Context()); h.by(host) != "Authority ["+host+"] 6" {
			t.Error("too late: ", h.by(host))
		}
	})
	t.Run("an authority that is away leaves the old one in its place, and is asked more and more seldom", func(t *testing.T) {
		h, a, c := withAuthority(t, "http")
		h.Keep(t.Context())
		a.Close()
		c.turn(61 * oneDay)
		h.Keep(t.Context())
		if got := h.by(host); got != "Authority ["+host+"] 29" || h.trouble(host) != tlscert.NotThere {
			t.Errorf("%s, %s", got, h.trouble(host))
		}
		next := func() time.Duration { return h.States()[0].Next.Sub(c.Now()).Round(time.Minute) }
		first := next()
		c.turn(first)
		if h.Keep(t.Context()); first != 15*time.Minute || next() != time.Hour {
			t.Errorf("%v, then %v", first, next())
		}
		c.turn(30 * oneDay)
		if h.Keep(t.Context()); h.trouble(host) != tlscert.NotThere {
			t.Error("over, and the reason is not told:", h.trouble(host))
		}
	})
	t.Run("what it refuses is told in a word, with its own words, and it is left alone as long as it wants", func(t *testing.T) {
		h, a, c := withAuthority(t, "http")
		for problem, want := range map[string]tlscert.Why{
			"rateLimited": tlscert.TooOften, "caa": tlscert.Forbidden, "rejectedIdentifier": tlscert.Refused, "externalAccountRequired": tlscert.NoAccount,
			"dns": tlscert.NoName, "malformed": tlscert.Unexplained,
		} {
			a.set(func() { a.refuse = problem })
			h.Again()
			h.Keep(t.Context())
			s := h.States()[0]
			if s.Trouble == nil || s.Trouble.Why != want || !strings.Contains(s.Trouble.Detail, "we say "+problem) || s.Since.IsZero() {
				t.Errorf("%s: %+v", problem, s.Trouble)
			}
			if problem == "rateLimited" && s.Next.Sub(c.Now()).Round(time.Minute) < 2*time.Hour {
				t.Errorf("it is asked again after %v", s.Next.Sub(c.Now()))
			}
		}
		a.set(func() { a.refuse = "" })
		h.Keep(t.Context())
		if h.trouble(host) == "" {
			t.Error("it was asked before its time")
		}
		h.Again()
		if h.Keep(t.Context()); h.trouble(host) != "" || h.by(host) != "Authority ["+host+"] 90" {
			t.Errorf("%s, %s", h.trouble(host), h.by(host))
		}
	})
	t.Run("a port that is closed, and another computer that answers, are told apart", func(t *testing.T) {
		h, a, _ := withAuthority(t, "http", "alpn")
		other := open(t, tlscert.Config{Dir: t.TempDir(), Clock: newClock()})
		a.set(func() { a.http, a.alpn = "127.0.0.1:1", "127.0.0.1:1" })
		h.Keep(t.Context())
		if s := h.States()[0]; s.Trouble == nil || s.Trouble.Why != tlscert.Closed || !strings.Contains(s.Trouble.Detail, "tls-alpn-01: ") || !strings.Contains(s.Trouble.Detail, "http-01: ") {
			t.Errorf("%+v", s.Trouble)
		}
		a.set(func() { a.http = other.port.String() })
		h.Again()
		if h.Keep(t.Context()); h.trouble(host) != tlscert.Elsewhere {
			t.Error(h.trouble(host))
		}
		a.set(func() { a.http = h.port.String() })
		h.Again()
		if h.Keep(t.Context()); h.trouble(host) != "" {
			t.Error("one open way is enough:", h.trouble(host))
		}
	})
	t.Run("what was had and cannot be kept is shown all the same, and told", func(t *testing.T) {
		h, a, c := withAuthority(t, "http")
		h.Keep(t.Context()) // makes the directory
		dirs, err := filepath.Glob(filepath.Join(h.c.Dir, "acme", "*"))
		if err != nil || len(dirs) != 1 {
			t.Fatal(dirs, err)
		}
		// A directory stands where the pair should: nothing takes its place.
		path := filepath.Join(dirs[0], host+".pem")
		if err := errors.Join(os.Remove(path), os.MkdirAll(filepath.Join(path, "x"), 0o700)); err != nil {
			t.Fatal(err)
		}
		c.turn(61 * oneDay)
		h.Keep(t.Context())
		if h.by(host) != "Authority ["+host+"] 90" || h.trouble(host) == "" {
			t.Errorf("%s, %s", h.by(host), h.trouble(host))
		}
		n := a.times("/order")
		c.turn(oneDay)
		if h.Keep(t.Context()); a.times("/order") != n {
			t.Error("it asks for one more")
		}
		if left, _ := filepath.Glob(filepath.Join(dirs[0], ".new-*")); len(left) > 0 {
			t.Error("left behind:", left)
		}
	})
	t.Run("keys are in files of their own, for nobody else, and in no log", func(t *testing.T) {
		h, _, _ := withAuthority(t, "http")
		h.Keep(t.Context())
		n := 0
		err := filepath.WalkDir(h.c.Dir, func(path string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: %v", path, info.Mode())
			}
			if d.IsDir() {
				return nil
			}
			text, err := os.ReadFile(path)
			lines := strings.Split(string(text), "\n")
			if n++; len(lines) < 3 || !strings.Contains(lines[0], "PRIVATE KEY") || strings.Contains(h.log.String(), lines[1]) {
				t.Errorf("%s begins with %s", path, lines[0])
			}
			return err
		})
		if err != nil || n != 3 {
			t.Errorf("%d files, %v", n, err)
		}
		if text := fmt.Sprintf("%v %+v %#v", tlscert.ACME{MAC: "canary"}, tlscert.ACME{MAC: "canary"}, tlscert.ACME{MAC: "canary"}); strings.Contains(text, "canary") {
			t.Error(text)
		}
	})
}

func TestTry(t *testing.T) {
	c := newClock()
	a := newAuthority(t, c)
	dir := t.TempDir()
	try := func() error {
		l := listen(t)
		a.set(func() { a.http = l.Addr().String() })
		return tlscert.Try{Dir: dir, ACME: tlscert.ACME{Directory: a.URL + "/dir", Roots: a.roots()}, Name: host, Now: c.Now(), Listener: l}.Obtain(t.Context())
	}
	t.Run("what is wrong is told as people can mend it", func(t *testing.T) {
		a.set(func() { a.refuse = "dns" })
		var told *tlscert.Trouble
		if err := try(); !errors.As(err, &told) || told.Why != tlscert.NoName || told.Name != host {
			t.Error(err)
		}
	})
	t.Run("what it has got a Keeper finds, and it asks for no second", func(t *testing.T) {
		a.set(func() { a.refuse = "" })
		if err := errors.Join(try(), try()); err != nil || a.times("/order") != 2 {
			t.Fatal(err, a.times("/order"))
		}
		h := open(t, tlscert.Config{Dir: dir, Clock: c, Doors: []tlscert.Door{{Name: "web", Source: tlscert.FromACME, Hosts: []string{host}}}, ACME: tlscert.ACME{Directory: a.URL + "/dir", HTTP: true}})
		if got := h.by(host); got != "Authority ["+host+"] 90" {
			t.Error(got)
		}
	})
}
