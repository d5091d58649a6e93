package appliance_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestWhoeverMeetsAnObstacleTellsItWithoutSigningIn(t *testing.T) {
	j := newJourney(t)
	tell := func(text, contact string) *browser {
		t.Helper()
		return j.Browser().Get("/accessibility").Post("/accessibility", "about", "obstacle", "text", text, "contact", contact)
	}
	t.Run("the statement names the law, the standard, what is missing and who supervises, before anybody has said anything", func(t *testing.T) {
		j.Browser().Get("/accessibility").Sees("lagen (2018:1937)", "EN 301 549", "WCAG 2.1", "WCAG 2.2", "uppfyller delvis", "görs av den som skickar dem", "Ingen utomstående har granskat", "https://www.digg.se/tdosanmalan", "0123-45 67 89")
	})
	t.Run("what is told arrives, with an administrator while no mailbox is chosen", func(t *testing.T) {
		tell("Knappen hörs inte i min skärmläsare.", "070-111 22 33").Sees("Tack, det har kommit fram")
		m := j.Await("email", adminAt, 1)
		if strings.Contains(m.Raw, "Knappen") || strings.Contains(m.Raw, "111 22") {
			t.Errorf("the mail says what was told:\n%s", m.Text)
		}
		j.Browser().SignsIn(adminAt).Sees("Synpunkt på tillgängligheten").Follow("/mail/[0-9a-z]{26}").Sees("Knappen hörs inte i min skärmläsare.", "070-111 22 33", "Ett hinder på sidorna")
	})
	boss := j.Organiser(adminAt)
	t.Run("or in the function mailbox that an administrator has chosen, where its people read it", func(t *testing.T) {
		at := boss.unit("Socialförvaltningen")
		boss.Get(at).Post(at+"/mailbox", "form", "mailbox", "name", "Webben", "address", "webben@exempelkommun.se")
		box := strings.TrimPrefix(boss.Get(at).Follow("/org/mailbox/[0-9a-z]{26}").at, "/org/mailbox/")
		boss.Post("/org/mailbox/"+box+"/join", "form", "reader", "address", caseworker, "from", "now")
		boss.Get("/admin/accessibility").Sees("Från början: Till en administratör.").Post("/admin/accessibility", "meets", "partly", "lacks", "Kartan saknar text.\r\nRing oss.", "tested", "En konsult har granskat.", "on", "2026-05-04", "mailbox", box).Sees("Ändringen är sparad", "Kartan saknar text.")
		tell("Texten är för liten.", "").Sees("Tack, det har kommit fram")
		maria := j.Browser().SignsIn(caseworker)
		maria.Get("/box/"+box).Sees("Synpunkt på tillgängligheten").Follow("/mail/[0-9a-z]{26}").Sees("Texten är för liten.", "inte angivet")
	})
	t.Run("the statement says what the administrator has said, and when", func(t *testing.T) {
		j.Browser().Get("/accessibility").Sees("Kartan saknar text.", "En konsult har granskat.", "bedömdes senast 4 maj", "ändrades senast "+j.day(0)).SeesNot("görs av den som skickar dem", "Ingen utomstående")
	})
	t.Run("what would not be true or is no address is not saved", func(t *testing.T) {
		boss.Get("/admin/accessibility").Post("/admin/accessibility", "meets", "fully", "lacks", "Kartan").Sees("uppfyller inte lagen helt")
		boss.Get("/admin/accessibility").Post("/admin/accessibility", "meets", "partly", "official", "javascript:alert(1)").Sees("ska börja med https://")
		boss.Get("/admin/accessibility").Post("/admin/accessibility", "meets", "partly", "mailbox", "06h0bd5rd5n5v7bfp1rrbfdz3m").Sees("finns inte längre")
	})
	t.Run("lines of a mail's header that somebody types stay words", func(t *testing.T) {
		before := len(j.Trapped("email", ""))
		tell("Hej\r\nBcc: alla@example.se\r\n\r\nx", "bo@example.se\r\nBcc: alla@example.se\r\nSubject: Vinst").Sees("Tack, det har kommit fram")
		j.Await("email", caseworker, 2)
		for _, m := range j.Trapped("email", "")[before:] {
			if strings.Contains(m.Raw, "alla@example.se") || strings.Contains(m.Raw, "Vinst") {
				t.Errorf("%s", m.Raw)
			}
		}
	})
	t.Run("nothing and too much are refused with words", func(t *testing.T) {
		tell(" \n ", "bo@example.se").Sees("Skriv vad det gäller", "bo@example.se")
		tell(strings.Repeat("å", 4001), "").Sees("Det är för långt")
	})
	t.Run("one network sends ten a day, and is told to wait; the next day it goes again", func(t *testing.T) {
		for i := range 7 {
			tell(fmt.Sprintf("Synpunkt %d.", i), "").Sees("Tack, det har kommit fram")
		}
		tell("En till.", "").Sees("Försök igen i morgon", "En till.")
		j.Days(1)
		tell("Nästa dag.", "").Sees("Tack, det har kommit fram")
	})
	t.Run("with nobody reading in the mailbox any more it goes to an administrator again", func(t *testing.T) {
		j := newJourney(t)
		boss := j.Organiser(adminAt)
		at := boss.unit("Socialförvaltningen")
		boss.Get(at).Post(at+"/mailbox", "form", "mailbox", "name", "Webben", "address", "webben@exempelkommun.se")
		box := strings.TrimPrefix(boss.Get(at).Follow("/org/mailbox/[0-9a-z]{26}").at, "/org/mailbox/")
		boss.Get("/admin/accessibility").Post("/admin/accessibility", "meets", "partly", "mailbox", box).Sees("Ändringen är sparad")
		j.Browser().Get("/accessibility").Post("/accessibility", "text", "Ingen läser där.").Sees("Tack, det har kommit fram")
		j.Browser().SignsIn(adminAt).Sees("Synpunkt på tillgängligheten")
	})
}
