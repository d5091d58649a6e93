package doctor

import (
	"context"
	"errors"
	"net"
	"net/netip"
)

// Resolver asks DNS; *net.Resolver is one. A name that is not there is an *net.DNSError with
// IsNotFound.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) (names []string, err error)
}

// MailQuestion is what is asked of DNS about a house's mail.
type MailQuestion struct {
	From     string   // the address that stands in notices' From
	Own      string   // the domain of the appliance's own addresses, which is in the envelope
	Hostname string   // how the appliance greets other servers; the MX leads here
	DKIM     []string // selectors by which the smarthost signs for From's domain; may be empty
	// Out are the addresses from which notices reach the world: the smarthost's. Sure says that
	// somebody has named them; else they are what its name leads to, and other servers may
	// well see others.
	Out  []netip.Addr
	Sure bool
}

// WebQuestion is what is asked of DNS about the portal.
type WebQuestion struct {
	Host string // of base_url
	// Here are the machine's own addresses on a network; behind a proxy none are known.
	Here []netip.Addr
}

// absent reports whether DNS has said that there is no such thing.
func absent(err error) bool {
	var d *net.DNSError
	return errors.As(err, &d) && d.IsNotFound
}

// Addresses returns those of a host at which others find it: no loopback.
func Addresses(ctx context.Context, r Resolver, host string) ([]netip.Addr, error) {
	found, err := r.LookupIPAddr(ctx, host)
	if err != nil {
		return nil, err
	}
	var list []netip.Addr
	for _, ip := range found {
		if a, ok := netip.AddrFromSlice(ip.IP); ok && !a.IsLoopback() {
			list = append(list, a.Unmap())
		}
	}
	return list, nil
}
