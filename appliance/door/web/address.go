package web

import (
	"net"
	"net/netip"
	"strings"
)

// peerOf returns the address at the other end of a connection; the zero Addr if
// it has none (a pipe in tests).
func peerOf(c net.Conn) netip.Addr { return addressOf(c.RemoteAddr()) }

// localOf returns the address of ours that was called; the same without one.
func localOf(c net.Conn) netip.Addr { return addressOf(c.LocalAddr()) }

func addressOf(a net.Addr) netip.Addr {
	if a == nil {
		return netip.Addr{}
	}
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

// network is what is counted as one visitor: an IPv4 address, or the /64 that
// one IPv6 subscriber has all of.
func network(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a
	}
	return p.Addr()
}

// trusts reports whether a is one of the proxies of the configuration.
func (c Config) trusts(a netip.Addr) bool {
	for _, p := range c.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// client returns whom a request came from: the peer, or, if the peer is a trusted
// proxy, the last address in X-Forwarded-For that is not one. What stands before
// that was written by the client and proves nothing.
func (c Config) client(peer netip.Addr, forwarded []string) netip.Addr {
	if !c.trusts(peer) {
		return peer
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		a, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return peer
		}
		if a = a.Unmap().WithZone(""); !c.trusts(a) {
			return a
		}
	}
	return peer
}
