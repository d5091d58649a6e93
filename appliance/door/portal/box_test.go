package portal_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

func (n *noting) Mailbox(_ context.Context, _ desk.Reader, q mail.MailboxQuery) ([]desk.Line, error) {
	if q.Owner.IsZero() {
		return nil, nil
	}
	return n.lines, nil
}

func (n *noting) Standings(_ context.Context, _ desk.Reader, mailboxes []mail.ID) ([]mail.Standing, error) {
	return make([]mail.Standing, len(mailboxes)), nil
}

func (n *noting) Thread(context.Context, desk.Reader, mail.ID) ([]desk.Threaded, error) {
	return nil, nil
}

func (n *noting) EmptyTrash(_ context.Context, r desk.Reader, mailbox mail.ID) (int, error) {
	return 0, n.Note("empty", n.name(r.ID), mailbox)
}

func (n *noting) Plan(context.Context, mail.ID, *mail.Draft) ([]desk.Forecast, desk.Life, error) {
	return nil, desk.Life{}, nil
}

func (n *noting) Levels(context.Context) ([]mail.Level, error) {
	return []mail.Level{mail.Registered}, nil
}

func (n *noting) Lifetimes(context.Context) (desk.Lifetimes, error) {
	return desk.Lifetimes{}, nil
}

func (n *noting) TemplatesFor(context.Context, org.Writer) ([]office.Template, error) {
	return nil, nil
}

func (n *noting) SignatureFor(context.Context, org.Writer) (string, error) { return "", nil }

func (n *noting) Allowance(context.Context, mail.ID) (mail.Allowance, error) {
	return mail.Allowance{Plan: mail.PlanBusiness}, nil
}

func (n *noting) Write(_ context.Context, r desk.Reader, mailbox mail.ID, form mail.Form) (mail.ID, error) {
	return mail.ID{9}, n.Note("write", n.name(r.ID), mailbox, form.Subject)
}

func (n *noting) WriteBack(_ context.Context, r desk.Reader, holder mail.ID, form mail.Form) (mail.ID, error) {
	return mail.ID{9}, n.Note("write back", n.name(r.ID), holder, form.Subject)
}

func (n *noting) Draft(context.Context, desk.Reader, mail.ID) (desk.Unfinished, error) {
	return n.draft, nil
}

func (n *noting) DropDraft(_ context.Context, r desk.Reader, holder mail.ID) error {
	return n.Note("drop", n.name(r.ID), holder)
}

func (n *noting) DropDrafts(_ context.Context, r desk.Reader, holders []mail.ID) ([]mail.ID, error) {
	return holders, n.Note("drop all", n.name(r.ID), holders)
}

func (n *noting) SendDraft(_ context.Context, r desk.Reader, holder mail.ID, _ *mail.Draft, _ string) error {
	return n.Note("send", n.name(r.ID), holder)
}

func (n *noting) Shared(context.Context, desk.Reader, mail.ID) (desk.Shared, error) {
	if n.shared.Mailbox.IsZero() {
		return desk.Shared{}, mail.E(mail.Absent, "error.absent", nil)
	}
	return n.shared, nil
}

func (n *noting) GiveOlder(_ context.Context, by mail.Actor, _ *access.Key, mailbox, person mail.ID) error {
	return n.Note("give", n.name(by.ID), mailbox, n.name(person))
}

func (n *noting) RefuseOlder(_ context.Context, by mail.Actor, mailbox, person mail.ID) error {
	return n.Note("refuse", n.name(by.ID), mailbox, n.name(person))
}

func (n *noting) LeaveMailbox(_ context.Context, by mail.Actor, mailbox, person mail.ID) error {
	return n.Note("leave", n.name(by.ID), mailbox, n.name(person))
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
				b.Get(w.at+page).Gets(http.StatusNotFound, "").SeesNot("Receptionen")
			}
			for _, act := range []string{"/trash/empty", "/give", "/refuse", "/leave"} {
				b.Post(w.at+act, "person", w.anna.String()).Gets(http.StatusNotFound, "")
			}
			b.Upload(w.at+"/write", "subject", "Hej").Gets(http.StatusNotFound, "")
		}
		w.did()
	})
	t.Run("the mailboxes of a person stand on each page of theirs", func(t *testing.T) {
		w := newReception(t)
		link := `href="` + w.at + `"`
		w.signsIn(w.anna).Get("/mail").Sees(link, "Receptionen").Get("/write").Sees(link)
		w.signsIn(w.vera).Get("/mail").SeesNot(link)
		b := w.signsIn(w.bo)
		w.tree.DropColleague(w.box.ID, w.bo)
		b.Get("/mail").SeesNot(link)
	})
	t.Run("who reads in many mailboxes opens the list of them", func(t *testing.T) {
		w := newReception(t)
		b := w.signsIn(w.anna)
		for _, name := range []string{"Bygglov", "Ekonomi", "Park"} {
			w.joins(w.mailbox(name, strings.ToLower(name)+"@kommun.se"), w.anna)
		}
		b.Get("/mail").SeesNot("funktionsbrevlådor</summary>")
		w.joins(w.mailbox("Skola", "skola@kommun.se"), w.anna)
		b.Get("/mail").Sees("<summary>5 funktionsbrevlådor</summary>", "Bygglov", "Skola")
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
		b := w.signsIn(w.anna).Get(w.at).Sees("Första", "Hos dig", "Hos Bo", "Från tiden innan du började läsa här.", "Hos En tidigare kollega")
		b.Sees("/mail/"+mail.ID{1}.String(), "/mail/"+mail.ID{2}.String()).SeesNot("/mail/" + mail.ID{3}.String())
	})
	t.Run("its trash is emptied, and not one's own", func(t *testing.T) {
		w := newReception(t)
		b := w.signsIn(w.anna)
		b.Post(w.at+"/trash/empty").Gets(http.StatusSeeOther, w.at+"/trash")
		b.Post("/mail/trash/empty").Gets(http.StatusSeeOther, "/mail/trash")
		w.did("empty Anna "+w.box.ID.String(), "empty Anna "+mail.ID{}.String())
	})
}

func TestWriteInItsName(t *testing.T) {
	w := newReception(t)
	b := w.signsIn(w.anna)
	path := "/write/" + mail.ID{9}.String()
	t.Run("the page says in whose name", func(t *testing.T) {
		b.Get(w.at+"/write").Gets(http.StatusOK, "").Sees("Från Receptionen <reception@kommun.se>, en funktionsbrevlåda.", `action="`+w.at+`/write"`)
		b.Get("/write").Sees(`action="/write"`).SeesNot("en funktionsbrevlåda")
	})
	t.Run("the draft is begun there", func(t *testing.T) {
		b.Upload(w.at+"/write", "subject", "Hej", "do", "save").Gets(http.StatusSeeOther, path)
		b.Upload("/write", "subject", "Eget", "do", "save").Gets(http.StatusSeeOther, path)
		w.did("write Anna "+w.box.ID.String()+" Hej", "write Anna "+mail.ID{}.String()+" Eget")
	})
	w.desk.draft = desk.Unfinished{Holder: mail.ID{9}, Form: mail.Form{To: []mail.FormTo{{Address: "ylva@example.se"}}, Text: "Hej."}}
	t.Run("what becomes of it is seen where colleagues see it", func(t *testing.T) {
		w.desk.shared.Mailbox = w.box.ID
		b.Get(path).Sees("Från Receptionen")
		b.Post(path+"/send").Gets(http.StatusSeeOther, w.at+"/sent")
		b.Post(path+"/drop").Gets(http.StatusSeeOther, w.at+"/drafts")
		w.did("send Anna "+mail.ID{9}.String(), "drop Anna "+mail.ID{9}.String())
	})
	t.Run("one's own goes on as before", func(t *testing.T) {
		w.desk.shared.Mailbox = mail.ID{}
		b.Get(path).SeesNot("en funktionsbrevlåda")
		b.Post(path+"/send").Gets(http.StatusSeeOther, "/mail/"+mail.ID{9}.String())
		b.Post(path+"/drop").Gets(http.StatusSeeOther, "/mail/drafts")
		w.did("send Anna "+mail.ID{9}.String(), "drop Anna "+mail.ID{9}.String())
	})
	t.Run("a letter that cannot go yet stays in its name", func(t *testing.T) {
		w.desk.shared.Mailbox, w.desk.draft.Form.Text = w.box.ID, ""
		b.Post(path+"/send").Gets(http.StatusUnprocessableEntity, "").Sees("Från Receptionen")
		w.did()
	})
}

func TestPeople(t *testing.T) {
	t.Run("who reads there, and who stands in", func(t *testing.T) {
		w := newReception(t)
		w.signsIn(w.anna).Get(w.at+"/people").Gets(http.StatusOK, "").
			Sees("2 personer läser här", "Anna", "bo@kommun.se", "Ersättare", "vera@kommun.se").SeesNot("Ge tillgång", "Ber om äldre brev")
	})
	t.Run("a question is shown to the others, and not to who asks", func(t *testing.T) {
		w := newReception(t)
		w.asks(w.bo)
		b := w.signsIn(w.anna)
		for _, inbox := range []string{"/mail", w.at} {
			b.Get(inbox).Sees("Bo vill läsa äldre brev i Receptionen.", w.at+"/people")
		}
		b.Get("/mail/sent").SeesNot("vill läsa")
		b.Get(w.at + "/people").Sees("Ge tillgång")
		b = w.signsIn(w.bo)
		for _, page := range []string{"/mail", w.at, w.at + "/people"} {
			b.Get(page).SeesNot("vill läsa", "Ge tillgång")
		}
		b.Get(w.at + "/people").Sees("Ber om äldre brev")
		w.signsIn(w.stig).Get("/mail").SeesNot("vill läsa")
	})
	t.Run("several questions are one alert, and a mailbox shows its own", func(t *testing.T) {
		w := newReception(t)
		other := w.mailbox("Bygglov", "bygglov@kommun.se")
		w.joins(other, w.anna)
		w.asks(w.bo)
		w.asks(w.stig)
		b := w.signsIn(w.anna)
		b.Get("/mail").Sees("Bo och 1 till vill läsa")
		b.Get("/box/" + other.ID.String()).SeesNot("vill läsa")
	})
	t.Run("giving asks for the password first, and for nobody else's mailbox", func(t *testing.T) {
		w := newReception(t)
		w.asks(w.bo)
		b := w.signsIn(w.anna)
		b.Post(w.at+"/give", "person", w.bo.String()).Gets(http.StatusSeeOther, "/account/prove?next="+w.at+"/people")
		b.Get(b.To).Sees("allt som du kan läsa i brevlådan", `name="next" value="`+w.at+`/people"`)
		b.Post(w.at+"/give").Gets(http.StatusNotFound, "")
		w.did()
	})
	t.Run("after the password nobody is led elsewhere", func(t *testing.T) {
		w := newReception(t)
		b := w.signsIn(w.anna)
		id := w.box.ID.String()
		for _, next := range []string{"/box/" + id, "/box/" + id + "/leave", "/box/x/people", "/box/" + id + "/x/people", "//box/" + id + "/people", "https://example.se/box/" + id + "/people"} {
			b.Get("/account/prove?next=" + next).Sees(`name="next" value="/account"`)
		}
	})
	t.Run("a no is said without it", func(t *testing.T) {
		w := newReception(t)
		w.asks(w.bo)
		b := w.signsIn(w.anna).Post(w.at+"/refuse", "person", w.bo.String()).Gets(http.StatusSeeOther, w.at+"/people")
		w.did("refuse Anna " + w.box.ID.String() + " Bo")
		w.desk.Fails = mail.E(mail.Absent, "error.absent", nil)
		b.Post(w.at+"/refuse", "person", w.stig.String()).Gets(http.StatusNotFound, "")
	})
	t.Run("who leaves is told what happens, and leaves alone", func(t *testing.T) {
		w := newReception(t)
		b := w.signsIn(w.anna).Get(w.at + "/leave").Sees("Lämna Receptionen").SeesNot("den enda")
		w.did()
		b.Post(w.at+"/leave", "person", w.bo.String()).Gets(http.StatusSeeOther, "/mail")
		w.did("leave Anna " + w.box.ID.String() + " Anna")
		w.tree.DropColleague(w.box.ID, w.bo)
		b.Get(w.at + "/leave").Sees("Du är den enda som läser här.")
	})
}
