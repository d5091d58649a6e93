package admin

import (
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

// What an act will end or take along is said in numbers before somebody presses its button.
// Of what the viewer does not organise nothing is counted.

// endsWithPerson is what stops while a person is suspended, and what stays.
func endsWithPerson(r *web.Request, t *org.Tree, id mail.ID, letters int) (list []string) {
	me, mailboxes, units := actor(r).ID, 0, 0
	for _, m := range t.MailboxesOf(id) {
		if t.Organises(me, m.Unit) {
			mailboxes++
		}
	}
	for _, u := range t.Organised(id) {
		if t.Organises(me, u.ID) {
			units++
		}
	}
	if letters > 0 {
		list = append(list, r.Printer().N("ends.person.letters", letters))
	}
	if mailboxes > 0 {
		list = append(list, r.Printer().N("ends.person.mailboxes", mailboxes))
	}
	if units > 0 {
		list = append(list, r.Printer().N("ends.person.organises", units))
	}
	return append(list, r.T("ends.person.undo"))
}

// endsWithFactor is what ends when a person's second factor is taken away.
func endsWithFactor(r *web.Request, f office.FactorParts, sessions int) (list []string) {
	if f.App {
		list = append(list, r.T("ends.factor.app"))
	}
	if f.Phone {
		list = append(list, r.T("ends.factor.phone"))
	}
	for _, x := range []struct {
		key string
		n   int
	}{{"ends.factor.codes", f.Codes}, {"ends.factor.passkeys", f.Passkeys}, {"ends.factor.apps", f.AppPasswords}, {"ends.factor.sessions", sessions}} {
		if x.n > 0 {
			list = append(list, r.Printer().N(x.key, x.n))
		}
	}
	return append(list, r.T("ends.factor.undo"))
}

// endsWithMove is what moves along with a unit.
func endsWithMove(r *web.Request, t *org.Tree, id mail.ID) []string {
	if u, _ := t.Unit(id); u.Kind == mail.Group { // nothing is below one
		return []string{r.T("ends.move.group", "People", t.Count(id)), r.T("ends.move.undo")}
	}
	branch := t.Branch(id)
	people, mailboxes := 0, 0
	for _, u := range branch {
		people += t.Count(u.ID)
		mailboxes += len(t.Mailboxes(u.ID))
	}
	return []string{r.T("ends.move", "Units", len(branch)-1, "People", people, "Mailboxes", mailboxes), r.T("ends.move.undo")}
}

// endsWithMailbox is what ends with a function mailbox.
func endsWithMailbox(r *web.Request, letters, readers int) []string {
	return []string{r.Printer().N("ends.mailbox.letters", letters), r.Printer().N("ends.mailbox.readers", readers), r.T("ends.mailbox.undo")}
}
