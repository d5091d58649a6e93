package appliance_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTheSenderIsToldThatItWasRead(t *testing.T) {
	j := newJourney(t)
	month := j.Noon()
	maria := j.Browser().SignsIn(caseworker)
	t.Run("who has no phone is offered a mail, and told how to get more", func(t *testing.T) {
		maria.Get("/write").Sees(`value="none" selected`, `value="mail"`, "lagt till en telefon").SeesNot(`value="sms"`)
	})
	key := maria.ConnectsApp("/account", mariaPhone, mariaE164)
	back := func() {
		j.Step()
		maria = j.Browser().Password(caseworker).Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
	}
	told := func() (list []string) {
		for _, m := range j.Trapped("sms", mariaE164)[1:] { // the first proved the phone
			list = append(list, m.Text)
		}
		return list
	}
	receipts := func(to string) (n int) {
		for _, m := range j.Trapped("email", to) {
			if strings.Contains(m.Subject, "är läst") {
				n++
			}
		}
		return n
	}
	reads := func(address, phone string) {
		j.Turn(2 * time.Minute)
		list := j.Trapped("email", address)
		j.Browser().Opens(list[len(list)-1], phone).Sees("Hemlig text")
	}
	sends := func(at, receipt string, to ...string) {
		form := []fill{}
		for i, a := range to {
			form = append(form, fill{"to", a}, fill{"phone", fmt.Sprintf("070123456%d", i)})
		}
		maria.Get(at).SendForm(at, append(form, fill{"subject", "Hemligt ämne"}, fill{"text", "Hemlig text."}, fill{"receipt", receipt}, fill{"do", "send"}), nil)
		maria.Sees("Läskvitto").Post(strings.TrimSuffix(maria.at, "/check") + "/send").Sees("Brevet är skickat")
	}
	three := []string{"ett@example.se", "tva@example.se", "tre@example.se"}
	t.Run("an SMS is offered with what it costs and how many come, and the summary says it again", func(t *testing.T) {
		maria.Get("/write").Sees("slutar på 43", "0,42\u00a0SEK", "ett sms i timmen och 8 om dagen")
		sends("/write", "sms", three...)
	})
	t.Run("it says that somebody has read, and neither who nor what", func(t *testing.T) {
		reads("ett@example.se", "+46701234560")
		j.Turn(time.Minute)
		if got := told(); len(got) != 1 || !strings.Contains(got[0], "En mottagare har läst ett säkert brev") || strings.Contains(got[0], "ett@") || strings.Contains(got[0], "Hemlig") {
			t.Errorf("%q", got)
		}
	})
	t.Run("what is read within the hour goes with the next, once", func(t *testing.T) {
		reads("tva@example.se", "+46701234561")
		reads("tre@example.se", "+46701234562")
		reads("ett@example.se", "+46701234560")
		if got := told(); len(got) != 1 {
			t.Errorf("%q", got)
		}
		j.Turn(time.Hour)
		if got := told(); len(got) != 2 || !strings.Contains(got[1], "2 mottagare har läst") {
			t.Errorf("%q", got)
		}
		j.Turn(2 * time.Hour)
		if got := told(); len(got) != 2 || receipts(caseworker) != 0 {
			t.Errorf("%q, and %d mails", got, receipts(caseworker))
		}
	})
	t.Run("it counts as the person's own, and the journal tells of each", func(t *testing.T) {
		// Of the seven one proved the phone, and four were PINs to readers.
		if got := j.Organiser(adminAt).used(month, "person")["Maria Ek"]; got != "1 3 7 2,9400" {
			t.Errorf("%q", got)
		}
		n := 0
		for _, act := range j.Browser().SignsIn(adminAt).acts(0) {
			if slices.Contains(act, "read_told") {
				n++
			}
		}
		if n != 3 {
			t.Errorf("%d acts", n)
		}
	})
	t.Run("what is chosen on the account holds for letters that say nothing, also by mail", func(t *testing.T) {
		back()
		maria.Get("/account").Post("/account/receipt", "receipt", "sms").At("/account").Sees("Ändringen är sparad", `value="sms" selected`).Get("/write").Sees(`value="sms" selected`)
		if maria.Get("/account").Post("/account/receipt", "receipt", "often"); maria.code != http.StatusBadRequest {
			t.Error(maria.code)
		}
		j.Send(letter{to: []string{"ett@example.se.s"}, subject: "Hemligt", body: "Hemlig text."})
		j.Await("email", "ett@example.se", 2)
		reads("ett@example.se", "+46701234560")
		j.Turn(time.Minute)
		if got := told(); len(got) != 3 {
			t.Errorf("%q", got)
		}
		j.Send(letter{to: []string{"ett@example.se.s"}, subject: "Hemligt", body: "Hemlig text.", header: "X-Sigill-Receipt: no\n"})
		j.Await("email", "ett@example.se", 3)
		reads("ett@example.se", "+46701234560")
		j.Turn(2 * time.Hour)
		if got := told(); len(got) != 3 {
			t.Errorf("%q", got)
		}
	})
	t.Run("whom no SMS reaches is told by a mail, which leads to the letter", func(t *testing.T) {
		johan := j.Browser().SignsIn(johanAt)
		j.Send(letter{from: johanAt, to: []string{"tva@example.se.s"}, subject: "Hemligt", body: "Hemlig text.", header: "X-Sigill-Receipt: sms\n"})
		j.Await("email", "tva@example.se", 2)
		reads("tva@example.se", "+46701234561")
		j.Turn(time.Minute)
		m := j.AwaitSaying("email", johanAt, "Ditt brev är läst")
		at := regexp.MustCompile(`/mail/[0-9a-z]{26}`).FindString(m.Text)
		if !strings.Contains(m.Text, "tva@example.se") || strings.Contains(m.Raw, "Hemlig") {
			t.Errorf("%s", m.Text)
		}
		johan.Get(at).Sees("Hemligt", "tva@example.se")
	})
	t.Run("of what went out in a function mailbox' name who wrote it is told, until they leave it", func(t *testing.T) {
		back()
		box := "/box/" + j.Organiser(karinAt).mailbox(caseworker, johanAt)
		before := len(told())
		sends(box+"/write", "sms", "fyra@example.se", "fem@example.se")
		j.Await("email", "fem@example.se", 1)
		reads("fyra@example.se", "+46701234560")
		j.Turn(time.Minute)
		maria.Get(box + "/leave").Post(box + "/leave").At("/mail")
		reads("fem@example.se", "+46701234561")
		j.Turn(2 * time.Hour)
		if got := told(); len(got) != before+1 {
			t.Errorf("%q", got)
		}
		j.AwaitSaying("email", socialAt, "fem@example.se")
	})
}
