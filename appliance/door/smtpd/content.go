package smtpd

import (
	"bytes"
	"strconv"
	"strings"
)

const (
	maxContentLine = 1 << 20 // bytes; RFC 5321 says 998, but business systems write their HTML in one line
	minRate        = 512     // bytes a second, of content
)

// readData reads content as DATA sends it into b: to CRLF "." CRLF and not a
// byte further, with the dots of RFC 5321, 4.5.2 taken away. A line begins
// behind CRLF only; a dot behind a lone LF or CR is content, and b has a fault.
func (w *wire) readData(b *body) error {
	if err := w.flush(); err != nil {
		return err
	}
	p := newPace(w.srv.limits.Content)
	begin, cr := true, false // at the begin of a line; the last byte was CR
	for {
		for w.w-w.r < 3 && (begin || w.w == w.r) {
			p.next(w.Conn, b.n)
			if err := w.fill(); err != nil {
				return err
			}
		}
		seen := w.in[w.r:w.w]
		if begin && seen[0] == '.' {
			if seen[1] == '\r' && seen[2] == '\n' {
				w.r += 3
				b.end()
				return nil
			}
			w.r++
			begin, cr = false, false
			continue
		}
		if i := bytes.Index(seen, []byte("\n.")); i >= 0 {
			seen = seen[:i+1]
		}
		last := len(seen) - 1
		if last > 0 {
			cr = seen[last-1] == '\r'
		}
		begin = seen[last] == '\n' && cr
		cr = seen[last] == '\r'
		b.add(seen)
		w.r += len(seen)
		if b.n > 2*b.limit+window {
			return w.flood()
		}
	}
}

// flood ends a session that sends far more than it may: there is no point in
// reading on only to be able to answer.
func (w *wire) flood() error {
	w.say(errTooLarge)
	return errOver
}

// bdat takes a chunk (RFC 3030, 2). go-smtp never hears of it: with the last
// chunk it is given an empty DATA, and its 354 is kept from the client.
func (w *wire) bdat() error {
	size, last, ok := parseBDAT(w.line)
	if !ok {
		// Nobody can tell where the chunk ends, so what follows cannot be commands.
		w.say(errArgument)
		return errOver
	}
	refusal := errSequence
	if s := w.session; s != nil && s.tx != nil && len(s.tx.rcpts) > 0 && !s.tx.dead {
		if refusal = nil; !w.chunks {
			refusal = s.begin()
		}
	}
	if refusal != nil {
		if err := w.skip(size); err != nil {
			return err
		}
		w.say(refusal)
		w.fail()
		return nil
	}
	w.chunks = true
	b := w.session.tx.body
	if err := w.readChunk(b, size); err != nil {
		return err
	}
	if last {
		b.end()
		w.quiet = 354
		w.hand("DATA")
		return nil
	}
	if b.fault != nil {
		w.say(b.fault)
		w.fail()
		return nil
	}
	w.say(okChunk)
	return nil
}

// fail ends a mail by BDAT whose chunk was refused: the client must RSET (RFC
// 3030, 2), and the chunks that it has already sent are read and refused.
func (w *wire) fail() {
	w.chunks = false
	if w.session != nil && w.session.tx != nil {
		w.session.tx.dead = true
		w.session.tx.free()
	}
}

// readChunk reads size bytes into b: first what has come already, then straight
// from the socket into b's own room.
func (w *wire) readChunk(b *body, size int64) error {
	if b.n+size > b.limit {
		b.drop(errTooLarge)
	}
	if b.fault != nil {
		return w.skip(size)
	}
	here := min(size, int64(w.w-w.r))
	b.add(w.in[w.r : w.r+int(here)])
	w.r += int(here)
	size -= here
	if size == 0 {
		return nil
	}
	if !b.room(int(size)) {
		return w.skip(size)
	}
	if err := w.flush(); err != nil {
		return err
	}
	p := newPace(w.srv.limits.Content)
	for got := int64(0); got < size; {
		if b.fault != nil {
			return w.skip(size - got)
		}
		p.next(w.Conn, got)
		at := len(b.buf)
		n, err := w.Conn.Read(b.buf[at : at+int(size-got)])
		if n == 0 && err != nil {
			return err
		}
		b.buf = b.buf[:at+n]
		b.seen(b.buf[at:])
		got += int64(n)
	}
	return nil
}

// skip reads size bytes and keeps none.
func (w *wire) skip(size int64) error {
	if size > 2*w.srv.limits.Message {
		return w.flood()
	}
	if err := w.flush(); err != nil {
		return err
	}
	p := newPace(w.srv.limits.Content)
	for got := int64(0); ; {
		here := min(size-got, int64(w.w-w.r))
		w.r += int(here)
		if got += here; got == size {
			return nil
		}
		p.next(w.Conn, got)
		if err := w.fill(); err != nil {
			return err
		}
	}
}

// parseBDAT reads "BDAT size [LAST]" more strictly than go-smtp would, so that
// only one reading of where the chunk ends is possible.
func parseBDAT(line string) (size int64, last, ok bool) {
	words := strings.Split(line, " ")
	if len(words) < 2 || len(words) > 3 || len(words[1]) > 10 {
		return 0, false, false
	}
	for _, c := range []byte(words[1]) {
		if c < '0' || c > '9' {
			return 0, false, false
		}
	}
	size, err := strconv.ParseInt(words[1], 10, 64)
	if err != nil {
		return 0, false, false
	}
	if len(words) == 3 {
		if !strings.EqualFold(words[2], "LAST") {
			return 0, false, false
		}
		last = true
	}
	return size, last, true
}
