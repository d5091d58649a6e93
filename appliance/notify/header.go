package notify

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"sigill/appliance/mail"
)

const (
	foldAt  = 76  // RFC 2047, 2: a line with an encoded word
	maxLine = 998 // RFC 5322, 2.1.1
)

// field is the name of a header field. Only constants are of this type.
type field string

// keyword is a value that is one of a standard's words. Only constants are of this type.
type keyword string

// messageID is an identifier as RFC 5322, 3.6.4 has it, with its brackets.
type messageID string

// header builds the lines of a header. There is no method that takes a line: what
// a value may hold is decided by its type, and whatever holds a control character
// is refused, so that no value, wherever it comes from, can begin a second line.
// After the first error nothing is written any more, and bytes returns it.
type header struct {
	b   bytes.Buffer
	err error
}

// text writes a sentence (RFC 5322, 3.6.5), encoded if it is not plain ASCII.
func (h *header) text(name field, v string) {
	if h.refuse(name, v) {
		return
	}
	h.write(name, words(v))
}

// mailbox writes a name and an address (RFC 5322, 3.4). The name may be empty.
func (h *header) mailbox(name field, display string, a mail.Address) {
	if h.refuse(name, display) || h.refuse(name, string(a)) {
		return
	}
	if a == "" || strings.ContainsAny(string(a), " <>(),;:\\\"") {
		h.fail(name, "not an address")
		return
	}
	if display == "" {
		h.write(name, []string{string(a)})
		return
	}
	h.write(name, append(phrase(display), "<"+string(a)+">"))
}

// date writes a moment (RFC 5322, 3.3).
func (h *header) date(name field, t time.Time) {
	h.write(name, []string{t.Format("Mon, 2 Jan 2006 15:04:05 -0700")})
}

// id writes an identifier.
func (h *header) id(name field, id messageID) {
	if !h.refuse(name, string(id)) {
		h.write(name, []string{string(id)})
	}
}

// word writes one of a standard's words.
func (h *header) word(name field, w keyword) { h.write(name, []string{string(w)}) }

// bytes returns the lines, without the empty one that ends a header.
func (h *header) bytes() ([]byte, error) { return h.b.Bytes(), h.err }

func (h *header) refuse(name field, v string) bool {
	if !utf8.ValidString(v) {
		h.fail(name, "not UTF-8")
	}
	for _, r := range v {
		// C0, DEL, C1 and the two separators that some programs take for a new line.
		if r < 0x20 || 0x7f <= r && r <= 0x9f || r == '\u2028' || r == '\u2029' {
			h.fail(name, "a control character")
		}
	}
	return h.err != nil
}

func (h *header) fail(name field, why string) {
	if h.err == nil {
		// Not the value: it may be an address or a name.
		h.err = fmt.Errorf("header %s: %s", name, why)
	}
}

// write folds words into lines (RFC 5322, 2.2.3).
func (h *header) write(name field, words []string) {
	if h.err != nil {
		return
	}
	line := string(name) + ":"
	var out strings.Builder
	for _, w := range words {
		if len(line)+1+len(w) > foldAt && line != string(name)+":" {
			out.WriteString(line + "\r\n")
			line = ""
		}
		line += " " + w
		if len(line) > maxLine {
			h.fail(name, "a line of more than 998 bytes")
			return
		}
	}
	h.b.WriteString(out.String() + line + "\r\n")
}

// words splits a sentence into what may be folded.
func words(v string) []string {
	for w := range strings.SplitSeq(v, " ") {
		// Two blanks would be lost in folding, and what looks encoded would be decoded.
		if w == "" || strings.Contains(w, "=?") || !ascii(w) || len(w) > foldAt {
			return encoded(v)
		}
	}
	return strings.Split(v, " ")
}

// phrase writes a display name: quoted if it is ASCII, else encoded.
func phrase(v string) []string {
	if !ascii(v) || strings.Contains(v, "=?") || len(v) > 60 {
		return encoded(v)
	}
	return []string{`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`}
}

// encoded writes encoded words (RFC 2047, 2) that are short enough to stand behind
// any of our field names in one line, and never cut a character in two (5, 3).
func encoded(v string) []string {
	var out []string
	for v != "" {
		n := 0
		for n < len(v) {
			_, size := utf8.DecodeRuneInString(v[n:])
			if n+size > 36 {
				break
			}
			n += size
		}
		out = append(out, "=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte(v[:n]))+"?=")
		v = v[n:]
	}
	return out
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// parseMessageID takes an identifier from a stranger's mail, without brackets. ok
// is false if it is not one that may stand in a header as it is.
func parseMessageID(s string) (id messageID, ok bool) {
	if len(s) < 3 || len(s) > 250 || !strings.Contains(s, "@") {
		return "", false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("<>()[],;\\\"", c) >= 0 {
			return "", false
		}
	}
	return messageID("<" + s + ">"), true
}
