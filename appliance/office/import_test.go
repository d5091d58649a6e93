package office_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/vault"
)

// table is a table of n people in departments of five.
func table(n int) string {
	var b strings.Builder
	b.WriteString("e-post;namn;avdelning;kst\n")
	for i := range n {
		fmt.Fprintf(&b, "p%d@kommun.example;Person %d;Förvaltning %d/Enhet %d;%d\n", i, i, i/20, i/5, 1000+i/5)
	}
	return b.String()
}

func (h *houseOf) plan(by mail.Actor, unit, text string) (org.Plan, []org.Problem, error) {
	h.t.Helper()
	rows, problems, err := org.ReadTable(strings.NewReader(text))
	if err != nil || len(problems) > 0 {
		h.t.Fatal(problems, err)
	}
	return h.PlanImport(by, h.unit[unit], rows)
}

func TestImport(t *testing.T) {
	t.Run("a table becomes units and people, each invited and at home where it says", func(t *testing.T) {
		h := newHouseOf(t)
		before := len(h.notices())
		p, problems, err := h.plan(h.actor["karin"], "Social", table(60)+"maria@kommun.example;;Förvaltning 1\n")
		if err != nil || len(problems) > 0 || len(p.Units) != 15 || len(p.New) != 60 || len(p.Moved) != 1 {
			t.Fatalf("%d %d %d %v %v", len(p.Units), len(p.New), len(p.Moved), problems, err)
		}
		var done atomic.Int64
		fine(t, h.Import(ctx, h.actor["karin"], p, "sv", &done))
		if done.Load() != 76 || len(h.notices()) != before+60 {
			t.Errorf("%d done, %d invited", done.Load(), len(h.notices())-before)
		}
		if s := picture(h.Office); s != picture(h.another()) || strings.Count(s, "Person ") != 60 || !strings.Contains(s, "  Enhet 3 1003 1 true\n    - Person 15 ") {
			t.Error(s)
		}
		t.Run("and once more it is nothing", func(t *testing.T) {
			p, problems, err := h.plan(h.actor["karin"], "Social", table(60))
			if err != nil || len(problems) > 0 || len(p.Units)+len(p.New)+len(p.Moved) != 0 || p.Same != 60 {
				t.Errorf("%+v", p)
			}
		})
	})
	t.Run("who does not organise a place reads nothing into it, and takes nobody out of another's", func(t *testing.T) {
		h := newHouseOf(t)
		for _, unit := range []string{"", "Bygg"} {
			_, _, err := h.plan(h.actor["karin"], unit, table(1))
			want(t, err, mail.Absent)
		}
		_, problems, err := h.plan(h.actor["karin"], "Social", "e-post\nolle@kommun.example\nit@kommun.example\nmaria@kommun.example\n")
		if err != nil || len(problems) != 2 || problems[0].Say != "error.table.elsewhere" {
			t.Error(problems, err)
		}
	})
	t.Run("broken off, nobody is half made, and the same table goes on", func(t *testing.T) {
		h := newHouseOf(t)
		p, _, err := h.plan(system, "Social", table(40))
		fine(t, err)
		var left atomic.Int64
		left.Store(25)
		broken := errors.New("disk")
		h.store.reserve = func() error {
			if left.Add(-1) < 0 {
				return broken
			}
			return nil
		}
		var done atomic.Int64
		if err := h.Import(ctx, system, p, "sv", &done); !errors.Is(err, broken) {
			t.Error(err)
		}
		h.store.reserve = nil
		some := 0
		h.view(func(tx *vault.ReadTx) error {
			people, err := tx.People()
			for _, p := range people {
				if wraps, _ := tx.SeedWraps(p.ID); len(wraps) == 3 {
					some++
				}
			}
			if some != len(people) {
				t.Errorf("%d of %d are whole", some, len(people))
			}
			return err
		})
		p, problems, err := h.plan(system, "Social", table(40))
		if err != nil || len(problems) > 0 || len(p.New) == 0 || len(p.New) == 40 || len(p.Units) != 0 {
			t.Fatalf("%d new, %d units, %v", len(p.New), len(p.Units), problems)
		}
		fine(t, h.Import(ctx, system, p, "sv", &done))
		if s := picture(h.another()); strings.Count(s, "Person ") != 40 || s != picture(h.Office) {
			t.Errorf("%d people:\n%s", strings.Count(s, "Person "), s)
		}
	})
}
