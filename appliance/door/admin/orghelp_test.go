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
	q := access.Question{ID: mail.NewID(), Person: johan, At: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC), Needs: 2}
	proven := access.Question{ID: mail.NewID(), Person: johan, At: q.At, Proven: true, Needs: 1}
	h.helps.list = []access.Question{q, proven}
	self, other := "/org/help/"+q.ID.String(), "/org/help/"+proven.ID.String()
	t.Run("it shows who asks, how they have proven who they are, and how many it takes", func(t *testing.T) {
		b.Get("/org").Sees("2 personer ber om hjälp", `href="/org/help"`)
		b.Get("/org/help").Sees("Johan", "johan@kommun.se", "Det krävs två som hjälper", "Ja, med sitt andra steg", "Godkänn", "Hjälp till ett nytt lösenord")
	})
	t.Run("who has agreed is named, and cannot agree twice", func(t *testing.T) {
		h.helps.list[0].Agreed = []mail.ID{eva}
		b.Get("/org/help").Sees("Eva", self+"/give")
		h.helps.list[0].Agreed = []mail.ID{karin}
		b.Get("/org/help").Sees("Du har godkänt", other+"/give")
		b.SeesNot(self + "/give")
	})
	t.Run("the number goes to the question with the organiser's own key", func(t *testing.T) {
		h.helps.given = true
		b.Post(self+"/give", "number", "123 456").Gets(http.StatusSeeOther, "/org/help")
		h.helps.Did(t, "give "+karin.String()+" true "+q.ID.String()+" 123 456")
		b.Get("/org/help").Sees("Personen kan välja ett nytt lösenord nu")
		b.Post(self+"/refuse").Gets(http.StatusSeeOther, "/org/help")
		h.helps.Did(t, "refuse "+karin.String()+" "+q.ID.String())
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
