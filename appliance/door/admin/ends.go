package admin

import (
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
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
	list = append(list, r.Printer().N("ends.person.letters", letters))
	if mailboxes > 0 {
		list = append(list, r.Printer().N("ends.person.mailboxes", mailboxes))
	}
	if units > 0 {
		list = append(list, r.Printer().N("ends.person.organises", units))
	}
	return append(list, r.T("ends.person.undo"))
}

// endsWithMove is what moves along with a unit.
func endsWithMove(r *web.Request, t *org.Tree, id mail.ID) []string {
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
