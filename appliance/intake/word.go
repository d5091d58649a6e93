package intake

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// words decodes the encoded words of RFC 2047 in a header value. The bytes of
// words that follow each other in one character set are put together before they
// are read, because many programs cut a letter in two. What is no encoded word
// stays; bytes that are no UTF-8 (RFC 6532) are guessed as in a body.
func words(s string, f *faults) string {
	if !strings.Contains(s, "=?") {
		if ascii([]byte(s)) {
			return s
		}
		return toUTF8([]byte(s), "", f)
	}
	var out strings.Builder
	var held []byte // decoded bytes of the words just read
	charset := ""
	flush := func() {
		if len(held) > 0 {
			out.WriteString(toUTF8(held, charset, f))
			held = nil
		}
	}
	for s != "" {
		i := strings.Index(s, "=?")
		if i < 0 {
			i = len(s)
		}
		before := s[:i]
		cs, data, n, ok := word(s[i:])
		if !ok { // not a word: text up to and with "=?"
			flush()
			cut := min(i+2, len(s))
			out.WriteString(toUTF8([]byte(s[:cut]), "", f))
			s = s[cut:]
			continue
		}
		if held == nil || strings.TrimSpace(before) != "" || !strings.EqualFold(cs, charset) {
			flush()
			// Blanks between two words belong to neither (RFC 2047, 6.2).
			if out.Len() == 0 || strings.TrimSpace(before) != "" || charset == "" {
				out.WriteString(toUTF8([]byte(before), "", f))
			}
		}
		charset, held = cs, append(held, data...)
		if held == nil {
			held = []byte{}
		}
		s = s[i+n:]
	}
	flush()
	return out.String()
}

// word decodes the encoded word at the beginning of s and returns its length.
func word(s string) (charset string, data []byte, n int, ok bool) {
	parts := strings.SplitN(s[min(2, len(s)):], "?", 3)
	if len(parts) < 3 || len(parts[1]) != 1 || len(parts[0]) == 0 || len(parts[0]) > 60 || strings.ContainsAny(parts[0], " \t") {
		return "", nil, 0, false
	}
	end := strings.Index(parts[2], "?=")
	if end < 0 {
		return "", nil, 0, false
	}
	charset, _, _ = strings.Cut(parts[0], "*") // RFC 2231, 5: a language behind it
	text := parts[2][:end]
	n = 2 + len(parts[0]) + 3 + end + 2
	switch parts[1] {
	case "b", "B":
		clean := strings.TrimRight(strings.Map(dropBlank, text), "=")
		data, err := base64.RawStdEncoding.DecodeString(clean)
		if err != nil {
			var f faults
			data, _ = fromDamagedBase64([]byte(clean), nil, &f)
		}
		return charset, data, n, true
	case "q", "Q":
		return charset, []byte(q(text)), n, true
	}
	return "", nil, 0, false
}

func dropBlank(r rune) rune {
	if r == ' ' || r == '\t' {
		return -1
	}
	return r
}

// q decodes the Q encoding (RFC 2047, 4.2).
func q(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			b = append(b, ' ')
		case s[i] == '=' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			b = append(b, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}

// line makes one line for people out of a decoded header value: no control
// character and no mark that turns the direction of writing, blanks tidied, at
// most limit characters. cut says that it was longer.
func line(s string, limit int) (out string, cut bool) {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || unicode.Is(unicode.Zs, r) || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || turns(r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s, false
	}
	return string([]rune(s)[:limit-1]) + "…", true
}

// turns reports whether r changes the direction of writing or is not seen at all:
// with one of them "exe.fdp" reads "pdf.exe".
func turns(r rune) bool {
	switch {
	case 0x200b <= r && r <= 0x200f, 0x202a <= r && r <= 0x202e, 0x2060 <= r && r <= 0x206f, r == 0x061c, r == 0xfeff, r == 0x00ad:
		return r != 0x200d && r != 0x200c // joiners make letters and emoji
	}
	return false
}
