package courier

import (
	"errors"
	"net"
	"time"
)

// maxTalk is what a smarthost may say within one mail. Its answers are short; one
// that talks without end must not fill the memory.
const maxTalk = 256 << 10

// bounded is a connection of which no more than maxTalk is read until renew.
type bounded struct {
	net.Conn
	left int
}

func (b *bounded) renew() { b.left = maxTalk }

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("the other side says too much")
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// within lets what follows on conn take no longer than d, by the machine's own
// time, as sockets count it.
func within(conn net.Conn, d time.Duration) { conn.SetDeadline(time.Now().Add(d)) }

// unbound takes the limit of within off again.
func unbound(conn net.Conn) { conn.SetDeadline(time.Time{}) }
