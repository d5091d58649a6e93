package intake

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"sigill/appliance/mail"
)

// maxPhone is the longest spelling of a number that is read, in bytes.
const maxPhone = 60

// Phone reads a number as people write it: "070-123 45 67", "+46 (0)70 123 45 67",
// "0046701234567". It takes numbers of allowed countries that may be a mobile
// phone, since a PIN goes there by SMS, and no number at which a call or an SMS
// costs extra. The error is Invalid; the number never stands in it.
func (g Grammar) Phone(s string) (mail.Phone, error) {
	if p, ok := g.phones[s]; ok {
		return p, nil
	}
	p, err := g.phone(s)
	if err == nil && g.phones != nil {
		g.phones[s] = p
	}
	return p, err
}

func (g Grammar) phone(s string) (mail.Phone, error) {
	digits, ok := dialled(s)
	if !ok {
		return "", badPhone("error.phone", "not a number")
	}
	// 00 is how an international number begins in most countries; 990 and the like are not taken.
	if rest, ok := strings.CutPrefix(digits, "00"); ok {
		digits = "+" + rest
	}
	n, err := phonenumbers.Parse(digits, g.Country)
	if err != nil {
		return "", badPhone("error.phone", "no such number")
	}
	// A number is valid if it is of some kind. Each look goes through a dozen
	// expressions, and each mail has several numbers, so there is one look.
	kind := phonenumbers.GetNumberType(n)
	if kind == phonenumbers.UNKNOWN {
		return "", badPhone("error.phone", "no such number")
	}
	if !slices.Contains(g.Countries, homeRegion(phonenumbers.GetRegionCodeForNumber(n))) {
		return "", badPhone("error.phone.country", "country not allowed")
	}
	switch kind {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return mail.ParsePhone(phonenumbers.Format(n, phonenumbers.E164))
	}
	return "", badPhone("error.phone.mobile", "not a mobile number")
}

func badPhone(say, why string) error { return mail.E(mail.Invalid, say, fmt.Errorf("phone: %s", why)) }

// homeRegion puts regions that share a country's numbers with their country.
func homeRegion(region string) string {
	switch region {
	case "AX":
		return "FI"
	case "SJ":
		return "NO"
	}
	return region
}

// dialled returns the digits of a number and a leading plus. ok is false if
// anything stands there that does not belong into a number.
func dialled(s string) (string, bool) {
	if len(s) > maxPhone {
		return "", false
	}
	s = strings.TrimSpace(s)
	var b strings.Builder
	for i, r := range s {
		switch {
		case '0' <= r && r <= '9':
			b.WriteRune(r)
		case r == '+' && i == 0:
			b.WriteRune(r)
		case r == '+' || !strings.ContainsRune(" -–‑().\u00a0\u202f/", r) && !unicode.Is(unicode.Zs, r):
			return "", false
		}
	}
	d := b.String()
	// "(0)" is the national prefix for callers at home; it is not dialled after +CC.
	if strings.HasPrefix(d, "+") || strings.HasPrefix(d, "00") {
		if i := strings.Index(s, "(0)"); i >= 0 {
			before := strings.Map(func(r rune) rune {
				if r == '+' || '0' <= r && r <= '9' {
					return r
				}
				return -1
			}, s[:i])
			d = before + strings.TrimPrefix(d[len(before):], "0")
		}
	}
	return d, len(d) >= 5
}
