package appliance_test

import (
	"strings"
	"testing"
	"time"

	"sigill/appliance"
)

const (
	boAt    = "bo@example.se"
	boPhone = "+46707654321"
)

// inLetter sends a letter of which the link alone is enough, and returns its code.
func (j *journey) inLetter(to, phone, subject string) string {
	j.Helper()
	n := len(j.Trapped("email", to))
	b := j.Browser().SignsIn(caseworker)
	b.Get("/write").SendForm("/write", []fill{{"to", to}, {"phone", phone}, {"level", "letter"}, {"subject", subject}, {"text", "Hej."}, {"do", "send"}}, nil)
	b.Post(strings.TrimSuffix(b.at, "/check") + "/send").Sees("Brevet är skickat")
	return j.CodeOf(j.Await("email", to, n+1))
}

// A link may have been forwarded, and whoever is signed in at a family's computer may not
// be who reads.
func TestALetterIsNotTakenFromItsReader(t *testing.T) {
	j := newJourneyIn(t, t.TempDir(), appliance.AcceptLetter)
	early := j.inLetter(boAt, boPhone, "Före kontot")
	j.Send(letter{to: []string{"bo@example.se.0707654321.s"}, subject: "Till Bo", body: "Hej Bo."})
	bo := j.Browser().Opens(j.Await("email", boAt, 2), boPhone).Registers(boPhone, annaPassword)
	code := j.inLetter(anna, annaPhone, "Kallelse")

	t.Run("who was only shown the link, and is signed in, reads it and does not take it away", func(t *testing.T) {
		bo.ShowCode(code).At("/m/letter").Sees("Kallelse").SeesNot("i ditt konto?")
		bo.Get("/m/letter/account").At("/m/letter").Post("/m/letter/account").At("/m/letter")
		j.Browser().ShowCode(code).At("/m/letter").Sees("Kallelse")
	})
	t.Run("and is back among the own letters when it is closed", func(t *testing.T) {
		bo.Get("/mail").At("/in").Get("/m/letter").Post("/m/leave").At("/mail").Sees("Till Bo").SeesNot("Kallelse")
	})
	t.Run("one to the own address moves in by itself at that level too, as a new one goes there", func(t *testing.T) {
		bo.ShowCode(early).Sees("bland dina brev", "Före kontot")
		j.inMailbox(bo, "Efter kontot")
	})
	t.Run("also while another's letter is looked at", func(t *testing.T) {
		j.Send(letter{to: []string{"bo@example.se.0709998877.s"}, subject: "Annat nummer", body: "Hej."})
		j.AwaitSaying("email", caseworker, "har ett konto med ett annat mobilnummer")
		n := len(j.Trapped("email", boAt))
		staff := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
		page := staff.at
		staff.Post(staff.recipientTarget(boAt, page), "do", "mend", "phone", "070 999 88 77", "repeat", "070 999 88 77").Sees("på väg")
		own := j.CodeOf(j.Await("email", boAt, n+1))
		bo.ShowCode(code).At("/m/letter").ShowCode(own).At("/m/pin").Sees("bland dina brev").GiveLastPIN("+46709998877").Sees("Annat nummer", "bland dina brev")
		bo.Get("/mail").Sees("Annat nummer").SeesNot("Kallelse")
	})
	t.Run("who has no more use of another's letter stays signed in", func(t *testing.T) {
		bo.ShowCode(code).At("/m/letter").Get("/m/letter/done").Post("/m/letter/done").Sees("Tillbaka till mina brev").Get("/mail").At("/mail").Sees("Till Bo")
		bo.ShowCode(code) // it has ended by now
		if bo.code != 410 {
			t.Errorf("%d", bo.code)
		}
		bo.Get("/mail").At("/mail")
	})
	t.Run("so does who is looking at one when it ends", func(t *testing.T) {
		next := j.inLetter(anna, annaPhone, "Nästa kallelse")
		bo.ShowCode(next).At("/m/letter")
		j.Browser().ShowCode(next).Get("/m/letter/done").Post("/m/letter/done")
		if bo.Get("/m/letter"); bo.code != 410 {
			t.Errorf("%d", bo.code)
		}
		bo.Get("/mail").At("/mail").Sees("Till Bo")
	})
}

// inMailbox writes a letter of the level letter to Bo, who has an account, and sees it there.
func (j *journey) inMailbox(bo *browser, subject string) {
	j.Helper()
	n := len(j.Trapped("email", boAt))
	b := j.Browser().SignsIn(caseworker)
	b.Get("/write").SendForm("/write", []fill{{"to", boAt}, {"phone", boPhone}, {"level", "letter"}, {"subject", subject}, {"text", "Hej."}, {"do", "send"}}, nil)
	b.Post(strings.TrimSuffix(b.at, "/check") + "/send").Sees("Brevet är skickat")
	if m := j.Await("email", boAt, n+1); codeIn.MatchString(m.Text) {
		j.Error("a new letter of that level goes by a link")
	}
	bo.Get("/mail").Sees(subject)
}

func TestWhoIsAskedMayHaveLeft(t *testing.T) {
	j, in := registered(t)
	j.Send(letter{to: []string{"bo@example.se.0707654321.s"}, subject: "Till Bo", body: "Hej Bo."})
	code := j.CodeOf(j.Await("email", boAt, 1))
	second := j.Browser().SignsInByPhone(anna, annaPassword, annaPhone)
	in.ShowCode(code).At("/m/pin").GiveLastPIN(boPhone).At("/m/letter").Sees("Vill du ha brevet i ditt konto?").Get("/m/letter/account").At("/m/letter/account")
	j.Turn(6 * time.Minute)
	second.Get("/account/close").At("/account/prove").Post("/account/prove", "password", annaPassword, "next", "/account/close").At("/account/close")
	second.Post("/account/close").Sees("Kontot är avslutat")
	t.Run("the letter stays with its reader, who is asked no more", func(t *testing.T) {
		in.Post("/m/letter/account").At("/m/letter").Sees("Hej Bo.").SeesNot("i ditt konto?")
		j.Browser().ShowCode(code).At("/m/pin")
	})
}

func TestWhoWaitedWithALetterReadsItThoughTheAccountIsClosed(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Det första brevet", body: "Hej."})
	first := j.Await("email", anna, 1)
	j.Send(letter{to: []string{"anna@example.se.0709998877.s"}, subject: "Annat nummer", body: "Text två."})
	other := j.CodeOf(j.Await("email", anna, 2))
	in := j.Browser().Opens(first, annaPhone).Registers(annaPhone, annaPassword)
	second := j.Browser().SignsInByPhone(anna, annaPassword, annaPhone)
	second.ShowCode(other).At("/m/pin").Sees("bland dina brev")
	j.Turn(6 * time.Minute)
	in.Get("/account/close").At("/account/prove").Post("/account/prove", "password", annaPassword, "next", "/account/close").At("/account/close")
	in.Post("/account/close").Sees("Kontot är avslutat")
	second.GiveLastPIN("+46709998877").At("/m/letter").Sees("Text två.").SeesNot("i ditt konto?")
}

// atPassword is Anna with a letter, who has shown the phone and chooses a password.
func (j *journey) atPassword(notice trapped) *browser {
	j.Helper()
	b := j.Browser().Opens(notice, annaPhone)
	j.Turn(2 * time.Minute)
	return b.Get("/m/register").Post("/m/register").Post("/m/register/pin", "pin", j.LastPIN(annaPhone)).At("/m/register/password")
}

func TestNobodyRegistersWithALetterThatHasChanged(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Fel mottagare", body: "Hej."})
	first := j.Await("email", anna, 1)
	nobody := func(t *testing.T) {
		t.Helper()
		if in := j.Browser().Get("/in").Post("/in", "address", anna, "password", annaPassword); in.code != 422 {
			t.Errorf("there is an account: %s", in.at)
		}
	}
	chooses := func(b *browser) { b.Post("/m/register/password", "password", annaPassword, "repeat", annaPassword) }
	staff := func() (*browser, string) {
		b := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
		return b, b.at
	}
	t.Run("its sender has given another number since the PIN was right", func(t *testing.T) {
		b := j.atPassword(first)
		s, page := staff()
		s.Post(s.recipientTarget(anna, page), "do", "number", "phone", "070 999 88 77", "repeat", "070 999 88 77").Sees("Numret är ändrat")
		chooses(b)
		b.At("/m/register").Sees("slutar på 77")
		nobody(t)
		b.Get("/m/register/password").At("/m/register")
		s.Post(s.recipientTarget(anna, page), "do", "number", "phone", "070 123 45 67", "repeat", "070 123 45 67")
	})
	t.Run("or has recalled it", func(t *testing.T) {
		j.Turn(2 * time.Minute) // the next SMS
		b := j.atPassword(first)
		s, page := staff()
		s.Post(page + "/recall")
		chooses(b)
		if b.code != 410 {
			t.Errorf("%d at %s", b.code, b.at)
		}
		nobody(t)
	})
}
