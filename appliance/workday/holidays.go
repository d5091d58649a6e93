package workday

import (
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/fi"
	"github.com/rickar/cal/v2/is"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/se"
)

// Countries returns the countries whose holidays are known, as For takes them.
func Countries() []string { return []string{"DK", "FI", "IS", "NO", "SE"} }

// holidays returns those of a country, nil for one that is not known. The library's
// lists have the eves that are off by law, except Denmark's.
func holidays(country string) []*cal.Holiday {
	switch strings.ToUpper(country) {
	case "DK":
		// Forældelsesloven § 27, 2: "en helligdag, grundlovsdag, den 24. eller den 31. december".
		return append(slices.Clone(dk.Holidays), december("Juleaftensdag", 24), december("Nytårsaftensdag", 31))
	case "FI":
		return fi.Holidays
	case "IS":
		return is.Holidays
	case "NO":
		return no.Holidays
	case "SE":
		return se.Holidays
	}
	return nil
}

func december(name string, day int) *cal.Holiday {
	return &cal.Holiday{Name: name, Type: cal.ObservanceOther, Month: time.December, Day: day, Func: cal.CalcDayOfMonth}
}
