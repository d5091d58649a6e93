package smtpd

import "strings"

// path returns the address that a MAIL or RCPT line names, exactly as it stands
// there, and whether it has a form that we take. keyword is "FROM:" or "TO:".
//
// go-smtp reads paths too, but it drops a source route and takes quotes away, so
// that <@a,@b:c@d> becomes c@d and <"c d"@e> becomes c d@e: the forms by which
// relays are opened. Here they are refused (RFC 5321, 4.1.1.3 lets us), like the
// percent sign and the bang, which other servers take for a route.
func path(line, keyword string) (string, bool) {
	if len(line) < 5 {
		return "", false
	}
	arg := strings.TrimLeft(line[5:], " ")
	if len(arg) < len(keyword) || !strings.EqualFold(arg[:len(keyword)], keyword) {
		return "", false
	}
	arg = strings.TrimLeft(arg[len(keyword):], " ") // a blank here is wrong and common
	if !strings.HasPrefix(arg, "<") {
		return "", false
	}
	arg, rest, ok := strings.Cut(arg[1:], ">")
	if !ok || rest != "" && rest[0] != ' ' {
		return "", false
	}
	if arg == "" {
		return "", keyword == "FROM:"
	}
	if strings.ContainsAny(arg, "<\"\\ :;()[]%!") || strings.Count(arg, "@") != 1 {
		return "", false
	}
	local, domain, _ := strings.Cut(arg, "@")
	return arg, local != "" && domain != "" && len(arg) <= 254 // RFC 5321, 4.5.3.1.3
}

// plain reports whether s needs no SMTPUTF8 (RFC 6531, 3.4).
func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
