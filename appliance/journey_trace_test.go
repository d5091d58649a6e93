package appliance_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestHelpDesk(t *testing.T) {
	j := newJourney(t)
	boss := j.Organiser(adminAt)
	at := "/org/person/" + boss.look().people[johanAt]
	boss.Get(at).Post(at+"/roles", "role", "helpdesk")
	desk := j.Browser().SignsIn(johanAt).Get("/mail").Sees("Följ brev")
	follows := func(address string) *browser {
		return desk.Get("/trace").Sees("Ämne, text och filer visas aldrig").Post("/trace", "address", address, "from", j.Date(-3), "until", j.Date(1))
	}
	j.Send(letter{to: []string{"anna@example.se.0701234567.s", "bo@example.org.0702345678.s"}, subject: "Beslut om bistånd", body: "Du får hjälp."})
	j.Browser().Opens(j.Await("email", "anna@example.se", 1), "+46701234567")
	j.Await("email", "bo@example.org", 1)

	t.Run("the help desk sees who, when and how far, and not what", func(t *testing.T) {
		follows("ANNA@example.se").Sees("1 brev", caseworker, "anna@example.se", "Läst", "Inlämnat", "Nummer som slutar på 67").SeesNot("Beslut om", "Du får hjälp")
	})
	t.Run("of a letter to several only the one who was asked about is told", func(t *testing.T) {
		follows("anna@example.se").SeesNot("bo@example.org")
		follows("bo@example.org").Sees("1 brev", "bo@example.org", "Inte läst").SeesNot("anna@")
	})
	t.Run("by the sender's address all recipients are", func(t *testing.T) {
		follows(caseworker).Sees("1 brev", "1–2 av 2", "anna@example.se", "bo@example.org")
		asked := []string{"list", "found", "address", caseworker, "from", j.Date(-3), "until", j.Date(1)}
		desk.Post("/trace", append(asked, "sort", "to", "state", "Läst")...).Sees("efter Mottagare, stigande", "anna@example.se").SeesNot("bo@example.org", "/trace?sort")
		if desk.Post("/trace", append(asked, "as", "csv")...); strings.Count(desk.page, caseworker) != 2 || strings.Contains(desk.page, "Beslut") {
			t.Errorf("%q", desk.page)
		}
		desk.Get("/trace")
	})
	t.Run("a part of an address finds nothing", func(t *testing.T) {
		follows("nna@example.se").Sees("Inget brev")
		follows("example.se")
		if desk.code != http.StatusUnprocessableEntity {
			t.Error(desk.code)
		}
	})
	t.Run("a time that is too long, or ends before it begins, is refused", func(t *testing.T) {
		for _, days := range [][2]int{{-40, 0}, {0, -2}} {
			desk.Get("/trace").Post("/trace", "address", "anna@example.se", "from", j.Date(days[0]), "until", j.Date(days[1])).Sees("högst 31 dagar")
		}
		desk.Get("/trace").Post("/trace", "address", "anna@example.se", "from", "", "until", j.Date(0))
		if desk.code != http.StatusUnprocessableEntity {
			t.Error(desk.code)
		}
	})
	t.Run("another time finds nothing", func(t *testing.T) {
		desk.Get("/trace").Post("/trace", "address", "anna@example.se", "from", j.Date(-9), "until", j.Date(-5)).Sees("Inget brev")
	})
	t.Run("a draft is nobody's to follow", func(t *testing.T) {
		maria := j.Browser().SignsIn(caseworker)
		maria.Get("/write").SendForm("/write", []fill{{"to", "utkast@example.se"}, {"phone", "0701112299"}, {"subject", "Utkast"}, {"text", "Hej"}, {"do", "save"}}, nil).Sees("Utkastet är sparat")
		follows("utkast@example.se").Sees("Inget brev")
	})
	t.Run("what has ended is not found any more", func(t *testing.T) {
		maria := j.Browser().SignsIn(caseworker)
		maria.Get("/mail/sent").first()
		maria.Post(maria.at + "/recall").Sees("återkallat")
		follows("anna@example.se").Sees("Inget brev")
	})
	t.Run("nobody else follows anything, and each look is in the journal", func(t *testing.T) {
		maria := j.Browser().SignsIn(caseworker).Get("/mail").SeesNot("Följ brev").Get("/trace")
		if maria.code != http.StatusNotFound {
			t.Error(maria.code)
		}
		boss.Get("/journal?kind=traced").Sees("Kundtjänst följde en adress")
	})
}
