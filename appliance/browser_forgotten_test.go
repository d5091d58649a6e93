package appliance_test

import (
	"time"

	"sigill/appliance"
)

// forgotten is the way of who has forgotten the password and has no code on paper, and of
// who organises them, in every state in which they meet it. The person's app has this key.
func (w *walk) forgotten(key string) {
	w.Turn(2 * time.Minute)
	b := w.tab()
	b.Goes("/in/help").Look("help")
	b.Fills("address", "ingen").Eval(`document.querySelector("form.stack").noValidate = true`)
	b.Sends("/in/help").Look("help-wrong")
	b.Fills("address", johanAt).Sends("/in/help").At("/in/help/proof").Look("helpproof")
	b.Fills("code", w.WrongTOTP(key)).Sends("/in/help/proof").Sees("Koden stämmer inte").Look("helpproof-wrong")
	b.Sends("/in/help/sms").At("/in/help/proof").Sees("är ett sms med en kod på väg").Look("helpproof-sms")
	b.Presses(`a[href="/in/help/proof?by=app"]`).Fills("code", w.TOTP(key, 0)).Sends("/in/help/proof").At("/in/help/wait")
	stays := func(b *tab) *tab { b.Eval(`(() => { for (let i = 0; i < 1000; i++) clearTimeout(i) })()`); return b }
	stays(b).Look("helpwait")
	number := b.Eval(`document.querySelector(".number").textContent`)

	unproven := w.tab()
	unproven.Goes("/in/help").Fills("address", johanAt).Sends("/in/help").Sends("/in/help/ask").At("/in/help/wait")

	karin := w.tab().Signs(karinAt)
	karin.Goes("/org").Sees("2 personer ber om hjälp").Look("organisation-help")
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
	karin.Goes("/org/unit/" + units["Socialförvaltningen"]).Eval(`document.querySelector("#f-two").checked = true`)
	karin.Presses(`form[action$="/change"] button`).Sees("Ändringen är sparad").Look("unit-two")
	w.Step()
	two := w.tab()
	two.Goes("/in/help").Fills("address", johanAt).Sends("/in/help").Fills("code", w.TOTP(key, 0)).Sends("/in/help/proof").At("/in/help/wait")
	karin.Goes("/org/help")
	give(two.Eval(`document.querySelector(".number").textContent`)).Sees("En till måste göra det").Look("orghelp-agreed")
	stays(two.Goes("/in/help/wait")).Sees("En person har godkänt").Look("helpwait-agreed")

	b.Goes("/in/help/wait").At("/in/help/password").Look("helppassword")
	b.Fills("password", "fyra ord som passar", "repeat", "fyra ord som inte passar").Sends("/in/help/password").Look("helppassword-differs")
}
