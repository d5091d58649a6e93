package intake

import (
	"mime"
	netmail "net/mail"
	"strings"

	"sigill/appliance/mail"
)

// maxHeaderAddresses bounds how many addresses of a header are looked at for names.
const maxHeaderAddresses = 2000

// named is an address of a header with its display name. given is the address as
// it stands there, with its secure suffix if it has one.
type named struct {
	given   string
	address mail.Address // "" if given is no address that we take
	name    string
}

// addresses reads an address list (RFC 5322, 3.4). A list that is broken in one
// place gives what is whole in it: names are a courtesy, the envelope decides.
func addresses(s string, f *faults) []named {
	if s == "" {
		return nil
	}
	if !ascii([]byte(s)) {
		s = toUTF8([]byte(s), "", f)
	}
	// Words are decoded after parsing: a comma that stands encoded in a name is no comma.
	parser := netmail.AddressParser{WordDecoder: keepWords()}
	list, err := parser.ParseList(s)
	if err != nil {
		if list, err = parser.ParseList(withCommas(s)); err != nil {
			list = piecemeal(&parser, s)
		}
	}
	var out []named
	for _, a := range list[:min(len(list), maxHeaderAddresses)] {
		n := named{given: a.Address}
		n.name, _ = line(words(a.Name, f), maxName)
		n.address, _ = mail.ParseAddress(a.Address)
		out = append(out, n)
	}
	return out
}

// keepWords leaves encoded words as they are: words reads them better than net/mail,
// which fails on a character set that it does not know.
func keepWords() *mime.WordDecoder { return nil }

// withCommas puts commas where programs have left them out or written semicolons, between
// the addresses of a list: "anna@example.se bo@example.se", "Anna <anna@example.se> Bo
// <bo@example.se>". What stands in quotes or angles stays as it is.
func withCommas(s string) string {
	var b strings.Builder
	var quoted, escaped, angled, domain bool // domain: within or behind one
	for _, r := range strings.Join(strings.Fields(s), " ") {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = r == '\\', r != '"'
		case r == '"':
			quoted = true
		case r == '<' || r == '>':
			angled = r == '<'
		case r == '@':
			domain = true
		case r == ',':
			domain = false
		case domain && !angled && (r == ' ' || r == ';'):
			domain = false
			r = ','
		}
		b.WriteRune(r)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// piecemeal parses each entry between commas for itself.
func piecemeal(p *netmail.AddressParser, s string) []*netmail.Address {
	var list []*netmail.Address
	for entry := range strings.SplitSeq(s, ",") {
		if a, err := p.Parse(entry); err == nil && len(list) < maxHeaderAddresses {
			list = append(list, a)
		}
	}
	return list
}
