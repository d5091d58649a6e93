package intake

import (
	"bytes"
	"strings"
	"unicode/utf8"

	htmlcharset "golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// toUTF8 reads b in the character set called label and returns valid UTF-8
// without a byte order mark and without NUL. It never fails: what is missing or
// plainly wrong is guessed, what cannot be read becomes U+FFFD, and both are faults.
func toUTF8(b []byte, label string, f *faults) string {
	label = strings.ToLower(strings.Trim(label, " \t\"'"))
	s := convert(b, label, f)
	s = strings.TrimPrefix(s, "\ufeff")
	if strings.IndexByte(s, 0) >= 0 {
		f.add(FaultBytes)
		s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	}
	return s
}

func convert(b []byte, label string, f *faults) string {
	switch label {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown", "unknown", "8bit", "binary", "default":
		return plain(b, label, f)
	case "iso-8859-1", "latin1", "windows-1252", "cp1252", "iso-8859-15":
		// Text with letters beyond ASCII that is valid UTF-8 throughout is hardly ever
		// anything else; scripts that state latin1 and write UTF-8 are common.
		if !ascii(b) && utf8.Valid(b) {
			f.add(FaultCharset)
			return string(b)
		}
	}
	e := lookup(label)
	if e == nil {
		return rare(b, label, f)
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		f.add(FaultBytes)
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	if bytes.Contains(out, replacement) {
		f.add(FaultBytes)
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

var replacement = []byte("\uFFFD")

// plain reads what is stated as UTF-8, as ASCII or not at all.
func plain(b []byte, label string, f *faults) string {
	if utf8.Valid(b) {
		if label != "" && label != "utf-8" && label != "utf8" && !ascii(b) {
			f.add(FaultCharset)
		}
		return string(b)
	}
	if !strings.HasPrefix(label, "utf") || !someUTF8(b) {
		// Not one letter is UTF-8: the old Western character set, which every byte has
		// a letter in, is the likeliest by far in our countries.
		f.add(FaultCharset)
		out, _ := charmap.Windows1252.NewDecoder().Bytes(b)
		return string(out)
	}
	f.add(FaultBytes)
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// someUTF8 reports whether b holds a letter of several bytes.
func someUTF8(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if n > 1 && r != utf8.RuneError {
			return true
		}
		b = b[n:]
	}
	return false
}

// lookup returns the encoding called label, as browsers understand the name.
func lookup(label string) encoding.Encoding {
	switch label {
	case "utf-16", "ucs-2", "csunicode", "iso-10646-ucs-2":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM) // RFC 2781, 4.3; browsers take little-endian
	}
	e, err := htmlindex.Get(label)
	if err != nil {
		return nil
	}
	if name, _ := htmlindex.Name(e); name == "replacement" {
		return nil
	}
	return e
}

func token(s string) bool {
	for _, r := range s {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?=`, r) {
			return false
		}
	}
	return s != ""
}

// htmlToUTF8 reads HTML without a stated character set by its own meta element.
func htmlToUTF8(b []byte, label string, f *faults) string {
	if label != "" || utf8.Valid(b) {
		return toUTF8(b, label, f)
	}
	_, name, sure := htmlcharset.DetermineEncoding(b, "text/html")
	if !sure {
		f.add(FaultCharset)
	}
	return toUTF8(b, name, f)
}
