package org

import (
	"cmp"
	"slices"
	"time"

	"sigill/appliance/mail"
)

// Leaving returns those of the house whom somebody organises and who are suspended, or
// whose last day is over at a moment, by name. Who is at home in a group has no mailbox of
// the house's to hand over.
func (t *Tree) Leaving(by ID, until time.Time) (list []Person) {
	for id, p := range t.people {
		leaves := p.Out() || !p.Leaves.IsZero() && !until.Before(p.Leaves)
		if leaves && t.units[t.Home(id)].Kind == mail.Department && t.OrganisesPerson(by, id) {
			list = append(list, *p)
		}
	}
	slices.SortFunc(list, cmpPeople)
	return list
}

// NeverHere is how many people of a unit were given a place there and have never signed in.
type NeverHere struct {
	Unit  Unit
	N     int
	Since time.Time // the oldest
}

// NeverHere returns the units that somebody organises and at home in which are people who
// were made until a moment and have never been here, by name.
func (t *Tree) NeverHere(by ID, until time.Time) []NeverHere {
	units := map[ID]*NeverHere{}
	for id, p := range t.people {
		home := t.Home(id)
		if p.Active || p.Out() || until.Before(p.At) || !t.Placed(id) || !t.Organises(by, home) {
			continue
		}
		n := units[home]
		if n == nil {
			n = &NeverHere{Unit: *t.units[home], Since: p.At}
			units[home] = n
		}
		n.N++
		if p.At.Before(n.Since) {
			n.Since = p.At
		}
	}
	list := make([]NeverHere, 0, len(units))
	for _, n := range units {
		list = append(list, *n)
	}
	slices.SortFunc(list, func(a, b NeverHere) int { return byName(a.Unit, b.Unit) })
	return list
}

// MailboxesBelow returns the function mailboxes that somebody organises, by name.
func (t *Tree) MailboxesBelow(by ID) []Mailbox {
	return slices.DeleteFunc(t.AllMailboxes(), func(m Mailbox) bool { return !t.Organises(by, m.Unit) })
}

// GroupsEnding returns the groups that somebody organises and that are over at a moment
// until and not at now, the first first.
func (t *Tree) GroupsEnding(by ID, now, until time.Time) (list []Unit) {
	for id, u := range t.units {
		if u.Kind == mail.Group && now.Before(u.Ends) && !until.Before(u.Ends) && t.Organises(by, id) {
			list = append(list, *u)
		}
	}
	slices.SortFunc(list, func(a, b Unit) int { return cmp.Or(a.Ends.Compare(b.Ends), byName(a, b)) })
	return list
}
