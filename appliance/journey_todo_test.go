package appliance_test

import (
	"net/http"
	"testing"
	"time"
)

func TestToDo(t *testing.T) {
	j := newJourney(t)
	karin, boss := j.Organiser(karinAt), j.Organiser(adminAt)
	t.Run("who has nothing to do is told so, and caseworkers have no such page", func(t *testing.T) {
		karin.Get("/mail").Sees(`href="/todo"`)
		karin.Get("/todo").Sees("Inget behöver dig just nu", "Användning och kostnad")
		maria := j.Browser().SignsIn(caseworker).Get("/mail").SeesNot(`href="/todo"`)
		if maria.Get("/todo"); maria.code != http.StatusNotFound {
			t.Errorf("%d", maria.code)
		}
		j.Browser().Get("/todo").At("/in")
	})
	t.Run("who runs the machine sees what it lacks, with where that is mended", func(t *testing.T) {
		boss.Get("/todo").Sees("Det finns bara en administratör", "Ingen har övat med återställningspaketet", "Snart", `href="/org"`, `href="/admin"`)
		boss.Get("/org/domains").Post("/org/domains", "form", "add", "domain", "skola.example")
		boss.Get("/todo").Sees("domänen skola.example är er", "När du hinner", `href="/org/domains"`)
		karin.Get("/todo").SeesNot("skola.example", "administratör")
	})
	empty := karin.mailbox()
	t.Run("a mailbox that nobody reads is one, until somebody does", func(t *testing.T) {
		karin.Get("/todo").Sees("Ingen läser i brevlådan Socialtjänsten", `href="/org/mailbox/`+empty+`"`)
		karin.seats(empty, johanAt, "now")
		karin.Get("/todo").SeesNot("Ingen läser i brevlådan")
	})
	j.Send(letter{from: caseworker, to: []string{socialAt + ".s"}, subject: "Ligger kvar", body: "Hemligt innehåll."})
	j.Send(letter{from: caseworker, to: []string{"bo@example.se.s"}, subject: "Utan nummer", body: "Hemligt innehåll."})
	karin.seats(empty, caseworker, "start")
	t.Run("so is who asks for older letters; a letter of today is not", func(t *testing.T) {
		karin.Get("/todo").Sees("Maria Ek ber om de äldre breven i brevlådan Socialtjänsten").SeesNot("legat oläst", "väntar på ett nummer")
	})
	karin.Get("/org/mailbox/"+empty).Post("/org/mailbox/"+empty+"/change", "form", "change", "name", "Socialtjänsten", "unit", karin.units["Socialförvaltningen"], "alarm", "1").Sees("Ändringen är sparad")
	karin.Get(karin.person(johanAt)).Post(karin.person(johanAt)+"/leaving", "last", j.Date(8)).Sees("Sista dag")
	j.Send(letter{from: caseworker, to: []string{johanAt + ".s"}, subject: "Till Johan", body: "Hemligt innehåll."})
	t.Run("so is who leaves soon with letters that nobody takes over", func(t *testing.T) {
		karin.Get(karin.person(johanAt)).Sees("1 brev ligger i personens brevlåda", "Personen läser i 1 av dina funktionsbrevlådor", "låta personen logga in igen").SeesNot("organisatör för")
		karin.Get("/org/mailbox/"+empty).Sees("raderas 1 brev för gott", "2 personer som läser här förlorar", "ta tillbaka det tills")
		boss.Get(boss.unit("Socialförvaltningen")).Sees("enheter under den 2", "funktionsbrevlådor 1")
		karin.Get("/todo").Sees("Johan Lind slutar", "har 1 brev i brevlådan", `href="`+karin.person(johanAt)+`"`)
	})
	j.Days(6) // held letters end after seven
	karin, boss = j.Organiser(karinAt), j.Organiser(adminAt)
	t.Run("letters that lie unread or wait for a number too long are counted, and nothing of them is shown", func(t *testing.T) {
		for _, who := range []*organiser{karin, boss} {
			who.Get("/todo").Sees("1 brev i brevlådan Socialtjänsten har legat oläst för länge", "Nu", "1 brev från någon i Ekonomiskt bistånd väntar på ett nummer")
			who.SeesNot("Ligger kvar", "Utan nummer", "Hemligt", "bo@example.se")
		}
	})
	t.Run("an organiser of another branch learns nothing of it", func(t *testing.T) {
		boss.adds("Bygglov", "nora@exempelkommun.se", "Nora Norr")
		j.Browser().ShowCode(j.codeTo("nora@exempelkommun.se")).At("/welcome").Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
		boss.Get(boss.unit("Bygglov")).Post(boss.unit("Bygglov")+"/appoint", "form", "organiser", "address", "nora@exempelkommun.se").Sees("Ändringen är sparad")
		nora := j.Browser().SignsInAs("nora@exempelkommun.se", "fyra gröna hästar").Get("/todo")
		nora.Sees("Inget behöver dig just nu").SeesNot("Socialtjänsten", "Ekonomiskt", "Johan", "Maria", "skola.example")
	})
	t.Run("an auditor sees of the journal and the clock, and nobody's name; the help desk has no figures", func(t *testing.T) {
		at := boss.person(johanAt)
		boss.Get(at).Post(at+"/roles", "role", "auditor")
		johan := j.Browser().SignsIn(johanAt).Get("/todo").Sees("Inget behöver dig", "Användning och kostnad")
		johan.SeesNot("legat", "Ekonomiskt", "Maria", "skola.example")
		boss.Get(at).Post(at+"/roles", "role", "helpdesk")
		johan.Get("/todo").Sees("Inget behöver dig").SeesNot("Användning och kostnad", "Maria")
	})
	t.Run("who has left is named with what nobody has taken over", func(t *testing.T) {
		boss.adds("Bygglov", "aldrig@exempelkommun.se", "Alva Aldrig")
		j.Days(3)
		boss = j.Organiser(adminAt) // who has a role in the whole house is theirs
		boss.Get("/todo").Sees("Johan Lind är avstängd. 1 brev ligger kvar").SeesNot("Johan Lind slutar")
	})
	t.Run("somebody who never came stands there after a month", func(t *testing.T) {
		j.Turn(31 * 24 * time.Hour)
		boss = j.Organiser(adminAt)
		boss.Get("/todo").Sees("1 person i Bygglov har varit inbjuden")
	})
}
