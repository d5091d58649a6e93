package appliance

import (
	"context"
	"errors"
	"net"
	"path/filepath"

	"sigill/appliance/config"
	"sigill/appliance/mail"
	"sigill/appliance/tlscert"
)

// TryHost tries the certificate that the file asks for: its own files must be a pair that is
// good for the portal's name, and an authority is asked for a first one now, where everybody
// sees why it will not give it. The error for people is Again, with the name and in "Detail" the
// words of who refused; a sentence that begins with "certificate.why." has another that says what
// to do, as on the page of certificates.
func (s *setup) TryHost(ctx context.Context) error {
	f, err := s.drafted()
	if err != nil {
		return err
	}
	hosts := f.Web.Hosts()
	switch {
	case f.Web.TLS == config.TLSACME:
		return s.tryAuthority(ctx, f, hosts[0])
	case f.Web.TLS == config.TLSFiles && f.Web.TLSCert != "":
		return toldOfCertificate(tlscert.CheckFiles(f.Web.TLSCert, f.Web.TLSKey, hosts[0], s.a.c.Clock.Now()))
	}
	return nil
}

// toldOfCertificate words what is wrong with one; nil for nothing.
func toldOfCertificate(err error) error {
	var t *tlscert.Trouble
	switch {
	case err == nil:
		return nil
	case errors.As(err, &t):
		return mail.E(mail.Again, "certificate.why."+string(t.Why), err).Tell("Name", t.Name).Tell("Detail", t.Detail)
	}
	return mail.E(mail.Again, "error.setup.tls", err).Tell("Detail", err.Error())
}

// tryAuthority gets a first certificate. It is kept where the appliance finds it when it has
// started for real.
func (s *setup) tryAuthority(ctx context.Context, f config.Config, name string) error {
	authority, err := ACME(f)
	if err != nil {
		return toldOfCertificate(err)
	}
	if f.ACME.Listen == "" {
		return nil // it asks at the portal itself, which does not answer to that name yet
	}
	l, err := net.Listen("tcp", f.ACME.Listen)
	if err != nil {
		return toldOfCertificate(err)
	}
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	try := tlscert.Try{Dir: filepath.Join(f.Keys, "tls"), ACME: authority, Name: name, Now: s.a.c.Clock.Now(), Listener: l}
	return toldOfCertificate(try.Obtain(ctx))
}
