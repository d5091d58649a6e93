package usage_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/usage"
)

var (
	root, social, children, building = mail.RootUnit, mail.ID{2}, mail.ID{3}, mail.ID{4}
	maria, johan                     = mail.ID{11}, mail.ID{12}
)

// parents is the tree: children is below social, that and building below the root.
func parents(unit mail.ID) (mail.ID, bool) {
	up, ok := map[mail.ID]mail.ID{social: root, children: social, building: root}[unit]
	return up, ok
}

var lines = []usage.Line{
	{Day: 1, Owner: maria, Unit: social, Letters: 2, Recipients: 3, Bytes: 100, SMS: 1, Cost: 350_000},
	{Day: 1, Owner: johan, Unit: children, Letters: 1, Recipients: 1, Bytes: 10},
	{Day: 2, Owner: maria, Unit: building, Letters: 4, Recipients: 4, Bytes: 40, SMS: 2}, // has moved; nobody knows the price
	{Owner: maria, Unit: building, Stored: 500},
}

func TestSums(t *testing.T) {
	t.Run("all lines in one, and how many SMS are without a price", func(t *testing.T) {
		want := usage.Total{Letters: 7, Recipients: 8, Bytes: 150, SMS: 3, Cost: 350_000, Unpriced: 2, Stored: 500}
		if got := usage.Sum(lines); got != want {
			t.Errorf("%+v", got)
		}
	})
	t.Run("who has moved is one person, and two departments have used something", func(t *testing.T) {
		if got := usage.ByOwner(lines)[maria]; got.Letters != 6 || got.SMS != 3 {
			t.Errorf("%+v", got)
		}
		units := usage.ByUnit(lines)
		if units[social].Letters != 2 || units[building].Letters != 4 || units[root].Letters != 0 {
			t.Errorf("%+v", units)
		}
	})
	t.Run("a branch is a unit and all below it", func(t *testing.T) {
		got := usage.ByBranch(lines, parents)
		if got[root] != usage.Sum(lines) {
			t.Errorf("%+v", got[root])
		}
		if got[social].Letters != 3 || got[children].Letters != 1 || got[building].Stored != 500 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("units of one cost centre are one line", func(t *testing.T) {
		got := usage.ByCostCentre(lines, func(u mail.ID) string { return map[mail.ID]string{social: "51", children: "51"}[u] })
		if got["51"].Letters != 3 || got[""].Letters != 4 || len(got) != 2 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("days are summed each for itself", func(t *testing.T) {
		if got := usage.ByDay(lines); got[1].Letters != 3 || got[2].SMS != 2 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("what is outside is in no sum", func(t *testing.T) {
		in := usage.Within(lines, func(u mail.ID) bool { return u == social || u == children })
		if got := usage.Sum(in); got.Letters != 3 || got.Stored != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("of nothing there is nothing", func(t *testing.T) {
		if !usage.Sum(nil).IsZero() || len(usage.ByBranch(nil, parents)) != 0 {
			t.Error("something")
		}
	})
}

func TestDays(t *testing.T) {
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a day begins at the house's midnight", func(t *testing.T) {
		late := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
		d := usage.DayOf(late, stockholm)
		if d.String() != "2026-11-23" || usage.DayOf(late, time.UTC).String() != "2026-11-22" {
			t.Errorf("%v", d)
		}
		if got := d.Start(stockholm); !got.Equal(time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)) {
			t.Errorf("%v", got)
		}
	})
	t.Run("every moment is in the day that it says, also when the clocks are changed", func(t *testing.T) {
		for at := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC); at.Year() == 2026; at = at.Add(37 * time.Minute) {
			d := usage.DayOf(at, stockholm)
			if at.Before(d.Start(stockholm)) || !at.Before((d + 1).Start(stockholm)) {
				t.Fatalf("%v is not in %v", at, d)
			}
		}
		if hours := usage.Day(0); hours.Start(time.UTC).Unix() != 0 {
			t.Error(hours.Start(time.UTC))
		}
		spring, _ := usage.ParseDay("2026-03-29")
		if got := (spring + 1).Start(stockholm).Sub(spring.Start(stockholm)); got != 23*time.Hour {
			t.Errorf("%v", got)
		}
	})
	t.Run("a month has its days, over the end of a year and in a leap year", func(t *testing.T) {
		m, err := usage.ParseMonth("2027-12")
		if err != nil {
			t.Fatal(err)
		}
		first, last := m.Add(2).Days()
		if m.Add(2).String() != "2028-02" || m.Add(-12).String() != "2026-12" || first.String() != "2028-02-01" || last.String() != "2028-02-29" || last.Of() != 29 || last.Month() != m.Add(2) {
			t.Errorf("%v %v %v", m.Add(2), first, last)
		}
	})
	t.Run("what is no day or month is refused", func(t *testing.T) {
		for _, s := range []string{"", "2026", "2026-13", "2026-1", "26-01", "2026-01-01", " 2026-01"} {
			if _, err := usage.ParseMonth(s); err == nil {
				t.Errorf("%q is a month", s)
			}
		}
		if _, err := usage.ParseDay("2026-02-30"); err == nil {
			t.Error("30 February is a day")
		}
	})
	t.Run("a day is read as it was written", func(t *testing.T) {
		for _, d := range []usage.Day{0, 20_000, 20_779} {
			if got, err := usage.ParseDay(d.String()); got != d || err != nil {
				t.Errorf("%v: %v %v", d, got, err)
			}
		}
	})
}

func TestCSV(t *testing.T) {
	records := [][]string{
		{"Enhet", "Brev"},
		{"Barn; \"familj\"\nså", "12"},
		{"=HYPERLINK(\"http://x\")", "+46701234567"}, {"-1", "@SUM(A1)"}, {"\tx", "\rx"}, {"\nx", ""}, {"a=b", "å"},
	}
	var b bytes.Buffer
	if err := usage.WriteCSV(&b, records); err != nil {
		t.Fatal(err)
	}
	t.Run("Excel sees that it is UTF-8", func(t *testing.T) {
		if !strings.HasPrefix(b.String(), "\xef\xbb\xbf") {
			t.Errorf("%q", b.String()[:10])
		}
	})
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff")))
	r.Comma = ';'
	got, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("cells are separated by semicolons, and what is in them stays", func(t *testing.T) {
		if len(got) != len(records) || !slices.Equal(got[0], records[0]) || got[1][0] != "Barn; \"familj\"\nså" || got[6][0] != "a=b" {
			t.Errorf("%q", got)
		}
	})
	t.Run("nor does one begin behind a comma or a tabulator within one, where those end cells", func(t *testing.T) {
		var one strings.Builder
		if err := usage.WriteCSV(&one, [][]string{{"Skola,=HYPERLINK(1)", "Barn\t=SUM(A1)"}}); err != nil {
			t.Fatal(err)
		}
		for _, comma := range ",\t" {
			r := csv.NewReader(strings.NewReader(strings.TrimPrefix(one.String(), "\ufeff")))
			r.Comma, r.LazyQuotes, r.FieldsPerRecord = comma, true, -1
			got, err := r.ReadAll()
			for _, c := range slices.Concat(got...) {
				if strings.HasPrefix(c, "=") || err != nil {
					t.Errorf("%q %v", c, err)
				}
			}
		}
	})
	t.Run("no cell is a formula", func(t *testing.T) {
		for _, r := range got[2:6] {
			for _, c := range r {
				if c != "" && !strings.HasPrefix(c, "'") {
					t.Errorf("%q", c)
				}
			}
		}
	})
}
