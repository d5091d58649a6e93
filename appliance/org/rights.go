package org

import (
	"slices"
	"time"

	"sigill/appliance/mail"
)

// Organises reports whether a person may organise a unit: by a right over it or over
// one above it, or as administrator of the house.
func (t *Tree) Organises(person, unit ID) bool {
	p, ok := t.people[person]
	if !ok || p.Out() || t.units[unit] == nil {
		return false
	}
	if p.Roles&mail.RoleAdmin != 0 {
		return true
	}
	for u := range t.up(unit) {
		if _, ok := t.rights[person][u.ID]; ok {
			return true
		}
	}
	return false
}

// OrganisesPerson reports whether a person may organise another: by a right over the
// home of that one, and over every unit that the other has a right over. Who has a role
// in the whole house is organised by administrators only. Else somebody could come to
// more than the own branch by helping its owner with a new password.
func (t *Tree) OrganisesPerson(person, other ID) bool {
	o, ok := t.people[other]
	if !ok || t.out(person) {
		return false
	}
	if p := t.people[person]; o.Roles&^mail.RoleOrganiser != 0 && (p == nil || p.Roles&mail.RoleAdmin == 0) {
		return false
	}
	for unit := range t.rights[other] {
		if !t.Organises(person, unit) {
			return false
		}
	}
	return t.Organises(person, t.Home(other))
}

// Sees reports whether a person organises any unit in which another is.
func (t *Tree) Sees(person, other ID) bool {
	if _, ok := t.people[other]; !ok {
		return false
	}
	for unit := range t.places[other] {
		if t.Organises(person, unit) {
			return true
		}
	}
	return t.Organises(person, t.Home(other))
}

// Roles are a person's, with RoleOrganiser for who has a right over any branch.
func (t *Tree) Roles(person ID) mail.Roles {
	p, ok := t.people[person]
	if !ok || p.Out() {
		return 0
	}
	r := p.Roles &^ mail.RoleOrganiser
	if len(t.rights[person]) > 0 {
		r |= mail.RoleOrganiser
	}
	return r
}

// Branches returns the units that a person may organise, without those that hang below
// another of them; the root for an administrator.
func (t *Tree) Branches(person ID) []Unit {
	if t.out(person) {
		return nil
	}
	if p := t.people[person]; p != nil && p.Roles&mail.RoleAdmin != 0 {
		return []Unit{*t.units[mail.RootUnit]}
	}
	var list []Unit
	for id := range t.rights[person] {
		u := t.units[id]
		if u.ID == mail.RootUnit || !t.Organises(person, u.Parent) {
			list = append(list, *u)
		}
	}
	slices.SortFunc(list, byName)
	return list
}

// Organisers returns who has a right over a unit itself, by name.
func (t *Tree) Organisers(unit ID) []Person {
	var list []Person
	for id := range t.organisers[unit] {
		list = append(list, *t.people[id])
	}
	slices.SortFunc(list, func(a, b Person) int {
		return cmpPeople(a, b)
	})
	return list
}

// Organised returns the units over which a person has a right of their own, by name.
func (t *Tree) Organised(person ID) []Unit {
	var list []Unit
	for id := range t.rights[person] {
		list = append(list, *t.units[id])
	}
	slices.SortFunc(list, byName)
	return list
}

// Administrators returns the administrators who have been here and may sign in.
func (t *Tree) Administrators() []Person {
	var list []Person
	for id := range t.admins {
		if p := t.people[id]; p.Active && !p.Out() {
			list = append(list, *p)
		}
	}
	slices.SortFunc(list, cmpPeople)
	return list
}

// CountPeople returns how many people there are, whether they have been here or not.
func (t *Tree) CountPeople() int { return len(t.people) }

// out is Out of whom there may be none.
func (t *Tree) out(person ID) bool {
	p := t.people[person]
	return p != nil && p.Out()
}

// MaySuspend reports whether a person may be suspended. The errors are Absent, and Invalid
// for the last administrator.
func (t *Tree) MaySuspend(person ID) error { return t.MaySetRoles(person, 0) }

// MayLeave reports whether a person may have a last day. The errors are Absent, and Invalid
// if all other administrators have one: nobody would be left.
func (t *Tree) MayLeave(person ID) error {
	p, err := t.Person(person)
	if err != nil || p.Roles&mail.RoleAdmin == 0 {
		return err
	}
	for _, a := range t.Administrators() {
		if a.ID != person && a.Leaves.IsZero() {
			return nil
		}
	}
	return mail.E(mail.Invalid, "error.lastadmin", nil)
}

// MaySetRoles reports whether a person's roles may become these. The error is Invalid
// if no administrator would be left who has been here.
func (t *Tree) MaySetRoles(person ID, to mail.Roles) error {
	p, err := t.Person(person)
	if err != nil {
		return err
	}
	was, is := p.Roles&mail.RoleAdmin != 0, to&mail.RoleAdmin != 0
	if was && !is && p.Active && !p.Out() && len(t.Administrators()) <= 1 {
		return mail.E(mail.Invalid, "error.lastadmin", nil)
	}
	return nil
}

// FactorFrom returns from when on a person must have a second factor: the earliest time
// that any unit says in which they are, or one above it. ok is false if none does.
func (t *Tree) FactorFrom(person ID) (from time.Time, ok bool) {
	look := func(unit ID) {
		for u := range t.up(unit) {
			if !u.FactorFrom.IsZero() && (!ok || u.FactorFrom.Before(from)) {
				from, ok = u.FactorFrom, true
			}
		}
	}
	look(t.Home(person))
	for unit := range t.places[person] {
		look(unit)
	}
	return from, ok
}

// Sponsored reports whether a person is in a group that counts at this moment.
func (t *Tree) Sponsored(person ID, on func(Unit) bool) bool {
	for id := range t.places[person] {
		if u := t.units[id]; u.Kind == mail.Group && on(*u) {
			return true
		}
	}
	return false
}
