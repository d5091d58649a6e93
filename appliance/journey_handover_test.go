package appliance_test

import (
	"net/http"
	"strings"
	"testing"

	"sigill/appliance"
)

// nilsAt is somebody who takes over.
const nilsAt = "nils@exempelkommun.se"

// TestHandOver is the end of somebody's work: the last day, the mailbox in other hands, and
// what came before given by two who do not read it.
func TestHandOver(t *testing.T) {
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	boss := j.Organiser(adminAt)
	boss.Get(boss.unit("Socialförvaltningen")).Post(boss.unit("Socialförvaltningen")+"/appoint", "address", caseworker)
	karin := j.Organiser(karinAt)
	karin.adds("Barn och familj", nilsAt, "Nils Ny")
	if at := newVisitor(j.info.Portal).chooses(t, j.CodeOf(j.Await("email", nilsAt, 1)), newPassword); at != "/mail" {
		t.Fatalf("the invitation leads to %s", at)
	}
	j.Send(letter{to: []string{johanAt + ".s"}, from: caseworker, subject: "Före slutet", body: "Ring om barnet på Storgatan."})
	johan := j.Browser().SignsIn(johanAt)
	johan.Get("/mail").Sees("Före slutet")
	johan.Get("/write").SendForm("/write", []fill{{"to", "anna@example.se"}, {"phone", "0701234567"}, {"subject", "Ditt ärende"}, {"text", "Hej Anna."}, {"do", "send"}}, nil)
	johan.Post(strings.TrimSuffix(johan.at, "/check") + "/send").Sees("Ditt ärende")
	link := j.Await("email", "anna@example.se", 1)
	guest := j.Browser().Opens(link, "+46701234567").Sees("Hej Anna.", "Johan Lind")
	person := karin.person(johanAt)
	box := strings.Replace(person, "/org/person/", "/org/mailbox/", 1)
	read := strings.Replace(person, "/org/person/", "/box/", 1)

	var hold trapped // a letter of his waits for a number
	t.Run("the last day is set ahead, and then the person is out", func(t *testing.T) {
		karin.Get(person).Post(person+"/leaving", "form", "leaving", "last", "1999-01-01").Sees("Välj i dag eller en senare dag")
		day := j.Date(10)
		karin.Post(person+"/leaving", "form", "leaving", "last", day).Sees("Sista dagen är sparad", `value="`+day+`"`)
		karin.Post(person+"/handover", "form", "handover", "address", nilsAt).Sees("Stäng av personen först")
		j.Days(9)
		j.Browser().SignsIn(johanAt).At("/mail")
		j.Send(letter{to: []string{"bo@example.se.s"}, from: johanAt, subject: "Väntar på nummer", body: "Hemligt."})
		hold = j.AwaitSaying("email", johanAt, "bo@example.se")
		j.Days(2)
		johan.Get("/mail").At("/in")
		j.Browser().Get("/in").Post("/in", "address", johanAt, "password", j.passwordOf(johanAt)).At("/in")
		karin = j.Organiser(karinAt)
		karin.Get(person).Sees("Avstängd sedan", "Lämna över brevlådan")
	})
	maria := j.Organiser(caseworker) // an organiser for more than a week by now, with a part in the pair
	t.Run("an organiser hands the mailbox over, and reads nothing by it", func(t *testing.T) {
		karin.Post(person+"/handover", "form", "handover", "address", "ingen@exempelkommun.se").Sees("Ingen i organisationen har den adressen", `value="ingen@exempelkommun.se"`)
		karin.Post(person+"/handover", "form", "handover", "address", nilsAt).At(box).Sees("Brevlådan är överlämnad", "Nils Ny", "Ber om äldre brev", "Väntar på en kollega")
		if karin.Get(person); karin.code != http.StatusNotFound {
			t.Errorf("the person is still there: %d", karin.code)
		}
		if karin.Get(read); karin.code != http.StatusNotFound {
			t.Errorf("who hands it over reads there: %d", karin.code)
		}
		j.AwaitSaying("email", nilsAt, "Du läser nu i Johan Lind")
		j.AwaitSaying("email", johanAt, "Nils Ny läser nu brev som kommer till dig")
	})
	nils := j.Browser().SignsInAs(nilsAt, newPassword)
	t.Run("who takes over reads and answers what comes from now on, and the citizen's answers come there", func(t *testing.T) {
		nils.Get(read).Sees("Från tiden innan").SeesNot("Före slutet", "Ditt ärende")
		guest = j.Browser().Opens(link, "+46701234567")
		guest.Get("/m/letter/reply").Upload("/m/letter/reply", "Tack, jag kommer.", nil).Sees("Ditt svar har kommit fram")
		nils.Get(read).Sees("Re: Ditt ärende").first().Sees("jag kommer")
		j.Send(letter{to: []string{johanAt + ".s"}, from: caseworker, subject: "Efter slutet", body: "Hej."})
		nils.Get(read).Sees("Efter slutet")
	})
	t.Run("a link in a mail that the person got before opens nothing any more", func(t *testing.T) {
		j.Browser().ShowCode(j.CodeOf(hold)).SeesNot("bo@example.se", "Hemligt")
	})
	give := func(b *organiser, password string) *browser {
		b.Get(box).Post(box+"/give", "person", b.look().people[nilsAt])
		if b.at == "/account/prove" {
			b.Post("/account/prove", "next", box, "password", password).At(box)
			b.Post(box+"/give", "person", b.people[nilsAt])
		}
		return b.browser
	}
	t.Run("what came before takes another organiser than the one who asked", func(t *testing.T) {
		give(karin, j.passwordOf(karinAt)).Sees("Du har själv bett om de äldre breven")
		nils.Get(read).SeesNot("Före slutet")
		give(maria, j.passwordOf(caseworker)).Sees("De äldre breven är utlämnade").SeesNot("Ber om äldre brev")
		nils.Get(read).Sees("Före slutet", "Efter slutet").SeesNot("Från tiden innan")
		nils.Follow("/mail/[0-9a-z]{26}")
		nils.Get(read + "/sent").Sees("Ditt ärende").first().Sees("Hemligt.")
		for _, b := range []*browser{karin.browser, maria.browser} {
			if b.Get(read); b.code != http.StatusNotFound {
				t.Errorf("an organiser reads there: %d", b.code)
			}
		}
		j.AwaitSaying("email", nilsAt, "kan nu läsa det som kom tidigare till Johan Lind")
		j.AwaitSaying("email", karinAt, "kan nu läsa det som kom tidigare till Johan Lind")
	})
	t.Run("it is all in the journal", func(t *testing.T) {
		j.Browser().SignsIn(adminAt).Get("/journal").Sees("Sista dag ändrades", "Person stängdes av", "Brevlåda lämnades över", "Äldre brev lämnades ut av organisatör")
	})
	t.Run("and stands after a restart", func(t *testing.T) {
		j.stop()
		again := newJourneyIn(t, dir)
		nils := again.Browser().SignsInAs(nilsAt, newPassword)
		nils.Get(read).Sees("Före slutet", "Efter slutet")
		again.Browser().Get("/in").Post("/in", "address", johanAt, "password", again.passwordOf(johanAt)).At("/in")
	})
}

// TestHandOverByKit gives what came before with the recovery kit, where there is no second
// organiser.
func TestHandOverByKit(t *testing.T) {
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	karin := j.Organiser(karinAt)
	j.Send(letter{to: []string{johanAt + ".s"}, from: caseworker, subject: "Före slutet", body: "Finns kvar."})
	person := karin.person(johanAt)
	karin.Get(person).Post(person + "/suspend")
	karin.Post(person+"/handover", "form", "handover", "address", caseworker).Sees("Brevlådan är överlämnad")
	answer := asks(t, dir, johanAt)
	done, err := appliance.RecoverApply(t.Context(), appliance.DemoPlaces(dir), answer, false)
	if err != nil || len(done.Readers) != 1 || string(done.Readers[0]) != caseworker || done.Code != "" {
		t.Fatalf("%+v %v", done, err)
	}
	j.Browser().SignsIn(caseworker).Get(strings.Replace(person, "/org/person/", "/box/", 1)).Sees("Före slutet").first().Sees("Finns kvar.")
}
