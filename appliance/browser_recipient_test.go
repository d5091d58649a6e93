package appliance_test

import (
	"strings"
	"time"
)

const (
	veraAt, veraNumber, veraE164 = "vera@example.se", "0701234588", "+46701234588"
	veraPassword                 = "sju gröna båtar i viken"
)

// recipients is the way of a citizen who makes an account, uses it and closes it.
func (w *walk) recipients() {
	notice := w.letterTo("vera", veraNumber, "Beslut om bostadsbidrag")
	w.Send(letter{to: []string{veraAt + ".0709998822.s"}, subject: "Med ett äldre nummer", body: "Hej Vera."})
	older := w.Await("email", veraAt, 2)
	b := w.tab()
	b.Code(w.CodeOf(notice)).Sends("/m").At("/m/pin")
	b.Fills("pin", w.LastPIN(veraE164)).Sends("/m/pin").At("/m/letter").Look("letter-register")
	b.Presses(`a[href="/m/register"]`).At("/m/register").Look("register")
	w.Turn(2 * time.Minute)
	b.Sends("/m/register").At("/m/register/pin").Look("register-pin")
	b.Fills("pin", "000000").Sends("/m/register/pin").Sees("försök kvar").Look("register-pin-wrong")
	b.Fills("pin", w.LastPIN(veraE164)).Sends("/m/register/pin").At("/m/register/password").Look("register-password")
	b.Fills("password", "kort", "repeat", "kort").Sends("/m/register/password").Sees("tecken").Look("register-password-short")
	b.Fills("password", veraPassword, "repeat", veraPassword).Sends("/m/register/password").At("/mail").Look("recipient-mail")
	b.Presses(`a.main[href^="/mail/"]`).Look("received")
	moved := b.Eval("location.pathname")
	b.Goes(moved + "/reply").Look("received-reply")
	b.Fills("text", "Tack för beskedet.").Sends(moved + "/reply").Sees("kommit fram").Look("received-replied")
	b.Goes(moved).Look("received-answered")
	b.Goes("/mail/sent").Look("recipient-sent")
	b.Presses(`a.main[href^="/mail/"]`).Look("received-own")
	b.Goes("/mail/trash").Look("recipient-trash-empty")
	b.Goes("/in/mail/" + strings.Repeat("A", 32)).At("/mail") // of no mail of hers: it does nothing
	b.Goes("/account").Look("recipient-account")
	w.recipientSignsIn()
	w.recipientWrites(b)
	w.recipientsSender()
	w.recipientTakesIn(b, older)
	b.Goes("/account/prove?next=/account/close").Fills("password", veraPassword).Sends("/account/prove") // what was proven before may be over while pictures are taken
	b.At("/account/close").Look("close")
	b.Sends("/account/close").Sees("Kontot är avslutat").Look("closed")
	w.invitedRecipient()
	gone := w.tab()
	gone.Code(w.CodeOf(notice)).Sends("/m").Sees("Brevet ligger i din brevlåda").Look("ended-moved")
}

// invitedRecipient is the way of a citizen who is invited, and the page of who invites.
func (w *walk) invitedRecipient() {
	boss := w.tab().Signs(adminAt)
	boss.Goes("/org/recipients").Look("recipients-none")
	boss.Fills("address", "viola@example.se", "phone", "0701234590", "repeat", "0701234591").Sends("/org/recipients").Sees("inte lika").Look("recipients-differs")
	boss.Fills("repeat", "0701234590").Sends("/org/recipients").Sees("viola@example.se").Look("recipients")
	boss.Fills("address", "vidar@example.se", "phone", "0701234592", "repeat", "0701234592").Sends("/org/recipients").Sees("Är det rätt mobilnummer?").Look("recipient-number")
	b := w.tab()
	b.Code(w.CodeOf(w.Await("email", "viola@example.se", 1))).Sends("/m").At("/welcome/phone").Look("invited")
	b.Sends("/welcome/phone").At("/welcome/pin").Look("invited-pin")
	b.Fills("pin", "000000").Sends("/welcome/pin").Look("invited-pin-wrong")
	b.Fills("pin", w.LastPIN("+46701234590")).Sends("/welcome/pin").At("/welcome").Look("invited-password")
	b.Fills("password", veraPassword, "repeat", veraPassword).Sends("/welcome").At("/mail").Look("recipient-mail-none")
}

// recipientSignsIn is the second step of who has the phone alone.
func (w *walk) recipientSignsIn() {
	w.Turn(2 * time.Minute)
	b := w.tab()
	b.Goes("/in").Fills("address", veraAt, "password", veraPassword).Sends("/in").At("/in/factor").Sees("Vi har skickat en kod").Look("factor-phone")
	b.Fills("code", "000000").Sends("/in/factor").Look("factor-phone-wrong")
	b.Fills("code", w.LastPIN(veraE164)).Sends("/in/factor").At("/mail")
	// At once again: the next SMS waits, and is asked for by a button.
	c := w.tab()
	c.Goes("/in").Fills("address", veraAt, "password", veraPassword).Sends("/in").At("/in/factor").Look("factor-phone-unsent")
}

// recipientWrites is a letter to who has written.
func (w *walk) recipientWrites(b *tab) {
	b.Goes("/mail/new").Look("tohouse")
	b.Presses(`a.main[href^="/mail/new/"]`).Look("writein")
	path := b.Eval("location.pathname")
	b.Fills("subject", "En fråga om bidraget", "text", "  ").Sends(path).Sees("Skriv något").Look("writein-empty")
	b.Fills("subject", "En fråga om bidraget", "text", "När kommer pengarna?").Sends(path).At("/mail/sent").Look("recipient-sent-two")
}

// recipientsSender is what the house sees of a registered recipient.
func (w *walk) recipientsSender() {
	w.Send(letter{to: []string{veraAt + ".0709998811.s"}, subject: "Till ett annat nummer", body: "Hej Vera."})
	hold := w.AwaitSaying("email", caseworker, "har ett konto med ett annat mobilnummer")
	m := w.tab()
	m.Code(w.CodeOf(hold)).Sends("/m").At("/m/mend").Look("mend-account")
	s := w.tab().Signs(caseworker)
	s.Goes("/mail/sent").Presses(`a.main[href^="/mail/"]`)
	s.Look("message-account")
	w.forecasts(s)
	m.Goes("/m/mend").Fills("phone", "0709998811", "repeat", "0709998811").Presses(`form.stack button`)
	w.Turn(2 * time.Minute)
	g := w.tab()
	g.Code(w.CodeOf(w.AwaitSaying("email", veraAt, "slutar på 11"))).Sends("/m").At("/m/pin").Fills("pin", w.LastPIN("+46709998811")).Sends("/m/pin").At("/m/letter")
	w.Send(letter{to: []string{veraAt + ".s"}, subject: "Till vem", body: "Hej Vera."})
	hold = w.AwaitSaying("email", caseworker, "har fungerat sedan kontot skapades")
	m.Code(w.CodeOf(hold)).Sends("/m").At("/m/mend").Look("mend-elsewhere")
	s.Goes("/mail/sent").Presses(`a.main[href^="/mail/"]`)
	s.Look("message-elsewhere")
	s.Goes("/write").Fills("to", veraAt, "subject", "Till vem", "text", "Hej.").Presses(`button[value=send]`).Sees("har fungerat sedan kontot skapades").Look("check-elsewhere")
}

// forecasts are what a sender is told of an account before a letter goes.
func (w *walk) forecasts(s *tab) {
	s.Goes("/write").Fills("to", veraAt, "phone", "0709998811", "subject", "Annat nummer", "text", "Hej.").Presses(`button[value=send]`)
	s.Sees("ett eget mobilnummer").Look("check-registered")
}

// recipientTakesIn is a letter's link that is opened while signed in: one to the own
// address, of before, and one to somebody else's.
func (w *walk) recipientTakesIn(b *tab, older trapped) {
	b.Code(w.CodeOf(older)).Sends("/m").At("/m/pin").Look("pin-into")
	b.Fills("pin", w.LastPIN("+46709998822")).Sends("/m/pin").Sees("bland dina brev").Look("received-moved")
	w.Send(letter{to: []string{"vidar@example.se.0701234589.s"}, subject: "Till Vidar", body: "Hej Vidar."})
	n := w.Await("email", "vidar@example.se", 1)
	b.Code(w.CodeOf(n)).Sends("/m").At("/m/pin").Look("pin-waits")
	b.Fills("pin", w.LastPIN("+46701234589")).Sends("/m/pin").At("/m/letter").Look("letter-account")
	b.Presses(`a[href="/m/letter/account"]`).At("/m/letter/account").Look("movein")
	b.Sends("/m/letter/account").Sees("bland dina brev", "Till Vidar")
}
