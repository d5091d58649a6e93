package signon_test

import (
	"crypto/elliptic"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"sigill/appliance/mail"
	"sigill/appliance/peers"
	"sigill/appliance/signon"
)

// real is the computer's clock: the peer has no other.
type real struct{ begun time.Time }

func (real) Now() time.Time { return time.Now().UTC() }

func (r real) Running() time.Duration { return time.Since(r.begun) }

// browser is somebody who fills in what the peer's pages ask for.
type browser struct {
	t      *testing.T
	http   *http.Client
	as     string // who signs in; "" goes back instead
	logins int    // how often the login page was filled in
}

func newBrowser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, http: &http.Client{Jar: jar, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

var (
	formAction = regexp.MustCompile(`<form[^>]* action="([^"]+)"`)
	formPrompt = regexp.MustCompile(`name="prompt" value="(login|consent)"`)
	cancelLink = regexp.MustCompile(`<a href="([^"]+)">\[ Cancel \]`)
)

// goes follows the peer from page to page until it sends the browser back to us.
func (b *browser) goes(address string) signon.Answer {
	b.t.Helper()
	res := b.do(http.MethodGet, address, nil)
	for range 12 {
		if to := res.Header.Get("Location"); to != "" {
			u, err := res.Request.URL.Parse(to)
			if err != nil {
				b.t.Fatal(err)
			}
			if strings.HasPrefix(u.String(), redirect) {
				q := u.Query()
				return signon.Answer{Code: q.Get("code"), State: q.Get("state"), Issuer: q.Get("iss"), Error: q.Get("error")}
			}
			res = b.do(http.MethodGet, u.String(), nil)
			continue
		}
		page, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		if err != nil {
			b.t.Fatal(err)
		}
		action, prompt := formAction.FindSubmatch(page), formPrompt.FindSubmatch(page)
		if action == nil || prompt == nil {
			b.t.Fatalf("status %d at %s, and a page without form:\n%.2000s", res.StatusCode, res.Request.URL, page)
		}
		switch {
		case b.as == "":
			res = b.do(http.MethodGet, html.UnescapeString(string(cancelLink.FindSubmatch(page)[1])), nil)
			continue
		case string(prompt[1]) == "login":
			b.logins++
		}
		res = b.do(http.MethodPost, html.UnescapeString(string(action[1])), url.Values{"prompt": {string(prompt[1])}, "login": {b.as}, "password": {"x"}})
	}
	b.t.Fatal("the peer has no end of pages")
	panic("unreachable")
}

func (b *browser) do(method, address string, form url.Values) *http.Response {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { res.Body.Close() })
	return res
}

// signsIn goes all the way with a browser.
func (b *browser) signsIn(p *signon.Provider, ask signon.Ask) (signon.Identity, error) {
	b.t.Helper()
	address, w, err := p.Begin(ctx, ask)
	if err != nil {
		b.t.Fatal(err)
	}
	return p.Finish(ctx, w, b.goes(address))
}

func TestPeer(t *testing.T) {
	rsa2048, p256 := rsaKey(t, 2048), ecKey(t, elliptic.P256())
	registered := func(id, method string, more map[string]any) map[string]any {
		c := map[string]any{"client_id": id, "token_endpoint_auth_method": method, "redirect_uris": []string{redirect}}
		maps.Copy(c, more)
		return c
	}
	jwks := func(k any) map[string]any { return map[string]any{"keys": []jose.JSONWebKey{{Key: k}}} }
	clients := []map[string]any{
		registered("basic", "client_secret_basic", map[string]any{"client_secret": secret}),
		registered("rsa", "private_key_jwt", map[string]any{"jwks": jwks(rsa2048.Public())}),
		registered("ec", "private_key_jwt", map[string]any{"jwks": jwks(p256.Public()), "id_token_signed_response_alg": "ES256"}),
	}
	by := map[string]func(*signon.Config){
		"basic": func(c *signon.Config) { c.Secret = secret },
		"rsa":   func(c *signon.Config) { c.KeyPEM = signon.Secret(pemOf(t, rsa2048, nil)) },
		"ec":    func(c *signon.Config) { c.KeyPEM = signon.Secret(pemOf(t, p256, nil)) },
	}
	for _, inToken := range []bool{true, false} {
		issuer := peers.OIDC{Clients: clients, InToken: inToken}.Start(t)
		provider := func(id string, change ...func(*signon.Config)) *signon.Provider {
			t.Helper()
			c := signon.Config{Issuer: issuer, ClientID: id, Redirect: redirect}
			for _, f := range append(change, by[id]) {
				f(&c)
			}
			p, err := signon.New(c, real{time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		where := map[bool]string{true: ", with the address in the ID token", false: ", with the address in the userinfo"}[inToken]
		for id := range by {
			t.Run("somebody signs in as our client shows itself by "+id+where, func(t *testing.T) {
				b := newBrowser(t)
				b.as = "maria"
				got, err := b.signsIn(provider(id), signon.Ask{Lang: "sv", Hint: "maria"})
				want := signon.Identity{Issuer: issuer, Subject: "maria", Address: "maria@kommun.example", Name: "maria Ek"}
				if got.AuthTime = (time.Time{}); err != nil || got.Issuer != want.Issuer || got.Subject != want.Subject || got.Address != want.Address || got.Name != want.Name {
					t.Errorf("%+v %v", got, err)
				}
			})
		}
		if !inToken {
			continue
		}
		t.Run("who is signed in there is let through, and shows themselves anew when that is asked for", func(t *testing.T) {
			p, b := provider("basic"), newBrowser(t)
			b.as = "maria"
			for i, ask := range []signon.Ask{{}, {}, {Fresh: true}, {}} {
				id, err := b.signsIn(p, ask)
				if err != nil || b.logins != []int{1, 1, 2, 2}[i] || ask.Fresh && time.Since(id.AuthTime) > time.Minute {
					t.Errorf("%d: %+v %v, %d logins", i, id, err, b.logins)
				}
			}
		})
		t.Run("who goes back is told so", func(t *testing.T) {
			_, err := newBrowser(t).signsIn(provider("basic"), signon.Ask{})
			want(t, err, mail.Denied, "error.signon.cancelled")
		})
		t.Run("an address that is not verified is refused", func(t *testing.T) {
			b := newBrowser(t)
			b.as = "kim"
			_, err := b.signsIn(provider("basic"), signon.Ask{})
			want(t, err, mail.Denied, "error.signon.address")
		})
		t.Run("a level that was not reached is refused", func(t *testing.T) {
			b := newBrowser(t)
			b.as = "maria"
			_, err := b.signsIn(provider("basic", func(c *signon.Config) { c.ACR = []string{"urn:high"} }), signon.Ask{})
			want(t, err, mail.Denied, "error.signon.level")
		})
		t.Run("a code that was used is refused, and one without its verifier", func(t *testing.T) {
			p, b := provider("rsa"), newBrowser(t)
			b.as = "maria"
			address, w, err := p.Begin(ctx, signon.Ask{})
			if err != nil {
				t.Fatal(err)
			}
			a := b.goes(address)
			_, other, err := p.Begin(ctx, signon.Ask{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Finish(ctx, w, a); err != nil {
				t.Fatal(err)
			}
			_, err = p.Finish(ctx, w, a)
			want(t, err, mail.Denied, "error.signon.wrong")
			_, err = p.Finish(ctx, other, b.goes(address)) // the same question once more, for another browser
			want(t, err, mail.Denied, "error.signon.wrong")
		})
		t.Run("a secret or key that is not registered is told to the operator", func(t *testing.T) {
			for id, change := range map[string]func(*signon.Config){
				"basic": func(c *signon.Config) { c.Secret = "another" },
				"rsa":   func(c *signon.Config) { c.KeyPEM = signon.Secret(pemOf(t, rsaKey(t, 2048), nil)) },
			} {
				b := newBrowser(t)
				b.as = "maria"
				c := signon.Config{Issuer: issuer, ClientID: id, Redirect: redirect}
				change(&c)
				p, err := signon.New(c, real{time.Now()})
				if err != nil {
					t.Fatal(err)
				}
				_, err = b.signsIn(p, signon.Ask{})
				want(t, err, mail.Internal, "error.signon.setup")
			}
		})
	}
}
