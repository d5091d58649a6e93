package appliance

import (
	"fmt"
	"slices"

	"sigill/appliance/config"
	"sigill/appliance/courier"
	"sigill/appliance/signon"
)

// signOn takes over where people of the house sign in, if they do so elsewhere. The issuer
// is not asked: it may be down while we start.
func signOn(c *Config, f config.Config) error {
	s := f.SignOn
	if s.Issuer == "" {
		return nil
	}
	o := signon.Config{
		Issuer: s.Issuer, ClientID: s.ClientID, Secret: signon.Secret(s.Secret), KeyPEM: signon.Secret(s.Key), KeyID: s.KeyID, Redirect: c.BaseURL + "/in/sso/back",
		Scopes: s.Scopes, Claim: s.Claim, Unverified: s.Unverified, ACR: s.ACR, Require: s.Require, Extra: s.Extra,
	}
	if s.CAFile != "" {
		var err error
		if o.Roots, err = courier.LoadRoots(s.CAFile); err != nil {
			return fmt.Errorf("sign_on.ca_file: %w", err)
		}
	}
	p, err := signon.New(o, c.Clock)
	if err != nil {
		return fmt.Errorf("sign_on: %w", err)
	}
	c.SignOn = SignOn{Provider: issuer{p, s.Label, s.SecondFactor}, Required: s.Required, ServerHeld: s.ServerHeld}
	return nil
}

// issuer is the organisation's sign-on, as the portal shows it.
type issuer struct {
	*signon.Provider
	label string
	two   bool // it demands two factors of everybody
}

// Label is what its button says.
func (i issuer) Label() string { return i.label }

// Vouches reports whether who comes from there has shown two factors: by the
// administrator's word, or by the issuer's (RFC 8176, 2: "mfa").
func (i issuer) Vouches(id signon.Identity) bool { return i.two || slices.Contains(id.Methods, "mfa") }
