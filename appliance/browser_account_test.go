package appliance_test

import (
	"strings"
	"time"
)

// account is what people do with their own account, and the second step of signing in,
// in every state in which they meet it.
func (w *walk) account() {
	b := w.tab().Signs(johanAt)
	b.Goes("/account").Look("account")
	if w.script {
		w.tab().Signs("johan.lind@exempelkommun.se").Goes("/mail?lang=en").Sees("in this language from now on").Look("mailbox-language")
	}
	b.Goes("/account/prove?next=/account/password").Look("prove")
	b.Fills("password", "fel lösenord").Sends("/account/prove").Sees("stämmer inte").Look("prove-wrong")
	b.Goes("/account/password").Look("password")
	b.Fills("password", "fyra ord som passar", "repeat", "fyra ord som inte passar").Sends("/account/password").Look("password-differs")
	b.Goes("/account/phone").Look("phone")
	b.Fills("phone", "12").Sends("/account/phone").Look("phone-wrong")
	b.Fills("phone", johanPhone).Sends("/account/phone").At("/account/phone/pin").Look("phonepin")
	b.Fills("pin", "000000").Sends("/account/phone/pin").Look("phonepin-wrong")
	b.Fills("pin", w.LastPIN(johanE164)).Sends("/account/phone/pin").At("/account/app").Look("app")
	key := strings.ReplaceAll(b.Eval(`document.querySelector(".key").textContent`), " ", "")
	b.Fills("code", w.WrongTOTP(key)).Sends("/account/app").Sees("stämmer inte").Look("app-wrong")
	b.Fills("code", w.TOTP(key, 0)).Sends("/account/app").At("/account/codes").Look("codes-none")
	b.Goes("/account").Look("account-nocodes")
	b.Goes("/account/codes").Sends("/account/codes").Sees("Koderna visas bara").Look("codes-made")
	b.Goes("/account/codes").Look("codes")
	b.Goes("/account/app").Look("app-again")
	w.secondStep(key)
	b.Goes("/account").Look("account-on")
	b.Presses(`form[action="/account/end"] button`).Sees("Inloggningen är avslutad").Look("account-ended")
	w.recovery(b)
	w.forgotten(key)
	b.Goes("/account/prove?next=/account/off").Fills("password", w.passwordOf(johanAt)).Sends("/account/prove").At("/account/off").Look("off")
	b.Sends("/account/off").At("/account").Sees("Inloggning i två steg är av")
	w.required.Store(true)
	w.mustEnrol()
	w.required.Store(false)
}

// recovery is the code on paper against a forgotten password, made and used.
func (w *walk) recovery(b *tab) {
	b.Goes("/account/recovery").Look("recovery-none")
	b.Sends("/account/recovery").Sees("Koden visas bara").Look("recovery-made")
	b.Goes("/account/recovery").Look("recovery")
	lost := w.tab()
	lost.Goes("/in/lost").Look("lost")
	lost.Fills("address", johanAt, "code", "0000-0000", "password", "fyra ord som passar", "repeat", "fyra ord som passar").Sends("/in/lost").Sees("koden är fel").Look("lost-wrong")
}

// secondStep is the second step, right and wrong.
func (w *walk) secondStep(key string) {
	w.Turn(2 * time.Minute)
	b := w.tab()
	b.Goes("/in").Fills("address", johanAt, "password", w.passwordOf(johanAt)).Sends("/in").At("/in/factor").Look("factor")
	b.Fills("code", "12").Sends("/in/factor").Look("factor-form")
	b.Fills("code", w.WrongTOTP(key)).Sends("/in/factor").Sees("stämmer inte").Look("factor-wrong")
	b.Sends("/in/factor/sms").At("/in/factor").Sees("Vi har skickat en kod").Look("factor-pin")
	b.Fills("code", "000000").Sends("/in/factor").Sees("försök kvar").Look("factor-pin-wrong")
	b.Presses(`a[href="/in/factor?by=app"]`).Look("factor-app")
	b.Fills("code", w.TOTP(key, 0)).Sends("/in/factor").At("/mail")

	closed := w.tab()
	closed.Goes("/in").Fills("address", johanAt, "password", w.passwordOf(johanAt)).Sends("/in").At("/in/factor")
	for range 10 {
		closed.Fills("code", w.WrongTOTP(key)).Sends("/in/factor")
	}
	closed.Fills("code", w.WrongTOTP(key)).Sends("/in/factor").Sees("för många fel koder").Look("factor-closed")
}

// mustEnrol is the way of who must set a second factor up before anything else.
func (w *walk) mustEnrol() {
	b := w.tab()
	b.Goes("/in").Fills("address", karinAt, "password", w.passwordOf(karinAt)).Sends("/in").At("/in/phone").Look("enrol-phone")
	b.Fills("phone", "0701112277").Sends("/in/phone").At("/in/phone/pin").Look("enrol-phonepin")
	b.Fills("pin", w.LastPIN("+46701112277")).Sends("/in/phone/pin").At("/in/app").Look("enrol-app")
}
