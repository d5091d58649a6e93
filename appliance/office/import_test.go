package office_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sigill/appliance/journal"
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
	rows, report, err := org.ReadTable(strings.NewReader(text))
	if err != nil || !report.Good() {
		h.t.Fatal(report, err)
	}
	plan, report, err := h.PlanImport(ctx, by, h.unit[unit], rows)
	return plan, report.Problems, err
}

// tablesNoted are the entries of tables in the journal.
func (h *houseOf) tablesNoted() (list []journal.Entry) {
	h.t.Helper()
	h.view(func(tx *vault.ReadTx) error {
		all, err := tx.JournalSince(0, 10_000)
		for _, e := range all {
			if e.Kind == journal.TableRead {
				list = append(list, e)
			}
		}
		return err
	})
	return list
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
		// Maria is hers; the others become members and keep their home.
		p, problems, err := h.plan(h.actor["karin"], "Social", "e-post\nolle@kommun.example\nit@kommun.example\nmaria@kommun.example\n")
		if err != nil || len(problems) > 0 || len(p.Joined) != 2 || len(p.Moved) != 1 {
			t.Fatalf("%+v %v %v", p, problems, err)
		}
		var done atomic.Int64
		fine(t, h.Import(ctx, h.actor["karin"], p, "sv", &done))
		h.Tree(func(t2 *org.Tree) {
			if t2.Home(h.id("olle")) != h.unit["Bygg"] || len(t2.Places(h.id("olle"))) != 2 || t2.Home(h.id("it")) != mail.RootUnit || t2.Home(h.id("maria")) != h.unit["Social"] || done.Load() != 3 {
				t.Error(picture(h.Office))
			}
		})
		if s := picture(h.Office); s != picture(h.another()) {
			t.Error(s)
		}
	})
	t.Run("a plan tells nobody of a branch whom the house knows, and leaves a trace", func(t *testing.T) {
		h := newHouseOf(t)
		p, _, err := h.plan(h.actor["karin"], "Social", "e-post\nolle@kommun.example\nit@kommun.example\n")
		fine(t, err)
		q, _, err := h.plan(h.actor["karin"], "Social", "e-post\nx@kommun.example\ny@kommun.example\n")
		fine(t, err)
		if p.In() != 2 || p.In() != q.In() || p.Changes() != q.Changes() || p.Same != q.Same {
			t.Errorf("%+v\n%+v", p, q)
		}
		_, _, err = h.plan(h.actor["karin"], "Bygg", "e-post\nx@kommun.example\n")
		want(t, err, mail.Absent)
		list := h.tablesNoted()
		if len(list) != 2 || list[0].Detail != "2" || list[0].Holder != h.unit["Social"] || list[0].Who == [32]byte{} || list[0].Who != list[1].Who {
			t.Fatalf("%+v", list)
		}
		var done atomic.Int64
		fine(t, h.Import(ctx, h.actor["karin"], q, "sv", &done))
		if list := h.tablesNoted(); len(list) != 3 || list[2].Detail != "2" {
			t.Errorf("%+v", list)
		}
		h.store.inside = errors.New("disk")
		if p, _, err := h.plan(h.actor["karin"], "Social", "e-post\nolle@kommun.example\n"); err == nil || p.In() != 0 {
			t.Error("an answer without a trace")
		}
	})
	for name, text := range map[string]string{
		"people":  "e-post\na@kommun.example\nb@kommun.example\n",
		"units":   "e-post;enhet\na@kommun.example;Ny\n",
		"members": "e-post\nolle@kommun.example\n",
		"moves":   "e-post\nmaria@kommun.example\n",
	} {
		t.Run("once the right is taken back, nothing more is done: "+name, func(t *testing.T) {
			h := newHouseOf(t)
			p, _, err := h.plan(h.actor["karin"], "Social", text)
			fine(t, err)
			fine(t, h.Dismiss(ctx, system, h.id("karin"), h.unit["Social"]))
			before := picture(h.Office)
			var done atomic.Int64
			err = h.Import(ctx, h.actor["karin"], p, "sv", &done)
			var e *mail.Error
			if !errors.As(err, &e) || e.Kind != mail.Absent || e.Say != "error.import.right" || done.Load() != 0 || len(h.tablesNoted()) != 1 {
				t.Errorf("%v, %d done", err, done.Load())
			}
			if picture(h.Office) != before || picture(h.another()) != before {
				t.Error(picture(h.Office))
			}
		})
	}
	t.Run("nor if it is taken back in the midst of it", func(t *testing.T) {
		h := newHouseOf(t)
		p, _, err := h.plan(h.actor["karin"], "Social", table(400))
		fine(t, err)
		var done atomic.Int64
		var once sync.Once
		dismissed := make(chan int64, 1)
		h.store.after = func() {
			if done.Load() > int64(len(p.Units)) {
				once.Do(func() {
					go func() {
						fine(t, h.Dismiss(ctx, system, h.id("karin"), h.unit["Social"]))
						dismissed <- int64(strings.Count(picture(h.Office), "Person "))
					}()
				})
			}
		}
		err = h.Import(ctx, h.actor["karin"], p, "sv", &done)
		want(t, err, mail.Absent)
		if at, end := <-dismissed, int64(strings.Count(picture(h.Office), "Person ")); at != end || end == 400 {
			t.Errorf("%d people when the right went, %d in the end", at, end)
		}
	})
	t.Run("who was made meanwhile in another way is placed", func(t *testing.T) {
		h := newHouseOf(t)
		text := "e-post;enhet\nbrev@kommun.example;Ny\ntill@kommun.example;Ny\nny@kommun.example;Ny\n"
		p, _, err := h.plan(h.actor["karin"], "Social", text)
		fine(t, err)
		_, _, err = h.Resident(ctx, "brev@kommun.example", "") // stands at the root
		fine(t, err)
		_, err = h.AddPerson(ctx, h.actor["karin"], h.unit["Barn"], newcomer("till"))
		fine(t, err)
		var done atomic.Int64
		fine(t, h.Import(ctx, h.actor["karin"], p, "sv", &done))
		s := picture(h.Office)
		for _, line := range []string{"brev@kommun.example false 0 false", "till@kommun.example false 0 true", "ny@kommun.example false 0 true"} {
			if _, below, _ := strings.Cut(s, "  Ny "); !strings.Contains(below, line) {
				t.Errorf("no %q in\n%s", line, s)
			}
		}
		if done.Load() != int64(p.Changes()) || s != picture(h.another()) {
			t.Errorf("%d of %d done\n%s", done.Load(), p.Changes(), s)
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
