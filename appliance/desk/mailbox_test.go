package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// smallPages is a store that never returns more than a few lines of a mailbox.
type smallPages struct{ desk.Tx }

func (s smallPages) Mailbox(q mail.MailboxQuery) ([]mail.MailboxRow, error) {
	q.Limit = min(q.Limit, 2)
	return s.Tx.Mailbox(q)
}

func (h *house) folder(t *testing.T, r desk.Reader, f mail.Folder) []desk.Line {
	t.Helper()
	lines, err := h.Mailbox(ctx, r, mail.MailboxQuery{Folder: f, Limit: 200})
	fine(t, err)
	return lines
}

func TestMailbox(t *testing.T) {
	h := newHouse(t)
	staff, kim := h.staff(caseworker), h.staff(colleague)
	m := h.accept(letterTo(toAnna(), toColleague(), toNobody()))
	var code mail.LinkCode
	for _, n := range h.news() {
		if n.Kind == mail.NoticeLetter {
			code = h.code(n)
		}
	}
	guest, x := h.guest(code)
	t.Run("what was sent says how many have read and who waits", func(t *testing.T) {
		l := h.folder(t, staff, mail.Sent)[0]
		if l.Head.Subject != "Beslut om bistånd" || l.All != 3 || l.Read != 1 || l.Waiting != 1 || l.Locked != 0 || l.Light != mail.Yellow || l.Stuck != 0 {
			t.Errorf("%+v", l)
		}
	})
	t.Run("a colleague finds it in the inbox, and nobody else does", func(t *testing.T) {
		lines := h.folder(t, kim, mail.Inbox)
		if len(lines) != 1 || lines[0].Head.Subject != "Beslut om bistånd" || !lines[0].Holder.Opened.IsZero() {
			t.Fatalf("%+v", lines)
		}
		if _, err := h.Open(ctx, kim, lines[0].Holder.ID); err != nil {
			t.Error(err)
		}
		again := h.folder(t, kim, mail.Inbox)
		if again[0].Holder.Opened.IsZero() || again[0].Head.Subject != "Beslut om bistånd" {
			t.Error("not opened")
		}
		h.view(func(tx *vault.ReadTx) error {
			wraps, err := tx.Wraps(again[0].Holder.ID)
			if len(wraps) != 1 || wraps[0].Kind != mail.WrapMailbox {
				t.Errorf("%d wraps stay after the first sight", len(wraps))
			}
			return err
		})
		_, err := h.Mailbox(ctx, kim, mail.MailboxQuery{Owner: staff.ID, Folder: mail.Sent, Limit: 10})
		want(t, err, mail.Absent) // another's
		for _, r := range []desk.Reader{guest, {}, {Key: staff.Key}} {
			_, err := h.Mailbox(ctx, r, mail.MailboxQuery{Folder: mail.Sent, Limit: 10})
			want(t, err, mail.Absent)
		}
	})
	t.Run("a notice that came back is told, and counts until somebody does something", func(t *testing.T) {
		l := h.letter(letterTo(toBo()))
		fine(t, h.SMSStep(ctx, l.anna, mail.StepSMSFailed, ""))
		line := func() desk.Line {
			return h.folder(t, staff, mail.Sent)[slices.IndexFunc(h.folder(t, staff, mail.Sent), func(x desk.Line) bool { return x.Message.ID == l.message })]
		}
		if y := line(); y.Stuck != 1 || y.StuckAt != mail.StepSMSFailed {
			t.Errorf("%+v", y)
		}
		h.wrong(t, l.anna, desk.MaxWrong)
		if y := line(); y.Locked != 1 {
			t.Errorf("%+v", y)
		}
		fine(t, h.Unlock(ctx, staff, l.anna))
		fine(t, h.SetNumber(ctx, staff, l.anna, annaPhone))
		if y := line(); y.Stuck != 0 || y.Locked != 0 {
			t.Errorf("%+v", y)
		}
	})
	t.Run("the sender sees each recipient with what happened, and nobody else does", func(t *testing.T) {
		list, err := h.Progress(ctx, staff, m)
		if err != nil || len(list) != 3 {
			t.Fatalf("%+v %v", list, err)
		}
		for _, r := range list {
			if r.Steps[0].Kind != mail.StepAccepted || r.Columns.Address == anna && (r.Columns.Phone != annaPhone || r.Steps[len(r.Steps)-1].Kind != mail.StepOpened) {
				t.Errorf("%+v", r)
			}
		}
		for _, r := range []desk.Reader{kim, guest} {
			_, err := h.Progress(ctx, r, m)
			want(t, err, mail.Absent)
		}
	})
	t.Run("a copy whose key is gone is a line without a subject, and the others are read", func(t *testing.T) {
		lost := h.letter(letterTo(toAnna()))
		fine(t, h.db.EraseSlots(ctx, []mail.Slot{h.holder(lost.house).Slot}))
		lines := h.folder(t, staff, mail.Sent)
		named := 0
		for _, l := range lines {
			if l.Head.Subject != "" {
				named++
			}
		}
		if named != len(lines)-1 {
			t.Errorf("%d of %d have a subject", named, len(lines))
		}
	})
	t.Run("after the end the sent list keeps times and states, and no people", func(t *testing.T) {
		fine(t, h.Done(ctx, guest, x.Holder))
		list, err := h.Progress(ctx, staff, m)
		fine(t, err)
		for _, r := range list {
			if (r.Holder.ID == x.Holder) != (r.Columns == mail.Columns{}) {
				t.Errorf("%+v", r.Columns)
			}
		}
		h.clock.days(70)
		for _, l := range h.folder(t, staff, mail.Sent) {
			if l.Head.Subject != "" {
				t.Errorf("%+v", l.Head)
			}
		}
		if len(h.folder(t, kim, mail.Inbox)) != 1 { // retention has not been there
			t.Error("the line is gone")
		}
		_, err = h.Expire(ctx)
		fine(t, err)
		if len(h.folder(t, kim, mail.Inbox)) != 0 {
			t.Error("what has ended stands in the inbox")
		}
	})
}

func TestTrash(t *testing.T) {
	h := newHouse(t)
	staff, kim := h.staff(caseworker), h.staff(colleague)
	dr := &mail.Draft{From: anna, To: []mail.Request{{Address: caseworker}}, Subject: "Ansökan", Text: "Hej"}
	fine(t, h.Receive(ctx, mail.Actor{Kind: mail.ActorPeer}, dr))
	came := h.folder(t, staff, mail.Inbox)[0].Holder.ID
	m := h.accept(letterTo(toColleague()))
	own, copied := h.holders(m)[0].ID, h.holders(m)[1].ID
	t.Run("only one's own copies are moved", func(t *testing.T) {
		want(t, h.trash(kim, own, mail.Trash), mail.Absent)
		want(t, h.trash(staff, copied, mail.Trash), mail.Absent)
		want(t, h.trash(desk.Reader{}, copied, mail.Trash), mail.Absent)
	})
	t.Run("and back", func(t *testing.T) {
		fine(t, h.trash(kim, copied, mail.Trash))
		if len(h.folder(t, kim, mail.Inbox)) != 0 || len(h.folder(t, kim, mail.Trash)) != 1 {
			t.Error("not moved")
		}
		fine(t, h.trash(kim, copied, mail.Inbox))
		if n, err := h.EmptyTrash(ctx, kim, mail.ID{}); n != 0 || err != nil || len(h.folder(t, kim, mail.Inbox)) != 1 {
			t.Error(n, err)
		}
	})
	t.Run("emptying ends what stayed within the house, and the sender's copy lives on", func(t *testing.T) {
		fine(t, h.trash(kim, copied, mail.Trash))
		n, err := h.EmptyTrash(ctx, kim, mail.ID{})
		if n != 1 || err != nil || h.holder(copied).Why != mail.EndTrash || h.message(m).State != mail.Active {
			t.Error(n, err)
		}
		_, err = h.Open(ctx, kim, copied)
		want(t, err, mail.Gone)
		if _, err := h.Open(ctx, staff, own); err != nil {
			t.Error(err)
		}
	})
	t.Run("what came in is a public record: it leaves the list and stays", func(t *testing.T) {
		fine(t, h.trash(staff, came, mail.Trash))
		if n, err := h.EmptyTrash(ctx, staff, mail.ID{}); n != 0 || err != nil {
			t.Error(n, err)
		}
		if len(h.folder(t, staff, mail.Trash)) != 0 || h.holder(came).Folder != mail.Kept {
			t.Error("not kept")
		}
		if _, err := h.Open(ctx, staff, came); err != nil {
			t.Error(err)
		}
	})
	t.Run("all of it is emptied, however many pages it has", func(t *testing.T) {
		for range 5 {
			fine(t, h.trash(staff, h.letter(letterTo(toAnna())).house, mail.Trash))
		}
		h.store.tx = func(tx desk.Tx) desk.Tx { return smallPages{tx} }
		n, err := h.EmptyTrash(ctx, staff, mail.ID{})
		h.store.whole()
		if n != 5 || err != nil || len(h.folder(t, staff, mail.Trash)) != 0 {
			t.Errorf("%d ended, %d left, %v", n, len(h.folder(t, staff, mail.Trash)), err)
		}
	})
	t.Run("nobody else's is emptied", func(t *testing.T) {
		fine(t, h.trash(staff, h.letter(letterTo(toAnna())).house, mail.Trash))
		_, err := h.EmptyTrash(ctx, desk.Reader{Actor: mail.Actor{Kind: mail.ActorGuest, ID: staff.ID}}, mail.ID{})
		want(t, err, mail.Absent)
		if n, err := h.EmptyTrash(ctx, kim, mail.ID{}); n != 0 || err != nil {
			t.Error(n, err)
		}
	})
}

func TestReceive(t *testing.T) {
	h := newHouse(t)
	peer := mail.Actor{Kind: mail.ActorPeer}
	in := func(to ...mail.Address) *mail.Draft {
		dr := &mail.Draft{From: anna, FromName: "Anna", Subject: "Ansökan", Text: "Hej", Files: []mail.File{{Name: "a", Data: random(mail.InRow + 1)}}}
		for _, a := range to {
			dr.To = append(dr.To, mail.Request{Address: a})
		}
		return dr
	}
	t.Run("each of the house gets a message of their own, without a timer", func(t *testing.T) {
		fine(t, h.Receive(ctx, peer, in(caseworker, colleague)))
		var ids []mail.ID
		for _, a := range []mail.Address{caseworker, colleague} {
			lines := h.folder(t, h.staff(a), mail.Inbox)
			if len(lines) != 1 || lines[0].Head.Subject != "Ansökan" || lines[0].Message.Way != mail.In || !lines[0].Holder.House || !lines[0].Holder.Due().IsZero() {
				t.Fatalf("%+v", lines)
			}
			ids = append(ids, lines[0].Message.ID)
		}
		if ids[0] == ids[1] || !slices.Equal(kinds(h.news()), []mail.NoticeKind{mail.NoticeInternal, mail.NoticeInternal}) {
			t.Errorf("%v", ids)
		}
		h.holdsNoMore(t, ids...)
		h.clock.days(4000)
		if n, err := h.Expire(ctx); n != 0 || err != nil {
			t.Error(n, err)
		}
	})
	t.Run("if one is nobody's, none gets it", func(t *testing.T) {
		before := len(h.blobFiles())
		want(t, h.Receive(ctx, peer, in(caseworker, bo)), mail.Invalid)
		h.store.before = refuses("reserve", 3)
		if err := h.Receive(ctx, peer, in(caseworker, colleague)); err == nil {
			t.Error("taken")
		}
		h.store.whole()
		h.store.inside = errCrash
		if err := h.Receive(ctx, peer, in(caseworker, colleague)); err == nil {
			t.Error("taken")
		}
		h.store.whole()
		if len(h.folder(t, h.staff(caseworker), mail.Inbox)) != 1 {
			t.Error("one has it")
		}
		if n := len(h.blobFiles()); n != before {
			t.Errorf("%d blobs are left", n-before)
		}
	})
}

func TestOutbox(t *testing.T) {
	h := newHouse(t)
	l := h.letter(letterTo(toAnna()))
	outgoing := func(id mail.ID) (o mail.Outgoing) {
		h.view(func(tx *vault.ReadTx) (err error) { o, err = tx.Outgoing(id); return err })
		return o
	}
	all := func() []desk.Due {
		due, err := h.Next(ctx, h.clock.Now(), 100)
		fine(t, err)
		return due
	}
	letterOf := func(t *testing.T) desk.Due {
		for _, d := range all() {
			if d.Kind == mail.NoticeLetter {
				return d
			}
		}
		t.Fatal("no letter waits")
		return desk.Due{}
	}
	t.Run("one that was not taken is tried later, and the sender sees it once", func(t *testing.T) {
		d := letterOf(t)
		for i := range 3 {
			fine(t, h.Delayed(ctx, d.ID, h.clock.Now().Add(time.Hour), "450"))
			if o := outgoing(d.ID); o.Tries != i+1 {
				t.Errorf("%d tries", o.Tries)
			}
		}
		if n := count(h.steps(l.anna), mail.StepNoticeDelayed); n != 1 {
			t.Errorf("said %d times", n)
		}
		if slices.ContainsFunc(all(), func(x desk.Due) bool { return x.ID == d.ID }) {
			t.Error("due at once")
		}
		h.clock.goes(time.Hour)
	})
	t.Run("once the next server has taken it, nobody holds its code", func(t *testing.T) {
		d := letterOf(t)
		slot := d.Slot
		fine(t, h.Sent(ctx, d.ID, "250"))
		o := outgoing(d.ID)
		if !o.Slot.IsZero() || len(o.Box) != 0 || o.Bounce != d.Bounce {
			t.Errorf("%+v", o)
		}
		h.view(func(tx *vault.ReadTx) error {
			_, err := tx.SlotValue(slot)
			want(t, err, mail.Gone)
			return nil
		})
		fine(t, h.Sent(ctx, d.ID, "250"))
		fine(t, h.Delayed(ctx, d.ID, h.clock.Now(), "450"))
		fine(t, h.Failed(ctx, d.ID, "550"))
		if s := h.steps(l.anna); count(s, mail.StepNoticeSent) != 1 || count(s, mail.StepNoticeFailed) != 0 {
			t.Errorf("%v", s)
		}
	})
	t.Run("one that comes back afterwards is told to the sender, once", func(t *testing.T) {
		var token [16]byte
		h.view(func(tx *vault.ReadTx) error {
			list, err := tx.OutgoingOf(l.anna)
			token = list[0].Bounce
			return err
		})
		for range 2 {
			fine(t, h.Bounced(ctx, token, "550 5.1.1"))
		}
		if n := h.one(mail.NoticeBounce).Notice; n.To != caseworker || n.Outcomes[0].Address != anna || n.Outcomes[0].Detail != "550 5.1.1" {
			t.Errorf("%v", n.Outcomes)
		}
		if n := count(h.steps(l.anna), mail.StepNoticeFailed); n != 1 {
			t.Errorf("said %d times", n)
		}
		want(t, h.Bounced(ctx, [16]byte{1}, "550"), mail.Absent)
	})
	t.Run("one that will never go is told to the sender, and erased", func(t *testing.T) {
		l := h.letter(letterTo(toBo()))
		d := letterOf(t)
		fine(t, h.Failed(ctx, d.ID, "550"))
		h.one(mail.NoticeBounce)
		if !outgoing(d.ID).Slot.IsZero() || count(h.steps(l.anna), mail.StepNoticeFailed) != 1 {
			t.Errorf("%v", h.steps(l.anna))
		}
	})
	t.Run("a report that fails is nobody's news", func(t *testing.T) {
		for _, d := range all() {
			fine(t, h.Failed(ctx, d.ID, "550"))
		}
		if len(h.news()) != 0 {
			t.Error("a notice about a notice")
		}
	})
	t.Run("one whose key is lost is given up, and the others go", func(t *testing.T) {
		l := h.letter(letterTo(toAnna()))
		fine(t, h.db.EraseSlots(ctx, []mail.Slot{letterOf(t).Slot}))
		if due := all(); len(due) != 1 || due[0].Kind != mail.NoticeReport {
			t.Errorf("%v", kinds(due))
		}
		h.one(mail.NoticeBounce)
		if count(h.steps(l.anna), mail.StepNoticeFailed) != 1 {
			t.Errorf("%v", h.steps(l.anna))
		}
	})
	t.Run("a late report of a letter that has ended changes nothing", func(t *testing.T) {
		l := h.letter(letterTo(toAnna()))
		fine(t, h.SMSStep(ctx, l.anna, mail.StepSMSSent, ""))
		_, err := h.Recall(ctx, h.staff(caseworker), l.message)
		fine(t, err)
		before := len(h.steps(l.anna))
		fine(t, h.SMSStep(ctx, l.anna, mail.StepSMSDelivered, ""))
		fine(t, h.SMSStep(ctx, mail.NewID(), mail.StepSMSDelivered, ""))
		fine(t, h.Failed(ctx, letterOf(t).ID, "550"))
		if len(h.news()) != 0 || slices.Contains(h.steps(l.anna)[before:], mail.StepSMSDelivered) {
			t.Errorf("%v", h.steps(l.anna))
		}
	})
	t.Run("no notice shows its code when it is printed", func(t *testing.T) {
		l := h.letter(letterTo(toAnna()))
		d := letterOf(t)
		if s := strings.Join([]string{d.Notice.LogValue().String(), l.code.String()}, " "); strings.Contains(s, l.code.Text()) {
			t.Error(s)
		}
	})
}
