package smtpd

import "bytes"

// vet looks at content as it comes, in pieces of any size, for what relays
// disagree about: CR or LF alone, and NUL (RFC 5321, 2.3.8 and 4.1.1.4). The
// zero value stands at the begin of a content.
type vet struct {
	cr   bool // the last byte was a CR
	line int  // bytes since the last CRLF
	bare bool // CR, LF or NUL where none may be
	long bool // a line above maxContentLine
}

// scan looks at the next piece.
func (v *vet) scan(p []byte) {
	if len(p) == 0 || v.bare {
		return
	}
	if bytes.IndexByte(p, 0) >= 0 {
		v.bare = true
		return
	}
	ends := bytes.Count(p, []byte{'\n'})
	if v.cr {
		if p[0] != '\n' {
			v.bare = true
			return
		}
		ends--
		v.line, p = 0, p[1:]
	}
	v.cr = false
	for {
		i := bytes.IndexByte(p, '\r')
		if i < 0 {
			v.line += len(p)
			break
		}
		v.line += i
		v.long = v.long || v.line > maxContentLine
		if i == len(p)-1 {
			v.cr = true
			break
		}
		if p[i+1] != '\n' {
			v.bare = true
			return
		}
		ends--
		v.line, p = 0, p[i+2:]
	}
	v.long = v.long || v.line > maxContentLine
	v.bare = v.bare || ends != 0 // an LF that no CR stands before
}

// end is called behind the last piece.
func (v *vet) end() { v.bare = v.bare || v.cr }
