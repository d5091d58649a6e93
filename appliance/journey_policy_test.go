package appliance_test

import (
	"net/http"
	"testing"
)

func TestLostPhone(t *testing.T) {
	j := newJourney(t)
	maria := j.Browser().SignsIn(caseworker)
	maria.ConnectsApp("/account", mariaPhone, mariaE164)
	boss, johan := j.Organiser(adminAt), j.Organiser(johanAt)
	at := boss.person(caseworker)
	t.Run("without the phone the password alone leads nowhere", func(t *testing.T) {
		j.Browser().Password(caseworker).At("/in/factor")
	})
	t.Run("a colleague cannot help, and learns nothing", func(t *testing.T) {
		johan.Get("/mail")
		if b := johan.Post(at + "/factor"); b.code != http.StatusNotFound {
			t.Errorf("%d", b.code)
		}
	})
	t.Run("an organiser takes the factor away; who was signed in by it is out, and the password is still needed", func(t *testing.T) {
		boss.Get(at).Sees("Borttappad telefon", "Appen som visar koder slutar gälla", "Telefonnumret för koder glöms", "Personen är inloggad på ett ställe nu").SeesNot("applösenord")
		boss.Post(at+"/factor").Sees("nollställd", "Av").SeesNot("Borttappad telefon")
		maria.Get("/mail").At("/in")
		j.Browser().Get("/in").Post("/in", "address", caseworker, "password", "fel-ord-vid-hamnen").At("/in")
		j.Browser().SignsIn(caseworker).Get("/mail").Sees("Inkorg")
	})
	t.Run("the person is told", func(t *testing.T) {
		m := j.Await("email", caseworker, 3) // the app, the new browser, and this
		if m.Subject == "" {
			t.Error("without a subject")
		}
		for _, m := range j.Trapped("email", caseworker) {
			if m.Subject == "Inloggning i två steg har nollställts i din säkra brevlåda hos Exempelkommun" {
				return
			}
		}
		t.Error("nobody has told her")
	})
	t.Run("there is nothing to take away twice, and nobody takes their own", func(t *testing.T) {
		boss.Get(at)
		boss.Post(at + "/factor").Sees("Personen har ingen inloggning i två steg")
		own := boss.person(adminAt)
		boss.Get(own).SeesNot("Borttappad telefon")
		boss.Post(own + "/factor").Sees("Din egen inloggning")
	})
}

func TestFactorByDepartment(t *testing.T) {
	j := newJourney(t)
	boss := j.Organiser(adminAt)
	at := boss.unit("Barn och familj") // where Johan works
	boss.Get(at).Post(at+"/change", "form", "change", "name", "Barn och familj", "cost", "5120", "sms", "yes", "factor", j.Date(3)).Sees("Ändringen är sparad", j.Date(3))
	t.Run("until the day its people are told, and others are not", func(t *testing.T) {
		j.Browser().SignsIn(johanAt).Get("/mail").Sees("behöver du inloggning i två steg")
		j.Browser().SignsIn(caseworker).Get("/mail").SeesNot("behöver du inloggning i två steg")
	})
	t.Run("from the day on they set it up before they come in, and others come in as before", func(t *testing.T) {
		j.Days(4)
		j.Browser().Password(johanAt).At("/in/phone")
		j.Browser().SignsIn(caseworker).Get("/mail").Sees("Inkorg")
	})
	t.Run("who moves to another department goes by that one's rule", func(t *testing.T) {
		boss = j.Organiser(adminAt)
		boss.Get(boss.person(johanAt)).Post(boss.person(johanAt)+"/home", "unit", boss.units["Bygglov"])
		j.Browser().SignsIn(johanAt).Get("/mail").Sees("Inkorg")
	})
	t.Run("a day that is none is refused", func(t *testing.T) {
		b := boss.Get(at).Post(at+"/change", "form", "change", "name", "Barn och familj", "factor", "snart")
		if b.code != http.StatusUnprocessableEntity {
			t.Errorf("%d", b.code)
		}
	})
}
