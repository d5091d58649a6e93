package appliance_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// ticks returns the value of the box beside a name.
func (b *browser) ticks(name string) string {
	b.j.Helper()
	m := regexp.MustCompile(`value="([0-9a-z]{26})">\s*<label[^>]*>` + regexp.QuoteMeta(name) + `<`).FindStringSubmatch(b.page)
	if m == nil {
		b.j.Fatalf("nobody called %s can be chosen:\n%s", name, b.page)
	}
	return m[1]
}

func TestContactsOnTheWay(t *testing.T) {
	j := newJourney(t)
	boss := j.Organiser(adminAt)
	karin := j.Organiser(karinAt)
	maria := j.Browser().SignsIn(caseworker)
	social, root := boss.unit("Socialförvaltningen"), boss.unit("Exempelkommun")

	t.Run("an organiser puts people from outside into the list of the branch", func(t *testing.T) {
		at := social + "/contacts"
		karin.Get(social).Follow(at).Sees("Ingen står i listan än")
		karin.Post(at, "name", "Advokat Lind", "address", "lind@advokat.example", "phone", "070-765 43 21").Sees("Kontakten är tillagd", "Advokat Lind", "+46707654321")
		karin.Post(at, "name", "Igen", "address", "LIND@advokat.example").Sees("Den adressen står redan i listan", `value="Igen"`)
		karin.Post(at, "name", "Egen", "address", "egen@exempelkommun.se").Sees("hör till huset")
		karin.Post(at, "name", "Nummer", "address", "x@advokat.example", "phone", "12").Sees("Numret är inte fullständigt")
		boss.Get(root+"/contacts").Post(root+"/contacts", "name", "Tolkförmedlingen", "address", "tolk@tolkar.example").Sees("Kontakten är tillagd")
		if b := karin.Get(root + "/contacts"); b.code != http.StatusNotFound {
			t.Errorf("who organises a branch comes to the root's list: %d", b.code)
		}
	})
	t.Run("a caseworker finds colleagues, mailboxes and the lists of the own branch", func(t *testing.T) {
		maria.Get("/contacts").Sees("Kontakter")
		maria.Get("/contacts").Post("/contacts/search", "q", "advokat").Sees("En träff", "Advokat Lind", "Socialförvaltningen")
		maria.Get("/contacts").Post("/contacts/search", "q", "karin").Sees("Karin")
		maria.Get("/contacts").Post("/contacts/search", "q", "x").Sees("minst två tecken")
		maria.Get("/contacts").Post("/contacts/search", "q", "finnsinte").Sees("Ingen som du kan se heter så")
		maria.Get("/contacts?unit="+strings.TrimPrefix(social, "/org/unit/")).Sees("Advokat Lind", "Utanför huset", "Tolkförmedlingen")
	})
	t.Run("who is chosen is a recipient, with the number, and others are added to the letter", func(t *testing.T) {
		maria.Get("/contacts").Post("/contacts/search", "q", "advokat")
		maria.Post("/contacts/choose", "to", maria.ticks("Advokat Lind")).Sees(`value="lind@advokat.example"`, `value="+46707654321"`)
		draft := strings.TrimPrefix(maria.at, "/write/")
		maria.SendForm("/write/"+draft, []fill{{"to", "lind@advokat.example"}, {"phone", "+46707654321"}, {"subject", "Hej"}, {"text", "Se bilagan."}, {"do", "contacts"}}, nil).At("/contacts")
		maria.Sees("Tillbaka till brevet", "Lägg till de valda")
		maria.Post("/contacts/search", "q", "tolk", "draft", draft)
		maria.Post("/contacts/choose", "draft", draft, "to", maria.ticks("Tolkförmedlingen")).At("/write/" + draft)
		maria.Sees(`value="lind@advokat.example"`, `value="tolk@tolkar.example"`, "Se bilagan.")
		maria.Get("/contacts?draft="+draft).Post("/contacts/choose", "draft", draft).Sees("Välj minst en")
	})
	t.Run("who is in another branch finds colleagues, and not that list", func(t *testing.T) {
		boss.adds("Bygglov", "olle@exempelkommun.se", "Olle Bygg")
		olle := j.Browser().ShowCode(j.codeTo("olle@exempelkommun.se"))
		olle.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
		olle.Get("/contacts").Post("/contacts/search", "q", "advokat").Sees("Ingen som du kan se heter så")
		olle.Get("/contacts").Post("/contacts/search", "q", "tolk").Sees("Tolkförmedlingen")
		olle.Get("/contacts").Post("/contacts/search", "q", "karin").Sees("Karin")
		maria.Get("/contacts").Post("/contacts/search", "q", "advokat")
		lind := maria.ticks("Advokat Lind")
		olle.Get("/contacts").Post("/contacts/choose", "to", lind).Sees("Välj minst en")
		if b := olle.Get("/contacts?unit=" + strings.TrimPrefix(social, "/org/unit/")); strings.Contains(b.page, "Advokat") {
			t.Error("the list is shown")
		}

		t.Run("and a department that shows its people to its branch alone is not found there", func(t *testing.T) {
			boss.Get(social).Post(social+"/change", "form", "change", "name", "Socialförvaltningen", "cost", "5100", "sms", "yes", "listing", "branch").Sees("Ändringen är sparad")
			olle.Get("/contacts").Post("/contacts/search", "q", "karin").Sees("Ingen som du kan se heter så")
			maria.Get("/contacts").Post("/contacts/search", "q", "karin").Sees("En träff")
		})
	})
	t.Run("a sponsored group finds nobody until it is set, and only who has the right above may set it", func(t *testing.T) {
		boss.Get(social).Post(social+"/add", "form", "unit", "name", "Läkare", "kind", "group")
		at := boss.unit("Läkare")
		boss.adds("Läkare", "doktor@vard.example", "Doktor Ek")
		doktor := j.Browser().ShowCode(j.CodeOf(j.Await("email", "doktor@vard.example", 1)))
		doktor.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
		doktor.Get("/contacts").Sees("Du ser inga kontaktlistor").SeesNot("Karin")
		maria.Get("/contacts").Post("/contacts/search", "q", "doktor").Sees("Ingen som du kan se heter så")
		karin.Get(at).Post(at+"/change", "form", "change", "name", "Läkare", "listing", "house").Sees("rätt över hela huset")
		karin.Get(at).Post(at+"/change", "form", "change", "name", "Läkare", "listing", "branch").Sees("Ändringen är sparad")
		doktor.Get("/contacts").Post("/contacts/search", "q", "advokat").Sees("Advokat Lind")
		doktor.Get("/contacts").Post("/contacts/search", "q", "olle").Sees("Ingen som du kan se heter så")
		maria.Get("/contacts").Post("/contacts/search", "q", "doktor").Sees("Doktor Ek")
	})
	t.Run("a light plan may write to whom the lists have", func(t *testing.T) {
		unit := boss.unit("Ekonomiskt bistånd")
		boss.Get(unit).Post(unit+"/change", "form", "change", "name", "Ekonomiskt bistånd", "cost", "5110", "sms", "yes", "plan", "lite").Sees("LITE PERSONAL")
		j.Send(letter{to: []string{"lind@advokat.example.0707654321.s"}, from: caseworker, subject: "Ett"})
		if err := j.TrySend(letter{to: []string{"ny@example.org.0707654321.s"}, from: caseworker, subject: "Två"}); err == nil || !strings.Contains(err.Error(), "550") {
			t.Error(err)
		}
	})
	t.Run("who is changed is changed, who is taken out is gone, and the unit stays while there is a list", func(t *testing.T) {
		at := social + "/contacts"
		maria.Get("/contacts").Post("/contacts/search", "q", "advokat")
		lind := maria.ticks("Advokat Lind")
		karin.Get(at).Post(at+"/change", "entry", lind, "name", "Lind & Co", "address", "lind@advokat.example").Sees("Ändringen är sparad", "Lind & Co").SeesNot("+46707654321")
		if b := boss.Get(root+"/contacts").Post(root+"/contacts/remove", "entry", lind); b.code != http.StatusNotFound {
			t.Errorf("taken out of another list: %d", b.code)
		}
		karin.Get(at).Post(at+"/remove", "entry", lind).Sees("Kontakten är borttagen", "Ingen står i listan än")
		maria.Get("/contacts").Post("/contacts/search", "q", "advokat").Sees("Ingen som du kan se heter så")
		boss.Get(social).Post(social+"/add", "form", "unit", "name", "Tomma")
		empty := boss.unit("Tomma")
		boss.Get(empty+"/contacts").Post(empty+"/contacts", "address", "x@example.org").Sees("x@example.org")
		boss.Get(empty).Post(empty + "/remove").Sees("kontaktlista")
	})
	boss.Get("/journal").Sees("Kontakt lades till", "Kontakt ändrades", "Kontakt togs bort").SeesNot("lind@advokat.example")
}
