package mail

import (
	"strings"
	"unicode/utf16"
)

// The default alphabet of 3GPP TS 23.038, 6.2.1, and its extension table, whose
// characters take two places.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "^{}\\[~]|€\f"
)

// SMSPart is how many septets one SMS holds when it is not split.
const SMSPart = 160

// Septets returns how many of an SMS's 160 places text takes. ok is false if a
// character is outside the alphabet: then the whole SMS would be sent as UCS-2,
// which holds 70.
func Septets(text string) (n int, ok bool) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			n++
		case strings.ContainsRune(gsmExtended, r):
			n += 2
		default:
			return 0, false
		}
	}
	return n, true
}

// OnePart reports whether text goes as one SMS.
func OnePart(text string) bool {
	n, ok := Septets(text)
	return ok && n <= SMSPart
}

// What a part of a longer text holds: six bytes of each tell which part it is (3GPP TS
// 23.040, 9.2.3.24.1).
const (
	smsPartOfMore = 153 // septets
	smsWide       = 70  // UTF-16 units of a text outside the alphabet
	smsWideOfMore = 67
)

// Parts returns in how many SMS a text goes, each of which gateways charge for: at least
// one. No character is cut in two.
func Parts(text string) int {
	if n, ok := Septets(text); ok {
		return parts(text, n, SMSPart, smsPartOfMore, func(r rune) int {
			if strings.ContainsRune(gsmExtended, r) {
				return 2
			}
			return 1
		})
	}
	wide := func(r rune) int { return max(1, utf16.RuneLen(r)) }
	n := 0
	for _, r := range text {
		n += wide(r)
	}
	return parts(text, n, smsWide, smsWideOfMore, wide)
}

func parts(text string, places, whole, each int, takes func(rune) int) int {
	if places <= whole {
		return 1
	}
	n, room := 0, 0
	for _, r := range text {
		if takes(r) > room {
			n, room = n+1, each
		}
		room -= takes(r)
	}
	return n
}
