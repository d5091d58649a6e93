package appliance_test

import (
	"context"
	"strings"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"sigill/appliance"
	"sigill/appliance/mail"
)

const colleagueAt = "ny.kollega@exempelkommun.se"

// signIns are the ways in beside the password: the organisation's sign-on, and passkeys.
func (w *walk) signIns() {
	w.idp.is("ny", colleagueAt, "Ny Kollega")
	b := w.tab()
	b.elsewhere = w.idp.URL
	b.Goes("/in").Look("signin-signon")
	b.signsOn("/in/arrive").Look("arrive")
	b.Fills("password", "kort", "repeat", "kort").Sends("/in/arrive").Sees("minst 12").Look("arrive-short")
	b.Fills("password", "fyra ord som passar", "repeat", "fyra ord som passar").Sends("/in/arrive").At("/mail")
	w.unlocking()
	b.Goes("/account/passkeys").Look("passkeys-factor")
	b.Goes("/account/phone").Fills("phone", "0701113355").Sends("/account/phone").Fills("pin", w.LastPIN("+46701113355")).Sends("/account/phone/pin").At("/account/app")
	key := strings.ReplaceAll(b.Eval(`document.querySelector(".key").textContent`), " ", "")
	b.Fills("code", w.TOTP(key, 0)).Sends("/account/app").At("/account/codes")
	b.Goes("/account/passkeys").Look("passkeys-none")
	if w.script {
		w.passkeys(b)
	}
	w.Turn(6 * time.Minute)
	b.Goes("/account/passkeys").At("/account/prove").Look("prove-signon")
	b.Presses(`a[href^="/account/prove/sso"]`).Becomes(`location.pathname === "/account/passkeys"`)
	b.Goes("/account").Look("account-passkeys")
	_, people := appliance.OrganisationOf(w.demo)
	at := "/org/person/" + people[colleagueAt]
	w.tab().Signs(adminAt).Goes(at).Look("person-signon").Sends(at + "/signon").Sees("Kopplingen är borttagen")
}

// signsOn goes to the provider, which leads back, and waits until that has led on.
func (b *tab) signsOn(to string) *tab {
	b.Helper()
	return b.Presses(`a[href="/in/sso"]`).Becomes(`location.pathname === "` + to + `"`)
}

// unlocking is the sign-on of who has a password, right, wrong and refused.
func (w *walk) unlocking() {
	b := w.tab()
	b.elsewhere = w.idp.URL
	b.Goes("/in").signsOn("/in/unlock").Look("unlock")
	b.Fills("password", "fel lösenord").Sends("/in/unlock").Sees("stämmer inte").Look("unlock-wrong")
	b.Fills("password", "fyra ord som passar").Sends("/in/unlock").At("/mail")
	w.idp.refuses(mail.E(mail.Denied, "error.signon.cancelled", nil))
	c := w.tab()
	c.elsewhere = w.idp.URL
	c.Goes("/in").signsOn("/in/sso/back").Sees("avbröts").Look("signon-cancelled")
	w.idp.refuses(nil)
	w.Send(letter{from: caseworker, to: []string{"inbjuden.kollega@exempelkommun.se.s"}, subject: "Hej", body: "Hej."})
	w.idp.is("inbjuden", "inbjuden.kollega@exempelkommun.se", "")
	c.Goes("/in").signsOn("/in/unlock").Look("unlock-invited")
	w.idp.is("ny", colleagueAt, "Ny Kollega")
}

// passkeys makes one and uses it for everything that it is good for.
func (w *walk) passkeys(b *tab) {
	b.act("plug an authenticator in", page.BringToFront(), webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true, HasPrf: true,
		}).Do(ctx)
		return err
	}))
	const get = `form[data-passkey="get"] button`
	b.Goes("/account/passkeys").Fills("name", "Min telefon").Sends("/account/passkeys").Sees("Nyckeln är tillagd", "Inget lösenord behövs").Look("passkeys")
	b.Fills("name", "En till").act("press", chromedp.Evaluate(`document.querySelector('form[data-passkey="create"] button').click()`, nil))
	b.Becomes(`document.querySelector("[role=alert]").textContent.includes("redan en nyckel")`).Look("passkeys-known")
	b.Sends("/out").At("/in").Presses(get).At("/mail")
	b.Goes("/account/passkeys").Sees("Senast använd").Look("passkeys-used")
	w.Turn(6 * time.Minute)
	b.Goes("/account/passkeys").At("/account/prove").Look("prove-passkey")
	b.Presses(get).At("/account/passkeys")
	b.Sends("/out").At("/in").Fills("address", colleagueAt, "password", "fyra ord som passar").Sends("/in").At("/in/factor").Look("factor-passkey")
	b.Presses(get).At("/mail")
	b.Goes("/account/passkeys").Sends("/account/passkeys/remove").Sees("Nyckeln är borttagen").Look("passkeys-removed")
	b.Sends("/out").At("/in").Presses(get).Sees("går inte att logga in med").Look("signin-passkey-unknown")
	b.signsOn("/in/unlock").Fills("password", "fyra ord som passar").Sends("/in/unlock").At("/mail")
}
