package smtpd

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// House tells who the house is. It is asked for each connection and each mail,
// so that a change of the settings needs no restart.
type House interface {
	Rules(ctx context.Context) (Rules, error)
}

// Rules say who may send what. The zero value lets nobody send anything.
type Rules struct {
	Hostname     string         // our own name, for greeting and Received
	Own          string         // domain in which the appliance makes addresses
	Domains      []string       // the house's own, as people write them
	Trusted      []netip.Prefix // the house's own relays; nobody else's mail comes from there
	TrustedCerts [][32]byte     // SHA-256 of the SubjectPublicKeyInfo of client certificates
	Shared       []Shared       // relays that serve others too
	Peers        []netip.Prefix // gateways that hand in mail for the house
	Reader       Reader         // must not be nil
}

// Shared is a relay that other customers use as well, such as Exchange Online:
// its address proves nothing, so each mail must.
type Shared struct {
	Networks []netip.Prefix
	DKIM     []string // signing domains that count as the house's
	Header   string   // name of the secret header; empty if there is none
	Secrets  []Secret // its values; two while one takes the other's place
}

// Secret is the value of a secret header. It prints as [secret].
type Secret string

// String hides the value.
func (Secret) String() string { return "[secret]" }

// GoString hides the value from %#v.
func (Secret) GoString() string { return "[secret]" }

// LogValue hides the value.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalText hides the value from JSON and its like.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// inHouse reports whether domain is one of the house's own.
func (r *Rules) inHouse(domain string) bool {
	return slices.ContainsFunc(r.Domains, func(d string) bool { return sameDomain(d, domain) })
}

// shared returns the shared relays that peer may be; several may stand in one network.
func (r *Rules) shared(peer netip.Addr) []Shared {
	var l []Shared
	for _, s := range r.Shared {
		if within(s.Networks, peer) {
			l = append(l, s)
		}
	}
	return l
}

// known reports whether peer is one of the house's own by its address alone.
func (r *Rules) known(peer netip.Addr) bool {
	return within(r.Trusted, peer) || within(r.Peers, peer) || len(r.shared(peer)) > 0
}

func within(list []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}

// sameDomain compares domains in their ASCII form, so that "räksmörgås.se" and
// its xn-- name are one (RFC 5890, 2.3.2.4).
func sameDomain(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	return strings.EqualFold(a, b) || ascii(a) == ascii(b)
}

func ascii(domain string) string {
	if s, err := idna.Lookup.ToASCII(domain); err == nil {
		return s
	}
	return strings.ToLower(domain)
}
