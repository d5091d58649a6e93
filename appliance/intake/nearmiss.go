package intake

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sigill/appliance/mail"
)

// nearMiss reports whether rcpt was meant as a secure address and is not one, and
// guesses the address. It errs on the side of holding: what it takes for a near miss
// is asked for, what it takes for ordinary may leave in clear.
//
//	anna@example.se,s   anna@example.se..s   anna@example.se.s.   anna@example.se .s
//	anna@example.se-s   "anna@example.se.s"  anna@example.ses     anna@example.se．s
//	anna@example.se.0701234567               anna@example.se.s.0701234567
//	anna.0701234567.s@example.se
func (g Grammar) nearMiss(rcpt string) (guess string, level mail.Level, near bool) {
	s := strings.Trim(plainForm(rcpt), "\"'<>() \t")
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return "", 0, false
	}
	local, domain := strings.Trim(s[:at], "\"' "), strings.Trim(s[at+1:], separators)
	if rest, level, ok := g.suffix(local, true); ok { // before the @ instead of behind it
		return rest + "@" + domain, level, true
	}
	if rest, level, ok := g.suffix(domain, false); ok {
		return local + "@" + rest, level, true
	}
	if i := strings.LastIndexByte(domain, '.'); i > 0 {
		last := domain[i+1:]
		if digits := strings.Trim(last, "+-()"); len(digits) >= 5 && startsDigits(digits, 5) {
			rest, level, _ := g.suffix(domain[:i], false)
			if rest == "" {
				rest, level = domain[:i], mail.Registered
			}
			return local + "@" + rest, level, true
		}
		for _, t := range g.triggers() {
			// "ses" is no top-level domain, "se" is: the dot was forgotten.
			if tld, ok := strings.CutSuffix(last, t); ok && !realDomain(last) && realDomain(tld) {
				return local + "@" + domain[:i+1] + tld, g.Triggers[t], true
			}
		}
	}
	return "", 0, false
}

// separators are what stands where a dot should.
const separators = ".,;:_-'\"`´ \t/·*"

// suffix takes a trigger, and a number before it, off the end of s, whatever
// separates them. Before the @ only a number and a trigger together count:
// "anna.s@example.se" is a name.
func (g Grammar) suffix(s string, needNumber bool) (rest string, level mail.Level, ok bool) {
	for _, t := range g.triggers() {
		left, ok := strings.CutSuffix(s, t)
		rest := strings.TrimRight(left, separators)
		if !ok || rest == left || rest == "" {
			continue
		}
		if strings.HasPrefix(lastLabel(s), "xn--") { // an encoded domain that ends in "-s"
			continue
		}
		number := lastLabel(rest)
		if startsDigits(number, 5) {
			return strings.TrimRight(strings.TrimSuffix(rest, number), separators), g.Triggers[t], true
		}
		if needNumber {
			continue
		}
		if again, _, ok := g.suffix(rest, false); ok {
			rest = again
		}
		return rest, g.Triggers[t], true
	}
	return "", 0, false
}

func lastLabel(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }

func startsDigits(s string, n int) bool {
	s = strings.TrimPrefix(s, "+")
	return len(s) >= n && allDigits(strings.ReplaceAll(s[:n], "-", "0"))
}

// plainForm brings look-alikes to the letters that were meant: full-width forms by
// NFKC, the Cyrillic dze that looks like s, ideographic full stops (RFC 3490, 3.1).
func plainForm(s string) string {
	s = strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(s, "")))
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'ѕ':
			return 's'
		case r == '。' || r == '．' || r == '｡':
			return '.'
		case unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.IsControl(r) || turns(r):
			return -1
		}
		return r
	}, s)
}
