package usage

import (
	"fmt"
	"time"
)

// Day is a day of the house's calendar, counted from 1 January 1970.
type Day int

const seconds = 24 * 60 * 60 // of a day in UTC, which has no other

// DayOf returns the day that it is in zone.
func DayOf(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / seconds)
}

// Start returns the first moment of the day in zone. The last is that before the start of
// the next: a day may have 23 hours, or 25.
func (d Day) Start(zone *time.Location) time.Time {
	y, m, day := d.date().Date()
	return time.Date(y, m, day, 0, 0, 0, 0, zone)
}

func (d Day) date() time.Time { return time.Unix(int64(d)*seconds, 0).UTC() }

// Of returns the number of the day in its month.
func (d Day) Of() int { return d.date().Day() }

// String returns the day as 2026-11-22.
func (d Day) String() string { return d.date().Format(time.DateOnly) }

// ParseDay reads what String wrote.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("day %q: %w", s, err)
	}
	return Day(t.Unix() / seconds), nil
}

// Month is a month of the calendar.
type Month struct {
	Year  int
	Month time.Month
}

// Month returns the month in which the day is.
func (d Day) Month() Month {
	y, m, _ := d.date().Date()
	return Month{y, m}
}

// ParseMonth reads a month as 2026-11.
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return Month{}, fmt.Errorf("month %q: %w", s, err)
	}
	return Month{t.Year(), t.Month()}, nil
}

// String returns the month as 2026-11.
func (m Month) String() string { return m.at(0).Format("2006-01") }

// Add returns the month that is n months later.
func (m Month) Add(n int) Month {
	t := m.at(n)
	return Month{t.Year(), t.Month()}
}

// After reports whether the month is later than another.
func (m Month) After(o Month) bool { return m.at(0).After(o.at(0)) }

// Days returns the first and the last day.
func (m Month) Days() (first, last Day) {
	return Day(m.at(0).Unix() / seconds), Day(m.at(1).Unix()/seconds) - 1
}

func (m Month) at(n int) time.Time {
	return time.Date(m.Year, m.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
}
