package intake

import (
	"sort"
	"strconv"
	"strings"
)

// media is a Content-Type or Content-Disposition with its parameters (RFC 2045,
// 5.1; RFC 2183; RFC 2231). This reader takes what real mail programs write:
// missing quotes, blanks around "=", values with encoded words.
type media struct {
	value  string // lower-case, "" if there is none or it is malformed
	params map[string]string
	twice  map[string]bool // parameters that were given twice with different values
}

func readMedia(s string) media {
	head, rest, _ := strings.Cut(s, ";")
	m := media{value: strings.ToLower(strings.TrimSpace(head))}
	if i := strings.IndexAny(m.value, " \t("); i >= 0 { // a comment, or a missing semicolon
		rest, m.value = m.value[i:]+";"+rest, m.value[:i]
	}
	if rest == "" {
		return m
	}
	m.params = map[string]string{}
	pieces := map[string][]piece{}
	for rest != "" {
		var key, value string
		key, value, rest = nextParam(rest)
		if key == "" {
			continue
		}
		if base, p, ok := extended(key, value); ok {
			pieces[base] = append(pieces[base], p)
			continue
		}
		if old, again := m.params[key]; again {
			if old != value {
				if m.twice == nil {
					m.twice = map[string]bool{}
				}
				m.twice[key] = true
			}
			continue
		}
		m.params[key] = value
	}
	for base, list := range pieces {
		m.params[base] = join(list) // RFC 2231 goes before the plain form: it holds all letters
	}
	return m
}

// nextParam takes one "key=value" off s.
func nextParam(s string) (key, value, rest string) {
	s = strings.TrimLeft(s, "; \t")
	i := strings.IndexAny(s, "=;")
	if i < 0 || s[i] == ';' {
		if i < 0 {
			return "", "", ""
		}
		return "", "", s[i:]
	}
	key = strings.ToLower(strings.TrimSpace(s[:i]))
	s = strings.TrimLeft(s[i+1:], " \t")
	if s == "" || s[0] != '"' {
		value, rest, _ = strings.Cut(s, ";")
		return key, strings.TrimSpace(value), rest
	}
	var b strings.Builder
	for i = 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			// Only these two are escapes: Windows programs write paths with bare backslashes.
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			_, rest, _ = strings.Cut(s[i+1:], ";")
			return key, b.String(), rest
		default:
			b.WriteByte(s[i])
		}
	}
	return key, b.String(), ""
}

// piece is one section of a parameter in the form of RFC 2231.
type piece struct {
	n       int
	encoded bool
	value   string
}

// extended reads key as "name*", "name*1" or "name*1*" (RFC 2231, 3 and 4).
func extended(key, value string) (string, piece, bool) {
	base, tail, ok := strings.Cut(key, "*")
	if !ok || base == "" {
		return "", piece{}, false
	}
	if tail == "" {
		return base, piece{0, true, value}, true
	}
	number, star := strings.CutSuffix(tail, "*")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n > 999 {
		return "", piece{}, false
	}
	return base, piece{n, star, value}, true
}

// join puts the sections together and decodes them.
func join(list []piece) string {
	sort.SliceStable(list, func(i, j int) bool { return list[i].n < list[j].n })
	charset := ""
	var b strings.Builder
	for i, p := range list {
		if !p.encoded {
			b.WriteString(p.value)
			continue
		}
		v := p.value
		if i == 0 {
			if parts := strings.SplitN(v, "'", 3); len(parts) == 3 {
				charset, v = parts[0], parts[2]
			}
		}
		b.WriteString(percent(v))
	}
	var f faults
	return toUTF8([]byte(b.String()), charset, &f)
}

// percent undoes %XX and leaves what is malformed.
func percent(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi >= 0 && lo >= 0 {
				b = append(b, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
