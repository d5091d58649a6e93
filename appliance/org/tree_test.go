package org_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// town is a tree with names, so that a test reads like one.
type town struct {
	*org.Tree
	t  *testing.T
	id map[string]mail.ID
}

func newTown(t *testing.T) *town {
	w := &town{Tree: org.New("Exempelkommun"), t: t, id: map[string]mail.ID{"": mail.RootUnit}}
	for _, u := range []struct{ name, below string }{
		{"Social", ""}, {"Bistånd", "Social"}, {"Barn", "Social"}, {"Bygg", ""}, {"Bygglov", "Bygg"},
	} {
		w.unit(u.name, u.below, mail.Department)
	}
	for _, p := range []struct{ name, home string }{{"Maria", "Bistånd"}, {"Johan", "Barn"}, {"Karin", "Social"}, {"Olle", "Bygglov"}, {"IT", ""}} {
		w.person(p.name, p.home)
	}
	return w
}

func (w *town) unit(name, below string, kind mail.UnitKind) mail.ID {
	w.t.Helper()
	u := org.Unit{ID: mail.NewID(), Parent: w.id[below], Kind: kind, Label: org.Label{Name: name}}
	fine(w.t, w.MayAdd(u))
	w.PutUnit(u)
	w.id[name] = u.ID
	return u.ID
}

func (w *town) person(name, home string) mail.ID {
	p := org.Person{ID: mail.NewID(), Name: name, Address: mail.Address(strings.ToLower(name) + "@exempelkommun.se"), Active: true}
	w.PutPerson(p)
	if home != "" {
		w.Place(p.ID, w.id[home], true)
	}
	w.id[name] = p.ID
	return p.ID
}

func (w *town) role(name string, r mail.Roles) {
	p, err := w.Person(w.id[name])
	fine(w.t, err)
	p.Roles = r
	w.PutPerson(p)
}

// names lists who is in a unit.
func (w *town) names(unit string) string {
	list, all := w.People(org.Seek{Units: []mail.ID{w.id[unit]}, N: 100})
	var s []string
	for _, l := range list {
		s = append(s, l.Name)
	}
	if all != len(list) || all != w.Count(w.id[unit]) {
		w.t.Errorf("%d of %d, count %d", len(list), all, w.Count(w.id[unit]))
	}
	return strings.Join(s, " ")
}

func fine(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, say string) {
	t.Helper()
	var e *mail.Error
	if !errors.As(err, &e) || e.Say != say {
		t.Errorf("%v, not %s", err, say)
	}
}

func TestUnits(t *testing.T) {
	w := newTown(t)
	t.Run("a unit cannot hang below itself, nor the root below anything", func(t *testing.T) {
		refused(t, w.MayMove(w.id["Social"], w.id["Social"]), "error.unit.loop")
		refused(t, w.MayMove(w.id["Social"], w.id["Barn"]), "error.unit.loop")
		refused(t, w.MayMove(mail.RootUnit, w.id["Barn"]), "error.unit.root")
		fine(t, w.MayMove(w.id["Barn"], w.id["Bygg"]))
	})
	t.Run("a place that is none is absent", func(t *testing.T) {
		for _, err := range []error{w.MayMove(w.id["Barn"], mail.NewID()), w.MayMove(mail.NewID(), mail.RootUnit), w.MayRemove(mail.NewID()),
			w.MayAdd(org.Unit{Parent: mail.NewID(), Kind: mail.Department})} {
			refused(t, err, "error.absent")
		}
	})
	t.Run("the tree is no deeper than it may be, whether by adding or by moving", func(t *testing.T) {
		w, below := newTown(t), "Social"
		for i := len(w.Path(w.id[below])); i < org.MaxDepth; i++ {
			name := fmt.Sprint("level ", i)
			w.unit(name, below, mail.Department)
			below = name
		}
		refused(t, w.MayAdd(org.Unit{Parent: w.id[below], Kind: mail.Department}), "error.unit.deep")
		refused(t, w.MayMove(w.id["Social"], w.id["Bygg"]), "error.unit.deep")
		fine(t, w.MayMove(w.id["level 3"], mail.RootUnit))
	})
	t.Run("a group has nothing below it, and its dates stand the right way round", func(t *testing.T) {
		w := newTown(t)
		w.unit("Ombud", "Social", mail.Group)
		refused(t, w.MayAdd(org.Unit{Parent: w.id["Ombud"], Kind: mail.Department}), "error.unit.group")
		refused(t, w.MayMove(w.id["Barn"], w.id["Ombud"]), "error.unit.group")
		now := time.Now()
		u, _ := w.Unit(w.id["Ombud"])
		u.Starts, u.Ends = now, now
		refused(t, w.MayChange(u), "error.unit.dates")
		u.Kind = mail.Department
		refused(t, w.MayChange(u), "error.unit.kind")
	})
	t.Run("a group counts from its first moment to its last, a department always", func(t *testing.T) {
		now := time.Now()
		g := org.Unit{Kind: mail.Group, Starts: now, Ends: now.Add(time.Hour)}
		for after, on := range map[time.Duration]bool{-1: false, 0: true, time.Hour - 1: true, time.Hour: false} {
			if g.IsOn(now.Add(after)) != on {
				t.Error(after, on)
			}
		}
		if !(org.Unit{Kind: mail.Department, Ends: now}).IsOn(now.Add(time.Hour)) || !(org.Unit{Kind: mail.Group}).IsOn(now) {
			t.Error("off")
		}
	})
	t.Run("a unit goes when nobody and nothing is in it, the root never", func(t *testing.T) {
		w := newTown(t)
		refused(t, w.MayRemove(w.id["Bygg"]), "error.unit.inuse")
		refused(t, w.MayRemove(w.id["Bygglov"]), "error.unit.inuse")
		refused(t, w.MayRemove(mail.RootUnit), "error.unit.root")
		w.Place(w.id["Olle"], w.id["Bygg"], true)
		fine(t, w.MayRemove(w.id["Bygglov"]))
		w.Appoint(w.id["Olle"], w.id["Bygglov"], time.Time{})
		w.DropUnit(w.id["Bygglov"])
		if len(w.Children(w.id["Bygg"])) != 0 || len(w.Branches(w.id["Olle"])) != 0 || w.Roles(w.id["Olle"]) != 0 {
			t.Error("something of it is left")
		}
	})
	t.Run("a branch moves with all that is in it", func(t *testing.T) {
		w := newTown(t)
		u, _ := w.Unit(w.id["Social"])
		u.Parent = w.id["Bygg"]
		w.PutUnit(u)
		if !w.Within(w.id["Barn"], w.id["Bygg"]) || w.names("Barn") != "Johan" || len(w.Branch(mail.RootUnit)) != 6 || len(w.Children(mail.RootUnit)) != 1 {
			t.Errorf("%+v", w.Branch(mail.RootUnit))
		}
	})
}

func TestLabels(t *testing.T) {
	t.Run("a name is trimmed, and one that nobody can read is refused", func(t *testing.T) {
		l, err := org.Label{Name: "  Barn och familj ", CostCentre: " 5120 "}.Clean()
		if err != nil || l.Name != "Barn och familj" || l.CostCentre != "5120" {
			t.Errorf("%+v %v", l, err)
		}
		long := strings.Repeat("å", org.MaxName)
		if _, err := (org.Label{Name: long}).Clean(); err != nil {
			t.Error(err)
		}
		for _, l := range []org.Label{{}, {Name: " \t"}} {
			_, err := l.Clean()
			refused(t, err, "error.unit.name")
		}
		for _, l := range []org.Label{{Name: long + "a"}, {Name: "a\nb"}, {Name: "a\x00"}, {Name: "a\u202eb"}, {Name: "\xff"}, {Name: "a", CostCentre: strings.Repeat("1", org.MaxCode+1)}} {
			_, err := l.Clean()
			refused(t, err, "error.unit.long")
		}
	})
}

func TestPlaces(t *testing.T) {
	w := newTown(t)
	t.Run("nobody has two homes, and who has chosen none is at the root", func(t *testing.T) {
		if w.Home(w.id["IT"]) != mail.RootUnit || w.names("") != "IT" {
			t.Error(w.names(""))
		}
		w.Place(w.id["Maria"], w.id["Barn"], true)
		if w.names("Bistånd") != "" || w.names("Barn") != "Johan Maria" || len(w.Places(w.id["Maria"])) != 1 {
			t.Errorf("%q %q %+v", w.names("Bistånd"), w.names("Barn"), w.Places(w.id["Maria"]))
		}
		w.Place(w.id["Maria"], w.id["Bistånd"], true)
	})
	t.Run("a membership comes and goes, and who leaves a home is at the root", func(t *testing.T) {
		w.Place(w.id["Maria"], w.id["Bygglov"], false)
		w.Place(w.id["Maria"], w.id["Bygg"], false)
		var list []string
		for _, p := range w.Places(w.id["Maria"]) {
			list = append(list, fmt.Sprint(p.Unit.Name, p.Home))
		}
		if strings.Join(list, " ") != "Biståndtrue Byggfalse Bygglovfalse" || w.names("Bygglov") != "Maria Olle" {
			t.Error(list, w.names("Bygglov"))
		}
		w.Unplace(w.id["Maria"], w.id["Bygglov"])
		w.Unplace(w.id["Olle"], w.id["Bygglov"])
		if w.names("Bygglov") != "" || w.names("Bistånd") != "Maria" || w.names("") != "IT Olle" || w.Home(w.id["Olle"]) != mail.RootUnit {
			t.Error(w.names("Bygglov"), w.names("Bistånd"), w.names(""))
		}
		w.Unplace(w.id["Olle"], mail.RootUnit) // nowhere lower to fall
		w.Place(w.id["Olle"], w.id["Bygglov"], true)
		if w.names("") != "IT" || w.names("Bygglov") != "Olle" {
			t.Error(w.names(""), w.names("Bygglov"))
		}
	})
	t.Run("whoever takes somebody's row takes places and rights with it", func(t *testing.T) {
		w.Appoint(w.id["Maria"], w.id["Barn"], time.Time{})
		w.Replace(w.id["Maria"], org.Person{ID: mail.NewID(), Name: "Maria", Address: "maria@exempelkommun.se"})
		p, ok := w.PersonAt("maria@exempelkommun.se")
		_, err := w.Person(w.id["Maria"])
		refused(t, err, "error.absent")
		if !ok || w.names("Bistånd") != "Maria" || len(w.Places(p.ID)) != 2 || !w.Organises(p.ID, w.id["Barn"]) || len(w.Organisers(w.id["Barn"])) != 1 {
			t.Errorf("%+v %+v", p, w.Places(p.ID))
		}
	})
	t.Run("a changed name stands in its new place in the list at once", func(t *testing.T) {
		w := newTown(t)
		w.Place(w.id["Johan"], w.id["Bistånd"], false)
		if w.names("Bistånd") != "Johan Maria" {
			t.Error(w.names("Bistånd"))
		}
		p, _ := w.Person(w.id["Johan"])
		p.Name = "Örjan"
		w.PutPerson(p)
		if w.names("Bistånd") != "Maria Örjan" || w.names("Barn") != "Örjan" {
			t.Error(w.names("Bistånd"), w.names("Barn"))
		}
	})
	t.Run("a list is searched by name and address, and shown in pieces", func(t *testing.T) {
		w := newTown(t)
		for i := range 120 {
			w.person(fmt.Sprintf("Anställd %03d", i), "Bygg")
		}
		list, all := w.People(org.Seek{Units: []mail.ID{w.id["Bygg"]}, Text: " STÄLLD 11", N: 5})
		if all != 10 || len(list) != 5 || list[0].Name != "Anställd 110" {
			t.Errorf("%d %+v", all, list)
		}
		list, all = w.People(org.Seek{Units: []mail.ID{w.id["Bygg"]}, From: 100, N: 50})
		if all != 120 || len(list) != 20 || list[19].Name != "Anställd 119" {
			t.Errorf("%d %d", all, len(list))
		}
		if list, all = w.People(org.Seek{Units: []mail.ID{w.id["Bygg"]}, From: 999, N: 50}); all != 120 || len(list) != 0 {
			t.Errorf("%d %d", all, len(list))
		}
	})
	t.Run("somebody in a group is sponsored while it counts", func(t *testing.T) {
		w := newTown(t)
		w.unit("Ombud", "Social", mail.Group)
		w.Place(w.id["Olle"], w.id["Ombud"], false)
		on := func(u org.Unit) bool { return true }
		if !w.Sponsored(w.id["Olle"], on) || w.Sponsored(w.id["Olle"], func(org.Unit) bool { return false }) || w.Sponsored(w.id["Maria"], on) {
			t.Error("wrong")
		}
	})
}

func TestRights(t *testing.T) {
	w := newTown(t)
	w.Appoint(w.id["Karin"], w.id["Social"], time.Time{})
	w.role("IT", mail.RoleAdmin)
	t.Run("a right reaches down its branch, and nowhere else", func(t *testing.T) {
		for unit, may := range map[string]bool{"Social": true, "Barn": true, "Bistånd": true, "": false, "Bygg": false, "Bygglov": false} {
			if w.Organises(w.id["Karin"], w.id[unit]) != may {
				t.Error(unit)
			}
			if !w.Organises(w.id["IT"], w.id[unit]) || w.Organises(w.id["Maria"], w.id[unit]) || w.Organises(mail.NewID(), w.id[unit]) {
				t.Error(unit)
			}
		}
		if w.Organises(w.id["IT"], mail.NewID()) {
			t.Error("a unit that is none")
		}
	})
	t.Run("it is a right over people by their home, not by where they help out", func(t *testing.T) {
		w.Place(w.id["Olle"], w.id["Barn"], false)
		if w.OrganisesPerson(w.id["Karin"], w.id["Olle"]) || !w.OrganisesPerson(w.id["Karin"], w.id["Maria"]) || w.OrganisesPerson(w.id["Karin"], mail.NewID()) {
			t.Error("wrong")
		}
	})
	t.Run("who runs the machine is organised by nobody but their own kind", func(t *testing.T) {
		w := newTown(t)
		w.Appoint(w.id["Karin"], mail.RootUnit, time.Time{})
		w.role("Maria", mail.RoleAdmin)
		if w.OrganisesPerson(w.id["Karin"], w.id["Maria"]) || !w.OrganisesPerson(w.id["Maria"], w.id["Karin"]) || !w.OrganisesPerson(w.id["Maria"], w.id["Maria"]) {
			t.Error("wrong")
		}
	})
	t.Run("roles are the row's, and organiser is who organises something", func(t *testing.T) {
		if w.Roles(w.id["Karin"]) != mail.RoleOrganiser || w.Roles(w.id["IT"]) != mail.RoleAdmin || w.Roles(mail.NewID()) != 0 {
			t.Error(w.Roles(w.id["Karin"]), w.Roles(w.id["IT"]))
		}
		w.role("Maria", mail.RoleOrganiser|mail.RoleAuditor) // as no row has it
		if w.Roles(w.id["Maria"]) != mail.RoleAuditor {
			t.Error(w.Roles(w.id["Maria"]))
		}
		w.Dismiss(w.id["Karin"], w.id["Social"])
		if w.Roles(w.id["Karin"]) != 0 || len(w.Organisers(w.id["Social"])) != 0 {
			t.Error("still")
		}
		w.Appoint(w.id["Karin"], w.id["Social"], time.Time{})
	})
	t.Run("branches are shown once, though one hangs below the other", func(t *testing.T) {
		w.Appoint(w.id["Karin"], w.id["Barn"], time.Time{})
		w.Appoint(w.id["Karin"], w.id["Bygglov"], time.Time{})
		var names []string
		for _, u := range w.Branches(w.id["Karin"]) {
			names = append(names, u.Name)
		}
		if strings.Join(names, " ") != "Bygglov Social" || len(w.Organised(w.id["Karin"])) != 3 || w.Branches(w.id["IT"])[0].ID != mail.RootUnit {
			t.Error(names)
		}
	})
	t.Run("who is suspended organises nothing, helps nobody, and is no administrator to count on", func(t *testing.T) {
		w := newTown(t)
		w.Appoint(w.id["Karin"], w.id["Social"], time.Time{})
		w.Appoint(w.id["Olle"], mail.RootUnit, time.Time{})
		w.role("IT", mail.RoleAdmin)
		w.role("Maria", mail.RoleAdmin)
		out := func(name string, since time.Time) {
			p, err := w.Person(w.id[name])
			fine(t, err)
			p.Suspended = since
			w.PutPerson(p)
		}
		out("Karin", time.Unix(1, 0))
		if w.Organises(w.id["Karin"], w.id["Social"]) || w.OrganisesPerson(w.id["Karin"], w.id["Johan"]) || w.Roles(w.id["Karin"]) != 0 || w.Branches(w.id["Karin"]) != nil || w.Sees(w.id["Karin"], w.id["Johan"]) {
			t.Error("still organises")
		}
		if list := w.HelpersOver(w.id["Social"]); len(list) != 1 || w.HelperUnit(w.id["Johan"]) != mail.RootUnit || w.HelperUnitOf(w.id["Barn"]) != mail.RootUnit || len(w.HelperUnits()) != 1 {
			t.Error("still helps", list)
		}
		if w.Organisers(w.id["Social"])[0].Name != "Karin" {
			t.Error("the right is gone")
		}
		out("Johan", time.Unix(1, 0))
		if _, may := w.MayHelp(w.id["Olle"], w.id["Johan"]); may || len(w.Helpers(w.id["Johan"])) != 0 {
			t.Error("may be helped")
		}
		fine(t, w.MaySuspend(w.id["Johan"]))
		fine(t, w.MaySuspend(w.id["IT"]))
		out("Maria", time.Unix(1, 0))
		refused(t, w.MaySuspend(w.id["IT"]), "error.lastadmin")
		refused(t, w.MaySuspend(mail.NewID()), "error.absent")
		fine(t, w.MaySetRoles(w.id["Maria"], 0)) // who cannot come in is not the last one
		if len(w.Administrators()) != 1 {
			t.Error(w.Administrators())
		}
		out("Karin", time.Time{})
		if !w.Organises(w.id["Karin"], w.id["Social"]) || w.HelperUnit(w.id["Johan"]) != w.id["Social"] {
			t.Error("does not organise again")
		}
	})
	t.Run("the last administrator who has been here stays one", func(t *testing.T) {
		w := newTown(t)
		w.role("IT", mail.RoleAdmin)
		refused(t, w.MaySetRoles(w.id["IT"], 0), "error.lastadmin")
		fine(t, w.MaySetRoles(w.id["IT"], mail.RoleAdmin|mail.RoleAuditor))
		w.PutPerson(org.Person{ID: mail.NewID(), Address: "ny@exempelkommun.se", Roles: mail.RoleAdmin})
		refused(t, w.MaySetRoles(w.id["IT"], 0), "error.lastadmin") // invited, never here
		w.role("Maria", mail.RoleAdmin)
		fine(t, w.MaySetRoles(w.id["IT"], 0))
		refused(t, w.MaySetRoles(mail.NewID(), 0), "error.absent")
	})
}

// TestAnyOrder does thousands of things in any order and looks at what must hold after
// each.
func TestAnyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	w := org.New("House")
	units, people := []mail.ID{mail.RootUnit}, []mail.ID{}
	pick := func(l []mail.ID) mail.ID { return l[r.IntN(len(l))] }
	for i := range 4000 {
		switch n := r.IntN(10); {
		case n < 2:
			u := org.Unit{ID: mail.NewID(), Parent: pick(units), Kind: mail.UnitKind(1 + r.IntN(5)/4), Label: org.Label{Name: fmt.Sprint(i)}}
			if w.MayAdd(u) == nil {
				w.PutUnit(u)
				units = append(units, u.ID)
			}
		case n < 4:
			if id, to := pick(units), pick(units); w.MayMove(id, to) == nil {
				u, _ := w.Unit(id)
				u.Parent = to
				w.PutUnit(u)
			}
		case n < 5:
			if id := pick(units); w.MayRemove(id) == nil {
				w.DropUnit(id)
				units = slices.DeleteFunc(units, func(u mail.ID) bool { return u == id })
			}
		case n < 6 || len(people) == 0:
			p := org.Person{ID: mail.NewID(), Name: fmt.Sprint(i), Address: mail.Address(fmt.Sprint(i, "@example.se"))}
			w.PutPerson(p)
			people = append(people, p.ID)
		case n < 8:
			w.Place(pick(people), pick(units), r.IntN(2) == 0)
		case n < 9:
			w.Unplace(pick(people), pick(units))
		default:
			if p, u := pick(people), pick(units); r.IntN(2) == 0 {
				w.Appoint(p, u, time.Time{})
			} else {
				w.Dismiss(p, u)
			}
		}
		if i%50 == 0 {
			holds(t, w, units, people)
		}
	}
	holds(t, w, units, people)
	if len(units) < 50 || len(people) < 200 {
		t.Errorf("only %d units and %d people", len(units), len(people))
	}
}

// holds checks what holds always.
func holds(t *testing.T, w *org.Tree, units, people []mail.ID) {
	t.Helper()
	if got := w.Branch(mail.RootUnit); len(got) != len(units) {
		t.Fatalf("%d units hang on the root, of %d", len(got), len(units))
	}
	seats := 0
	for _, u := range units {
		list, all := w.People(org.Seek{Units: []mail.ID{u}, N: 1 << 20})
		if all != len(list) || all != w.Count(u) || len(w.Path(u)) > org.MaxDepth {
			t.Fatalf("%d %d %d", all, len(list), w.Count(u))
		}
		seats += all
		for _, o := range w.Organisers(u) {
			if !w.Organises(o.ID, u) {
				t.Fatal("an organiser without the right")
			}
		}
	}
	for _, p := range people {
		places := w.Places(p)
		for i, x := range places {
			if x.Home != (i == 0) || !w.Belongs(p, x.Unit.ID) {
				t.Fatalf("homes: %+v", places)
			}
		}
		seats -= len(places)
	}
	if seats != 0 {
		t.Fatalf("%d more in the units' lists than in the people's", seats)
	}
}

func TestFactorFrom(t *testing.T) {
	tree := org.New("Kommun")
	day := func(n int) time.Time { return time.Date(2027, 1, n, 0, 0, 0, 0, time.UTC) }
	unit := func(below mail.ID, from time.Time) mail.ID {
		u := org.Unit{ID: mail.NewID(), Parent: below, Kind: mail.Department, Label: org.Label{Name: "E"}, FactorFrom: from}
		tree.PutUnit(u)
		return u.ID
	}
	social := unit(mail.RootUnit, day(10))
	child, other := unit(social, day(20)), unit(mail.RootUnit, day(5))
	anna, nobody := mail.NewID(), mail.NewID()
	tree.PutPerson(org.Person{ID: anna, Address: "anna@kommun.example"})
	tree.PutPerson(org.Person{ID: nobody, Address: "nobody@kommun.example"})
	t.Run("who is in no unit that says so need not have one", func(t *testing.T) {
		if _, ok := tree.FactorFrom(nobody); ok {
			t.Error("must")
		}
	})
	for _, c := range []struct {
		say  string
		do   func()
		want time.Time
	}{
		{"a unit above the home counts, if it is earlier", func() { tree.Place(anna, child, true) }, day(10)},
		{"so does one of which somebody is a member", func() { tree.Place(anna, other, false) }, day(5)},
		{"and no more once they have left it", func() { tree.Unplace(anna, other) }, day(10)},
	} {
		t.Run(c.say, func(t *testing.T) {
			c.do()
			if from, ok := tree.FactorFrom(anna); !ok || !from.Equal(c.want) {
				t.Errorf("%v %v", from, ok)
			}
		})
	}
}
