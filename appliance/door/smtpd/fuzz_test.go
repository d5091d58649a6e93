package smtpd_test

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance/door/smtpd"
)

// pipeline is a listener whose connections stand in memory, so that a fuzzer
// does not run out of ports.
type pipeline struct {
	c    chan net.Conn
	done chan struct{}
	once sync.Once
}

func (p *pipeline) Accept() (net.Conn, error) {
	select {
	case c := <-p.c:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipeline) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipeline) Addr() net.Addr { return &net.TCPAddr{} }

// FuzzSession sends bytes of a stranger and the same bytes as from the house's
// relay. Nothing panics; without proof nothing is accepted; what the desk gets
// holds no CR, LF or NUL alone.
func FuzzSession(f *testing.F) {
	const start = "EHLO a\r\nMAIL FROM:<anna@kommun.example>\r\nRCPT TO:<bo@citizen.example.s>\r\n"
	for _, s := range []string{
		start + "DATA\r\nFrom: anna@kommun.example\r\n\r\nx\r\n.\r\nQUIT\r\n",
		start + "BDAT 31\r\nFrom: anna@kommun.example\r\n\r\nx\r\nBDAT 0 LAST\r\nQUIT\r\n",
		start + "DATA\r\nFrom: anna@kommun.example\r\nX-Sigill-Key: a\r\nX-Sigill-Key: b\r\n\r\n..x\n.\r\n.\r\n",
		"EHLO a\r\nMAIL FROM:<> SIZE=5\r\nRCPT TO:<bounce+ok1@own.example>\r\nDATA\r\nx\r\n.\r\n",
		"EHLO a\r\nSTARTTLS\r\nMAIL FROM:<a@b>\r\n", "EHLO a\r\nAUTH PLAIN\r\n*\r\n", "BDAT 99999999999\r\n", "MAIL FROM:<@a,@b:c@d>\r\n\x00\r\n",
	} {
		f.Add([]byte(s))
	}
	stranger, desk1 := pipes(f, "stranger")
	house, desk2 := pipes(f, "trusted")
	f.Fuzz(func(t *testing.T, b []byte) {
		talk(stranger, b)
		if n, _ := desk1.counts(); n != 0 {
			t.Fatalf("accepted from a stranger: %q", desk1.letters())
		}
		talk(house, b)
		for _, d := range []*desk{desk1, desk2} {
			d.mu.Lock()
			all := append(d.accepted, d.returned...)
			d.accepted, d.returned = nil, nil
			d.mu.Unlock()
			for _, l := range all {
				rest := strings.ReplaceAll(l.raw, "\r\n", "")
				if strings.ContainsAny(rest, "\r\n\x00") {
					t.Fatalf("the desk got %q", l.raw)
				}
			}
		}
	})
}

func pipes(f *testing.F, who string) (*pipeline, *desk) {
	p := &pipeline{c: make(chan net.Conn), done: make(chan struct{})}
	d := &desk{}
	r := ruled(who)
	r.Trusted = append(r.Trusted, r.Peers...)
	var gone *house = &house{rules: r}
	srv := smtpd.New(smtpd.Config{Desk: d, House: gone, Clock: clock{time.Now()},
		Ours: func(l string) bool { return strings.HasPrefix(l, "bounce+ok") }})
	ctx := f.Context()
	go srv.Run(ctx, smtpd.Listener{Listener: p})
	return p, d
}

// local is the end of a pipe that says it comes from here.
type local struct{ net.Conn }

func (local) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func talk(p *pipeline, b []byte) {
	here, there := net.Pipe()
	p.c <- local{there}
	go func() {
		io.Copy(here, bytes.NewReader(b))
		// The pipe has no half-close: an end that no command line can hold ends the session.
		io.Copy(here, strings.NewReader("\r\n.\r\n"+strings.Repeat("x", 3000)))
		here.Close()
	}()
	io.Copy(io.Discard, here)
}
