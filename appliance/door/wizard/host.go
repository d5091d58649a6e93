package wizard

import (
	"net/url"
	"strings"

	"sigill/appliance/config"
)

// hostFields ask how the portal is reached, and where its certificate comes from.
var hostFields = []field{
	{key: "web.base_url", example: "https://sakerpost.kommun.example", must: true, max: 200},
	{key: "web.tls", options: words(config.TLSACME, config.TLSFiles, config.TLSInternal)},
	{key: "web.tls_cert", example: "/etc/sigill/tls/web.pem", max: 300},
	{key: "web.tls_key", example: "/etc/sigill/tls/web.key", max: 300},
	{key: "smtp.hostname", example: "sakerpost.kommun.example", max: 253},
	{key: "acme.contact", example: "drift@kommun.example", max: 200},
}

// settleHost lets mail servers see the same name and certificate as browsers: that both are
// one is what most houses want, and the file can say otherwise.
func settleHost(c *config.Config) (faults []error) {
	c.Web.BaseURL = strings.TrimRight(c.Web.BaseURL, "/")
	if c.Web.BaseURL != "" && !strings.Contains(c.Web.BaseURL, "://") {
		c.Web.BaseURL = "https://" + c.Web.BaseURL
	}
	if c.Web.TLS != config.TLSFiles {
		c.Web.TLSCert, c.Web.TLSKey = "", ""
	}
	c.SMTP.TLS, c.SMTP.TLSCert, c.SMTP.TLSKey = c.Web.TLS, c.Web.TLSCert, c.Web.TLSKey
	if u, err := url.Parse(c.Web.BaseURL); err == nil && c.SMTP.Hostname == "" {
		c.SMTP.Hostname = u.Hostname()
	}
	return nil
}
