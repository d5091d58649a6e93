package workday_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/workday"
)

// off has every day that is off by the laws in doc.go, also where it is a Saturday or a
// Sunday, written out by hand. Easter is on 20 April 2025, 5 April 2026, 28 March 2027
// and 21 April 2030.
var off = []struct {
	country string
	year    int
	fixed   string
	moving  string
}{
	// Nyårsdagen, trettondedag jul, första maj, nationaldagen, julafton, juldagen,
	// annandag jul, nyårsafton; långfredagen, påskdagen, annandag påsk, Kristi
	// himmelsfärdsdag, pingstdagen, midsommarafton, midsommardagen, alla helgons dag.
	{"SE", 2025, "01-01 01-06 05-01 06-06 12-24 12-25 12-26 12-31", "04-18 04-20 04-21 05-29 06-08 06-20 06-21 11-01"},
	{"SE", 2026, "01-01 01-06 05-01 06-06 12-24 12-25 12-26 12-31", "04-03 04-05 04-06 05-14 05-24 06-19 06-20 10-31"},
	{"SE", 2027, "01-01 01-06 05-01 06-06 12-24 12-25 12-26 12-31", "03-26 03-28 03-29 05-06 05-16 06-25 06-26 11-06"},
	{"SE", 2030, "01-01 01-06 05-01 06-06 12-24 12-25 12-26 12-31", "04-19 04-21 04-22 05-30 06-09 06-21 06-22 11-02"},

	// Uudenvuodenpäivä, loppiainen, vappu, itsenäisyyspäivä, jouluaatto, joulupäivä,
	// tapaninpäivä; pitkäperjantai, pääsiäispäivä, toinen pääsiäispäivä, helatorstai,
	// helluntaipäivä, juhannusaatto, juhannuspäivä, pyhäinpäivä.
	{"FI", 2025, "01-01 01-06 05-01 12-06 12-24 12-25 12-26", "04-18 04-20 04-21 05-29 06-08 06-20 06-21 11-01"},
	{"FI", 2026, "01-01 01-06 05-01 12-06 12-24 12-25 12-26", "04-03 04-05 04-06 05-14 05-24 06-19 06-20 10-31"},
	{"FI", 2027, "01-01 01-06 05-01 12-06 12-24 12-25 12-26", "03-26 03-28 03-29 05-06 05-16 06-25 06-26 11-06"},
	{"FI", 2030, "01-01 01-06 05-01 12-06 12-24 12-25 12-26", "04-19 04-21 04-22 05-30 06-09 06-21 06-22 11-02"},

	// Nytårsdag, grundlovsdag, juleaftensdag, 1. og 2. juledag, nytårsaftensdag;
	// skærtorsdag, langfredag, 1. og 2. påskedag, Kristi himmelfartsdag, 1. og 2. pinsedag.
	{"DK", 2025, "01-01 06-05 12-24 12-25 12-26 12-31", "04-17 04-18 04-20 04-21 05-29 06-08 06-09"},
	{"DK", 2026, "01-01 06-05 12-24 12-25 12-26 12-31", "04-02 04-03 04-05 04-06 05-14 05-24 05-25"},
	{"DK", 2027, "01-01 06-05 12-24 12-25 12-26 12-31", "03-25 03-26 03-28 03-29 05-06 05-16 05-17"},
	{"DK", 2030, "01-01 06-05 12-24 12-25 12-26 12-31", "04-18 04-19 04-21 04-22 05-30 06-09 06-10"},

	// Første nyttårsdag, 1. mai, 17. mai, 1. og 2. juledag; skjærtorsdag, langfredag, 1. og
	// 2. påskedag, Kristi himmelfartsdag, 1. og 2. pinsedag (in 2027 on 17 May).
	{"NO", 2025, "01-01 05-01 05-17 12-25 12-26", "04-17 04-18 04-20 04-21 05-29 06-08 06-09"},
	{"NO", 2026, "01-01 05-01 05-17 12-25 12-26", "04-02 04-03 04-05 04-06 05-14 05-24 05-25"},
	{"NO", 2027, "01-01 05-01 05-17 12-25 12-26", "03-25 03-26 03-28 03-29 05-06 05-16 05-17"},
	{"NO", 2030, "01-01 05-01 05-17 12-25 12-26", "04-18 04-19 04-21 04-22 05-30 06-09 06-10"},

	// Nýársdagur, 1. maí, 17. júní, aðfangadagur, jóladagur, annar í jólum, gamlársdagur;
	// skírdagur, föstudagurinn langi, páskadagur, annar í páskum, sumardagurinn fyrsti,
	// uppstigningardagur, hvítasunnudagur, annar í hvítasunnu, frídagur verslunarmanna.
	{"IS", 2025, "01-01 05-01 06-17 12-24 12-25 12-26 12-31", "04-17 04-18 04-20 04-21 04-24 05-29 06-08 06-09 08-04"},
	{"IS", 2026, "01-01 05-01 06-17 12-24 12-25 12-26 12-31", "04-02 04-03 04-05 04-06 04-23 05-14 05-24 05-25 08-03"},
	{"IS", 2027, "01-01 05-01 06-17 12-24 12-25 12-26 12-31", "03-25 03-26 03-28 03-29 04-22 05-06 05-16 05-17 08-02"},
	{"IS", 2030, "01-01 05-01 06-17 12-24 12-25 12-26 12-31", "04-18 04-19 04-21 04-22 04-25 05-30 06-09 06-10 08-05"},
}

func TestEveryDayOfTheYear(t *testing.T) {
	for _, y := range off {
		t.Run(y.country+" "+time.Date(y.year, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006"), func(t *testing.T) {
			c := workday.For(y.country, nil)
			days := strings.Fields(y.fixed + " " + y.moving)
			for d := time.Date(y.year, 1, 1, 12, 0, 0, 0, time.UTC); d.Year() == y.year; d = d.AddDate(0, 0, 1) {
				weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
				want := !weekend && !slices.Contains(days, d.Format("01-02"))
				if got := c.IsWorking(d); got != want {
					t.Errorf("%s: worked is %v", d.Format("Monday 2006-01-02"), got)
				}
			}
		})
	}
}

func TestWhereTheCountriesDiffer(t *testing.T) {
	for _, c := range []struct {
		name string
		day  string
		off  string // the countries; in all others it is worked
	}{
		{"Maundy Thursday is off in the west", "2026-04-02", "DK IS NO"},
		{"Whit Monday is off in the west", "2026-05-25", "DK IS NO"},
		{"the eve of Epiphany is worked everywhere", "2026-01-05", ""},
		{"Epiphany is off in the east", "2026-01-06", "FI SE"},
		{"1 May is worked in Denmark", "2026-05-01", "FI IS NO SE"},
		{"17 May is off in Norway", "2028-05-17", "NO"},
		{"5 June is off in Denmark", "2026-06-05", "DK"},
		{"6 June is off in Sweden", "2025-06-06", "SE"},
		{"midsummer's eve is off in the east", "2026-06-19", "FI SE"},
		{"17 June is off in Iceland", "2026-06-17", "IS"},
		{"the Friday before All Saints' Day is worked everywhere", "2026-10-30", ""},
		{"6 December is off in Finland", "2027-12-06", "FI"},
		{"Christmas Eve is worked in Norway", "2026-12-24", "DK FI IS SE"},
		{"New Year's Eve is worked in Finland and Norway", "2026-12-31", "DK IS SE"},
		{"store bededag was off in 2023", "2023-05-05", "DK"},
		{"and is worked since 2024", "2024-04-26", ""},
		{"the first day of summer comes after 18 April", "2024-04-18", ""},
		{"and is the next Thursday then", "2024-04-25", "IS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			day, err := time.Parse(time.DateOnly, c.day)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, country := range workday.Countries() {
				if !workday.For(country, nil).IsWorking(day) {
					got = append(got, country)
				}
			}
			if strings.Join(got, " ") != c.off {
				t.Errorf("it is off in %v, not %q", got, c.off)
			}
		})
	}
}
