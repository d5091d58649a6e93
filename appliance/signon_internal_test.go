package appliance

import (
	"context"

	"sigill/appliance/signon"
)

// LetSignOn has the demo's people come by a sign-on. It must be called before Run.
func LetSignOn(by SignOn) func(*Demo) {
	return func(d *Demo) {
		a := d.Appliance
		a.c.SignOn, a.portal.SignOn, a.office.ServerHeld = by, by.Provider, by.ServerHeld
		if err := a.office.LetGo(context.Background()); err != nil { // as at the start
			panic(err)
		}
	}
}

// LetSignOnAt is LetSignOn at a real provider, which is found with the portal's address.
func LetSignOnAt(find func(portal string) signon.Config) func(*Demo) {
	return func(d *Demo) {
		c := find(d.info.Portal)
		c.Redirect = d.info.Portal + "/in/sso/back"
		p, err := signon.New(c, d.Appliance.c.Clock)
		if err != nil {
			panic(err)
		}
		LetSignOn(SignOn{Provider: issuer{p, "Logga in med Exempelkommuns konto", true}})(d)
	}
}
