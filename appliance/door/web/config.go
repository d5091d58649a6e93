package web

import (
	"crypto/tls"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/tint"
)

const (
	maxHead = 16 << 10 // bytes of a request's head
	maxForm = 64 << 10 // bytes of a form, unless its route says less
	maxDrop = 64 << 10 // bytes of an unread body that are read to keep the connection
)

// Config is what a Server needs to know.
type Config struct {
	Listener net.Listener // if nil, Addr is listened to
	Addr     string       // "host:port"

	// TLS is the certificate and what else; versions and curves are set here. Nil
	// serves in the clear: on loopback, or behind a trusted proxy.
	TLS *tls.Config
	// BaseURL is how people reach the house: "https://brev.example.se". Every link
	// is made from it; the cookies' Secure and __Host- follow it.
	BaseURL string
	// FormerHosts are names that BaseURL had before: whoever comes by one is led on. A proxy must
	// hand on the Host that it was sent, or lead them on itself.
	FormerHosts []string
	// Trial says that the certificate is of an authority that browsers do not know. They are not
	// told then to refuse others from now on (HSTS): nobody could come past that.
	Trial bool
	// TrustedProxies are the peers whose X-Forwarded-For is believed. Default: none.
	TrustedProxies []netip.Prefix

	Clock    mail.Clock   // must not be nil
	Log      *slog.Logger // must not be nil
	Views    *Views       // must not be nil
	Sessions Sessions     // must not be nil
	Routes   []Route

	House House
	// Look is how the organisation shows itself to who looks; of House then only Home counts.
	// Nil: as House says.
	Look func(Viewer) mail.Look
	// Help is the path of what helps whoever looks at a route's page. Nil: nothing does.
	Help    func(route string, v Viewer) string
	Footer  []Link // shown on each page, in this order
	Default string // language of who wishes none. Default: "sv"

	// Stranger answers whoever lacks what a page needs, such as by sending them to
	// the sign-in page. If nil, or if it returns an error, the page is absent.
	Stranger func(r *Request, need Need) error

	// Elsewhere answers what no route is for. Nil: it is absent. The static files are there.
	Elsewhere func(r *Request) error

	Pace          Pace
	MaxConns      int           // open connections. Default: 4096
	MaxPerAddress int           // open connections of one IPv4 address or IPv6 /64. Default: 256
	Posts         Rate          // POSTs of one stranger's address, or of one session
	Patience      time.Duration // for one handler that takes no upload. Default: 60 s
	Stop          time.Duration // for open requests when the server ends. Default: 10 s
}

// House is what the layout shows of the organisation.
type House struct {
	Name   string   // such as "Exempelkommun"
	Logo   Logo     // without a path, the name is shown in words
	Home   string   // where the name leads. Default: "/"
	Tint   string   // of its colours, see tint.Palette; "" for the design system's
	Style  string   // path of their style sheet
	Footer []string // lines of its own
}

// Logo is a picture of the organisation.
type Logo struct {
	Path          template.URL // of ours, or the picture itself
	Width, Height int          // pixels
}

// LogoOf is where a logo is served.
func LogoOf(l mail.Logo) Logo {
	if l.IsZero() {
		return Logo{}
	}
	return Logo{template.URL("/logo/" + l.Name), l.Width, l.Height}
}

// Lines are those of a text; none of an empty one.
func Lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// HeadLines are those of a letterhead: who it is, if a logo does not say so in words, what
// the unit wants there, and where to ask.
func HeadLines(l mail.Look) (lines []string) {
	if !l.Logo.IsZero() {
		lines = append(lines, l.Sign())
	}
	lines = append(lines, Lines(l.Letterhead)...)
	for _, more := range []string{l.Phone, l.Web} {
		if more != "" && !slices.ContainsFunc(lines, func(s string) bool { return strings.Contains(s, more) }) {
			lines = append(lines, more)
		}
	}
	return lines
}

// houseFor is the house as a viewer sees it.
func (c *Config) houseFor(v Viewer) House {
	if c.Look == nil {
		return c.House
	}
	l := c.Look(v)
	h := House{Name: l.Name, Logo: LogoOf(l.Logo), Home: c.House.Home, Footer: Lines(l.Footer)}
	if p, ok := tint.Of(l.Main, l.Line); ok {
		h.Tint, h.Style = p.Name(), p.Path()
	}
	return h
}

// Link is a place of ours with the key of its name.
type Link struct {
	Key  string
	Path string
}

// Rate says how often.
type Rate struct {
	PerMinute int // Default: 120
	Burst     int // Default: 60
}

// prepare checks the configuration, all faults at once, and fills in defaults.
func (c *Config) prepare() (base *url.URL, err error) {
	var faults []error
	base, e := url.Parse(c.BaseURL)
	switch {
	case e != nil:
		faults = append(faults, fmt.Errorf("base URL: %w", e))
	case base.Scheme != "https" && base.Scheme != "http" || base.Host == "" || strings.Trim(base.Path, "/") != "" || base.RawQuery != "" || base.User != nil:
		faults = append(faults, fmt.Errorf("base URL %q: must be like https://brev.example.se", c.BaseURL))
	case base.Scheme == "http" && c.TLS != nil:
		faults = append(faults, errors.New("base URL is http although there is a certificate"))
	}
	if c.Clock == nil || c.Log == nil || c.Views == nil || c.Sessions == nil {
		faults = append(faults, errors.New("clock, log, views and sessions must not be nil"))
	}
	for _, r := range c.Routes {
		if e := r.check(); e != nil {
			faults = append(faults, e)
		}
	}
	if _, e := places(c.Routes); e != nil {
		faults = append(faults, e)
	}
	if c.MaxConns <= 0 {
		c.MaxConns = 4096
	}
	if c.MaxPerAddress <= 0 {
		c.MaxPerAddress = 256
	}
	if c.Posts.PerMinute <= 0 {
		c.Posts.PerMinute = 120
	}
	if c.Posts.Burst <= 0 {
		c.Posts.Burst = 60
	}
	if c.Patience <= 0 {
		c.Patience = time.Minute
	}
	if c.Stop <= 0 {
		c.Stop = 10 * time.Second
	}
	if c.Default == "" {
		c.Default = "sv"
	}
	if c.House.Home == "" {
		c.House.Home = "/"
	}
	if c.TLS != nil {
		c.TLS = hardened(c.TLS)
	}
	return base, errors.Join(faults...)
}

// hardened returns the certificate's configuration with versions and suites of
// ours. Go prefers TLS 1.3 and the post-quantum hybrid by itself; of 1.2 only
// suites with forward secrecy and an AEAD are left.
func hardened(t *tls.Config) *tls.Config {
	t = t.Clone()
	t.MinVersion = tls.VersionTLS12
	t.CipherSuites = []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
	if t.NextProtos == nil {
		t.NextProtos = []string{"http/1.1"}
	}
	return t
}
