package mail

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Address is a mailbox as RFC 5321, 4.1.2 has it, without source route, display
// name or comment. The local part is as given, the domain is lower-case. It was
// checked by ParseAddress: it holds no control character, no blank and no angle
// bracket, so it may stand in a header or in an SMTP command as it is.
type Address string

// MaxAddress is the longest address that is taken, in bytes: RFC 5321, 4.5.3.1.3
// allows a path of 256 with its brackets.
const MaxAddress = 254

// ParseAddress reads an address given by a stranger. Quoted local parts and
// address literals are refused: nobody whom this product is for has one, and
// relays disagree about them. The error is Invalid.
func ParseAddress(s string) (Address, error) {
	bad := func(why string) (Address, error) {
		return "", E(Invalid, "error.address", fmt.Errorf("address: %s", why))
	}
	if len(s) > MaxAddress {
		return bad("longer than 254 bytes")
	}
	if !utf8.ValidString(s) {
		return bad("not UTF-8")
	}
	local, domain, ok := strings.Cut(s, "@")
	if !ok || strings.Contains(domain, "@") {
		return bad("needs exactly one @")
	}
	if len(local) == 0 || len(local) > 64 { // RFC 5321, 4.5.3.1.1
		return bad("local part of 1 to 64 bytes")
	}
	if !isDotAtom(local) {
		return bad("character not allowed before the @")
	}
	domain = strings.ToLower(domain)
	// Lower case of some letters is a byte longer.
	if !isDomain(domain) || len(local)+1+len(domain) > MaxAddress {
		return bad("malformed domain")
	}
	return Address(local + "@" + domain), nil
}

// isDotAtom is RFC 5322, 3.2.3 with the UTF-8 of RFC 6532. Percent and exclamation
// mark are left out: "user%other@house" and "other!user@house" are source routes in
// disguise.
func isDotAtom(s string) bool {
	if s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for _, r := range s {
		switch {
		case r >= 0x80:
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
				return false
			}
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		case strings.ContainsRune(".#$&'*+-/=?^_`{|}~", r):
		default:
			return false
		}
	}
	return true
}

func isDomain(s string) bool {
	if len(s) > 253 {
		return false
	}
	// An address without brackets is not a domain, in none of the spellings that some
	// resolver takes ("127.1", "0x7f.0.0.1"): no top-level domain begins with a digit.
	if last := s[strings.LastIndexByte(s, '.')+1:]; last == "" || '0' <= last[0] && last[0] <= '9' {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			switch {
			case r >= 0x80:
				if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
					return false
				}
			case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '-', r == '_':
			default:
				return false
			}
		}
	}
	return true
}

// Local returns what stands before the @.
func (a Address) Local() string { l, _, _ := strings.Cut(string(a), "@"); return l }

// Domain returns what stands behind the @, in lower case.
func (a Address) Domain() string { _, d, _ := strings.Cut(string(a), "@"); return d }

// Key returns the form by which addresses are compared and looked up. Local
// parts are compared without case, as every mail system of our users does.
//
// Of the local part only a letter with a small one of its own is folded. The Kelvin sign and
// the dotted İ would else become an ASCII k and i, and somebody whose provider has given them
// such an address would be somebody else here, who is at another mailbox there.
func (a Address) Key() string {
	return strings.Map(small, a.Local()) + "@" + strings.ToLower(a.Domain())
}

// small is a letter's small one, if it is the capital of that.
func small(r rune) rune {
	if l := unicode.ToLower(r); unicode.ToUpper(l) == r {
		return l
	}
	return r
}

// Masked returns the address as the log may show it: "a…@example.se".
func (a Address) Masked() string {
	r, _ := utf8.DecodeRuneInString(string(a))
	if a == "" {
		return ""
	}
	return string(r) + "…@" + a.Domain()
}

// Phone is a number in E.164 form: "+" and 7 to 15 digits. It was checked by
// ParsePhone; national numbers are read by intake, which knows the country.
type Phone string

// ParsePhone takes a number in E.164 form only. The error is Invalid.
func ParsePhone(s string) (Phone, error) {
	if len(s) < 8 || len(s) > 16 || s[0] != '+' || s[1] == '0' {
		return "", E(Invalid, "error.phone", fmt.Errorf("phone: not of E.164 form"))
	}
	for _, c := range []byte(s[1:]) {
		if c < '0' || c > '9' {
			return "", E(Invalid, "error.phone", fmt.Errorf("phone: not of E.164 form"))
		}
	}
	return Phone(s), nil
}

// Tail returns the last two digits, by which the owner knows the phone and
// nobody else does.
func (p Phone) Tail() string {
	if len(p) < 2 {
		return ""
	}
	return string(p[len(p)-2:])
}
