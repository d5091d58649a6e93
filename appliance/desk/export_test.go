package desk_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"sigill/appliance/desk"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// taker is somebody who takes an export, with the key on their own computer.
type taker struct {
	*house
	id *age.X25519Identity
}

func (h *house) taker() taker {
	h.t.Helper()
	id, err := age.GenerateX25519Identity()
	h.fine(err)
	return taker{h, id}
}

// words say everything so that the tests can read it again.
func words() desk.ExportWords {
	return desk.ExportWords{
		Root: "export", Zone: time.FixedZone("CET", 3600), ReadMe: "Läs mig",
		Columns: [8]string{"folder", "number", "date", "from", "to", "subject", "file", "state"},
		State:   func(x desk.Exported) string { return fmt.Sprintf("%+v", x) },
		Report:  func(n desk.ExportCount) string { return fmt.Sprintf("%+v", n) },
	}
}

func (x taker) ask(mailbox mail.ID) desk.ExportAsk {
	x.t.Helper()
	to, err := desk.ParseRecipients(x.id.Recipient().String())
	x.fine(err)
	return desk.ExportAsk{Mailbox: mailbox, To: to, Words: words()}
}

func always(r desk.Reader) func() (desk.Reader, error) {
	return func() (desk.Reader, error) { return r, nil }
}

// exported is an export as its taker finds it.
type exported struct {
	names  []string          // in their order
	files  map[string]string // by name, without the folder
	rows   map[string]string // file, or number of what has none: its state
	lines  [][]string
	report string
}

// take exports a mailbox of r's and opens it.
func (x taker) take(t *testing.T, r desk.Reader, mailbox mail.ID) exported {
	t.Helper()
	e, err := x.Export(ctx, r, x.ask(mailbox))
	fine(t, err)
	var b bytes.Buffer
	fine(t, e.Write(ctx, always(r), &b))
	return x.opens(t, b.Bytes())
}

func (x taker) opens(t *testing.T, b []byte) exported {
	t.Helper()
	d, err := age.Decrypt(bytes.NewReader(b), x.id)
	fine(t, err)
	e := exported{files: map[string]string{}, rows: map[string]string{}}
	for r := tar.NewReader(d); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		fine(t, err)
		content, err := io.ReadAll(r)
		fine(t, err)
		name, ok := strings.CutPrefix(h.Name, "export/")
		if _, twice := e.files[name]; !ok || twice {
			t.Errorf("%s stands where it should not", h.Name)
		}
		e.names = append(e.names, name)
		e.files[name] = string(content)
	}
	_, err = io.Copy(io.Discard, d) // to the end of the file: nothing is cut
	fine(t, err)
	c := csv.NewReader(strings.NewReader(strings.TrimPrefix(e.files["index.csv"], "\ufeff")))
	c.Comma = ';'
	e.lines, err = c.ReadAll()
	fine(t, err)
	for _, l := range e.lines[1:] {
		key := l[6]
		if key == "" {
			key = l[1]
		}
		e.rows[key] = l[7]
	}
	e.report = e.files["report.txt"]
	return e
}

// letters are the letters by name of folder: their contents.
func (e exported) letters() map[string][]string {
	all := map[string][]string{}
	for _, n := range e.names {
		if strings.HasSuffix(n, ".eml") {
			all[path.Dir(n)] = append(all[path.Dir(n)], e.files[n])
		}
	}
	return all
}

// short is the number by which an export names a copy.
func short(holder mail.ID) string { return holder.String()[15:] }

// noted are the details of all exports in the journal, in their order.
func (h *house) noted() (list []string) {
	h.t.Helper()
	h.view(func(tx *vault.ReadTx) error {
		entries, err := tx.JournalSince(0, 100_000)
		for _, e := range entries {
			if e.Kind == journal.ExportBegun || e.Kind == journal.ExportEnded {
				list = append(list, e.Kind+" "+e.Detail)
			}
		}
		return err
	})
	return list
}

func TestExport(t *testing.T) {
	h := newHouse(t)
	staff, kim := h.staff(caseworker), h.staff(colleague)
	x := h.taker()
	raw := rawMail(attached{random(100_000), 76, "\r\n", ""}, attached{random(500), 76, "\r\n", ""})
	h.came(t, raw, nil)
	incoming := &mail.Draft{From: anna, FromName: "=SUM(A1)", To: []mail.Request{{Address: caseworker}}, Subject: "Ansökan", Text: "Hej", Raw: rawMail()}
	fine(t, h.Receive(ctx, mail.Actor{Kind: mail.ActorPeer}, incoming))
	came := h.folder(t, staff, mail.Inbox)[0].Holder.ID
	h.accept(&mail.Draft{From: colleague, To: []mail.Request{{Address: caseworker}}, Subject: "Från Kim", Text: "Hej du"})
	draft := h.draft(t, staff, form)
	h.attach(t, staff, draft, "bild.bin", random(70_000))
	trashed := h.accept(letterTo(toColleague()))
	fine(t, h.trash(staff, h.holders(trashed)[0].ID, mail.Trash))
	h.clock.goes(time.Second)
	kept := *incoming
	fine(t, h.Receive(ctx, mail.Actor{Kind: mail.ActorPeer}, &kept))
	keep := h.folder(t, staff, mail.Inbox)[0].Holder.ID
	h.news()

	t.Run("all that its owner can open is in it, each letter as it is saved one by one", func(t *testing.T) {
		got := x.take(t, staff, mail.ID{})
		folders := map[string]int{"inbox": 3, "sent": 1, "drafts": 1, "trash": 1}
		count := map[string]int{}
		for f, list := range got.letters() {
			count[f] = len(list)
		}
		if !maps.Equal(count, folders) {
			t.Errorf("%v", count)
		}
		if got.names[0] != "README.txt" || got.files["README.txt"] != "Läs mig" || got.report != "{Letters:6 Closed:0 Damaged:0}" {
			t.Errorf("%q %q", got.names, got.report)
		}
		for f, list := range map[mail.Folder]string{mail.Inbox: "inbox", mail.Sent: "sent", mail.Drafts: "drafts", mail.Trash: "trash"} {
			for _, l := range h.folder(t, staff, f) {
				file, err := h.EML(ctx, staff, l.Holder.ID)
				name := list + "/2027-03-01_" + short(l.Holder.ID) + ".eml"
				if want := all(t, file, err); got.files[name] != string(want) || len(want) == 0 {
					t.Errorf("%s: %d bytes, not %d", name, len(got.files[name]), len(want))
				}
			}
		}
	})
	t.Run("a mail as it came is the mail, byte for byte, with its files inside", func(t *testing.T) {
		got := x.take(t, staff, mail.ID{})
		if s := got.letters()["sent"]; len(s) != 1 || s[0] != string(raw) {
			t.Errorf("%d", len(s))
		}
	})
	t.Run("the table says who, what and how far, and no cell of it is a formula", func(t *testing.T) {
		got := x.take(t, staff, mail.ID{})
		if len(got.lines) != 7 || [8]string(got.lines[0]) != words().Columns {
			t.Fatalf("%q", got.lines)
		}
		for _, l := range got.lines[1:] {
			if l[6] == "inbox/2027-03-01_"+short(came)+".eml" {
				want := []string{"inbox", short(came), "2027-03-01 13:00:00", "'=SUM(A1) <anna@example.se>", "ulla@kommun.example", "Ansökan", l[6], fmt.Sprintf("%+v", desk.Exported{})}
				if !slices.Equal(l, want) {
					t.Errorf("%q, not %q", l, want)
				}
			}
		}
		states := map[string]string{}
		for file, state := range got.rows {
			if f := path.Dir(file); f != "inbox" {
				states[f] = state
			}
		}
		if !maps.Equal(states, map[string]string{
			"sent":   fmt.Sprintf("%+v", desk.Exported{Sent: true, All: 1, Seen: true}),
			"drafts": fmt.Sprintf("%+v", desk.Exported{Draft: true, Seen: true}),
			"trash":  fmt.Sprintf("%+v", desk.Exported{Sent: true, All: 1, Seen: true}),
		}) {
			t.Errorf("%v", states)
		}
	})
	t.Run("nothing is marked as read by it, and nobody who wrote is told", func(t *testing.T) {
		if !h.holder(came).Opened.IsZero() || len(h.steps(came)) != 0 {
			t.Error("marked")
		}
		for _, n := range h.news() {
			if n.Kind != mail.NoticeExported {
				t.Errorf("a notice %s", n.Kind)
			}
		}
	})
	t.Run("what was taken out of the trash, and is kept as a public record, is its owner's to take along", func(t *testing.T) {
		fine(t, h.trash(staff, keep, mail.Trash))
		_, err := h.EmptyTrash(ctx, staff, mail.ID{})
		fine(t, err)
		got := x.take(t, staff, mail.ID{})
		if n := len(got.letters()["kept"]); n != 1 || got.files["kept/2027-03-01_"+short(keep)+".eml"] == "" || len(got.letters()["trash"]) != 0 {
			t.Errorf("%d, %v", n, got.names)
		}
	})
	t.Run("what has ended is not in it, whether or not retention has been there", func(t *testing.T) {
		_, err := h.Recall(ctx, kim, h.folder(t, kim, mail.Sent)[0].Message.ID)
		fine(t, err)
		if got := x.take(t, staff, mail.ID{}); len(got.letters()["inbox"]) != 1 {
			t.Errorf("%v", got.names)
		}
		h.clock.days(400)
		got := x.take(t, staff, mail.ID{})
		if strings.Contains(got.files["index.csv"], "Beslut om bistånd") || len(got.letters()["sent"]) != 0 || !strings.Contains(got.files["index.csv"], "Ansökan") {
			t.Errorf("%v", got.names)
		}
	})
}

func TestExportIsWritten(t *testing.T) {
	h := newHouse(t)
	staff, kim := h.staff(caseworker), h.staff(colleague)
	x := h.taker()
	h.letter(letterTo(toAnna()))
	h.news()
	t.Run("the journal says that it was begun, by whom and of what, and that it ended whole", func(t *testing.T) {
		x.take(t, staff, mail.ID{})
		if n := h.noted(); !slices.Equal(n, []string{"export_begun ", "export_ended whole 1 0"}) {
			t.Errorf("%q", n)
		}
		h.view(func(tx *vault.ReadTx) error {
			entries, err := tx.JournalSince(0, 1000)
			for _, e := range entries {
				if e.Kind == journal.ExportBegun && (e.Holder != staff.ID || e.Who != h.app.Who(staff.ID) || e.Actor != mail.ActorPerson) {
					t.Errorf("%+v", e)
				}
			}
			return err
		})
	})
	t.Run("its owner is told by mail", func(t *testing.T) {
		n := h.one(mail.NoticeExported).Notice
		if n.To != caseworker || n.Lang != "fi" || n.At.IsZero() || n.Mailbox != "" || n.Person != "" {
			t.Errorf("%v %v %v", n.To, n.Lang, n.Mailbox)
		}
	})
	t.Run("one that breaks off was begun, and told, and is no whole file", func(t *testing.T) {
		before := len(h.noted())
		e, err := h.Export(ctx, staff, x.ask(mail.ID{}))
		fine(t, err)
		h.one(mail.NoticeExported)
		over, end := context.WithCancel(ctx)
		end()
		var b bytes.Buffer
		if err := e.Write(over, always(staff), &b); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if n := h.noted()[before:]; !slices.Equal(n, []string{"export_begun ", "export_ended broken 0"}) {
			t.Errorf("%q", n)
		}
		if _, err := readAge(x, b.Bytes()); err == nil {
			t.Error("it opens to its end")
		}
	})
	t.Run("one at a time by a person, and others are not in the way", func(t *testing.T) {
		e, err := h.Export(ctx, staff, x.ask(mail.ID{}))
		fine(t, err)
		_, err = h.Export(ctx, staff, x.ask(mail.ID{}))
		want(t, err, mail.Busy)
		x.take(t, kim, mail.ID{})
		fine(t, e.Write(ctx, always(staff), io.Discard))
		x.take(t, staff, mail.ID{})
	})
	t.Run("so many a day, and more the day after; what is refused tells nobody", func(t *testing.T) {
		h.clock.days(2)
		for range 10 {
			x.take(t, kim, mail.ID{})
		}
		h.news()
		before := len(h.noted())
		for range 2 {
			_, err := h.Export(ctx, kim, x.ask(mail.ID{}))
			want(t, err, mail.Busy)
		}
		if len(h.news()) != 0 || len(h.noted()) != before {
			t.Error("told or written")
		}
		h.clock.days(1)
		x.take(t, kim, mail.ID{})
	})
	t.Run("nobody else's mailbox, no guest, and nobody to seal to: nothing is begun", func(t *testing.T) {
		l := h.letter(letterTo(toBo()))
		guest, _ := h.guest(l.code)
		h.news()
		before := len(h.noted())
		for _, c := range []struct {
			r    desk.Reader
			of   mail.ID
			kind mail.Kind
		}{{kim, staff.ID, mail.Absent}, {kim, mail.NewID(), mail.Absent}, {guest, mail.ID{}, mail.Absent}, {guest, staff.ID, mail.Absent}, {desk.Reader{}, staff.ID, mail.Absent}} {
			_, err := h.Export(ctx, c.r, x.ask(c.of))
			want(t, err, c.kind)
		}
		_, err := h.Export(ctx, kim, desk.ExportAsk{Words: words()})
		want(t, err, mail.Invalid)
		if len(h.news()) != 0 || len(h.noted()) != before {
			t.Error("told or written")
		}
		x.take(t, kim, mail.ID{}) // nothing is left in the way
	})
	t.Run("one that could not be written down is not begun, and stands in nobody's way", func(t *testing.T) {
		h.store.inside = errCrash
		if _, err := h.Export(ctx, staff, x.ask(mail.ID{})); err == nil {
			t.Error("begun")
		}
		h.store.whole()
		x.take(t, staff, mail.ID{})
	})
	t.Run("one whose end could not be written down is an error", func(t *testing.T) {
		e, err := h.Export(ctx, staff, x.ask(mail.ID{}))
		fine(t, err)
		h.store.inside = errCrash
		if err := e.Write(ctx, always(staff), io.Discard); !errors.Is(err, errCrash) {
			t.Error(err)
		}
		h.store.whole()
	})
}

// readAge reads an age file to its end.
func readAge(x taker, b []byte) ([]byte, error) {
	d, err := age.Decrypt(bytes.NewReader(b), x.id)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(d)
}

func TestExportInTheMiddle(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	x := h.taker()
	const n = 120 // three pages
	var holders []mail.ID
	for i := range n {
		fine(t, h.Receive(ctx, mail.Actor{Kind: mail.ActorPeer}, &mail.Draft{From: anna, To: []mail.Request{{Address: caseworker}}, Subject: fmt.Sprint(i), Text: "Hej"}))
		if i%3 == 0 {
			h.clock.goes(time.Second)
		}
	}
	for _, l := range h.folder(t, staff, mail.Inbox) {
		holders = append(holders, l.Holder.ID) // newest first
	}
	// during exports, and does something when the k-th letter is asked for.
	during := func(t *testing.T, k int, do func()) exported {
		t.Helper()
		e, err := h.Export(ctx, staff, x.ask(mail.ID{}))
		fine(t, err)
		asked := 0
		var b bytes.Buffer
		fine(t, e.Write(ctx, func() (desk.Reader, error) {
			if asked++; asked == k {
				do()
			}
			return staff, nil
		}, &b))
		return x.opens(t, b.Bytes())
	}
	t.Run("pages join without a gap and without a letter twice", func(t *testing.T) {
		if got := x.take(t, staff, mail.ID{}); len(got.letters()["inbox"]) != n || len(got.rows) != n {
			t.Errorf("%d, %d", len(got.letters()["inbox"]), len(got.rows))
		}
	})
	t.Run("a letter that is moved meanwhile is there once, wherever it lies then", func(t *testing.T) {
		first, last := holders[0], holders[n-1]
		got := during(t, 20, func() {
			fine(t, h.trash(staff, first, mail.Trash))
			fine(t, h.trash(staff, last, mail.Trash))
		})
		inbox, trash := got.letters()["inbox"], got.letters()["trash"]
		if len(inbox) != n-1 || len(trash) != 1 || got.files["trash/2027-03-01_"+short(last)+".eml"] == "" {
			t.Errorf("%d in the inbox, %d in the trash", len(inbox), len(trash))
		}
		fine(t, h.trash(staff, first, mail.Inbox))
		got = during(t, 20, func() { fine(t, h.trash(staff, last, mail.Inbox)) })
		if len(got.letters()["inbox"]) != n {
			t.Errorf("%d are left", len(got.letters()["inbox"]))
		}
	})
	t.Run("one that ends meanwhile is passed over, and is no damage", func(t *testing.T) {
		got := during(t, 20, func() {
			m := h.message(h.holder(holders[100]).Message)
			fine(t, h.db.EraseSlots(ctx, []mail.Slot{m.Slot}))
		})
		if len(got.letters()["inbox"]) != n-1 || got.report != fmt.Sprintf("{Letters:%d Closed:0 Damaged:0}", n-1) {
			t.Error(got.report)
		}
	})
	t.Run("a session that ends in the middle ends the file, which then does not open to its end", func(t *testing.T) {
		for _, k := range []int{1, 2, 100, 2*(n-1) + 2} { // at the last one all letters are written: two questions each, one for that which has ended
			h.clock.days(2)
			before := len(h.noted())
			e, err := h.Export(ctx, staff, x.ask(mail.ID{}))
			fine(t, err)
			asked := 0
			var b bytes.Buffer
			err = e.Write(ctx, func() (desk.Reader, error) {
				if asked++; asked >= k {
					return desk.Reader{}, mail.E(mail.Denied, "error.denied", nil)
				}
				return staff, nil
			}, &b)
			want(t, err, mail.Denied)
			if _, err := readAge(x, b.Bytes()); err == nil {
				t.Errorf("%d: it opens to its end", k)
			}
			if n := h.noted()[before:]; len(n) != 2 || !strings.HasPrefix(n[1], "export_ended broken ") {
				t.Errorf("%q", n)
			}
		}
	})
	t.Run("a session of somebody else goes on with nothing", func(t *testing.T) {
		e, err := h.Export(ctx, staff, x.ask(mail.ID{}))
		fine(t, err)
		want(t, e.Write(ctx, always(h.staff(colleague)), io.Discard), mail.Absent)
	})
	t.Run("a receiver that is gone ends it", func(t *testing.T) {
		e, err := h.Export(ctx, staff, x.ask(mail.ID{}))
		fine(t, err)
		r, w := io.Pipe()
		r.Close()
		if err := e.Write(ctx, always(staff), w); !errors.Is(err, io.ErrClosedPipe) {
			t.Error(err)
		}
	})
}

func TestExportOfALargeLetter(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	x := h.taker()
	h.fills(1, 2<<20)
	t.Run("it does not outlive the session in which it was begun", func(t *testing.T) {
		e, err := h.Export(ctx, staff, x.ask(mail.ID{}))
		fine(t, err)
		asked := 0
		var b bytes.Buffer
		err = e.Write(ctx, func() (desk.Reader, error) {
			if asked++; asked > 4 {
				return desk.Reader{}, mail.E(mail.Denied, "error.denied", nil)
			}
			return staff, nil
		}, &b)
		want(t, err, mail.Denied)
		if b.Len() == 0 || b.Len() > 1<<20 {
			t.Errorf("%d bytes of it went out", b.Len())
		}
	})
}

func TestExportOfDamage(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	x := h.taker()
	raw := rawMail(attached{random(100_000), 76, "\r\n", ""})
	good, lost, torn := h.came(t, raw, nil), h.came(t, raw, nil), h.came(t, raw, nil)
	for _, p := range h.parts(lost.message) {
		if !p.Blob.IsZero() {
			fine(t, h.db.EraseBlob(ctx, p.Blob))
		}
	}
	bad := h.parts(torn.message)
	h.store.spoil = bad[slices.IndexFunc(bad, func(p mail.Part) bool { return !p.Blob.IsZero() })].Blob
	t.Run("a letter that the disk has spoiled is named, and keeps no other from its owner", func(t *testing.T) {
		got := x.take(t, staff, mail.ID{})
		if s := got.letters()["sent"]; len(s) != 1 || s[0] != string(raw) || got.report != "{Letters:1 Closed:0 Damaged:2}" {
			t.Fatalf("%d, %s", len(s), got.report)
		}
		for _, l := range []letter{lost, torn} {
			if got.rows[short(l.house)] != fmt.Sprintf("%+v", desk.Exported{Unopened: desk.ExportDamaged}) {
				t.Errorf("%v", got.rows)
			}
		}
		if got.files["sent/2027-03-01_"+short(good.house)+".eml"] == "" {
			t.Error(got.names)
		}
		if n := h.noted(); n[len(n)-1] != "export_ended whole 1 2" {
			t.Errorf("%q", n)
		}
	})
	t.Run("one that ends while it is read is no damage", func(t *testing.T) {
		h.store.spoils = func() {
			fine(t, h.db.EraseSlots(ctx, []mail.Slot{h.message(torn.message).Slot}))
		}
		if got := x.take(t, staff, mail.ID{}); got.report != "{Letters:1 Closed:0 Damaged:1}" || got.rows[short(torn.house)] != "" {
			t.Errorf("%s %v", got.report, got.rows)
		}
	})
}

func TestExportOfFunctionMailbox(t *testing.T) {
	h := newHouse(t)
	karin, maria, olle := h.staff("karin@kommun.example"), h.staff("maria@kommun.example"), h.staff("olle@kommun.example")
	b := h.box(office, karin)
	first := b.comesTo("Äldre")
	h.clock.goes(time.Hour)
	b.join(maria)
	second := b.comesTo("Nyare")
	h.news()
	x := h.taker()
	t.Run("who was there all the time exports every generation", func(t *testing.T) {
		got := x.take(t, in(karin, b), b.ID)
		if len(got.letters()["inbox"]) != 2 || got.report != "{Letters:2 Closed:0 Damaged:0}" {
			t.Errorf("%v %s", got.names, got.report)
		}
	})
	t.Run("all who read there are told, by whom it was", func(t *testing.T) {
		var to []mail.Address
		for _, n := range h.news() {
			if n.Kind != mail.NoticeExported || n.Notice.Mailbox != "Socialtjänsten" || n.Notice.Person != "karin" {
				t.Errorf("%s %q %q", n.Kind, n.Notice.Mailbox, n.Notice.Person)
			}
			to = append(to, n.Notice.To)
		}
		slices.Sort(to)
		if !slices.Equal(to, []mail.Address{"karin@kommun.example", "maria@kommun.example"}) {
			t.Errorf("%v", to)
		}
	})
	t.Run("who joined from then on exports nothing older: it is named by its number, without a word of it", func(t *testing.T) {
		got := x.take(t, in(maria, b), b.ID)
		if l := got.letters()["inbox"]; len(l) != 1 || got.files["inbox/2027-03-01_"+short(second)+".eml"] == "" || got.report != "{Letters:1 Closed:1 Damaged:0}" {
			t.Errorf("%v %s", got.names, got.report)
		}
		if got.rows[short(first)] != fmt.Sprintf("%+v", desk.Exported{Unopened: desk.ExportClosed}) || strings.Contains(got.files["index.csv"], "Äldre") || len(got.lines) != 3 {
			t.Errorf("%q", got.lines)
		}
	})
	t.Run("one's own letters are not in it, nor the mailbox's in one's own", func(t *testing.T) {
		if got := x.take(t, in(maria, b), mail.ID{}); len(got.letters()) != 0 || len(got.lines) != 1 {
			t.Errorf("%v", got.names)
		}
	})
	t.Run("who does not read there cannot begin, whatever they say", func(t *testing.T) {
		_, err := h.Export(ctx, olle, x.ask(b.ID))
		want(t, err, mail.Absent)
		if got := x.take(t, in(olle, b), b.ID); len(got.letters()) != 0 || got.report != "{Letters:0 Closed:2 Damaged:0}" {
			t.Errorf("%v %s", got.names, got.report) // the office lets nobody say so who is not; without a key it would be of no use
		}
	})
	t.Run("who leaves in the middle has a file that does not open to its end", func(t *testing.T) {
		e, err := h.Export(ctx, in(maria, b), x.ask(b.ID))
		fine(t, err)
		asked := 0
		var out bytes.Buffer
		want(t, e.Write(ctx, func() (desk.Reader, error) {
			if asked++; asked > 1 {
				return in(maria), nil
			}
			return in(maria, b), nil
		}, &out), mail.Absent)
		if _, err := readAge(x, out.Bytes()); err == nil {
			t.Error("it does")
		}
	})
}

// sampler is a writer that looks at the memory every few megabytes.
type sampler struct {
	look          func() int64
	n, next, most int64
}

func (s *sampler) Write(b []byte) (int, error) {
	if s.n += int64(len(b)); s.n >= s.next {
		s.next = s.n + 8<<20
		s.most = max(s.most, s.look())
	}
	return len(b), nil
}

// living is the memory that is in use.
func living() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// resident is what the process has of the machine's memory: field two of proc(5), statm.
func resident(t testing.TB) int64 {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	fine(t, err)
	var size, pages int64
	_, err = fmt.Sscan(string(b), &size, &pages)
	fine(t, err)
	return pages * int64(os.Getpagesize())
}

// fills makes a mailbox of n letters with a file of so many bytes each.
func (h *house) fills(n, size int) {
	h.t.Helper()
	data := random(size)
	for i := range n {
		dr := &mail.Draft{From: anna, To: []mail.Request{{Address: caseworker}}, Subject: fmt.Sprint(i), Text: "Hej", Files: []mail.File{{Name: "a.bin", Type: "application/octet-stream", Data: data}}}
		h.fine(h.Receive(ctx, mail.Actor{Kind: mail.ActorPeer}, dr))
	}
}

// It runs alone: no other test's memory is counted.
func TestExportTakesNoMemory(t *testing.T) {
	h := houseOf(t)
	staff, x := h.staff(caseworker), h.taker()
	h.fills(30, 1<<20)
	e, err := h.Export(ctx, staff, x.ask(mail.ID{}))
	fine(t, err)
	before := living()
	s := &sampler{look: living}
	fine(t, e.Write(ctx, always(staff), s))
	if growth := s.most - before; s.n < 40<<20 || growth > 4<<20 {
		t.Errorf("%d bytes of memory for an export of %d", growth, s.n)
	}
}

// BenchmarkExport writes out 1,000 letters of 200 kB. RSS-MB is by how much the process
// has grown at most.
func BenchmarkExport(b *testing.B) {
	h := houseOf(b)
	staff, x := h.staff(caseworker), h.taker()
	h.fills(1000, 200_000)
	debug.FreeOSMemory() // of the filling
	before := resident(b)
	var most, n int64
	for b.Loop() {
		h.clock.days(1)
		e, err := h.Export(ctx, staff, x.ask(mail.ID{}))
		fine(b, err)
		s := &sampler{look: func() int64 { return resident(b) }}
		fine(b, e.Write(ctx, always(staff), s))
		most, n = max(most, s.most-before), s.n
	}
	b.SetBytes(n)
	b.ReportMetric(float64(most)/1e6, "RSS-MB")
}
