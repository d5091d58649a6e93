package appliance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sigill/appliance"
)

// organiser is a browser in which somebody organises.
type organiser struct {
	*browser
	units, people map[string]string
}

func (j *journey) Organiser(address string) *organiser {
	j.Helper()
	return &organiser{browser: j.Browser().SignsIn(address)}
}

// look learns the ids that there are by now.
func (o *organiser) look() *organiser {
	o.units, o.people = appliance.OrganisationOf(o.j.demo)
	return o
}

func (o *organiser) unit(name string) string      { return "/org/unit/" + o.look().units[name] }
func (o *organiser) person(address string) string { return "/org/person/" + o.look().people[address] }

// adds adds somebody to a unit.
func (o *organiser) adds(unit, address, name string) *browser {
	o.j.Helper()
	return o.Get(o.unit(unit)).Post(o.unit(unit)+"/people", "form", "person", "address", address, "name", name)
}

func TestOrganisationPages(t *testing.T) {
	j := newJourney(t)
	karin, boss := j.Organiser(karinAt), j.Organiser(adminAt)
	t.Run("an organiser sees the own branch and nothing beside it, an administrator all", func(t *testing.T) {
		karin.Get("/org").Sees("Socialförvaltningen", "Barn och familj").SeesNot("Bygglov", "Hela organisationen")
		boss.Get("/org").Sees("Exempelkommun", "Bygglov", "Det finns bara en administratör", `href="/todo"`)
		if b := karin.Get(karin.unit("Bygglov")); b.code != http.StatusNotFound {
			t.Errorf("%d", b.code)
		}
		if b := j.Browser().SignsIn(caseworker).Get("/org"); b.code != http.StatusNotFound {
			t.Errorf("%d", b.code)
		}
		j.Browser().Get("/org").At("/in")
	})
	t.Run("somebody is added, is invited by mail, and can come in", func(t *testing.T) {
		karin.adds("Barn och familj", "ny@exempelkommun.se", "Ny Person").Sees("får en inbjudan", "Ny Person", "Har aldrig loggat in")
		b := j.Browser().ShowCode(j.codeTo("ny@exempelkommun.se")).At("/welcome")
		b.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
		karin.Get(karin.person("ny@exempelkommun.se")).Sees("Aktiv", "Barn och familj", "5120").SeesNot("Bjud in igen")
	})
	t.Run("a name that is searched for stands in no address, also from page to page", func(t *testing.T) {
		table := "e-post;avdelning\n"
		for i := range 60 {
			table += fmt.Sprintf("sok.%02d@exempelkommun.se;Växel\n", i)
		}
		karin.imports("Socialförvaltningen", table+"annan@exempelkommun.se;Växel\n").Sees("Klart")
		at := karin.unit("Växel")
		karin.Get(at).Sees("annan@", "from=50", `action="`+at+`/search#people"`).SeesNot("sok.59@")
		karin.Post(at+"/search", "list", "people", "q", " SOK. ").Sees("sok.00@", "sok.49@", `name="from" value="50"`).SeesNot("sok.50@", "?from", "q=", "annan@")
		karin.Post(at+"/search", "list", "people", "q", "sok.", "from", "50").Sees("sok.50@", "sok.59@", `name="from" value="0"`).SeesNot("sok.49@")
		karin.Get(at + "?q=sok.59").Sees("annan@")
		if b := karin.Get(at).Post(karin.unit("Bygglov")+"/search", "q", "x"); b.code != http.StatusNotFound {
			t.Errorf("%d", b.code)
		}
	})
	t.Run("an address of another domain is refused with a reason, and what was typed is still there", func(t *testing.T) {
		b := karin.adds("Barn och familj", "x@annan.se", "Xerxes")
		b.Sees("någon av de egna domänerna", `value="x@annan.se"`, `value="Xerxes"`)
		if b.code != http.StatusUnprocessableEntity {
			t.Errorf("%d", b.code)
		}
	})
	t.Run("whose invitation was lost is invited again, and the old code is dead", func(t *testing.T) {
		karin.adds("Barn och familj", "borta@exempelkommun.se", "Bo Borta")
		lost := j.codeTo("borta@exempelkommun.se")
		at := karin.person("borta@exempelkommun.se")
		karin.left(at).Sees("Inbjudan gäller till")
		karin.Post(at + "/invite").Sees("Inbjudan är på väg")
		j.Browser().ShowCode(lost).Sees("Koden")
		b := j.Browser().ShowCode(j.CodeOf(j.Await("email", "borta@exempelkommun.se", 2))).At("/welcome")
		b.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
		karin.Get(karin.person("borta@exempelkommun.se")).Sees("Bo Borta", "Barn och familj")
	})
	t.Run("nor is a letter lost by it: who has one keeps the key, and the organiser is told why", func(t *testing.T) {
		j.Send(letter{to: []string{"kvar@exempelkommun.se.s"}, subject: "Väntar", body: "Väntar på dig."})
		first := j.CodeOf(j.invitationTo("kvar@exempelkommun.se"))
		at := boss.person("kvar@exempelkommun.se")
		boss.left(at).Post(at + "/invite").Sees("återställningsnyckeln")
		b := j.Browser().ShowCode(first).At("/welcome")
		b.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail").Sees("Väntar")
	})
	t.Run("whoever was met by mail stands at the house, and is moved to where they belong with their letters", func(t *testing.T) {
		boss.Get(boss.unit("Exempelkommun")).Sees("kvar@exempelkommun.se")
		at := boss.person("kvar@exempelkommun.se")
		boss.Get(at).Post(at+"/home", "unit", boss.units["Bygglov"]).Sees("Ändringen är sparad", "Bygglov")
		boss.Get(boss.unit("Exempelkommun")).SeesNot("kvar@exempelkommun.se")
		j.Browser().SignsInAs("kvar@exempelkommun.se", "fyra gröna hästar").Get("/mail").Sees("Väntar")
	})
	t.Run("a branch is moved with its people, and its organiser follows it", func(t *testing.T) {
		at := boss.unit("Barn och familj")
		boss.Get(at).Post(at+"/move", "to", boss.units["Bygg- och miljöförvaltningen"]).Sees("Enheten är flyttad")
		karin.Get("/org").SeesNot("Barn och familj")
		if b := karin.Get(karin.person(johanAt)); b.code != http.StatusNotFound {
			t.Errorf("%d", b.code)
		}
		boss.Get(at).Post(at+"/move", "to", boss.units["Socialförvaltningen"])
		karin.Get(karin.person(johanAt)).Sees("Johan Lind")
	})
	t.Run("nobody is at two places at once below itself", func(t *testing.T) {
		at := boss.unit("Socialförvaltningen")
		b := boss.Get(at).Post(at+"/move", "to", boss.units["Barn och familj"])
		b.Sees("inte ligga under sig själv")
	})
	t.Run("a right that is taken back is gone with the next press", func(t *testing.T) {
		at := boss.unit("Bygg- och miljöförvaltningen")
		boss.Get(at).Post(at+"/appoint", "address", "ingen@exempelkommun.se").Sees("Ingen i organisationen har den adressen")
		boss.Get(at).Post(at+"/appoint", "address", johanAt).Sees("Johan Lind")
		johan := j.Organiser(johanAt)
		johan.Get("/org").Sees("Bygglov")
		boss.Get(at).Post(at+"/dismiss", "person", boss.people[johanAt]).SeesNot("Johan Lind")
		if b := johan.Get("/org"); b.code != http.StatusNotFound {
			t.Errorf("%d", b.code)
		}
	})
	t.Run("outsiders of a group get letters in their own mailbox while it lasts, and by code afterwards", func(t *testing.T) {
		at := boss.unit("Socialförvaltningen")
		boss.Get(at).Post(at+"/add", "name", "Ombud", "kind", "group").Sees("Enheten finns nu", "Grupp av utomstående")
		group := boss.unit("Ombud")
		last := j.Date(2)
		boss.Get(group).Post(group+"/change", "name", "Ombud", "last", last).Sees("Ändringen är sparad")
		boss.adds("Ombud", "ada@byra.example", "Ada Advokat").Sees("Ada Advokat")
		b := j.Browser().ShowCode(j.CodeOf(j.Await("email", "ada@byra.example", 1))).At("/welcome")
		b.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
		j.Send(letter{to: []string{"ada@byra.example.0709876543.s"}, subject: "Bara med kod", body: "Utan andra steg."})
		j.Turn(0)
		b.Get("/mail").SeesNot("Bara med kod") // an invitation mail alone must not open what is sent to a phone
		key := b.ConnectsApp("/account", "0709876543", "+46709876543")
		j.Send(letter{to: []string{"ada@byra.example.s"}, subject: "Till ombudet", body: "Handlingar."})
		j.Turn(0)
		b.Get("/mail").Sees("Till ombudet")
		b.Get("/write").SendForm("/write", []fill{{"to", caseworker}, {"subject", "Från ombudet"}, {"text", "Hej."}, {"do", "save"}}, nil).Sees("Utkastet är sparat")
		j.Days(3)
		boss = j.Organiser(adminAt)
		boss.Get(group).Sees("Gäller inte nu")
		j.Send(letter{to: []string{"ada@byra.example.0709876543.s"}, subject: "Efteråt", body: "Med kod."})
		j.Turn(0)
		b = j.Browser().Get("/in").Post("/in", "address", "ada@byra.example", "password", "fyra gröna hästar").At("/in/factor")
		b.Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail").Sees("Till ombudet").SeesNot("Efteråt")
		b.Get("/write").SendForm("/write", []fill{{"to", caseworker}, {"subject", "Igen"}, {"text", "Hej."}, {"do", "save"}}, nil).Sees("har upphört")
		boss.Get(boss.person("ada@byra.example")).Sees("Ta ut ur gruppen").Post(boss.person("ada@byra.example")+"/leave", "unit", boss.units["Ombud"])
		boss.Get(group).SeesNot("Ada Advokat")
	})
	t.Run("the last administrator cannot lay the role down", func(t *testing.T) {
		at := boss.person(adminAt)
		boss.Get(at).Post(at + "/roles").Sees("minst en administratör")
		other := boss.person(caseworker)
		boss.Get(other).Post(other+"/roles", "role", "admin").Sees("Ändringen är sparad")
		boss.Get(other).Sees("Rollerna senast ändrade av", "IT-drift, ")
		boss.Get(boss.person("ada@byra.example")).SeesNot("Rollerna senast ändrade")
		boss.Get(at).Post(at + "/roles")
		if b := boss.Get("/admin"); b.code != http.StatusNotFound {
			t.Errorf("%d", b.code)
		}
		j.Browser().SignsIn(caseworker).Get("/admin").Sees("Återkommande arbete")
	})
}

func TestAnInvitationThatNobodyTakesUpIsDestroyed(t *testing.T) {
	j := newJourney(t)
	boss := j.Organiser(adminAt)
	boss.adds("Bygglov", "aldrig@exempelkommun.se", "")
	code := j.codeTo("aldrig@exempelkommun.se")
	for range 12 { // a leap of more days would hold everything
		j.Days(7)
	}
	j.Browser().ShowCode(code).At("/welcome")
	j.Days(7)
	j.Browser().ShowCode(code).At("/m").Sees("Koden")
	boss = j.Organiser(adminAt)
	boss.Get(boss.person("aldrig@exempelkommun.se")).Sees("Inbjudan gäller inte längre")
}

// left shows a person's page once no invitation waits any more: the trap has a mail a
// moment before its sender knows that.
func (o *organiser) left(path string) *browser {
	o.j.Helper()
	for range 1000 {
		if o.Get(path); !strings.Contains(o.page, "Inbjudan väntar") {
			return o.browser
		}
		o.j.pause()
	}
	o.j.Fatal("an invitation waits for ever")
	return nil
}
