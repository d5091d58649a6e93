package appliance_test

import (
	"regexp"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

const adaAt, adaNumber, adaE164 = "ada@nya.example", "0701234577", "+46701234577"

var joinIn = regexp.MustCompile(`/in/join/[A-Za-z0-9_-]{32}`)

// recipientsEnd is how an account ends that is not its owner's to close: taken along into the
// house, and suspended; and what somebody reads who cannot get in.
func (w *walk) recipientsEnd() {
	for _, subject := range []string{"Det ena brevet", "Det andra brevet"} {
		w.Send(letter{to: []string{adaAt + "." + adaNumber + ".s"}, subject: subject, body: "Hej Ada."})
	}
	w.Await("email", adaAt, 2)
	letters := w.Trapped("email", adaAt)
	b := w.tab()
	w.toRegister(b, w.CodeOf(letters[0]))
	b.Fills("password", veraPassword, "repeat", veraPassword).Sends("/m/register/password").At("/mail")
	w.Turn(2 * time.Minute)

	g := w.tab()
	w.toRegister(g, w.CodeOf(letters[1]))
	g.Fills("password", veraPassword, "repeat", veraPassword).Sends("/m/register/password").Sees("Hör av dig till oss").Look("register-taken")
	g.Presses(`main a[href="/in/lost"]`).At("/in/lost").Look("lost-recipient")

	boss := w.tab().Signs(adminAt)
	boss.Goes("/org/domains").Form("/org/domains", "domain", "nya.example").Sees("Domänen är tillagd")
	boss.Form("/org/domains/vouch", "typed", "nya.example").Sees("Domänen är husets nu")
	w.Turn(2 * time.Hour) // the question is asked every hour
	path := joinIn.FindString(w.AwaitSaying("email", adaAt, "/in/join/").Text)
	b = w.tab()
	b.Goes(path).At("/in")
	b.Fills("address", adaAt, "password", veraPassword).Sends("/in").At("/in/factor")
	b.Fills("code", w.LastPIN(adaE164)).Sends("/in/factor")
	if strings.HasPrefix(b.Eval("location.pathname"), "/account/prove") {
		b.Fills("password", veraPassword).Sends("/account/prove")
	}
	b.At("/account/join").Look("join")
	b.Sends("/account/join").At("/in").Sees("konto för anställda").Look("joined")

	boss = w.tab().Signs(adminAt)
	boss.Goes("/org/recipients").Form("/org/recipients/suspend", "whom", "viola@example.se").Sees("Kontot är avstängt").Look("recipients-out")
	w.Turn(14 * 24 * time.Hour)
	boss = w.tab().Signs(adminAt)
	boss.Goes("/org/recipients").Look("recipients-out-late")
	boss.act("unfold", chromedp.Click("main tr.more summary", chromedp.ByQuery))
	boss.Look("recipients-close")
	boss.Form("/org/recipients/close", "typed", "bo@example.se").Sees("inte adressen till det här kontot").Look("recipients-close-wrong")
	boss.Form("/org/recipients/close", "typed", "viola@example.se").Sees("inom tio minuter")
}

// toRegister opens a letter and goes on to where a password is chosen.
func (w *walk) toRegister(b *tab, code string) {
	b.Code(code).Sends("/m").At("/m/pin")
	b.Fills("pin", w.LastPIN(adaE164)).Sends("/m/pin").At("/m/letter")
	w.Turn(2 * time.Minute)
	b.Goes("/m/register").Sends("/m/register").At("/m/register/pin")
	b.Fills("pin", w.LastPIN(adaE164)).Sends("/m/register/pin").At("/m/register/password")
}
