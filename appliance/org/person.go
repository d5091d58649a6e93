package org

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// Person is somebody as the lists show them, in clear.
type Person struct {
	ID      ID
	Address mail.Address
	Name    string
	Lang    string
	Told    mail.Told        // when they want a mail about new letters of their own
	Shared  mail.Told        // and about those of function mailboxes
	Receipt mail.ReadReceipt // of letters that say nothing of it
	Active  bool             // has signed in at least once
	Roles   mail.Roles       // of the row; an organiser's right is not among them
	Plan    mail.Plan        // of their own
	At      time.Time

	Suspended time.Time // see mail.Person
	Leaves    time.Time // the same
	OutBy     ID        // the same
}

// Title is the name, or the address of who has none.
func (p Person) Title() string { return cmp.Or(p.Name, string(p.Address)) }

// Out reports whether somebody is suspended: they do not sign in, and organise nothing.
func (p Person) Out() bool { return !p.Suspended.IsZero() }

// ToldDaily returns who wants one mail a day about new letters of a kind, and is not suspended,
// in no order.
func (t *Tree) ToldDaily() (list []ID) {
	for id, p := range t.people {
		if (p.Told == mail.ToldDaily || p.Shared == mail.ToldDaily) && !p.Out() {
			list = append(list, id)
		}
	}
	return list
}

// Leavers returns whose last day is over at now, and who is not suspended, in no order.
func (t *Tree) Leavers(now time.Time) (list []ID) {
	for id, p := range t.people {
		if !p.Leaves.IsZero() && !now.Before(p.Leaves) && !p.Out() {
			list = append(list, id)
		}
	}
	return list
}

// Place is a person's membership in a unit.
type Place struct {
	Unit Unit
	Home bool
}

// Person returns somebody. The error is Absent.
func (t *Tree) Person(id ID) (Person, error) {
	p, ok := t.people[id]
	if !ok {
		return Person{}, mail.E(mail.Absent, "error.absent", nil)
	}
	return *p, nil
}

// PersonAt returns who has an address.
func (t *Tree) PersonAt(a mail.Address) (Person, bool) {
	id, ok := t.addresses[a.Key()]
	if !ok {
		return Person{}, false
	}
	return *t.people[id], true
}

// HasDomain reports whether a function mailbox has an address of a domain, or a person
// who has been here or has a place.
func (t *Tree) HasDomain(is func(domain string) bool) bool {
	for id, p := range t.people {
		if (p.Active || t.Placed(id)) && is(p.Address.Domain()) {
			return true
		}
	}
	for _, m := range t.boxes.all {
		if is(m.Address.Domain()) {
			return true
		}
	}
	return false
}

// Home is the department that a person belongs to: the root, until another is chosen.
func (t *Tree) Home(person ID) ID {
	if u, ok := t.homes[person]; ok {
		return u
	}
	return mail.RootUnit
}

// Places returns where a person belongs, the home first, then by name.
func (t *Tree) Places(person ID) []Place {
	home := t.Home(person)
	list := []Place{{*t.units[home], true}}
	for u := range t.places[person] {
		if u != home {
			list = append(list, Place{*t.units[u], false})
		}
	}
	slices.SortFunc(list[1:], func(a, b Place) int { return byName(a.Unit, b.Unit) })
	return list
}

// Placed reports whether anybody has given a person a place: in a unit, over one, or in a
// function mailbox. Whom only a letter has made has none.
func (t *Tree) Placed(person ID) bool {
	return len(t.places[person]) > 0 || len(t.rights[person]) > 0 || len(t.boxes.of[person]) > 0
}

// Belongs reports whether a person is in a unit: at home there, or a member.
func (t *Tree) Belongs(person, unit ID) bool { return t.members[unit][person] }

// Count is how many people a unit has: at home there, or as members.
func (t *Tree) Count(unit ID) int { return len(t.members[unit]) }

// key is a person in the order of a list.
type key struct {
	text string // what is compared and searched: name and address, folded
	id   ID
	at   ID // the unit in whose list they stand
}

// sorted returns a unit's people in order. The order is made when it is asked for the
// first time after a change.
func (t *Tree) sorted(unit ID) []key {
	t.lists.Lock()
	defer t.lists.Unlock()
	if list, ok := t.order[unit]; ok {
		return list
	}
	list := make([]key, 0, len(t.members[unit]))
	for id := range t.members[unit] {
		p := t.people[id]
		list = append(list, key{fold(p.Name) + "\n" + fold(string(p.Address)), id, unit})
	}
	slices.SortFunc(list, func(a, b key) int {
		return cmp.Or(strings.Compare(a.text, b.text), a.id.Compare(b.id))
	})
	t.order[unit] = list
	return list
}
