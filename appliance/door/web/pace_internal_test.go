package web

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// quick is a Pace many times as short as the true one, and wide enough for a
// machine that is busy with other things.
var quick = Pace{Head: 300 * time.Millisecond, Idle: 500 * time.Millisecond, Stall: 500 * time.Millisecond, Grace: 300 * time.Millisecond, Rate: 50 << 10, Total: 20 * time.Second}

// serveQuick runs a small app behind a listener with limits.
func serveQuick(t *testing.T, c Config) (addr string, l *listener) {
	t.Helper()
	app := fiber.New(fiber.Config{StreamRequestBody: true, DisablePreParseMultipartForm: true, DisableStartupMessage: true, BodyLimit: maxForm, ReadBufferSize: maxHead + 1024})
	app.Get("/", func(c *fiber.Ctx) error { return c.SendString("ok") })
	app.Get("/big", func(c *fiber.Ctx) error {
		c.Response().SetBodyStream(&outflow{content: endless{}, left: 64 << 20}, 64<<20)
		return nil
	})
	app.Post("/", func(c *fiber.Ctx) error {
		if _, err := io.Copy(io.Discard, c.Context().RequestBodyStream()); err != nil {
			return c.SendStatus(400)
		}
		return c.SendString("whole")
	})
	srv := app.Server()
	srv.Handler = guard(srv.Handler, nil)
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if c.MaxConns == 0 {
		c.MaxConns = 100
	}
	if c.MaxPerAddress == 0 {
		c.MaxPerAddress = 100
	}
	c.Pace = quick
	l = newListener(raw, c)
	done := make(chan struct{})
	go func() { defer close(done); _ = app.Listener(l) }()
	t.Cleanup(func() { _ = app.ShutdownWithTimeout(time.Second); _ = l.Close(); <-done; l.abandon() })
	return raw.Addr().String(), l
}

type endless struct{}

func (endless) ReadAt(b []byte, _ int64) (int, error) { return len(b), nil }

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// trickle writes s in pieces with a pause between, until the other side closes.
func trickle(c net.Conn, s string, piece int, pause time.Duration) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for len(s) > 0 {
		n := min(piece, len(s))
		if _, err := io.WriteString(c, s[:n]); err != nil {
			return
		}
		s = s[n:]
		<-tick.C
	}
}

const head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

func TestPace(t *testing.T) {
	t.Parallel()
	addr, l := serveQuick(t, Config{})
	// lasts returns how long the server keeps a connection on which send is done.
	lasts := func(t *testing.T, send func(c net.Conn)) (time.Duration, string) {
		t.Helper()
		c := dial(t, addr)
		begun := time.Now()
		go send(c)
		b, _ := io.ReadAll(c)
		return time.Since(begun), string(b)
	}
	t.Run("a connection that says nothing is closed", func(t *testing.T) {
		if d, b := lasts(t, func(net.Conn) {}); d > 5*time.Second || b != "" {
			t.Error(d, b)
		}
	})
	t.Run("a head that drips is closed with 408, however it drips", func(t *testing.T) {
		d, b := lasts(t, func(c net.Conn) {
			trickle(c, "GET / HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("y", 1000), 1, 20*time.Millisecond)
		})
		if d > 5*time.Second || !strings.HasPrefix(b, "HTTP/1.1 408") {
			t.Error(d, b)
		}
	})
	t.Run("an idle connection is kept for a while, and no longer", func(t *testing.T) {
		d, b := lasts(t, func(c net.Conn) { _, _ = io.WriteString(c, head) })
		if d < quick.Idle || d > 5*time.Second || !strings.HasPrefix(b, "HTTP/1.1 200") {
			t.Error(d, b)
		}
	})
	t.Run("a second head on a kept connection has as little time as the first", func(t *testing.T) {
		d, b := lasts(t, func(c net.Conn) {
			trickle(c, head+"GET / HTTP/1.1\r\nHost: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", len(head)+2, 30*time.Millisecond)
		})
		if d > 5*time.Second || !strings.Contains(b, "408") {
			t.Error(d, b)
		}
	})
	post := "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
	t.Run("a body that stalls is given up", func(t *testing.T) {
		d, b := lasts(t, func(c net.Conn) { _, _ = io.WriteString(c, post+strings.Repeat("x", 20_000)) })
		if d > 5*time.Second || strings.Contains(b, "whole") {
			t.Error(d, b)
		}
	})
	t.Run("a body below the rate is given up although it never stalls", func(t *testing.T) {
		d, b := lasts(t, func(c net.Conn) { trickle(c, post+strings.Repeat("x", 100_000), 500, 20*time.Millisecond) })
		if d > 5*time.Second || strings.Contains(b, "whole") {
			t.Error(d, b)
		}
	})
	t.Run("a body above the rate lives longer than any single time-out", func(t *testing.T) {
		d, b := lasts(t, func(c net.Conn) {
			trickle(c, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n"+strings.Repeat("x", 200_000), 10_000, 40*time.Millisecond)
		})
		if d < 600*time.Millisecond || !strings.Contains(b, "whole") {
			t.Error(d, b)
		}
	})
	t.Run("a client that does not read its answer is given up", func(t *testing.T) {
		c := dial(t, addr)
		_, _ = io.WriteString(c, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
		gone := false
		for range 1000 {
			l.mu.Lock()
			gone = true
			for k := range l.conns {
				gone = gone && k.peer.String()+k.RemoteAddr().String() != "127.0.0.1"+c.LocalAddr().String()
			}
			l.mu.Unlock()
			if gone {
				break
			}
			<-time.After(10 * time.Millisecond)
		}
		if !gone {
			t.Error("it is still open")
		}
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	// open reports whether a new connection is served.
	served := func(t *testing.T, addr string) bool {
		c := dial(t, addr)
		_, _ = io.WriteString(c, head)
		line, err := bufio.NewReader(c).ReadString('\n')
		return err == nil && strings.HasPrefix(line, "HTTP/1.1 200")
	}
	t.Run("one address cannot hold more than its share, and gets it back", func(t *testing.T) {
		addr, l := serveQuick(t, Config{MaxPerAddress: 3})
		var held []net.Conn
		for range 3 {
			held = append(held, dial(t, addr))
		}
		await(t, func() bool { l.mu.Lock(); defer l.mu.Unlock(); return len(l.conns) == 3 })
		if served(t, addr) {
			t.Error("a fourth was served")
		}
		for _, c := range held {
			_ = c.Close()
		}
		await(t, func() bool { l.mu.Lock(); defer l.mu.Unlock(); return len(l.conns) == 0 && len(l.perPeer) == 0 })
		if !served(t, addr) {
			t.Error("its share did not come back")
		}
	})
	t.Run("when all places are taken, one that idles makes room", func(t *testing.T) {
		addr, l := serveQuick(t, Config{MaxConns: 3})
		for range 3 {
			c := dial(t, addr)
			_, _ = io.WriteString(c, head)
		}
		await(t, func() bool {
			l.mu.Lock()
			defer l.mu.Unlock()
			n := 0
			for c := range l.conns {
				if c.idle.Load() {
					n++
				}
			}
			return n == 3
		})
		if !served(t, addr) {
			t.Error("a newcomer was shut out by idle connections")
		}
	})
	t.Run("a thousand slow heads do not keep an ordinary request waiting", func(t *testing.T) {
		addr, _ := serveQuick(t, Config{MaxConns: 2000, MaxPerAddress: 2000})
		var w sync.WaitGroup
		for range 1000 {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			w.Go(func() {
				defer c.Close()
				_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nX: ")
				_, _ = io.Copy(io.Discard, c)
			})
		}
		begun := time.Now()
		if !served(t, addr) || time.Since(begun) > 30*time.Second {
			t.Error(time.Since(begun))
		}
		w.Wait() // they are all closed by us
	})
}

// await waits until ok, or fails.
func await(t *testing.T, ok func() bool) {
	t.Helper()
	for range 300 {
		if ok() {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	t.Fatal("it did not come to that")
}

func TestTLS(t *testing.T) {
	t.Parallel()
	pair := httptest.NewUnstartedServer(nil) // for its certificate only
	pair.StartTLS()
	defer pair.Close()
	addr, _ := serveQuick(t, Config{TLS: hardened(&tls.Config{Certificates: pair.TLS.Certificates})})
	try := func(c *tls.Config) (*tls.ConnectionState, error) {
		c.InsecureSkipVerify = true
		tr := &http.Transport{TLSClientConfig: c}
		defer tr.CloseIdleConnections()
		r, err := (&http.Client{Transport: tr}).Get("https://" + addr + "/")
		if err != nil {
			return nil, err
		}
		defer r.Body.Close()
		_, _ = io.Copy(io.Discard, r.Body)
		return r.TLS, nil
	}
	t.Run("1.3 is preferred, 1.2 is taken with forward secrecy only, 1.1 is not", func(t *testing.T) {
		if s, err := try(&tls.Config{}); err != nil || s.Version != tls.VersionTLS13 {
			t.Error(s, err)
		}
		if s, err := try(&tls.Config{MaxVersion: tls.VersionTLS12}); err != nil || s.Version != tls.VersionTLS12 {
			t.Error(s, err)
		}
		if _, err := try(&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
			t.Error("1.1 was taken")
		}
		if _, err := try(&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA}}); err == nil {
			t.Error("a weak suite was taken")
		}
	})
	t.Run("a handshake that never comes is closed", func(t *testing.T) {
		c := dial(t, addr)
		_, _ = io.WriteString(c, "\x16\x03\x01")
		begun := time.Now()
		if _, _ = io.ReadAll(c); time.Since(begun) > 30*time.Second {
			t.Error(time.Since(begun))
		}
	})
	t.Run("plain HTTP on the TLS port is closed", func(t *testing.T) {
		c := dial(t, addr)
		_, _ = io.WriteString(c, head)
		if b, _ := io.ReadAll(c); strings.Contains(string(b), "200") {
			t.Error(string(b))
		}
	})
}

func TestLimiterIsBounded(t *testing.T) {
	l := newLimiter(Rate{PerMinute: 1, Burst: 1})
	now := time.Unix(0, 0)
	for i := range 3 * l.most {
		l.wait(string(rune(i))+"x", now)
	}
	if l.order.Len() != l.most || len(l.by) != l.most {
		t.Error(l.order.Len(), len(l.by))
	}
}
