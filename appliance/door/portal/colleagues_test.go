package portal_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
)

func (n *noting) Open(context.Context, desk.Reader, mail.ID) (*mail.Opened, error) {
	o := n.opened
	return &o, nil
}

func (n *noting) Progress(context.Context, desk.Reader, mail.ID) ([]desk.Recipient, error) {
	return nil, nil
}

func (n *noting) Move(_ context.Context, r desk.Reader, holders []mail.ID, trash bool) ([]mail.ID, error) {
	return holders, n.Note("move", n.name(r.ID), holders, trash)
}

func (n *noting) Claim(_ context.Context, r desk.Reader, holder mail.ID) error {
	return n.Note("claim", n.name(r.ID), holder)
}

func (n *noting) Release(_ context.Context, r desk.Reader, holder mail.ID) error {
	return n.Note("release", n.name(r.ID), holder)
}

func (n *noting) Remark(_ context.Context, r desk.Reader, holder mail.ID, text string) error {
	return n.Note("remark", n.name(r.ID), holder, fmt.Sprintf("%q", text))
}

func TestColleagues(t *testing.T) {
	const at = "/mail/14000000000000000000000000"
	id, err := mail.ParseID(strings.TrimPrefix(at, "/mail/"))
	if err != nil {
		t.Fatal(err)
	}
	letter := func(t *testing.T) *reception {
		w := newReception(t)
		w.desk.opened = mail.Opened{Message: mail.Message{ID: mail.ID{1}, At: now.Now()}, Holder: mail.Holder{ID: id, Owner: w.box.ID, State: mail.Active}, Head: mail.Head{Subject: "Nyckeln", From: "ylva@example.se"}}
		w.desk.shared = desk.Shared{Mailbox: w.box.ID}
		return w
	}
	t.Run("a letter of one's own has no such section", func(t *testing.T) {
		w := letter(t)
		w.desk.shared = desk.Shared{}
		w.signsIn(w.anna).Get(at).Sees("Nyckeln").SeesNot("Kollegor", "Jag tar hand om det")
	})
	t.Run("each sees who has it, and what can be done about that", func(t *testing.T) {
		w := letter(t)
		w.signsIn(w.anna).Get(at).Sees("Ingen har hand om brevet", `action="`+at+`/claim"`).SeesNot("/release")
		w.desk.shared.Claimed, w.desk.shared.Since = w.anna, now.Now()
		w.signsIn(w.anna).Get(at).Sees("Du har hand om brevet", "Lämna tillbaka", `action="`+at+`/release"`).SeesNot("/claim")
		w.signsIn(w.bo).Get(at).Sees("Anna har hand om brevet", "Ta det från Anna", `action="`+at+`/release"`).SeesNot("/claim")
	})
	t.Run("it is taken and given back", func(t *testing.T) {
		w := letter(t)
		b := w.signsIn(w.anna)
		b.Post(at+"/claim").Gets(http.StatusSeeOther, at)
		b.Post(at+"/release").Gets(http.StatusSeeOther, at)
		w.did("claim Anna "+id.String(), "release Anna "+id.String())
	})
	t.Run("a colleague who was quicker is named, and it is no error page", func(t *testing.T) {
		w := letter(t)
		b := w.signsIn(w.anna)
		w.desk.shared.Claimed, w.desk.Fails = w.bo, mail.E(mail.Busy, "error.claimed", nil)
		b.Post(at+"/claim").Gets(http.StatusUnprocessableEntity, "").Sees("En kollega har redan tagit hand om det här.", "Bo har hand om brevet", "Nyckeln")
	})
	t.Run("what is no letter of the mailbox is not there", func(t *testing.T) {
		w := letter(t)
		b := w.signsIn(w.anna)
		w.desk.Fails = mail.E(mail.Absent, "error.absent", nil)
		for _, act := range []string{"/claim", "/release", "/remark"} {
			b.Post(at+act, "text", "x").Gets(http.StatusNotFound, "")
		}
	})
	t.Run("notes are shown as they were typed", func(t *testing.T) {
		w := letter(t)
		w.desk.shared.Remarks = []desk.Remark{{Author: w.bo, At: now.Now(), Text: "Ring\nigen <i>"}}
		w.signsIn(w.anna).Get(at).Sees("<strong>Bo</strong>", `<div class="letter-text">Ring`+"\nigen <i></div>")
	})
	t.Run("a note is kept, and what cannot be one comes back", func(t *testing.T) {
		w := letter(t)
		b := w.signsIn(w.anna)
		b.Post(at+"/remark", "text", "Ring\r\nigen").Gets(http.StatusSeeOther, at)
		w.did("remark Anna " + id.String() + ` "Ring\nigen"`)
		w.desk.Fails = mail.E(mail.Invalid, "error.remark.long", nil)
		b.Post(at+"/remark", "text", "Ring igen").Gets(http.StatusUnprocessableEntity, "").Sees("Anteckningen är för lång.", "Ring igen</textarea>", "Nyckeln")
	})
	t.Run("who wrote in the mailbox' name is told", func(t *testing.T) {
		w := letter(t)
		w.desk.opened.Holder.House, w.desk.opened.Message.Way = true, mail.Out
		w.desk.shared.Writer = w.bo
		w.signsIn(w.anna).Get(at).Sees("Skrivet av Bo.")
	})
	t.Run("after a move one is back in the mailbox", func(t *testing.T) {
		w := letter(t)
		b := w.signsIn(w.anna)
		b.Post(at+"/move").Gets(http.StatusSeeOther, w.at)
		w.desk.opened.Holder.House, w.desk.opened.Message.Way = true, mail.Out
		b.Post(at+"/move").Gets(http.StatusSeeOther, w.at+"/sent")
		w.desk.opened.Holder.Owner = w.anna
		b.Post(at+"/move").Gets(http.StatusSeeOther, "/mail/sent")
	})
}
