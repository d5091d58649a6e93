package signon

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"sigill/appliance/mail"
)

// Config says which issuer is believed, and what it must say. Issuer, ClientID, Redirect
// and one of Secret and KeyPEM are needed.
type Config struct {
	Issuer   string // https://…, word for word as in its discovery document
	ClientID string
	Secret   Secret // client_secret; or
	KeyPEM   Secret // private key for private_key_jwt: RSA of 2048 bits or more, or EC. Its certificate may stand beside it; Entra wants that
	KeyID    string // kid in the head of what is signed by KeyPEM; Default: none
	Redirect string // where the browser comes back, as the issuer knows it

	Scopes []string // besides openid; Default: email, profile
	// Claim is which claim holds the address. Default: "email". It should be one that
	// people cannot change themselves.
	Claim string
	// Unverified takes an "email" that the issuer does not call verified. Where people may
	// write their own address into their account, each of them is then everybody.
	Unverified bool
	ACR        []string          // acr_values that are asked for; one of them must be answered
	Require    map[string]string // claims that the ID token must have, with their value
	Extra      map[string]string // further parameters of the request, as a broker wants them

	Roots    *x509.CertPool // Default: the system's
	Patience time.Duration  // how long one answer of the issuer is waited for; Default: DefaultPatience
}

// Secret is what only we and the issuer know, or only we. It prints as [secret].
type Secret string

// Format hides the value from every verb.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// LogValue hides the value.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalText hides the value from JSON and its like.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// DefaultClaim is the claim that holds the address where none is named.
const DefaultClaim = "email"

// reserved are parameters of the request that are not the configuration's to set: they
// tie an answer to its question (OpenID Connect Core, 3.1.2.1; RFC 7636, 4.3), or would
// have it come back another way.
var reserved = []string{
	"response_type", "response_mode", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
	"max_age", "acr_values", "login_hint", "ui_locales", "id_token_hint", "claims", "request", "request_uri", "registration",
	"client_secret", "client_assertion", "client_assertion_type",
}

// filled returns c with its defaults, or what is wrong with it, all at once.
func (c Config) filled() (Config, error) {
	var wrong []error
	need := func(ok bool, format string, a ...any) {
		if !ok {
			wrong = append(wrong, fmt.Errorf(format, a...))
		}
	}
	issuer, err := url.Parse(c.Issuer)
	need(err == nil && secure(issuer, true) && issuer.RawQuery == "" && !strings.Contains(c.Issuer, "#"), "the issuer must be an https address without query")
	back, err := url.Parse(c.Redirect)
	need(err == nil && secure(back, true) && !strings.Contains(c.Redirect, "#"), "the address to come back to must be https")
	need(isToken(c.ClientID, 255), "the client id must be 1 to 255 printable characters")
	need((c.Secret == "") != (len(c.KeyPEM) == 0), "either a secret or a key is needed, and not both")
	need(c.KeyID == "" || len(c.KeyPEM) > 0 && isToken(c.KeyID, 255), "a key id goes with a key")
	if c.Claim == "" {
		c.Claim = DefaultClaim
	}
	need(isToken(c.Claim, 255), "the claim must be the name of one")
	if c.Patience == 0 {
		c.Patience = DefaultPatience
	}
	if c.Scopes == nil {
		c.Scopes = []string{"email", "profile"}
	}
	c.Scopes = slices.DeleteFunc(slices.Clone(c.Scopes), func(s string) bool { return s == oidc.ScopeOpenID }) // it is asked for anyway
	for _, s := range slices.Concat(c.Scopes, c.ACR) {
		need(isToken(s, 255) && !strings.Contains(s, " "), "a scope or an acr value is one word")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Require)) {
		need(isToken(name, 255) && c.Require[name] != "" && len(c.Require[name]) <= 1000, "the required claim %.50q needs a value", name)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Extra)) {
		need(isToken(name, 100) && len(c.Extra[name]) <= 1000, "the parameter %.50q is too long", name)
		need(!slices.Contains(reserved, name), "the parameter %s is not for the configuration to set", name)
		need(name != "prompt" || c.Extra[name] != "none", "with prompt=none nobody could sign in anew")
	}
	return c, errors.Join(wrong...)
}

// isToken reports whether s is 1 to most printable ASCII characters.
func isToken(s string, most int) bool {
	return s != "" && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// secure reports whether a code or a token may go to an address: over https, or, where
// the issuer itself is a lab's, in the clear on this computer.
func secure(u *url.URL, lab bool) bool {
	return u != nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || lab && u.Scheme == "http" && isLoopback(u.Hostname()))
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.Unmap().IsLoopback()
}

// New returns the relying party of one issuer. It asks nobody: the issuer may be down
// while we start. clock must not be nil.
func New(c Config, clock mail.Clock) (*Provider, error) {
	c, err := c.filled()
	if err != nil {
		return nil, fmt.Errorf("signon: %w", err)
	}
	p := &Provider{c: c, clock: clock}
	if len(c.KeyPEM) > 0 {
		if p.signer, err = newSigner([]byte(c.KeyPEM), c.KeyID); err != nil {
			return nil, fmt.Errorf("signon: key: %w", err)
		}
		p.c.KeyPEM = "" // the key is in p.signer
	}
	p.client = newClient(c.Roots, c.Patience, strings.HasPrefix(c.Issuer, "http://"))
	return p, nil
}
