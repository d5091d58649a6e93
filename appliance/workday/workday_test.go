package workday_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/rickar/cal/v2"

	"sigill/appliance/workday"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestBetween(t *testing.T) {
	stockholm := zone(t, "Europe/Stockholm")
	sweden := workday.For("SE", stockholm)
	for _, c := range []struct {
		name     string
		from, to string // in Stockholm
		want     int
	}{
		{"a letter of Friday has lain for no working day when Monday ends", "2026-11-13 10:00:00", "2026-11-16 23:59:59", 0},
		{"and for one from Tuesday on", "2026-11-13 10:00:00", "2026-11-17 00:00:00", 1},
		{"the day it came does not count, however early", "2026-11-16 00:00:00", "2026-11-17 23:59:59", 0},
		{"nor however late", "2026-11-16 23:59:59", "2026-11-18 00:00:00", 1},
		{"what came on a Saturday waits for Monday to end", "2026-11-14 12:00:00", "2026-11-17 00:00:00", 1},
		{"a week has five", "2026-11-09 12:00:00", "2026-11-17 00:00:00", 5},
		{"the same moment is none", "2026-11-16 12:00:00", "2026-11-16 12:00:00", 0},
		{"what is to come has lain for none", "2026-11-30 12:00:00", "2026-11-16 12:00:00", 0},
		{"midsummer: from Thursday over eve, day and Sunday, until Monday is over", "2026-06-18 15:00:00", "2026-06-22 23:59:59", 0},
		{"and then one", "2026-06-18 15:00:00", "2026-06-23 00:00:00", 1},
		{"Christmas: the 28th, 29th and 30th are worked, the eves are not", "2026-12-23 15:00:00", "2027-01-04 23:59:59", 3},
		{"the week of the day of 23 hours has five", "2026-03-23 12:00:00", "2026-03-31 00:00:00", 5},
		{"but not a second earlier", "2026-03-23 12:00:00", "2026-03-30 23:59:59", 4},
		{"the week of the day of 25 hours has five", "2026-10-19 12:00:00", "2026-10-27 00:00:00", 5},
		{"but not a second earlier", "2026-10-19 12:00:00", "2026-10-26 23:59:59", 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := sweden.Between(at(t, c.from, stockholm), at(t, c.to, stockholm)); got != c.want {
				t.Errorf("%d, not %d", got, c.want)
			}
		})
	}
	t.Run("days are the zone's, whatever zone a moment is told in", func(t *testing.T) {
		// 23:30 on Monday in UTC is Tuesday in Stockholm.
		from, to := time.Date(2026, 11, 13, 10, 0, 0, 0, time.UTC), time.Date(2026, 11, 16, 23, 30, 0, 0, time.UTC)
		if got := sweden.Between(from, to); got != 1 {
			t.Errorf("%d in Stockholm", got)
		}
		if got := workday.For("SE", nil).Between(from, to); got != 0 {
			t.Errorf("%d in UTC", got)
		}
	})
	t.Run("more than ten years count as ten", func(t *testing.T) {
		to := time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)
		ten := sweden.Between(to.AddDate(-10, 0, 0), to)
		if ten < 2400 || ten > 2610 {
			t.Fatalf("ten years have %d", ten)
		}
		for _, from := range []time.Time{to.AddDate(-10, 0, -1), to.AddDate(-100, 0, 0), {}, time.Unix(-1<<50, 0)} {
			if got := sweden.Between(from, to); got != ten {
				t.Errorf("since %v: %d, not %d", from, got, ten)
			}
		}
	})
}

func at(t *testing.T, s string, z *time.Location) time.Time {
	t.Helper()
	m, err := time.ParseInLocation("2006-01-02 15:04:05", s, z)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestBefore(t *testing.T) {
	stockholm := zone(t, "Europe/Stockholm")
	sweden := workday.For("SE", stockholm)
	t.Run("on a Tuesday, one day has gone by for what came before Monday", func(t *testing.T) {
		got := sweden.Before(at(t, "2026-11-17 00:00:00", stockholm), 1)
		if want := at(t, "2026-11-16 00:00:00", stockholm); !got.Equal(want) {
			t.Errorf("%v, not %v", got, want)
		}
	})
	t.Run("on a Monday, for what came before Friday", func(t *testing.T) {
		got := sweden.Before(at(t, "2026-11-16 23:59:59", stockholm), 1)
		if want := at(t, "2026-11-13 00:00:00", stockholm); !got.Equal(want) {
			t.Errorf("%v, not %v", got, want)
		}
	})
	t.Run("no days, or more than ten years of them, are of nothing", func(t *testing.T) {
		now := at(t, "2026-11-16 12:00:00", stockholm) // a Monday, after days that are not worked
		for _, n := range []int{-1 << 40, -1, 0, 2611, 1 << 40} {
			if got := sweden.Before(now, n); !got.IsZero() {
				t.Errorf("%d days: %v", n, got)
			}
		}
		most := sweden.Between(time.Time{}, now)
		if sweden.Before(now, most).IsZero() || !sweden.Before(now, most+1).IsZero() {
			t.Errorf("%d days are not the most", most)
		}
	})
}

// Zones whose clocks change in the night, at midnight, by half an hour and never, and
// those at both ends of the date.
var zones = strings.Fields(`Europe/Stockholm Europe/Helsinki Atlantic/Reykjavik UTC Atlantic/Azores America/Nuuk
	America/Scoresbysund America/Havana Africa/Cairo Asia/Beirut Australia/Lord_Howe Pacific/Kiritimati Etc/GMT+12`)

func TestBetweenAndBeforeAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(1930, 173))
	for _, name := range zones {
		for _, country := range append(workday.Countries(), "XX") {
			c := workday.For(country, zone(t, name))
			for range 60 {
				now := time.Date(2020, 1, 1, 0, 0, random.IntN(30*366*86400), random.IntN(1e9), time.UTC)
				n := 1 + random.IntN(40)
				before := c.Before(now, n)
				try := []time.Time{before.Add(-1), before, before.Add(1), now, now.Add(time.Hour)}
				for range 20 {
					try = append(try, now.Add(-time.Duration(random.Int64N(int64(90*24*time.Hour)))))
				}
				for _, at := range try {
					if got := c.Between(at, now); (got >= n) != at.Before(before) {
						t.Fatalf("%s in %s: %d days from %v to %v, but %d of them ended for what came before %v", country, name, got, at, now, n, before)
					}
				}
			}
		}
	}
}

func TestCalendar(t *testing.T) {
	t.Run("a country may be written in small letters", func(t *testing.T) {
		if workday.For("se", nil).IsWorking(time.Date(2026, 6, 19, 12, 0, 0, 0, time.UTC)) {
			t.Error("midsommarafton is worked")
		}
	})
	t.Run("in a country that is not known, and without any, Monday to Friday are worked", func(t *testing.T) {
		for name, c := range map[string]workday.Calendar{"XX": workday.For("XX", nil), "none": workday.For("", nil), "zero": {}} {
			for d := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2026; d = d.AddDate(0, 0, 1) {
				if want := d.Weekday() != time.Saturday && d.Weekday() != time.Sunday; c.IsWorking(d) != want {
					t.Errorf("%s: %v", name, d)
				}
			}
		}
	})
	t.Run("a day is the zone's", func(t *testing.T) {
		newYear := time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC) // 1 January in Helsinki
		if workday.For("FI", zone(t, "Europe/Helsinki")).IsWorking(newYear) || !workday.For("FI", nil).IsWorking(newYear) {
			t.Error("it is not")
		}
	})
	t.Run("the machine's own zone changes nothing", func(t *testing.T) {
		// The library reckons holidays there, from midnights that some zones do not have.
		own := cal.DefaultLoc
		t.Cleanup(func() { cal.DefaultLoc = own })
		worked := func(country string) (days []bool) {
			c := workday.For(country, nil)
			for d := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2028; d = d.AddDate(0, 0, 1) {
				days = append(days, c.IsWorking(d))
			}
			return days
		}
		for _, country := range workday.Countries() {
			cal.DefaultLoc = time.UTC
			want := worked(country)
			for _, name := range zones {
				cal.DefaultLoc = zone(t, name)
				for i, w := range worked(country) {
					if w != want[i] {
						t.Errorf("%s in %s: day %d from 2020-01-01", country, name, i)
					}
				}
			}
		}
	})
}

func BenchmarkBetweenOverTenYears(b *testing.B) {
	c := workday.For("SE", nil)
	now := time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)
	for b.Loop() {
		c.Between(time.Time{}, now)
	}
}
