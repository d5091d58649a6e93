package tlscert

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	rootLife  = 10 * 365 * 24 * time.Hour
	leafLife  = 90 * 24 * time.Hour // browsers take at most 398 days
	backdated = time.Hour           // for browsers whose clock is behind
)

// Internal is an authority of this machine's own, for trying out: nobody knows it until its
// root is given to browsers.
//
// Its root is good for the names of this machine and for no other. Whoever steals it can
// deceive those who have taken it into their browsers about these names alone.
type Internal struct {
	root *tls.Certificate
	leaf *tls.Certificate
}

// NewInternal returns the authority that is kept in dir, with a certificate for the names,
// which are host names and IP addresses. It makes both where they are not there yet, where
// they were made for other names, and where their time is nearly up. With another root, those
// who had taken the one before into their browsers need the new one.
//
// With dir "" nothing is kept: the authority ends with the process.
func NewInternal(dir string, now time.Time, names ...string) (*Internal, error) {
	if len(names) == 0 {
		return nil, errors.New("a certificate for nobody")
	}
	i := &Internal{}
	if err := i.renew(dir, now, names); err != nil {
		return nil, fmt.Errorf("this machine's own certificate: %w", err)
	}
	return i, nil
}

// Certificate is the pair that a door shows.
func (i *Internal) Certificate() *tls.Certificate { return i.leaf }

// Root is what browsers are given so that they know the authority: PEM, without its key.
func (i *Internal) Root() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.root.Leaf.Raw})
}

// Fingerprint is the SHA-256 of the root in the form in which browsers show it, by which
// people can see that they were given this one: "AB:CD:…".
func (i *Internal) Fingerprint() string { return fingerprint(i.root.Leaf) }

func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return strings.ReplaceAll(strings.ToUpper(fmt.Sprintf("% x", sum[:])), " ", ":")
}

// renew makes what is missing, does not fit the names or is old. It reports nothing of what
// it found broken: all of it can be made anew, and nobody but who tries out misses it.
func (i *Internal) renew(dir string, now time.Time, names []string) (err error) {
	fresh := false
	if i.root, fresh, err = kept(dir, "root.pem", func(c *x509.Certificate) bool {
		return allows(c, names) && now.Add(leafLife).Before(c.NotAfter) && !now.Before(c.NotBefore)
	}, func() ([]byte, error) { return newRoot(now, names) }); err != nil {
		return err
	}
	i.leaf, _, err = kept(dir, "leaf.pem", func(c *x509.Certificate) bool {
		covered := !slices.ContainsFunc(names, func(n string) bool { return c.VerifyHostname(n) != nil })
		return !fresh && covered && c.CheckSignatureFrom(i.root.Leaf) == nil && !due(c, now) && !now.Before(c.NotBefore)
	}, func() ([]byte, error) { return i.newLeaf(now, names) })
	return err
}

// kept returns the pair in a file if it is good, or one that is made and written there.
func kept(dir, name string, good func(*x509.Certificate) bool, produce func() ([]byte, error)) (p *tls.Certificate, fresh bool, err error) {
	path := filepath.Join(dir, name)
	if dir != "" {
		p, err := readBundle(path)
		if err == nil && good(p.Leaf) {
			return p, false, nil
		}
		if errors.Is(err, fs.ErrPermission) {
			return nil, false, err
		}
	}
	text, err := produce()
	if err != nil {
		return nil, false, err
	}
	if p, err = parse(text, text); err != nil {
		return nil, false, err
	}
	if dir != "" {
		err = write(path, text)
	}
	return p, true, err
}

func newRoot(now time.Time, names []string) ([]byte, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	t := template(now, rootLife)
	t.Subject = pkix.Name{CommonName: common("Sigill " + names[0]), SerialNumber: t.SerialNumber.Text(16)[:8]}
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	t.IsCA, t.BasicConstraintsValid, t.MaxPathLenZero = true, true, true
	t.KeyUsage = x509.KeyUsageCertSign
	t.PermittedDNSDomainsCritical = true
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			t.PermittedIPRanges = append(t.PermittedIPRanges, one(ip))
		} else {
			t.PermittedDNSDomains = append(t.PermittedDNSDomains, n)
		}
	}
	// A root that says nothing of a kind of name is good for all of that kind (RFC 5280,
	// 4.2.1.10): so each kind is said, with what belongs to nobody.
	if len(t.PermittedDNSDomains) == 0 {
		t.PermittedDNSDomains = []string{"nothing.invalid"}
	}
	if len(t.PermittedIPRanges) == 0 {
		t.PermittedIPRanges = []*net.IPNet{one(net.IPv4zero), one(net.IPv6unspecified)}
	}
	return sign(t, t, key, key)
}

// common is a text as a common name has room for it (RFC 5280, appendix A.1).
func common(s string) string { return s[:min(len(s), 64)] }

// one is the network that holds an address alone.
func one(ip net.IP) *net.IPNet {
	if v4 := ip.To4(); v4 != nil {
		return &net.IPNet{IP: v4, Mask: net.CIDRMask(32, 32)}
	}
	return &net.IPNet{IP: ip.To16(), Mask: net.CIDRMask(128, 128)}
}

// allows reports whether a root is good for names.
func allows(root *x509.Certificate, names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool {
		ip := net.ParseIP(n)
		if ip == nil {
			return !slices.Contains(root.PermittedDNSDomains, n)
		}
		return !slices.ContainsFunc(root.PermittedIPRanges, func(r *net.IPNet) bool { return r.Contains(ip) })
	})
}

func (i *Internal) newLeaf(now time.Time, names []string) ([]byte, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	t := template(now, leafLife)
	t.Subject = pkix.Name{CommonName: common(names[0])}
	t.KeyUsage, t.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, n)
		}
	}
	return sign(t, i.root.Leaf, key, i.root.PrivateKey)
}

func template(now time.Time, life time.Duration) *x509.Certificate {
	serial := make([]byte, 16)
	rand.Read(serial) // never fails
	serial[0] = serial[0]&0x3f | 0x40
	return &x509.Certificate{SerialNumber: new(big.Int).SetBytes(serial), NotBefore: now.Add(-backdated), NotAfter: now.Add(life)}
}

// sign returns a bundle of a key and the certificate that a parent gives it.
func sign(t, parent *x509.Certificate, key crypto.Signer, by crypto.PrivateKey) ([]byte, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key.Public(), by)
	if err != nil {
		return nil, err
	}
	return bundle(key, der)
}

// due reports whether a certificate should be renewed: when a third of its life is left, and
// of one that lives ten days at most when half is.
func due(c *x509.Certificate, now time.Time) bool {
	life := c.NotAfter.Sub(c.NotBefore)
	part := life / 3
	if life <= 10*24*time.Hour {
		part = life / 2
	}
	return !now.Add(part).Before(c.NotAfter)
}
