package directory_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// fake is a directory that answers as a test wants it.
type fake struct {
	t        *testing.T
	l        net.Listener
	url      string
	ca       string // file
	entries  []map[string][]string
	pages    int                                    // what it knows: one of the constants
	password string                                 // "": anybody may read
	instead  func(c net.Conn, id int64, n int) bool // answers the n-th search, and says whether it has
	searches int
	filters  []string
	startTLS *tls.Config
	begins   chan struct{} // a reading: what the test has written is seen by who answers it
	ended    chan struct{} // it is over: what is written from now on is for the next one
}

// What a server does with a request for pages.
const (
	knowsPages = iota
	ignoresPages
	refusesPages
)

func newFake(t *testing.T, c *tls.Config) *fake {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{t: t, l: l, url: "ldap://" + l.Addr().String(), begins: make(chan struct{}, 1), ended: make(chan struct{})}
	if c != nil {
		f.l, f.url = tls.NewListener(l, c), "ldaps://"+l.Addr().String()
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := f.l.Accept()
			if err != nil {
				return
			}
			<-f.begins
			f.serve(c)
			f.ended <- struct{}{}
		}
	}()
	return f
}

func (f *fake) serve(c net.Conn) {
	defer func() { c.Close() }()
	r := bufio.NewReader(c)
	for {
		p, err := ber.ReadPacket(r)
		if err != nil || len(p.Children) < 2 {
			return
		}
		id, _ := p.Children[0].Value.(int64)
		switch op := p.Children[1]; op.Tag {
		case ldap.ApplicationBindRequest:
			code := int64(0)
			if f.password != "" && op.Children[2].Data.String() != f.password {
				code = ldap.LDAPResultInvalidCredentials
			}
			f.result(c, id, ldap.ApplicationBindResponse, code, nil)
		case ldap.ApplicationExtendedRequest:
			if f.startTLS == nil {
				f.result(c, id, ldap.ApplicationExtendedResponse, ldap.LDAPResultProtocolError, nil)
				continue
			}
			f.result(c, id, ldap.ApplicationExtendedResponse, 0, nil)
			c = tls.Server(c, f.startTLS)
			r = bufio.NewReader(c)
		case ldap.ApplicationSearchRequest:
			if !f.search(c, id, p) {
				return
			}
		default:
			return
		}
	}
}

// search answers a search; false ends the connection.
func (f *fake) search(c net.Conn, id int64, p *ber.Packet) bool {
	f.searches++
	if f.instead != nil && f.instead(c, id, f.searches) {
		return false
	}
	filter, _ := ldap.DecompileFilter(p.Children[1].Children[6])
	f.filters = append(f.filters, filter)
	from, size := 0, len(f.entries)
	var page *ldap.ControlPaging
	if len(p.Children) > 2 && f.pages != ignoresPages {
		if f.pages == refusesPages {
			f.result(c, id, ldap.ApplicationSearchResultDone, ldap.LDAPResultUnavailableCriticalExtension, nil)
			return true
		}
		control, err := ldap.DecodeControl(p.Children[2].Children[0])
		if err != nil {
			return false
		}
		page = control.(*ldap.ControlPaging)
		from, _ = strconv.Atoi(string(page.Cookie))
		size = int(page.PagingSize)
	}
	to := min(from+size, len(f.entries))
	for _, e := range f.entries[from:to] {
		f.entry(c, id, e)
	}
	if page != nil {
		page.SetCookie(nil)
		if to < len(f.entries) {
			page.SetCookie([]byte(strconv.Itoa(to)))
		}
	}
	f.result(c, id, ldap.ApplicationSearchResultDone, 0, page)
	return true
}

func (f *fake) entry(c net.Conn, id int64, attributes map[string][]string) {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
	dn := "cn=nobody,dc=kommun,dc=example"
	list := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	for name, values := range attributes {
		if name == "dn" {
			dn = values[0]
			continue
		}
		a := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
		a.AppendChild(octets(name))
		set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		for _, v := range values {
			set.AppendChild(octets(v))
		}
		a.AppendChild(set)
		list.AppendChild(a)
	}
	op.AppendChild(octets(dn))
	op.AppendChild(list)
	send(c, id, op, nil)
}

// reference says that a part is elsewhere (RFC 4511, 4.5.3).
func (f *fake) reference(c net.Conn, id int64, url string) {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultReference, nil, "")
	op.AppendChild(octets(url))
	send(c, id, op, nil)
}

func (f *fake) result(c net.Conn, id int64, tag ber.Tag, code int64, page *ldap.ControlPaging) {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""))
	op.AppendChild(octets("ou=hemlig,dc=kommun,dc=example"))
	op.AppendChild(octets("anna.as@kommun.example is not here"))
	send(c, id, op, page)
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func send(c net.Conn, id int64, op *ber.Packet, page *ldap.ControlPaging) {
	p := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	p.AppendChild(op)
	if page != nil {
		controls := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
		controls.AppendChild(page.Encode())
		p.AppendChild(controls)
	}
	c.Write(p.Bytes())
}

// certificate is one for 127.0.0.1 and the file of its authority.
func certificate(t *testing.T) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err2 := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	file := filepath.Join(t.TempDir(), "ca.pem")
	err3 := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, file
}
