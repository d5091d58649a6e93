package appliance

import "sigill/appliance/door/smtpd"

// LetDNSAnswer gives the demo a DNS. It must be called before Run.
func LetDNSAnswer(d *Demo, r smtpd.Resolver) { d.Appliance.c.Resolve = r }
