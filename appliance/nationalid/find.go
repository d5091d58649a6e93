package nationalid

import (
	"unicode"
	"unicode/utf8"
)

// In reports whether a national identity number stands in a text. The text may be
// anything, of any length; the time is in proportion to it.
func In(text string) bool {
	before := ' '   // the rune before i
	joined := false // it is a hyphen behind a digit, as within a longer number
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !digit(r) {
			joined = hyphen(r) && digit(before)
			before, i = r, i+n
			continue
		}
		end := digitsEnd(text, i)
		if !unicode.IsLetter(before) && !joined && at(text[i:], end-i) {
			return true
		}
		before, joined, i = rune(text[end-1]), false, end
	}
	return false
}

// at reports whether a number begins where a text does, with so many digits at once.
func at(s string, first int) bool {
	switch first {
	case 10, 11, 12:
		return ends(s[first:]) && whole(s[:first])
	case 6, 8:
		return parted(s, first)
	}
	return false
}

// whole reports whether digits without anything between them are a number.
func whole(d string) bool {
	switch len(d) {
	case 10:
		return swedish(d) || danish(d) && modulus11(d)
	case 11:
		return norwegian(d)
	}
	return swedish(d)
}

// parted reports whether a number begins where a text does, with six or eight digits and
// a sign.
func parted(s string, first int) bool {
	sign, n := utf8.DecodeRuneInString(s[first:])
	rest := s[first+n:]
	if first == 6 && finnish(s[:6], sign, rest) {
		return true
	}
	if !hyphen(sign) && sign != '+' && sign != ' ' && sign != '\u00a0' {
		return false
	}
	second := digitsEnd(rest, 0)
	if second != 4 && second != 5 || !ends(rest[second:]) {
		return false
	}
	d := s[:first] + rest[:second]
	switch {
	case second == 5:
		return first == 6 && sign != '+' && norwegian(d)
	case swedish(d):
		return true
	}
	return first == 6 && sign != '+' && danish(d) && (hyphen(sign) || modulus11(d))
}

// ends reports whether no longer word or number goes on in s.
func ends(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	if hyphen(r) {
		next, _ := utf8.DecodeRuneInString(s[n:])
		return !digit(next)
	}
	return !digit(r) && !unicode.IsLetter(r)
}

// digitsEnd returns where the digits that begin at i end.
func digitsEnd(s string, i int) int {
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return i
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

// hyphen reports whether r is one, also one that a word processor has made of it.
func hyphen(r rune) bool {
	switch r {
	case '-', '\u2010', '\u2011', '\u2012', '\u2013', '\u2212':
		return true
	}
	return false
}
