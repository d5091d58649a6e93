package appliance

import (
	"context"
	"net"
	"path/filepath"

	"sigill/appliance/config"
	"sigill/appliance/mail"
	"sigill/appliance/tlscert"
)

// TryHost tries the certificate that the file asks for: its own files must be a pair that is
// good for the portal's name, and an authority is asked for a first one now, where everybody
// sees why it will not give it. The error for people is Again; its With says what was wrong.
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
		pair, err := ownPair(f.Web)
		if err == nil {
			err = pair.Certificates[0].Leaf.VerifyHostname(hosts[0])
		}
		if err != nil {
			return mail.E(mail.Again, "error.setup.tls", err).Tell("Detail", err.Error())
		}
	}
	return nil
}

// tryAuthority gets a first certificate. It is kept where the appliance finds it when it has
// started for real.
func (s *setup) tryAuthority(ctx context.Context, f config.Config, name string) error {
	authority, err := ACME(f)
	if err != nil {
		return mail.E(mail.Again, "error.setup.tls", err).Tell("Detail", err.Error())
	}
	if f.ACME.Listen == "" {
		return nil // it asks at the portal itself, which does not answer to that name yet
	}
	l, err := net.Listen("tcp", f.ACME.Listen)
	if err != nil {
		return mail.E(mail.Again, "error.setup.tls", err).Tell("Detail", err.Error())
	}
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	try := tlscert.Try{Dir: filepath.Join(f.Keys, "tls"), ACME: authority, Name: name, Now: s.a.c.Clock.Now(), Listener: l}
	if err := try.Obtain(ctx); err != nil {
		return mail.E(mail.Again, "error.setup.tls", err).Tell("Detail", err.Error())
	}
	return nil
}
