package config

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
)

// Networks reads a list of networks; a plain address is the network of itself.
// The lists of a valid configuration have no error.
func Networks(list []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, s := range list {
		p, err := network(s)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func network(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is no network", s)
	}
	if p.Masked() != p {
		return netip.Prefix{}, fmt.Errorf("%q has bits behind its mask; is it %s?", s, p.Masked())
	}
	return p, nil
}

// Hashes reads client_certs: 64 hex digits each, colons allowed.
func (s Senders) Hashes() ([][32]byte, error) {
	var all [][32]byte
	for _, text := range s.Certs {
		b, err := hex.DecodeString(strings.ReplaceAll(text, ":", ""))
		if err != nil || len(b) != 32 {
			return nil, fmt.Errorf("%q is not the SHA-256 of a public key in hex", text)
		}
		all = append(all, [32]byte(b))
	}
	return all, nil
}

func (s Senders) validate(f *faults) {
	networks(f, "senders.networks", s.Networks)
	networks(f, "senders.gateways", s.Peers)
	if _, err := s.Hashes(); err != nil {
		f.add("senders.client_certs", "%v", err)
	}
	for i, sh := range s.Shared {
		key := fmt.Sprintf("senders.shared[%d]", i)
		text(f, key+".name", sh.Name, 1, 100)
		if len(sh.Networks) == 0 {
			f.add(key+".networks", "name the networks of this relay")
		}
		networks(f, key+".networks", sh.Networks)
		for j, d := range sh.DKIM {
			domain(f, fmt.Sprintf("%s.dkim_domains[%d]", key, j), d)
		}
		if len(sh.DKIM) == 0 && sh.Header == "" {
			f.add(key, "needs dkim_domains, or header and secret_files: its address alone proves nothing")
		}
		if (sh.Header == "") != (len(sh.SecretFiles) == 0) || len(sh.SecretFiles) > 2 {
			f.add(key+".secret_files", "header goes with one file, or with two while one takes the other's place")
		}
		if sh.Header != "" && !isFieldName(sh.Header) {
			f.add(key+".header", "must be the name of a header field that nothing else uses, such as X-Sigill-Key")
		}
	}
}

// isFieldName wants a private name: one that mails have anyway would be taken
// off all of them.
func isFieldName(s string) bool {
	bad := func(r rune) bool {
		return !(r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}
	return len(s) > 2 && len(s) <= 60 && strings.EqualFold(s[:2], "x-") && !strings.ContainsFunc(s, bad)
}

// networks wants each to be one. The whole Internet is no network that can be
// trusted; it is always a slip.
func networks(f *faults, key string, list []string) {
	for i, s := range list {
		p, err := network(s)
		if err != nil {
			f.add(fmt.Sprintf("%s[%d]", key, i), "%v; write 192.0.2.0/24 or one address", err)
		} else if p.Bits() == 0 {
			f.add(fmt.Sprintf("%s[%d]", key, i), "%s is everybody", s)
		}
	}
}
