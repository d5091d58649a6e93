package signon

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"slices"

	"sigill/appliance/mail"
)

// check holds an ID token against the question that it answers (OpenID Connect Core,
// 3.1.3.7, 2 to 13; 3.1.3.8).
func (p *Provider) check(t token, w Waiting) error {
	now := p.clock.Now()
	if s, ok := t.claims.text("nonce"); !ok || subtle.ConstantTimeCompare([]byte(s), []byte(w.nonce)) != 1 {
		return wrong("the ID token has another nonce")
	}
	azp, ok := t.claims.text("azp")
	if _, said := t.claims["azp"]; said && (!ok || azp != p.c.ClientID) || !said && len(t.Audience) > 1 {
		return wrong("the ID token was made for another client")
	}
	issued, ok := t.claims.time("iat")
	if !ok || issued.After(now.Add(leeway)) {
		return wrong("the ID token is from the future, or this machine's clock is behind")
	}
	if issued.Before(w.began.Add(-leeway)) {
		return wrong("the ID token is older than the question")
	}
	if t.AccessTokenHash != "" && t.VerifyAccessToken(t.access.AccessToken) != nil {
		return wrong("the ID token belongs to another access token")
	}
	shown, ok := t.claims.time("auth_time")
	if ok && shown.After(now.Add(leeway)) {
		return wrong("the ID token's auth_time is in the future")
	}
	// An issuer that leaves out max_age and prompt sends people back as they are. Without
	// auth_time nobody can tell.
	if w.fresh && (!ok || shown.Before(w.began.Add(-leeway))) {
		why := "the ID token has no auth_time; the issuer must be told to send it"
		if ok {
			why = "people have not shown themselves anew"
		}
		return mail.E(mail.Denied, "error.signon.fresh", errors.New("sign-on: "+why))
	}
	if acr, _ := t.claims.text("acr"); len(p.c.ACR) > 0 && !slices.Contains(p.c.ACR, acr) {
		return mail.E(mail.Denied, "error.signon.level", errors.New("sign-on: the ID token has no acr that was asked for"))
	}
	for _, name := range slices.Sorted(maps.Keys(p.c.Require)) {
		if !t.claims.holds(name, p.c.Require[name]) {
			return mail.E(mail.Denied, "error.signon.account", fmt.Errorf("sign-on: the required claim %s is missing or another", name))
		}
	}
	return nil
}
