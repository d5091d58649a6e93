package appliance_test

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"sigill/appliance"
	"sigill/appliance/peers"
	"sigill/appliance/signon"
)

var (
	peerAction = regexp.MustCompile(`<form[^>]* action="([^"]+)"`)
	peerPrompt = regexp.MustCompile(`name="prompt" value="(login|consent)"`)
)

// AtPeer fills in the provider's pages until it leads back.
func (b *browser) AtPeer(login string) *browser {
	b.j.Helper()
	for range 5 {
		action, prompt := peerAction.FindStringSubmatch(b.page), peerPrompt.FindStringSubmatch(b.page)
		if action == nil || prompt == nil {
			return b.Sees("/in/sso/done").Get("/in/sso/done")
		}
		form := url.Values{"prompt": {prompt[1]}, "login": {login}, "password": {"x"}}
		r, err := http.NewRequest(http.MethodPost, html.UnescapeString(action[1]), strings.NewReader(form.Encode()))
		if err != nil {
			b.j.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		b.do(r)
	}
	b.j.Fatal("the provider has no end of pages")
	return b
}

// TestSignOnAtAPeer lets people come by a real provider, with the machine's own relying
// party between.
func TestSignOnAtAPeer(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to sign in at npm's oidc-provider")
	}
	const secret = "a secret that the provider and the portal share"
	j := newJourneyIn(t, t.TempDir(), appliance.LetSignOnAt(func(portal string) signon.Config {
		client := map[string]any{"client_id": "sigill", "client_secret": secret, "token_endpoint_auth_method": "client_secret_basic", "redirect_uris": []string{portal + "/in/sso/back"}}
		issuer := peers.OIDC{Clients: []map[string]any{client}, InToken: true, Domain: "exempelkommun.se"}.Start(t)
		return signon.Config{Issuer: issuer, ClientID: "sigill", Secret: secret}
	}))
	maria := strings.TrimSuffix(caseworker, "@exempelkommun.se")
	t.Run("who works there opens the mailbox with the password", func(t *testing.T) {
		b := j.Browser().Get("/in/sso").AtPeer(maria).At("/in/unlock")
		b.Post("/in/unlock", "password", j.passwordOf(caseworker)).At("/mail")
	})
	t.Run("who is new chooses one", func(t *testing.T) {
		b := j.Browser().Get("/in/sso").AtPeer("helt.ny").At("/in/arrive").Sees("helt.ny@exempelkommun.se")
		b.Post("/in/arrive", "password", "fyra ord som passar", "repeat", "fyra ord som passar").At("/mail")
	})
	t.Run("before what is risky the provider asks anew", func(t *testing.T) {
		b := j.Browser().Get("/in/sso").AtPeer(maria).At("/in/unlock").Post("/in/unlock", "password", j.passwordOf(caseworker)).At("/mail")
		j.Turn(6 * 60 * 1e9)
		b.Get("/account/recovery").At("/account/prove").Get("/account/prove/sso?next=/account/recovery")
		if peerPrompt.FindStringSubmatch(b.page) == nil {
			t.Errorf("it asks nothing:\n%.300s", b.page)
		}
	})
	t.Run("an answer with another state is refused", func(t *testing.T) {
		b := j.Browser().Get("/in/sso")
		b.Get("/in/sso/back?code=x&state=y").Sees("gick inte att kontrollera")
	})
}
