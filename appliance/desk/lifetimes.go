package desk

import (
	"context"
	"time"

	"sigill/appliance/mail"
)

// Lifetimes are those that the sender of a letter may choose now.
type Lifetimes struct {
	Default     Life      // of a letter for which nobody has chosen one
	Least, Most int       // days
	From        time.Time // now, in the house's zone
}

// Lifetimes returns them.
func (d *Desk) Lifetimes(ctx context.Context) (Lifetimes, error) {
	house, err := d.House(ctx)
	if err != nil {
		return Lifetimes{}, err
	}
	now := d.Clock.Now()
	l := Lifetimes{Default: house.Rules.Default(now), From: now.In(house.Rules.Zone)}
	l.Least, l.Most = house.Rules.Bounds()
	return l, nil
}

// Has reports whether a sender may choose so many days.
func (l Lifetimes) Has(days int) bool { return days >= l.Least && days <= l.Most }

// Until is the end of a letter that is sent now for so many days.
func (l Lifetimes) Until(days int) time.Time {
	return mail.Lifetime{Days: days}.End(l.From, l.From.Location())
}

// DaysTo returns how many days it takes for a letter to be there up to such a day, that one
// too, and whether a sender may choose it.
func (l Lifetimes) DaysTo(day string) (days int, ok bool) {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0, false
	}
	y, m, d := l.From.Date()
	// Of days that all have 24 hours, whatever the clocks of the zone do.
	days = int(at.Sub(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
	return days, l.Has(days)
}
