package doctor

import (
	"context"
	"net/netip"
	"slices"
	"strings"
)

// WebDNS says whether readers find the portal: its host has an address.
func WebDNS(ctx context.Context, r Resolver, q WebQuestion) []Finding {
	const check = "dns.web"
	if q.Host == "localhost" || !strings.Contains(q.Host, ".") {
		return nil // nobody's but this machine's
	}
	if ip, err := netip.ParseAddr(q.Host); err == nil && ip.IsValid() {
		return []Finding{finding(Note, check, "doctor.web.number", "Host", q.Host)}
	}
	found, err := Addresses(ctx, r, q.Host)
	switch {
	case err != nil && !absent(err):
		return []Finding{unasked(check, q.Host)}
	case len(found) == 0:
		f := finding(Fault, check, "doctor.web.none", "Host", q.Host)
		for _, ip := range q.Here {
			f.Records = append(f.Records, address(q.Host, ip))
		}
		return []Finding{f}
	}
	here := func(ip netip.Addr) bool { return slices.Contains(q.Here, ip) }
	if len(q.Here) == 0 || slices.ContainsFunc(found, here) {
		return []Finding{good(check)}
	}
	// Behind a firewall that rewrites addresses, or a proxy, that is as it should be.
	return []Finding{finding(Note, check, "doctor.web.elsewhere", "Host", q.Host, "Address", found[0].String())}
}

func address(host string, ip netip.Addr) Record {
	if ip.Is4() {
		return Record{host, "A", ip.String()}
	}
	return Record{host, "AAAA", ip.String()}
}
