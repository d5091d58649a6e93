package desk_test

import (
	"testing"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
)

// trash moves one letter into the trash, or back to where it came from; Absent if it does
// not move.
func (h *house) trash(r desk.Reader, holder mail.ID, to mail.Folder) error {
	moved, err := h.Move(ctx, r, []mail.ID{holder}, to == mail.Trash)
	if err == nil && len(moved) == 0 {
		err = mail.E(mail.Absent, "error.absent", nil)
	}
	return err
}

func TestMove(t *testing.T) {
	h := newHouse(t)
	staff, kim := h.staff(caseworker), h.staff(colleague)
	fine(t, h.Receive(ctx, mail.Actor{Kind: mail.ActorPeer}, &mail.Draft{From: anna, To: []mail.Request{{Address: caseworker}}, Subject: "Ansökan", Text: "Hej"}))
	came := h.folder(t, staff, mail.Inbox)[0].Holder.ID
	m := h.accept(letterTo(toColleague(), toAnna()))
	own := h.holders(m)[0].ID
	var copied, guests mail.ID
	for _, x := range h.holders(m)[1:] {
		if x.Kind == mail.HolderGuest {
			guests = x.ID
		} else {
			copied = x.ID
		}
	}
	moves := func(r desk.Reader, trash bool, ids ...mail.ID) int {
		t.Helper()
		moved, err := h.Move(ctx, r, ids, trash)
		fine(t, err)
		return len(moved)
	}
	t.Run("one's own are moved, and what is somebody else's looks like nothing at all", func(t *testing.T) {
		if n := moves(kim, true, came, own, guests, mail.NewID(), mail.ID{}); n != 0 {
			t.Errorf("%d", n)
		}
		if n := moves(desk.Reader{}, true, came, own); n != 0 {
			t.Errorf("%d", n)
		}
		if n := moves(staff, true, came, copied, own, mail.NewID()); n != 2 || len(h.folder(t, staff, mail.Trash)) != 2 || len(h.folder(t, kim, mail.Inbox)) != 1 {
			t.Errorf("%d", n)
		}
	})
	t.Run("nothing is opened by it", func(t *testing.T) {
		if !h.holder(came).Opened.IsZero() {
			t.Error("opened")
		}
	})
	t.Run("what lies there already stays", func(t *testing.T) {
		if n := moves(staff, true, came, own); n != 0 {
			t.Errorf("%d", n)
		}
	})
	t.Run("and goes back to where it came from", func(t *testing.T) {
		if n := moves(staff, false, came, own); n != 2 || len(h.folder(t, staff, mail.Inbox)) != 1 || len(h.folder(t, staff, mail.Sent)) != 1 {
			t.Errorf("%d", n)
		}
	})
	t.Run("no more than a page at once", func(t *testing.T) {
		_, err := h.Move(ctx, staff, make([]mail.ID, desk.MaxMove+1), true)
		want(t, err, mail.Invalid)
	})
	t.Run("in a function mailbox, not what came before one's time", func(t *testing.T) {
		const social = mail.Address("social@kommun.example")
		b := h.box(social, staff)
		fine(t, h.Receive(ctx, mail.Actor{Kind: mail.ActorPeer}, &mail.Draft{From: anna, To: []mail.Request{{Address: social}}, Subject: "Före", Text: "Hej"}))
		b.join(kim)
		lines, err := h.Mailbox(ctx, in(kim, b), mail.MailboxQuery{Owner: b.ID, Folder: mail.Inbox, Limit: 9})
		fine(t, err)
		if n := moves(in(kim, b), true, lines[0].Holder.ID); n != 0 {
			t.Errorf("%d", n)
		}
		if n := moves(in(staff, b), true, lines[0].Holder.ID); n != 1 {
			t.Errorf("%d", n)
		}
	})
}

func TestStandings(t *testing.T) {
	h := newHouse(t)
	staff, kim := h.staff(caseworker), h.staff(colleague)
	m := h.accept(letterTo(toAnna(), toNobody()))
	h.draft(t, staff, form)
	fine(t, h.Receive(ctx, mail.Actor{Kind: mail.ActorPeer}, &mail.Draft{From: anna, To: []mail.Request{{Address: caseworker}}, Subject: "Ansökan", Text: "Hej"}))
	standing := func(r desk.Reader) mail.Standing {
		t.Helper()
		list, err := h.Standings(ctx, r, []mail.ID{{}})
		fine(t, err)
		return list[0]
	}
	unread := func() int {
		t.Helper()
		lines, err := h.Mailbox(ctx, staff, mail.MailboxQuery{Folder: mail.Inbox, Unread: true, Limit: 9})
		fine(t, err)
		return len(lines)
	}
	t.Run("what waits is counted, for each alone", func(t *testing.T) {
		if s := standing(staff); s != (mail.Standing{Unread: 1, Drafts: 1, Held: 1}) || standing(kim) != (mail.Standing{}) || unread() != 1 {
			t.Errorf("%+v", s)
		}
		_, err := h.Standings(ctx, kim, []mail.ID{staff.ID})
		want(t, err, mail.Absent)
	})
	t.Run("and listed with who waits and why", func(t *testing.T) {
		list, _, err := h.Held(ctx, staff, mail.ID{})
		fine(t, err)
		if len(list) != 1 || list[0].Line.Head.Subject != "Beslut om bistånd" || len(list[0].Waiting) != 1 || list[0].Waiting[0].Why != mail.HoldNoNumber || list[0].Line.Message.ID != m {
			t.Errorf("%+v", list)
		}
		if list, _, err := h.Held(ctx, kim, mail.ID{}); len(list) != 0 || err != nil {
			t.Error(list, err)
		}
		_, _, err = h.Held(ctx, kim, staff.ID)
		want(t, err, mail.Absent)
	})
	t.Run("until it is done", func(t *testing.T) {
		list, _, err := h.Held(ctx, staff, mail.ID{})
		fine(t, err)
		fine(t, h.Mend(ctx, staff, mail.ID{}, list[0].Waiting[0].Holder, "", annaPhone))
		_, err = h.Open(ctx, staff, h.folder(t, staff, mail.Inbox)[0].Holder.ID)
		fine(t, err)
		if s := standing(staff); s != (mail.Standing{Drafts: 1}) || unread() != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestThread(t *testing.T) {
	h := newHouse(t)
	staff, kim := h.staff(caseworker), h.staff(colleague)
	l := h.letter(letterTo(toAnna(), toColleague()))
	guest, _ := h.guest(l.code)
	h.clock.goes(3600e9)
	answer := h.holders(h.reply(t, guest, l.anna, "Tack!"))[0].ID
	t.Run("the letter stands with its answer, and the answer with the letter", func(t *testing.T) {
		list, err := h.Thread(ctx, staff, answer)
		fine(t, err)
		if len(list) != 1 || list[0].Holder.ID != l.house || !list[0].Whole || list[0].Text != "Du får bistånd.\n" {
			t.Fatalf("%+v", list)
		}
		list, err = h.Thread(ctx, staff, l.house)
		fine(t, err)
		if len(list) != 1 || list[0].Holder.ID != answer || list[0].Head.Subject != "Re: Beslut om bistånd" {
			t.Fatalf("%+v", list)
		}
		if list[0].Whole || list[0].Text != "" {
			t.Error("what nobody has opened is read without being written down")
		}
		_, err = h.Open(ctx, staff, answer)
		fine(t, err)
		if list, err = h.Thread(ctx, staff, l.house); err != nil || list[0].Text != "Tack!" {
			t.Errorf("%+v %v", list, err)
		}
	})
	t.Run("who has another copy of the letter sees no answer to it", func(t *testing.T) {
		copied := h.folder(t, kim, mail.Inbox)[0].Holder.ID
		if list, err := h.Thread(ctx, kim, copied); len(list) != 0 || err != nil {
			t.Error(list, err)
		}
		_, err := h.Thread(ctx, kim, answer)
		want(t, err, mail.Absent)
	})
}
