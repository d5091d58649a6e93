package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

const office mail.Address = "socialtjansten@kommun.example"

// comesTo hands a mail from outside in for the mailbox, and returns the house's copy.
func (b *box) comesTo(subject string) mail.ID {
	b.h.t.Helper()
	dr := &mail.Draft{From: anna, To: []mail.Request{{Address: b.Address}}, Subject: subject, Text: "Hej.\n"}
	b.h.fine(b.h.Receive(ctx, mail.Actor{Kind: mail.ActorPeer}, dr))
	rows := b.rows(mail.Inbox)
	return rows[0].Holder.ID
}

func (b *box) rows(f mail.Folder) (rows []mail.MailboxRow) {
	b.h.t.Helper()
	b.h.view(func(tx *vault.ReadTx) (err error) {
		rows, err = tx.Mailbox(mail.MailboxQuery{Owner: b.ID, Folder: f, Limit: 200})
		return err
	})
	return rows
}

// reads counts how often locks were read.
type reads struct{ wraps, epochs, generations int }

type countingTx struct {
	desk.Tx
	n *reads
}

func (c countingTx) Wraps(holder mail.ID) ([]mail.Wrap, error) {
	c.n.wraps++
	return c.Tx.Wraps(holder)
}

func (c countingTx) Epoch(id mail.ID) (mail.Epoch, error) {
	c.n.epochs++
	return c.Tx.Epoch(id)
}

func (c countingTx) GenerationWrap(mailbox, generation, member mail.ID) (mail.GenerationWrap, error) {
	c.n.generations++
	return c.Tx.GenerationWrap(mailbox, generation, member)
}

func TestFunctionMailbox(t *testing.T) {
	t.Run("each who reads there opens what comes, and nobody else does", func(t *testing.T) {
		h := newHouse(t)
		karin, maria, olle := h.staff("karin@kommun.example"), h.staff("maria@kommun.example"), h.staff("olle@kommun.example")
		b := h.box(office, karin, maria)
		id := b.comesTo("Ansökan")
		for range 2 { // the first look locks it anew
			for _, r := range []desk.Reader{karin, maria} {
				o, err := h.Open(ctx, in(r, b), id)
				fine(t, err)
				if o.Head.Subject != "Ansökan" {
					t.Errorf("%q", o.Head.Subject)
				}
			}
		}
		for name, r := range map[string]desk.Reader{
			"somebody else": olle, "somebody else who says that he reads there": in(olle, b), "a member of another mailbox": in(olle, h.box("bygg@kommun.example", olle)),
			"a reader who is not asked as one": maria,
		} {
			if _, err := h.Open(ctx, r, id); mail.KindOf(err) != mail.Absent {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("the first look reads its locks once", func(t *testing.T) {
		h := newHouse(t)
		karin := h.staff("karin@kommun.example")
		b := h.box(office, karin)
		id := b.comesTo("Ansökan")
		n := &reads{}
		h.store.tx = func(tx desk.Tx) desk.Tx { return countingTx{tx, n} }
		_, err := h.Open(ctx, in(karin, b), id)
		fine(t, err)
		if *n != (reads{wraps: 1, epochs: 1, generations: 1}) {
			t.Errorf("%+v", *n)
		}
	})
	t.Run("who joins sees that older letters are there, and not what they say", func(t *testing.T) {
		h := newHouse(t)
		karin, maria := h.staff("karin@kommun.example"), h.staff("maria@kommun.example")
		b := h.box(office, karin)
		unseen, seen := b.comesTo("Gammalt"), b.comesTo("Läst")
		_, err := h.Open(ctx, in(karin, b), seen)
		fine(t, err)
		b.join(maria)
		h.clock.goes(time.Second)
		b.comesTo("Nytt")
		lines, err := h.Mailbox(ctx, in(maria, b), mail.MailboxQuery{Owner: b.ID, Limit: 10})
		fine(t, err)
		if len(lines) != 3 || lines[0].Head.Subject != "Nytt" || lines[0].Closed {
			t.Fatalf("%+v", lines)
		}
		for _, l := range lines[1:] {
			if !l.Closed || l.Head.Subject != "" {
				t.Errorf("%+v", l)
			}
		}
		for _, old := range []mail.ID{unseen, seen} {
			_, err := h.Open(ctx, in(maria, b), old)
			want(t, err, mail.Absent)
			want(t, h.trash(in(maria, b), old, mail.Trash), mail.Absent)
		}
	})
	t.Run("nor does who joins act on what was sent before, or end it", func(t *testing.T) {
		h := newHouse(t)
		karin, maria := h.staff("karin@kommun.example"), h.staff("maria@kommun.example")
		b := h.box(office, karin)
		d, err := h.Write(ctx, in(karin, b), b.ID, mail.Form{Subject: "Ut", Text: "Hej."})
		fine(t, err)
		fine(t, h.SendDraft(ctx, in(karin, b), d, &mail.Draft{To: []mail.Request{toAnna()}, Subject: "Ut", Text: "Hej."}, ""))
		l := h.look(h.code(h.one(mail.NoticeLetter)))
		b.join(maria)
		r := in(maria, b)
		_, err = h.Recall(ctx, r, l.Message)
		want(t, err, mail.Absent)
		_, err = h.SetEnd(ctx, r, l.Holder, 3)
		want(t, err, mail.Absent)
		_, err = h.Progress(ctx, r, l.Message)
		want(t, err, mail.Absent)
		want(t, h.NewCode(ctx, r, l.Holder), mail.Absent)
		want(t, h.SetNumber(ctx, r, l.Holder, boPhone), mail.Absent)
		own := b.rows(mail.Sent)[0].Holder.ID
		fine(t, h.trash(in(karin, b), own, mail.Trash))
		if n, err := h.EmptyTrash(ctx, r, b.ID); n != 0 || err != nil {
			t.Errorf("%d ended, %v", n, err)
		}
		if n, err := h.EmptyTrash(ctx, in(karin, b), b.ID); n != 1 || err != nil {
			t.Errorf("%d ended, %v", n, err)
		}
	})
	t.Run("who leaves is out at once, with all that their session has opened", func(t *testing.T) {
		h := newHouse(t)
		karin, maria := h.staff("karin@kommun.example"), h.staff("maria@kommun.example")
		b := h.box(office, karin, maria)
		old := b.comesTo("Gammalt")
		_, err := h.Open(ctx, in(maria, b), old)
		fine(t, err)
		b.leave(maria)
		h.clock.goes(time.Second)
		now := b.comesTo("Nytt")
		for _, id := range []mail.ID{old, now} {
			// Even a door that still takes her for a reader gets nothing out of her keys.
			_, err := h.Open(ctx, in(maria, b), id)
			want(t, err, mail.Absent)
			_, err = h.Open(ctx, in(karin, b), id)
			fine(t, err)
		}
		b.join(maria) // from now on: the keys that the session once had are of no use
		_, err = h.Open(ctx, in(maria, b), old)
		want(t, err, mail.Absent)
	})
	t.Run("a letter to it is told to each who reads there, or to its address", func(t *testing.T) {
		h := newHouse(t)
		b := h.box(office, h.staff("karin@kommun.example"))
		b.Tell = []mail.Profile{{Address: "karin@kommun.example", Lang: "sv"}, {Address: "maria@kommun.example", Lang: "en"}}
		b.Each = b.Tell
		told := func() (to []string) {
			for _, n := range h.news() {
				if n.Notice.Mailbox == "Socialtjänsten" {
					to = append(to, string(n.Kind)+" "+string(n.Notice.To))
				}
			}
			slices.Sort(to)
			return to
		}
		b.comesTo("Ett")
		if got, want := told(), []string{"shared karin@kommun.example", "shared maria@kommun.example"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		h.accept(letterTo(mail.Request{Address: office})) // by a colleague
		if got, want := told(), []string{"shared karin@kommun.example", "shared maria@kommun.example"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		b.Each = b.Tell[1:]
		b.comesTo("Två")
		if got, want := told(), []string{"shared maria@kommun.example"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		b.Each = nil
		b.comesTo("Tre")
		if got := told(); len(got) != 0 {
			t.Errorf("%q", got)
		}
		b.Tell = nil
		b.comesTo("Tre")
		if got, want := told(), []string{"internal socialtjansten@kommun.example"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	})
	t.Run("what is written in its name is its own: every colleague follows it and takes it back", func(t *testing.T) {
		h := newHouse(t)
		karin, maria := h.staff("karin@kommun.example"), h.staff("maria@kommun.example")
		b := h.box(office, karin, maria)
		d, err := h.Write(ctx, in(karin, b), b.ID, mail.Form{Subject: "Beslut", Text: "Hej."})
		fine(t, err)
		_, err = h.Draft(ctx, in(maria, b), d) // colleagues write it together
		fine(t, err)
		dr := &mail.Draft{To: []mail.Request{toAnna()}, Subject: "Beslut", Text: "Hej.", Ask: mail.Ask{Receipt: mail.ReceiptMail, ReceiptSet: true}}
		fine(t, h.SendDraft(ctx, in(karin, b), d, dr, ""))
		code := h.code(h.one(mail.NoticeLetter))
		guest, l := h.guest(code)
		o, err := h.Open(ctx, guest, l.Holder)
		fine(t, err)
		if o.Head.From != office || o.Head.FromName != "Socialtjänsten" {
			t.Errorf("%+v", o.Head)
		}
		if n := h.one(mail.NoticeRead).Notice; n.To != "karin@kommun.example" || n.Mailbox != "Socialtjänsten" {
			t.Errorf("who wrote it is not told that it was read: %v", n.To)
		}
		s, err := h.Shared(ctx, in(maria, b), b.rows(mail.Sent)[0].Holder.ID)
		fine(t, err)
		if s.Writer != karin.ID || s.Mailbox != b.ID {
			t.Errorf("%+v", s)
		}
		_, err = h.Recall(ctx, karin, l.Message) // as herself
		want(t, err, mail.Absent)
		n, err := h.Recall(ctx, in(maria, b), l.Message)
		if n != 1 || err != nil {
			t.Error(n, err)
		}
		_, err = h.Write(ctx, karin, b.ID, mail.Form{})
		want(t, err, mail.Absent)
	})
	t.Run("once the house's copy has ended, who joins learns what happened and not to whom", func(t *testing.T) {
		h := newHouse(t)
		karin, maria := h.staff("karin@kommun.example"), h.staff("maria@kommun.example")
		b := h.box(office, karin)
		d, err := h.Write(ctx, in(karin, b), b.ID, mail.Form{Subject: "Ut", Text: "Hej."})
		fine(t, err)
		fine(t, h.SendDraft(ctx, in(karin, b), d, &mail.Draft{To: []mail.Request{toAnna()}, Subject: "Ut", Text: "Hej."}, ""))
		l := h.look(h.code(h.one(mail.NoticeLetter)))
		fine(t, h.trash(in(karin, b), b.rows(mail.Sent)[0].Holder.ID, mail.Trash))
		_, err = h.EmptyTrash(ctx, in(karin, b), b.ID)
		fine(t, err)
		b.join(maria)
		list, err := h.Progress(ctx, in(maria, b), l.Message)
		fine(t, err)
		if len(list) != 1 || list[0].Columns != (mail.Columns{}) || len(list[0].Steps) == 0 {
			t.Errorf("%+v", list)
		}
		if _, err := h.SetEnd(ctx, in(maria, b), l.Holder, 3); err == nil {
			t.Error("and acts on it")
		}
		ever := false
		h.view(func(tx *vault.ReadTx) (err error) { ever, err = tx.EverHeld(b.ID); return err })
		if !ever {
			t.Error("the mailbox looks as if nothing had ever been in it")
		}
	})
	t.Run("people who join while a guest writes an answer read it, too", func(t *testing.T) {
		h := newHouse(t)
		karin, maria := h.staff("karin@kommun.example"), h.staff("maria@kommun.example")
		b := h.box(office, karin)
		d, err := h.Write(ctx, in(karin, b), b.ID, mail.Form{Subject: "Fråga", Text: "Hej?"})
		fine(t, err)
		fine(t, h.SendDraft(ctx, in(karin, b), d, &mail.Draft{To: []mail.Request{toAnna()}, Subject: "Fråga", Text: "Hej?"}, ""))
		guest, l := h.guest(h.code(h.one(mail.NoticeLetter)))
		w, err := h.Reply(ctx, guest, l.Holder)
		fine(t, err)
		b.join(maria)
		id, err := w.Send(ctx, "Ja.")
		fine(t, err)
		_, err = h.Open(ctx, in(maria, b), h.holders(id)[0].ID)
		fine(t, err)
	})
	t.Run("an answer comes to the mailbox, and to who else is to have it", func(t *testing.T) {
		h := newHouse(t)
		karin, maria := h.staff("karin@kommun.example"), h.staff("maria@kommun.example")
		b := h.box(office, karin)
		d, err := h.Write(ctx, in(karin, b), b.ID, mail.Form{Subject: "Fråga", Text: "Hej?"})
		fine(t, err)
		fine(t, h.SendDraft(ctx, in(karin, b), d, &mail.Draft{To: []mail.Request{toAnna()}, Subject: "Fråga", Text: "Hej?"}, ""))
		guest, l := h.guest(h.code(h.one(mail.NoticeLetter)))
		follower, err := h.Owner(ctx, maria.ID)
		fine(t, err)
		h.followers[[2]mail.ID{b.ID, karin.ID}] = []mail.Resident{follower}
		id := h.reply(t, guest, l.Holder, "Ja.")
		copies := h.holders(id)
		if len(copies) != 3 || copies[0].Owner != b.ID || !copies[0].House {
			t.Fatalf("%+v", copies)
		}
		_, err = h.Open(ctx, in(karin, b), copies[0].ID)
		fine(t, err)
		lines := h.folder(t, maria, mail.Inbox)
		if len(lines) != 1 || lines[0].Head.Subject != "Re: Fråga" || !lines[0].Holder.Due().IsZero() {
			t.Errorf("%+v", lines)
		}
		var to []string
		for _, n := range h.news() {
			if n.Kind == mail.NoticeAnswer {
				to = append(to, string(n.Notice.To))
			}
		}
		slices.Sort(to)
		if !slices.Equal(to, []string{"maria@kommun.example", string(office)}) {
			t.Errorf("%q", to)
		}
		// The guest sees one answer, her own, and opens no copy of the house's.
		list, err := h.Answers(ctx, guest, l.Holder)
		if len(list) != 1 || err != nil {
			t.Errorf("%+v %v", list, err)
		}
	})
}

func TestColleagues(t *testing.T) {
	h := newHouse(t)
	karin, maria := h.staff("karin@kommun.example"), h.staff("maria@kommun.example")
	b := h.box(office, karin, maria)
	karin, maria = in(karin, b), in(maria, b)
	id := b.comesTo("Ansökan")
	t.Run("one has a thread at a time, and any colleague takes it off", func(t *testing.T) {
		fine(t, h.Claim(ctx, karin, id))
		fine(t, h.Claim(ctx, karin, id))
		want(t, h.Claim(ctx, maria, id), mail.Busy)
		lines, err := h.Mailbox(ctx, maria, mail.MailboxQuery{Owner: b.ID, Limit: 10})
		fine(t, err)
		if lines[0].Claimed != karin.ID {
			t.Errorf("%+v", lines[0])
		}
		s, err := h.Shared(ctx, maria, id)
		if err != nil || s.Claimed != karin.ID || s.Since.IsZero() {
			t.Errorf("%+v %v", s, err)
		}
		fine(t, h.Release(ctx, maria, id))
		fine(t, h.Release(ctx, maria, id))
		fine(t, h.Claim(ctx, maria, id))
	})
	t.Run("a note is for colleagues, and stands sealed", func(t *testing.T) {
		fine(t, h.Remark(ctx, karin, id, "  Ring henne på måndag.\nHon är rädd. "))
		h.clock.goes(time.Second)
		fine(t, h.Remark(ctx, maria, id, "Ringt."))
		s, err := h.Shared(ctx, maria, id)
		fine(t, err)
		if len(s.Remarks) != 2 || s.Remarks[0].Text != "Ring henne på måndag.\nHon är rädd." || s.Remarks[0].Author != karin.ID || s.Remarks[1].Author != maria.ID {
			t.Errorf("%+v", s.Remarks)
		}
		h.view(func(tx *vault.ReadTx) error {
			rows, err := tx.Remarks(h.holder(id).Message, b.ID)
			for _, r := range rows {
				if strings.Contains(string(r.Box), "måndag") {
					t.Error("in clear")
				}
			}
			return err
		})
		for _, text := range []string{"", " \n ", "\xff", strings.Repeat("x", mail.MaxRemark+1)} {
			want(t, h.Remark(ctx, karin, id, text), mail.Invalid)
		}
	})
	t.Run("all that is nothing for one's own mail, nor for others", func(t *testing.T) {
		own := h.accept(letterTo(toColleague()))
		kim := h.staff(colleague)
		mine := h.folder(t, kim, mail.Inbox)[0].Holder.ID
		for _, c := range []struct {
			r  desk.Reader
			id mail.ID
		}{{kim, mine}, {kim, id}, {in(kim, b), id}, {h.staff(caseworker), h.holders(own)[0].ID}, {karin, mail.NewID()}} {
			_, err := h.Shared(ctx, c.r, c.id)
			for _, err := range []error{err, h.Claim(ctx, c.r, c.id), h.Release(ctx, c.r, c.id), h.Remark(ctx, c.r, c.id, "x")} {
				want(t, err, mail.Absent)
			}
		}
	})
	t.Run("nor for who does not read there at this moment, though the keys would open it, nor for a guest", func(t *testing.T) {
		d, err := h.Write(ctx, karin, b.ID, mail.Form{Subject: "Fråga", Text: "Hej?"})
		fine(t, err)
		fine(t, h.SendDraft(ctx, karin, d, &mail.Draft{To: []mail.Request{toAnna()}, Subject: "Fråga", Text: "Hej?"}, ""))
		guest, l := h.guest(h.code(h.one(mail.NoticeLetter)))
		_, err = h.Open(ctx, guest, l.Holder)
		fine(t, err)
		outside, other := in(maria), in(maria)
		other.Kind, other.Mailboxes = mail.ActorSender, maria.Mailboxes
		for name, c := range map[string]struct {
			r  desk.Reader
			id mail.ID
		}{"not asked as a reader": {outside, id}, "not as a person": {other, id}, "the guest, of their own copy": {guest, l.Holder}} {
			_, err := h.Shared(ctx, c.r, c.id)
			for _, err := range []error{err, h.Claim(ctx, c.r, c.id), h.Release(ctx, c.r, c.id), h.Remark(ctx, c.r, c.id, "x")} {
				if mail.KindOf(err) != mail.Absent {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		_, err = h.Shared(ctx, maria, id)
		fine(t, err)
	})
	t.Run("who came later does not read the notes to what came before", func(t *testing.T) {
		olle := h.staff("olle@kommun.example")
		b.join(olle)
		_, err := h.Shared(ctx, in(olle, b), id)
		want(t, err, mail.Absent)
	})
	t.Run("notes end with the letter", func(t *testing.T) {
		d, err := h.Write(ctx, karin, b.ID, mail.Form{Subject: "Ut", Text: "Hej."})
		fine(t, err)
		fine(t, h.SendDraft(ctx, karin, d, &mail.Draft{To: []mail.Request{toAnna()}, Subject: "Ut", Text: "Hej."}, ""))
		sent := b.rows(mail.Sent)[0].Holder
		fine(t, h.Remark(ctx, karin, sent.ID, "Ärendet är stängt."))
		h.clock.goes(400 * 24 * time.Hour)
		_, err = h.Expire(ctx)
		fine(t, err)
		_, err = h.Purge(ctx)
		fine(t, err)
		h.view(func(tx *vault.ReadTx) error {
			rows, err := tx.Remarks(sent.Message, b.ID)
			if len(rows) != 0 {
				err = errors.Join(err, errors.New("the notes are still there"))
			}
			return err
		})
	})
}
