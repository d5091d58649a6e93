package org_test

import (
	"strings"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

func TestSeek(t *testing.T) {
	w := newTown(t)
	w.Place(w.id["Maria"], w.id["Barn"], false)
	w.Place(w.id["IT"], w.id["Bistånd"], false)
	found := func(s org.Seek) string {
		t.Helper()
		if s.N == 0 {
			s.N = 100
		}
		list, _ := w.People(s)
		var names []string
		for _, l := range list {
			names = append(names, l.Name)
		}
		return strings.Join(names, " ")
	}
	social := org.Seek{Units: []mail.ID{w.id["Social"]}, Below: true}
	is := func(s org.Seek, want string) {
		t.Helper()
		if got := found(s); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	t.Run("a branch has everybody of all its units, each once", func(t *testing.T) {
		is(social, "IT Johan Karin Maria")
		is(org.Seek{Units: []mail.ID{w.id["Social"]}}, "Karin")
		is(org.Seek{Units: []mail.ID{w.id["Bygg"]}, Below: true}, "Olle")
	})
	t.Run("who has a place and a home in it stands at home, and who is at home elsewhere where they have the place", func(t *testing.T) {
		list, _ := w.People(org.Seek{Units: []mail.ID{w.id["Social"]}, Below: true, N: 100})
		if maria, it := list[3], list[0]; maria.At != w.id["Bistånd"] || !maria.Home || it.At != w.id["Bistånd"] || it.Home {
			t.Errorf("%+v %+v", maria, it)
		}
	})
	t.Run("it stands by name, address or unit, from the one end or the other", func(t *testing.T) {
		s := social
		s.By = org.ByUnit
		is(s, "Johan IT Maria Karin")
		s.Down = true
		is(s, "Karin Maria IT Johan")
		s.By = org.ByAddress
		is(s, "Maria Karin Johan IT")
		s.From, s.N = 1, 2
		is(s, "Karin Johan")
	})
	t.Run("only some are counted, and what is searched for is looked for among them", func(t *testing.T) {
		s := social
		s.Only = func(l org.Line) bool { return l.Home }
		is(s, "Johan Karin Maria")
		s.Text = "ARI"
		is(s, "Karin Maria")
		s.N = 1
		if _, all := w.People(s); all != 2 {
			t.Errorf("%d in all", all)
		}
	})
	t.Run("a change of any kind is seen in a list that was asked for before", func(t *testing.T) {
		w.person("Ada", "Barn")
		is(social, "Ada IT Johan Karin Maria")
		w.Unplace(w.id["IT"], w.id["Bistånd"])
		is(social, "Ada Johan Karin Maria")
		w.Place(w.id["Olle"], w.id["Barn"], true)
		is(social, "Ada Johan Karin Maria Olle")
		barn, _ := w.Unit(w.id["Barn"])
		barn.Parent, barn.Name = w.id["Bygg"], "Ö"
		w.PutUnit(barn)
		is(social, "Karin Maria")
		w.DropPerson(w.id["Karin"])
		is(social, "Maria")
	})
}
