package appliance_test

import (
	"time"

	"sigill/appliance"
)

// forgotten is the way of who has forgotten the password and has no code on paper, and of
// who organises them, in every state in which they meet it. The person's app has this key.
func (w *walk) forgotten(key string) {
	w.Turn(16 * time.Minute) // the second step is open again
	owner := w.tab()
	owner.Goes("/in").Fills("address", johanAt, "password", w.passwordOf(johanAt)).Sends("/in").At("/in/factor")
	owner.Fills("code", w.TOTP(key, 0)).Sends("/in/factor").At("/mail")
	w.Step()
	b := w.tab()
	b.Goes("/in/help").Look("help")
	b.Fills("address", "ingen").Eval(`document.querySelector("form.stack").noValidate = true`)
	b.Sends("/in/help").Look("help-wrong")
	b.Fills("address", johanAt).Sends("/in/help").At("/in/help/proof").Look("helpproof")
	b.Fills("code", w.WrongTOTP(key)).Sends("/in/help/proof").Sees("Koden stämmer inte").Look("helpproof-wrong")
	b.Sends("/in/help/sms").At("/in/help/proof").Sees("är ett sms med en kod på väg").Look("helpproof-sms")
	b.Presses(`a[href="/in/help/proof?by=app"]`).Fills("code", w.TOTP(key, 0)).Sends("/in/help/proof").At("/in/help/wait")
	stays(b).Look("helpwait")
	number := b.Eval(`document.querySelector(".number").textContent`)

	unproven := w.tab()
	unproven.Goes("/in/help").Fills("address", johanAt).Sends("/in/help").Sends("/in/help/ask").At("/in/help/wait")

	karin := w.tab().Signs(karinAt)
	karin.Goes("/org").Sees("2 frågor om hjälp").Look("organisation-help")
	karin.Goes("/org/help").Look("orghelp")
	give := func(number string) *tab {
		return karin.Fills("number", number).Presses(`form[action$="/give"] button`)
	}
	give("12").Sees("Numret stämmer inte").Look("orghelp-wrong")
	give(number).Sees("kan välja ett nytt lösenord nu").Look("orghelp-given")
	give(unproven.Eval(`document.querySelector(".number").textContent`)).Sees("för kort tid").Look("orghelp-new")
	karin.Presses(`form[action$="/refuse"] button`).Sees("Ingen ber om hjälp").Look("orghelp-none")
	unproven.Goes("/in/help/wait").Sees("Frågan är avslutad").Look("helpwait-over")

	units, _ := appliance.OrganisationOf(w.demo)
	karin.Goes("/org/unit/" + units["Socialförvaltningen"]).Eval(`document.querySelector("#f-two-yes").checked = true`)
	karin.Presses(`form[action$="/change"] button`).Sees("Ändringen är sparad").Look("unit-two")
	w.vouchedFor()

	b.Goes("/in/help/wait").At("/in/help/password").Look("helppassword")
	b.Fills("password", "fyra ord som passar", "repeat", "fyra ord som inte passar").Sends("/in/help/password").Look("helppassword-differs")

	owner.Goes("/mail").Sees("Någon ber om ett nytt lösenord i ditt namn").Look("inbox-nothelp")
	owner.Goes("/account").Look("account-nothelp")
	owner.Sends("/account/nothelp").At("/account").Sees("Frågan är avslutad").Look("account-nothelp-done")
	b.Goes("/in/help/wait").At("/in").Sees("gäller inte längre").Look("signin-help-over")
}

// vouchedFor is the way of who has no proof, in a house in which somebody has been an
// organiser for long enough to vouch for them.
func (w *walk) vouchedFor() {
	old := &walk{journey: newJourney(w), chrome: w.chrome, script: w.script}
	old.Browser().SignsIn(johanAt)
	old.Days(8)
	b := old.tab()
	b.Goes("/in/help").Fills("address", johanAt).Sends("/in/help").Sends("/in/help/ask").At("/in/help/wait")
	karin := old.tab().Signs(karinAt)
	karin.Goes("/org/help").Fills("number", b.Eval(`document.querySelector(".number").textContent`)).Presses(`form[action$="/give"] button`)
	karin.Sees("En till måste göra det").Look("orghelp-agreed")
	stays(b.Goes("/in/help/wait")).Sees("En person har godkänt").Look("helpwait-agreed")
}

// stays keeps a page from being shown anew by itself.
func stays(b *tab) *tab {
	b.Eval(`(() => { for (let i = 0; i < 1000; i++) clearTimeout(i) })()`)
	return b
}
