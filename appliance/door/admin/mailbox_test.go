package admin_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/doortest"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

func (n *noting) AddMailbox(_ context.Context, _ mail.Actor, m org.Mailbox) (mail.ID, error) {
	return mail.ID{7}, n.Note("add", m.Unit, m.Address, m.Name)
}

func (n *noting) ChangeMailbox(_ context.Context, _ mail.Actor, m org.Mailbox) error {
	return n.Note("change", m.ID, m.Unit, m.Name, m.Rules, m.Alarm)
}

func (n *noting) RemoveMailbox(_ context.Context, _ mail.Actor, id mail.ID) error {
	return n.Note("remove", id)
}

func (n *noting) SetClosing(_ context.Context, _ mail.Actor, id mail.ID, from time.Time, decision string) error {
	return n.Note("end", id, from, decision)
}

func (n *noting) SettingChanges(context.Context, mail.ID) (map[string]mail.SettingChange, error) {
	return nil, nil
}

func (n *noting) CountLetters(context.Context, mail.ID) (int, bool, error) {
	return n.letters, n.letters > 0, nil
}

func (n *noting) GiveOlderByHelp(_ context.Context, _ mail.Actor, _ *access.Key, mailbox, person mail.ID) error {
	return n.Note("give", mailbox, person)
}

func (n *noting) JoinMailbox(_ context.Context, _ mail.Actor, mailbox, person mail.ID, older bool) error {
	return n.Note("join", mailbox, person, older)
}

func (n *noting) AppointSubstitute(_ context.Context, _ mail.Actor, mailbox, person mail.ID) error {
	return n.Note("substitute", mailbox, person)
}

func (n *noting) LeaveMailbox(_ context.Context, _ mail.Actor, mailbox, person mail.ID) error {
	return n.Note("leave", mailbox, person)
}

func (n *noting) RefuseOlder(_ context.Context, _ mail.Actor, mailbox, person mail.ID) error {
	return n.Note("refuse", mailbox, person)
}

// reception is a function mailbox of a department that Karin organises. Anna works there,
// and Bo elsewhere, where he organises.
type reception struct {
	*house
	social, bygg    mail.ID
	karin, anna, bo mail.ID
	box             org.Mailbox
	at              string // path
}

func newReception(t *testing.T) *reception {
	w := &reception{house: newHouse(t)}
	w.social, w.bygg = w.department("Social"), w.department("Bygg")
	w.karin = w.person("karin@kommun.se", "Karin Berg", w.social, true)
	w.anna = w.person("anna@kommun.se", "Anna Ny", w.social, false)
	w.bo = w.person("bo@kommun.se", "Bo Bygg", w.bygg, true)
	w.tree.Appoint(w.karin, w.social, time.Time{})
	w.tree.Appoint(w.bo, w.bygg, time.Time{})
	w.box = org.Mailbox{ID: mail.NewID(), Unit: w.social, Address: "reception@kommun.se", Name: "Receptionen", Rules: mail.TellAddress, At: now.Now().AddDate(0, -1, 0)}
	w.tree.PutMailbox(w.box)
	w.at = "/org/mailbox/" + w.box.ID.String()
	return w
}

// seats gives somebody a place in the mailbox.
func (w *reception) seats(id mail.ID, role mail.MailboxRole, asks bool) {
	w.tree.PutColleague(mail.MailboxMember{Mailbox: w.box.ID, Person: id, Role: role, Asks: asks, Since: now.Now().Add(-24 * time.Hour)})
}

// asks wants that the organisation was asked for this since the last time.
func (w *reception) asks(what ...any) {
	w.Helper()
	var want doortest.Notes
	if len(what) > 0 {
		want.Note(what...)
	}
	w.org.Did(w, want.Asked...)
}

func TestMailboxPage(t *testing.T) {
	w := newReception(t)
	karin := w.signsIn(w.karin)
	t.Run("as long as nobody reads there, the department and the mailbox say so", func(t *testing.T) {
		karin.Get("/org").Sees(`data-label="Brevlådor" class="number-cell">1<`)
		karin.Get("/org/unit/"+w.social.String()).Sees("Receptionen", "reception@kommun.se", "Ingen läser", w.at)
		karin.Get(w.at).Gets(http.StatusOK, "")
		karin.Sees("<h1 class=\"ds-heading\">Receptionen</h1>", "reception@kommun.se", "26 mars", "Ingen läser här", `value="address" aria-describedby="f-rule-address-hint" checked`)
		karin.SeesNot("Ber om äldre brev", `value="writer" aria-describedby="f-rule-writer-hint" checked`)
	})
	w.seats(w.anna, mail.MailboxReader, true)
	w.seats(w.bo, mail.MailboxSubstitute, false)
	t.Run("then it shows who reads, who asks for what came before, and who is told", func(t *testing.T) {
		karin.Get("/org/unit/" + w.social.String()).Sees(`data-label="Läsare" class="number-cell">1<`).SeesNot("Ingen läser")
		karin.Get(w.at).Sees("Anna Ny", "Ber om äldre brev", "Har aldrig loggat in", "25 april", "Bo Bygg", w.at+"/refuse", "Ersättarna får inga mejl").SeesNot("Ingen läser här")
	})
	t.Run("whom the viewer does not organise has a name and no link", func(t *testing.T) {
		karin.Get(w.at).Sees("/org/person/" + w.anna.String()).SeesNot("/org/person/" + w.bo.String())
	})
	t.Run("a group has no function mailboxes", func(t *testing.T) {
		group := mail.NewID()
		w.tree.PutUnit(org.Unit{ID: group, Parent: w.social, Kind: mail.Group, Label: org.Label{Name: "Ombud"}})
		karin.Get("/org/unit/"+group.String()).Sees("Ombud").SeesNot("Lägg till en funktionsbrevlåda", "Här finns inga funktionsbrevlådor", "/mailbox")
	})
	w.asks()
}

func TestWhoseMailbox(t *testing.T) {
	w := newReception(t)
	w.seats(w.bo, mail.MailboxReader, true)
	bo, never := w.signsIn(w.bo), "/org/mailbox/"+mail.NewID().String()
	t.Run("who organises elsewhere does not find it, although he reads there", func(t *testing.T) {
		bo.Get(w.at).Gets(http.StatusNotFound, "")
		bo.Get(never).Gets(http.StatusNotFound, "")
		bo.Get("/org").SeesNot(w.at).Sees(`data-label="Brevlådor" class="number-cell">0<`)
	})
	t.Run("nor does a form of his change anything, whatever stands in it", func(t *testing.T) {
		for _, form := range [][]string{
			{"/change", "form", "change", "name", "Mitt", "unit", w.bygg.String(), "alarm", "1"},
			{"/change", "form", "change", "name", "", "unit", w.bygg.String(), "alarm", "x"},
			{"/remove"},
			{"/join", "form", "reader", "address", "bo@kommun.se", "from", "start"},
			{"/join", "form", "reader", "address", "ingen", "from", "start"},
			{"/substitute", "form", "substitute", "address", "bo@kommun.se"},
			{"/leave", "person", w.bo.String()},
			{"/refuse", "person", w.bo.String()},
		} {
			for _, at := range []string{w.at, never} {
				bo.Post(at+form[0], form[1:]...).Gets(http.StatusNotFound, "")
			}
		}
		bo.Post("/org/unit/"+w.social.String()+"/mailbox", "name", "Min", "address", "min@kommun.se").Gets(http.StatusNotFound, "")
		bo.Post("/org/unit/"+w.social.String()+"/mailbox", "name", "Min", "address", "min").Gets(http.StatusNotFound, "")
		w.asks()
	})
}

func TestMailboxForms(t *testing.T) {
	w := newReception(t)
	karin := w.signsIn(w.karin)
	unit := "/org/unit/" + w.social.String()
	t.Run("a new mailbox leads to its page", func(t *testing.T) {
		karin.Post(unit+"/mailbox", "form", "mailbox", "name", "Växeln", "address", "vaxel@KOMMUN.se").Gets(http.StatusSeeOther, "/org/mailbox/"+mail.ID{7}.String())
		w.asks("add", w.social, "vaxel@kommun.se", "Växeln")
	})
	t.Run("one that cannot be says why, and what was typed is still there", func(t *testing.T) {
		w.org.Fails = mail.E(mail.Invalid, "error.mailbox.known", nil)
		defer func() { w.org.Fails = nil }()
		karin.Post(unit+"/mailbox", "form", "mailbox", "name", "Växeln", "address", "vaxel@kommun.se").Gets(http.StatusUnprocessableEntity, "")
		karin.Sees("Det finns redan en funktionsbrevlåda", `value="Växeln"`, `value="vaxel@kommun.se"`)
		w.asks("add", w.social, "vaxel@kommun.se", "Växeln")
	})
	t.Run("settings are those that are ticked, and no other", func(t *testing.T) {
		karin.Post(w.at+"/change", "form", "change", "name", "Info", "unit", w.social.String(), "rule", "writer", "rule", "unit", "rule", "none", "alarm", " 5 ").Gets(http.StatusSeeOther, w.at)
		w.asks("change", w.box.ID, w.social, "Info", mail.AnswersToWriter|mail.AnswersFromUnit, 5)
	})
	t.Run("a number of days that is none is refused, and nothing of the form is lost", func(t *testing.T) {
		karin.Post(w.at+"/change", "form", "change", "name", "Info", "unit", w.social.String(), "rule", "writer", "alarm", "fem").Gets(http.StatusUnprocessableEntity, "")
		karin.Sees("mellan 0 och 60", `value="Info"`, `value="fem"`, `value="writer" aria-describedby="f-rule-writer-hint" checked`)
		karin.SeesNot(`value="address" aria-describedby="f-rule-address-hint" checked`)
		w.asks()
	})
	t.Run("somebody reads from now on, unless the start is asked for", func(t *testing.T) {
		karin.Post(w.at+"/join", "form", "reader", "address", "anna@kommun.se").Gets(http.StatusSeeOther, w.at)
		w.asks("join", w.box.ID, w.anna, false)
		karin.Post(w.at+"/join", "form", "reader", "address", "anna@kommun.se", "from", "start").Gets(http.StatusSeeOther, w.at)
		w.asks("join", w.box.ID, w.anna, true)
	})
	t.Run("an address that is nobody's is refused in the form that it was typed in, which stays open", func(t *testing.T) {
		open := func(summary string) string { return "<details class=\"ds-details\" open>\n    <summary>" + summary }
		karin.Post(w.at+"/join", "form", "reader", "address", "nej@kommun.se", "from", "start").Gets(http.StatusUnprocessableEntity, "")
		karin.Sees("Ingen i organisationen har den adressen", `id="f-reader-address" name="address"
    type="email" value="nej@kommun.se"`, `id="f-from-start" name="from" value="start" aria-describedby="f-from-start-hint" checked`, open("Lägg till någon"))
		karin.Post(w.at+"/substitute", "form", "substitute", "address", "nej@kommun.se").Gets(http.StatusUnprocessableEntity, "")
		karin.Sees("Ingen i organisationen har den adressen", `id="f-substitute-address" name="address"
    type="email" value="nej@kommun.se"`, open("Utse")).SeesNot(`value="start" aria-describedby="f-from-start-hint" checked`, open("Lägg till"))
		w.asks()
	})
	t.Run("people are told unread letters, leave, and have their question taken off", func(t *testing.T) {
		karin.Post(w.at+"/substitute", "form", "substitute", "address", "bo@kommun.se").Gets(http.StatusSeeOther, w.at)
		w.asks("substitute", w.box.ID, w.bo)
		karin.Post(w.at+"/leave", "person", w.anna.String()).Gets(http.StatusSeeOther, w.at)
		w.asks("leave", w.box.ID, w.anna)
		karin.Post(w.at+"/refuse", "person", w.anna.String()).Gets(http.StatusSeeOther, w.at)
		w.asks("refuse", w.box.ID, w.anna)
		karin.Post(w.at+"/leave").Gets(http.StatusNotFound, "")
		w.asks()
	})
	t.Run("one with letters stays, and says why; an empty one goes", func(t *testing.T) {
		w.org.Fails = mail.E(mail.Invalid, "error.mailbox.letters", nil)
		karin.Post(w.at+"/remove").Gets(http.StatusUnprocessableEntity, "")
		karin.Sees("Det finns eller har funnits brev")
		w.org.Fails = nil
		karin.Post(w.at+"/remove").Gets(http.StatusSeeOther, unit)
	})
}

func TestEndOfAMailbox(t *testing.T) {
	w := newReception(t)
	karin := w.signsIn(w.karin)
	t.Run("an empty one is taken away; one with letters gets a last day", func(t *testing.T) {
		karin.Get(w.at).Sees(w.at + "/remove").SeesNot(w.at + "/end")
		w.org.letters = 2
		karin.Get(w.at).Sees(w.at+"/end", "Gallringsbeslut").SeesNot(w.at + "/remove")
	})
	t.Run("the last day counts whole", func(t *testing.T) {
		karin.Post(w.at+"/end", "form", "end", "last", "2026-06-30", "decision", "KS 1").Gets(http.StatusSeeOther, w.at)
		w.asks("end", w.box.ID, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), "KS 1")
	})
	t.Run("a day that is none is refused, and nothing of the form is lost", func(t *testing.T) {
		for _, day := range []string{"", "30/6"} {
			karin.Post(w.at+"/end", "form", "end", "last", day, "decision", "KS 1").Gets(http.StatusUnprocessableEntity, "")
			karin.Sees(`value="KS 1"`)
		}
		w.asks()
	})
	t.Run("it is shown, and can be taken back", func(t *testing.T) {
		w.box.Ends, w.box.Decision = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), "KS 1"
		w.tree.PutMailbox(w.box)
		karin.Get(w.at).Sees("30 juni", "KS 1", `name="do" value="keep"`).SeesNot("Gallringsbeslut")
		karin.Post(w.at+"/end", "do", "keep").Gets(http.StatusSeeOther, w.at)
		w.asks("end", w.box.ID, time.Time{}, "")
	})
}

func TestWhoGivesOlder(t *testing.T) {
	w := newReception(t)
	karin := w.signsIn(w.karin)
	asks := func(asker mail.ID) *doortest.Browser {
		w.tree.PutColleague(mail.MailboxMember{Mailbox: w.box.ID, Person: w.anna, Role: mail.MailboxReader, Asks: true, Asker: asker, Since: now.Now()})
		return karin.Get(w.at)
	}
	t.Run("an organiser of the mailbox is offered to be the second", func(t *testing.T) {
		asks(w.bo).Sees(w.at + "/give")
	})
	t.Run("who has asked waits for another", func(t *testing.T) {
		asks(w.karin).Sees("en annan organisatör än du").SeesNot(w.at + "/give")
	})
	t.Run("a question whose asker nobody knows is for colleagues", func(t *testing.T) {
		asks(mail.ID{}).Sees("Ber om äldre brev").SeesNot(w.at + "/give")
	})
	t.Run("nobody gives to themself", func(t *testing.T) {
		w.tree.PutColleague(mail.MailboxMember{Mailbox: w.box.ID, Person: w.karin, Role: mail.MailboxReader, Asks: true, Asker: w.bo, Since: now.Now()})
		asks(w.karin).SeesNot(w.at + "/give")
	})
}
