package appliance_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/signon"
)

// provider is an organisation's sign-on of which the portal sees what package signon makes
// of a real one. Whoever is sent there comes back as who is named in as.
type provider struct {
	*httptest.Server
	mu      sync.Mutex
	as      signon.Identity
	says    error // instead of as
	vouches bool
	asked   signon.Ask // the last one
	portal  string     // where browsers come back; set when the portal stands
	code    string     // the last one that it gave
}

func newProvider(t testing.TB) *provider {
	p := &provider{vouches: true}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.code = rand.Text()
		back := url.Values{"code": {p.code}, "state": {"s"}}
		http.Redirect(w, r, p.portal+"/in/sso/back?"+back.Encode(), http.StatusSeeOther)
	}))
	t.Cleanup(p.Close)
	return p
}

// is says who signs in there from now on.
func (p *provider) is(subject string, address mail.Address, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.as = signon.Identity{Issuer: p.URL, Subject: subject, Address: address, Name: name, AuthTime: time.Now()}
}

func (p *provider) lastCode() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.code
}

func (p *provider) refuses(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.says = why
}

func (p *provider) Begin(_ context.Context, a signon.Ask) (string, signon.Waiting, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = a
	return p.URL + "/auth", signon.Waiting{}, nil
}

func (p *provider) Finish(_ context.Context, _ signon.Waiting, a signon.Answer) (signon.Identity, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.Code == "" {
		return signon.Identity{}, mail.E(mail.Denied, "error.signon.cancelled", nil)
	}
	return p.as, p.says
}

func (p *provider) Label() string { return "Logga in med Exempelkommuns konto" }

func (p *provider) Vouches(signon.Identity) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.vouches
}

// SignsOn goes to the provider and comes back, wherever that leads.
func (b *browser) SignsOn() *browser {
	b.j.Helper()
	return b.Get("/in/sso").Sees(`content="0; url=/in/sso/done"`).Get("/in/sso/done")
}
