package org_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

func ours(host string) bool {
	return host == "kommun.example" || strings.HasSuffix(host, ".kommun.example")
}

var rules = org.BrandRules{Ours: ours, Languages: []string{"sv", "en"}}

func TestBrandRules(t *testing.T) {
	fault := func(b mail.Brand) string {
		_, faults := rules.Clean(b)
		for field, err := range faults {
			var e *mail.Error
			if !errors.As(err, &e) || e.Kind != mail.Invalid {
				t.Fatalf("%s: %v", field, err)
			}
			return field + " " + e.Say
		}
		return ""
	}
	t.Run("what people write of themselves is taken", func(t *testing.T) {
		for _, s := range []string{
			"", "Stöd & omsorg", "Bygg- och miljöförvaltningen", "Vi svarar t.ex. mellan 9 och 11, m.fl.", "Läs mer på stod.kommun.example/brev.",
			"Skriv till stod@kommun.example", "Öppet kl. 9.30–11.45", "Ring 0123-45 67 89.", "Version 2.0 av brevet", "o.s.v.",
		} {
			if f := fault(mail.Brand{Footer: s}); f != "" {
				t.Errorf("%q: %s", s, f)
			}
		}
		for _, web := range []string{"kommun.example", "https://stod.kommun.example/brev/"} {
			if f := fault(mail.Brand{Web: web}); f != "" {
				t.Errorf("%q: %s", web, f)
			}
		}
	})
	t.Run("what a mail program would make a way to somebody else is not", func(t *testing.T) {
		for _, s := range []string{
			"ond.example", "Gå till www.ond.example nu", "https://ond.example/kommun.example", "kommun.example.ond.example", "ondkommun.example", "a@ond.example",
			"ond。example", "http://192.0.2.1/", "192.0.2.1", "ftp://x", "xn--ond-kma.xn--p1ai", "t.co", "OND.EXAMPLE",
		} {
			if f := fault(mail.Brand{Footer: s}); f != "footer error.brand.address" {
				t.Errorf("%q: %q", s, f)
			}
		}
		for _, web := range []string{"ond.example", "kommun.example@ond.example", "kommun.example:8080", "kommun.example/?q=1", "kommun.example/#x", "javascript:alert(1)", "kommun.example\\@ond.example", "//ond.example"} {
			if f := fault(mail.Brand{Web: web}); f != "web error.brand.web" {
				t.Errorf("%q: %q", web, f)
			}
		}
	})
	t.Run("a sender that would begin a line, or hide one, is not", func(t *testing.T) {
		for _, s := range []string{"a\nb", "a\rb", "a\x00b", "a\u2028b", "a\u202eb", "a\u200bb", "\xff", strings.Repeat("å", org.MaxSender+1)} {
			if f := fault(mail.Brand{Sender: s}); f != "sender error.brand.long" {
				t.Errorf("%q: %q", s, f)
			}
		}
	})
	t.Run("texts are kept of the notices and languages that there are, without those that are empty", func(t *testing.T) {
		b, _ := rules.Clean(mail.Brand{Extra: map[string]string{"letter.sv": " Hej \n du ", "letter.xx": "x", "closed.sv": "x", "pin.sv": "x", "letter.en": " "}})
		if len(b.Extra) != 1 || b.Extra["letter.sv"] != "Hej du" {
			t.Errorf("%v", b.Extra)
		}
	})
}

func TestLook(t *testing.T) {
	w := newTown(t)
	w.SetBase(mail.Brand{Name: "Kommunen", Sender: "Säker post", Phone: "0123"})
	add := func(name string, below org.ID) org.ID {
		id := mail.NewID()
		w.PutUnit(org.Unit{ID: id, Parent: below, Kind: mail.Department, Label: org.Label{Name: name}})
		return id
	}
	social := add("Social", mail.RootUnit)
	bistand, bygg := add("Bistånd", social), add("Bygg", mail.RootUnit)
	look := func(id org.ID, sign, main, phone string) {
		t.Helper()
		if l := w.Look(id); l.Sign() != sign || l.Main != main || l.Phone != phone || l.House != "Kommunen" {
			t.Errorf("%q %q %q %q", l.Sign(), l.Main, l.Phone, l.House)
		}
	}
	t.Run("a unit that says nothing shows what the one above does, up to the configuration", func(t *testing.T) {
		look(bistand, "Säker post, Kommunen", "", "0123")
		w.PutBrand(mail.RootUnit, mail.Brand{Phone: "0456"})
		look(bistand, "Säker post, Kommunen", "", "0456")
	})
	t.Run("each field by itself; a name of its own is its sender, too", func(t *testing.T) {
		w.PutBrand(social, mail.Brand{Name: "Stöd", Main: "#000001"})
		w.PutBrand(bistand, mail.Brand{Sender: "Bistånd"})
		look(social, "Stöd, Kommunen", "#000001", "0456")
		look(bistand, "Bistånd, Kommunen", "#000001", "0456")
		look(bygg, "Säker post, Kommunen", "", "0456")
		if _, from := w.Above(bistand); from["main"].ID != social || from["phone"].ID != mail.RootUnit {
			t.Errorf("%v", from)
		}
	})
	t.Run("to strangers the house is not one of its departments", func(t *testing.T) {
		if s := w.LookOfHouse().Sign(); s != "Kommunen" {
			t.Error(s)
		}
	})
	t.Run("outsiders show the organisation alone, and have no text of a department's", func(t *testing.T) {
		group := w.unit("Ombud", "Social", mail.Group)
		w.PutBrand(w.id["Social"], mail.Brand{Name: "Stöd", Main: "#000001"})
		look(w.id["Barn"], "Stöd, Kommunen", "#000001", "0456")
		look(group, "Kommunen", "", "0456")
		units := func(name string) (names []string) {
			for _, u := range w.Units(org.Writer{Person: w.id[name]}) {
				names = append(names, u.Name)
			}
			return names
		}
		w.person("Advokat", "Ombud")
		if out, in := units("Advokat"), units("Johan"); !slices.Equal(out, []string{"Ombud"}) || !slices.Equal(in, []string{"Barn", "Social", "Exempelkommun"}) {
			t.Error(out, in)
		}
	})
	t.Run("below a unit that is hidden nothing of a unit is shown, whatever it says", func(t *testing.T) {
		w.PutBrand(social, mail.Brand{Name: "Stöd", Main: "#000001", HouseOnly: true})
		for _, id := range []org.ID{social, bistand} {
			look(id, "Kommunen", "", "0456")
		}
		look(bygg, "Säker post, Kommunen", "", "0456")
	})
	t.Run("nor is anything of the units between it and the organisation", func(t *testing.T) {
		w.PutBrand(social, mail.Brand{Name: "Stöd", Main: "#000001", Phone: "0789", Footer: "Stöd", Logo: mail.Logo{Type: "image/png", Data: []byte{1}}, Extra: map[string]string{"letter.sv": "Vi stöder."}})
		w.PutBrand(bistand, mail.Brand{HouseOnly: true})
		look(bistand, "Kommunen", "", "0456")
		if l := w.Look(bistand); l.Name != "Kommunen" || l.Footer != "" || !l.Logo.IsZero() || l.Says(mail.NoticeLetter, "sv") != "" {
			t.Errorf("%q %q %v", l.Name, l.Footer, l.Extra)
		}
		if l, _ := w.Above(bistand); l.Name != "Stöd" {
			t.Errorf("who organises it is to see what would be shown otherwise: %q", l.Name)
		}
	})
	t.Run("what is taken back, and what is gone, shows nothing", func(t *testing.T) {
		w.PutBrand(social, mail.Brand{})
		w.DropUnit(bistand)
		look(social, "Säker post, Kommunen", "", "0456")
		look(bistand, "Säker post, Kommunen", "", "0456")
	})
}
