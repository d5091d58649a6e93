package appliance

import (
	"context"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"sigill/appliance/config"
	"sigill/appliance/courier"
	"sigill/appliance/door/admin"
	"sigill/appliance/tlscert"
)

// certificates opens those of a configuration: before anything else of the appliance is there,
// so that it can speak TLS while it is locked.
func certificates(c *Config, f config.Config) error {
	portal := tlscert.Door{Name: "web", Source: tlscert.Source(f.Web.TLS), Hosts: f.Web.Hosts(), Cert: f.Web.TLSCert, Key: f.Web.TLSKey}
	incoming := tlscert.Door{Name: "smtp", Source: tlscert.Source(f.SMTP.TLS), Hosts: []string{f.SMTP.Hostname}, Cert: f.SMTP.TLSCert, Key: f.SMTP.TLSKey}
	authority, err := ACME(f)
	if err != nil {
		return err
	}
	k, err := tlscert.Open(tlscert.Config{
		Dir: filepath.Join(f.Keys, "tls"), Doors: []tlscert.Door{portal, incoming}, ACME: authority, Clock: c.Clock, Log: c.Log,
	})
	if err != nil {
		return err
	}
	c.Certificates, c.WebTLS, c.SMTPTLS = k, k.TLS("web"), k.TLS("smtp")
	c.Former, c.Trial = f.Web.FormerHosts, f.Web.TLS == config.TLSInternal
	return nil
}

// ACME is the authority of a configuration; the zero value if it uses none.
func ACME(f config.Config) (a tlscert.ACME, err error) {
	if !f.UsesACME() {
		return a, nil
	}
	a = tlscert.ACME{
		Directory: f.ACME.Directory, Contact: f.ACME.Contact, KeyID: f.ACME.Account, MAC: tlscert.Secret(f.ACME.Key),
		HTTP: f.ACME.Listen != "", ALPN: f.Web.TLS == config.TLSACME,
	}
	if f.ACME.CAFile != "" {
		a.Roots, err = courier.LoadRoots(f.ACME.CAFile)
	}
	return a, err
}

// runCertificates answers the authority, and looks after the certificates once at the start:
// the first is wanted as soon as the doors are open.
func (a *Appliance) runCertificates(ctx context.Context, g *errgroup.Group) {
	if a.c.Certificates == nil {
		return
	}
	if a.c.Questions != nil {
		g.Go(func() error { return a.c.Certificates.Answer(ctx, a.c.Questions, a.c.BaseURL) })
	}
	g.Go(func() error { return a.keepCertificates(ctx) })
}

// keepCertificates reads again what has changed and renews what is due. What goes wrong is
// told where the certificates are, and not as work that failed.
func (a *Appliance) keepCertificates(ctx context.Context) error {
	a.c.Certificates.Keep(ctx)
	return nil
}

// certificates are those that the doors show, with when each ends and what is wrong.
func (a *Appliance) certificates() (list []admin.Certificate) {
	if a.c.Certificates == nil {
		return nil
	}
	for _, s := range a.c.Certificates.States() {
		c := admin.Certificate{Of: s.Door, Host: s.Host, Source: string(s.Source), Names: s.Names, Begins: s.Begins, Ends: s.Ends, SelfSigned: s.Own, StandIn: s.StandIn, Next: s.Next}
		if t := s.Trouble; t != nil {
			c.Why, c.Detail, c.Since = string(t.Why), t.Detail, s.Since
		}
		list = append(list, c)
	}
	return list
}

// TryCertificates has what failed tried again within a minute, and not when its pause is over:
// somebody has mended what was wrong.
func (a *Appliance) TryCertificates() {
	if a.c.Certificates != nil {
		a.c.Certificates.Again()
	}
}

// OwnRoot is the root of this machine's own authority, PEM, with its SHA-256; ok is false if
// no door shows anything of it.
func (a *Appliance) OwnRoot() (root []byte, fingerprint string, ok bool) {
	if a.c.Certificates == nil {
		return nil, "", false
	}
	return a.c.Certificates.Root()
}
