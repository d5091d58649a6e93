package appliance_test

import (
	"net/http"
	"strings"
	"testing"
)

// endsMailboxOf lets somebody leave, and the mailbox that goes on without them end. It
// returns the mailbox's page.
func (j *journey) endsMailboxOf(leaver string) (box string) {
	j.Helper()
	karin := j.Organiser(karinAt)
	person := karin.person(leaver)
	box = strings.Replace(person, "/org/person/", "/org/mailbox/", 1)
	karin.Get(person).Post(person + "/suspend")
	karin.Post(person+"/handover", "form", "handover", "address", caseworker).Sees("Brevlådan är överlämnad")
	last := j.Date(15)
	karin.Get(box).Post(box+"/end", "form", "end", "last", last, "decision", "KS 2026/17").Sees("Brevlådan avslutas")
	j.Days(16)
	j.Step()
	return box
}

// TestGuestReadsAfterTheEnd: a citizen's letter outlives the mailbox of a leaver.
func TestGuestReadsAfterTheEnd(t *testing.T) {
	j := newJourneyIn(t, t.TempDir())
	johan := j.Browser().SignsIn(johanAt)
	johan.Get("/write").SendForm("/write", []fill{{"to", "anna@example.se"}, {"phone", "0701234567"}, {"subject", "Ditt ärende"}, {"text", "Hej Anna."}, {"do", "send"}}, nil)
	johan.Post(strings.TrimSuffix(johan.at, "/check") + "/send").Sees("Ditt ärende")
	link := j.Await("email", "anna@example.se", 1)
	box := j.endsMailboxOf(johanAt)
	if karin := j.Organiser(karinAt); karin.Get(box).code != http.StatusNotFound {
		t.Fatalf("it has not ended: %d", karin.code)
	}
	guest := j.Browser().Opens(link, "+46701234567")
	if guest.code != http.StatusOK {
		t.Fatalf("the citizen cannot read the letter: %d", guest.code)
	}
	guest.Sees("Hej Anna.", "Det går inte att svara på brevet längre")
}

// TestWhatALeaverWroteForOthers: a leaver wrote in the name of a function mailbox that
// goes on without them.
func TestWhatALeaverWroteForOthers(t *testing.T) {
	j := newJourneyIn(t, t.TempDir())
	karin := j.Organiser(karinAt)
	id := karin.mailbox(caseworker, johanAt)
	at := "/box/" + id
	johan := j.Browser().SignsIn(johanAt)
	writes := func(to, phone, subject, text string) {
		johan.Get(at+"/write").SendForm(at+"/write", []fill{{"to", to}, {"phone", phone}, {"subject", subject}, {"text", text}, {"receipt", "mail"}, {"do", "send"}}, nil)
		johan.Post(strings.TrimSuffix(johan.at, "/check") + "/send").Sees(subject)
	}
	writes("anna@example.se", "0701234567", "Från oss", "Hej Anna.")
	link := j.Await("email", "anna@example.se", 1)
	person := karin.person(johanAt)
	karin.Get(person).Post(person + "/suspend")
	karin.Post(person+"/handover", "form", "handover", "address", caseworker).Sees("Brevlådan är överlämnad")
	guest := j.Browser().ShowCode(j.CodeOf(link)).At("/m/pin").GiveLastPIN("+46701234567")
	if guest.at != "/m/letter" || guest.code != http.StatusOK {
		t.Fatalf("the citizen cannot open the letter: %d at %s", guest.code, guest.at)
	}
	guest.Sees("Hej Anna.")
}

// TestEmptiedMailbox: a mailbox in which nothing is any more can be taken away.
func TestEmptiedMailbox(t *testing.T) {
	j := newJourneyIn(t, t.TempDir())
	karin := j.Organiser(karinAt)
	at := "/org/mailbox/" + karin.mailbox(caseworker)
	j.Send(letter{from: johanAt, to: []string{socialAt + ".s"}, subject: "Före", body: "Hej."})
	maria := j.Browser().SignsIn(caseworker)
	maria.Get(strings.Replace(at, "/org/mailbox/", "/box/", 1)).Sees("Före")
	for range 8 {
		j.Days(50)
	}
	j.Step()
	karin = j.Organiser(karinAt)
	if karin.Get(at); strings.Contains(karin.page, `action="`+at+`/remove"`) {
		karin.Post(at + "/remove").SeesNot("kan inte tas bort")
	}
}

// TestHoldEndsWithItsWriter: a leaver's mail about a letter that waits, which
// they wrote in a mailbox' name.
func TestHoldEndsWithItsWriter(t *testing.T) {
	j := newJourneyIn(t, t.TempDir())
	karin := j.Organiser(karinAt)
	at := "/box/" + karin.mailbox(caseworker, johanAt)
	johan := j.Browser().SignsIn(johanAt)
	johan.Get(at+"/write").SendForm(at+"/write", []fill{{"to", "bo@example.se"}, {"subject", "Väntar"}, {"text", "Hemligt."}, {"do", "send"}}, nil)
	johan.Post(strings.TrimSuffix(johan.at, "/check") + "/send").Sees("Väntar")
	hold := j.AwaitSaying("email", johanAt, "bo@example.se")
	person := karin.person(johanAt)
	karin.Get(person).Post(person + "/suspend")
	karin.Post(person+"/handover", "form", "handover", "address", caseworker).Sees("Brevlådan är överlämnad")
	b := j.Browser().ShowCode(j.CodeOf(hold))
	if b.at != "/m/mend" {
		return
	}
	t.Error("who has left comes to what waits")
	b.Post(b.Action("/m/mend/[0-9a-z]+"), "address", "johan@privat.example", "phone", "070-765 43 21", "repeat", "070-765 43 21")
	j.Browser().Opens(j.Await("email", "johan@privat.example", 1), "+46707654321").SeesNot("Hemligt.")
}

// TestEndWithWhatIsUnfinished: a mailbox ends with a draft in it and a letter that
// waits for a number.
func TestEndWithWhatIsUnfinished(t *testing.T) {
	j := newJourneyIn(t, t.TempDir())
	karin := j.Organiser(karinAt)
	at := "/org/mailbox/" + karin.mailbox(caseworker)
	box := strings.Replace(at, "/org/mailbox/", "/box/", 1)
	last := j.Date(15)
	maria := j.Browser().SignsIn(caseworker)
	maria.Get(box+"/write").SendForm(box+"/write", []fill{{"to", "cecilia@example.se"}, {"subject", "Utkast"}, {"text", "Halvt."}, {"do", "save"}}, nil)
	karin.Get(at).Post(at+"/end", "form", "end", "last", last, "decision", "KS 2026/17").Sees("Brevlådan avslutas")
	j.Days(12)
	maria = j.Browser().SignsIn(caseworker)
	maria.Get(box+"/write").SendForm(box+"/write", []fill{{"to", "bo@example.se"}, {"subject", "Väntar"}, {"text", "Hemligt."}, {"do", "send"}}, nil)
	maria.Post(strings.TrimSuffix(maria.at, "/check") + "/send").Sees("Väntar")
	hold := j.AwaitSaying("email", caseworker, "bo@example.se")
	j.Days(4)
	j.Step()
	if karin = j.Organiser(karinAt); karin.Get(at).code != http.StatusNotFound {
		t.Errorf("it has not ended: %d", karin.code)
	}
	b := j.Browser().ShowCode(j.CodeOf(hold))
	if b.code >= 500 || b.at == "/m/mend" {
		t.Errorf("what waited: %d at %s", b.code, b.at)
	}
}

// TestLeaversMailProgram: what suspending has shut is not opened by handing
// the mailbox over. The account at the house's own mail server may live on for a while.
func TestLeaversMailProgram(t *testing.T) {
	j := newJourneyIn(t, t.TempDir())
	karin := j.Organiser(karinAt)
	sends := func(subject string) error {
		return j.TrySend(letter{to: []string{"bo@example.se.s"}, from: johanAt, subject: subject, body: "I kommunens namn."})
	}
	person := karin.person(johanAt)
	karin.Get(person).Post(person + "/suspend")
	if sends("Avstängd") == nil {
		t.Fatal("who is suspended sends")
	}
	karin.Post(person+"/handover", "form", "handover", "address", caseworker).Sees("Brevlådan är överlämnad")
	if sends("Överlämnad") == nil {
		t.Error("who has left sends again")
		hold := j.AwaitSaying("email", johanAt, "bo@example.se")
		if b := j.Browser().ShowCode(j.CodeOf(hold)); b.at == "/m/mend" {
			t.Error("and mends what waits")
		}
	}
}

// TestClosedAddress: a letter to a leaver's address, whose mailbox has
// ended, makes nobody of it again, and its sender learns that nobody is there.
func TestClosedAddress(t *testing.T) {
	j := newJourneyIn(t, t.TempDir())
	j.Send(letter{from: caseworker, to: []string{johanAt + ".s"}, subject: "Före", body: "Hej."})
	j.endsMailboxOf(johanAt)
	before := len(j.Trapped("email", johanAt))
	if err := j.TrySend(letter{from: caseworker, to: []string{johanAt + ".s"}, subject: "Efter", body: "Når ingen."}); err == nil {
		t.Error("taken, and nobody reads it")
		invited := j.Await("email", johanAt, before+1)
		b := j.Browser().ShowCode(j.CodeOf(invited))
		if b.at == "/welcome" {
			b.Post("/welcome", "password", "fyra gröna hästar i dimma", "repeat", "fyra gröna hästar i dimma")
			t.Errorf("who has left chooses a password and is at %s", b.at)
		}
	}
}

// TestWhoTakesOverHearsOfTheLetters: what becomes of a leaver's letters is told to who
// has them now.
func TestWhoTakesOverHearsOfTheLetters(t *testing.T) {
	j := newJourneyIn(t, t.TempDir())
	johan := j.Browser().SignsIn(johanAt)
	johan.Get("/write").SendForm("/write", []fill{{"to", "anna@example.se"}, {"phone", "0701234567"}, {"subject", "Ditt ärende"}, {"text", "Hej Anna."}, {"do", "send"}}, nil)
	johan.Post(strings.TrimSuffix(johan.at, "/check") + "/send").Sees("Ditt ärende")
	link := j.Await("email", "anna@example.se", 1)
	karin := j.Organiser(karinAt)
	person := karin.person(johanAt)
	karin.Get(person).Post(person + "/suspend")
	karin.Post(person+"/handover", "form", "handover", "address", caseworker).Sees("Brevlådan är överlämnad")
	j.AwaitSaying("email", johanAt, "läser nu brev som kommer till dig")
	before := len(j.Trapped("email", johanAt))
	j.Browser().ShowCode(j.CodeOf(link)).At("/m/pin").Post("/m/wrong")
	j.AwaitSaying("email", caseworker, "anna@example.se")
	if list := j.Trapped("email", johanAt); len(list) > before {
		t.Errorf("who has left is told: %s", list[len(list)-1].Text)
	}
}
