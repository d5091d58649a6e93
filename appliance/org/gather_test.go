package org_test

import (
	"strings"
	"testing"

	"sigill/appliance/org"
)

func TestGathering(t *testing.T) {
	g := org.NewGathering()
	t.Run("a row is what it says, and a name of a unit may hold what separates in a table", func(t *testing.T) {
		if !g.Add(1, " anna@kommun.example ", " Anna Ås", []string{"Vård/omsorg", " Norr "}, "5121 ") {
			t.Fatal("no row")
		}
		rows, _ := g.Done()
		if r := rows[0]; r.Address != "anna@kommun.example" || r.Name != "Anna Ås" || strings.Join(r.Path, "|") != "Vård/omsorg|Norr" || r.CostCentre != "5121" || r.Line != 1 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("it is held against the rules of a table", func(t *testing.T) {
		deep := strings.Split(strings.Repeat("x", org.MaxDepth), "")
		for n, bad := range []struct {
			address, name string
			units         []string
			say           string
		}{
			{"ANNA@kommun.example", "", nil, "error.table.again"},
			{"anna", "", nil, "error.table.address"},
			{"", "Utan", nil, "error.table.address"},
			{"a@kommun.example", "=cmd|x", nil, "error.table.formula"},
			{"a@kommun.example", "A", []string{"+x"}, "error.table.formula"},
			{"a@kommun.example", "A", []string{"  "}, "error.table.unit"},
			{"a@kommun.example", "A", deep, "error.table.unit"},
			{"a@kommun.example", strings.Repeat("ö", org.MaxName+1), nil, "error.table.name"},
		} {
			if g.Add(n+2, bad.address, bad.name, bad.units, "") {
				t.Errorf("%d is a row", n)
			}
			_, report := g.Done()
			if p := report.Problems[len(report.Problems)-1]; p.Say != bad.say || p.Line != n+2 {
				t.Errorf("%d: %+v, want %s", n, p, bad.say)
			}
		}
		if rows, _ := g.Done(); len(rows) != 1 {
			t.Errorf("%d rows", len(rows))
		}
	})
}
