package smtpd_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"sigill/appliance/door/smtpd"
)

var (
	dkimPublic, dkimKey, _ = ed25519.GenerateKey(nil)
	_, otherKey, _         = ed25519.GenerateKey(nil)
)

func zone(_ context.Context, name string) ([]string, error) {
	switch name {
	case "s._domainkey.kommun.example", "s._domainkey.evil.example", "s._domainkey.example":
		return []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(dkimPublic)}, nil
	case "later._domainkey.kommun.example":
		return nil, &net.DNSError{Err: "no answer", IsTemporary: true}
	}
	return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

func sign(t *testing.T, text string, o dkim.SignOptions) string {
	t.Helper()
	if o.Domain == "" {
		o.Domain = "kommun.example"
	}
	if o.Selector == "" {
		o.Selector = "s"
	}
	if o.Signer == nil {
		o.Signer = dkimKey
	}
	o.HeaderCanonicalization, o.BodyCanonicalization = dkim.CanonicalizationRelaxed, dkim.CanonicalizationRelaxed
	var b bytes.Buffer
	if err := dkim.Sign(&b, strings.NewReader(text), &o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDKIM(t *testing.T) {
	text := "From: Anna <anna@kommun.example>\r\nTo: bo@citizen.example.s\r\nSubject: hello\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nbody\r\n"
	sub := strings.ReplaceAll(text, "anna@kommun", "anna@sub.kommun")
	good := sign(t, text, dkim.SignOptions{})
	withL := func() string {
		// The library signs no body length, so the tag is put in; the field is refused for it.
		return strings.Replace(good, " a=", " l=2; a=", 1)
	}
	for _, c := range []struct{ name, want, text string }{
		{"a signature of the house is a proof", "250", good},
		{"one among others is enough", "250", strings.Replace(sign(t, good, dkim.SignOptions{Domain: "evil.example"}), "x", "x", 1)},
		{"no signature is none", "550 5.7.1", text},
		{"somebody else's domain proves nothing", "550 5.7.1", sign(t, text, dkim.SignOptions{Domain: "evil.example"})},
		{"a domain above that is not listed proves nothing", "550 5.7.1", sign(t, text, dkim.SignOptions{Domain: "example"})},
		{"another key proves nothing", "550 5.7.1", sign(t, text, dkim.SignOptions{Signer: otherKey})},
		{"a changed body", "550 5.7.1", strings.Replace(good, "body", "Body", 1)},
		{"a changed subject", "550 5.7.1", strings.Replace(good, "hello", "[secure] hello", 1)},
		{"a second From", "550 5.7.1", "From: anna@kommun.example\r\n" + good},
		{"a second Subject in front", "550 5.7.1", "Subject: [secure]\r\n" + good},
		{"a second Content-Type in front", "550 5.7.1", "Content-Type: text/html\r\n" + good},
		{"a header of ours that nobody signed", "550 5.7.1", "X-Sigill-Level: letter\r\n" + good},
		{"a header of ours that is signed", "250", sign(t, "X-Sigill-Level: letter\r\n"+text, dkim.SignOptions{})},
		{"a signature over From alone", "550 5.7.1", sign(t, text, dkim.SignOptions{HeaderKeys: []string{"From"}})},
		{"a signature over all that counts", "250", sign(t, text, dkim.SignOptions{HeaderKeys: []string{"From", "Subject", "MIME-Version", "Content-Type"}})},
		{"a body length", "550 5.7.1", withL()},
		{"an expired signature", "550 5.7.1", sign(t, text, dkim.SignOptions{Expiration: time.Now().Add(-time.Minute)})},
		{"a key that cannot be looked up now", "451 4.4.3", sign(t, text, dkim.SignOptions{Selector: "later"})},
		{"a key that is not there", "550 5.7.1", sign(t, text, dkim.SignOptions{Selector: "gone"})},
		{"an author below the signer, but not of the house", "550 5.7.1", sign(t, sub, dkim.SignOptions{})},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, "shared", func(c *smtpd.Config) { c.Resolve = zone })
			cl := s.dial(t)
			cl.begin(house1, citizen)
			cl.say("354", "DATA")
			cl.send(c.text + ".\r\n")
			cl.want(c.want)
			got := s.desk.letters()
			if (c.want == "250") != (len(got) == 1) {
				t.Fatalf("%d letters", len(got))
			}
			if len(got) == 1 && !strings.HasSuffix(got[0].raw, c.text) {
				t.Fatal("altered")
			}
		})
	}
	t.Run("an old signature proves nothing", func(t *testing.T) {
		s := open(t, "shared", func(c *smtpd.Config) { c.Resolve, c.Clock = zone, late{} })
		cl := s.dial(t)
		cl.begin(house1, citizen)
		cl.say("354", "DATA")
		cl.send(good + ".\r\n")
		cl.want("550 5.7.1")
	})
	t.Run("nobody is the house's by a signature from elsewhere", func(t *testing.T) {
		s := open(t, "stranger", func(c *smtpd.Config) { c.Resolve = zone })
		cl := s.dial(t)
		cl.say("250", "MAIL FROM:<%s>", house1)
		cl.say("550 5.7.1", "RCPT TO:<%s>", citizen)
	})
}

// late is a clock that is six days ahead.
type late struct{ clock }

func (late) Now() time.Time { return time.Now().Add(6 * 24 * time.Hour) }
