package workday

import (
	"time"

	"github.com/rickar/cal/v2"
)

// Years is how far back working days are counted.
const Years = 10

// Calendar is the working days of a country, as days are in a zone. The zero value is
// Monday to Friday in UTC. It never changes, and many may use it at once.
type Calendar struct {
	holidays *cal.Calendar // nil: there are none
	zone     *time.Location
}

// For returns the calendar of a country, named by its two letters of ISO 3166 in either
// case. In one that Countries does not name, Monday to Friday are worked and nothing is a
// holiday. Without a zone days are those of UTC.
func For(country string, zone *time.Location) Calendar {
	c := Calendar{zone: zone}
	if list := holidays(country); list != nil {
		// Not Cacheable: a day takes a microsecond, and so nothing here ever changes.
		c.holidays = &cal.Calendar{Holidays: list}
	}
	return c
}

// IsWorking reports whether the day that it is in the zone is worked.
func (c Calendar) IsWorking(day time.Time) bool { return c.works(c.day(day)) }

// Between returns how many whole working days have gone by at to, for what came at from.
// The day of from does not count; each later one does as soon as it is over. What came on
// a Friday has lain for none until Monday ends. It is 0 if from is after to, and never
// more than the last Years hold: what came earlier counts as if it had come then.
func (c Calendar) Between(from, to time.Time) (n int) {
	today := c.day(to)
	came := c.day(from)
	if oldest := earliest(today); came.Before(oldest) {
		came = oldest
	}
	for d := next(came, 1); d.Before(today); d = next(d, 1) {
		if c.works(d) {
			n++
		}
	}
	return n
}

// Before returns the latest moment such that whatever came before it has lain for at
// least n working days at now: for each t, Between(t, now) >= n says the same as t being
// before it. It is a midnight of the zone, told in UTC. For more days than the last Years
// hold, and for n below 1, it is the zero time, before which nothing came: after no days
// there is no alarm.
func (c Calendar) Before(now time.Time, n int) time.Time {
	if n < 1 {
		return time.Time{}
	}
	today := c.day(now)
	oldest := earliest(today)
	for d := next(today, -1); d.After(oldest); d = next(d, -1) {
		if c.works(d) {
			n--
		}
		if n == 0 {
			return midnight(d, c.place()).UTC()
		}
	}
	return time.Time{}
}

// day returns the day of a moment in the zone, as that date's midnight in UTC: days are
// reckoned there, where no clock is ever changed.
func (c Calendar) day(at time.Time) time.Time {
	return midnight(at.In(c.place()), time.UTC)
}

// midnight returns the one that begins the day of at, in a zone.
func midnight(at time.Time, zone *time.Location) time.Time {
	y, m, d := at.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

func (c Calendar) place() *time.Location {
	if c.zone == nil {
		return time.UTC
	}
	return c.zone
}

func (c Calendar) works(day time.Time) bool {
	if cal.IsWeekend(day) {
		return false
	}
	if c.holidays == nil {
		return true
	}
	holiday, _, _ := c.holidays.IsHoliday(day)
	return !holiday
}

func next(day time.Time, n int) time.Time { return day.AddDate(0, 0, n) }

func earliest(today time.Time) time.Time { return today.AddDate(-Years, 0, 0) }
