package org_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

func TestContactLists(t *testing.T) {
	w := newTown(t)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	ours := func(a mail.Address) bool { return a.Domain() == "exempelkommun.se" }
	sight := func(who string) org.Sight { return w.Sight(w.id[who], ours, now) }
	finds := func(who string) string {
		list, _ := sight(who).Search("", 100)
		var s []string
		for _, f := range list {
			s = append(s, f.Name)
			if g, ok := sight(who).At(f.Address); !ok || g.ID != f.ID {
				t.Errorf("%s finds %s in a search, and not by the address", who, f.Name)
			}
			if people, _ := sight(who).People(f.Unit.ID, 0, 100); !slices.Contains(people, f) && !slices.Contains(sight(who).Mailboxes(f.Unit.ID), f) {
				t.Errorf("%s finds %s in a search, and not in the list of %s", who, f.Name, f.Unit.Name)
			}
			if !sight(who).Shown()[f.Unit.ID] {
				t.Errorf("%s does not come to %s", who, f.Unit.Name)
			}
		}
		return strings.Join(s, " ")
	}
	set := func(unit string, l mail.Listing) {
		u, err := w.Unit(w.id[unit])
		fine(t, err)
		u.Listing = l
		w.PutUnit(u)
	}
	is := func(who, want string) {
		t.Helper()
		if got := finds(who); got != want {
			t.Errorf("%s finds %q, not %q", who, got, want)
		}
	}
	lists := func(who string) string {
		var s []string
		for _, u := range sight(who).Lists() {
			s = append(s, u.Name)
			if !sight(who).List(u.ID) {
				t.Errorf("%s of %s is listed, and not seen", u.Name, who)
			}
		}
		return strings.Join(s, " ")
	}
	w.PutMailbox(org.Mailbox{ID: mail.NewID(), Unit: w.id["Barn"], Name: "Barnen", Address: "barnen@exempelkommun.se"})
	w.unit("Läkare", "Social", mail.Group)
	for _, name := range []string{"Doktor", "Syster"} {
		p := org.Person{ID: mail.NewID(), Name: name, Address: mail.Address(strings.ToLower(name) + "@vard.example"), Active: true}
		w.PutPerson(p)
		w.Place(p.ID, w.id["Läkare"], true)
		w.id[name] = p.ID
	}

	t.Run("colleagues find each other in the whole house, and function mailboxes", func(t *testing.T) {
		is("Maria", "Barnen IT Johan Karin Maria Olle")
		is("IT", "Barnen IT Johan Karin Maria Olle")
	})
	t.Run("a sponsored group finds nobody, and is found by nobody", func(t *testing.T) {
		is("Doktor", "")
		if lists("Doktor") != "" || len(sight("Doktor").Shown()) != 0 {
			t.Error(lists("Doktor"))
		}
	})
	t.Run("a group that is listed in its branch finds that branch, and is found there", func(t *testing.T) {
		set("Läkare", mail.ListedBranch)
		is("Doktor", "Barnen Doktor Johan Karin Maria Syster")
		is("Johan", "Barnen Doktor IT Johan Karin Maria Olle Syster")
		is("Olle", "Barnen IT Johan Karin Maria Olle")
		if got := lists("Doktor"); got != "Social Läkare" {
			t.Errorf("of lists it sees %q", got)
		}
	})
	t.Run("a group that is listed in the house finds the house", func(t *testing.T) {
		set("Läkare", mail.ListedHouse)
		is("Doktor", "Barnen Doktor IT Johan Karin Maria Olle Syster")
		is("Olle", "Barnen Doktor IT Johan Karin Maria Olle Syster")
	})
	t.Run("a group that is over finds nobody and is found no more", func(t *testing.T) {
		u, _ := w.Unit(w.id["Läkare"])
		u.Ends = now
		w.PutUnit(u)
		is("Doktor", "")
		is("Olle", "Barnen IT Johan Karin Maria Olle")
	})
	t.Run("somebody from outside who has left the group is nowhere, and so are strangers", func(t *testing.T) {
		w.Unplace(w.id["Doktor"], w.id["Läkare"])
		is("Doktor", "")
		is("IT", "Barnen IT Johan Karin Maria Olle")
		if got, _ := w.Sight(mail.NewID(), ours, now).Search("", 9); len(got) != 0 {
			t.Error(got)
		}
	})
	t.Run("a department may show its people to its own branch alone; what is below follows", func(t *testing.T) {
		set("Social", mail.ListedBranch)
		is("Maria", "Barnen IT Johan Karin Maria Olle")
		is("Olle", "IT Olle")
		set("Barn", mail.ListedHouse)
		is("Olle", "Barnen IT Johan Olle")
		set("Barn", mail.ListedAbove)
	})
	t.Run("or to nobody, not even each other; they find the others", func(t *testing.T) {
		set("Barn", mail.ListedNowhere)
		is("Maria", "IT Karin Maria Olle")
		is("Johan", "IT Karin Maria Olle")
		set("Barn", mail.ListedAbove)
		set("Social", mail.ListedAbove)
	})
	t.Run("a member of two units is found once, by either", func(t *testing.T) {
		set("Social", mail.ListedBranch)
		w.Place(w.id["Maria"], w.id["Bygg"], false)
		is("Olle", "IT Maria Olle")
		is("Maria", "Barnen IT Johan Karin Maria Olle")
		w.Unplace(w.id["Maria"], w.id["Bygg"])
		set("Social", mail.ListedAbove)
	})
	t.Run("whom only a letter has made is in no list, until placed", func(t *testing.T) {
		p := org.Person{ID: mail.NewID(), Name: "Slip", Address: "slip@exempelkommun.se"}
		w.PutPerson(p)
		is("Maria", "Barnen IT Johan Karin Maria Olle")
		w.Place(p.ID, w.id["Bygg"], false)
		is("Maria", "Barnen IT Johan Karin Maria Olle Slip")
		w.DropPerson(p.ID)
	})
	t.Run("a contact list is seen by the unit's people and those below it", func(t *testing.T) {
		for who, want := range map[string]string{"Maria": "Exempelkommun Social Bistånd", "Karin": "Exempelkommun Social", "Olle": "Exempelkommun Bygg Bygglov", "IT": "Exempelkommun"} {
			if got := lists(who); got != want {
				t.Errorf("%s sees %q", who, got)
			}
		}
	})
	t.Run("a function mailbox finds what its department finds", func(t *testing.T) {
		m, _ := w.MailboxAt("barnen@exempelkommun.se")
		if _, ok := w.Sight(m.ID, ours, now).At("olle@exempelkommun.se"); !ok {
			t.Error("not")
		}
		set("Bygg", mail.ListedBranch)
		if _, ok := w.Sight(m.ID, ours, now).At("olle@exempelkommun.se"); ok {
			t.Error("found")
		}
	})
	t.Run("a list is given in pages, and a search says when there are more", func(t *testing.T) {
		for i := range 7 {
			w.person(string(rune('a'+i))+"x", "Bistånd")
		}
		list, all := sight("Maria").People(w.id["Bistånd"], 3, 2)
		if all != 8 || len(list) != 2 || list[0].Name != "dx" {
			t.Errorf("%d %+v", all, list)
		}
		if list, more := sight("Maria").Search("X", 4); len(list) != 4 || !more || list[0].Name != "ax" {
			t.Errorf("%v %+v", more, list)
		}
	})
}
