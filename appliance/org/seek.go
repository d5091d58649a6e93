package org

import (
	"cmp"
	"slices"
	"strings"
)

// Order is what a list of people is sorted by.
type Order uint8

// The orders. Those who are alike in one stand by name.
const (
	ByPerson  Order = iota // the name, or the address of who has none
	ByAddress              // the e-mail address
	ByUnit                 // the name of the unit in which they were found
)

// Seek is what is looked for in a list of people. The zero value of all but Units and N is
// everybody of the units, by name.
type Seek struct {
	Units []ID
	Below bool            // those of all below them, too
	Text  string          // only whose name or address has this in it
	Only  func(Line) bool // only these; nil: all
	By    Order
	Down  bool // the last first
	From  int  // so many are passed over
	N     int  // at most so many
}

// Line is a person in a unit's list.
type Line struct {
	Person
	Home bool // is at home in At
	At   ID   // the unit in whose list they stand
}

// People returns up to s.N people, from the s.From-th on, and how many there are in all.
// Who is in several units stands there once, where they are at home if they
// are in it.
func (t *Tree) People(s Seek) (list []Line, all int) {
	text := fold(strings.TrimSpace(s.Text))
	order := t.ordered(s)
	for i := range order {
		k := order[i]
		if s.Down {
			k = order[len(order)-1-i]
		}
		if text != "" && !strings.Contains(k.text, text) {
			continue
		}
		take := all >= s.From && len(list) < s.N
		if take || s.Only != nil {
			l := Line{*t.people[k.id], t.Home(k.id) == k.at, k.at}
			if s.Only != nil && !s.Only(l) {
				continue
			}
			if take {
				list = append(list, l)
			}
		}
		all++
	}
	return list, all
}

// place is a list of people.
type place struct {
	units string // the ids of the units, one behind the other
	below bool
	by    Order
}

func newPlace(s Seek) place {
	var units []byte
	for _, u := range s.Units {
		units = append(units, u[:]...)
	}
	return place{string(units), s.Below, s.By}
}

// ordered returns the people of a list. The order is made when it is asked for the first
// time after a change: ten thousand names take longer to sort than a page takes to show.
func (t *Tree) ordered(s Seek) []key {
	if len(s.Units) == 1 && !s.Below && s.By == ByPerson {
		return t.sorted(s.Units[0])
	}
	p := newPlace(s)
	t.lists.Lock()
	defer t.lists.Unlock()
	if list, ok := t.orders[p]; ok {
		return list
	}
	list := t.keys(s)
	first := map[ID]string{} // what is compared before the name
	for _, k := range list {
		switch s.By {
		case ByAddress:
			first[k.id] = fold(string(t.people[k.id].Address))
		case ByUnit:
			first[k.id] = fold(t.units[k.at].Name)
		}
	}
	slices.SortFunc(list, func(a, b key) int {
		return cmp.Or(strings.Compare(first[a.id], first[b.id]), strings.Compare(a.text, b.text), a.id.Compare(b.id))
	})
	t.orders[p] = list
	return list
}

// keys are the people of a list, in no order.
func (t *Tree) keys(s Seek) (list []key) {
	units := s.Units
	if s.Below {
		units = nil
		for _, u := range s.Units {
			for _, n := range t.Branch(u) {
				units = append(units, n.ID)
			}
		}
	}
	in := map[ID]int{} // where in list
	for _, u := range units {
		for id := range t.members[u] {
			if i, twice := in[id]; twice {
				if t.Home(id) == u {
					list[i].at = u
				}
				continue
			}
			in[id] = len(list)
			q := t.people[id]
			list = append(list, key{fold(q.Name) + "\n" + fold(string(q.Address)), id, u})
		}
	}
	return list
}
