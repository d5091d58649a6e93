package admin_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/doortest"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// helping is a list of questions, of which whoever asks may answer all.
type helping struct {
	doortest.Notes
	list  []access.Question
	given bool
}

func (h *helping) Questions(mail.ID) []access.Question { return h.list }

func (h *helping) Help(_ context.Context, by mail.Actor, key *access.Key, id mail.ID, number string) (bool, error) {
	return h.given, h.Note("give", by.ID, key.ID == by.ID, id, number)
}

func (h *helping) Refuse(_ context.Context, by mail.Actor, id mail.ID) error {
	return h.Note("refuse", by.ID, id)
}

// signsInWithKey is signsIn with the session that the true door has.
func (h *house) signsInWithKey(id mail.ID) *doortest.Browser {
	h.Helper()
	t := web.NewToken()
	s := &access.Session{ID: mail.NewID(), Person: mail.Person{ID: id}, Key: &access.Key{ID: id}}
	h.by[t] = web.Viewer{Kind: web.Person, Name: "Någon", Lang: "sv", Roles: h.tree.Roles(id), Form: web.NewToken().Secret(), Value: s}
	return h.Browser(t.Secret())
}

func TestHelpPage(t *testing.T) {
	h := newHouse(t)
	social := h.department("Social")
	karin, eva := h.person("karin@kommun.se", "Karin", social, true), h.person("eva@kommun.se", "Eva", social, true)
	johan := h.person("johan@kommun.se", "Johan", social, true)
	h.tree.Appoint(karin, social, time.Time{})
	b := h.signsInWithKey(karin)
	t.Run("without a question the page says so, and nothing stands on the organisation's page", func(t *testing.T) {
		b.Get("/org/help").Sees("Ingen ber om hjälp")
		b.Get("/org").SeesNot("/org/help")
	})
	q := access.Question{ID: mail.NewID(), Person: johan, At: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC), Agent: access.Agent{Browser: "Firefox", System: "Windows"}, Needs: 2}
	proven := access.Question{ID: mail.NewID(), Person: johan, At: q.At, Proven: true, Needs: 1}
	h.helps.list = []access.Question{q, proven}
	self, other := "/org/help/"+q.ID.String(), "/org/help/"+proven.ID.String()
	t.Run("it shows who asks, how they have proven who they are, and how many it takes", func(t *testing.T) {
		b.Get("/org").Sees("2 frågor om hjälp", `href="/org/help"`)
		b.Get("/org/help").Sees("Johan", "johan@kommun.se", "Det krävs två som hjälper", "Ja, med sitt andra steg", "Godkänn", "Hjälp till ett nytt lösenord")
	})
	t.Run("of several in one person's name it says from where each was asked, and that only one can be the person's own", func(t *testing.T) {
		several := "Bara en kan vara personens egen"
		b.Get("/org/help").Sees(several, "Firefox på Windows", "Okänd webbläsare")
		h.helps.list = []access.Question{q, {ID: mail.NewID(), Person: eva, Agent: access.Agent{System: "iPhone"}, Needs: 1}}
		b.Get("/org/help").Sees("Firefox på Windows", "<dd>iPhone</dd>").SeesNot(several)
		h.helps.list = []access.Question{q, proven}
	})
	t.Run("who has agreed is named, and cannot agree twice", func(t *testing.T) {
		h.helps.list[0].Agreed = []mail.ID{eva}
		b.Get("/org/help").Sees("Eva", self+"/give")
		h.helps.list[0].Agreed = []mail.ID{karin}
		b.Get("/org/help").Sees("Du har godkänt", other+"/give")
		b.SeesNot(self + "/give")
	})
	t.Run("unless all have agreed, and the key of the last one did not open", func(t *testing.T) {
		h.helps.list[0].Agreed = []mail.ID{karin, eva}
		b.Get("/org/help").Sees("Karin, Eva", self+"/give").SeesNot("Du har godkänt")
	})
	t.Run("the number goes to the question with the organiser's own key", func(t *testing.T) {
		h.helps.given = true
		b.Post(other+"/give", "number", "123 456").Gets(http.StatusSeeOther, "/org/help")
		h.helps.Did(t, "give "+karin.String()+" true "+proven.ID.String()+" 123 456")
		b.Get("/org/help").Sees("Personen kan välja ett nytt lösenord nu").SeesNot("Det andra steget")
		b.Post(self+"/refuse").Gets(http.StatusSeeOther, "/org/help")
		h.helps.Did(t, "refuse "+karin.String()+" "+q.ID.String())
	})
	t.Run("who had no proof may have lost the phone as well: then the second step is to be reset, and when", func(t *testing.T) {
		b.Post(self+"/give", "number", "123 456").Gets(http.StatusSeeOther, "/org/help")
		h.helps.Did(t, "give "+karin.String()+" true "+q.ID.String()+" 123 456")
		b.Get("/org/help").Sees("Personen kan välja ett nytt lösenord nu", "Det andra steget behövs fortfarande", "först när lösenordet är valt")
		h.helps.given = false
		b.Post(self+"/give", "number", "123 456")
		h.helps.Did(t, "give "+karin.String()+" true "+q.ID.String()+" 123 456")
		b.Get("/org/help").Sees("En till måste göra det").SeesNot("Det andra steget behövs")
		h.helps.given = true
	})
	t.Run("a number that does not fit is told on the page", func(t *testing.T) {
		h.helps.Fails = mail.E(mail.Invalid, "error.help.number", nil)
		b.Post(self+"/give", "number", "000000").Gets(http.StatusUnprocessableEntity, "").Sees("Numret stämmer inte")
		h.helps.Fails = nil
	})
	t.Run("an open browser is not enough: the password is asked for first", func(t *testing.T) {
		h.stepped = false
		b.Get("/org/help").Gets(http.StatusSeeOther, "/account/prove?next=/org/help")
		b.Post(self+"/give", "number", "123456").Gets(http.StatusSeeOther, "/account/prove?next=/org/help")
	})
	t.Run("who organises nothing finds no such page", func(t *testing.T) {
		h.signsInWithKey(johan).Get("/org/help").Gets(http.StatusNotFound, "")
	})
}
