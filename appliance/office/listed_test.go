package office_test

import (
	"fmt"
	"strings"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

func TestContactLists(t *testing.T) {
	h := newHouseOf(t)
	lind := mail.ListedColumns{Name: "Advokat Lind", Address: "lind@advokat.example", Phone: "+46701112233"}
	id, err := h.AddListed(ctx, h.actor["karin"], h.unit["Social"], lind)
	fine(t, err)
	names := func(list []office.Contact) string {
		var s []string
		for _, c := range list {
			s = append(s, c.Name)
		}
		return strings.Join(s, ", ")
	}
	finds := func(who, text string) string {
		t.Helper()
		list, _, err := h.FindContacts(ctx, h.id(who), text, 20)
		fine(t, err)
		return names(list)
	}
	t.Run("only who organises a unit sees and changes its list as such", func(t *testing.T) {
		for _, who := range []string{"maria", "olle"} {
			_, err := h.ListedIn(ctx, h.actor[who], h.unit["Social"])
			want(t, err, mail.Absent)
			_, err = h.AddListed(ctx, h.actor[who], h.unit["Social"], lind)
			want(t, err, mail.Absent)
			want(t, h.ChangeListed(ctx, h.actor[who], h.unit["Social"], id, lind), mail.Absent)
			want(t, h.RemoveListed(ctx, h.actor[who], h.unit["Social"], id), mail.Absent)
		}
	})
	t.Run("an entry is changed and taken out by way of its own unit alone", func(t *testing.T) {
		want(t, h.ChangeListed(ctx, h.actor["it"], h.unit["Bygg"], id, lind), mail.Absent)
		want(t, h.RemoveListed(ctx, h.actor["it"], h.unit["Bygg"], id), mail.Absent)
	})
	t.Run("who is of the house, stands there already, or cannot be read is not added", func(t *testing.T) {
		for _, c := range []mail.ListedColumns{
			{Address: "x@kommun.example"}, {Address: "LIND@advokat.example"}, {Address: "a@b.example", Name: "=1+1"},
			{Address: "a@b.example", Name: strings.Repeat("x", org.MaxName+1)}, {Address: "a@b.example", Name: "a\nb"},
		} {
			_, err := h.AddListed(ctx, h.actor["karin"], h.unit["Social"], c)
			want(t, err, mail.Invalid)
		}
		_, err := h.AddListed(ctx, h.actor["it"], h.unit[""], lind)
		fine(t, err)
		list, err := h.ListedIn(ctx, h.actor["it"], h.unit[""])
		fine(t, err)
		fine(t, h.RemoveListed(ctx, h.actor["it"], h.unit[""], list[0].ID))
	})
	t.Run("people below find it, those beside do not; nor can they name it", func(t *testing.T) {
		if got := finds("maria", "lind"); got != "Advokat Lind" {
			t.Errorf("%q", got)
		}
		if got := finds("olle", "lind"); got != "" {
			t.Errorf("%q", got)
		}
		for who, n := range map[string]int{"maria": 2, "olle": 1} {
			got, err := h.ContactsOf(ctx, h.id(who), []mail.ID{id, h.id("nils"), mail.NewID()})
			fine(t, err)
			if len(got) != n {
				t.Errorf("%s: %s", who, names(got))
			}
		}
		for who, in := range map[string]bool{"maria": true, "olle": false} {
			out, err := h.OutOfContacts(ctx, h.id(who), []mail.Address{"Lind@Advokat.example", "ingen@advokat.example"})
			fine(t, err)
			if _, lacks := out["lind@advokat.example"]; lacks == in || len(out) == 2 != lacks {
				t.Errorf("%s: %v", who, out)
			}
		}
	})
	t.Run("the page of a unit has its list and those above, and says what is below", func(t *testing.T) {
		c, err := h.ContactList(ctx, h.id("maria"), mail.ID{}, 0, 10)
		fine(t, err)
		if len(c.Path) != 3 || c.All != 2 || names(c.Outside) != "Advokat Lind" || c.Outside[0].Phone != lind.Phone {
			t.Errorf("%+v", c)
		}
		c, err = h.ContactList(ctx, h.id("maria"), h.unit[""], 0, 10)
		fine(t, err)
		if len(c.Below) != 2 || len(c.Outside) != 0 {
			t.Errorf("%+v", c)
		}
		_, err = h.ContactList(ctx, h.id("maria"), mail.NewID(), 0, 10)
		want(t, err, mail.Absent)
	})
	t.Run("a unit that nobody may find is not there for others, and its name is not told", func(t *testing.T) {
		u := org.Unit{ID: h.unit["Bygg"], Kind: mail.Department, Label: org.Label{Name: "Bygg"}, PaysSMS: true, Listing: mail.ListedNowhere}
		fine(t, h.ChangeUnit(ctx, system, u))
		_, err := h.ContactList(ctx, h.id("maria"), h.unit["Bygg"], 0, 10)
		want(t, err, mail.Absent)
		c, err := h.ContactList(ctx, h.id("maria"), h.unit[""], 0, 10)
		fine(t, err)
		if len(c.Below) != 1 || finds("maria", "olle") != "" {
			t.Errorf("%+v", c.Below)
		}
	})
	t.Run("who organises a branch shows no more of it than the unit above lets them", func(t *testing.T) {
		fine(t, h.Appoint(ctx, system, h.id("maria"), h.unit["Barn"]))
		listed := func(who, unit string, kind mail.UnitKind, l mail.Listing) error {
			return h.ChangeUnit(ctx, h.actor[who], org.Unit{ID: h.unit[unit], Kind: kind, Label: org.Label{Name: unit}, PaysSMS: true, Listing: l})
		}
		fine(t, listed("maria", "Barn", mail.Department, mail.ListedBranch))
		fine(t, listed("maria", "Barn", mail.Department, mail.ListedHouse)) // the house is what holds above
		fine(t, listed("karin", "Social", mail.Department, mail.ListedBranch))
		fine(t, listed("maria", "Barn", mail.Department, mail.ListedNowhere))
		want(t, listed("maria", "Barn", mail.Department, mail.ListedHouse), mail.Invalid)
		fine(t, listed("karin", "Barn", mail.Department, mail.ListedHouse))

		h.add("Ombud", "Barn", mail.Group)
		want(t, listed("karin", "Ombud", mail.Group, mail.ListedHouse), mail.Invalid)
		fine(t, listed("maria", "Ombud", mail.Group, mail.ListedBranch))
		fine(t, h.Appoint(ctx, system, h.id("olle"), h.unit["Ombud"]))
		fine(t, listed("olle", "Ombud", mail.Group, mail.ListedAbove))
		want(t, listed("olle", "Ombud", mail.Group, mail.ListedBranch), mail.Invalid)
		fine(t, listed("it", "Ombud", mail.Group, mail.ListedHouse))
		_, err := h.AddUnit(ctx, h.actor["karin"], org.Unit{Parent: h.unit["Barn"], Kind: mail.Group, Label: org.Label{Name: "Fler"}, Listing: mail.ListedHouse})
		want(t, err, mail.Invalid)
	})
	t.Run("a unit with a list cannot be removed, and the next process finds all as it was", func(t *testing.T) {
		h.add("Tom", "Social", mail.Department)
		e, err := h.AddListed(ctx, system, h.unit["Tom"], mail.ListedColumns{Address: "x@b.example"})
		fine(t, err)
		want(t, h.RemoveUnit(ctx, system, h.unit["Tom"]), mail.Invalid)
		list, err := h.another().ListedIn(ctx, system, h.unit["Tom"])
		fine(t, err)
		if names(list) != "x@b.example" {
			t.Error(names(list))
		}
		fine(t, h.RemoveListed(ctx, system, h.unit["Tom"], e))
		fine(t, h.RemoveUnit(ctx, system, h.unit["Tom"]))
	})
	t.Run("a search gives so many and says that there are more", func(t *testing.T) {
		for i := range 5 {
			_, err := h.AddListed(ctx, system, h.unit[""], mail.ListedColumns{Name: fmt.Sprintf("Tolk %d", i), Address: mail.Address(fmt.Sprintf("t%d@tolk.example", i))})
			fine(t, err)
		}
		list, more, err := h.FindContacts(ctx, h.id("maria"), "TOLK", 3)
		fine(t, err)
		if names(list) != "Tolk 0, Tolk 1, Tolk 2" || !more {
			t.Error(names(list), more)
		}
	})
}
