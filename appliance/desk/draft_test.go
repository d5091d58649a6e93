package desk_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
)

var form = mail.Form{
	To:      []mail.FormTo{{Address: "anna@example.se", Phone: "0701234567"}},
	Subject: "Beslut", Text: "Du får bistånd.", Days: "14",
}

func (h *house) draft(t *testing.T, r desk.Reader, f mail.Form) mail.ID {
	t.Helper()
	id, err := h.Write(ctx, r, mail.ID{}, f)
	fine(t, err)
	return id
}

func (h *house) attach(t *testing.T, r desk.Reader, draft mail.ID, name string, content []byte) {
	t.Helper()
	fine(t, h.AttachDraft(ctx, r, draft, name, "application/octet-stream", bytes.NewReader(content)))
}

func TestDraft(t *testing.T) {
	h := newHouse(t)
	staff, kim := h.staff(caseworker), h.staff(colleague)
	d := h.draft(t, staff, form)
	big := random(mail.InRow + 1)

	t.Run("a draft is its writer's and nobody else's, and tells nobody", func(t *testing.T) {
		u, err := h.Draft(ctx, staff, d)
		if err != nil || u.Form.Subject != form.Subject || u.Form.To[0] != form.To[0] || u.Holder != d || len(u.Files) != 0 {
			t.Errorf("%+v %v", u, err)
		}
		l := h.letter(letterTo(toBo()))
		guest, _ := h.guest(l.code)
		h.news()
		for _, r := range []desk.Reader{kim, guest, {}} {
			_, err := h.Draft(ctx, r, d)
			want(t, err, mail.Absent)
			want(t, h.SaveDraft(ctx, r, d, form, ""), mail.Absent)
			want(t, h.AttachDraft(ctx, r, d, "a", "b", strings.NewReader("c")), mail.Absent)
			want(t, h.DetachDraft(ctx, r, d, mail.PartFile), mail.Absent)
			want(t, h.DropDraft(ctx, r, d), mail.Absent)
			want(t, h.SendDraft(ctx, r, d, letterTo(toAnna()), ""), mail.Absent)
		}
		_, err = h.Write(ctx, guest, mail.ID{}, form)
		want(t, err, mail.Absent)
		if len(h.news()) != 0 {
			t.Error("somebody was told")
		}
	})
	t.Run("who is none of the house any more begins no letter, and sends none that was begun", func(t *testing.T) {
		h.over = staff.ID
		defer func() { h.over = mail.ID{} }()
		_, err := h.Write(ctx, staff, mail.ID{}, form)
		want(t, err, mail.Invalid)
		want(t, h.SendDraft(ctx, staff, d, letterTo(toAnna()), ""), mail.Invalid)
		if _, err := h.Draft(ctx, staff, d); err != nil {
			t.Error(err)
		}
	})
	t.Run("a letter that was sent is no draft", func(t *testing.T) {
		l := h.letter(letterTo(toBo()))
		_, err := h.Draft(ctx, staff, l.house)
		want(t, err, mail.Absent)
		want(t, h.SaveDraft(ctx, staff, l.house, form, ""), mail.Absent)
		want(t, h.DropDraft(ctx, staff, l.house), mail.Absent)
	})
	t.Run("it stands in the list of drafts by its subject, the last one touched first", func(t *testing.T) {
		h.clock.goes(time.Second)
		other := form
		other.Subject = "Senare"
		e := h.draft(t, staff, other)
		h.clock.goes(time.Second)
		form2 := form
		form2.Subject = "Ändrat"
		fine(t, h.SaveDraft(ctx, staff, d, form2, ""))
		lines, err := h.Mailbox(ctx, staff, mail.MailboxQuery{Folder: mail.Drafts, Limit: 10})
		fine(t, err)
		if len(lines) != 2 || lines[0].Head.Subject != "Ändrat" || lines[1].Head.Subject != "Senare" {
			t.Errorf("%+v", lines)
		}
		fine(t, h.DropDraft(ctx, staff, e))
	})
	t.Run("files are sealed as they come, and stay when the form is saved", func(t *testing.T) {
		h.attach(t, staff, d, "liten.txt", []byte("abc"))
		h.attach(t, staff, d, "stor.bin", big)
		fine(t, h.SaveDraft(ctx, staff, d, form, ""))
		u, err := h.Draft(ctx, staff, d)
		fine(t, err)
		if len(u.Files) != 2 || u.Files[0].N != mail.PartFile || u.Files[1].N != mail.PartFile+1 || u.Files[0].Size != 3 || u.Files[1].Size != int64(len(big)) || u.Files[1].Name != "stor.bin" {
			t.Fatalf("%+v", u.Files)
		}
		f, err := h.File(ctx, staff, d, mail.PartFile+1)
		if !bytes.Equal(all(t, f, err), big) {
			t.Error("other bytes")
		}
	})
	t.Run("a file that is taken out is overwritten, and its number is not used while a later one is there", func(t *testing.T) {
		h.attach(t, staff, d, "tredje.txt", []byte("x"))
		fine(t, h.DetachDraft(ctx, staff, d, mail.PartFile+1))
		if len(h.blobFiles()) != 0 {
			t.Errorf("%d blobs", len(h.blobFiles()))
		}
		want(t, h.DetachDraft(ctx, staff, d, mail.PartFile+1), mail.Absent)
		want(t, h.DetachDraft(ctx, staff, d, mail.PartBody), mail.Absent)
		h.attach(t, staff, d, "fjärde.txt", []byte("y"))
		u, err := h.Draft(ctx, staff, d)
		if err != nil || len(u.Files) != 3 || u.Files[2].N != mail.PartFile+3 {
			t.Errorf("%+v %v", u.Files, err)
		}
	})
	t.Run("a file that breaks off leaves nothing behind", func(t *testing.T) {
		in := io.MultiReader(bytes.NewReader(random(mail.InRow+1)), bad{})
		if err := h.AttachDraft(ctx, staff, d, "x", "y", in); !errors.Is(err, errCrash) {
			t.Error(err)
		}
		if u, err := h.Draft(ctx, staff, d); len(u.Files) != 3 || err != nil || len(h.blobFiles()) != 0 {
			t.Errorf("%d files, %d blobs, %v", len(u.Files), len(h.blobFiles()), err)
		}
	})
	t.Run("nor does one that the store refuses", func(t *testing.T) {
		h.store.inside = errCrash
		if err := h.AttachDraft(ctx, staff, d, "x", "y", bytes.NewReader(big)); err == nil {
			t.Error("taken")
		}
		h.store.whole()
		if len(h.blobFiles()) != 0 {
			t.Error("a blob stays")
		}
	})
	t.Run("of two uploads at once one is asked to come again", func(t *testing.T) {
		e := h.draft(t, staff, form)
		in := &meeting{Reader: bytes.NewReader(big), do: func() { h.attach(t, staff, e, "snabb", random(mail.InRow+1)) }}
		want(t, h.AttachDraft(ctx, staff, e, "sen", "x", in), mail.Busy)
		u, err := h.Draft(ctx, staff, e)
		if err != nil || len(u.Files) != 1 || u.Files[0].Name != "snabb" || len(h.blobFiles()) != 1 {
			t.Errorf("%+v, %d blobs, %v", u.Files, len(h.blobFiles()), err)
		}
		fine(t, h.DropDraft(ctx, staff, e))
		_, err = h.Purge(ctx)
		fine(t, err)
		if len(h.blobFiles()) != 0 {
			t.Error("a dropped draft's blob stays")
		}
	})
	t.Run("over another window's words nothing is kept, unless they are the same", func(t *testing.T) {
		first, second, third := mail.Form{Text: "ett"}, mail.Form{Text: "två"}, mail.Form{Text: "tre"}
		e := h.draft(t, staff, first)
		seen := desk.Version(first)
		fine(t, h.SaveDraft(ctx, staff, e, second, seen))
		err := h.SaveDraft(ctx, staff, e, third, seen)
		if !errors.Is(err, desk.ErrOtherWindow) {
			t.Error(err)
		}
		want(t, err, mail.Busy)
		fine(t, h.SaveDraft(ctx, staff, e, second, seen))
		if u, err := h.Draft(ctx, staff, e); err != nil || u.Form.Text != "två" {
			t.Errorf("%+v %v", u.Form, err)
		}
		h.attach(t, staff, e, "fil.txt", []byte("en fil ändrar inte vad som är ifyllt"))
		fine(t, h.SaveDraft(ctx, staff, e, third, desk.Version(second)))
		fine(t, h.DropDraft(ctx, staff, e))
	})
	t.Run("two hundred files, and texts of two megabytes, are the most", func(t *testing.T) {
		e := h.draft(t, staff, mail.Form{Text: strings.Repeat("x", 2<<20-100)})
		want(t, h.SaveDraft(ctx, staff, e, mail.Form{Text: strings.Repeat("x", 2<<20)}, ""), mail.TooLarge)
		_, err := h.Write(ctx, staff, mail.ID{}, mail.Form{Text: strings.Repeat("x", 2<<20)})
		want(t, err, mail.TooLarge)
		fine(t, h.SaveDraft(ctx, staff, e, mail.Form{}, ""))
		for i := range 200 {
			h.attach(t, staff, e, fmt.Sprint(i), nil)
		}
		want(t, h.AttachDraft(ctx, staff, e, "201", "x", strings.NewReader("")), mail.TooLarge)
		fine(t, h.DropDraft(ctx, staff, e))
	})
	t.Run("a draft that is dropped is gone for good", func(t *testing.T) {
		fine(t, h.DropDraft(ctx, staff, d))
		_, err := h.Draft(ctx, staff, d)
		want(t, err, mail.Gone)
		n, err := h.Purge(ctx)
		if n == 0 || err != nil || len(h.parts(h.holder(d).Message)) != 0 {
			t.Errorf("%d %v", n, err)
		}
	})
	t.Run("a draft that the store refuses leaves nothing", func(t *testing.T) {
		before := len(h.store.slots)
		h.store.inside = errCrash
		if _, err := h.Write(ctx, staff, mail.ID{}, form); err == nil {
			t.Error("taken")
		}
		h.store.whole()
		if len(h.store.slots) != before {
			t.Error("slots are kept")
		}
	})
}

// meeting does something when it is read to its end.
type meeting struct {
	io.Reader
	do   func()
	done bool
}

func (m *meeting) Read(b []byte) (int, error) {
	n, err := m.Reader.Read(b)
	if err == io.EOF && !m.done {
		m.done = true
		m.do()
	}
	return n, err
}

func TestSendDraft(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	big := random(mail.InRow + 1)
	ready := func(t *testing.T) mail.ID {
		t.Helper()
		d := h.draft(t, staff, form)
		h.attach(t, staff, d, "stor.bin", big)
		return d
	}
	wish := func(to ...mail.Request) *mail.Draft {
		return &mail.Draft{To: to, Subject: form.Subject, Text: form.Text, Ask: mail.Ask{Receipt: mail.ReceiptMail, ReceiptSet: true, Lifetime: mail.Lifetime{Days: 14}}}
	}
	d := ready(t)
	m := h.holder(d).Message
	h.clock.goes(time.Hour)
	fine(t, h.SendDraft(ctx, staff, d, wish(toAnna(), toColleague()), ""))
	end := mail.Lifetime{Days: 14}.End(h.clock.Now(), time.UTC)

	t.Run("what was a draft is a letter, with the same content", func(t *testing.T) {
		row, own := h.message(m), h.holder(d)
		if row.State != mail.Active || row.Way != mail.Out || !row.At.Equal(h.clock.Now()) || !row.LastDay.Equal(end) || row.Receipt != mail.ReceiptMail || own.Folder != mail.Sent || !own.Due().Equal(end) {
			t.Errorf("%+v %+v", row, own)
		}
		news := h.news()
		if len(news) != 2 {
			t.Fatalf("%v", kinds(news))
		}
		for _, n := range news {
			if n.Kind != mail.NoticeLetter {
				continue
			}
			g, l := h.guest(h.code(n))
			o, err := h.Open(ctx, g, l.Holder)
			fine(t, err)
			if o.Body.Text != form.Text || o.Head.Subject != form.Subject || o.Head.From != caseworker || len(o.Head.To) != 2 {
				t.Errorf("%+v", o.Head)
			}
			f, err := h.File(ctx, g, l.Holder, mail.PartFile)
			if !bytes.Equal(all(t, f, err), big) {
				t.Error("other bytes")
			}
			if x := h.holder(l.Holder); !x.Due().Equal(end) {
				t.Errorf("%v", x.Due())
			}
		}
		h.one(mail.NoticeRead)
		h.holdsNoMore(t, m)
	})
	t.Run("its size is what its files and its text have", func(t *testing.T) {
		if n := h.message(m).Size; n < int64(len(big)+len(form.Text)) {
			t.Errorf("%d bytes", n)
		}
	})
	t.Run("the draft is gone, and the form with it", func(t *testing.T) {
		if lines, err := h.Mailbox(ctx, staff, mail.MailboxQuery{Folder: mail.Drafts, Limit: 10}); err != nil || len(lines) != 0 {
			t.Errorf("%+v %v", lines, err)
		}
		for _, p := range h.parts(m) {
			if p.N == mail.PartForm {
				t.Error("the form is kept")
			}
		}
		_, err := h.Draft(ctx, staff, d)
		want(t, err, mail.Absent)
	})
	t.Run("it is sent once", func(t *testing.T) {
		want(t, h.SendDraft(ctx, staff, d, wish(toBo()), ""), mail.Absent)
		want(t, h.AttachDraft(ctx, staff, d, "x", "y", strings.NewReader("z")), mail.Absent)
		d := ready(t)
		second := false
		h.store.before = func(step string) error {
			if step == "update" && !second {
				second = true
				return h.SendDraft(ctx, staff, d, wish(toBo()), "")
			}
			return nil
		}
		want(t, h.SendDraft(ctx, staff, d, wish(toAnna()), ""), mail.Absent)
		h.store.whole()
		if n := h.one(mail.NoticeLetter).Notice; n.To != bo {
			t.Errorf("%s", n.To)
		}
		h.holdsNoMore(t, h.every(t)...)
	})
	t.Run("a file that came while it was being sent is not lost", func(t *testing.T) {
		d := ready(t)
		second := false
		h.store.before = func(step string) error {
			if step == "update" && !second {
				second = true
				h.clock.goes(time.Millisecond)
				h.attach(t, staff, d, "sen.txt", []byte("abc"))
			}
			return nil
		}
		want(t, h.SendDraft(ctx, staff, d, wish(toBo()), ""), mail.Busy)
		h.store.whole()
		fine(t, h.SendDraft(ctx, staff, d, wish(toBo()), ""))
		o, err := h.Open(ctx, staff, d)
		if err != nil || len(o.Head.Files) != 2 {
			t.Error(o, err)
		}
		h.news()
	})
	t.Run("a text that came after this one was read goes to nobody", func(t *testing.T) {
		d := ready(t)
		u, err := h.Draft(ctx, staff, d)
		fine(t, err)
		fine(t, h.SaveDraft(ctx, staff, d, mail.Form{Text: "Till någon annan."}, ""))
		h.store.whole()
		want(t, h.SendDraft(ctx, staff, d, wish(toBo()), u.State), mail.Busy)
		u, err = h.Draft(ctx, staff, d)
		fine(t, err)
		fine(t, h.SendDraft(ctx, staff, d, wish(toBo()), u.State))
		h.news()
	})
	t.Run("if the store refuses, the draft is still there, with its files", func(t *testing.T) {
		d := ready(t)
		before, blobs := len(h.store.slots), len(h.blobFiles())
		for name, breaking := range map[string]func(){
			"reserve": func() { h.store.before = refuses("reserve", 2) },
			"update":  func() { h.store.inside = errCrash },
		} {
			breaking()
			if err := h.SendDraft(ctx, staff, d, wish(toBo(), toNobody()), ""); err == nil {
				t.Errorf("%s: sent", name)
			}
			h.store.whole()
			if len(h.store.slots) != before || len(h.blobFiles()) != blobs || len(h.news()) != 0 {
				t.Errorf("%s: %d slots, %d blobs", name, len(h.store.slots)-before, len(h.blobFiles())-blobs)
			}
		}
		u, err := h.Draft(ctx, staff, d)
		if err != nil || len(u.Files) != 1 {
			t.Errorf("%+v %v", u, err)
		}
	})
	t.Run("the sender sees on the page what became of it; only a hold needs a mail", func(t *testing.T) {
		d := ready(t)
		fine(t, h.SendDraft(ctx, staff, d, wish(toNobody()), ""))
		h.one(mail.NoticeHold)
		h.holdsNoMore(t, append(h.every(t), h.drafts(t)...)...)
	})
	t.Run("what policy refuses stays a draft", func(t *testing.T) {
		d := ready(t)
		want(t, h.SendDraft(ctx, staff, d, wish(), ""), mail.Invalid)
		if _, err := h.Draft(ctx, staff, d); err != nil {
			t.Error(err)
		}
	})
}

// drafts are the caseworker's.
func (h *house) drafts(t *testing.T) (ids []mail.ID) {
	t.Helper()
	lines, err := h.Mailbox(ctx, h.staff(caseworker), mail.MailboxQuery{Folder: mail.Drafts, Limit: 200})
	fine(t, err)
	for _, l := range lines {
		ids = append(ids, l.Message.ID)
	}
	return ids
}
