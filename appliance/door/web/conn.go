package web

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
)

// conn is a connection that hands on one request's bytes at a time. fasthttp sees
// of a request what readHead has taken, and of its body what belongs to it; what
// follows waits until the next request is asked for.
//
// Read and Write are called by one goroutine; Close by any, any number of times.
type conn struct {
	net.Conn
	l    *listener
	peer netip.Addr

	in     []byte // read and not handed on
	head   []byte // the front of it that was checked
	left   int64  // bytes of body still to come from in and the socket
	chunks *chunks
	last   bool // no request may follow
	dead   bool
	served bool // a request was read before
	body   progress

	idle   atomic.Bool // between two requests: may be closed without loss
	unread atomic.Bool // the client may still be sending: close lingering
	once   sync.Once
}

// Read hands on bytes of the current request, or reads the next one's head.
func (c *conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(c.head) == 0 && c.bodySpent() {
		if c.dead || c.last {
			return 0, io.EOF
		}
		if err := c.nextHead(p); err != nil {
			c.dead = true
			return 0, err
		}
	}
	if len(c.head) > 0 {
		n := copy(p, c.head)
		c.head = c.head[n:]
		c.settle()
		return n, nil
	}
	n, err := c.readBody(p)
	c.settle()
	return n, err
}

// Write sends, with a deadline of its own for each 64 KiB.
func (c *conn) Write(p []byte) (int, error) { return c.writePaced(p) }

// spent reports whether every byte of the current request was handed on.
func (c *conn) spent() bool { return len(c.head) == 0 && c.bodySpent() }

func (c *conn) bodySpent() bool {
	if c.chunks != nil {
		return c.chunks.state == chunkDone || c.dead
	}
	return c.left == 0
}

func (c *conn) settle() {
	if c.spent() && len(c.in) == 0 {
		c.unread.Store(false)
	}
}

// nextHead reads until there is a whole head, looks at it and makes it ready. p
// is only scratch, so that an idle connection needs no buffer of its own.
func (c *conn) nextHead(p []byte) error {
	c.chunks, c.left, c.body = nil, 0, progress{}
	if len(c.in) == 0 {
		c.in = nil
	}
	if err := c.awaitFirst(); err != nil {
		return err
	}
	blank, seen := false, 0
	for {
		if len(c.in) >= 2 && !blank && c.in[0] == '\r' && c.in[1] == '\n' {
			c.in, blank, seen = c.in[2:], true, 0 // RFC 9112, 2.2: one empty line before a request
			continue
		}
		if end := headEnd(c.in, seen); end > 0 {
			if end > c.l.maxHead {
				return c.refuse("431 Request Header Fields Too Large")
			}
			return c.take(end)
		}
		if !plain(c.in, max(0, seen-1)) { // a head that is wrong already is not waited for
			return c.refuse("400 Bad Request")
		}
		if len(c.in) >= c.l.maxHead {
			return c.refuse("431 Request Header Fields Too Large")
		}
		seen = len(c.in)
		n, err := c.Conn.Read(p[:min(len(p), c.l.maxHead-len(c.in))])
		if n > 0 {
			if len(c.in) == 0 && c.served {
				if err := c.awaitHead(c.l.pace.Head); err != nil {
					return err
				}
			}
			c.busy()
			c.in = append(c.in, p[:n]...)
			continue
		}
		if errors.Is(err, os.ErrDeadlineExceeded) && len(c.in) > 0 {
			return c.refuse("408 Request Timeout")
		}
		return io.EOF // fasthttp closes without a word
	}
}

// awaitFirst sets the time for the first byte of a head.
func (c *conn) awaitFirst() error {
	if !c.served || len(c.in) > 0 {
		return c.awaitHead(c.l.pace.Head)
	}
	c.idle.Store(true)
	return c.awaitHead(c.l.pace.Idle)
}

func (c *conn) busy() {
	c.idle.Store(false)
	c.unread.Store(true)
}

// take makes the first end bytes of in the current request's head.
func (c *conn) take(end int) error {
	f, ok := readHead(c.in[:end])
	if !ok {
		return c.refuse("400 Bad Request")
	}
	c.busy()
	c.head, c.in = c.in[:end:end], c.in[end:]
	c.left, c.last, c.served = f.length, f.last, true
	if f.chunked {
		c.chunks = &chunks{}
	}
	return nil
}

// readBody hands on bytes of the body, never one more.
func (c *conn) readBody(p []byte) (n int, err error) {
	if c.chunks == nil && int64(len(p)) > c.left {
		p = p[:c.left]
	}
	if len(c.in) > 0 {
		n = copy(p, c.in)
		c.in = c.in[n:]
	} else if n, err = c.readPaced(p); err != nil {
		c.dead = true
		if err == io.EOF {
			// fasthttp would pass a bare EOF on as the body's regular end, and half an
			// upload would look like a whole one.
			err = io.ErrUnexpectedEOF
		}
	}
	if c.chunks == nil {
		c.left -= int64(n)
		return n, err
	}
	m, bad := c.chunks.feed(p[:n])
	if bad != nil {
		c.dead = true
		return 0, bad
	}
	return m, err
}

// refuse answers in place of fasthttp, which then closes.
func (c *conn) refuse(status string) error {
	_, err := io.WriteString(c, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	if err != nil {
		return err
	}
	return io.EOF
}

// Close ends the connection. While the client may still be sending, a plain close
// would reset it, and the client, or a proxy (nginx: 502), would never see our
// answer: so our side is ended first and theirs read on for a moment.
func (c *conn) Close() error {
	err := net.ErrClosed
	c.once.Do(func() {
		if c.unread.Load() && c.l.lingers(c) {
			err = nil
			return
		}
		err = c.Conn.Close()
		c.l.forget(c)
	})
	return err
}

// halfClose ends our side and returns the socket below TLS.
func (c *conn) halfClose() (net.Conn, bool) {
	raw := c.Conn
	if t, ok := raw.(*tls.Conn); ok {
		_ = t.CloseWrite() // before the handshake is done this says so and does nothing; the socket is closed anyway
		raw = t.NetConn()
	}
	h, ok := raw.(interface{ CloseWrite() error })
	return raw, ok && h.CloseWrite() == nil
}
