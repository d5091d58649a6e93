package signon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"sigill/appliance/mail"
)

// leeway is how far the issuer's clock and ours may be apart.
const leeway = time.Minute

// token is an ID token whose signature, issuer, audience and time hold.
type token struct {
	*oidc.IDToken
	claims claims
	access *oauth2.Token
}

// exchange gives the code to the issuer and reads the ID token that it gets for it
// (OpenID Connect Core, 3.1.3).
func (p *Provider) exchange(ctx context.Context, k *known, w Waiting, code string) (token, error) {
	options := []oauth2.AuthCodeOption{oauth2.VerifierOption(w.verifier)}
	if p.signer != nil {
		signed, err := p.signer.assert(k.assertion, p.c.ClientID, k.oauth.Endpoint.TokenURL, p.clock.Now())
		if err != nil {
			return token{}, setup("the key does not sign: %v", err)
		}
		options = append(options, oauth2.SetAuthURLParam("client_assertion_type", assertionType), oauth2.SetAuthURLParam("client_assertion", signed))
	}
	access, err := k.oauth.Exchange(oidc.ClientContext(ctx, p.client), code, options...)
	if err != nil {
		return token{}, exchangeFault(err)
	}
	raw, ok := access.Extra("id_token").(string)
	if !ok {
		return token{}, setup("the issuer gives no ID token")
	}
	id, err := p.verify(ctx, k, raw)
	if err != nil {
		return token{}, err
	}
	t := token{IDToken: id, access: access}
	if id.Claims(&t.claims) != nil {
		return token{}, wrong("the ID token's claims cannot be read")
	}
	return t, nil
}

// exchangeFault turns an error of the token endpoint into one of ours (RFC 6749, 5.2). Its
// own holds the answer, word for word.
func exchangeFault(err error) error {
	var r *oauth2.RetrieveError
	if !errors.As(err, &r) || r.Response == nil {
		return down("token endpoint", err)
	}
	status := r.Response.StatusCode
	switch {
	case r.ErrorCode == "invalid_grant":
		return wrong("the issuer does not know the code, or knows it as used")
	case r.ErrorCode == "invalid_client" || r.ErrorCode == "unauthorized_client" || status == http.StatusUnauthorized:
		return setup("the issuer does not believe that we are its client; are client id and secret, or key, those that it knows?")
	case status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout:
		return mail.E(mail.Again, "error.signon.down", fmt.Errorf("sign-on: the issuer's token endpoint: status %d", status))
	}
	return setup("the issuer's token endpoint: status %d", status)
}

// watched tells whether a signature was looked at, and what was found.
type watched struct {
	oidc.KeySet
	asked bool
	err   error
}

// VerifySignature implements oidc.KeySet.
func (w *watched) VerifySignature(ctx context.Context, jwt string) (payload []byte, err error) {
	w.asked = true
	payload, w.err = w.KeySet.VerifySignature(ctx, jwt)
	return payload, w.err
}

// verify holds an ID token's signature, issuer, audience and end against the rules
// (OpenID Connect Core, 3.1.3.7, 1 to 10).
func (p *Provider) verify(ctx context.Context, k *known, raw string) (*oidc.IDToken, error) {
	// The library would take the JSON form of a signed thing too, with a head that is not
	// signed; an ID token has the compact one (OpenID Connect Core, 2; RFC 7519, 3).
	if strings.Count(raw, ".") != 2 || strings.ContainsAny(raw, "{}") {
		return nil, wrong("the ID token is malformed")
	}
	seen := &watched{KeySet: k.keys}
	v := oidc.NewVerifier(p.c.Issuer, seen, &oidc.Config{
		ClientID: p.c.ClientID, SupportedSigningAlgs: k.algorithms,
		Now: func() time.Time { return p.clock.Now().Add(-leeway) },
	})
	id, err := v.Verify(ctx, raw)
	var expired *oidc.TokenExpiredError
	switch {
	case err == nil:
		return id, nil
	case !seen.asked:
		return nil, wrong("the ID token cannot be read, or is signed by no algorithm that is taken here")
	case seen.err != nil && errors.Unwrap(seen.err) != nil: // it wraps only what went wrong in fetching
		return nil, down("key set", seen.err)
	case seen.err != nil:
		return nil, wrong("the ID token is signed by no key of the issuer's")
	case errors.As(err, &expired):
		return nil, wrong("the ID token has expired, or this machine's clock is ahead")
	}
	return nil, wrong("the ID token is of another issuer, for another client, or not good yet")
}
