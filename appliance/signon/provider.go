package signon

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"sigill/appliance/mail"
)

// Provider is the relying party of one issuer. Its methods may be called at the same time.
type Provider struct {
	c      Config
	clock  mail.Clock
	client *http.Client
	signer *signer // nil with a secret

	mu     sync.Mutex
	known  *known
	failed error         // why the issuer could not be asked
	until  time.Duration // of clock.Running: how long known is fresh, or the issuer left alone
}

// Discovery is kept for a day, so that an issuer that has moved is followed without a
// restart; one that cannot be reached is left alone for a moment, so that nobody else
// waits for it meanwhile.
const (
	keepDiscovery = 24 * time.Hour
	discoverPause = 15 * time.Second
)

// known is what the issuer says of itself.
type known struct {
	oauth      oauth2.Config
	provider   *oidc.Provider // for userinfo
	keys       *oidc.RemoteKeySet
	algorithms []string // by which it may sign ID tokens
	issued     bool     // its answers name it (RFC 9207, 3)
	userinfo   bool
	assertion  string // algorithm for private_key_jwt
}

// metadata is the part of a discovery document that is used (OpenID Connect Discovery, 3;
// RFC 8414, 2; RFC 9207, 3).
type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Keys          string   `json:"jwks_uri"`
	UserInfo      string   `json:"userinfo_endpoint"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	AuthAlgs      []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	Issued        bool     `json:"authorization_response_iss_parameter_supported"`
}

// algorithms are those by which an ID token may be signed (RFC 7518, 3.1; RFC 8037): by a
// key of which we know the public half only. HS256 would make the client secret, which
// two hold, a key of the issuer; "none" is none.
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// discover returns what the issuer says of itself, asking it only where that is not known
// or old. The error is Again or Internal.
func (p *Provider) discover(ctx context.Context) (*known, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Running()
	if now < p.until {
		return p.known, p.failed
	}
	// Others wait for this answer too: it is not given up with the one who came first.
	k, err := p.ask(context.WithoutCancel(ctx))
	switch {
	case err == nil:
		p.known, p.failed, p.until = k, nil, now+keepDiscovery
	case p.known != nil: // what it has said until now is better than nothing
		p.failed, p.until = nil, now+discoverPause
	default:
		p.failed, p.until = err, now+discoverPause
	}
	return p.known, p.failed
}

// ask fetches the discovery document (OpenID Connect Discovery, 4).
func (p *Provider) ask(ctx context.Context) (*known, error) {
	const what = "discovery document"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(p.c.Issuer, "/")+"/.well-known/openid-configuration", nil)
	if err != nil {
		return nil, setup("the issuer's address: %v", err)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return nil, down(what, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body) // bounded by the client
	if err != nil {
		return nil, down(what, err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, mail.E(mail.Again, "error.signon.down", fmt.Errorf("sign-on: the issuer's %s: status %d", what, res.StatusCode))
	}
	var m metadata
	if json.Unmarshal(body, &m) != nil {
		return nil, setup("the issuer's %s cannot be read", what)
	}
	return p.read(m)
}

// read holds a discovery document against the rules.
func (p *Provider) read(m metadata) (*known, error) {
	// One issuer must not speak for another (OpenID Connect Discovery, 4.3).
	if m.Issuer != p.c.Issuer {
		return nil, setup("the discovery document is of the issuer %.200q; the configuration must name it so, word for word", m.Issuer)
	}
	for _, e := range []struct{ name, address string }{{"authorization_endpoint", m.Authorization}, {"token_endpoint", m.Token}, {"jwks_uri", m.Keys}} {
		if u, err := url.Parse(e.address); err != nil || !secure(u, strings.HasPrefix(p.c.Issuer, "http://")) || u.Fragment != "" {
			return nil, setup("the issuer's %s is not an https address", e.name)
		}
	}
	k := &known{issued: m.Issued, userinfo: m.UserInfo != "", algorithms: []string{oidc.RS256}}
	if len(m.Algorithms) > 0 {
		k.algorithms = slices.DeleteFunc(slices.Clone(algorithms), func(a string) bool { return !slices.Contains(m.Algorithms, a) })
	}
	if len(k.algorithms) == 0 {
		return nil, setup("the issuer signs ID tokens by no algorithm that is taken here")
	}
	var err error
	if k.oauth, err = p.oauth(m); err != nil {
		return nil, err
	}
	if p.signer != nil {
		if k.assertion, err = p.signer.choose(m.AuthAlgs); err != nil {
			return nil, err
		}
	}
	endpoints := oidc.ProviderConfig{IssuerURL: m.Issuer, AuthURL: m.Authorization, TokenURL: m.Token, UserInfoURL: m.UserInfo, JWKSURL: m.Keys}
	// These live longer than the request that has brought us here: its context is not theirs.
	ctx := context.Background()
	k.provider = endpoints.NewProvider(oidc.ClientContext(ctx, p.client))
	keys := *p.client
	keys.Transport = &spaced{clock: p.clock, next: p.client.Transport}
	k.keys = oidc.NewRemoteKeySet(oidc.ClientContext(ctx, &keys), m.Keys)
	return k, nil
}

// oauth says where the code is asked for and given, and how we show who we are there.
// Both ways are never tried in turn, as the library would do unasked: a code is good once.
func (p *Provider) oauth(m metadata) (oauth2.Config, error) {
	takes := func(method string) bool { return slices.Contains(m.AuthMethods, method) }
	o := oauth2.Config{
		ClientID: p.c.ClientID, ClientSecret: string(p.c.Secret), RedirectURL: p.c.Redirect, Scopes: append([]string{oidc.ScopeOpenID}, p.c.Scopes...),
		Endpoint: oauth2.Endpoint{AuthURL: m.Authorization, TokenURL: m.Token},
	}
	switch {
	case p.signer != nil && (takes("private_key_jwt") || len(m.AuthMethods) == 0):
		o.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	case p.signer != nil:
		return o, setup("the issuer does not take private_key_jwt")
	case takes("client_secret_basic") || len(m.AuthMethods) == 0: // the default, OpenID Connect Discovery, 3
		o.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	case takes("client_secret_post"):
		o.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	default:
		return o, setup("the issuer takes no client secret")
	}
	return o, nil
}
