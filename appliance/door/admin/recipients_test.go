package admin_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/office"
)

func (n *noting) InvitedRecipients(context.Context, mail.Actor) ([]office.InvitedRecipient, error) {
	return n.invited, nil
}

func (n *noting) SuspendedRecipients(context.Context, mail.Actor) ([]office.SuspendedRecipient, error) {
	return nil, nil
}

func (n *noting) InviteRecipient(_ context.Context, _ mail.Actor, r office.NewRecipient) error {
	return n.Note("invite", r.Address, r.Phone, r.Confirmed)
}

func (n *noting) InviteRecipientAgain(_ context.Context, _ mail.Actor, person mail.ID, confirmed bool) error {
	return n.Note("again", person, confirmed)
}

func TestRecipientsPage(t *testing.T) {
	h := newHouse(t)
	social := h.department("Social")
	karin := h.person("karin@kommun.se", "Karin", social, true)
	h.tree.Appoint(karin, social, time.Time{})
	b := h.signsIn(karin)
	until := time.Date(2027, 6, 1, 9, 0, 0, 0, time.UTC)
	gun := office.InvitedRecipient{ID: mail.NewID(), Address: "gun@example.se", Tail: "55", Until: until, Waits: true}
	t.Run("an invitation that is on its way is no trouble, one that was not taken is said to wait, and why", func(t *testing.T) {
		h.org.invited = []office.InvitedRecipient{gun}
		b.Get("/org/recipients").Sees("gun@example.se", "slutar på 55").SeesNot("har visat vem den är")
		gun.Tried = true
		h.org.invited = []office.InvitedRecipient{gun}
		b.Get("/org/recipients").Sees("Inte skickad än", "har visat vem den är")
	})
	t.Run("while a second word is missing it is asked for, with what was typed, and confirmed it goes", func(t *testing.T) {
		h.org.Fails = mail.E(mail.Invalid, office.SayNumber, nil)
		b.Post("/org/recipients", "address", "gun@example.se", "phone", "+46708905555", "repeat", "+46708905555").Gets(http.StatusUnprocessableEntity, "")
		b.Sees("Är det rätt mobilnummer?", "gun@example.se", "slutar på 55", `name="confirmed" value="yes"`, `action="/org/recipients"`)
		b.Post("/org/recipients/again", "person", gun.ID.String()).Gets(http.StatusUnprocessableEntity, "")
		b.Sees("Är det rätt mobilnummer?", `action="/org/recipients/again"`, gun.ID.String()).SeesNot("+46708905555")
		h.org.Fails = nil
		h.org.Asked = nil
		b.Post("/org/recipients", "address", "gun@example.se", "phone", "+46708905555", "repeat", "+46708905555", "confirmed", "yes").Gets(http.StatusSeeOther, "/org/recipients")
		b.Post("/org/recipients/again", "person", gun.ID.String(), "confirmed", "yes").Gets(http.StatusSeeOther, "/org/recipients")
		h.org.Did(t, "invite gun@example.se +46708905555 true", "again "+gun.ID.String()+" true")
	})
}
