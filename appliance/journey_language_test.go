package appliance_test

import (
	"strings"
	"testing"
	"time"
)

func TestEverybodyIsToldInTheirOwnLanguage(t *testing.T) {
	j := newJourney(t)
	sent := 0
	send := func(subject string, lang ...string) trapped {
		t.Helper()
		l := letter{to: []string{annaSecure}, subject: subject, body: "Hej."}
		for _, tag := range lang {
			l.header = "X-Sigill-Language: " + tag + "\n"
		}
		j.Send(l)
		j.Turn(2 * time.Minute) // the next SMS
		sent++
		return j.Await("email", anna, sent)
	}
	t.Run("the sender asks for Finnish: notice, pages and SMS are in it, whatever the browser wishes", func(t *testing.T) {
		m := send("Beslut", "fi")
		if m.Subject != "Sinulle on kirje. Lähettäjä: Socialtjänsten, Exempelkommun" {
			t.Error(m.Subject)
		}
		b := j.Browser().ShowCode(j.CodeOf(m)).At("/m/pin").Sees(`<html lang="fi"`, "Lähetimme koodin", "numeroon, jonka lopussa on 67")
		sms := j.Await("sms", annaPhone, 1)
		if want := j.LastPIN(annaPhone) + " on kirjeesi koodi. Lähettäjä: Exempelkommun."; !strings.HasPrefix(sms.Text, want) {
			t.Errorf("the SMS is not in Finnish: %.12s", sms.Text[6:])
		}
		b.GiveLastPIN(annaPhone).At("/m/letter").Sees(`<html lang="fi"`, "Tallenna tiedostona", "Hej.")
	})
	t.Run("a language that the house does not speak is none", func(t *testing.T) {
		if m := send("Beslut", "se"); m.Subject != "Du har ett brev från Socialtjänsten, Exempelkommun" {
			t.Error(m.Subject)
		}
	})
	t.Run("what the reader picks before the code is right is the language of the next notice", func(t *testing.T) {
		m := send("Beslut")
		b := j.Browser().Get("/m?lang=da").Sees(`<html lang="da"`)
		b.ShowCode(j.CodeOf(m)).GiveLastPIN(annaPhone).At("/m/letter").Sees(`<html lang="da"`)
		if next := send("Et brev til"); !strings.Contains(next.Text, "et brev, som kun du kan læse") {
			t.Error(next.Subject)
		}
	})
	t.Run("who writes in the portal chooses it there, and sees what was chosen", func(t *testing.T) {
		b := j.Browser().SignsIn(caseworker).Get("/write").Sees("Språk i aviseringen", "Norsk", "Suomi")
		b.SendForm("/write", []fill{{"to", "kari@example.se"}, {"phone", "070-123 45 68"}, {"subject", "Vedtak"}, {"text", "Hei."}, {"lang", "nb"}, {"do", "send"}}, nil).Sees("Norsk")
		path := b.at
		b.Get(path[:len(path)-len("/check")]).Sees(`<option value="nb" selected>`)
		b.Get(path).Post(path[:len(path)-len("check")] + "send").Sees("Brevet är skickat")
		if m := j.Await("email", "kari@example.se", 1); !strings.Contains(m.Text, "et brev som bare du kan lese") {
			t.Error(m.Subject)
		}
		b.SendForm("/write", []fill{{"to", "kari@example.se"}, {"text", "Hei."}, {"lang", "xx"}, {"do", "save"}}, nil).Sees(`<html lang="sv"`, `<option value="" selected>`)
	})
	t.Run("a person who chooses a language gets the pages and the mails in it", func(t *testing.T) {
		b := j.Browser().SignsIn(caseworker)
		b.Get("/account").Post("/account/language", "lang", "fi").At("/account").Sees("Kieli on vaihdettu", "Oma tili")
		j.Send(letter{to: []string{"bo@example.se.0701234569.s"}, subject: "x", body: "Hej."})
		j.AwaitSaying("email", caseworker, "Olemme vastaanottaneet kirjeesi.")
		j.Browser().SignsIn(caseworker).Sees(`<html lang="fi"`)
	})
	t.Run("what is picked on a page is kept for the account by who says so, and by no link alone", func(t *testing.T) {
		b := j.Browser().SignsIn(johanAt).SeesNot("nu af?").Get("/mail/sent?lang=da").Sees(`<html lang="da"`, "Vil du have alle sider")
		j.Browser().SignsIn(johanAt).Sees(`<html lang="sv"`)
		b.Post("/account/language", "lang", "da").At("/account").SeesNot("Vil du have alle sider")
		j.Browser().SignsIn(johanAt).Sees(`<html lang="da"`)
	})
	t.Run("who invites somebody says in which language", func(t *testing.T) {
		boss := j.Organiser(adminAt)
		unit := boss.unit("Bygglov")
		boss.Get(unit).Sees("Språk i inbjudan").Post(unit+"/people", "form", "person", "address", "aino@exempelkommun.se", "name", "Aino", "lang", "fi")
		if m := j.Await("email", "aino@exempelkommun.se", 1); !strings.Contains(m.Raw, "Content-Language: fi") && !strings.Contains(m.Text, "turvaposti") {
			t.Error(m.Text)
		}
		boss.Get("/org/recipients").Post("/org/recipients", "address", "kaisa@example.se", "phone", "0701234571", "repeat", "0701234571", "lang", "fi")
		m := j.Await("email", "kaisa@example.se", 1)
		j.Browser().Get("/m").ShowCode(j.CodeOf(m)).Sees(`<html lang="fi"`)
	})
	t.Run("a recipient with an account is told in the language of the account", func(t *testing.T) {
		m := send("Beslut", "en")
		b := j.Browser().Get("/m?lang=fi").ShowCode(j.CodeOf(m)).GiveLastPIN(annaPhone).At("/m/letter")
		j.Turn(2 * time.Minute)
		b.Follow("/m/register").Post("/m/register").At("/m/register/pin").Post("/m/register/pin", "pin", j.LastPIN(annaPhone))
		b.At("/m/register/password").Post("/m/register/password", "password", annaPassword, "repeat", annaPassword).At("/mail").Sees("Tili on valmis")
		sent = len(j.Trapped("email", anna))
		if m := send("Beslut", "en"); m.Subject != "Sinulle on uusi kirje. Lähettäjä: Socialtjänsten, Exempelkommun" {
			t.Error(m.Subject)
		}
	})
}
