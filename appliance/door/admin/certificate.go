package admin

import (
	"bytes"
	"strings"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// Certificates is what the page asks of those who look after certificates; the appliance does.
type Certificates interface {
	// TryCertificates has what failed tried again soon.
	TryCertificates()
	// OwnRoot is the root of this machine's own authority, PEM, with its SHA-256; ok is false
	// where there is none.
	OwnRoot() (root []byte, fingerprint string, ok bool)
}

// Certificate is one that browsers or mail servers are shown.
type Certificate struct {
	Of     string   // "web" or "smtp"
	Host   string   // that it should be for
	Source string   // "files", "acme" or "internal"
	Names  []string // that it is good for
	Begins time.Time
	Ends   time.Time
	// SelfSigned: this machine has made it, and no browser knows its authority.
	SelfSigned bool
	StandIn    bool      // this machine has made it itself, until an authority gives one
	Why        string    // what is wrong, a word of "certificate.why."; "" if nothing is
	Detail     string    // in the words of who refused; may be empty
	Since      time.Time // when that began; zero: not known
	Next       time.Time // when it is tried again; zero: soon
}

// Renews reports whether nobody has to see to it while all goes well.
func (c Certificate) Renews() bool { return c.Source != "files" }

const certificatesPath = "/admin/certificates"

// certificatesPage is what the doors show, and what to do where something is wrong.
type certificatesPage struct {
	web.Frame
	Certificates []Certificate
	Again        bool     // something can be tried again
	Fingerprint  []string // of this machine's own authority, byte by byte; empty if there is none
}

func (d *Door) certificatesPage(r *web.Request) error {
	s, err := d.m.Status(r.Context())
	if err != nil {
		return err
	}
	page := &certificatesPage{Certificates: s.Certificates}
	for _, c := range s.Certificates {
		page.Again = page.Again || c.Source == "acme" && c.Why != ""
	}
	if _, print, ok := d.certificates.OwnRoot(); ok {
		page.Fingerprint = strings.Split(print, ":")
	}
	return r.Page("admin/certificates", page)
}

func (d *Door) tryCertificates(r *web.Request) error {
	d.certificates.TryCertificates()
	r.Flash("flash.certificates")
	return r.Redirect(certificatesPath)
}

// ownRoot hands out the root's certificate, which is no secret; its key stays.
func (d *Door) ownRoot(r *web.Request) error {
	root, _, ok := d.certificates.OwnRoot()
	if !ok {
		return mail.E(mail.Absent, "error.absent", nil)
	}
	return r.Stream("sigill-root.pem", "application/x-pem-file", int64(len(root)), bytes.NewReader(root), time.Time{})
}

// CertificateWrong reports whether something is wrong with one of them.
func (s Status) CertificateWrong() bool {
	for _, c := range s.Certificates {
		if c.Why != "" {
			return true
		}
	}
	return false
}

// CertificateEnds is when the first ends; zero if there is none.
func (s Status) CertificateEnds() (first time.Time) {
	for _, c := range s.Certificates {
		if first.IsZero() || c.Ends.Before(first) {
			first = c.Ends
		}
	}
	return first
}

// renewedBy is how long before its end a certificate should have been renewed by itself. One
// that lives six days is renewed after three.
const renewedBy = 2 * 24 * time.Hour

// certificateEnds is of those with which something is wrong, and of those that somebody must
// see to soon. Of a door with several names it is told once when all are in one certificate.
func certificateEnds(a *todoAsked) (list []task, err error) {
	s, err := a.status()
	if err != nil {
		return nil, err
	}
	told := map[string]bool{}
	for _, c := range s.Certificates {
		left, within := c.Ends.Sub(a.Now()), certificateIn
		if c.Renews() {
			within = renewedBy
		}
		u := soon
		if left <= certificateBy && (!c.Renews() || left <= renewedBy) || c.StandIn {
			u = now
		}
		switch {
		case c.Why != "":
			t := a.toMachine(u, a.T("certificate.why."+c.Why, "Name", c.Host), c.Since)
			if t.Path == "/admin" {
				t.Path, t.Button = certificatesPath, a.T("page.admin.certificates.to")
			}
			list = append(list, t)
		case left <= within && !c.StandIn && !told[c.Of]:
			told[c.Of] = true
			list = append(list, a.toSetting(u, a.T("todo.certificate."+c.Of, "Day", a.day(c.Ends)), time.Time{}, c.Of+".tls_cert"))
		}
	}
	return list, nil
}
