package wizard

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"sigill/appliance/config"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
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

// noCertificate says why there is none yet and what to do, in the words of the page of
// certificates. What was typed is saved.
func (d *Door) noCertificate(r *web.Request, f form, err error) error {
	var why *mail.Error
	if !errors.As(err, &why) || why.Kind != mail.Again {
		return err
	}
	say := &web.Alert{Tone: web.Danger, Title: r.T("setup.host.not"), Text: r.Sentence(why)}
	page := &stepPage{frame: frame{Say: say}}
	if do := why.Say + ".do"; r.Printer().Has(do) {
		say.Text += " " + r.Printer().Say(do, why.With)
		page.Detail = why.With["Detail"]
	}
	return d.showStep(r, f, http.StatusUnprocessableEntity, nil, page)
}
