package desk_test

import (
	"strings"
	"testing"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
)

func TestWrittenTo(t *testing.T) {
	h := newHouse(t)
	karin, maria, olle := h.staff("karin@kommun.example"), h.staff("maria@kommun.example"), h.staff("olle@kommun.example")
	b := h.box(office, karin)
	sends := func(r desk.Reader, mailbox mail.ID, to ...mail.Request) {
		t.Helper()
		h.clock.goes(time.Second)
		d, err := h.Write(ctx, r, mailbox, mail.Form{Text: "Hej."})
		fine(t, err)
		fine(t, h.SendDraft(ctx, r, d, &mail.Draft{Text: "Hej.", To: to}, ""))
	}
	is := func(r desk.Reader, mailbox mail.ID, text, expected string) {
		t.Helper()
		list, err := h.WrittenTo(ctx, r, mailbox, text, 10)
		fine(t, err)
		var got []string
		for _, n := range list {
			got = append(got, string(n.Address))
		}
		if strings.Join(got, " ") != expected {
			t.Errorf("%q: %q, not %q", text, got, expected)
		}
	}
	sends(karin, mail.ID{}, mail.Request{Address: "anna@example.se", Phone: "+46701234567"})
	sends(karin, mail.ID{}, mail.Request{Address: "bo@example.se", Phone: "+46701234568"}, mail.Request{Address: "eva@example.se"}) // who waits for a number
	sends(karin, mail.ID{}, mail.Request{Address: "ANNA@example.se", Phone: "+46701234567"})
	sends(in(karin, b), b.ID, mail.Request{Address: "carl@example.se", Phone: "+46701234569"})

	t.Run("once each, who was written to last first, and nobody who waits", func(t *testing.T) {
		is(karin, mail.ID{}, "example", "ANNA@example.se bo@example.se")
		is(karin, mail.ID{}, "bo@", "bo@example.se")
		is(karin, mail.ID{}, "finns inte", "")
	})
	t.Run("a mailbox' letters are that mailbox' own", func(t *testing.T) {
		is(in(karin, b), b.ID, "example", "carl@example.se")
		is(olle, mail.ID{}, "example", "")
		_, err := h.WrittenTo(ctx, olle, b.ID, "example", 10)
		want(t, err, mail.Absent)
	})
	t.Run("who joins is told nothing of letters from before", func(t *testing.T) {
		b.join(maria)
		is(in(maria, b), b.ID, "example", "")
		sends(in(maria, b), b.ID, mail.Request{Address: "dan@example.se", Phone: "+46701234560"})
		is(in(maria, b), b.ID, "example", "dan@example.se")
		is(in(karin, b), b.ID, "example", "dan@example.se carl@example.se")
	})
	t.Run("no more than are asked for", func(t *testing.T) {
		list, err := h.WrittenTo(ctx, in(karin, b), b.ID, "example", 1)
		if err != nil || len(list) != 1 {
			t.Errorf("%v %v", list, err)
		}
	})
}
