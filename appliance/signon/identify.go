package signon

import (
	"context"
	"errors"
	"fmt"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"sigill/appliance/mail"
)

const (
	maxSubject = 255 // bytes: OpenID Connect Core, 2
	maxName    = 100 // characters
)

// identify reads who it is from a token that was checked.
func (p *Provider) identify(ctx context.Context, k *known, t token) (Identity, error) {
	id := Identity{Issuer: p.c.Issuer, Methods: t.claims.list("amr")}
	var ok bool
	if id.Subject, ok = t.claims.text("sub"); !ok || !isToken(id.Subject, maxSubject) {
		return Identity{}, wrong("the ID token has no subject")
	}
	if s, ok := t.claims.text("acr"); ok && isToken(s, 255) {
		id.ACR = s
	}
	id.AuthTime, _ = t.claims.time("auth_time")
	about := t.claims
	if _, said := about[p.c.Claim]; !said && k.userinfo {
		var err error
		if about, err = p.userinfo(ctx, k, t, id.Subject); err != nil {
			return Identity{}, err
		}
	}
	address, err := p.address(about)
	if err != nil {
		return Identity{}, err
	}
	id.Address, id.Name = address, about.name()
	return id, nil
}

// userinfo asks for what the ID token leaves out, as issuers may that hold to the letter
// of OpenID Connect Core, 5.4. All that is said of the person is then taken from there.
func (p *Provider) userinfo(ctx context.Context, k *known, t token, subject string) (claims, error) {
	info, err := k.provider.UserInfo(oidc.ClientContext(ctx, p.client), oauth2.StaticTokenSource(t.access))
	if err != nil {
		return nil, down("userinfo", err)
	}
	var c claims
	if info.Claims(&c) != nil {
		return nil, wrong("the userinfo cannot be read")
	}
	// It may be somebody else's (OpenID Connect Core, 5.3.2).
	if s, ok := c.text("sub"); !ok || s != subject {
		return nil, wrong("the userinfo is of another subject")
	}
	return c, nil
}

// address returns the address of a person, as the issuer vouches for it.
func (p *Provider) address(c claims) (mail.Address, error) {
	no := func(why string) (mail.Address, error) {
		return "", mail.E(mail.Denied, "error.signon.address", fmt.Errorf("sign-on: the claim %s %s", p.c.Claim, why))
	}
	s, ok := c.only(p.c.Claim)
	if !ok {
		return no("is missing")
	}
	// What people may write into their account themselves is no proof of who they are.
	if p.c.Claim == DefaultClaim && !p.c.Unverified && !c.isTrue("email_verified") {
		return no("is not called verified by the issuer")
	}
	a, err := mail.ParseAddress(s)
	if err != nil {
		var e *mail.Error
		if errors.As(err, &e) && e.Err != nil {
			return no("holds no address: " + e.Err.Error())
		}
		return no("holds no address")
	}
	return a, nil
}
