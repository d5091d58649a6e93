package smtpd

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/emersion/go-smtp"
)

const (
	maxCommand = 2048  // bytes of a command line with its CRLF; RFC 5321 asks for 512 and what extensions add
	maxAnswer  = 12288 // bytes of a line within an AUTH exchange; RFC 4954, 4
	window     = 16 << 10
)

var (
	errOver = errors.New("smtpd: session is over") // all is said; go-smtp sees io.EOF
	errBad  = errors.New("smtpd: CR, LF or NUL alone")
	errLong = errors.New("smtpd: line too long")
)

// wire is the connection under go-smtp. It hands over one checked command at a
// time, so that what go-smtp answered last is known when the next line is read,
// and it sends the replies when it would wait for the client. Only one
// goroutine uses it: go-smtp's; what others may touch stands behind mu.
type wire struct {
	net.Conn // TCP, or TLS over it
	srv      *Server
	door     Listener
	peer     netip.Addr
	tls      *tls.ConnectionState // nil in the clear
	session  *session             // nil before EHLO

	in      []byte // in[r:w] has come and was not used yet
	r, w    int
	pass    []byte // checked bytes for go-smtp
	line    string // the command that is being carried out, without CRLF
	verb    string
	out     []byte // replies not yet sent
	code    int    // of the last reply
	quiet   int    // a reply of this code is not the client's to see; 0: none
	chunks  bool   // a mail comes by BDAT
	over    bool   // nothing more is read or said
	closing bool   // over, once the reply to this command is sent

	commands, refusals int

	mu      sync.Mutex
	waiting bool // for a command, with nothing begun
	open    atomic.Bool
	close   sync.Once
	gone    bool // the socket has another wire now
}

func newWire(srv *Server, c net.Conn, door Listener, peer netip.Addr) *wire {
	w := &wire{Conn: c, srv: srv, door: door, peer: peer, in: make([]byte, window)}
	if t, ok := c.(*tls.Conn); ok {
		state := t.ConnectionState()
		w.tls = &state
	}
	return w
}

// Read gives go-smtp what was checked. The end of the session is io.EOF for it,
// whatever the reason, so that it does not answer a second time.
func (w *wire) Read(p []byte) (int, error) {
	for len(w.pass) == 0 {
		if w.over {
			return 0, io.EOF
		}
		if err := w.next(); err != nil {
			w.leave(err)
		}
	}
	n := copy(p, w.pass)
	w.pass = w.pass[n:]
	return n, nil
}

// leave says why the session ends, if the client can still be told.
func (w *wire) leave(err error) {
	switch {
	case errors.Is(err, errBad):
		w.say(errBare)
	case errors.Is(err, errLong):
		w.say(errLineLong)
	case errors.Is(err, os.ErrDeadlineExceeded) && w.srv.stopping.Load():
		w.say(errStopping)
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.say(errTimeout)
	}
	w.flush()
	w.over = true
}

// readLine returns the next line without its CRLF. The slice is valid until the
// next read.
func (w *wire) readLine(limit int) ([]byte, error) {
	for {
		seen := w.in[w.r:w.w]
		if i := bytes.IndexByte(seen, '\n'); i >= 0 && i < limit {
			w.r += i + 1
			line, ok := bytes.CutSuffix(seen[:i+1], []byte("\r\n"))
			if !ok || bytes.ContainsAny(line, "\r\x00") {
				return nil, errBad
			}
			return line, nil
		}
		if len(seen) >= limit {
			return nil, errLong
		}
		if err := w.await(); err != nil {
			return nil, err
		}
	}
}

// await waits for more of a command. While nothing is begun, a stop of the
// server wakes it.
func (w *wire) await() error {
	if err := w.flush(); err != nil {
		return err
	}
	w.mu.Lock()
	idle := !w.open.Load()
	if idle && w.srv.stopping.Load() {
		w.mu.Unlock()
		w.say(errStopping)
		return errOver
	}
	w.waiting = idle
	readWithin(w.Conn, w.srv.limits.Command)
	w.mu.Unlock()

	err := w.fill()

	w.mu.Lock()
	w.waiting = false
	w.mu.Unlock()
	return err
}

// stop ends a session that waits with nothing begun; others end by themselves
// behind what they have begun. It may be called from anywhere.
func (w *wire) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting {
		wake(w.Conn)
	}
}

// fill reads once, behind what is already there.
func (w *wire) fill() error {
	if w.r > 0 {
		copy(w.in, w.in[w.r:w.w])
		w.w -= w.r
		w.r = 0
	}
	n, err := w.Conn.Read(w.in[w.w:])
	w.w += n
	if n > 0 {
		return nil
	}
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}

// Write takes go-smtp's replies, a whole line each, and keeps them until the
// client has to be waited for (RFC 2920, 3.2).
func (w *wire) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		w.reply(line)
	}
	if len(w.out) > window {
		if err := w.flush(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (w *wire) reply(line []byte) {
	if w.over || len(line) < 4 {
		return
	}
	code, err := strconv.Atoi(string(line[:3]))
	if err != nil {
		return
	}
	last := line[3] == ' '
	if last {
		w.code = code
	}
	if code >= 500 && last {
		w.refusals++
	}
	if w.quiet != 0 {
		hide := w.quiet == code
		w.quiet = 0
		if hide {
			return
		}
	}
	w.out = append(w.out, line...)
	// RFC 8689, 2. go-smtp offers it only on a *tls.Conn of its own, which ours is
	// not: it never sees the socket.
	if w.tls != nil && w.verb == "EHLO" && bytes.HasPrefix(line, []byte("250-8BITMIME")) {
		w.out = append(w.out, "250-REQUIRETLS\r\n"...)
	}
}

// say answers the client itself, in go-smtp's form.
func (w *wire) say(e *smtp.SMTPError) {
	w.reply(fmt.Appendf(nil, "%d %d.%d.%d %s\r\n", e.Code, e.EnhancedCode[0], e.EnhancedCode[1], e.EnhancedCode[2], e.Message))
}

func (w *wire) flush() error {
	if len(w.out) == 0 {
		return nil
	}
	writeWithin(w.Conn, w.srv.limits.Write)
	_, err := w.Conn.Write(w.out)
	w.out = w.out[:0]
	return err
}

// Close ends the session; the last reply goes out before. Behind STARTTLS the
// socket has another wire, and this one lets go of it.
func (w *wire) Close() error {
	var err error
	w.close.Do(func() {
		if w.gone {
			return
		}
		w.flush()
		err = w.Conn.Close()
		w.srv.left(w)
	})
	return err
}
