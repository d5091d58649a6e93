package web

import (
	"bytes"
)

// framing is what a request's head says about where the request ends.
type framing struct {
	length  int64 // bytes of body; 0 if chunked
	chunked bool
	last    bool // nothing may follow on this connection
}

// headEnd returns the length of the first whole head in b, or 0. Bytes before
// from were looked at before.
func headEnd(b []byte, from int) int {
	from = max(0, from-3)
	if i := bytes.Index(b[from:], []byte("\r\n\r\n")); i >= 0 {
		return from + i + 4
	}
	return 0
}

// plain reports whether b, from index from on, has only what a head may have:
// no control character but TAB, CR only before LF, LF only behind CR. A CR at the
// very end may still get its LF.
//
// RFC 9112, 2.2 lets a recipient take a bare LF as a line's end and a bare CR as a
// blank. Others on the way do so or not; that difference is the attack.
func plain(b []byte, from int) bool {
	for i := from; i < len(b); i++ {
		switch x := b[i]; {
		case x == '\r':
			if i+1 < len(b) && b[i+1] != '\n' {
				return false
			}
		case x == '\n':
			if i == 0 || b[i-1] != '\r' {
				return false
			}
		case x < ' ' && x != '\t' || x == 0x7f:
			return false
		}
	}
	return true
}

// readHead holds a whole head, with its closing empty line, against RFC 9112 and
// says where the request ends. Whatever two recipients might read in two ways is
// refused: ok is false.
func readHead(head []byte) (f framing, ok bool) {
	if !plain(head, 0) {
		return f, false
	}
	line, rest, _ := bytes.Cut(head[:len(head)-2], []byte("\r\n"))
	bodyless, http11, ok := requestLine(line)
	if !ok {
		return f, false
	}
	var hosts, lengths, codings int
	keep := http11
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found || !token(name) { // also refuses folded lines (5.2) and a blank before the colon (5.1)
			return f, false
		}
		value = bytes.Trim(value, " \t")
		switch {
		case is(name, "host"):
			hosts++
			ok = hostname(value)
		case is(name, "content-length"):
			lengths++
			f.length, ok = digits(value)
		case is(name, "transfer-encoding"):
			codings++
			f.chunked = true
			ok = is(value, "chunked")
		case is(name, "expect"):
			ok = is(value, "100-continue")
		case is(name, "connection"):
			for t := range bytes.SplitSeq(value, []byte(",")) {
				t = bytes.Trim(t, " \t")
				f.last = f.last || is(t, "close")
				keep = keep || is(t, "keep-alive")
			}
		}
		if !ok {
			return f, false
		}
	}
	// RFC 9112, 3.2: exactly one Host. 6.3: a length stated twice, in whatever way, is refused.
	if hosts > 1 || hosts == 0 && http11 || lengths+codings > 1 || f.chunked && !http11 {
		return f, false
	}
	// RFC 9110, 9.3.1: content of a GET means nothing, "might lead some implementations to reject the request".
	if bodyless && (f.length > 0 || f.chunked) {
		return f, false
	}
	// Chunked is always the last on its connection: then no reader's idea of where it ends matters.
	f.last = f.last || !keep || f.chunked
	return f, true
}

// requestLine checks RFC 9112, 3. Only origin form is taken, since nobody here is
// a proxy; "*" belongs to OPTIONS.
func requestLine(line []byte) (bodyless, http11, ok bool) {
	method, rest, found := bytes.Cut(line, []byte(" "))
	target, version, more := bytes.Cut(rest, []byte(" "))
	if !found || !more || !token(method) || string(method) == "CONNECT" {
		return false, false, false
	}
	switch string(version) {
	case "HTTP/1.1":
		http11 = true
	case "HTTP/1.0":
	default:
		return false, false, false
	}
	if len(target) == 0 || target[0] != '/' && (string(target) != "*" || string(method) != "OPTIONS") {
		return false, false, false
	}
	for _, x := range target {
		if x <= ' ' || x >= 0x7f || x == '#' || x == '\\' {
			return false, false, false
		}
	}
	switch string(method) {
	case "GET", "HEAD", "OPTIONS", "TRACE":
		bodyless = true
	}
	return bodyless, http11, true
}

// is compares without case. word is lower-case ASCII.
func is(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i, x := range b {
		if 'A' <= x && x <= 'Z' {
			x |= 0x20
		}
		if x != word[i] {
			return false
		}
	}
	return true
}

// token is RFC 9110, 5.6.2.
func token(b []byte) bool {
	for _, x := range b {
		l := x | 0x20
		if !('a' <= l && l <= 'z' || '0' <= x && x <= '9' || bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), x) >= 0) {
			return false
		}
	}
	return len(b) > 0
}

// digits reads a Content-Length: digits and nothing else, no sign, at most 18 so
// that it cannot overflow.
func digits(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, x := range b {
		if x < '0' || x > '9' {
			return 0, false
		}
		n = n*10 + int64(x-'0')
	}
	return n, true
}

// hostname takes what a host and port can be made of (RFC 3986, 3.2.2), IPv6 in
// brackets included.
func hostname(b []byte) bool {
	for _, x := range b {
		l := x | 0x20
		if !('a' <= l && l <= 'z' || '0' <= x && x <= '9' || bytes.IndexByte([]byte(".-_:[]"), x) >= 0) {
			return false
		}
	}
	return len(b) > 0 && len(b) <= 260
}
