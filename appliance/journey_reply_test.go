package appliance_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
)

func TestAnAnswerReachesTheCaseworker(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Fråga om bistånd", body: "Vad tjänar du?", header: "X-Sigill-Receipt: yes\n"})
	guest := j.Browser().Opens(j.Await("email", anna, 1), annaPhone)

	t.Run("the sender who asked for a receipt is told that it was read", func(t *testing.T) {
		if m := j.Await("email", caseworker, 2); !strings.Contains(m.Text, anna) || strings.Contains(m.Raw, "bistånd") {
			t.Errorf("%s", m.Text)
		}
	})
	guest.Get("/m/letter/reply").Upload("/m/letter/reply", "Jag tjänar 12345 kronor.", map[string]string{"lön.pdf": "%PDF-1.4 lönespec"}).Sees("Ditt svar har kommit fram")

	t.Run("the caseworker is told by mail, without the content", func(t *testing.T) {
		m := j.Await("email", caseworker, 3)
		if strings.Contains(m.Raw, "12345") || strings.Contains(m.Text, "lön") {
			t.Errorf("%s", m.Text)
		}
	})
	staff := j.Browser().SignsIn(caseworker)
	t.Run("and reads it in the mailbox, with the file", func(t *testing.T) {
		staff.Sees("Re: Fråga om bistånd", "Inget gallringsbeslut").Follow("/mail/[0-9a-z]{26}").Sees("Jag tjänar 12345 kronor.", "lön.pdf")
		staff.Follow("/mail/[0-9a-z]{26}/file/16")
		if staff.page != "%PDF-1.4 lönespec" {
			t.Errorf("file: %q", staff.page)
		}
	})
	t.Run("the citizen sees that it was read, and what was written", func(t *testing.T) {
		guest.Get("/m/letter").Sees("Vem har läst mitt svar?", "Läst av Maria Ek").Follow("/m/answer/[0-9a-z]{26}").Sees("Jag tjänar 12345 kronor.")
	})
	t.Run("and answers in the same conversation; the citizen reads it with a code of its own", func(t *testing.T) {
		staff.Get("/mail").Follow("/mail/[0-9a-z]{26}").Sees("Jag tjänar 12345 kronor.")
		answer := staff.at + "/answer"
		staff.presses(answer).Sees(`value="Re: Fråga om bistånd"`, `value="`+anna+`"`, "Maria Ek").SeesNot("12345")
		staff.SendForm(staff.at, []fill{{"to", anna}, {"phone", ""}, {"subject", "Re: Fråga om bistånd"}, {"text", "Tack, det räcker."}, {"do", "send"}}, nil).SeesNot("Första gången")
		staff.presses(strings.TrimSuffix(staff.at, "/check") + "/send").Sees("Brevet är skickat")
		j.Turn(2 * time.Minute)
		again := j.Browser().Opens(j.Await("email", anna, 2), annaPhone).Sees("Tack, det räcker.").SeesNot("Svar den", "12345")
		again.Get("/m/letter/reply").Upload("/m/letter/reply", "Tack själv.", nil).Sees("Ditt svar har kommit fram")
		staff.Get("/mail").Follow("/mail/[0-9a-z]{26}").Sees("Tack själv.", "Tack, det räcker.", "Jag tjänar 12345 kronor.")
		guest.Get("/m/letter").Sees("Vad tjänar du?").SeesNot("Tack, det räcker.", "Tack själv.")
	})
	t.Run("who has sent a letter does not answer it, and nobody answers somebody else's", func(t *testing.T) {
		staff.Get("/mail/sent").Follow("/mail/[0-9a-z]{26}").SeesNot("/answer\"")
		own := staff.at
		if staff.Post(own + "/answer"); staff.code != http.StatusBadRequest {
			t.Error(staff.code)
		}
		stranger := j.Browser().SignsIn(johanAt).Get("/mail")
		if stranger.Post(own + "/answer"); stranger.code != http.StatusNotFound {
			t.Error(stranger.code)
		}
	})
	t.Run("what came in has no timer", func(t *testing.T) {
		j.Days(400)
		j.Browser().SignsIn(caseworker).Sees("Re: Fråga om bistånd").Follow("/mail/[0-9a-z]{26}").Sees("Jag tjänar 12345 kronor.")
	})
	t.Run("an empty answer is not sent", func(t *testing.T) {
		j := newJourney(t)
		j.Send(letter{to: []string{annaSecure}, subject: "S", body: "B"})
		b := j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Get("/m/letter/reply")
		b.Upload("/m/letter/reply", "  ", nil).Sees("Skriv något")
	})
}

func TestTheSenderFollowsAndChanges(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure, "bo@example.se.0707654321.s"}, subject: "Två mottagare", body: "Innehåll."})
	first := j.Await("email", anna, 1)
	second := j.Await("email", "bo@example.se", 1)
	staff := j.Browser().SignsIn(caseworker).Get("/mail/sent").Sees("Ingen har läst")

	t.Run("the list says how many have read", func(t *testing.T) {
		j.Browser().Opens(first, annaPhone)
		staff.Get("/mail/sent").Sees("1 av 2 har läst")
	})
	staff.Follow("/mail/[0-9a-z]{26}").Sees("Läst", "Inte läst", "Avisering levererad")
	page := staff.at
	forms := regexp.MustCompile(`action="(`+page+`/to/[0-9a-z]{26})"`).FindAllStringSubmatch(staff.page, -1)
	targets := map[string]bool{}
	for _, f := range forms {
		targets[f[1]] = true
	}
	if len(targets) != 2 {
		t.Fatalf("%d recipients to act on", len(targets))
	}
	bo := staff.recipientTarget("bo@example.se", page)

	t.Run("a number is mended by typing it twice", func(t *testing.T) {
		staff.Post(bo, "do", "number", "phone", "070 999 88 77", "repeat", "070 999 88 77").Sees("Numret är ändrat")
		j.Browser().ShowCode(j.CodeOf(second)).At("/m/pin").Sees("77")
		if len(j.Trapped("sms", "+46709998877")) != 1 {
			t.Error("no SMS to the new number")
		}
	})
	t.Run("a new code ends the old one", func(t *testing.T) {
		j.Turn(2 * time.Minute)
		staff.Get(page).Post(bo, "do", "code").Sees("En ny kod är på väg")
		fresh := j.Await("email", "bo@example.se", 2)
		j.Turn(time.Minute)
		j.Browser().ShowCode(j.CodeOf(second)).Sees("ersatts")
		j.Browser().Opens(fresh, "+46709998877").Sees("Innehåll.")
		staff.Get("/mail/sent").Sees("Alla har läst")
	})
	t.Run("the end is moved, and holds", func(t *testing.T) {
		staff.Get(page)
		an := staff.recipientTarget(anna, page)
		staff.Post(an, "do", "end", "days", "3").Sees("Slutdatumet är ändrat", "Förkortat")
		j.Days(4)
		j.Browser().ShowCode(j.CodeOf(first)).Sees("går inte längre att läsa")
	})
	t.Run("another caseworker can do nothing of it", func(t *testing.T) {
		other := j.Browser().SignsIn("johan.lind@exempelkommun.se")
		if other.Get(page); other.code != 404 {
			t.Errorf("%d", other.code)
		}
		missing := strings.ReplaceAll(other.page, page, "")
		other.Get("/mail/00000000000000000000000000")
		if other.code != 404 || strings.ReplaceAll(other.page, "/mail/00000000000000000000000000", "") != missing {
			t.Errorf("a letter of somebody else does not look like none:\n%s\n%s", missing, other.page)
		}
		other.Get("/mail").Post(page + "/recall")
		if other.code != 404 {
			t.Errorf("recall: %d", other.code)
		}
	})
	t.Run("a recalled message cannot be opened", func(t *testing.T) {
		staff = j.Browser().SignsIn(caseworker).Get(page).Post(page+"/recall").Sees("återkallat", "Återkallat")
		fresh := j.Await("email", "bo@example.se", 2)
		j.Turn(2 * time.Minute)
		j.Browser().ShowCode(j.CodeOf(fresh)).Sees("går inte längre att läsa")
	})
}

// recipientTarget returns the form target of the card that names a recipient.
func (b *browser) recipientTarget(who, page string) string {
	b.j.Helper()
	for _, card := range strings.Split(b.page, `class="ds-card stack recipient"`)[1:] {
		if strings.Contains(card, who) {
			if m := regexp.MustCompile(`action="(` + page + `/to/[0-9a-z]{26})"`).FindStringSubmatch(card); m != nil {
				return m[1]
			}
		}
	}
	b.j.Fatalf("no card for %s:\n%s", who, b.page)
	return ""
}

func TestAReaderIsDone(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Klart", body: "Hej."})
	notice := j.Await("email", anna, 1)
	b := j.Browser().Opens(notice, annaPhone).Get("/m/letter/done").Sees("behåller sin egen kopia")
	b.Post("/m/letter/done").Sees("Din kopia är borta")
	b.Get("/m/letter").At("/m")
	j.Turn(2 * time.Minute)
	j.Browser().ShowCode(j.CodeOf(notice)).Sees("går inte längre att läsa")
	t.Run("the house keeps its own copy, and sees that the reader is done", func(t *testing.T) {
		j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}").Sees("Hej.", "Mottagaren tog bort sin kopia")
	})
}

func TestTrash(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Till papperskorgen", body: "Hej."})
	notice := j.Await("email", anna, 1)
	b := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
	page := b.at
	b.Post(page + "/move").At("/mail/sent").Sees("Brevet ligger i papperskorgen").SeesNot("Till papperskorgen")
	t.Run("the reader's access goes on", func(t *testing.T) {
		j.Browser().Opens(notice, annaPhone).Sees("Hej.")
	})
	t.Run("emptied, the house's copy is destroyed", func(t *testing.T) {
		b.Get("/mail/trash").Sees("Till papperskorgen", "Ett brev förstörs genast").SeesNot("finns inte hos någon annan", "har kommit in och bevaras").Post("/mail/trash/empty").Sees("Papperskorgen är tömd")
		j.Turn(time.Minute)
		if b.Get(page); b.code == 200 {
			t.Error("it opens")
		}
	})
}

func TestColleagues(t *testing.T) {
	j := newJourney(t)
	t.Run("a colleague with a key gets the letter in the mailbox, without code or SMS", func(t *testing.T) {
		j.Send(letter{to: []string{"johan.lind@exempelkommun.se.s"}, subject: "Internt", body: "Mellan oss."})
		m := j.Await("email", "johan.lind@exempelkommun.se", 1)
		if codeIn.MatchString(m.Text) {
			t.Error("the mail holds a code")
		}
		j.Browser().SignsIn("johan.lind@exempelkommun.se").Sees("Internt").Follow("/mail/[0-9a-z]{26}").Sees("Mellan oss.")
	})
	t.Run("one who was never met has a key from the first letter on, and is invited once", func(t *testing.T) {
		const nils = "nils.ny@exempelkommun.se"
		j.Send(letter{to: []string{nils + ".s"}, subject: "Före", body: "Skrevs före inbjudan."})
		j.Send(letter{to: []string{nils + ".s"}, subject: "Efter", body: "Skrevs efter."})
		j.Await("email", nils, 3)
		var invitation trapped
		n := 0
		for _, m := range j.Trapped("email", nils) {
			if codeIn.MatchString(m.Text) {
				invitation = m
				n++
			}
		}
		if n != 1 {
			t.Fatalf("%d invitations", n)
		}
		b := j.Browser().ShowCode(j.CodeOf(invitation)).At("/welcome")
		b.Post("/welcome", "password", "kort", "repeat", "kort").Sees("minst 12 tecken")
		b.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail").Sees("Före", "Efter")
		b.Follow("/mail/[0-9a-z]{26}").Sees("Skrevs")
		t.Run("the invitation is good once", func(t *testing.T) {
			b := j.Browser().ShowCode(j.CodeOf(invitation))
			if b.at == "/welcome" {
				t.Error("it is taken again")
			}
		})
		t.Run("the password signs in, another does not", func(t *testing.T) {
			j.Browser().Get("/in").Post("/in", "address", nils, "password", "fyra gröna hästar").At("/mail")
			j.Browser().Get("/in").Post("/in", "address", nils, "password", "fem gröna hästar").Sees("stämmer inte")
		})
	})
}

func TestThePINThatNoGatewayTakes(t *testing.T) {
	var gate *appliance.Gate
	j := newJourneyIn(t, t.TempDir(), func(d *appliance.Demo) { gate = appliance.GateOf(d) })
	j.Send(letter{to: []string{annaSecure}, subject: "Kallelse", body: "Hej Anna."})
	notice := j.Await("email", anna, 1)
	gate.Shut.Store(true)
	b := j.Browser().ShowCode(j.CodeOf(notice)).At("/m/pin")
	b.Sees("Vi kunde inte skicka koden", "Försök igen", "0123-45 67 89").SeesNot("Vi har skickat en kod")
	t.Run("it is still said when the page is loaded again", func(t *testing.T) {
		b.Get("/m/pin").Sees("Vi kunde inte skicka koden")
	})
	t.Run("a press that comes too soon is told to wait, and nothing else is forgotten", func(t *testing.T) {
		b.Post("/m/again").Sees("Vi kunde inte skicka koden", "Det har inte gått en minut")
	})
	t.Run("the sender sees that it did not go", func(t *testing.T) {
		j.Browser().SignsIn(caseworker).Get("/mail/sent").SeesBadge("danger", "Sms kom inte fram").
			Follow("/mail/[0-9a-z]{26}").Sees("Sms:et till numret som slutar på 67 kom inte fram", "Byt mobilnummer")
	})
	t.Run("once the gateway takes it, the letter is read", func(t *testing.T) {
		gate.Shut.Store(false)
		j.Turn(2 * time.Minute)
		b.Get("/m/pin").Post("/m/again").Sees("Vi har skickat en kod").SeesNot("Vi kunde inte")
		b.GiveLastPIN(annaPhone).At("/m/letter").Sees("Hej Anna.")
	})
}

func TestALetterThatEndsWhileItIsOpen(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Kort", body: "Hej."})
	notice := j.Await("email", anna, 1)
	open := j.Browser().Opens(notice, annaPhone)
	j.Turn(2 * time.Minute)
	waits := j.Browser().ShowCode(j.CodeOf(notice)).At("/m/pin")
	staff := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
	page := staff.at
	staff.Post(page + "/recall")
	t.Run("who reads it is told when it ended", func(t *testing.T) {
		open.Get("/m/letter").Sees("går inte längre att läsa").SeesNot("1 januari")
	})
	t.Run("so is who asks for another SMS", func(t *testing.T) {
		waits.Post("/m/again").Sees("går inte längre att läsa").SeesNot("1 januari")
	})
	t.Run("the sender is told of the house's copy in words, with a day as people write it", func(t *testing.T) {
		j.Days(62)
		staff = j.Browser().SignsIn(caseworker).Get(page)
		if staff.Sees("Brevet gick att läsa till"); regexp.MustCompile(`\d{4}-\d\d-\d\dT`).MatchString(staff.page) {
			t.Errorf("a time for machines:\n%s", staff.page)
		}
	})
}
