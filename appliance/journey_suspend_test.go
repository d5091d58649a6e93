package appliance_test

import (
	"net/http"
	"strings"
	"testing"

	"sigill/appliance"
)

func TestSuspend(t *testing.T) {
	idp := newProvider(t)
	j := signOnJourney(t, t.TempDir(), idp, appliance.SignOn{Provider: idp, ServerHeld: true})
	j.Send(letter{to: []string{caseworker + ".s"}, from: johanAt, subject: "Från förut", body: "Finns kvar."})
	maria := j.Browser().SignsIn(caseworker)
	maria.ConnectsApp("/account", mariaPhone, mariaE164)
	phone, stick := newSoftKey(t, true), newSoftKey(t, false)
	maria.Get("/account/passkeys").Makes(phone, "Telefonen").Makes(stick, "Pinnen").Sees("Nyckeln är tillagd")
	idp.is("maria", caseworker, "Maria Ek")
	j.Browser().SignsOn().At("/in/unlock").Post("/in/unlock", "password", j.passwordOf(caseworker)).At("/mail")
	j.Browser().SignsOn().At("/mail")
	half := j.Browser().Get("/in").Uses(stick).At("/in/unlock")
	j.Send(letter{to: []string{"bo@example.se.s"}, subject: "Väntar på nummer", body: "Hemligt."})
	hold := j.AwaitSaying("email", caseworker, "bo@example.se")
	told := ""
	waiting := j.Browser() // at the second step of nothing: a page of hers that is open
	waiting.Get("/in").Uses(phone).At("/mail")
	karin := j.Organiser(karinAt)
	page := karin.person(caseworker)
	t.Run("an organiser suspends somebody of the branch, and every session ends with that press", func(t *testing.T) {
		karin.Get(page).Sees("När någon slutar").SeesNot("Avstängd sedan")
		karin.Post(page+"/suspend").Sees("avstängd och utloggad överallt", "Avstängd sedan", "Låt logga in igen", "Avstängd av", "Karin Berg, ")
		maria.Get("/mail").At("/in")
		waiting.Get("/mail").At("/in")
		karin.Get(karin.unit("Ekonomiskt bistånd")).Sees("Avstängd</span>")
	})
	t.Run("nor does a passkey let her in, or the organisation's sign-on, or what was begun before", func(t *testing.T) {
		j.Browser().Get("/in").Uses(phone).At("/in/passkey").Sees("går inte att logga in med")
		j.Browser().SignsOn().Sees("får inte användas här").SeesNot("Från förut")
		half.Post("/in/unlock", "password", j.passwordOf(caseworker)).At("/in").SeesNot("Från förut")
	})
	t.Run("nothing is sent in her name, whoever proves the address", func(t *testing.T) {
		err := j.TrySend(letter{to: []string{johanAt + ".s"}, from: caseworker, subject: "Efter avstängningen", body: "Jag skickar ändå."})
		if err == nil || !strings.Contains(err.Error(), "550") {
			t.Errorf("%v", err)
		}
		b := j.Browser().ShowCode(j.CodeOf(hold)).SeesNot("bo@example.se")
		if b.Get("/m/mend"); b.at == "/m/mend" && b.code == http.StatusOK {
			t.Error("a link from before lets somebody give the number")
		}
	})
	t.Run("the right password is as wrong as any other, and so is asking for help", func(t *testing.T) {
		right := j.Browser().Get("/in").Post("/in", "address", caseworker, "password", j.passwordOf(caseworker)).At("/in")
		wrong := j.Browser().Get("/in").Post("/in", "address", caseworker, "password", "sju lila getter i rad").At("/in")
		if right.code != wrong.code || formToken.ReplaceAllString(right.page, "") != formToken.ReplaceAllString(wrong.page, "") {
			t.Errorf("told apart: %d, %d", right.code, wrong.code)
		}
		if q := karin.questions(); len(q) != 0 {
			t.Fatalf("%d questions", len(q))
		}
		j.forgets(caseworker).Post("/in/help/ask").At("/in/help/wait")
		if q := karin.questions(); len(q) != 0 {
			t.Errorf("%d questions", len(q))
		}
	})
	t.Run("letters still come and wait, and nobody who has left is told of them; no list shows the person", func(t *testing.T) {
		told = j.subjects(caseworker)
		j.Send(letter{to: []string{caseworker + ".s"}, from: johanAt, subject: "Under tiden", body: "Väntar."})
		j.AwaitSaying("email", johanAt, caseworker) // the sender's report, which is sent after it
		if now := j.subjects(caseworker); now != told {
			t.Errorf("told of it: %q", now)
		}
		johan := j.Browser().SignsIn(johanAt)
		johan.Get("/contacts").Post("/contacts/search", "q", "maria").SeesNot(caseworker)
		johan.Post("/contacts/search", "q", "karin").Sees(karinAt)
	})
	t.Run("nobody is suspended from another's branch, nor by themself", func(t *testing.T) {
		boss := j.Organiser(adminAt)
		if b := karin.Post(boss.person(adminAt) + "/suspend"); b.code != http.StatusNotFound {
			t.Errorf("%d", b.code)
		}
		if b := boss.Post(boss.person(adminAt) + "/suspend").Sees("Dig själv kan du inte stänga av"); b.code != http.StatusUnprocessableEntity {
			t.Errorf("%d", b.code)
		}
		boss.Get(boss.person(adminAt)).SeesNot("När någon slutar")
	})
	t.Run("who may come in again signs in as before, finds what came meanwhile, and is told", func(t *testing.T) {
		karin.Get(page).Post(page+"/resume").Sees("kan logga in igen", "När någon slutar")
		j.Turn(0)
		j.AwaitSaying("email", caseworker, "öppen för dig igen")
		j.Browser().Get("/in").Uses(phone).At("/mail").Sees("Från förut", "Under tiden")
		j.Browser().SignsOn().At("/mail")
		b := j.Browser().ShowCode(j.CodeOf(hold)).At("/m/mend").Sees("bo@example.se")
		b.Post(b.Action("/m/mend/[0-9a-z]+"), "address", "bo@example.se", "phone", "070-765 43 21", "repeat", "+46707654321")
		j.Browser().Opens(j.Await("email", "bo@example.se", 1), "+46707654321").Sees("Hemligt.")
	})
}
