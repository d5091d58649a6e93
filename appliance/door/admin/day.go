package admin

import (
	"time"

	"sigill/appliance/mail"
)

// date reads a day of the house; "" is none. The error is Invalid.
func (d *Door) date(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, d.zone)
	if err != nil {
		return t, mail.E(mail.Invalid, "error.date", nil)
	}
	return t, nil
}

func (d *Door) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(d.zone).Format(time.DateOnly)
}

// after is the first moment that is too late after a last day, which counts.
func (d *Door) after(day time.Time) time.Time {
	if day.IsZero() {
		return day
	}
	return day.In(d.zone).AddDate(0, 0, 1)
}
