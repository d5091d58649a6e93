package org

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// Sight is what somebody finds in contact lists at a moment. It lives no longer than the
// tree may be read.
type Sight struct {
	t    *Tree
	now  time.Time
	ours func(mail.Address) bool
	from []vantage
}

// vantage is a unit from which somebody looks, and the branch that is seen from there.
type vantage struct{ unit, reach ID }

// Sight returns what an owner finds, a person or a function mailbox. ours says of an
// address whether who has it works in the house; somebody from outside is only where they
// have been placed.
func (t *Tree) Sight(owner ID, ours func(mail.Address) bool, now time.Time) Sight {
	s := Sight{t: t, now: now, ours: ours}
	if m := t.boxes.all[owner]; m != nil {
		s.stand(m.Unit)
	}
	if p := t.people[owner]; p != nil {
		for _, unit := range t.unitsOf(p, ours) {
			s.stand(unit)
		}
	}
	return s
}

// unitsOf are the units in which a person is.
func (t *Tree) unitsOf(p *Person, ours func(mail.Address) bool) []ID {
	list := make([]ID, 0, len(t.places[p.ID])+1)
	for unit := range t.places[p.ID] {
		list = append(list, unit)
	}
	if home := t.Home(p.ID); !t.places[p.ID][home] && ours(p.Address) {
		list = append(list, home)
	}
	return list
}

// stand adds a unit from which is looked.
func (s *Sight) stand(unit ID) {
	u := s.t.units[unit]
	if !u.IsOn(s.now) {
		return
	}
	v := vantage{unit, mail.RootUnit}
	if u.Kind == mail.Group {
		switch u.Listing {
		case mail.ListedHouse:
		case mail.ListedBranch:
			v.reach = u.Parent
		default:
			return // outsiders find nobody unless it is said
		}
	}
	s.from = append(s.from, v)
}

// listing returns who finds a unit's people, and the branch for ListedBranch.
func (t *Tree) listing(unit ID) (mail.Listing, ID) {
	for u := range t.up(unit) {
		switch {
		case u.Kind == mail.Group && u.Listing == mail.ListedAbove:
			return mail.ListedNowhere, u.ID
		case u.Kind == mail.Group && u.Listing == mail.ListedBranch:
			return mail.ListedBranch, u.Parent
		case u.Listing != mail.ListedAbove:
			return u.Listing, u.ID
		}
	}
	return mail.ListedHouse, mail.RootUnit
}

// ListingOver returns the unit that one must organise to let a unit be listed as u says:
// its own, to show no more than the unit above does; else the one above. Outsiders who
// are to find the whole house take the right over it.
func (t *Tree) ListingOver(u Unit) ID {
	switch {
	case u.ID == mail.RootUnit || u.Listing == mail.ListedAbove || u.Listing == mail.ListedNowhere:
		return u.ID
	case u.Kind == mail.Group && u.Listing == mail.ListedHouse:
		return mail.RootUnit
	case u.Kind == mail.Group:
		return u.Parent
	}
	if above, _ := t.listing(u.Parent); above <= u.Listing { // a greater number shows less
		return u.ID
	}
	return u.Parent
}

// Unit reports whether the people and function mailboxes of a unit are found.
func (s Sight) Unit(unit ID) bool {
	u := s.t.units[unit]
	if u == nil || !u.IsOn(s.now) {
		return false
	}
	how, branch := s.t.listing(unit)
	return how != mail.ListedNowhere && slices.ContainsFunc(s.from, func(v vantage) bool {
		return s.t.Within(unit, v.reach) && (how == mail.ListedHouse || s.t.Within(v.unit, branch))
	})
}

// List reports whether the contact list of a unit is seen: by its own people and those of
// all below it.
func (s Sight) List(unit ID) bool {
	return slices.ContainsFunc(s.from, func(v vantage) bool {
		return s.t.Within(v.unit, unit) && s.t.Within(unit, v.reach)
	})
}

// Lists are the units whose contact lists are seen, the root's first.
func (s Sight) Lists() []Unit {
	seen := set{}
	var list []Unit
	for _, v := range s.from {
		for _, u := range s.t.Path(v.unit) {
			if !seen[u.ID] && s.List(u.ID) {
				seen[u.ID] = true
				list = append(list, u)
			}
		}
	}
	return list
}

// Shown are the units in which there is something to be found, and those above them.
func (s Sight) Shown() map[ID]bool {
	shown := map[ID]bool{}
	for id := range s.t.units {
		if !shown[id] && (s.Unit(id) || s.List(id)) {
			for u := range s.t.up(id) {
				shown[u.ID] = true
			}
		}
	}
	return shown
}

// Found is a person or a function mailbox that is found.
type Found struct {
	ID      ID
	Name    string
	Address mail.Address
	Mailbox bool
	Unit    Unit // in which it was found
}

// People returns up to n of a unit's people who are found there, from the from-th on, by
// name, and how many there are in all.
func (s Sight) People(unit ID, from, n int) (list []Found, all int) {
	if !s.Unit(unit) {
		return nil, 0
	}
	for _, k := range s.t.sorted(unit) {
		if !s.lists(k.id, unit) {
			continue
		}
		if all >= from && len(list) < n {
			list = append(list, s.person(k.id, unit))
		}
		all++
	}
	return list, all
}

// lists reports whether a person is in a unit's list. Whom only a letter has made is in
// none: the address may be a slip. Nor is who is suspended.
func (s Sight) lists(id, unit ID) bool {
	p := s.t.people[id]
	if p.Out() {
		return false
	}
	if s.t.places[id][unit] {
		return true
	}
	return s.t.Home(id) == unit && s.ours(p.Address) && (p.Active || s.t.Placed(id))
}

func (s Sight) person(id, unit ID) Found {
	p := s.t.people[id]
	return Found{ID: id, Name: p.Title(), Address: p.Address, Unit: *s.t.units[unit]}
}

// Mailboxes returns the function mailboxes of a unit that are found there, by name.
func (s Sight) Mailboxes(unit ID) (list []Found) {
	if !s.Unit(unit) {
		return nil
	}
	for _, m := range s.t.Mailboxes(unit) {
		list = append(list, Found{ID: m.ID, Name: m.Name, Address: m.Address, Mailbox: true, Unit: *s.t.units[unit]})
	}
	return list
}

// Of returns the person or function mailbox of an id, if it is found anywhere.
func (s Sight) Of(id ID) (Found, bool) {
	if m := s.t.boxes.all[id]; m != nil && s.Unit(m.Unit) {
		return Found{ID: id, Name: m.Name, Address: m.Address, Mailbox: true, Unit: *s.t.units[m.Unit]}, true
	}
	p := s.t.people[id]
	if p == nil {
		return Found{}, false
	}
	units := s.t.unitsOf(p, s.ours)
	if home := s.t.Home(id); slices.Contains(units, home) { // the home is the best name for where somebody is
		units = append([]ID{home}, units...)
	}
	for _, unit := range units {
		if s.Unit(unit) && s.lists(id, unit) {
			return s.person(id, unit), true
		}
	}
	return Found{}, false
}

// At is Of for who has an address.
func (s Sight) At(a mail.Address) (Found, bool) {
	if id, ok := s.t.boxes.addresses[a.Key()]; ok {
		return s.Of(id)
	}
	return s.Of(s.t.addresses[a.Key()])
}

// Search returns up to n of those whose name or address has a text in it, by name, and
// whether there are more.
func (s Sight) Search(text string, n int) (list []Found, more bool) {
	text = fold(strings.TrimSpace(text))
	hit := set{}
	for unit := range s.t.units {
		if !s.Unit(unit) {
			continue
		}
		for _, k := range s.t.sorted(unit) {
			if strings.Contains(k.text, text) && s.lists(k.id, unit) {
				hit[k.id] = true
			}
		}
		for _, m := range s.Mailboxes(unit) {
			if strings.Contains(fold(m.Name)+"\n"+fold(string(m.Address)), text) {
				hit[m.ID] = true
			}
		}
	}
	for id := range hit {
		f, _ := s.Of(id)
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Found) int {
		return cmp.Or(strings.Compare(fold(a.Name), fold(b.Name)), a.ID.Compare(b.ID))
	})
	return list[:min(n, len(list))], len(list) > n
}
