package intake

import (
	"bytes"
	"mime"
	netmail "net/mail"
	"regexp"
	"strings"
)

// kept are the fields of the copy that readers save. It is a list of what
// stays: relays and mail programs add fields under any name in which the subject
// with its tag (Thread-Topic), the full recipient (Received, Delivered-To) or the
// house's inside is told.
var kept = map[string]bool{"from": true, "sender": true, "reply-to": true, "to": true, "cc": true, "date": true, "subject": true,
	"message-id": true, "in-reply-to": true, "references": true, "mime-version": true, "importance": true, "priority": true,
	"x-priority": true, "sensitivity": true, "organization": true, "auto-submitted": true}

// Faithful returns the copy of a mail that a reader may save: the body byte for
// byte, of the header what readers are meant to see. The tag is gone from the
// subject, triggers and numbers from the addresses, and with all other fields Bcc and
// X-Sigill-*. It never fails; raw must have passed Read.
func (g Grammar) Faithful(raw []byte) []byte {
	var f faults
	h, body, err := readHeader(raw, len(raw), nil, &f)
	if err != nil {
		return nil // cannot be: the limit is the mail itself
	}
	out := bytes.NewBuffer(make([]byte, 0, len(raw)+256))
	for _, x := range h {
		switch {
		case x.name == "subject":
			out.Write(g.plainSubject(x))
		case x.name == "from", x.name == "sender", x.name == "reply-to", x.name == "to", x.name == "cc":
			out.Write(g.plainAddresses(x))
		case kept[x.name] || strings.HasPrefix(x.name, "content-"):
			writeField(out, x)
		}
	}
	out.WriteString("\r\n")
	out.Write(raw[body:])
	return out.Bytes()
}

func writeField(out *bytes.Buffer, x field) {
	out.Write(bytes.TrimRight(x.raw, "\r\n"))
	out.WriteString("\r\n")
}

// plainSubject returns the subject field without its tags, as it came if it has none.
func (g Grammar) plainSubject(x field) []byte {
	var f faults
	decoded, _ := line(words(x.value, &f), maxSubject)
	clean, _, found, err := g.Subject(decoded)
	if err == nil && !found {
		return append(bytes.TrimRight(x.raw, "\r\n"), crlf...)
	}
	if err != nil {
		clean = "" // cannot be after Draft; in doubt nothing is shown
	}
	return encodedField("Subject", clean)
}

// encodedField writes a field of free text, encoded and folded (RFC 2047, 2).
func encodedField(name, text string) []byte {
	v := strings.ReplaceAll(mime.BEncoding.Encode("utf-8", text), "?= =?", "?=\r\n =?")
	if v == text && len(name)+2+len(v) > 78 {
		v = fold(v)
	}
	return []byte(name + ": " + v + "\r\n")
}

// fold breaks a line of words at blanks.
func fold(s string) string {
	var b strings.Builder
	n := 0
	for i, w := range strings.Fields(s) {
		if i > 0 {
			if n+1+len(w) > 76 {
				b.WriteString("\r\n")
				n = 0
			}
			b.WriteByte(' ')
			n++
		}
		b.WriteString(w)
		n += len(w)
	}
	return b.String()
}

// anAddress is whatever looks like one, also within quotes and names.
var anAddress = regexp.MustCompile(`[^\s<>,;:"'()\[\]]+@[^\s<>,;:"'()\[\]]+`)

// plainAddresses returns an address field without triggers and numbers. A field
// whose encoded names hide a secure address, or that is broken, is written anew
// from what could be read of it.
func (g Grammar) plainAddresses(x field) []byte {
	changed := anAddress.ReplaceAllFunc(bytes.TrimRight(x.raw, "\r\n"), func(b []byte) []byte {
		return []byte(g.plainAddress(string(b)))
	})
	var f faults
	shown := words(x.value, &f)
	hidden := shown != x.value && anAddress.ReplaceAllStringFunc(shown, g.plainAddress) != shown && strings.Contains(x.value, "=?")
	if !hidden && !g.suspicious(string(changed)) {
		return append(changed, crlf...)
	}
	var list []string
	for _, n := range addresses(x.value, &f) {
		address := g.plainAddress(n.given)
		if g.suspicious(address) {
			continue
		}
		name := anAddress.ReplaceAllStringFunc(n.name, g.plainAddress)
		list = append(list, (&netmail.Address{Name: name, Address: address}).String())
	}
	return []byte(fieldTitle(x) + ": " + strings.Join(list, ",\r\n ") + "\r\n")
}

// plainAddress takes suffix and number off one address.
func (g Grammar) plainAddress(s string) string {
	req, secure, err := g.Recipient(s)
	switch {
	case !secure:
		return s
	case err != nil || req.Address == "":
		return "undisclosed@invalid.invalid" // RFC 2606: nobody's
	}
	return string(req.Address)
}

// suspicious reports whether an address field still holds what looks like a number
// that was typed at the wrong place: a near miss around a comma or a blank.
func (g Grammar) suspicious(s string) bool {
	return len(g.Triggers) > 0 && strayNumber.MatchString(s)
}

var strayNumber = regexp.MustCompile(`@[^\s<>]*[.,;\s]\+?[0-9][0-9 -]{5,}`)

func fieldTitle(x field) string {
	return string(bytes.TrimSpace(x.raw[:bytes.IndexByte(x.raw, ':')]))
}
