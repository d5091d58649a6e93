package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// faults gathers what is wrong, each with its key and a hint.
type faults []error

func (f *faults) add(key, hint string, a ...any) {
	*f = append(*f, &Fault{key, fmt.Sprintf(hint, a...)})
}

// Fault is what is wrong with one key, and a hint.
type Fault struct{ Key, Hint string }

// Error is for the operator.
func (f *Fault) Error() string { return f.Key + ": " + f.Hint }

// FaultsOf returns the faults of keys that an error holds.
func FaultsOf(err error) (list []*Fault) {
	switch e := err.(type) {
	case *Fault:
		return []*Fault{e}
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			list = append(list, FaultsOf(one)...)
		}
	case interface{ Unwrap() error }:
		return FaultsOf(e.Unwrap())
	}
	return list
}

func (f faults) err() error { return errors.Join(f...) }

// tag is how a language is named, as far as files are called so (BCP 47).
var tag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// Validate returns every fault at once. It looks at no file. Of what is unfinished it holds
// what is said against the rules, and asks for nothing more. The house's language must be
// one of those given; if none is given, anything that is written like one is taken.
func (c *Config) Validate(languages ...string) error {
	if c.Unfinished {
		filled := c.Filled()
		filled.Unfinished = false
		return filled.Validate(languages...)
	}
	var f faults
	c.validateDirectories(&f)
	c.House.validate(&f, languages)
	c.Web.validate(&f)
	c.SMTP.validate(&f)
	c.validateACME(&f)
	c.Senders.validate(&f)
	c.Smarthost.validate(&f)
	c.Notices.validate(&f, c.House.Domains)
	c.SMS.validate(&f)
	c.Retention.validate(&f)
	c.Plans.validate(&f)
	c.Passwords.validate(&f)
	c.SignOn.validate(&f)
	c.Directory.validate(&f)
	c.validateBackups(&f)
	c.Trace.validate(&f)
	c.Canary.validate(&f, c.House.Domains)
	c.Update.validate(&f)
	c.Alarms.validate(&f)
	c.Metrics.validate(&f)
	c.Log.validate(&f)
	return f.err()
}

func (c *Config) validateDirectories(f *faults) {
	for _, d := range []struct{ key, path string }{{"data", c.Data}, {"keys", c.Keys}, {"run", c.Run}} {
		if !filepath.IsAbs(d.path) {
			f.add(d.key, "must be an absolute path of a directory")
		}
	}
	// Who copies the data must not get the key with it.
	if inside(c.Data, c.Keys) || inside(c.Keys, c.Data) {
		f.add("keys", "must not be within data, nor data within it: a copy of the data would hold its key")
	}
}

func inside(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

func (h House) validate(f *faults, languages []string) {
	text(f, "house.name", h.Name, 1, 100)
	text(f, "house.department", h.Department, 1, 100)
	text(f, "house.phone", h.Phone, 0, 40)
	if h.Web != "" {
		if u, err := url.Parse(h.Web); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			f.add("house.web", "must be the address of a web page, such as https://kommun.example")
		}
	}
	if len(h.Country) != 2 || strings.ToUpper(h.Country) != h.Country || strings.Trim(h.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		f.add("house.country", "must be two capital letters (ISO 3166), such as SE")
	}
	if _, err := time.LoadLocation(h.Zone); err != nil || h.Zone == "" || h.Zone == "Local" {
		f.add("house.zone", "must be a name of the time zone database, such as Europe/Stockholm")
	}
	switch {
	case len(languages) > 0 && !slices.Contains(languages, h.Language):
		f.add("house.language", "must be one of %s", strings.Join(languages, ", "))
	case !tag.MatchString(h.Language):
		f.add("house.language", "must be the tag of a language, such as sv")
	}
	if !slices.Contains(Recoveries[:], h.Recovery) {
		f.add("house.recovery", "must be one of %s", strings.Join(Recoveries[:], ", "))
	}
	if len(h.Domains) == 0 {
		f.add("house.domains", "name at least one mail domain of the house, such as kommun.example")
	}
	for i, d := range h.Domains {
		domain(f, fmt.Sprintf("house.domains[%d]", i), d)
	}
	// Nobody elsewhere may become the administrator by a slip of the pen.
	if _, d, ok := strings.Cut(h.Admin, "@"); h.Admin != "" && (!ok || !slices.Contains(h.Domains, strings.ToLower(d))) {
		f.add("house.admin", "must be an address in one of house.domains")
	}
}

func (w Web) validate(f *faults) {
	u, err := url.Parse(w.BaseURL)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		f.add("web.base_url", "must be https:// and a host name, and nothing behind it")
		u = &url.URL{}
	}
	listen(f, "web.listen", w.Listen)
	pair(f, "web", w.TLS, w.TLSCert, w.TLSKey)
	w.validateFormer(f, u.Hostname())
	networks(f, "web.trusted_proxies", w.TrustedProxies)
	switch {
	case w.BaseURL == "" || u.Host == "":
	case u.Scheme != "https" && u.Scheme != "http":
		f.add("web.base_url", "must begin with https://")
	case u.Scheme == "http" && !loopbackHost(u.Hostname()):
		f.add("web.base_url", "plain http is for this computer only; use https://")
	case w.TLS == TLSACME && (u.Scheme == "http" || !public(u.Hostname())):
		f.add("web.tls", "acme gives certificates for names that are known everywhere: base_url must be https:// and such a name")
	case w.TLS == TLSInternal && u.Scheme == "http":
		f.add("web.tls", "with a certificate base_url must begin with https://")
	case w.TLS == TLSFiles && w.TLSCert == "" && !loopbackListen(w.Listen) && len(w.TrustedProxies) == 0:
		// Without TLS the pages may be spoken on loopback, or to a proxy that is named.
		f.add("web.tls_cert", "without a certificate, listen on 127.0.0.1 or name the proxy in web.trusted_proxies")
	}
}

func (s SMTP) validate(f *faults) {
	domain(f, "smtp.hostname", s.Hostname)
	listen(f, "smtp.listen", s.Listen)
	s.submission(f, "smtp.submission", s.Submission)
	s.submission(f, "smtp.submissions", s.Submissions)
	pair(f, "smtp", s.TLS, s.TLSCert, s.TLSKey)
	if s.MaxMessageBytes < 1<<20 || s.MaxMessageBytes > 1<<30 {
		f.add("smtp.max_message_bytes", "must be between 1048576 (1 MiB) and 1073741824 (1 GiB)")
	}
}

// submission holds a listener of mail programs against the rules: their passwords come over
// TLS and never without.
func (s SMTP) submission(f *faults, key, addr string) {
	if addr == "" {
		return
	}
	listen(f, key, addr)
	if s.TLS == TLSFiles && s.TLSCert == "" {
		f.add(key, "mail programs sign in over TLS only: it needs smtp.tls_cert and smtp.tls_key, or another smtp.tls")
	}
}

func (s Smarthost) validate(f *faults) {
	if !isHost(s.Host) {
		f.add("smarthost.host", "must be a host name or an address, without a port")
	}
	if s.Port < 1 || s.Port > 65535 {
		f.add("smarthost.port", "must be between 1 and 65535")
	}
	switch s.TLS {
	case TLSVerify, TLSImplicit:
	case TLSLab:
		if !loopbackHost(s.Host) {
			f.add("smarthost.tls", "lab is for a smarthost on this computer only; use verify, and ca_file for a certificate of your own")
		}
	default:
		f.add("smarthost.tls", "must be verify, implicit or lab")
	}
	s.watched(f)
	if (s.User == "") != (s.PasswordFile == "") {
		f.add("smarthost.password_file", "user and password_file go together")
	}
}

func (n Notices) validate(f *faults, house []string) {
	a, err := mail.ParseAddress(n.From)
	if err != nil || a.Name != "" || a.Address != n.From {
		f.add("notices.from", "must be a mail address, such as sakerpost@kommun.example")
	}
	domain(f, "notices.own_domain", n.Own)
	// Addresses that we make are open to anybody who knows one; people's are not.
	if slices.ContainsFunc(house, func(d string) bool { return strings.EqualFold(d, n.Own) }) {
		f.add("notices.own_domain", "must be a domain of its own, such as post.kommun.example, whose mail comes here")
	}
}

func (p Plans) validate(f *faults) {
	for _, b := range []struct {
		key   string
		value int
	}{{"plans.lite", p.Lite}, {"plans.lite_business", p.LiteBusiness}, {"plans.recipient", p.Recipient}} {
		if b.value < 1 || b.value > 10_000 {
			f.add(b.key, "must be between 1 and 10000 letters a week")
		}
	}
}

func (r Retention) validate(f *faults) {
	if r.Min < 0 {
		f.add("retention.min_days", "must be at least 0, which lets senders ask for hours")
	}
	least := max(r.Min, 1) // hours are for senders to ask for, not for every letter
	if r.Max < least || r.Max > 3650 {
		f.add("retention.max_days", "must be between 1 and 3650, and not below min_days")
	}
	if r.OpenWithin < least || r.OpenWithin > r.Max {
		f.add("retention.open_within_days", "must be at least 1, and between min_days and max_days")
	}
	if r.ReadFor < least || r.ReadFor > r.Max {
		f.add("retention.read_for_days", "must be at least 1, and between min_days and max_days")
	}
}

func (c Canary) validate(f *faults, domains []string) {
	if (c.From == "") != (c.Phone == "") {
		f.add("canary.from", "and canary.phone: set both, or none")
	}
	if c.From != "" {
		local, domain, ok := strings.Cut(c.From, "@")
		if !ok || local == "" || strings.ContainsAny(c.From, " <>\"\\,;:()") || !slices.ContainsFunc(domains, func(d string) bool { return strings.EqualFold(d, domain) }) {
			f.add("canary.from", "must be an address in one of house.domains")
		}
	}
	if digits := strings.TrimPrefix(c.Phone, "+"); c.Phone != "" && (digits == c.Phone || len(digits) < 7 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "") {
		f.add("canary.phone", "must be + and a number with its country code")
	}
	if c.Schedule != "" && len(strings.Fields(c.Schedule)) != 5 {
		f.add("canary.schedule", `must be cron's five fields, such as "15 2 * * *", or ""`)
	}
}

func (t Trace) validate(f *faults) {
	if t.KeepDays < 1 || t.KeepDays > 90 {
		f.add("trace.keep_days", "must be between 1 and 90 days")
	}
}

func text(f *faults, key, s string, least, most int) {
	n := len([]rune(s))
	if n < least || n > most || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd }) {
		f.add(key, "must be one line of %d to %d characters", least, most)
	}
}

func domain(f *faults, key, s string) {
	if !isDomain(s) || !strings.Contains(s, ".") {
		f.add(key, "must be a domain, such as kommun.example")
	}
}

func isDomain(s string) bool {
	if len(s) > 253 {
		return false
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		bad := func(r rune) bool {
			return !(r >= 0x80 && r != 0xfffd || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
		}
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, bad) {
			return false
		}
	}
	return true
}

func isHost(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil || isDomain(s)
}

func listen(f *faults, key, s string) {
	host, port, err := net.SplitHostPort(s)
	n, bad := strconv.Atoi(port)
	if err != nil || bad != nil || n < 0 || n > 65535 || host != "" && !isHost(host) {
		f.add(key, "must be an address and a port, such as 127.0.0.1:8443, or :443 for all addresses")
	}
}

func pair(f *faults, part, from, cert, key string) {
	if !slices.Contains(Certificates[:], from) {
		f.add(part+".tls", "must be one of %s", strings.Join(Certificates[:], ", "))
	}
	if (cert == "") != (key == "") {
		f.add(part+".tls_key", "tls_cert and tls_key go together")
	}
}

func loopbackHost(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.Unmap().IsLoopback()
}

func loopbackListen(s string) bool {
	host, _, err := net.SplitHostPort(s)
	return err == nil && loopbackHost(host)
}
