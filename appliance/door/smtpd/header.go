package smtpd

import (
	"bytes"
	"io"
	"mime"
	netmail "net/mail"
	"strings"

	"sigill/appliance/mail"
)

// maxHeader is the longest header that is taken, in bytes.
const maxHeader = 64 << 10

// field is one field of a header, with its place in the content.
type field struct {
	name       string // lower-case
	start, end int    // from the name to behind the last CRLF
}

// header is the header of a content, read only as far as the proofs need it;
// what the mail says is intake's to read.
type header struct {
	raw    []byte
	fields []field
}

// readHeader finds the fields. False says that the header is too long.
func readHeader(content []byte) (header, bool) {
	raw := content
	switch end := bytes.Index(content[:min(len(content), maxHeader+4)], []byte("\r\n\r\n")); {
	case bytes.HasPrefix(content, []byte("\r\n")):
		raw = nil
	case end >= 0:
		raw = content[:end+2]
	case len(content) > maxHeader:
		return header{}, false
	}
	h := header{raw: raw}
	for at := 0; at < len(raw); {
		end := len(raw)
		if i := bytes.IndexByte(raw[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if c := raw[at]; (c == ' ' || c == '\t') && len(h.fields) > 0 {
			h.fields[len(h.fields)-1].end = end
		} else {
			name, _, _ := bytes.Cut(raw[at:end], []byte(":"))
			h.fields = append(h.fields, field{strings.ToLower(string(bytes.TrimSpace(name))), at, end})
		}
		at = end
	}
	return h, true
}

// all returns the unfolded values of the fields called name.
func (h header) all(name string) []string {
	var l []string
	for _, f := range h.fields {
		if f.name == strings.ToLower(name) {
			_, v, _ := bytes.Cut(h.raw[f.start:f.end], []byte(":"))
			v = bytes.ReplaceAll(v, []byte("\r\n"), nil)
			l = append(l, string(bytes.TrimSpace(v)))
		}
	}
	return l
}

// author returns the one address of the one From field (RFC 5322, 3.6.2).
func (h header) author() (mail.Address, bool) {
	from := h.all("from")
	if len(from) != 1 {
		return "", false
	}
	p := netmail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: anyCharset}}
	list, err := p.ParseList(from[0])
	if err != nil || len(list) != 1 {
		return "", false
	}
	a, err := mail.ParseAddress(list[0].Address)
	return a, err == nil
}

// anyCharset lets names in charsets pass that we do not know: only the address counts.
func anyCharset(_ string, r io.Reader) (io.Reader, error) { return r, nil }

// cut takes the fields called name out of b's content and returns the header as
// it is then. Nothing else of the content changes.
func (b *body) cut(h header, name string) header {
	for i := len(h.fields) - 1; i >= 0; i-- {
		f := h.fields[i]
		if f.name != strings.ToLower(name) {
			continue
		}
		// What stands before moves towards the body: the header is the short side.
		// The fields before keep their distance to the new start.
		n := f.end - f.start
		copy(b.buf[b.at+n:], b.buf[b.at:b.at+f.start])
		b.at += n
	}
	h, _ = readHeader(b.content())
	return h
}
