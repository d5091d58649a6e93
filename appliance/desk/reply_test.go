package desk_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// reply answers and returns the answer's message.
func (h *house) reply(t *testing.T, r desk.Reader, holder mail.ID, text string) mail.ID {
	t.Helper()
	w, err := h.Reply(ctx, r, holder)
	fine(t, err)
	id, err := w.Send(ctx, text)
	fine(t, err)
	return id
}

func TestReply(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	m := h.accept(letterTo(toAnna(), toBo()))
	readers := map[mail.Address]desk.Reader{}
	holder := map[mail.Address]mail.ID{}
	for _, n := range h.news() {
		if n.Kind == mail.NoticeLetter {
			r, l := h.guest(h.code(n))
			readers[n.Notice.To], holder[n.Notice.To] = r, l.Holder
		}
	}
	big, small := random(mail.InRow+1), []byte("%PDF-1.4")
	guest := readers[anna]

	w, err := h.Reply(ctx, guest, holder[anna])
	fine(t, err)
	fine(t, w.Attach(ctx, "film.mp4", "video/mp4", bytes.NewReader(big)))
	fine(t, w.Attach(ctx, "lön.pdf", "application/pdf", bytes.NewReader(small)))
	h.woken = 0
	id, err := w.Send(ctx, "Jag tjänar 12 kronor.")
	fine(t, err)

	t.Run("an answer stands in the sender's inbox, in the letter's thread, without a timer", func(t *testing.T) {
		row, own := h.message(id), h.holders(id)[0]
		if row.Way != mail.In || row.Thread != h.message(m).Thread || row.Owner != staff.ID || !row.LastDay.IsZero() || row.Size < int64(len(big)+len(small)) {
			t.Errorf("%+v", row)
		}
		if !own.House || own.Owner != staff.ID || own.Folder != mail.Inbox || !own.Due().IsZero() || !own.Opened.IsZero() {
			t.Errorf("%+v", own)
		}
		o, err := h.Open(ctx, staff, own.ID)
		fine(t, err)
		if o.Head.Subject != "Re: Beslut om bistånd" || o.Head.From != anna || o.Body.Text != "Jag tjänar 12 kronor." || len(o.Head.Files) != 2 {
			t.Errorf("%+v", o.Head)
		}
	})
	t.Run("its files are whole, for both sides", func(t *testing.T) {
		for i, x := range h.holders(id) {
			r := []desk.Reader{staff, guest}[i]
			f, err := h.File(ctx, r, x.ID, mail.PartFile)
			if !bytes.Equal(all(t, f, err), big) {
				t.Error("other bytes")
			}
			f, err = h.File(ctx, r, x.ID, mail.PartFile+1)
			if !bytes.Equal(all(t, f, err), small) || f.Head.Name != "lön.pdf" {
				t.Error("other bytes")
			}
			_, err = h.File(ctx, r, x.ID, mail.PartFile+2)
			want(t, err, mail.Absent)
		}
	})
	t.Run("the sender is told, without the content, and the step stands at the letter", func(t *testing.T) {
		n := h.one(mail.NoticeAnswer).Notice
		if n.To != caseworker || n.Code != "" || n.Outcomes[0].Address != anna || h.woken != 1 || count(h.steps(holder[anna]), mail.StepAnswered) != 1 {
			t.Errorf("%v, woken %d times", n.Outcomes, h.woken)
		}
	})
	t.Run("the guest sees it with the letter, until the letter ends", func(t *testing.T) {
		list, err := h.Answers(ctx, guest, holder[anna])
		fine(t, err)
		if len(list) != 1 || list[0].Seen.IsZero() {
			t.Fatalf("%+v", list)
		}
		o, err := h.Open(ctx, guest, list[0].Holder)
		fine(t, err)
		if o.Body.Text != "Jag tjänar 12 kronor." || !h.holder(list[0].Holder).Due().Equal(h.holder(holder[anna]).Due()) {
			t.Errorf("%+v", o)
		}
	})
	t.Run("another reader of the same letter does not", func(t *testing.T) {
		if list, err := h.Answers(ctx, readers[bo], holder[bo]); err != nil || len(list) != 0 {
			t.Errorf("%+v %v", list, err)
		}
		for _, x := range h.holders(id) {
			_, err := h.Open(ctx, readers[bo], x.ID)
			want(t, err, mail.Absent)
		}
	})
	t.Run("it is sent once", func(t *testing.T) {
		if _, err := w.Send(ctx, "Igen"); err == nil {
			t.Error("sent again")
		}
		w.Cancel(ctx) // of no effect
		f, err := h.File(ctx, staff, h.holders(id)[0].ID, mail.PartFile)
		if !bytes.Equal(all(t, f, err), big) {
			t.Error("destroyed")
		}
	})
	t.Run("a second answer subject is not put before the first's", func(t *testing.T) {
		second := h.reply(t, guest, holder[anna], "Mer.")
		o, err := h.Open(ctx, staff, h.holders(second)[0].ID)
		if err != nil || o.Head.Subject != "Re: Beslut om bistånd" {
			t.Error(o, err)
		}
		h.holdsNoMore(t, m, id, second)
	})
	t.Run("only a guest of that letter answers it", func(t *testing.T) {
		for _, r := range []desk.Reader{staff, readers[bo], {}} {
			_, err := h.Reply(ctx, r, holder[anna])
			want(t, err, mail.Absent)
		}
	})
}

func TestAReplyThatComesToNothing(t *testing.T) {
	h := newHouse(t)
	l := h.letter(letterTo(toAnna()))
	guest, _ := h.guest(l.code)
	kept := len(h.store.slots)
	begin := func(t *testing.T) *desk.Writing {
		t.Helper()
		w, err := h.Reply(ctx, guest, l.anna)
		fine(t, err)
		fine(t, w.Attach(ctx, "a", "text/plain", bytes.NewReader(random(mail.InRow+1))))
		return w
	}
	nothing := func(t *testing.T) {
		t.Helper()
		if len(h.store.slots) != kept || len(h.blobFiles()) != 0 {
			t.Errorf("%d slots instead of %d, %d blobs", len(h.store.slots), kept, len(h.blobFiles()))
		}
		h.view(func(tx *vault.ReadTx) error {
			thread, err := tx.Thread(h.message(l.message).Thread)
			if len(thread) != 1 {
				t.Errorf("%d messages", len(thread))
			}
			return err
		})
	}
	t.Run("cancelled, it gives everything back", func(t *testing.T) {
		w := begin(t)
		w.Cancel(ctx)
		w.Cancel(ctx)
		nothing(t)
		if _, err := w.Send(ctx, "x"); err == nil {
			t.Error("sent after all")
		}
	})
	t.Run("a file that breaks off leaves nothing after the cancel", func(t *testing.T) {
		w := begin(t)
		broken := io.MultiReader(bytes.NewReader(random(mail.InRow+1)), bad{})
		if err := w.Attach(ctx, "b", "text/plain", broken); !errors.Is(err, errCrash) {
			t.Error(err)
		}
		if err := w.Attach(ctx, "c", "text/plain", bad{}); !errors.Is(err, errCrash) {
			t.Error(err)
		}
		w.Cancel(ctx)
		nothing(t)
	})
	t.Run("refused by the store, it gives everything back", func(t *testing.T) {
		w := begin(t)
		h.store.inside = errCrash
		if _, err := w.Send(ctx, "x"); err == nil {
			t.Error("sent")
		}
		h.store.whole()
		nothing(t)
	})
	t.Run("more than two hundred files are too many", func(t *testing.T) {
		w, err := h.Reply(ctx, guest, l.anna)
		fine(t, err)
		for range 200 {
			fine(t, w.Attach(ctx, "a", "text/plain", bytes.NewReader(nil)))
		}
		want(t, w.Attach(ctx, "a", "text/plain", bytes.NewReader(nil)), mail.TooLarge)
		w.Cancel(ctx)
	})
	t.Run("to a letter that has ended meanwhile nothing is sent", func(t *testing.T) {
		w := begin(t)
		h.clock.days(40)
		_, err := w.Send(ctx, "x")
		want(t, err, mail.Gone)
		nothing(t)
		_, err = h.Reply(ctx, guest, l.anna)
		want(t, err, mail.Gone)
	})
}

// bad breaks off.
type bad struct{}

func (bad) Read([]byte) (int, error) { return 0, errCrash }

func TestWrongNumber(t *testing.T) {
	h := newHouse(t)
	l := h.letter(letterTo(toAnna()))
	x := h.look(l.code)
	t.Run("the sender is told once a day", func(t *testing.T) {
		fine(t, h.WrongNumber(ctx, x))
		if n := h.one(mail.NoticeWrong).Notice; n.To != caseworker || n.Outcomes[0].Address != anna {
			t.Errorf("%v", n.Outcomes)
		}
		h.clock.goes(24*time.Hour - time.Second)
		fine(t, h.WrongNumber(ctx, x))
		if len(h.news()) != 0 {
			t.Error("told twice a day")
		}
		h.clock.goes(time.Second)
		fine(t, h.WrongNumber(ctx, x))
		h.one(mail.NoticeWrong)
		h.holdsNoMore(t, l.message)
	})
}
