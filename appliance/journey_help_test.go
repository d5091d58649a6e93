package appliance_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

var numberOn = regexp.MustCompile(`mono number"[^>]*>([0-9]{6})<`)

// forgets asks for help with the password of who is at an address, as far as its proof.
func (j *journey) forgets(address string) *browser {
	j.Helper()
	return j.Browser().Get("/in").Get("/in/lost").Get("/in/help").Post("/in/help", "address", address).At("/in/help/proof")
}

// Number is what is read out to an organiser.
func (b *browser) Number() string {
	b.j.Helper()
	m := numberOn.FindStringSubmatch(b.At("/in/help/wait").page)
	if m == nil {
		b.j.Fatalf("no number on:\n%s", b.page)
	}
	return m[1]
}

// questions are the paths of what the help page shows, the oldest first.
func (b *browser) questions() (paths []string) {
	b.j.Helper()
	b.Get("/org/help")
	if b.at == "/account/prove" {
		b.Post("/account/prove", "next", "/org/help", "password", b.j.passwordOf(karinAt)).At("/org/help")
	}
	for _, m := range questionOn.FindAllStringSubmatch(b.page, -1) {
		paths = append(paths, m[1])
	}
	return paths
}

// subjects are those of the mails that somebody has got.
func (j *journey) subjects(address string) (all string) {
	for _, m := range j.Trapped("email", address) {
		all += m.Subject + "\n"
	}
	return all
}

func TestHelpWithAForgottenPassword(t *testing.T) {
	j := newJourney(t)
	const fresh = "nio svarta får på berget"
	j.Send(letter{to: []string{caseworker + ".s"}, from: johanAt, subject: "Från förut", body: "Finns kvar."})
	j.Turn(0)
	maria := j.Browser().SignsIn(caseworker) // since when Karin can help her
	key := maria.ConnectsApp("/account", mariaPhone, mariaE164)
	karin := j.Organiser(karinAt)
	j.Step()

	lost := j.forgets(caseworker)
	t.Run("the second factor proves who asks, and the question reaches those who organise the person", func(t *testing.T) {
		lost.Post("/in/help/proof", "code", j.WrongTOTP(key)).At("/in/help/proof").Sees("Koden stämmer inte")
		if lost.code != http.StatusUnprocessableEntity {
			t.Errorf("%d", lost.code)
		}
		lost.Post("/in/help/proof", "code", j.TOTP(key, 0)).At("/in/help/wait").Sees("Läs upp det här numret")
		j.Await("email", karinAt, 1)
		if s := j.subjects(karinAt); !strings.Contains(s, "Någon ber om ett nytt lösenord åt Maria Ek") {
			t.Error(s)
		}
		j.Await("email", caseworker, 3)
		if s := j.subjects(caseworker); !strings.Contains(s, "Någon ber om ett nytt lösenord") {
			t.Error(s)
		}
		karin.Get("/org").Sees("En fråga om hjälp med ett lösenord")
		j.Organiser(adminAt).Get("/org").SeesNot("om hjälp med") // who runs the machine has no part in it
	})
	t.Run("until it is answered nothing can be chosen, and the old password is as it was", func(t *testing.T) {
		lost.Get("/in/help/password").At("/in/help/wait")
		lost.Post("/in/help/password", "password", fresh, "repeat", fresh).At("/in/help/wait")
		maria.Get("/mail").At("/mail")
	})
	t.Run("the organiser types the number that is read out, and sees no letter", func(t *testing.T) {
		q := karin.questions()
		if len(q) != 1 {
			t.Fatalf("%d questions", len(q))
		}
		karin.Sees("Maria Ek", "Ja, med sitt andra steg").SeesNot("Från förut")
		wrong := "000000"
		if lost.Number() == wrong {
			wrong = "111111"
		}
		karin.Post(q[0]+"/give", "number", wrong).Sees("Numret stämmer inte")
		karin.Post(q[0]+"/give", "number", lost.Get("/in/help/wait").Number()).At("/org/help").Sees("kan välja ett nytt lösenord nu", "Ingen ber om hjälp")
	})
	t.Run("the person chooses the password alone, and every session of hers ends", func(t *testing.T) {
		lost.Get("/in/help/wait").At("/in/help/password")
		lost.Post("/in/help/password", "password", "kort", "repeat", "kort").Sees("12 tecken")
		lost.Post("/in/help/password", "password", fresh, "repeat", fresh+"x").Sees("inte lika")
		lost.Post("/in/help/password", "password", fresh, "repeat", fresh).At("/in").Sees("Lösenordet är bytt")
		maria.Get("/mail").At("/in")
		lost.Get("/in/help/password").At("/in/help")
	})
	t.Run("the second factor is still asked for, the letters are there, and the old password is dead", func(t *testing.T) {
		j.Step()
		b := j.Browser()
		b.Get("/in").Post("/in", "address", caseworker, "password", j.passwordOf(caseworker)).At("/in").Sees("stämmer inte")
		b.Post("/in", "address", caseworker, "password", fresh).At("/in/factor")
		b.Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail").Sees("Från förut").Follow("/mail/[0-9a-z]{26}").Sees("Finns kvar.")
	})
	t.Run("everybody concerned is told", func(t *testing.T) {
		j.Await("email", caseworker, 6)
		s := j.subjects(caseworker)
		for _, want := range []string{"Du kan välja ett nytt lösenord", "Lösenordet"} {
			if !strings.Contains(s, want) {
				t.Errorf("%q is not among:\n%s", want, s)
			}
		}
	})
}

func TestHelpWithoutAProof(t *testing.T) {
	j := newJourney(t)
	const fresh = "nio svarta får på berget"
	j.Browser().SignsIn(johanAt)
	boss := j.Organiser(adminAt)
	boss.Get(boss.unit("Socialförvaltningen")).Post(boss.unit("Socialförvaltningen")+"/appoint", "address", caseworker)
	karin, maria := j.Organiser(karinAt), j.Browser().SignsIn(caseworker)
	maria.Get("/mail")
	lost := j.forgets(johanAt).Post("/in/help/ask").At("/in/help/wait")
	give := func(b *browser, number string) *browser {
		b.Get("/org/help")
		q := questionOn.FindStringSubmatch(b.page)
		if q == nil {
			t.Fatalf("no question on %s:\n%s", b.at, b.page)
		}
		return b.Post(q[1]+"/give", "number", number)
	}
	t.Run("who was made an organiser today vouches for nobody", func(t *testing.T) {
		give(maria, lost.Number()).Sees("för kort tid")
	})
	j.Days(8)
	karin, maria = j.Organiser(karinAt), j.Browser().SignsIn(caseworker)
	j.Browser().SignsIn(johanAt)
	lost = j.forgets(johanAt).Post("/in/help/ask").At("/in/help/wait")
	t.Run("it takes two, of whom each types the number", func(t *testing.T) {
		give(karin.browser, lost.Number()).Sees("Du har godkänt. En till måste göra det.")
		lost.Get("/in/help/wait").At("/in/help/wait").Sees("En person har godkänt")
		give(maria, lost.Number()).Sees("kan välja ett nytt lösenord nu")
		lost.Get("/in/help/wait").At("/in/help/password")
		lost.Post("/in/help/password", "password", fresh, "repeat", fresh).At("/in").Sees("Lösenordet är bytt")
		j.Browser().SignsInAs(johanAt, fresh)
		j.Await("email", karinAt, 1)
		if s := j.subjects(karinAt); !strings.Contains(s, "Johan Lind har fått hjälp") {
			t.Error(s)
		}
	})
	t.Run("an organiser says no, and the page of who asked says so", func(t *testing.T) {
		lost := j.forgets(caseworker).Post("/in/help/ask").At("/in/help/wait")
		q := karin.questions()
		if len(q) != 1 {
			t.Fatalf("%d questions", len(q))
		}
		karin.Post(q[0] + "/refuse").Sees("Frågan är avslutad")
		lost.Get("/in/help/wait").Sees("Frågan är avslutad", "Det gamla gäller fortfarande")
		lost.Post("/in/help/stop").At("/in")
	})
	t.Run("who signs in after all ends the question, whoever has asked it", func(t *testing.T) {
		lost := j.forgets(caseworker).Post("/in/help/ask").At("/in/help/wait")
		j.Browser().SignsIn(caseworker)
		if q := karin.questions(); len(q) != 0 {
			t.Errorf("%d questions", len(q))
		}
		lost.Get("/in/help/wait").At("/in").Sees("gäller inte längre")
	})
	t.Run("an address that nobody has gets the same pages, and nobody is asked", func(t *testing.T) {
		page := func(address string) (pages string) {
			b := j.forgets(address)
			pages = b.page + b.Post("/in/help/proof", "code", "000000").page + b.Post("/in/help/sms").page + b.Post("/in/help/proof", "by", "pin", "code", "000000").page
			return formToken.ReplaceAllString(pages, "")
		}
		// Karin has no second factor; nor does who is not there.
		if nobody, karins := page("ingen@exempelkommun.se"), page(karinAt); nobody != karins || !strings.Contains(nobody, "Om du har ett reservnummer") {
			t.Errorf("%s\n\n%s", nobody, karins)
		}
		j.forgets("ingen@exempelkommun.se").Post("/in/help/ask").At("/in/help/wait").Number()
		if q := karin.questions(); len(q) != 0 {
			t.Errorf("%d questions", len(q))
		}
	})
	t.Run("a question nobody answers is over in half a day", func(t *testing.T) {
		lost := j.forgets(johanAt).Post("/in/help/ask").At("/in/help/wait")
		j.Turn(13 * time.Hour)
		lost.Get("/in/help/wait").At("/in").Sees("gäller inte längre")
	})
}

func TestHelpByReservePhone(t *testing.T) {
	j := newJourney(t)
	j.Days(8) // who is to be one of two has been an organiser for a week
	maria := j.Browser().SignsIn(caseworker)
	maria.ConnectsApp("/account", mariaPhone, mariaE164)
	boss := j.Organiser(adminAt)
	social := boss.unit("Socialförvaltningen")
	j.Turn(2 * time.Minute)
	before := len(j.Trapped("sms", mariaE164))
	lost := j.forgets(caseworker).Post("/in/help/sms").Sees("Om du har ett reservnummer")
	j.Await("sms", mariaE164, before+1)
	lost.Post("/in/help/proof", "by", "pin", "code", j.LastPIN(mariaE164)).At("/in/help/wait")
	karin := j.Organiser(karinAt)
	t.Run("the PIN that came to the reserve phone is a proof", func(t *testing.T) {
		if len(karin.questions()) != 1 {
			t.Error("no question")
		}
		karin.Sees("Ja, med sitt andra steg")
	})
	t.Run("where the department wants two, one is not enough", func(t *testing.T) {
		boss.Get(social).Post(social+"/change", "form", "change", "name", "Socialförvaltningen", "cost", "", "two", "yes").Sees("Ändringen är sparad")
		q := karin.questions()
		karin.Post(q[0]+"/give", "number", lost.Number()).Sees("En till måste göra det")
		lost.Get("/in/help/wait").Sees("En person har godkänt")
	})
}

func TestHelpThatTheOwnerDenies(t *testing.T) {
	j := newJourney(t)
	const fresh, says = "nio svarta får på berget", "Någon ber om ett nytt lösenord i ditt namn"
	maria := j.Browser().SignsIn(caseworker)
	key := maria.ConnectsApp("/account", mariaPhone, mariaE164)
	karin := j.Organiser(karinAt)
	t.Run("the owner, signed in, ends a question that another has asked", func(t *testing.T) {
		thief := j.forgets(caseworker).Post("/in/help/ask").At("/in/help/wait")
		j.Await("email", caseworker, 2)
		if s := j.subjects(caseworker); !strings.Contains(s, "Någon ber om ett nytt lösenord") {
			t.Error(s)
		}
		if q := karin.questions(); len(q) != 1 {
			t.Fatalf("%d questions", len(q))
		}
		karin.Sees("Nej. Det krävs två som hjälper.").SeesNot("Det finns flera frågor")
		karin.Get("/mail").SeesNot(says)
		maria.Get("/mail").Sees(says)
		maria.Get("/account").Sees(says).Post("/account/nothelp").At("/account").Sees("Frågan är avslutad").SeesNot(says)
		if q := karin.questions(); len(q) != 0 {
			t.Errorf("%d questions", len(q))
		}
		thief.Get("/in/help/wait").At("/in").Sees("gäller inte längre")
		j.Organiser(adminAt).Get("/journal").Sees("Hjälp med lösenord nekades")
	})
	t.Run("also when organisers have helped already", func(t *testing.T) {
		j.Step()
		thief := j.forgets(caseworker).Post("/in/help/proof", "code", j.TOTP(key, 0)).At("/in/help/wait") // has the phone
		karin.Post(karin.questions()[0]+"/give", "number", thief.Number()).Sees("kan välja ett nytt lösenord nu")
		thief.Get("/in/help/wait").At("/in/help/password")
		maria.Get("/account").Sees(says).Post("/account/nothelp").At("/account").Sees("Frågan är avslutad")
		thief.Post("/in/help/password", "password", fresh, "repeat", fresh).SeesNot("Lösenordet är bytt")
		thief.Get("/in/help/password").At("/in").Sees("gäller inte längre")
		j.Browser().Get("/in").Post("/in", "address", caseworker, "password", fresh).At("/in").Sees("stämmer inte")
		maria.Get("/mail").At("/mail").SeesNot(says)
	})
}
