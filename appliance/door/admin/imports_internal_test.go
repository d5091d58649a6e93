package admin

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

func TestWaitingTables(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	unit := mail.NewID()
	table := func(at time.Time) *waiting { return &waiting{at: unit, until: at.Add(waitsFor)} }
	fill := func(i *imports) (people []mail.ID) {
		for n := range mostWaiting {
			people = append(people, mail.NewID())
			at := now.Add(time.Duration(n) * time.Second)
			i.wait(people[n], table(at), at)
		}
		return people
	}
	t.Run("another file in the place of one's own costs nobody else theirs", func(t *testing.T) {
		var i imports
		people := fill(&i)
		i.wait(people[1], table(now), now)
		for n, p := range people {
			if i.ready(p, unit) == nil {
				t.Errorf("the %d-th is gone", n)
			}
		}
	})
	t.Run("of too many the one goes that has waited longest", func(t *testing.T) {
		var i imports
		people := append(fill(&i), mail.NewID())
		i.wait(people[mostWaiting], table(now.Add(time.Minute)), now.Add(time.Minute))
		for n, p := range people {
			if there := i.ready(p, unit) != nil; there == (n == 0) {
				t.Errorf("the %d-th: %v", n, there)
			}
		}
	})
	t.Run("after half an hour it is gone", func(t *testing.T) {
		var i imports
		by := fill(&i)[0]
		if i.of(unit, now.Add(waitsFor)); i.ready(by, unit) == nil {
			t.Error("too early")
		}
		if i.of(unit, now.Add(waitsFor+time.Second)); i.ready(by, unit) != nil || len(i.waiting) != mostWaiting-1 {
			t.Error("still there")
		}
	})
	t.Run("it outlives a word that came too early, and a word for another unit", func(t *testing.T) {
		var i imports
		by := fill(&i)[0]
		w, first := i.ready(by, unit), &running{at: unit}
		if i.ready(by, mail.NewID()) != nil || i.ready(mail.NewID(), unit) != nil {
			t.Error("somebody else's")
		}
		i.running = first
		if err := i.begin(by, w, &running{}); mail.KindOf(err) != mail.Busy || i.ready(by, unit) != w {
			t.Error(err)
		}
		first.over.Store(true)
		second := &running{at: unit}
		if err := i.begin(by, w, second); err != nil || i.ready(by, unit) != nil || i.of(unit, now) != second {
			t.Error(err)
		}
		second.over.Store(true)
		if err := i.begin(by, w, &running{}); mail.KindOf(err) != mail.Invalid || i.running != second {
			t.Errorf("twice: %v", err)
		}
	})
}

// failing is an organisation whose imports fail.
type failing struct {
	Organisation
	err error // nil: a panic
}

func (f failing) Import(context.Context, mail.Actor, org.Plan, string, *atomic.Int64) error {
	if f.err == nil {
		panic("anna@kommun.se")
	}
	return f.err
}

func TestAnImportThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		kind   mail.Kind
		logged bool
	}{
		"a panic ends the import and nothing else": {nil, mail.Internal, true},
		"what is ours to mend is logged":           {errors.New("disk"), mail.Internal, true},
		"what is not ours is not":                  {mail.E(mail.Absent, "error.import.right", nil), mail.Absent, false},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			d := New(Config{Organisation: failing{err: c.err}, Log: slog.New(slog.NewTextHandler(&log, nil))})
			run := &running{}
			d.carryOut(context.Background(), mail.Actor{}, org.Plan{}, run)
			if !run.over.Load() || run.err == nil || mail.KindOf(run.err) != c.kind {
				t.Errorf("%v %v", run.over.Load(), run.err)
			}
			if (log.Len() > 0) != c.logged || strings.Contains(log.String(), "anna@") {
				t.Error(log.String())
			}
		})
	}
}
