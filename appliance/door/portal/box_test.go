package portal_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

func (n *noting) Mailbox(_ context.Context, _ desk.Reader, q mail.MailboxQuery) ([]desk.Line, error) {
	if q.Owner.IsZero() {
		return nil, nil
	}
	return n.lines, nil
}

func (n *noting) EmptyTrash(_ context.Context, r desk.Reader, mailbox mail.ID) (int, error) {
	return 0, n.note("empty", n.name(r.ID), mailbox)
}

func (n *noting) Levels(context.Context) ([]mail.Level, error) {
	return []mail.Level{mail.Registered}, nil
}

func (n *noting) Write(_ context.Context, r desk.Reader, mailbox mail.ID, form mail.Form) (mail.ID, error) {
	return mail.ID{9}, n.note("write", n.name(r.ID), mailbox, form.Subject)
}

func (n *noting) Draft(context.Context, desk.Reader, mail.ID) (desk.Unfinished, error) {
	return n.draft, nil
}

func (n *noting) DropDraft(_ context.Context, r desk.Reader, holder mail.ID) error {
	return n.note("drop", n.name(r.ID), holder)
}

func (n *noting) SendDraft(_ context.Context, r desk.Reader, holder mail.ID, _ *mail.Draft) error {
	return n.note("send", n.name(r.ID), holder)
}

func (n *noting) Shared(context.Context, desk.Reader, mail.ID) (desk.Shared, error) {
	if n.shared.Mailbox.IsZero() {
		return desk.Shared{}, mail.E(mail.Absent, "error.absent", nil)
	}
	return n.shared, nil
}

func (n *noting) GiveOlder(_ context.Context, by mail.Actor, _ *access.Key, mailbox, person mail.ID) error {
	return n.note("give", n.name(by.ID), mailbox, n.name(person))
}

func (n *noting) RefuseOlder(_ context.Context, by mail.Actor, mailbox, person mail.ID) error {
	return n.note("refuse", n.name(by.ID), mailbox, n.name(person))
}

func (n *noting) LeaveMailbox(_ context.Context, by mail.Actor, mailbox, person mail.ID) error {
	return n.note("leave", n.name(by.ID), mailbox, n.name(person))
}

// reception is a function mailbox that Anna and Bo read. Vera is told what lies there,
// and Stig has nothing to do with it.
type reception struct {
	*door
	anna, bo, vera, stig mail.ID
	box                  org.Mailbox
	at                   string // path
}

func newReception(t *testing.T) *reception {
	w := &reception{door: newDoor(t)}
	w.anna, w.bo, w.vera, w.stig = w.person("Anna"), w.person("Bo"), w.person("Vera"), w.person("Stig")
	w.box = w.mailbox("Receptionen", "reception@kommun.se")
	w.at = "/box/" + w.box.ID.String()
	w.joins(w.box, w.anna)
	w.joins(w.box, w.bo)
	w.tree.PutColleague(mail.MailboxMember{Mailbox: w.box.ID, Person: w.vera, Role: mail.MailboxSubstitute, Since: now.Now()})
	return w
}

func (w *reception) mailbox(name, address string) org.Mailbox {
	m := org.Mailbox{ID: mail.NewID(), Unit: mail.RootUnit, Address: mail.Address(address), Name: name}
	w.tree.PutMailbox(m)
	return m
}

func (w *reception) joins(m org.Mailbox, person mail.ID) {
	w.tree.PutColleague(mail.MailboxMember{Mailbox: m.ID, Person: person, Role: mail.MailboxReader, Since: now.Now()})
}

func (w *reception) asks(person mail.ID) {
	w.tree.PutColleague(mail.MailboxMember{Mailbox: w.box.ID, Person: person, Role: mail.MailboxReader, Asks: true, Since: now.Now()})
}

func TestBox(t *testing.T) {
	t.Run("who does not read there finds no page and no act", func(t *testing.T) {
		w := newReception(t)
		for _, id := range []mail.ID{w.vera, w.stig} {
			b := w.signsIn(id)
			for _, page := range []string{"", "/sent", "/drafts", "/trash", "/write", "/people", "/leave"} {
				b.get(w.at+page).gets(http.StatusNotFound, "").seesNot("Receptionen")
			}
			for _, act := range []string{"/trash/empty", "/give", "/refuse", "/leave"} {
				b.post(w.at+act, "person", w.anna.String()).gets(http.StatusNotFound, "")
			}
			b.upload(w.at+"/write", "subject", "Hej").gets(http.StatusNotFound, "")
		}
		w.did()
	})
	t.Run("the mailboxes of a person stand on each page of theirs", func(t *testing.T) {
		w := newReception(t)
		link := `href="` + w.at + `"`
		w.signsIn(w.anna).get("/mail").sees(link, "Receptionen").get("/write").sees(link)
		w.signsIn(w.vera).get("/mail").seesNot(link)
		b := w.signsIn(w.bo)
		w.tree.DropColleague(w.box.ID, w.bo)
		b.get("/mail").seesNot(link)
	})
	t.Run("who reads in many mailboxes opens the list of them", func(t *testing.T) {
		w := newReception(t)
		b := w.signsIn(w.anna)
		for _, name := range []string{"Bygglov", "Ekonomi", "Park"} {
			w.joins(w.mailbox(name, strings.ToLower(name)+"@kommun.se"), w.anna)
		}
		b.get("/mail").seesNot("<summary>")
		w.joins(w.mailbox("Skola", "skola@kommun.se"), w.anna)
		b.get("/mail").sees("<summary>5 funktionsbrevlådor</summary>", "Bygglov", "Skola")
	})
	t.Run("a line says with whom the thread is, and one from before says nothing else", func(t *testing.T) {
		w := newReception(t)
		line := func(n byte, by mail.ID, subject string) desk.Line {
			l := desk.Line{Message: mail.Message{At: now.Now()}, Holder: mail.Holder{ID: mail.ID{n}, State: mail.Active}, Claimed: by}
			if l.Closed = subject == ""; !l.Closed {
				l.Head = mail.Head{Subject: subject, From: "ylva@example.se"}
			}
			return l
		}
		w.desk.lines = []desk.Line{line(1, w.anna, "Första"), line(2, w.bo, "Andra"), line(3, w.bo, ""), line(4, mail.ID{44}, "Fjärde")}
		b := w.signsIn(w.anna).get(w.at).sees("Första", "Hos dig", "Hos Bo", "Från tiden innan du började läsa här.", "Hos En tidigare kollega")
		b.sees("/mail/"+mail.ID{1}.String(), "/mail/"+mail.ID{2}.String()).seesNot("/mail/" + mail.ID{3}.String())
	})
	t.Run("its trash is emptied, and not one's own", func(t *testing.T) {
		w := newReception(t)
		b := w.signsIn(w.anna)
		b.post(w.at+"/trash/empty").gets(http.StatusSeeOther, w.at+"/trash")
		b.post("/mail/trash/empty").gets(http.StatusSeeOther, "/mail/trash")
		w.did("empty Anna "+w.box.ID.String(), "empty Anna "+mail.ID{}.String())
	})
}

func TestWriteInItsName(t *testing.T) {
	w := newReception(t)
	b := w.signsIn(w.anna)
	path := "/write/" + mail.ID{9}.String()
	t.Run("the page says in whose name", func(t *testing.T) {
		b.get(w.at+"/write").gets(http.StatusOK, "").sees("Från Receptionen <reception@kommun.se>, en funktionsbrevlåda.", `action="`+w.at+`/write"`)
		b.get("/write").sees(`action="/write"`).seesNot("en funktionsbrevlåda")
	})
	t.Run("the draft is begun there", func(t *testing.T) {
		b.upload(w.at+"/write", "subject", "Hej", "do", "save").gets(http.StatusSeeOther, path)
		b.upload("/write", "subject", "Eget", "do", "save").gets(http.StatusSeeOther, path)
		w.did("write Anna "+w.box.ID.String()+" Hej", "write Anna "+mail.ID{}.String()+" Eget")
	})
	w.desk.draft = desk.Unfinished{Holder: mail.ID{9}, Form: mail.Form{To: []mail.FormTo{{Address: "ylva@example.se"}}, Text: "Hej."}}
	t.Run("what becomes of it is seen where colleagues see it", func(t *testing.T) {
		w.desk.shared.Mailbox = w.box.ID
		b.get(path).sees("Från Receptionen")
		b.post(path+"/send").gets(http.StatusSeeOther, w.at+"/sent")
		b.post(path+"/drop").gets(http.StatusSeeOther, w.at+"/drafts")
		w.did("send Anna "+mail.ID{9}.String(), "drop Anna "+mail.ID{9}.String())
	})
	t.Run("one's own goes on as before", func(t *testing.T) {
		w.desk.shared.Mailbox = mail.ID{}
		b.get(path).seesNot("en funktionsbrevlåda")
		b.post(path+"/send").gets(http.StatusSeeOther, "/mail/"+mail.ID{9}.String())
		b.post(path+"/drop").gets(http.StatusSeeOther, "/mail/drafts")
		w.did("send Anna "+mail.ID{9}.String(), "drop Anna "+mail.ID{9}.String())
	})
	t.Run("a letter that cannot go yet stays in its name", func(t *testing.T) {
		w.desk.shared.Mailbox, w.desk.draft.Form.Text = w.box.ID, ""
		b.post(path+"/send").gets(http.StatusUnprocessableEntity, "").sees("Från Receptionen")
		w.did()
	})
}

func TestPeople(t *testing.T) {
	t.Run("who reads there, and who stands in", func(t *testing.T) {
		w := newReception(t)
		w.signsIn(w.anna).get(w.at+"/people").gets(http.StatusOK, "").
			sees("2 personer läser här", "Anna", "bo@kommun.se", "Ersättare", "vera@kommun.se").seesNot("Ge tillgång", "Ber om äldre brev")
	})
	t.Run("a question is shown to the others, and not to who asks", func(t *testing.T) {
		w := newReception(t)
		w.asks(w.bo)
		b := w.signsIn(w.anna)
		for _, inbox := range []string{"/mail", w.at} {
			b.get(inbox).sees("Bo vill läsa äldre brev i Receptionen.", w.at+"/people")
		}
		b.get("/mail/sent").seesNot("vill läsa")
		b.get(w.at + "/people").sees("Ge tillgång")
		b = w.signsIn(w.bo)
		for _, page := range []string{"/mail", w.at, w.at + "/people"} {
			b.get(page).seesNot("vill läsa", "Ge tillgång")
		}
		b.get(w.at + "/people").sees("Ber om äldre brev")
		w.signsIn(w.stig).get("/mail").seesNot("vill läsa")
	})
	t.Run("several questions are one alert, and a mailbox shows its own", func(t *testing.T) {
		w := newReception(t)
		other := w.mailbox("Bygglov", "bygglov@kommun.se")
		w.joins(other, w.anna)
		w.asks(w.bo)
		w.asks(w.stig)
		b := w.signsIn(w.anna)
		b.get("/mail").sees("Bo och 1 till vill läsa")
		b.get("/box/" + other.ID.String()).seesNot("vill läsa")
	})
	t.Run("giving asks for the password first, and for nobody else's mailbox", func(t *testing.T) {
		w := newReception(t)
		w.asks(w.bo)
		b := w.signsIn(w.anna)
		b.post(w.at+"/give", "person", w.bo.String()).gets(http.StatusSeeOther, "/account/prove?next="+w.at+"/people")
		b.get(b.to).sees("allt som du kan läsa i brevlådan", `name="next" value="`+w.at+`/people"`)
		b.post(w.at+"/give").gets(http.StatusNotFound, "")
		w.did()
	})
	t.Run("after the password nobody is led elsewhere", func(t *testing.T) {
		w := newReception(t)
		b := w.signsIn(w.anna)
		id := w.box.ID.String()
		for _, next := range []string{"/box/" + id, "/box/" + id + "/leave", "/box/x/people", "/box/" + id + "/x/people", "//box/" + id + "/people", "https://example.se/box/" + id + "/people"} {
			b.get("/account/prove?next=" + next).sees(`name="next" value="/account"`)
		}
	})
	t.Run("a no is said without it", func(t *testing.T) {
		w := newReception(t)
		w.asks(w.bo)
		b := w.signsIn(w.anna).post(w.at+"/refuse", "person", w.bo.String()).gets(http.StatusSeeOther, w.at+"/people")
		w.did("refuse Anna " + w.box.ID.String() + " Bo")
		w.desk.fails = mail.E(mail.Absent, "error.absent", nil)
		b.post(w.at+"/refuse", "person", w.stig.String()).gets(http.StatusNotFound, "")
	})
	t.Run("who leaves is told what happens, and leaves alone", func(t *testing.T) {
		w := newReception(t)
		b := w.signsIn(w.anna).get(w.at + "/leave").sees("Lämna Receptionen").seesNot("den enda")
		w.did()
		b.post(w.at+"/leave", "person", w.bo.String()).gets(http.StatusSeeOther, "/mail")
		w.did("leave Anna " + w.box.ID.String() + " Anna")
		w.tree.DropColleague(w.box.ID, w.bo)
		b.get(w.at + "/leave").sees("Du är den enda som läser här.")
	})
}
