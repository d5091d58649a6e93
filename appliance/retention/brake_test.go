package retention_test

import (
	"testing"
	"time"

	"sigill/appliance/retention"
)

func TestBrake(t *testing.T) {
	start := time.Date(2026, 4, 26, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	t.Run("time that goes by is believed", func(t *testing.T) {
		b := retention.NewBrake(start, 0, start.Add(-time.Hour))
		for i := 1; i < 1000; i++ {
			d := time.Duration(i) * time.Hour
			if !b.Check(start.Add(d), d) {
				t.Fatalf("held after %v", d)
			}
		}
	})
	t.Run("small steps of the clock are believed", func(t *testing.T) {
		b := retention.NewBrake(start, 0, start)
		if !b.Check(start.Add(26*time.Hour), time.Hour) || !b.Check(start.Add(3*time.Hour), 2*time.Hour) {
			t.Fatal("held")
		}
	})
	for _, leap := range []time.Duration{2*day + time.Second, 3 * day, 3650 * day} {
		t.Run("a leap of "+leap.String()+" holds until somebody looks", func(t *testing.T) {
			b := retention.NewBrake(start, 0, start)
			for i := 1; i < 100; i++ {
				d := time.Duration(i) * time.Hour
				if b.Check(start.Add(leap+d), d) {
					t.Fatalf("believed after %v", d)
				}
			}
			b.Release(start.Add(leap+100*time.Hour), 100*time.Hour)
			if !b.Check(start.Add(leap+101*time.Hour), 101*time.Hour) {
				t.Fatal("held after the release")
			}
		})
	}
	t.Run("a clock that was mended goes on by itself", func(t *testing.T) {
		b := retention.NewBrake(start, 0, start)
		if b.Check(start.Add(3650*day), time.Hour) {
			t.Fatal("believed")
		}
		if !b.Check(start.Add(2*time.Hour), 2*time.Hour) {
			t.Fatal("held although the clock is right again")
		}
	})
	t.Run("a leap while the process was down is seen", func(t *testing.T) {
		b := retention.NewBrake(start.Add(10*day), 0, start)
		if b.Check(start.Add(10*day+time.Minute), time.Minute) {
			t.Fatal("believed")
		}
	})
	t.Run("the first start believes its clock", func(t *testing.T) {
		if !retention.NewBrake(start, 0, time.Time{}).Check(start.Add(time.Hour), time.Hour) {
			t.Fatal("held")
		}
	})
	t.Run("a clock that goes back holds nothing, nor does its way forward again", func(t *testing.T) {
		b := retention.NewBrake(start, 0, start)
		if !b.Check(start.Add(-3650*day), time.Hour) || !b.Check(start.Add(2*time.Hour), 2*time.Hour) {
			t.Fatal("held")
		}
	})
	t.Run("a clock that is behind what was seen before the start is not believed, until it is mended", func(t *testing.T) {
		b := retention.NewBrake(start.Add(-10*day), 0, start)
		if !b.Behind(start.Add(-10*day+time.Minute), time.Minute) {
			t.Fatal("believed")
		}
		if now := start.Add(2 * time.Minute); b.Behind(now, 2*time.Minute) || !b.Check(now, 2*time.Minute) {
			t.Fatal("held although the clock is right again")
		}
	})
	t.Run("small leaps add up", func(t *testing.T) {
		b := retention.NewBrake(start, 0, start)
		if !b.Check(start.Add(47*time.Hour), time.Minute) {
			t.Fatal("held by the first")
		}
		if b.Check(start.Add(94*time.Hour), 2*time.Minute) {
			t.Fatal("two leaps of 47 hours were believed")
		}
	})
}
