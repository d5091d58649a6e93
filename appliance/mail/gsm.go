package mail

import "strings"

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
