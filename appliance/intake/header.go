package intake

import (
	"bytes"
	"fmt"
	"strings"

	"sigill/appliance/mail"
)

// field is one header field (RFC 5322, 2.2), unfolded. The value is as it came:
// bytes of any kind, trimmed.
type field struct {
	name  string // lower-case
	value string
	raw   []byte // with its folding and the last CRLF
}

type header []field

// get returns the first value of a field, or "".
func (h header) get(name string) string {
	for _, f := range h {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

// all returns the values of a field in their order.
func (h header) all(name string) []string {
	var list []string
	for _, f := range h {
		if f.name == name {
			list = append(list, f.value)
		}
	}
	return list
}

// readHeader reads a header block at the beginning of raw and returns where the body
// begins. stop says of a line that begins with "--" whether it is a boundary, at
// which a part without an empty line ends; it may be nil.
//
// A line that is no field ends the block and begins the body, as relays have it
// that insert the missing empty line: nothing is lost, and a field that stands
// behind it is seen by nobody.
func readHeader(raw []byte, limit int, stop func(line []byte) bool, f *faults) (h header, body int, err error) {
	at := 0
	for at < len(raw) {
		line := raw[at:]
		if n := bytes.IndexByte(line, '\n'); n >= 0 {
			line = line[:n+1]
		}
		if at+len(line) > limit {
			return nil, 0, mail.E(mail.TooLarge, "error.mail.header", fmt.Errorf("intake: header of more than %d bytes", limit)).Tell("limit", size(int64(limit)))
		}
		text := bytes.TrimRight(line, "\r\n")
		switch {
		case len(text) == 0:
			return h, at + len(line), nil
		case (text[0] == ' ' || text[0] == '\t') && len(h) > 0:
			last := &h[len(h)-1]
			last.raw = last.raw[:len(last.raw)+len(line)] // they stand side by side in raw
			last.value = strings.TrimRight(last.value+" "+string(bytes.TrimSpace(text)), " ")
		case text[0] == '-' && stop != nil && bytes.HasPrefix(text, []byte("--")) && stop(text):
			return h, at, nil
		case at == 0 && bytes.HasPrefix(text, []byte("From ")):
			f.add(FaultHeader) // an mbox line that somebody forgot
		default:
			name, ok := fieldName(text)
			if !ok {
				f.add(FaultHeader)
				return h, at, nil
			}
			h = append(h, field{
				name:  name,
				value: string(bytes.TrimSpace(text[bytes.IndexByte(text, ':')+1:])),
				raw:   raw[at : at+len(line)],
			})
		}
		at += len(line)
	}
	return h, at, nil
}

// fieldName returns the name of the field that begins in line. Blanks before the
// colon are RFC 5322's obsolete form (4.5).
func fieldName(line []byte) (string, bool) {
	n := bytes.IndexByte(line, ':')
	if n <= 0 {
		return "", false
	}
	name := bytes.TrimRight(line[:n], " \t")
	for _, b := range name {
		if b <= ' ' || b >= 0x7f {
			return "", false
		}
	}
	return strings.ToLower(string(name)), len(name) > 0
}

// once holds fields that may stand once (RFC 5322, 3.6; RFC 2045): two different
// ones of refuse are two different mails in one; of the others the first counts.
func (h header) once(f *faults, refuse, flag []string) error {
	seen := make(map[string]string, len(h))
	for _, x := range h {
		first, again := seen[x.name]
		if !again {
			seen[x.name] = x.value
			continue
		}
		for _, name := range refuse {
			if x.name == name && x.value != first {
				return ambiguous(name)
			}
			if x.name == name {
				f.add(FaultDuplicate)
			}
		}
		for _, name := range flag {
			if x.name == name {
				f.add(FaultDuplicate)
			}
		}
	}
	return nil
}
