package office_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
	"sigill/appliance/vault"
)

var system = mail.Actor{Kind: mail.ActorSystem}

// houseOf is a town with departments and people, who act.
type houseOf struct {
	*town
	unit  map[string]mail.ID
	actor map[string]mail.Actor
}

func newHouseOf(t *testing.T) *houseOf {
	t.Helper()
	h := &houseOf{newTown(t), map[string]mail.ID{"": mail.RootUnit}, map[string]mail.Actor{"system": system}}
	for _, u := range []struct{ name, below string }{{"Social", ""}, {"Barn", "Social"}, {"Bygg", ""}} {
		h.add(u.name, u.below, mail.Department)
	}
	for _, p := range []struct{ name, unit string }{{"karin", "Social"}, {"maria", "Barn"}, {"olle", "Bygg"}, {"nils", "Barn"}, {"it", ""}} {
		id, err := h.AddPerson(ctx, system, h.unit[p.unit], newcomer(p.name))
		fine(t, err)
		h.actor[p.name] = mail.Actor{Kind: mail.ActorPerson, ID: id}
	}
	fine(t, h.Appoint(ctx, system, h.id("karin"), h.unit["Social"]))
	fine(t, h.SetRoles(ctx, system, h.id("it"), mail.RoleAdmin))
	return h
}

func (h *houseOf) id(name string) mail.ID { return h.actor[name].ID }

// hasFactor gives a person a second factor.
func (h *houseOf) hasFactor(id mail.ID) {
	h.t.Helper()
	var p mail.Person
	h.view(func(tx *vault.ReadTx) (err error) { p, err = tx.Person(id); return err })
	fine(h.t, h.sets(p, access.NewTOTPKey(), 100, "+46701234567"))
}

func (h *houseOf) add(name, below string, kind mail.UnitKind) mail.ID {
	h.t.Helper()
	id, err := h.AddUnit(ctx, system, org.Unit{Parent: h.unit[below], Kind: kind, Label: org.Label{Name: name, CostCentre: "5100"}})
	fine(h.t, err)
	h.unit[name] = id
	return id
}

func newcomer(name string) office.NewPerson {
	return office.NewPerson{Profile: mail.Profile{Address: mail.Address(name + "@kommun.example"), Name: strings.ToUpper(name[:1]) + name[1:], Lang: "sv"}}
}

// picture is the whole organisation as text: two that are alike are the same one.
func picture(o *office.Office) (s string) {
	o.Tree(func(t *org.Tree) {
		for _, n := range t.Branch(mail.RootUnit) {
			s += fmt.Sprintf("%s%s %s %d %v\n", strings.Repeat(" ", n.Depth), n.Name, n.CostCentre, n.Kind, n.PaysSMS)
			list, _ := t.People(org.Seek{Units: []mail.ID{n.ID}, N: 1000})
			for _, l := range list {
				s += fmt.Sprintf("%s - %s %s %v %d %v\n", strings.Repeat(" ", n.Depth), l.Name, l.Address, l.Active, t.Roles(l.ID), l.Home)
			}
			for _, p := range t.Organisers(n.ID) {
				s += fmt.Sprintf("%s * %s\n", strings.Repeat(" ", n.Depth), p.Title())
			}
		}
	})
	return s
}

func TestOrganisation(t *testing.T) {
	t.Run("what was done stands after the next start", func(t *testing.T) {
		h := newHouseOf(t)
		fine(t, h.MoveUnit(ctx, system, h.unit["Barn"], h.unit["Bygg"]))
		fine(t, h.ChangeUnit(ctx, system, org.Unit{ID: mail.RootUnit, Kind: mail.Department, Label: org.Label{Name: "Nya kommunen"}, PaysSMS: true}))
		fine(t, h.Place(ctx, system, h.id("maria"), h.unit["Social"], true))
		fine(t, h.Place(ctx, system, h.id("olle"), h.unit["Barn"], false))
		fine(t, h.SetName(ctx, system, h.id("olle"), " Olle Ek "))
		before := picture(h.Office)
		if after := picture(h.another()); after != before || !strings.Contains(before, "Olle Ek") || !strings.HasPrefix(before, "Nya kommunen") {
			t.Errorf("%s\nthen\n%s", before, after)
		}
	})
	t.Run("a house that says nothing of itself is called as the configuration says", func(t *testing.T) {
		if s := picture(newTown(t).Office); !strings.HasPrefix(s, "Exempelkommun ") {
			t.Error(s)
		}
	})
	t.Run("nothing of a name stands in clear in the rows", func(t *testing.T) {
		h := newHouseOf(t)
		h.view(func(tx *vault.ReadTx) error {
			list, err := tx.Units()
			for _, u := range list {
				if strings.Contains(string(u.Columns), "Social") || strings.Contains(string(u.Columns), "5100") {
					t.Error("in clear")
				}
			}
			return err
		})
	})
	t.Run("if the store refuses, nothing has happened", func(t *testing.T) {
		h := newHouseOf(t)
		before := picture(h.Office)
		h.store.inside = errors.New("disk")
		for name, err := range map[string]error{
			"add":     failed(h.AddUnit(ctx, system, org.Unit{Parent: mail.RootUnit, Kind: mail.Department, Label: org.Label{Name: "x"}})),
			"move":    h.MoveUnit(ctx, system, h.unit["Barn"], mail.RootUnit),
			"place":   h.Place(ctx, system, h.id("maria"), h.unit["Bygg"], true),
			"appoint": h.Appoint(ctx, system, h.id("maria"), h.unit["Bygg"]),
			"roles":   h.SetRoles(ctx, system, h.id("maria"), mail.RoleAuditor),
			"person":  failed(h.AddPerson(ctx, system, mail.RootUnit, newcomer("ny"))),
		} {
			if err == nil {
				t.Error(name)
			}
		}
		h.store.inside = nil
		if after := picture(h.Office); after != before {
			t.Errorf("%s\nthen\n%s", before, after)
		}
	})
	t.Run("each act is in the journal, with who did it and to whom", func(t *testing.T) {
		h := newHouseOf(t)
		fine(t, h.Place(ctx, h.actor["karin"], h.id("maria"), h.unit["Social"], true))
		fine(t, h.Place(ctx, h.actor["karin"], h.id("maria"), h.unit["Barn"], true))
		fine(t, h.Place(ctx, h.actor["it"], h.id("maria"), h.unit["Barn"], true))
		h.view(func(tx *vault.ReadTx) error {
			list, err := tx.JournalSince(0, 1000)
			var placed []journal.Entry
			for _, e := range list {
				if e.Kind == journal.Placed {
					placed = append(placed, e)
				}
			}
			if len(placed) != 3 {
				t.Fatalf("%d", len(placed))
			}
			a, b, c := placed[0], placed[1], placed[2]
			if a.Who != b.Who || a.Who == c.Who || a.Who == [32]byte{} || a.Holder != h.id("maria") || a.Detail != h.unit["Social"].String() || a.Actor != mail.ActorPerson {
				t.Errorf("%+v", placed)
			}
			return err
		})
	})
}

// failed is the error of an act that returns something beside it.
func failed[T any](_ T, err error) error { return err }

func TestOrganisersRights(t *testing.T) {
	h := newHouseOf(t)
	group := h.add("Ombud", "Social", mail.Group)
	acts := map[string]func(by mail.Actor) error{
		"add a unit": func(by mail.Actor) error {
			return failed(h.AddUnit(ctx, by, org.Unit{Parent: h.unit["Social"], Kind: mail.Department, Label: org.Label{Name: "x"}}))
		},
		"change a unit": func(by mail.Actor) error {
			return h.ChangeUnit(ctx, by, org.Unit{ID: group, Kind: mail.Group, Label: org.Label{Name: "Ombud"}})
		},
		"move a unit": func(by mail.Actor) error { return h.MoveUnit(ctx, by, h.unit["Barn"], h.unit["Social"]) },
		"add a person": func(by mail.Actor) error {
			return failed(h.AddPerson(ctx, by, h.unit["Barn"], newcomer("n"+mail.NewID().String())))
		},
		"place a member": func(by mail.Actor) error { return h.Place(ctx, by, h.id("olle"), h.unit["Barn"], false) },
		"move a home":    func(by mail.Actor) error { return h.Place(ctx, by, h.id("maria"), h.unit["Barn"], true) },
		"end membership": func(by mail.Actor) error {
			if err := h.Place(ctx, system, h.id("olle"), h.unit["Barn"], false); err != nil {
				return err
			}
			return h.Unplace(ctx, by, h.id("olle"), h.unit["Barn"])
		},
		"appoint": func(by mail.Actor) error { return h.Appoint(ctx, by, h.id("nils"), h.unit["Barn"]) },
		"dismiss": func(by mail.Actor) error {
			if err := h.Appoint(ctx, system, h.id("nils"), h.unit["Barn"]); err != nil {
				return err
			}
			return h.Dismiss(ctx, by, h.id("nils"), h.unit["Barn"])
		},
		"name":         func(by mail.Actor) error { return h.SetName(ctx, by, h.id("maria"), "Maria Ek") },
		"invite again": func(by mail.Actor) error { return h.InviteAgain(ctx, by, h.id("maria")) },
		"remove a unit": func(by mail.Actor) error {
			id := h.add("tom", "Social", mail.Department)
			return h.RemoveUnit(ctx, by, id)
		},
	}
	for name, act := range acts {
		t.Run("organisers of the branch and administrators may, and to everybody else it looks as if there were nothing: "+name, func(t *testing.T) {
			for _, by := range []string{"karin", "it"} {
				fine(t, act(h.actor[by]))
			}
			before := picture(h.Office)
			for _, by := range []string{"maria", "olle"} {
				want(t, act(h.actor[by]), mail.Absent)
			}
			want(t, act(mail.Actor{}), mail.Absent)
			if name != "remove a unit" && name != "end membership" && name != "dismiss" && picture(h.Office) != before {
				t.Error("something has happened")
			}
		})
	}
	t.Run("what lies outside of the branch cannot be taken into it", func(t *testing.T) {
		karin := h.actor["karin"]
		want(t, h.Place(ctx, karin, h.id("olle"), h.unit["Barn"], true), mail.Absent)
		want(t, h.MoveUnit(ctx, karin, h.unit["Bygg"], h.unit["Social"]), mail.Absent)
		want(t, h.MoveUnit(ctx, karin, h.unit["Barn"], h.unit["Bygg"]), mail.Absent)
		want(t, h.MoveUnit(ctx, karin, h.unit["Social"], h.unit["Bygg"]), mail.Absent) // her own branch out of another's
		want(t, h.RemoveUnit(ctx, karin, h.unit["Social"]), mail.Absent)
		want(t, h.Appoint(ctx, karin, h.id("karin"), mail.RootUnit), mail.Absent)
		want(t, h.SetRoles(ctx, karin, h.id("karin"), mail.RoleAdmin), mail.Absent)
		want(t, h.SetName(ctx, karin, h.id("it"), "x"), mail.Absent)
	})
	t.Run("an organiser of the whole house does not reach its administrators", func(t *testing.T) {
		fine(t, h.Appoint(ctx, system, h.id("karin"), mail.RootUnit))
		want(t, h.InviteAgain(ctx, h.actor["karin"], h.id("it")), mail.Absent)
		want(t, h.Place(ctx, h.actor["karin"], h.id("it"), h.unit["Barn"], true), mail.Absent)
		fine(t, h.Dismiss(ctx, system, h.id("karin"), mail.RootUnit))
	})
	t.Run("a right that is taken back is gone at once", func(t *testing.T) {
		if h.Roles(h.id("karin")) != mail.RoleOrganiser {
			t.Error(h.Roles(h.id("karin")))
		}
		fine(t, h.Dismiss(ctx, h.actor["karin"], h.id("karin"), h.unit["Social"]))
		want(t, h.SetName(ctx, h.actor["karin"], h.id("maria"), "x"), mail.Absent)
		if h.Roles(h.id("karin")) != 0 {
			t.Error(h.Roles(h.id("karin")))
		}
	})
}

func TestMembers(t *testing.T) {
	t.Run("who is new is invited and at home in the unit, who is there becomes a member", func(t *testing.T) {
		h := newHouseOf(t)
		waiting := len(h.notices())
		id, err := h.AddPerson(ctx, system, h.unit["Barn"], newcomer("ny"))
		fine(t, err)
		same, err := h.AddPerson(ctx, system, h.unit["Bygg"], newcomer("ny"))
		fine(t, err)
		if same != id || len(h.notices()) != waiting+1 {
			t.Errorf("%d notices", len(h.notices())-waiting)
		}
		h.Tree(func(tr *org.Tree) {
			if tr.Home(id) != h.unit["Barn"] || len(tr.Places(id)) != 2 {
				t.Errorf("%+v", tr.Places(id))
			}
		})
	})
	t.Run("nobody is made an administrator by the way", func(t *testing.T) {
		h := newHouseOf(t)
		n := newcomer("ny")
		n.Roles = mail.RoleAdmin
		id, err := h.AddPerson(ctx, h.actor["karin"], h.unit["Barn"], n)
		if err != nil || h.Roles(id) != 0 {
			t.Error(err, h.Roles(id))
		}
	})
	t.Run("employees are at home in departments, and outsiders in groups", func(t *testing.T) {
		h := newHouseOf(t)
		group := h.add("Ombud", "Social", mail.Group)
		outside := office.NewPerson{Profile: mail.Profile{Address: "advokat@byra.example", Lang: "sv"}}
		_, err := h.AddPerson(ctx, system, h.unit["Barn"], outside)
		want(t, err, mail.Invalid)
		id, err := h.AddPerson(ctx, system, group, outside)
		fine(t, err)
		want(t, h.Place(ctx, system, id, h.unit["Barn"], true), mail.Invalid)
		want(t, h.Place(ctx, system, h.id("maria"), group, true), mail.Invalid)
		want(t, h.Appoint(ctx, system, id, h.unit["Barn"]), mail.Invalid)
		want(t, h.SetRoles(ctx, system, id, mail.RoleAuditor), mail.Invalid)
	})
	t.Run("outsiders are of the house for as long as their group lasts, and once they have a second factor", func(t *testing.T) {
		h := newHouseOf(t)
		now := h.clock.Now()
		u := org.Unit{ID: h.add("Ombud", "Social", mail.Group), Kind: mail.Group, Label: org.Label{Name: "Ombud"}, Starts: now.Add(time.Hour), Ends: now.Add(2 * time.Hour)}
		fine(t, h.ChangeUnit(ctx, system, u))
		const a = mail.Address("advokat@byra.example")
		id, err := h.AddPerson(ctx, system, u.ID, office.NewPerson{Profile: mail.Profile{Address: a, Lang: "sv"}})
		fine(t, err)
		resident := func() bool {
			_, ok, err := h.Resident(ctx, a, "")
			fine(t, err)
			return ok
		}
		h.clock.goes(time.Hour)
		if resident() || !h.MayWrite(id) {
			t.Error("an invitation mail alone would be enough to read their letters, or they may not write")
		}
		h.clock.goes(-time.Hour)
		code, secret := h.invitation(a)
		_, _, err = h.Activate(ctx, code, secret, "fyra gröna hästar")
		fine(t, err)
		h.hasFactor(id)
		for _, is := range []bool{false, true, false} {
			if resident() != is || h.MayWrite(id) != is {
				t.Error(is)
			}
			h.clock.goes(time.Hour)
		}
		if _, ok, _ := h.Resident(ctx, "other@byra.example", ""); ok || !h.MayWrite(h.id("maria")) || h.MayWrite(mail.NewID()) {
			t.Error("a stranger of the same domain, or not an employee")
		}
	})
	t.Run("outsiders can be taken out of their group, and employees out of their home only by moving", func(t *testing.T) {
		h := newHouseOf(t)
		group := h.add("Ombud", "Social", mail.Group)
		id, err := h.AddPerson(ctx, system, group, office.NewPerson{Profile: mail.Profile{Address: "advokat@byra.example"}})
		fine(t, err)
		fine(t, h.Unplace(ctx, h.actor["karin"], id, group))
		want(t, h.Unplace(ctx, system, h.id("maria"), h.unit["Barn"]), mail.Invalid)
		fine(t, h.RemoveUnit(ctx, h.actor["karin"], group))
		if picture(h.Office) != picture(h.another()) || h.MayWrite(id) {
			t.Error(picture(h.Office))
		}
	})
	t.Run("nobody from outside comes into a department by the way, and no employee is at home in a group", func(t *testing.T) {
		h := newHouseOf(t)
		group := h.add("Ombud", "Social", mail.Group)
		id, err := h.AddPerson(ctx, system, group, office.NewPerson{Profile: mail.Profile{Address: "advokat@byra.example"}})
		fine(t, err)
		_, err = h.AddPerson(ctx, system, h.unit["Bygg"], office.NewPerson{Profile: mail.Profile{Address: "advokat@byra.example"}})
		want(t, err, mail.Invalid)
		want(t, h.Place(ctx, system, id, h.unit["Bygg"], false), mail.Invalid)
		_, err = h.AddPerson(ctx, system, group, newcomer("ny"))
		want(t, err, mail.Invalid)
		fine(t, h.Place(ctx, system, h.id("maria"), group, false)) // as a member, to speak with them
	})
	t.Run("a name is cleaned, and one that no line can show is refused", func(t *testing.T) {
		h := newHouseOf(t)
		for _, name := range []string{"Stina\r\nBcc: x@example.se", "Stina\u202e", strings.Repeat("s", 200)} {
			n := newcomer("stina")
			n.Profile.Name = name
			_, err := h.AddPerson(ctx, system, h.unit["Barn"], n)
			want(t, err, mail.Invalid)
		}
	})
	t.Run("who was met by a letter at the same moment is placed all the same", func(t *testing.T) {
		h := newHouseOf(t)
		first := true
		h.store.reserve = func() error {
			if first {
				first = false
				_, _, err := h.Resident(ctx, "snabb@kommun.example", "")
				return err
			}
			return nil
		}
		id, err := h.AddPerson(ctx, system, h.unit["Barn"], newcomer("snabb"))
		fine(t, err)
		h.Tree(func(tr *org.Tree) {
			if len(tr.Places(id)) != 2 {
				t.Errorf("%+v", tr.Places(id))
			}
		})
	})
	t.Run("who organises a branch does not reach whoever organises it from above, nor who has a role in the house", func(t *testing.T) {
		h := newHouseOf(t)
		fine(t, h.Appoint(ctx, system, h.id("nils"), h.unit["Barn"]))
		fine(t, h.Place(ctx, system, h.id("karin"), h.unit["Barn"], true)) // who organises all of Social
		fine(t, h.SetRoles(ctx, system, h.id("maria"), mail.RoleAuditor))
		for _, name := range []string{"karin", "maria"} {
			want(t, h.InviteAgain(ctx, h.actor["nils"], h.id(name)), mail.Absent)
			want(t, h.SetName(ctx, h.actor["nils"], h.id(name), "x"), mail.Absent)
		}
		fine(t, h.SetName(ctx, h.actor["karin"], h.id("nils"), "Nils Ek"))
	})
	t.Run("an organiser appoints nobody whom they do not see, and is not told whether there is somebody", func(t *testing.T) {
		h := newHouseOf(t)
		want(t, h.Appoint(ctx, h.actor["karin"], h.id("olle"), h.unit["Barn"]), mail.Invalid)
		fine(t, h.Place(ctx, system, h.id("olle"), h.unit["Barn"], false))
		fine(t, h.Appoint(ctx, h.actor["karin"], h.id("olle"), h.unit["Barn"]))
	})
	t.Run("who comes in while somebody changes their name is here afterwards, in memory as on the disk", func(t *testing.T) {
		h := newHouseOf(t)
		code, secret := h.invitation("maria@kommun.example")
		var once sync.Once
		h.store.after = func() {
			once.Do(func() {
				h.store.after = nil
				_, _, err := h.Activate(ctx, code, secret, "fyra gröna hästar")
				fine(t, err)
			})
		}
		fine(t, h.SetName(ctx, system, h.id("maria"), "Maria Ny"))
		if a, b := picture(h.Office), picture(h.another()); a != b || !strings.Contains(a, "Maria Ny maria@kommun.example true") {
			t.Errorf("%s\nthen\n%s", a, b)
		}
	})
	t.Run("the last administrator who has been here stays one, and somebody else can take over", func(t *testing.T) {
		h := newHouseOf(t)
		code, secret := h.invitation("it@kommun.example")
		_, _, err := h.Activate(ctx, code, secret, "gammal-lykta-vid-kajen")
		fine(t, err)
		want(t, h.SetRoles(ctx, h.actor["it"], h.id("it"), 0), mail.Invalid)
		fine(t, h.SetRoles(ctx, h.actor["it"], h.id("olle"), mail.RoleAdmin))
		want(t, h.SetRoles(ctx, h.actor["it"], h.id("it"), 0), mail.Invalid) // olle was never here
		code, secret = h.invitation("olle@kommun.example")
		_, _, err = h.Activate(ctx, code, secret, "ny-bro-over-gammal-a")
		fine(t, err)
		fine(t, h.SetRoles(ctx, h.actor["it"], h.id("it"), 0))
		want(t, h.SetRoles(ctx, h.actor["it"], h.id("it"), mail.RoleAdmin), mail.Absent)
	})
	t.Run("whoever gets another key keeps places and rights", func(t *testing.T) {
		h := newHouseOf(t)
		fine(t, h.Appoint(ctx, system, h.id("maria"), h.unit["Bygg"]))
		h.leaves(h.id("maria")) // only another key helps
		before := picture(h.Office)
		fine(t, h.InviteAgain(ctx, system, h.id("maria")))
		if picture(h.Office) != before || picture(h.another()) != before {
			t.Errorf("%s\nthen\n%s", before, picture(h.Office))
		}
		h.Tree(func(tr *org.Tree) {
			if p, _ := tr.PersonAt("maria@kommun.example"); p.ID == h.id("maria") || !tr.Organises(p.ID, h.unit["Bygg"]) {
				t.Error("the same row, or without rights")
			}
		})
	})
	t.Run("of many at once each is done whole, and what stands in memory stands on the disk", func(t *testing.T) {
		h := newHouseOf(t)
		units := []string{"", "Social", "Barn", "Bygg"}
		people := []string{"karin", "maria", "olle", "it"}
		var wait sync.WaitGroup
		for g := range 8 {
			wait.Go(func() {
				for i := range 25 {
					u, v, p := h.unit[units[(g+i)%4]], h.unit[units[(g*3+i/2)%4]], h.id(people[(g+i*3)%4])
					err := cmp.Or(
						h.MoveUnit(ctx, system, u, v),
						h.Place(ctx, system, p, u, i%2 == 0),
						h.Unplace(ctx, system, p, v),
						h.Appoint(ctx, system, p, u),
						h.Dismiss(ctx, system, p, v),
					)
					if err != nil && !slices.Contains([]mail.Kind{mail.Invalid, mail.Absent}, mail.KindOf(err)) {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		if a, b := picture(h.Office), picture(h.another()); a != b || strings.Count(a, "\n - ") == 0 {
			t.Errorf("%s\nthen\n%s", a, b)
		}
	})
}
