package appliance_test

import (
	"regexp"
	"strings"
	"testing"
)

// codeAlone is a code as it stands in a mail without a link.
var codeAlone = regexp.MustCompile(`[0-9A-Z]{4}(-[0-9A-Z]{4}){4}`)

func TestTheOrganisationSaysWhetherMailsHaveLinks(t *testing.T) {
	j := newJourney(t)
	boss := j.Organiser(adminAt)
	says := func(unit, name, links string) {
		t.Helper()
		at := boss.unit(unit)
		boss.Get(at).Post(at+"/change", "form", "change", "name", name, "sms", "yes", "links", links).Sees("Ändringen är sparad")
	}
	write := func(from, to, number string) trapped {
		t.Helper()
		j.Send(letter{from: from, to: []string{to + "." + number + ".s"}, subject: "Beslut", body: "Hej."})
		return j.Await("email", to, 1)
	}
	hasLink := func(m trapped, want bool) {
		t.Helper()
		text, html := strings.Contains(m.Text, "://"), strings.Contains(m.HTML, "href")
		if text != want || html != want {
			t.Errorf("a link in the text: %t, in HTML: %t\n%s", text, html, m.Text)
		}
	}
	t.Run("with a link, if nobody says anything", func(t *testing.T) { hasLink(write(caseworker, anna, "0701234567"), true) })
	t.Run("without one in the whole house, if the organisation says so", func(t *testing.T) {
		says("Exempelkommun", "Exempelkommun", "out")
		m := write(caseworker, "berit@example.se", "0701234568")
		hasLink(m, false)
		if !strings.Contains(m.Text, "Gå till exempelkommun.se/brev och skriv koden: ") {
			t.Errorf("%s", m.Text)
		}
	})
	t.Run("a department may decide otherwise, for itself and those below it", func(t *testing.T) {
		says("Socialförvaltningen", "Socialförvaltningen", "given")
		hasLink(write(caseworker, "carl@example.se", "0701234569"), true) // Ekonomiskt bistånd is below it
		says("Ekonomiskt bistånd", "Ekonomiskt bistånd", "out")
		hasLink(write(caseworker, "david@example.se", "0701234570"), false)
		hasLink(write(johanAt, "erik@example.se", "0701234571"), true) // Barn och familj
	})
	t.Run("a function mailbox does as its department does, and the code that is typed opens the letter", func(t *testing.T) {
		at := boss.unit("Bygglov")
		boss.Get(at).Post(at+"/mailbox", "form", "mailbox", "name", "Bygglov", "address", "bygglov@exempelkommun.se")
		m := write("bygglov@exempelkommun.se", "frida@example.se", "0701234572")
		hasLink(m, false)
		code := codeAlone.FindString(m.Text)
		j.Browser().ShowCode(code).At("/m/pin").GiveLastPIN("+46701234572").At("/m/letter").Sees("Hej.")
	})
	t.Run("and what is taken back is again as above", func(t *testing.T) {
		says("Exempelkommun", "Exempelkommun", "given")
		says("Ekonomiskt bistånd", "Ekonomiskt bistånd", "above")
		hasLink(write(caseworker, "greta@example.se", "0701234573"), true)
	})
	t.Run("what is none of the choices is refused", func(t *testing.T) {
		at := boss.unit("Bygglov")
		boss.Get(at).Post(at+"/change", "form", "change", "name", "Bygglov", "links", "perhaps").Sees("Välj om mejlen ska ha en länk")
	})
}
