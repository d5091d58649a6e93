package office_test

import (
	"strings"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

func TestTemplates(t *testing.T) {
	h := newHouseOf(t)
	of := func(who string) org.Writer { return org.Writer{Person: h.id(who)} }
	text := mail.TemplateColumns{Name: "Kallelse", Subject: "Kallelse till möte", Text: "Hej,\r\n\r\nvälkommen.  \n"}
	id, err := h.AddTemplate(ctx, h.actor["karin"], h.unit["Social"], text)
	fine(t, err)
	names := func(who string) string {
		t.Helper()
		list, err := h.TemplatesFor(ctx, of(who))
		fine(t, err)
		var s []string
		for _, x := range list {
			s = append(s, x.Name)
		}
		return strings.Join(s, ", ")
	}
	t.Run("only who organises a unit sees and changes its templates as such", func(t *testing.T) {
		for _, who := range []string{"maria", "olle"} {
			_, err := h.Templates(ctx, h.actor[who], h.unit["Social"])
			want(t, err, mail.Absent)
			_, err = h.AddTemplate(ctx, h.actor[who], h.unit["Social"], text)
			want(t, err, mail.Absent)
			want(t, h.ChangeTemplate(ctx, h.actor[who], h.unit["Social"], id, text), mail.Absent)
			want(t, h.RemoveTemplate(ctx, h.actor[who], h.unit["Social"], id), mail.Absent)
			_, err = h.UnitSignature(ctx, h.actor[who], h.unit["Social"])
			want(t, err, mail.Absent)
			want(t, h.SetUnitSignature(ctx, h.actor[who], h.unit["Social"], "Hej"), mail.Absent)
		}
		want(t, h.ChangeTemplate(ctx, h.actor["it"], h.unit["Bygg"], id, text), mail.Absent)
		want(t, h.RemoveTemplate(ctx, h.actor["it"], h.unit["Bygg"], id), mail.Absent)
	})
	t.Run("what has no name, says nothing, or cannot be read is refused", func(t *testing.T) {
		for _, c := range []mail.TemplateColumns{
			{}, {Name: " ", Text: "x"}, {Name: "Tom", Text: " \n "}, {Name: "a\nb", Text: "x"}, {Name: "x", Text: "a\x00b"}, {Name: "x", Text: "\xff"}, {Name: "x", Subject: "a\nb"},
			{Name: strings.Repeat("x", org.MaxName+1), Text: "x"}, {Name: "x", Text: strings.Repeat("å", org.MaxTemplate+1)}, {Name: "x", Subject: strings.Repeat("å", org.MaxSubject+1)},
		} {
			_, err := h.AddTemplate(ctx, h.actor["karin"], h.unit["Social"], c)
			want(t, err, mail.Invalid)
		}
		want(t, h.SetUnitSignature(ctx, h.actor["karin"], h.unit["Social"], strings.Repeat("å", org.MaxSignature+1)), mail.Invalid)
		want(t, h.SetOwnSignature(ctx, h.id("maria"), "a\x1bb"), mail.Invalid)
	})
	t.Run("people below begin with it, those beside cannot, nor name it", func(t *testing.T) {
		got, err := h.TemplateFor(ctx, of("maria"), id)
		fine(t, err)
		if got.Text != "Hej,\n\nvälkommen." || got.Unit.ID != h.unit["Social"] {
			t.Errorf("%+v", got)
		}
		_, err = h.TemplateFor(ctx, of("olle"), id)
		want(t, err, mail.Absent)
		_, err = h.TemplateFor(ctx, of("maria"), mail.NewID())
		want(t, err, mail.Absent)
		if names("maria") != "Kallelse" || names("olle") != "" {
			t.Errorf("%q, %q", names("maria"), names("olle"))
		}
	})
	t.Run("the nearest stand first, and one that is removed is gone", func(t *testing.T) {
		house, err := h.AddTemplate(ctx, h.actor["it"], h.unit[""], mail.TemplateColumns{Name: "Allmän", Text: "Hej."})
		fine(t, err)
		if names("maria") != "Kallelse, Allmän" || names("olle") != "Allmän" {
			t.Errorf("%q, %q", names("maria"), names("olle"))
		}
		fine(t, h.RemoveTemplate(ctx, h.actor["it"], h.unit[""], house))
		if names("olle") != "" {
			t.Errorf("%q", names("olle"))
		}
	})
	t.Run("below letters stands the own signature, else the nearest unit's", func(t *testing.T) {
		below := func(who string) string {
			t.Helper()
			s, err := h.SignatureFor(ctx, of(who))
			fine(t, err)
			return s
		}
		is := func(who, s string) {
			t.Helper()
			if got := below(who); got != s {
				t.Errorf("%s: %q, not %q", who, got, s)
			}
		}
		is("maria", "")
		fine(t, h.SetUnitSignature(ctx, h.actor["it"], h.unit[""], "Kommunen"))
		fine(t, h.SetUnitSignature(ctx, h.actor["karin"], h.unit["Social"], "Socialtjänsten\r\n0123-45 67 89\n"))
		is("olle", "Kommunen")
		is("maria", "Socialtjänsten\n0123-45 67 89")
		fine(t, h.SetOwnSignature(ctx, h.id("maria"), "Maria Ek"))
		is("maria", "Maria Ek")
		fine(t, h.SetOwnSignature(ctx, h.id("maria"), " "))
		fine(t, h.SetUnitSignature(ctx, h.actor["karin"], h.unit["Social"], ""))
		is("maria", "Kommunen")
	})
	t.Run("a unit has so many, and they go with it", func(t *testing.T) {
		unit, err := h.AddUnit(ctx, h.actor["karin"], org.Unit{Parent: h.unit["Social"], Kind: mail.Department, Label: org.Label{Name: "Kort"}})
		fine(t, err)
		for range 100 {
			_, err := h.AddTemplate(ctx, h.actor["karin"], unit, text)
			fine(t, err)
		}
		_, err = h.AddTemplate(ctx, h.actor["karin"], unit, text)
		want(t, err, mail.Invalid)
		fine(t, h.SetUnitSignature(ctx, h.actor["karin"], unit, "Kort"))
		fine(t, h.RemoveUnit(ctx, h.actor["karin"], unit))
		s, err := h.OwnSignature(ctx, unit)
		if err != nil || s != "" {
			t.Errorf("%q, %v", s, err)
		}
	})
}
