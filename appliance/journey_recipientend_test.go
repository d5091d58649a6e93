package appliance_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/mail"
)

const accountDays = 24 * time.Hour

var inMail = regexp.MustCompile(`/in/mail/[A-Za-z0-9_-]{32}`)

// nextLetter is the mail about a letter to Anna after so many mails to her; others may come
// in between.
func (j *journey) nextLetter(n int) trapped {
	j.Helper()
	return j.await("a letter's mail to Anna", func() (trapped, bool) {
		all := j.Trapped("email", anna)[n:]
		i := slices.IndexFunc(all, func(m trapped) bool { return strings.Contains(m.Text, "/m#") || inMail.MatchString(m.Text) })
		if i < 0 {
			return trapped{}, false
		}
		return all[i], true
	})
}

// An account does not outlive the inbox and the phone of whoever made it.
func TestAnAccountThatNobodyKeepsUp(t *testing.T) {
	j, _ := registered(t)
	sends := func(subject string) trapped {
		t.Helper()
		n := len(j.Trapped("email", anna))
		j.Send(letter{to: []string{annaSecure}, subject: subject, body: "Hej."})
		return j.nextLetter(n)
	}
	link := func(subject string) string {
		t.Helper()
		return inMail.FindString(sends(subject).Text)
	}
	t.Run("the link of a mail leads a stranger to the sign-in, and whoever has signed in to the mailbox", func(t *testing.T) {
		path := link("Inom kontot")
		j.Turn(200 * accountDays)
		b := j.Browser().Get(path).At("/in")
		j.Turn(2 * time.Minute)
		b.Post("/in", "address", anna, "password", annaPassword).At("/in/factor").Post("/in/factor", "by", "pin", "code", j.LastPIN(annaPhone)).At("/mail")
	})
	t.Run("opened in time it keeps the account up, beyond 400 days", func(t *testing.T) {
		path := link("Mitt i")
		j.Browser().SignsInByPhone(anna, annaPassword, annaPhone).Get(path).At("/mail")
		j.Turn(250 * accountDays)
		j.Browser().SignsInByPhone(anna, annaPassword, annaPhone)
		if m := sends("Efter 450 dagar"); !strings.Contains(m.Text, "Logga in") {
			t.Errorf("%s", m.Text)
		}
	})
	t.Run("without, letters come by a link and a PIN again", func(t *testing.T) {
		j.Turn(200 * accountDays)
		b := j.Browser().SignsInByPhone(anna, annaPassword, annaPhone)
		code := j.CodeOf(sends("Som till en gäst"))
		b.ShowCode(code).Sees("Som till en gäst") // the phone was shown just now, and the address is theirs
	})
	t.Run("and that letter, in their mailbox, keeps the account up again", func(t *testing.T) {
		if m := sends("I kontot igen"); !strings.Contains(m.Text, "Logga in") {
			t.Errorf("%s", m.Text)
		}
	})
}

// Nobody ends an account who cannot sign in to it: the page says whom to ask.
func TestWhoIsShutOutAsksTheHouse(t *testing.T) {
	j, _ := registered(t)
	const other = "+46709998877"
	b := j.asGuest(t, other)
	j.Turn(2 * time.Minute)
	b.Get("/m/register").Post("/m/register").Post("/m/register/pin", "pin", j.LastPIN(other)).At("/m/register/password")
	b.Post("/m/register/password", "password", annaPassword, "repeat", annaPassword).Sees("Hör av dig till oss", "går då förlorade", `href="/in/lost"`)
	if b.Get("/m/register/anew"); b.code != 404 {
		t.Errorf("%d at %s", b.code, b.at)
	}
	j.Browser().Get("/in/lost").Sees("Hör av dig till oss", "Mobilen behöver du ändå")
}

// asGuest opens a fresh letter to Anna at another number, which its sender has confirmed.
func (j *journey) asGuest(t *testing.T, number string) *browser {
	t.Helper()
	j.Send(letter{to: []string{"anna@example.se." + number[1:] + ".s"}, subject: "Brev", body: "Hej."})
	n := len(j.Trapped("email", anna))
	staff := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}").Sees("Lägg brevet i kontot")
	staff.Post(staff.recipientTarget(anna, staff.at), "do", "mend", "phone", number, "repeat", number).Sees("på väg")
	j.Turn(2 * time.Minute)
	return j.Browser().Opens(j.nextLetter(n), number)
}

// The house suspends an account, lets it in again, and closes it.
func TestTheHouseClosesAnAccount(t *testing.T) {
	j, in := registered(t)
	boss := j.Browser().SignsIn(adminAt)
	page := "/org/recipients"
	suspend := func() {
		boss.Get(page).Post(page+"/suspend", "whom", anna, "why", "stranger").Sees("Kontot är avstängt", anna, "Någon annan kan använda det")
	}
	t.Run("an address without an account, and a reason that is none, are refused", func(t *testing.T) {
		boss.Get(page).Post(page+"/suspend", "whom", "ingen@example.se", "why", "stranger").Sees("inget konto")
		boss.Get(page).Post(page+"/suspend", "whom", anna, "why", "x").Sees("Välj varför")
	})
	suspend()
	id := boss.hidden("person")
	t.Run("whoever was signed in is out, nobody signs in, and letters come by a link", func(t *testing.T) {
		if in.Get("/mail"); in.at == "/mail" {
			t.Error("still in")
		}
		if b := j.Browser().Get("/in").Post("/in", "address", anna, "password", annaPassword); b.code != 422 {
			t.Errorf("%d at %s", b.code, b.at)
		}
		n := len(j.Trapped("email", anna))
		j.Send(letter{to: []string{annaSecure}, subject: "Med länk", body: "Hej."})
		j.CodeOf(j.nextLetter(n))
	})
	t.Run("it is not closed at once", func(t *testing.T) {
		boss.Get(page).Post(page+"/close", "person", id, "typed", anna).Sees("tidigast två veckor")
	})
	t.Run("let in again they read their letters", func(t *testing.T) {
		boss.Get(page).Post(page+"/resume", "person", id).Sees("Kontot är öppet igen")
		j.Browser().SignsInByPhone(anna, annaPassword, annaPhone).Sees("Det första brevet")
	})
	t.Run("closed after two weeks, the account and its letters are gone", func(t *testing.T) {
		suspend()
		j.Turn(14*accountDays + time.Hour)
		boss = j.Browser().SignsIn(adminAt).Get(page)
		boss.Post(page+"/close", "person", id, "typed", "bo@example.se").Sees("inte adressen till det här kontot")
		boss.Post(page+"/close", "person", id, "typed", anna).Sees("inom tio minuter")
		j.Turn(time.Hour)
		boss.Get(page).SeesNot(anna)
		if m := j.Trapped("email", anna); !strings.Contains(m[len(m)-1].Text, "minst två veckor") {
			t.Errorf("%s", m[len(m)-1].Text)
		}
		staff := j.Browser().SignsIn(caseworker).Get("/mail/sent").Sees("Det första brevet")
		sent := regexp.MustCompile(`href="(/mail/[0-9a-z]{26})"`).FindAllStringSubmatch(staff.page, -1)
		staff.Get(sent[len(sent)-1][1]).Sees("Det första brevet", "Mottagaren tog bort sin kopia") // the oldest, which was in the account
	})
}

// A letter that nobody had opened was not removed by its reader.
func TestTheSenderIsToldOfALetterThatNobodyHadOpened(t *testing.T) {
	const (
		word = "Kontot avslutades. Brevet var inte läst"
		page = "/org/recipients"
	)
	sends := func(j *journey) (sent string) {
		n := len(j.Trapped("email", anna))
		j.Send(letter{to: []string{annaSecure}, subject: "Oläst", body: "Hej."})
		j.nextLetter(n)
		return j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}").Sees("Oläst").at
	}
	told := func(j *journey, sent string) {
		j.Helper()
		if m := j.AwaitSaying("email", caseworker, "avslutades innan brevet var läst"); !strings.Contains(m.Text, anna) {
			j.Errorf("%s", m.Text)
		}
		j.Browser().SignsIn(caseworker).Get(sent).Sees(word).SeesNot("Mottagaren tog bort sin kopia")
	}
	t.Run("closed by its owner", func(t *testing.T) {
		j, in := registered(t)
		sent := sends(j)
		in.Get("/account/prove").Post("/account/prove", "next", "/account/close", "password", annaPassword).At("/account/close").Post("/account/close")
		told(j, sent)
	})
	t.Run("closed by the house, whose machine stopped before the letters had ended", func(t *testing.T) {
		j, _ := registered(t)
		sent := sends(j)
		boss := j.Browser().SignsIn(adminAt)
		boss.Get(page).Post(page+"/suspend", "whom", anna, "why", "asked").Sees("Kontot är avstängt")
		id, err := mail.ParseID(boss.hidden("person"))
		if err != nil {
			t.Fatal(err)
		}
		j.Turn(14*accountDays + time.Hour)
		j.Browser().SignsIn(adminAt).Get(page).Post(page+"/close", "person", id.String(), "typed", anna).Sees("inom tio minuter")
		closed, err := appliance.OfficeOf(j.demo).CloseDueAccount(t.Context(), id)
		if err != nil || !closed {
			t.Fatal(closed, err)
		}
		j.Browser().SignsIn(caseworker).Get(sent).SeesNot(word)
		j.Turn(time.Hour)
		told(j, sent)
	})
}

// hidden is what a hidden field of the page holds.
func (b *browser) hidden(name string) string {
	b.j.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]+)"`).FindStringSubmatch(b.page)
	if m == nil {
		b.j.Fatalf("no field %s on %s", name, b.at)
	}
	return m[1]
}

// Whose domain becomes the house's is asked, and is one of it when they say so.
func TestARecipientJoinsTheHouse(t *testing.T) {
	j := newJourney(t)
	const ada, number = "ada@nya.example", "+46701234577"
	j.Send(letter{to: []string{ada + ".0701234577.s"}, subject: "Det första brevet", body: "Hej."})
	in := j.Browser().Opens(j.Await("email", ada, 1), number).Registers(number, annaPassword)
	boss := j.Browser().SignsIn(adminAt)
	boss.Get("/org/domains").Post("/org/domains", "form", "add", "domain", "nya.example").Sees("Domänen är tillagd")
	boss.Post("/org/domains/vouch", "domain", "nya.example", "typed", "nya.example").Sees("Domänen är husets nu")
	j.Turn(2 * time.Hour)
	asked := joinIn.FindString(j.AwaitSaying("email", ada, "/in/join/").Text)
	t.Run("until then they are a recipient: they read as before, and write to nobody as one of the house", func(t *testing.T) {
		j.Send(letter{to: []string{ada + ".s"}, subject: "Före svaret", body: "Hej."})
		in = j.Browser().SignsInByPhone(ada, annaPassword, number).Sees("Före svaret", "Det första brevet")
		if err := j.TrySend(letter{to: []string{annaSecure}, from: ada, subject: "Från Ada"}); err == nil {
			t.Error("sent as one of the house")
		}
		if in.Get("/write"); in.code != 404 {
			t.Errorf("%d", in.code)
		}
		boss = j.Browser().SignsIn(adminAt).Get("/org").SeesNot(ada)
	})
	t.Run("another's link, opened while signed in, does nothing", func(t *testing.T) {
		in.Get("/in/join/" + strings.Repeat("A", 32)).At("/mail")
		if in.Get("/account/join"); in.at == "/account/join" && in.code == 200 {
			t.Error("asked")
		}
	})
	t.Run("with the link of the mail they are of the house, with their letters, and the same two steps", func(t *testing.T) {
		in.Get(asked)
		if in.at == "/account/prove" {
			in.Post("/account/prove", "password", annaPassword, "next", "/account/join")
		}
		in.At("/account/join").Post("/account/join").At("/in").Sees("konto för anställda")
		in = j.Browser().SignsInByPhone(ada, annaPassword, number).Sees("Det första brevet", "Före svaret")
		in.Get("/write").At("/write")
		j.AwaitSaying("email", ada, "som anställd")
	})
}
