package web

import (
	"errors"
	"time"
)

// This file alone reads the machine's own time: sockets count by it, and a demo
// that turns its clock must not cut connections.

var errSlow = errors.New("the body comes too slowly")

// Pace says how slow a client may be. Time is counted only while the socket is
// waited for, so our own slow disk is never held against the client.
type Pace struct {
	Head  time.Duration // for a whole head, TLS handshake included. Default: 10 s
	Idle  time.Duration // between two requests. Default: 60 s
	Stall time.Duration // for one read of a body or one write of 64 KiB. Default: 30 s
	Grace time.Duration // of waiting before Rate counts. Default: 20 s
	Rate  int64         // bytes a second that a body must keep, on average. Default: 4096
	Total time.Duration // for one body, however fast. Default: 12 h
}

func (p Pace) withDefaults() Pace {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&p.Head, 10*time.Second)
	set(&p.Idle, time.Minute)
	set(&p.Stall, 30*time.Second)
	set(&p.Grace, 20*time.Second)
	set(&p.Total, 12*time.Hour)
	if p.Rate <= 0 {
		p.Rate = 4096
	}
	return p
}

// progress is how one body has come so far.
type progress struct {
	begun  time.Time
	waited time.Duration
	bytes  int64
}

// awaitHead gives the client d from now on to send what is read next.
func (c *conn) awaitHead(d time.Duration) error {
	return c.Conn.SetReadDeadline(time.Now().Add(d))
}

// readPaced reads from the socket and moves the deadline before each read, so
// that a long upload lives as long as it keeps its rate.
func (c *conn) readPaced(b []byte) (int, error) {
	now, p, pace := time.Now(), &c.body, c.l.pace
	if p.begun.IsZero() {
		p.begun = now
	}
	earned := time.Duration(float64(p.bytes) / float64(pace.Rate) * float64(time.Second))
	wait := min(pace.Stall, pace.Grace+earned-p.waited, pace.Total-now.Sub(p.begun))
	if wait <= 0 {
		return 0, errSlow
	}
	if err := c.Conn.SetReadDeadline(now.Add(wait)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	p.waited += time.Since(now)
	p.bytes += int64(n)
	return n, err
}

// writePaced writes at most 64 KiB a deadline: a client that takes less in that
// time reads slowly on purpose, or is gone.
func (c *conn) writePaced(b []byte) (done int, err error) {
	for len(b) > 0 && err == nil {
		if err = c.Conn.SetWriteDeadline(time.Now().Add(c.l.pace.Stall)); err != nil {
			return done, err
		}
		var n int
		n, err = c.Conn.Write(b[:min(len(b), 64<<10)])
		done += n
		b = b[n:]
	}
	return done, err
}

// linger gives the client two seconds to read what we said last.
func linger(raw interface{ SetDeadline(time.Time) error }) error {
	return raw.SetDeadline(time.Now().Add(2 * time.Second))
}
