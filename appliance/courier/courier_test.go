package courier_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"

	"sigill/appliance/courier"
	"sigill/appliance/mail"
)

func TestCarry(t *testing.T) {
	t.Run("a notice goes over verified TLS with its code, a return address and DSN", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		box, cl := newOutbox(), &clock{now: start}
		r := run(t, courier.Smarthost{Addr: h.addr, Roots: h.ca.pool}, box, cl, 2)
		id := box.add(start, letterTo("anna@example.se"))[0]
		r.settle()
		if m := box.get(id); m.state != "sent" || m.detail[0] != "250 2.0.0" {
			t.Fatalf("%s %v", m.state, m.detail)
		}
		m := h.all()[0]
		if !m.tls || m.hello != "brev.house.example" || !strings.Contains(m.data, "K7FQ") || !strings.Contains(m.data, "X-Verified: true") || !strings.Contains(m.data, "\r\n.dot\r\n") {
			t.Errorf("%+v", m)
		}
		if m.mailOpts.Return != smtp.DSNReturnHeaders || len(m.rcptOpts.Notify) != 1 || m.rcptOpts.Notify[0] != smtp.DSNNotifyFailure {
			t.Errorf("DSN: %+v %+v", m.mailOpts, m.rcptOpts)
		}
		if m.mailOpts.UTF8 {
			t.Error("SMTPUTF8 without need")
		}
		ret, _ := courier.NewReturns([]byte(strings.Repeat("\x07", 32)), "brev.house.example", cl)
		if got, err := ret.Read(mail.Address(m.from)); err != nil || got.Token != box.get(id).Bounce {
			t.Errorf("MAIL FROM %s: %v", m.from, err)
		}
	})
	t.Run("what is refused for one recipient holds up no other", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		h.rcpt = func(to string) error {
			switch {
			case strings.HasPrefix(to, "gone"):
				return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no gone@example.se here"}
			case strings.HasPrefix(to, "grey"):
				return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "come again"}
			}
			return nil
		}
		box, cl := newOutbox(), &clock{now: start}
		r := run(t, courier.Smarthost{Addr: h.addr, Roots: h.ca.pool}, box, cl, 1)
		ids := box.add(start, letterTo("gone@example.se"), letterTo("grey@example.se"), letterTo("anna@example.se"))
		r.settle()
		if m := box.get(ids[0]); m.state != "failed" || m.detail[0] != "550 5.1.1" {
			t.Errorf("gone: %s %v", m.state, m.detail)
		}
		m := box.get(ids[1])
		if m.state != "" || m.detail[0] != "451 4.7.1" || m.next.Sub(start) < time.Minute || m.next.Sub(start) > 66*time.Second {
			t.Errorf("grey: %s %v next %v", m.state, m.detail, m.next.Sub(start))
		}
		if box.get(ids[2]).state != "sent" || len(h.peers) != 1 {
			t.Errorf("anna was not sent on the same line (%d lines)", len(h.peers))
		}
		h.mu.Lock()
		h.rcpt = nil
		h.mu.Unlock()
		cl.turn(2 * time.Minute)
		r.settle()
		if box.get(ids[1]).state != "sent" {
			t.Error("grey was not sent after the clock was turned")
		}
	})
	t.Run("a refusal at the last dot is told apart too", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		h.data = func(to string) error {
			if strings.HasPrefix(to, "spam") {
				return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "x"}
			}
			return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "x"}
		}
		box, cl := newOutbox(), &clock{now: start}
		r := run(t, courier.Smarthost{Addr: h.addr, Roots: h.ca.pool}, box, cl, 1)
		ids := box.add(start, letterTo("spam@example.se"), letterTo("full@example.se"))
		r.settle()
		if box.get(ids[0]).state != "failed" || box.get(ids[1]).state != "" || box.get(ids[1]).detail[0] != "452 4.3.1" {
			t.Errorf("%+v %+v", box.get(ids[0]), box.get(ids[1]))
		}
	})
	t.Run("a refusal of the sender is our fault and gives no notice up", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		h.mail = func(string) error {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "x"}
		}
		box, cl := newOutbox(), &clock{now: start}
		r := run(t, courier.Smarthost{Addr: h.addr, Roots: h.ca.pool}, box, cl, 1)
		id := box.add(start, letterTo("anna@example.se"))[0]
		r.settle()
		if m := box.get(id); m.state != "" || m.Tries != 1 {
			t.Errorf("%+v", m)
		}
	})
	t.Run("a thousand notices use few lines and each arrives once", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		box, cl := newOutbox(), &clock{now: start}
		r := run(t, courier.Smarthost{Addr: h.addr, Roots: h.ca.pool}, box, cl, 4)
		for i := range 1000 {
			box.add(start, letterTo(fmt.Sprintf("p%d@example.se", i)))
		}
		r.settle()
		seen := map[string]int{}
		for _, m := range h.all() {
			seen[m.to]++
		}
		if len(seen) != 1000 || len(h.all()) != 1000 || box.count("sent") != 1000 {
			t.Errorf("%d recipients, %d mails", len(seen), len(h.all()))
		}
		if len(h.peers) > 20 {
			t.Errorf("%d lines for 1000 mails", len(h.peers))
		}
	})
	t.Run("an outcome that cannot be written is kept, and the notice not sent again", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		box, cl := newOutbox(), &clock{now: start}
		box.broken = true
		r := run(t, courier.Smarthost{Addr: h.addr, Roots: h.ca.pool}, box, cl, 2)
		box.add(start, letterTo("anna@example.se"))
		r.settle()
		r.settle()
		box.mu.Lock()
		box.broken = false
		box.mu.Unlock()
		r.settle()
		if box.count("sent") != 1 || len(h.all()) != 1 {
			t.Errorf("%d sent, %d mails", box.count("sent"), len(h.all()))
		}
	})
	t.Run("when told to stop, what is under way is finished and written down", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		in, out := make(chan struct{}), make(chan struct{})
		h.data = func(string) error { close(in); <-out; return nil }
		box, cl := newOutbox(), &clock{now: start}
		r := run(t, courier.Smarthost{Addr: h.addr, Roots: h.ca.pool}, box, cl, 1)
		box.add(start, letterTo("anna@example.se"), letterTo("bo@example.se"))
		<-in
		time.AfterFunc(50*time.Millisecond, func() { close(out) })
		r.stop()
		if box.count("sent") != 1 || len(h.all()) != 1 {
			t.Errorf("%d sent, %d mails", box.count("sent"), len(h.all()))
		}
	})
}

func TestLineBreaks(t *testing.T) {
	t.Run("within a mail: it is tried again, and only then twice, with one Message-ID", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		var once sync.Once
		h.drop = func(string) (drop bool) { once.Do(func() { drop = true }); return }
		box, cl := newOutbox(), &clock{now: start}
		r := run(t, courier.Smarthost{Addr: h.addr, Roots: h.ca.pool}, box, cl, 1)
		id := box.add(start, letterTo("anna@example.se"))[0]
		r.settle()
		if m := box.get(id); m.state != "" || m.detail[0] != courier.DetailNetwork {
			t.Fatalf("%+v", m)
		}
		cl.turn(time.Hour)
		r.settle()
		l := h.all()
		if len(l) != 2 || box.get(id).state != "sent" || l[0].data[:60] != l[1].data[:60] {
			t.Errorf("%d mails", len(l))
		}
	})
	t.Run("while idle: the next notice goes on a fresh line and no try is counted", func(t *testing.T) {
		l := listen(t)
		h := newSmarthost(t, l)
		var mu sync.Mutex
		var open []net.Conn
		dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			return c, err
		}
		box, cl := newOutbox(), &clock{now: start}
		r := run(t, courier.Smarthost{Addr: h.addr, Roots: h.ca.pool, Dial: dial}, box, cl, 1)
		box.add(start, letterTo("anna@example.se"))
		r.settle()
		mu.Lock()
		open[0].(*net.TCPConn).CloseWrite()
		mu.Unlock()
		id := box.add(start, letterTo("bo@example.se"))[0]
		r.settle()
		if m := box.get(id); m.state != "sent" || m.Tries != 0 || len(open) != 2 {
			t.Errorf("%+v, %d lines", m, len(open))
		}
	})
}

// TestBackoff runs on fake time, so that days pass in a moment.
func TestBackoff(t *testing.T) {
	t.Run("the pauses grow to six hours and end with the notice's time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := newPipes()
			h := newSmarthost(t, l)
			var at []time.Time
			begin := time.Now()
			h.rcpt = func(string) error {
				at = append(at, time.Now())
				return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "x"}
			}
			box, cl := newOutbox(), &clock{real: true}
			r := run(t, courier.Smarthost{Addr: "pipe:25", Roots: h.ca.pool, Dial: l.dial}, box, cl, 1)
			id := box.add(cl.Now(), letterTo("anna@example.se"))[0]
			time.Sleep(73 * time.Hour)
			synctest.Wait()
			if m := box.get(id); m.state != "failed" || m.detail[len(m.detail)-1] != "450 4.2.0" {
				t.Errorf("%s %v", m.state, m.detail)
			}
			want := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 6 * time.Hour}
			for i, w := range want {
				if d := at[i+1].Sub(at[i]); d < w || d > w+w/9+20*time.Second {
					t.Errorf("pause %d is %v, want about %v", i, d, w)
				}
			}
			if d := at[len(at)-1].Sub(begin); d < 71*time.Hour {
				t.Errorf("the last try was after %v; the end is at 72h", d)
			}
			r.stop()
			l.Close()
		})
	})
	t.Run("a smarthost that is down costs no notice a try, and all go when it is back", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := newPipes()
			h := newSmarthost(t, l)
			var mu sync.Mutex
			dials, down := 0, true
			dial := func(ctx context.Context, n, a string) (net.Conn, error) {
				mu.Lock()
				defer mu.Unlock()
				dials++
				if down {
					return nil, fmt.Errorf("no route to anna@example.se")
				}
				return l.dial(ctx, n, a)
			}
			box, cl := newOutbox(), &clock{real: true}
			r := run(t, courier.Smarthost{Addr: "pipe:25", Roots: h.ca.pool, Dial: dial}, box, cl, 4)
			for i := range 100 {
				box.add(cl.Now(), letterTo(fmt.Sprintf("p%d@example.se", i)))
			}
			time.Sleep(24 * time.Hour)
			mu.Lock()
			if dials > 24*12+20 {
				t.Errorf("%d connections tried in a day", dials)
			}
			down = false
			mu.Unlock()
			if s := r.Status(); s.Down.IsZero() || s.Detail != courier.DetailNetwork {
				t.Errorf("status %+v", s)
			}
			time.Sleep(6 * time.Minute)
			synctest.Wait()
			if n := box.count("sent"); n != 100 {
				t.Errorf("%d of 100 sent", n)
			}
			for _, m := range box.rows {
				if m.Tries != 0 {
					t.Errorf("%d tries counted", m.Tries)
				}
			}
			if s := r.Status(); !s.Down.IsZero() || s.Sent != 100 {
				t.Errorf("status %+v", s)
			}
			r.stop()
			l.Close()
		})
	})
	t.Run("a notice whose time is over is given up without a word to anybody", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		box, cl := newOutbox(), &clock{now: start}
		id := box.add(start, letterTo("anna@example.se"))[0]
		cl.turn(100 * time.Hour)
		r := run(t, courier.Smarthost{Addr: h.addr, Roots: h.ca.pool}, box, cl, 1)
		r.settle()
		if m := box.get(id); m.state != "failed" || m.detail[0] != courier.DetailExpired || len(h.all()) != 0 {
			t.Errorf("%+v", m)
		}
	})
	t.Run("unless the clock cannot be believed: then it is carried, and put off if it is not taken", func(t *testing.T) {
		h := newSmarthost(t, listen(t))
		h.rcpt = func(to string) error {
			if strings.HasPrefix(to, "bo@") {
				return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "x"}
			}
			return nil
		}
		box, cl := newOutbox(), &clock{now: start}
		ids := box.add(start, letterTo("anna@example.se"), letterTo("bo@example.se"))
		cl.turn(100 * time.Hour)
		r := run(t, courier.Smarthost{Addr: h.addr, Roots: h.ca.pool}, box, cl, 1, func() bool { return false })
		r.settle()
		if a, b := box.get(ids[0]), box.get(ids[1]); a.state != "sent" || b.state != "" || b.Tries != 1 || !b.next.Equal(cl.Now().Add(time.Hour)) {
			t.Errorf("%+v\n%+v", a, b)
		}
	})
}

// pipes is a listener without sockets, for fake time.
type pipes struct {
	c    chan net.Conn
	done chan struct{}
	once sync.Once
}

func newPipes() *pipes { return &pipes{c: make(chan net.Conn), done: make(chan struct{})} }
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.c:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 25} }
func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	a, b := net.Pipe()
	select {
	case p.c <- buffered(b):
		return buffered(a), nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// buffered lets a side write without the other reading: TLS servers do, after the
// handshake, and net.Pipe would block them for ever.
func buffered(c net.Conn) net.Conn {
	b := &bufConn{Conn: c, out: make(chan []byte, 1024), gone: make(chan struct{})}
	go func() {
		defer c.Close()
		for {
			select {
			case p := <-b.out:
				if _, err := c.Write(p); err != nil {
					return
				}
			case <-b.gone:
				for len(b.out) > 0 {
					if _, err := c.Write(<-b.out); err != nil {
						return
					}
				}
				return
			}
		}
	}()
	return b
}

type bufConn struct {
	net.Conn
	out  chan []byte
	gone chan struct{}
	once sync.Once
}

func (b *bufConn) Write(p []byte) (int, error) {
	select {
	case <-b.gone:
		return 0, net.ErrClosed
	case b.out <- append([]byte(nil), p...):
		return len(p), nil
	}
}
func (b *bufConn) Close() error {
	b.once.Do(func() { b.Conn.SetDeadline(time.Now().Add(time.Second)); close(b.gone) })
	return nil
}
