package appliance_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// written returns what stands in the field of a text.
func (b *browser) written() string {
	b.j.Helper()
	m := regexp.MustCompile(`(?s)<textarea[^>]*name="text"[^>]*>\n(.*?)</textarea>`).FindStringSubmatch(b.page)
	if m == nil {
		b.j.Fatalf("%s (%d) has no text:\n%s", b.at, b.code, b.page)
	}
	return m[1]
}

// entry returns the id by which a page of an organiser's names its first entry.
func (b *browser) entry() string {
	b.j.Helper()
	m := regexp.MustCompile(`name="entry" value="([0-9a-z]{26})"`).FindStringSubmatch(b.page)
	if m == nil {
		b.j.Fatalf("%s has no entry:\n%s", b.at, b.page)
	}
	return m[1]
}

func TestTemplatesAndSignatures(t *testing.T) {
	j := newJourney(t)
	karin, maria := j.Organiser(karinAt), j.Browser().SignsIn(caseworker)
	social := karin.unit("Socialförvaltningen")
	at := social + "/templates"
	var kallelse string

	t.Run("an organiser keeps texts for the branch, and a signature", func(t *testing.T) {
		karin.Get(social).Follow(at).Sees("Här finns ingen mall än").SeesNot("Sök i mallarna")
		karin.Post(at, "form", "add", "name", "", "text", "utan namn").Sees("behöver ett namn", "utan namn")
		karin.Post(at, "form", "add", "name", "Kallelse", "subject", "Kallelse till möte", "text", "Hej,\r\n\r\nvälkommen till ett möte.").Sees("Mallen är tillagd", "Sök i mallarna")
		kallelse = karin.entry()
		karin.Post(at+"/signature", "form", "signature", "signature", strings.Repeat("x", 1001)).Sees("för lång")
		karin.Post(at+"/signature", "form", "signature", "signature", "Socialtjänsten\r\n0123-45 67 89").Sees("Ändringen är sparad", "Socialtjänsten\n0123-45 67 89")
	})
	t.Run("the signature stands below a new letter, and alone it is no letter", func(t *testing.T) {
		if got := maria.Get("/write").written(); got != "\n\nSocialtjänsten\n0123-45 67 89" {
			t.Errorf("%q", got)
		}
		maria.SendForm("/write", []fill{{"to", anna}, {"phone", annaPhone}, {"text", maria.written()}, {"do", "send"}}, nil).Sees("Skriv något")
		if got := j.Browser().SignsIn(johanAt).Get("/write").written(); !strings.HasSuffix(got, "Socialtjänsten\n0123-45 67 89") {
			t.Errorf("a colleague below has %q", got)
		}
	})
	t.Run("a template comes in, above the signature, and is sent as it is shown", func(t *testing.T) {
		maria.Get("/write").Sees("Kallelse (Socialförvaltningen)").SendForm("/write", []fill{{"to", anna}, {"phone", annaPhone}, {"text", maria.written()}, {"template", kallelse}, {"do", "template"}}, nil)
		if got := maria.written(); got != "Hej,\n\nvälkommen till ett möte.\n\nSocialtjänsten\n0123-45 67 89" {
			t.Errorf("%q", got)
		}
		maria.Sees(`value="Kallelse till möte"`)
		path := maria.at
		maria.SendForm(path, []fill{{"to", anna}, {"phone", annaPhone}, {"subject", "Kallelse till möte"}, {"text", maria.written()}, {"do", "send"}}, nil).Sees("0123-45 67 89").Post(path+"/send", "seen", seenOn.FindStringSubmatch(maria.page)[1]).Sees("Brevet är skickat")
		j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Sees("Kallelse till möte", "välkommen till ett möte.\n\nSocialtjänsten\n0123-45 67 89")
	})
	t.Run("what is written is not lost: it is asked first", func(t *testing.T) {
		for do, want := range map[string]string{
			"below":   "Kära Anna.\n\nHej,\n\nvälkommen till ett möte.\n\nSocialtjänsten\n0123-45 67 89",
			"replace": "Hej,\n\nvälkommen till ett möte.\n\nSocialtjänsten\n0123-45 67 89",
		} {
			maria.Get("/write").SendForm("/write", []fill{{"subject", "Eget ämne"}, {"text", "Kära Anna.\r\n\r\nSocialtjänsten\r\n0123-45 67 89"}, {"template", kallelse}, {"do", "template"}}, nil)
			maria.Sees("Det står redan en text i brevet", "välkommen till ett möte")
			ask := maria.at
			maria.Post(ask, "do", do)
			if got := maria.written(); got != want {
				t.Errorf("%s: %q", do, got)
			}
			subject := map[string]string{"below": "Eget ämne", "replace": "Kallelse till möte"}[do]
			maria.Sees(`value="` + subject + `"`)
		}
		maria.SendForm(maria.at, []fill{{"text", "Hej."}, {"template", ""}, {"do", "template"}}, nil).Sees("Välj en mall först", "Hej.")
	})
	t.Run("an own signature takes the place of the unit's", func(t *testing.T) {
		maria.Get("/account").Post("/account/signature", "signature", strings.Repeat("y", 1001)).Sees("för lång")
		maria.Get("/account").Post("/account/signature", "signature", "Maria Ek\r\nSocialsekreterare").Sees("Ändringen är sparad", "Maria Ek\nSocialsekreterare")
		if got := maria.Get("/write").written(); got != "\n\nMaria Ek\nSocialsekreterare" {
			t.Errorf("%q", got)
		}
		maria.Get("/contacts").Post("/contacts/search", "q", "johan")
		maria.Post("/contacts/choose", "to", maria.ticks("Johan Lind"))
		if got := maria.written(); got != "\n\nMaria Ek\nSocialsekreterare" {
			t.Errorf("a letter to who was chosen has %q", got)
		}
	})
	t.Run("but not in the name of a function mailbox, which has its unit's", func(t *testing.T) {
		karin.Get(social).Post(social+"/mailbox", "form", "mailbox", "name", "Familjerätt", "address", "familjeratt@exempelkommun.se")
		box := karin.at
		karin.Post(box+"/join", "form", "reader", "address", caseworker, "from", "now").Sees("Maria Ek")
		path := "/box/" + strings.TrimPrefix(box, "/org/mailbox/") + "/write"
		if got := maria.Get(path).Sees("Kallelse (Socialförvaltningen)").written(); got != "\n\nSocialtjänsten\n0123-45 67 89" {
			t.Errorf("%q", got)
		}
	})
	t.Run("who is in another branch has neither", func(t *testing.T) {
		boss := j.Organiser(adminAt)
		boss.adds("Bygglov", "olle@exempelkommun.se", "Olle Bygg")
		olle := j.Browser().ShowCode(j.codeTo("olle@exempelkommun.se"))
		olle.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
		if got := olle.Get("/write").SeesNot("Kallelse").written(); got != "" {
			t.Errorf("%q", got)
		}
		olle.SendForm("/write", []fill{{"text", ""}, {"template", kallelse}, {"do", "template"}}, nil)
		if olle.code != http.StatusNotFound {
			t.Errorf("%d", olle.code)
		}
	})
	t.Run("one that is changed or removed is so for the next letter", func(t *testing.T) {
		karin.Get(at).Post(at+"/change", "entry", kallelse, "name", "Möte", "text", "Ny text.").Sees("Ändringen är sparad", "Möte")
		maria.Get("/write").Sees("Möte (Socialförvaltningen)").SeesNot("Kallelse (")
		karin.Get(at).Post(at+"/remove", "entry", kallelse).Sees("Mallen är borttagen", "Här finns ingen mall än")
		maria.Get("/write").SeesNot("Möte (")
	})
	j.Organiser(adminAt).Get("/journal").Sees("Mall lades till", "Mall ändrades", "Mall togs bort", "Underskrift ändrades").SeesNot("Kallelse", "0123-45")
}
