package org

import "sigill/appliance/mail"

// LinkFree reports whether mails to citizens about letters of an owner, a person or a
// function mailbox, are without a link. The nearest unit that says something decides, from
// the owner's home or mailbox up; of somebody unknown, such as the machine, the house's own.
func (t *Tree) LinkFree(owner ID) bool {
	unit := mail.RootUnit
	if m := t.boxes.all[owner]; m != nil {
		unit = m.Unit
	} else if t.people[owner] != nil {
		unit = t.Home(owner)
	}
	return t.LinksOf(unit) == mail.LinksLeftOut
}
