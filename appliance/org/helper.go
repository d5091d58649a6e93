package org

import (
	"time"

	"sigill/appliance/mail"
)

// organised reports whether somebody has a right over a unit itself who is not suspended.
func (t *Tree) organised(unit ID) bool {
	for id := range t.organisers[unit] {
		if !t.out(id) {
			return true
		}
	}
	return false
}

// HelperUnits returns the units that have a helper pair of their own: those over which
// somebody has a right.
func (t *Tree) HelperUnits() (list []ID) {
	for unit := range t.organisers {
		if t.organised(unit) && t.units[unit] != nil {
			list = append(list, unit)
		}
	}
	return list
}

// HelpersOver returns who has a part in the helper pair of a unit: who has a right over it
// or over one above it, and is not suspended. An administrator has none by that alone: whoever runs the machine
// should not have the keys of its people as well. In no order.
func (t *Tree) HelpersOver(unit ID) []ID {
	who := set{}
	for u := range t.up(unit) {
		for id := range t.organisers[u.ID] {
			if !t.out(id) {
				who[id] = true
			}
		}
	}
	list := make([]ID, 0, len(who))
	for id := range who {
		list = append(list, id)
	}
	return list
}

// HelperUnit returns the unit by whose helper pair a person is helped: the nearest, from
// their home up, over which somebody has a right, and which covers the person's own
// rights; else the root, whether it has a pair or not.
func (t *Tree) HelperUnit(person ID) ID {
	if p := t.people[person]; p == nil || p.Roles&^mail.RoleOrganiser != 0 {
		return mail.RootUnit // who has a role in the whole house is helped by nobody less
	}
	for u := range t.up(t.Home(person)) {
		if t.organised(u.ID) && t.rightsWithin(person, u.ID) {
			return u.ID
		}
	}
	return mail.RootUnit
}

// HelperUnitOf is HelperUnit of what belongs to a unit, such as a function mailbox.
func (t *Tree) HelperUnitOf(unit ID) ID {
	for u := range t.up(unit) {
		if t.organised(u.ID) {
			return u.ID
		}
	}
	return mail.RootUnit
}

func (t *Tree) rightsWithin(person, branch ID) bool {
	for unit := range t.rights[person] {
		if !t.Within(unit, branch) {
			return false
		}
	}
	return true
}

// Helpers returns who may help a person to a new password: who has a part in the helper
// pair and may organise the person. The nearest come first, those with a right over the
// same unit by name. Who is suspended is helped by nobody.
func (t *Tree) Helpers(person ID) []Person {
	var list []Person
	if t.out(person) {
		return nil // a new password would open nothing
	}
	seen := set{person: true} // nobody helps themself
	for u := range t.up(t.HelperUnit(person)) {
		for _, p := range t.Organisers(u.ID) {
			if !seen[p.ID] && t.OrganisesPerson(p.ID, person) {
				list = append(list, p)
			}
			seen[p.ID] = true
		}
	}
	return list
}

// MayHelp reports whether somebody is one of Helpers, and since when they have the right
// by which they are.
func (t *Tree) MayHelp(by, person ID) (since time.Time, may bool) {
	if by == person || t.out(person) || !t.OrganisesPerson(by, person) {
		return since, false
	}
	return t.RightOver(by, t.HelperUnit(person))
}

// RightOver reports whether somebody has a right of their own over a unit or one above it,
// and since when; who is suspended has none. An administrator has none by that alone.
func (t *Tree) RightOver(person, unit ID) (since time.Time, has bool) {
	if t.out(person) {
		return since, false
	}
	for u := range t.up(unit) {
		if s, ok := t.rights[person][u.ID]; ok && (!has || s.Before(since)) {
			since, has = s, true
		}
	}
	return since, has
}

// TwoHelp reports whether it always takes two organisers to help a person: if a unit says
// so in which they are, or one above it.
func (t *Tree) TwoHelp(person ID) bool {
	says := func(unit ID) bool {
		for u := range t.up(unit) {
			if u.TwoHelp {
				return true
			}
		}
		return false
	}
	if says(t.Home(person)) {
		return true
	}
	for unit := range t.places[person] {
		if says(unit) {
			return true
		}
	}
	return false
}
