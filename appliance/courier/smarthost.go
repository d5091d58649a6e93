package courier

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"time"
)

// Secret is a password of ours at somebody else's: of the smarthost, of a
// gateway. It prints as [secret].
type Secret string

// String keeps the secret out of logs and errors.
func (s Secret) String() string { return "[secret]" }

// GoString keeps the secret out of %#v.
func (s Secret) GoString() string { return "[secret]" }

// LogValue keeps the secret out of slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalJSON keeps the secret out of JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"[secret]"`), nil }

// TLSMode says how the smarthost must prove who it is. The zero value is the
// strict one.
type TLSMode uint8

// The modes.
const (
	TLSVerify        TLSMode = iota // no mail without TLS and a certificate for the name
	TLSOpportunistic                // on loopback only: with or without; not verified, an invitation waits and MustTLS goes without its code
)

// Smarthost is the next server, which carries our notices on.
type Smarthost struct {
	Addr     string         // host:port; must not be empty
	Name     string         // in its certificate; Default: the host of Addr
	Mode     TLSMode        // Default: TLSVerify
	Implicit bool           // TLS from the first byte (port 465); else STARTTLS
	Roots    *x509.CertPool // Default: the system's
	User     string         // Default: no AUTH
	Password Secret
	Hello    string        // our own name in EHLO; must not be empty
	Timeout  time.Duration // of a connection and of each answer; Default: 1 minute
	// Dial opens the connection. Default: net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// check fills in the defaults and refuses what would not be safe.
func (s Smarthost) check() (Smarthost, error) {
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return s, fmt.Errorf("courier: smarthost: %w", err)
	}
	if s.Name == "" {
		s.Name = host
	}
	if s.Hello == "" {
		return s, errors.New("courier: smarthost: no name of ours for EHLO")
	}
	if s.Timeout == 0 {
		s.Timeout = time.Minute
	}
	if s.Mode == TLSOpportunistic && !isLoopback(host) {
		return s, errors.New("courier: smarthost: unverified TLS is for loopback only; name a CA for " + host)
	}
	if s.Dial == nil {
		s.Dial = (&net.Dialer{Timeout: s.Timeout}).DialContext
	}
	return s, nil
}

// isLoopback is true for "localhost" and literal loopback addresses. Other names
// are not looked up: who answers for a name may change later.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// LoadRoots reads the certificates of a CA of the house from a PEM file.
func LoadRoots(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read CA: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read CA: %s holds no certificate", file)
	}
	return pool, nil
}

// tls returns the settings of one connection. Whether the certificate proved the
// name is told through verified; in mode verify nothing else is let through.
func (s Smarthost) tls(verified *bool) *tls.Config {
	c := &tls.Config{ServerName: s.Name, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
	if s.Mode == TLSVerify {
		c.VerifyConnection = func(tls.ConnectionState) error { *verified = true; return nil }
		return c
	}
	// The certificate is still looked at, by the same rules, so that a demo or a
	// lab with a known CA may send what needs a proven server.
	c.InsecureSkipVerify = true
	c.VerifyConnection = func(st tls.ConnectionState) error {
		o := x509.VerifyOptions{Roots: s.Roots, DNSName: s.Name, Intermediates: x509.NewCertPool()}
		for _, cert := range st.PeerCertificates[1:] {
			o.Intermediates.AddCert(cert)
		}
		_, err := st.PeerCertificates[0].Verify(o)
		*verified = err == nil
		return nil
	}
	return c
}
