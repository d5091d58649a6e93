package smtpd

import (
	"net"
	"time"
)

// Deadlines of a socket need the machine's own time, whatever the appliance's
// clock says; only this file reads it.

// within sets the read deadline to d from now.
func readWithin(c net.Conn, d time.Duration) { c.SetReadDeadline(time.Now().Add(d)) }

func writeWithin(c net.Conn, d time.Duration) { c.SetWriteDeadline(time.Now().Add(d)) }

// wake lets a Read that waits return at once.
func wake(c net.Conn) { c.SetReadDeadline(time.Unix(1, 0)) }

// pace holds a sender of content to a smallest rate, so that nobody keeps a
// buffer by sending a byte now and then.
type pace struct {
	begin time.Time
	grace time.Duration // also the longest silence
}

func newPace(grace time.Duration) pace { return pace{time.Now(), grace} }

// next sets the deadline for the next read, after n bytes have come.
func (p pace) next(c net.Conn, n int64) {
	silence := time.Now().Add(p.grace)
	slowest := p.begin.Add(p.grace + time.Duration(n)*time.Second/minRate)
	if slowest.Before(silence) {
		silence = slowest
	}
	c.SetReadDeadline(silence)
}
