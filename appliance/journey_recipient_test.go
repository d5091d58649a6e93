package appliance_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
)

// annaPassword is what Anna chooses for her account.
const annaPassword = "sju gröna båtar i viken"

// Registers makes an account with the letter that is open.
func (b *browser) Registers(number, password string) *browser {
	b.j.Helper()
	b.j.Turn(2 * time.Minute) // the next SMS
	b.Get("/m/letter").Follow("/m/register").Post("/m/register").At("/m/register/pin")
	b.Post("/m/register/pin", "pin", b.j.LastPIN(number)).At("/m/register/password")
	return b.Post("/m/register/password", "password", password, "repeat", password).At("/mail").Sees("Kontot är klart")
}

// SignsInByPhone signs a registered recipient in.
func (b *browser) SignsInByPhone(address, password, number string) *browser {
	b.j.Helper()
	b.j.Turn(2 * time.Minute)
	b.Get("/in").Post("/in", "address", address, "password", password).At("/in/factor").Sees("Vi har skickat en kod")
	return b.Post("/in/factor", "by", "pin", "code", b.j.LastPIN(number)).At("/mail")
}

func TestACitizenRegisters(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Beslut om bidrag", body: "Du får 4711 kronor."})
	notice := j.Await("email", anna, 1)
	guest := j.Browser().Opens(notice, annaPhone)
	guest.Get("/m/letter/reply").Upload("/m/letter/reply", "Tack för beskedet.", nil).Sees("Ditt svar har kommit fram")

	t.Run("nothing is made without the PIN", func(t *testing.T) {
		b := guest.Get("/m/register").Sees("Skapa ett konto", anna, "slutar på 67").SeesNot("070")
		b.Get("/m/register/password").At("/m/register")
		b.Get("/m/letter").Post("/m/register/password", "password", annaPassword, "repeat", annaPassword).At("/m/register")
		j.Turn(2 * time.Minute)
		b.Post("/m/register").At("/m/register/pin").Post("/m/register/pin", "pin", wrongPIN(j.LastPIN(annaPhone)))
		if b.code != 422 {
			t.Errorf("%d", b.code)
		}
		b.Get("/m/register/password").At("/m/register")
	})
	guest.Registers(annaPhone, annaPassword)
	t.Run("the letter and the answer to it are in the mailbox", func(t *testing.T) {
		guest.Get("/mail").Sees("Beslut om bidrag").Follow("/mail/[0-9a-z]{26}").Sees("Du får 4711 kronor.", "Vem har läst mitt svar?")
		guest.Follow("/mail/[0-9a-z]{26}").Sees("Tack för beskedet.", "Du skrev till")
		guest.Get("/mail/sent").Sees("Beslut om bidrag", "Inte läst än")
	})
	t.Run("the mail's code opens nothing any more, and says where the letter is", func(t *testing.T) {
		if b := j.Browser().ShowCode(j.CodeOf(notice)).Sees("Brevet ligger i din brevlåda"); b.code != 410 {
			t.Errorf("%d", b.code)
		}
	})
	t.Run("a mail tells whoever has the address", func(t *testing.T) {
		m := j.AwaitSaying("email", anna, "konto för säkra brev")
		if !strings.Contains(m.Text, "slutar på 67") || strings.Contains(m.Raw, "bidrag") || codeIn.MatchString(m.Text) {
			t.Errorf("%s", m.Text)
		}
	})
	t.Run("signing in takes the password and a code to the phone", func(t *testing.T) {
		sent := len(j.Trapped("sms", annaPhone))
		b := j.Browser().Get("/in").Post("/in", "address", anna, "password", "fel lösenord helt")
		if b.code != 422 || len(j.Trapped("sms", annaPhone)) != sent {
			t.Errorf("a wrong password: %d, and %d SMS", b.code, len(j.Trapped("sms", annaPhone))-sent)
		}
		j.Turn(2 * time.Minute)
		b.Get("/in").Post("/in", "address", anna, "password", annaPassword).At("/in/factor").Get("/mail").At("/in/factor")
		b.Post("/in/factor", "by", "pin", "code", wrongPIN(j.LastPIN(annaPhone)))
		if b.code != 422 {
			t.Errorf("a wrong PIN: %d", b.code)
		}
		// Without a key there is no code of an app, whatever is typed.
		for _, code := range []string{"000000", "123456"} {
			if b.Post("/in/factor", "code", code); b.code != 422 {
				t.Errorf("a code of no app: %d", b.code)
			}
		}
		b.Post("/in/factor", "by", "pin", "code", j.LastPIN(annaPhone)).At("/mail").Sees("Beslut om bidrag")
	})
	in := guest
	t.Run("both sides go on with the thread", func(t *testing.T) {
		b := in.Get("/mail").Follow("/mail/[0-9a-z]{26}").Follow("/mail/[0-9a-z]{26}/reply")
		b.Upload(b.at, "En fråga till.", map[string]string{"kvitto.txt": "betalt"}).Sees("Ditt svar har kommit fram")
		b.Follow("/mail/[0-9a-z]{26}").Sees("Du får 4711 kronor.", "Vem har läst mina svar?")
		staff := j.Browser().SignsIn(caseworker).Sees("Re: Beslut om bidrag").Follow("/mail/[0-9a-z]{26}").Sees("En fråga till.", "kvitto.txt")
		staff.Get("/mail/sent").Sees("Läst").Follow("/mail/[0-9a-z]{26}").Sees("Avisering levererad", "Svarat")
		b.Get("/mail/sent").Sees("Läst")
	})
	t.Run("a recipient finds nothing of the house", func(t *testing.T) {
		b := in.Get("/mail").SeesNot("Kontakter", `href="/write"`, "Utkast")
		for _, path := range []string{"/write", "/contacts", "/mail/drafts", "/account/apps", "/org", "/admin", "/trace", "/journal"} {
			if b.Get(path); b.code != 404 {
				t.Errorf("%s: %d", path, b.code)
			}
		}
		b.Get("/account").Sees("Mobil", "slutar på 67").SeesNot("Stäng av inloggning i två steg", "E-postprogram")
	})
	t.Run("no list of the house has them", func(t *testing.T) {
		it := j.Browser().SignsIn("it@exempelkommun.se").Get("/org").SeesNot(anna).Follow("/org/unit/[0-9a-z]{26}").SeesNot(anna)
		it.Post(it.at+"/search", "list", "people", "q", "anna@example").Sees(`value="anna@example"`).SeesNot("/org/person/")
	})
	t.Run("the address registers once", func(t *testing.T) {
		j.Send(letter{to: []string{"bo@example.se.0707654321.s"}, subject: "Till Bo", body: "Hej Bo."})
		bo := j.Browser().Opens(j.Await("email", "bo@example.se", 1), "+46707654321")
		bo.Registers("+46707654321", annaPassword+" också")
		bo.Get("/mail").SeesNot("Beslut om bidrag").Sees("Till Bo")
	})
	t.Run("after the letter's time it is gone there too", func(t *testing.T) {
		j.Days(400)
		j.Browser().SignsInByPhone(anna, annaPassword, annaPhone).SeesNot("Beslut om bidrag")
	})
}

func wrongPIN(right string) string {
	if right[5] == '0' {
		return right[:5] + "1"
	}
	return right[:5] + "0"
}

// registered is a demo in which Anna has an account, and is signed in.
func registered(t *testing.T) (*journey, *browser) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Det första brevet", body: "Hej."})
	return j, j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Registers(annaPhone, annaPassword)
}

func TestLettersToARegisteredRecipient(t *testing.T) {
	j, in := registered(t)
	const other = "+46709998877"

	t.Run("without a number, and with the registered one, they go to the key, and the mail says to sign in", func(t *testing.T) {
		for i, to := range []string{"anna@example.se.s", annaSecure} {
			subject := []string{"Utan nummer", "Med numret"}[i]
			sms := len(j.Trapped("sms", annaPhone))
			j.Send(letter{to: []string{to}, subject: subject, body: "Text " + subject})
			m := j.Await("email", anna, 3+i)
			if !strings.Contains(m.Text, "/in") || codeIn.MatchString(m.Text) || strings.Contains(m.Raw, subject) {
				t.Errorf("%s", m.Text)
			}
			in.Get("/mail").Sees(subject).Follow("/mail/[0-9a-z]{26}").Sees("Text "+subject, "Svara")
			if n := len(j.Trapped("sms", annaPhone)); n != sms {
				t.Errorf("%d SMS for a letter that is in the mailbox", n-sms)
			}
		}
	})
	t.Run("the sender sees that it was read", func(t *testing.T) {
		j.Browser().SignsIn(caseworker).Get("/mail/sent").Sees("Läst").Follow("/mail/[0-9a-z]{26}").Sees("Avisering levererad", "Läst")
	})
	held := func(subject string) trapped {
		j.Send(letter{to: []string{"anna@example.se.0709998877.s"}, subject: subject, body: "Text " + subject})
		m := j.AwaitSaying("email", caseworker, "har ett konto med ett annat mobilnummer")
		j.Turn(time.Minute)
		return m
	}
	t.Run("another number is held and asked for, without telling the registered one", func(t *testing.T) {
		m := held("Till kontot")
		if strings.Contains(m.Text, "1234567") {
			t.Errorf("the registered number is told:\n%s", m.Text)
		}
		if len(j.Trapped("sms", other)) != 0 {
			t.Error("an SMS to the other number")
		}
		in.Get("/mail").SeesNot("Till kontot")
		staff := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}").Sees("Lägg brevet i kontot").SeesNot("slutar på 67")
		page := staff.at
		staff.Post(staff.recipientTarget(anna, page), "do", "account").Sees("på väg")
		in.Get("/mail").Sees("Till kontot").Follow("/mail/[0-9a-z]{26}").Sees("Text Till kontot")
	})
	t.Run("and goes there by a link if the sender confirms it", func(t *testing.T) {
		held("Till numret")
		before := len(j.Trapped("email", anna))
		staff := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
		page := staff.at
		staff.Post(staff.recipientTarget(anna, page), "do", "mend", "phone", "070 999 88 77", "repeat", "070 999 88 77").Sees("på väg")
		in.Get("/mail").SeesNot("Till numret")
		j.Browser().Opens(j.Await("email", anna, before+1), other).Sees("Text Till numret")
	})
	t.Run("the hold mail's link can send it to the account too", func(t *testing.T) {
		before := len(j.Trapped("email", caseworker))
		j.Send(letter{to: []string{"anna@example.se.0709998877.s"}, subject: "Genom länken", body: "Text."})
		m := j.Await("email", caseworker, before+1)
		b := j.Browser().ShowCode(j.CodeOf(m)).At("/m/mend").Sees("har ett konto med ett annat mobilnummer")
		b.Post(b.Action("/m/mend/[0-9a-z]{26}"), "account", "yes").Sees("på väg")
		in.Get("/mail").Sees("Genom länken")
	})
	t.Run("without a number it waits too, once another has worked for the address", func(t *testing.T) {
		before := len(j.Trapped("email", caseworker))
		j.Send(letter{to: []string{"anna@example.se.s"}, subject: "Till vem", body: "Text."})
		m := j.Await("email", caseworker, before+1)
		if !strings.Contains(m.Text, "har fungerat sedan kontot skapades") {
			t.Errorf("%s", m.Text)
		}
		in.Get("/mail").SeesNot("Till vem")
		staff := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}").Sees("har fungerat sedan kontot skapades")
		page := staff.at
		staff.Post(staff.recipientTarget(anna, page), "do", "account").Sees("på väg")
		in.Get("/mail").Sees("Till vem")
	})
}

// Whoever may write letters tries numbers at an account, and looks what the page says.
func TestASenderLearnsNobodysNumber(t *testing.T) {
	j, _ := registered(t)
	form := func(n int, phone string) []fill {
		f := []fill{{"subject", "Hej"}, {"text", "Hej."}, {"do", "send"}}
		for range n {
			f = append(f, fill{"to", anna}, fill{"phone", phone})
		}
		return f
	}
	b := j.Browser().SignsIn(caseworker)
	t.Run("the page says that the number is another one, and no digit of it", func(t *testing.T) {
		b.Get("/write").SendForm("/write", form(1, "0709998877"), nil).Sees("ett eget mobilnummer som inte är detta").SeesNot("slutar på", "1234567")
	})
	t.Run("so many in a day", func(t *testing.T) {
		for _, n := range []int{40, 40, 10} {
			b.Get("/write").SendForm("/write", form(n, "0709998877"), nil).Sees("ett eget mobilnummer")
		}
		b.Get("/write").SendForm("/write", form(10, "0709998877"), nil).Sees("så många mottagare som går på en dag", "Utkastet är sparat").SeesNot("ett eget mobilnummer")
		b.Get("/write").SendForm("/write", form(9, "0709998877"), nil).Sees("ett eget mobilnummer")
		b.Get("/write").SendForm("/write", form(1, "0709998877"), nil).Sees("Utkastet är sparat")
		b.Get("/write").SendForm("/write", form(1, annaPhone), nil).Sees("brevet läggs där")
		j.Days(1)
		b = j.Browser().SignsIn(caseworker)
		b.Get("/write").SendForm("/write", form(1, "0709998877"), nil).Sees("ett eget mobilnummer")
	})
}

func TestOlderLettersMoveIn(t *testing.T) {
	j := newJourney(t)
	const other = "+46709998877"
	send := func(n int, to, subject, body string) trapped {
		j.Send(letter{to: []string{to}, subject: subject, body: body})
		return j.Await("email", anna, n)
	}
	first := send(1, annaSecure, "Det första brevet", "Hej.")
	same := send(2, annaSecure, "Samma nummer", "Text ett.")
	another := send(3, "anna@example.se.0709998877.s", "Annat nummer", "Text två.")
	j.Send(letter{to: []string{"bo@example.se.0707654321.s"}, subject: "Till Bo", body: "Text tre."})
	in := j.Browser().Opens(first, annaPhone).Registers(annaPhone, annaPassword)

	t.Run("one to the registered number moves in by its code, without another SMS", func(t *testing.T) {
		sms := len(j.Trapped("sms", annaPhone))
		in.ShowCode(j.CodeOf(same)).Sees("bland dina brev", "Text ett.", "Svara")
		if n := len(j.Trapped("sms", annaPhone)); n != sms {
			t.Errorf("%d SMS", n-sms)
		}
		in.Get("/mail").Sees("Samma nummer", "Det första brevet")
		j.Browser().SignsIn(caseworker).Get("/mail/sent").Sees("Läst")
	})
	t.Run("its code is dead then, for everybody", func(t *testing.T) {
		j.Browser().ShowCode(j.CodeOf(same)).Sees("Brevet ligger i din brevlåda")
		in.ShowCode(j.CodeOf(same)).Sees("Brevet ligger i din brevlåda").Get("/mail").At("/mail").Sees("Samma nummer")
	})
	t.Run("one to another number asks for its PIN, and the session waits meanwhile", func(t *testing.T) {
		in.ShowCode(j.CodeOf(another)).At("/m/pin").Sees("bland dina brev", "slutar på 77")
		in.Post("/m/pin", "pin", wrongPIN(j.LastPIN(other)))
		if in.code != 422 {
			t.Errorf("%d", in.code)
		}
		in.Get("/mail").At("/in") // the letter is looked at, not the mailbox
		in.Get("/m/pin").Post("/m/leave").At("/mail").SeesNot("Annat nummer")
		j.Turn(2 * time.Minute)
		in.ShowCode(j.CodeOf(another)).At("/m/pin").GiveLastPIN(other).Sees("bland dina brev", "Text två.")
		in.Get("/mail").Sees("Annat nummer")
	})
	t.Run("one that was sent to another address moves when its reader says so, and is told into which account", func(t *testing.T) {
		code := j.CodeOf(j.Await("email", "bo@example.se", 1))
		in.ShowCode(code).At("/m/pin").SeesNot("läggs brevet bland dina brev", "bo@example.se").GiveLastPIN("+46707654321").At("/m/letter").Sees("Text tre.", "Vill du ha brevet i ditt konto?", anna)
		j.Browser().ShowCode(code).At("/m/pin") // its link is as good as before
		in.Get("/m/letter/account").Sees("Du är inloggad som "+anna, "Brevet skickades till bo@example.se", "någon annans?")
		in.Post("/m/letter/account").Sees("bland dina brev", "Text tre.", "Svara")
		in.Follow("/mail/[0-9a-z]{26}/reply").Upload(in.at, "Svar från Bo.", nil).Sees("Ditt svar har kommit fram")
		j.Browser().SignsIn(caseworker).Sees("Re: Till Bo")
		j.Browser().ShowCode(code).Sees("Brevet ligger i din brevlåda")
	})
	t.Run("who ends every session ends the one that waits", func(t *testing.T) {
		j.Send(letter{to: []string{"cecilia@example.se.0707654399.s"}, subject: "Till Cecilia", body: "Text fyra."})
		in.ShowCode(j.CodeOf(j.Await("email", "cecilia@example.se", 1))).At("/m/pin")
		in.Post("/out").At("/in").Get("/mail").At("/in")
	})
	t.Run("one of the house who shows a citizen's code takes nothing in", func(t *testing.T) {
		j.Send(letter{to: []string{"doris@example.se.0707654388.s"}, subject: "Till Doris", body: "Text fem."})
		staff := j.Browser().SignsIn("johan.lind@exempelkommun.se")
		staff.ShowCode(j.CodeOf(j.Await("email", "doris@example.se", 1))).At("/m/pin").GiveLastPIN("+46707654388").At("/m/letter").Sees("Text fem.")
	})
}

// idOf is the id of somebody of the house.
func (j *journey) idOf(address string) string {
	_, people := appliance.OrganisationOf(j.demo)
	return people[address]
}

func TestARecipientWrites(t *testing.T) {
	j, in := registered(t)
	var page string
	t.Run("to those who have written to them, with files, and it is read there", func(t *testing.T) {
		in.Get("/mail/new").Sees("Maria Ek", "10 brev till").SeesNot("Johan Lind")
		page = in.Follow("/mail/new/[0-9a-z]{26}").Sees("Skriv till Maria Ek").at
		in.SendForm(page, []fill{{"subject", "En fråga"}, {"text", "När kommer ni?"}}, map[string][]byte{"karta.txt": []byte("norrut")}).At("/mail/sent").Sees("En fråga", "Inte läst än", "Maria Ek")
		m := j.AwaitSaying("email", caseworker, "Du har ett nytt brev")
		if strings.Contains(m.Raw, "När kommer") || strings.Contains(m.Text, "En fråga") {
			t.Errorf("%s", m.Text)
		}
		j.Browser().SignsIn(caseworker).Sees("En fråga", "Inget gallringsbeslut").Follow("/mail/[0-9a-z]{26}").Sees("När kommer ni?", "karta.txt", anna)
		in.Get("/mail/sent").Sees("Läst").Follow("/mail/[0-9a-z]{26}").Sees("När kommer ni?", "Du skrev till")
	})
	t.Run("to nobody else", func(t *testing.T) {
		other := j.idOf("johan.lind@exempelkommun.se")
		if in.Get("/mail/new/" + other); in.code != 404 {
			t.Errorf("%d", in.code)
		}
		in.Get("/mail/new").SendForm("/mail/new/"+other, []fill{{"subject", "S"}, {"text", "T"}}, nil)
		if in.code != 404 {
			t.Errorf("%d", in.code)
		}
	})
	t.Run("an empty letter is not sent", func(t *testing.T) {
		in.Get(page).SendForm(page, []fill{{"subject", "Tomt"}, {"text", " "}}, nil).Sees("Skriv något", "Tomt")
	})
	t.Run("so many a week, and answers are not counted", func(t *testing.T) {
		for range 9 {
			in.Get(page).SendForm(page, []fill{{"subject", "Fler"}, {"text", "Hej."}}, nil).At("/mail/sent")
		}
		in.Get("/mail/new").Sees("0 brev till")
		if in.Get(page).SendForm(page, []fill{{"subject", "För många"}, {"text", "Hej."}}, nil).Sees("slut för den här veckan"); in.code != 422 {
			t.Errorf("%d", in.code)
		}
		in.Get("/mail").Follow("/mail/[0-9a-z]{26}").Follow("/mail/[0-9a-z]{26}/reply").Upload(in.at, "Ett svar.", nil).Sees("Ditt svar har kommit fram")
	})
	t.Run("next week again, also when the letter from there has ended", func(t *testing.T) {
		j.Days(100)
		b := j.Browser().SignsInByPhone(anna, annaPassword, annaPhone).SeesNot("Det första brevet")
		b.Get(page).SendForm(page, []fill{{"subject", "Efteråt"}, {"text", "Hej igen."}}, nil).At("/mail/sent").Sees("Efteråt")
	})
}

func TestARecipientClosesTheAccount(t *testing.T) {
	j, in := registered(t)
	j.Send(letter{to: []string{"anna@example.se.s"}, subject: "Oläst brev", body: "Hemligt."})
	j.Await("email", anna, 3)
	in.Get("/mail").Follow("/mail/[0-9a-z]{26}").Follow("/mail/[0-9a-z]{26}/reply").Upload(in.at, "Mitt svar.", nil).Sees("Ditt svar")
	second := j.Browser().SignsInByPhone(anna, annaPassword, annaPhone)

	j.Turn(6 * time.Minute)
	in.Get("/account/close").At("/account/prove").Post("/account/prove", "password", annaPassword, "next", "/account/close").At("/account/close")
	in.Sees("Dina 2 brev tas bort", "Ditt exemplar av det som du har skickat", "behåller sina egna exemplar", "Det går inte att ångra")
	if in.Get("/account/export"); in.code != 200 {
		t.Errorf("the export that is offered: %d", in.code)
	}
	in.Get("/account/close")
	in.Post("/account/close").Sees("Kontot är avslutat")
	t.Run("every session is over, and nobody signs in", func(t *testing.T) {
		in.Get("/mail").At("/in")
		second.Get("/mail").At("/in")
		if b := j.Browser().Get("/in").Post("/in", "address", anna, "password", annaPassword); b.code != 422 {
			t.Errorf("%d", b.code)
		}
	})
	t.Run("a mail tells it", func(t *testing.T) { j.AwaitSaying("email", anna, "Ditt konto är avslutat") })
	t.Run("the house keeps its own, and sees that the copies are gone", func(t *testing.T) {
		staff := j.Browser().SignsIn(caseworker).Sees("Re: Oläst brev").Follow("/mail/[0-9a-z]{26}").Sees("Mitt svar.")
		staff.Get("/mail/sent").Sees("Oläst brev").Follow("/mail/[0-9a-z]{26}").Sees("Hemligt.", "tog bort sin kopia")
	})
	t.Run("the next letter comes by a link, and the address may register again", func(t *testing.T) {
		j.Turn(25 * time.Hour) // the SMS of a day
		n := len(j.Trapped("email", anna))
		j.Send(letter{to: []string{annaSecure}, subject: "Efter avslutet", body: "Hej igen."})
		b := j.Browser().Opens(j.Await("email", anna, n+1), annaPhone).Sees("Hej igen.")
		b.Registers(annaPhone, "en helt ny båt i viken").SeesNot("Oläst brev", "Det första brevet").Sees("Efter avslutet")
	})
}

func TestACitizenIsInvited(t *testing.T) {
	j := newJourney(t)
	const at, phone, number = "gun@example.se", "+46708905555", "0708905555"
	boss := j.Browser().SignsIn("it@exempelkommun.se").Get("/org").Follow("/org/recipients")
	invite := func(address, repeat string) *browser {
		return boss.Get("/org/recipients").Post("/org/recipients", "address", address, "phone", number, "repeat", repeat)
	}
	t.Run("with a number that is typed twice, and not one of the house", func(t *testing.T) {
		invite(at, "0708905556").Sees("Numren är inte lika.")
		invite("ny@exempelkommun.se", number).Sees("organisationens egen")
		invite(at, number).Sees("Inbjudan är på väg", at, "slutar på 55")
	})
	first := j.Await("email", at, 1)
	t.Run("the mail's code alone makes nobody", func(t *testing.T) {
		b := j.Browser().ShowCode(j.CodeOf(first)).At("/welcome/phone").Sees("slutar på 55").SeesNot("0708905555")
		b.Get("/welcome").At("/welcome/phone").Post("/welcome", "password", annaPassword, "repeat", annaPassword).At("/welcome/phone")
		b.Get("/welcome/pin").At("/welcome/phone").Post("/welcome/phone").At("/welcome/pin").Post("/welcome/pin", "pin", wrongPIN(j.LastPIN(phone)))
		if b.code != 422 {
			t.Errorf("%d", b.code)
		}
		b.Get("/welcome").At("/welcome/phone")
	})
	t.Run("letters go by a link until they have come", func(t *testing.T) {
		j.Send(letter{to: []string{"gun@example.se.0708905555.s"}, subject: "Innan", body: "Hej."})
		j.CodeOf(j.Await("email", at, 2))
	})
	t.Run("another invitation ends the first, and one that is withdrawn opens nothing", func(t *testing.T) {
		boss.Get("/org/recipients").Post("/org/recipients/again", "person", boss.listed()).Sees("Inbjudan är på väg")
		second := j.Await("email", at, 3)
		j.Browser().ShowCode(j.CodeOf(first)).Sees("stämmer inte")
		boss.Get("/org/recipients").Post("/org/recipients/withdraw", "person", boss.listed()).Sees("återtagen", "Ingen väntar")
		j.Browser().ShowCode(j.CodeOf(second)).Sees("stämmer inte")
	})
	invite(at, number)
	code := j.CodeOf(j.Await("email", at, 4))
	t.Run("with the PIN they choose a password and are in, and on no list", func(t *testing.T) {
		j.Turn(2 * time.Minute)
		b := j.Browser().ShowCode(code).At("/welcome/phone").Post("/welcome/phone").At("/welcome/pin")
		b.Post("/welcome/pin", "pin", j.LastPIN(phone)).At("/welcome").Post("/welcome", "password", annaPassword, "repeat", annaPassword).At("/mail").Sees("Inga brev än")
		boss.Get("/org/recipients").SeesNot(at)
		j.Send(letter{to: []string{"gun@example.se.s"}, subject: "Efter", body: "Hej igen."})
		j.AwaitSaying("email", at, "brev i ditt konto")
		b.Get("/mail").Sees("Efter")
		j.Browser().ShowCode(code).Sees("stämmer inte")
		invite(at, number).Sees("har redan ett konto")
	})
	t.Run("who registers with a letter meanwhile needs the invitation no more", func(t *testing.T) {
		j.Send(letter{to: []string{annaSecure}, subject: "Till Anna", body: "Hej."})
		n := j.Await("email", anna, 1)
		boss.Get("/org/recipients").Post("/org/recipients", "address", anna, "phone", "0701234567", "repeat", "0701234567").Sees(anna)
		late := j.CodeOf(j.Await("email", anna, 2))
		j.Browser().Opens(n, annaPhone).Registers(annaPhone, annaPassword).Sees("Till Anna")
		boss.Get("/org/recipients").SeesNot(anna)
		j.Browser().ShowCode(late).Sees("stämmer inte")
	})
	t.Run("where another number has worked for the address, a second word is asked", func(t *testing.T) {
		const vera = "vera@example.se"
		j.Send(letter{to: []string{vera + ".0701119999.s"}, subject: "Till Vera", body: "Hej."})
		j.Browser().Opens(j.Await("email", vera, 1), "+46701119999").Sees("Hej.")
		b := invite(vera, number).Sees("Är det rätt mobilnummer?", vera, "slutar på 55").SeesNot("slutar på 99")
		boss.Get("/org/recipients").SeesNot(vera)
		b.Post("/org/recipients", "address", vera, "phone", number, "repeat", number, "confirmed", "yes").Sees("Inbjudan är på väg", vera)
		j.Await("email", vera, 2)
		boss.Get("/org/recipients").Post("/org/recipients/again", "person", boss.listed()).Sees("Är det rätt mobilnummer?", vera)
		boss.Post("/org/recipients/again", "person", boss.listed(), "confirmed", "yes").Sees("Inbjudan är på väg")
		chief := j.Organiser(adminAt)
		chief.Get(chief.person(johanAt)).Post(chief.at+"/roles", "role", "auditor").Sees("Ändringen är sparad")
		j.Browser().SignsIn(johanAt).Get("/journal").Sees("nummer som slutar på 55, bekräftat fast ett annat har fungerat")
	})
	t.Run("nothing is left of who never came", func(t *testing.T) {
		invite("hans@example.se", number).Sees("hans@example.se")
		late := j.CodeOf(j.Await("email", "hans@example.se", 1))
		j.Days(91)
		j.Days(1)
		j.Browser().SignsIn("it@exempelkommun.se").Get("/org/recipients").SeesNot("hans@example.se")
		j.Browser().ShowCode(late).Sees("stämmer inte")
	})
}

// listed is the id of the first who has not come yet.
func (b *browser) listed() string {
	b.j.Helper()
	m := regexp.MustCompile(`name="person" value="([0-9a-z]{26})"`).FindStringSubmatch(b.page)
	if m == nil {
		b.j.Fatalf("nobody is listed:\n%s", b.page)
	}
	return m[1]
}
