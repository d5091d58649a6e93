package appliance

import (
	"bytes"
	"crypto/tls"

	"sigill/appliance/door/admin"
)

// certificates are those that the doors show, with when each ends.
func (a *Appliance) certificates() (list []admin.Certificate) {
	for _, x := range []struct {
		of string
		c  *tls.Config
	}{{"web", a.c.WebTLS}, {"smtp", a.c.SMTPTLS}} {
		if x.c == nil {
			continue
		}
		for _, c := range x.c.Certificates {
			if c.Leaf != nil {
				list = append(list, admin.Certificate{
					Of: x.of, Begins: c.Leaf.NotBefore, Ends: c.Leaf.NotAfter, Names: c.Leaf.DNSNames,
					SelfSigned: bytes.Equal(c.Leaf.RawIssuer, c.Leaf.RawSubject),
				})
			}
		}
	}
	return list
}
