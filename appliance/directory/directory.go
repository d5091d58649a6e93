package directory

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"sync"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"sigill/appliance/mail"
)

// Bounds of a reading.
const (
	MaxEntries = 100_000
	pageSize   = 500
	maxPages   = MaxEntries/pageSize + 1000 // some servers send pages that are not full
	firstBytes = 64 << 10                   // of all that is said before somebody is signed in
	pageBytes  = 4 << 20                    // of one answer, or of all if the server knows no pages: some ten thousand people
	maxPacket  = 256 << 10                  // bytes of one entry: see boundPackets
	pageTime   = time.Minute
	allTime    = 15 * time.Minute
	maxCA      = 1 << 20 // bytes of the file
)

// Config says where a directory is and how it calls what is read.
type Config struct {
	URL      string // ldaps://host[:port] or ldap://host[:port]
	StartTLS bool   // before anything else is said; with ldap://
	CAFile   string // PEM; "": the system's authorities
	BindDN   string // "": nobody in particular
	Password string
	Base     string
	Filter   string
	Disabled string // filter of those among them who may not sign in; "": see disabled

	// Names of attributes.
	Mail       string
	Name       string // cn is taken where it has none
	ID         string
	CostCentre string // "": none
	Units      string // UnitsDN: the ou parts of the entry's own name, below Base; "": none
	Separator  string // of departments within one value of Units; "": each value is one name
}

// boundPackets bounds what the library makes a tree of: some hundred bytes for each two on
// the wire, and it would take a packet of 2 GiB. Its bound is one for the whole process, so
// it is set once, before the first connection; nothing else here speaks BER (layers_test.go).
var boundPackets = sync.OnceFunc(func() { ber.MaxPacketLengthBytes = maxPacket })

// UnitsDN is the Config.Units of a directory in which people stand below their
// departments.
const UnitsDN = "dn"

// Directory is one that can be read.
type Directory struct {
	c    Config
	host string
	addr string
	tls  *tls.Config // nil: in clear
	base *ldap.DN
}

// New returns the directory of a configuration. It connects to nothing.
func New(c Config) (*Directory, error) {
	boundPackets()
	u, err := url.Parse(c.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "ldap" && u.Scheme != "ldaps" || u.User != nil {
		return nil, errors.New("directory: the address must be ldaps:// or ldap:// and a host")
	}
	d := &Directory{c: c, host: u.Hostname()}
	port := u.Port()
	if port == "" {
		port = map[string]string{"ldap": ldap.DefaultLdapPort, "ldaps": ldap.DefaultLdapsPort}[u.Scheme]
	}
	d.addr = net.JoinHostPort(d.host, port)
	if u.Scheme == "ldaps" || c.StartTLS {
		if d.tls, err = tlsOf(d.host, c.CAFile); err != nil {
			return nil, err
		}
	} else if !loopback(d.host) {
		// The password and everybody's names would be for anyone to read, or to change.
		return nil, errors.New("directory: without TLS a directory is read on this computer only")
	}
	if d.base, err = ldap.ParseDN(c.Base); err != nil {
		return nil, errors.New("directory: the base is no distinguished name")
	}
	for _, f := range []string{c.Filter, c.Disabled} {
		if _, err := ldap.CompileFilter(f); f != "" && err != nil {
			return nil, errors.New("directory: a filter cannot be read")
		}
	}
	return d, nil
}

func tlsOf(host, file string) (*tls.Config, error) {
	c := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if file == "" {
		return c, nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("directory: certificates: %w", err)
	}
	if info.Size() > maxCA {
		return nil, errors.New("directory: the file of certificates is too large")
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("directory: certificates: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(b) {
		return nil, errors.New("directory: the file of certificates holds none (PEM)")
	}
	return c, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Read gives each person of the directory to each, in no order. It ends with the first
// error of each, which it returns. Its own errors are sentences for who looks after the
// directory: Again if it cannot be reached or breaks off, Invalid if something of the
// configuration does not fit, TooLarge if there is more than is read.
func (d *Directory) Read(ctx context.Context, each func(mail.DirectoryEntry) error) error {
	ctx, cancel := context.WithTimeout(ctx, allTime)
	defer cancel()
	s, err := d.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	disabled := map[string]bool{}
	if d.c.Disabled != "" {
		err := s.search("(&"+d.c.Filter+d.c.Disabled+")", []string{d.c.ID}, func(e *ldap.Entry) error {
			if id := d.id(e); id != "" {
				disabled[id] = true
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return s.search(d.c.Filter, d.attributes(), func(e *ldap.Entry) error {
		p := d.entry(e)
		p.Disabled = p.Disabled || disabled[p.ID]
		return each(p)
	})
}
