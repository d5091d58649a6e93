package org

import (
	"cmp"
	"strings"
	"sync"
	"time"

	"sigill/appliance/mail"
)

// Tree is the organisation in memory. It may be read by many at once; who changes it
// keeps the readers out.
type Tree struct {
	units    map[ID]*Unit
	children map[ID]set

	people    map[ID]*Person
	addresses map[string]ID
	admins    set

	places     map[ID]set // units by person, the home among them if it is chosen
	homes      map[ID]ID
	members    map[ID]set              // people by unit, those at home there among them
	rights     map[ID]map[ID]time.Time // units by person, and since when
	organisers map[ID]set              // people by unit

	boxes boxes

	base   mail.Brand         // of the root, where it says nothing itself
	brands map[ID]*mail.Brand // of the units that say anything of themselves

	lists  sync.Mutex // guards order and orders, which readers fill
	order  map[ID][]key
	orders map[place][]key // of branches, and by other than the name; any change forgets all
}

type set map[ID]bool

// New returns a tree that has the root alone.
func New(house string) *Tree {
	t := &Tree{
		units: map[ID]*Unit{}, children: map[ID]set{}, people: map[ID]*Person{}, addresses: map[string]ID{}, admins: set{},
		places: map[ID]set{}, homes: map[ID]ID{}, members: map[ID]set{}, rights: map[ID]map[ID]time.Time{}, organisers: map[ID]set{},
		order: map[ID][]key{}, orders: map[place][]key{}, boxes: newBoxes(), base: mail.Brand{Name: house}, brands: map[ID]*mail.Brand{},
	}
	t.PutUnit(Unit{ID: mail.RootUnit, Kind: mail.Department, Label: Label{Name: house}, PaysSMS: true})
	return t
}

// PutUnit adds a unit or puts it in the place of the one with its id.
func (t *Tree) PutUnit(u Unit) {
	if old := t.units[u.ID]; old != nil && old.Parent != u.Parent {
		delete(t.children[old.Parent], u.ID)
	}
	t.units[u.ID] = &u
	clear(t.orders)
	if u.ID != mail.RootUnit {
		add(t.children, u.Parent, u.ID)
	}
}

// DropUnit takes a unit away, with the rights over it.
func (t *Tree) DropUnit(id ID) {
	u := t.units[id]
	if u == nil {
		return
	}
	for p := range t.organisers[id] {
		delete(t.rights[p], id)
	}
	delete(t.organisers, id)
	delete(t.children[u.Parent], id)
	delete(t.children, id)
	delete(t.members, id)
	delete(t.order, id)
	clear(t.orders)
	delete(t.brands, id)
	delete(t.units, id)
}

// PutPerson adds a person, at home at the root, or puts them in the place of the one
// with their id.
func (t *Tree) PutPerson(p Person) {
	if old := t.people[p.ID]; old != nil {
		delete(t.addresses, old.Address.Key())
	} else {
		add(t.members, t.Home(p.ID), p.ID)
	}
	t.people[p.ID] = &p
	t.addresses[p.Address.Key()] = p.ID
	delete(t.admins, p.ID)
	if p.Roles&mail.RoleAdmin != 0 {
		t.admins[p.ID] = true
	}
	t.reorder(p.ID)
}

// Replace gives the places and rights of one person to another, who takes their place
// altogether but in function mailboxes; see PutColleague.
func (t *Tree) Replace(old ID, p Person) {
	if before := t.people[old]; before == nil || old == p.ID {
		t.PutPerson(p)
		return
	}
	places, home, homed := t.places[old], t.homes[old], t.homes[old] != ID{}
	rights := t.rights[old]
	t.dropPerson(old)
	if homed {
		t.homes[p.ID] = home
	}
	t.PutPerson(p)
	for u := range places {
		t.join(p.ID, u)
	}
	for u, since := range rights {
		t.Appoint(p.ID, u, since)
	}
}

// DropPerson takes a person away, with all places and rights.
func (t *Tree) DropPerson(id ID) {
	if t.people[id] != nil {
		t.dropPerson(id)
	}
}

func (t *Tree) dropPerson(id ID) {
	t.reorder(id)
	for box := range t.boxes.of[id] {
		delete(t.boxes.staff[box], id)
	}
	delete(t.boxes.of, id)
	delete(t.members[t.Home(id)], id)
	for u := range t.places[id] {
		delete(t.members[u], id)
	}
	for u := range t.rights[id] {
		delete(t.organisers[u], id)
	}
	if p := t.people[id]; p != nil {
		delete(t.addresses, p.Address.Key())
	}
	delete(t.places, id)
	delete(t.homes, id)
	delete(t.rights, id)
	delete(t.admins, id)
	delete(t.people, id)
}

// Place makes a person a member of a unit, or moves the home there.
func (t *Tree) Place(person, unit ID, home bool) {
	t.reorder(person)
	if home {
		t.leaveHome(person)
		t.homes[person] = unit
	}
	t.join(person, unit)
	t.reorder(person)
}

// leaveHome ends the membership of the home. Who has chosen none was at the root by
// that alone, and stays there as a member if they are one.
func (t *Tree) leaveHome(person ID) {
	old, chosen := t.homes[person]
	if chosen {
		delete(t.places[person], old)
	}
	if !t.places[person][t.Home(person)] {
		delete(t.members[t.Home(person)], person)
	}
}

func (t *Tree) join(person, unit ID) {
	add(t.places, person, unit)
	add(t.members, unit, person)
	delete(t.order, unit)
	clear(t.orders)
}

// Unplace ends a membership. Whoever leaves a home is at the root then.
func (t *Tree) Unplace(person, unit ID) {
	t.reorder(person)
	delete(t.places[person], unit)
	if t.homes[person] == unit {
		delete(t.homes, person)
	}
	if t.Home(person) != unit {
		delete(t.members[unit], person)
	}
	if t.people[person] != nil {
		add(t.members, t.Home(person), person)
	}
	t.reorder(person)
	delete(t.order, unit)
}

// Appoint gives a person the right over a unit, as of a time. One that they have already
// is as old as it was.
func (t *Tree) Appoint(person, unit ID, since time.Time) {
	if t.rights[person] == nil {
		t.rights[person] = map[ID]time.Time{}
	}
	if _, has := t.rights[person][unit]; !has {
		t.rights[person][unit] = since
	}
	add(t.organisers, unit, person)
}

// Dismiss takes the right back.
func (t *Tree) Dismiss(person, unit ID) {
	delete(t.rights[person], unit)
	delete(t.organisers[unit], person)
}

// reorder forgets the order of the lists in which a person stands.
func (t *Tree) reorder(person ID) {
	clear(t.orders)
	delete(t.order, t.Home(person))
	for u := range t.places[person] {
		delete(t.order, u)
	}
}

func add(m map[ID]set, k, v ID) {
	if m[k] == nil {
		m[k] = set{}
	}
	m[k][v] = true
}

func cmpPeople(a, b Person) int {
	return cmp.Or(strings.Compare(fold(a.Title()), fold(b.Title())), a.ID.Compare(b.ID))
}
