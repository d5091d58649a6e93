package config

import (
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// maxFormer bounds the names that the portal had before: each needs a certificate.
const maxFormer = 10

// UsesACME reports whether any certificate comes from the authority of [acme].
func (c *Config) UsesACME() bool { return c.Web.TLS == TLSACME || c.SMTP.TLS == TLSACME }

// Hosts are the names that browsers use: that of base_url, then the former ones.
func (w Web) Hosts() []string {
	u, err := url.Parse(w.BaseURL)
	if err != nil {
		return nil
	}
	return append([]string{strings.ToLower(u.Hostname())}, w.FormerHosts...)
}

// Secure reports whether the portal itself speaks TLS.
func (w Web) Secure() bool { return w.TLS != TLSFiles || w.TLSCert != "" }

// validateFormer holds the names that the portal had before against the rules. They are
// names, and nothing that only a browser on this computer would find.
func (w Web) validateFormer(f *faults, host string) {
	if len(w.FormerHosts) > maxFormer {
		f.add("web.former_hosts", "must be at most %d names", maxFormer)
	}
	for i, h := range w.FormerHosts {
		key := fmt.Sprintf("web.former_hosts[%d]", i)
		switch {
		case !public(h) || strings.ToLower(h) != h:
			f.add(key, "must be a host name in small letters, with no https:// before it and no port behind")
		case strings.EqualFold(h, host):
			f.add(key, "is the name in base_url, which is in use: name those that were in use before")
		case slices.Contains(w.FormerHosts[:i], h):
			f.add(key, "stands there twice")
		}
	}
}

// public reports whether a name could be one that the whole world knows, as browsers and
// certificates write it: letters beyond ASCII stand as xn--… there (RFC 5890).
func public(host string) bool {
	_, err := netip.ParseAddr(host)
	return err != nil && isDomain(host) && strings.Contains(host, ".") && !strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 })
}

// validateACME looks at nothing while no certificate comes from there.
func (c *Config) validateACME(f *faults) {
	if !c.UsesACME() {
		return
	}
	a := c.ACME
	u, err := url.Parse(a.Directory)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		f.add("acme.directory", "must be the https:// address of the authority's directory")
	}
	if m, err := mail.ParseAddress(a.Contact); a.Contact != "" && (err != nil || m.Name != "" || m.Address != a.Contact) {
		f.add("acme.contact", "must be a mail address, such as drift@kommun.example, or empty")
	}
	if c.SMTP.TLS == TLSACME && !public(c.SMTP.Hostname) {
		f.add("smtp.tls", "acme gives certificates for names that are known everywhere: hostname must be one, with å as xn--…")
	}
	if (a.Account == "") != (a.AccountFile == "") {
		f.add("acme.account_file", "account and account_file go together")
	}
	if a.Listen != "" {
		listen(f, "acme.listen", a.Listen)
		return
	}
	// Over TLS-ALPN-01 the authority asks on port 443 of the name itself, and the portal answers.
	hosts := c.Web.Hosts()
	if c.Web.TLS != TLSACME || c.SMTP.TLS == TLSACME && !slices.Contains(hosts, strings.ToLower(c.SMTP.Hostname)) {
		f.add("acme.listen", "without it the authority can ask only for names that the portal answers to, with web.tls = \"acme\": listen on :80")
	}
}
