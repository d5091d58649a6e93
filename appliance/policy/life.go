package policy

import (
	"fmt"
	"time"

	"sigill/appliance/mail"
)

// Life is how long a letter lives. Days end at 23:59:59 of the house's zone.
type Life struct {
	OpenBy  time.Time     // ends for who has not opened it
	ReadFor time.Duration // counted from the first opening; 0 if End is fixed
	End     time.Time     // one end date for all, fixed by the sender; else zero
	LastDay time.Time     // when the house's own copy ends
}

// ReadUntil returns when a letter ends for who opens it at now.
func (r Rules) ReadUntil(readFor time.Duration, now time.Time) time.Time {
	if readFor%(24*time.Hour) == 0 {
		return mail.Lifetime{Days: int(readFor / (24 * time.Hour))}.End(now, r.Zone)
	}
	return now.Add(readFor).UTC()
}

// Until returns the end for an extension or shortening to a number of days from
// now. It is bounded like a sender's wish.
func (r Rules) Until(days int, now time.Time) (time.Time, error) {
	if err := r.bounded(mail.Lifetime{Days: days}); err != nil {
		return time.Time{}, err
	}
	return mail.Lifetime{Days: days}.End(now, r.Zone), nil
}

// Bounds returns the fewest and the most days that a sender may ask for.
func (r Rules) Bounds() (least, most int) {
	return max(1, r.MinDays), orDefault(r.MaxDays, DefaultMaxDays)
}

func (r Rules) life(ask mail.Lifetime, now time.Time) (Life, error) {
	if !ask.IsZero() {
		if err := r.bounded(ask); err != nil {
			return Life{}, err
		}
		end := ask.End(now, r.Zone)
		return Life{OpenBy: end, End: end, LastDay: end}, nil
	}
	return r.Default(now), nil
}

// Default returns the lifetime of a letter for which nobody asked for one.
func (r Rules) Default(now time.Time) Life {
	open, read := orDefault(r.OpenDays, DefaultDays), orDefault(r.ReadDays, DefaultDays)
	return Life{
		OpenBy:  mail.Lifetime{Days: open}.End(now, r.Zone),
		ReadFor: time.Duration(read) * 24 * time.Hour,
		LastDay: mail.Lifetime{Days: open + read}.End(now, r.Zone),
	}
}

// bounded holds a lifetime against the rules: at least an hour or
// MinDays, since a link that is over before the mail is read helps nobody, and at most
// MaxDays.
func (r Rules) bounded(l mail.Lifetime) error {
	most := orDefault(r.MaxDays, DefaultMaxDays)
	if l.Days < 0 || l.Hours < 0 || l.IsZero() || l.Days > 0 && l.Hours > 0 {
		return mail.E(mail.Invalid, "error.lifetime", nil).Tell("Max", fmt.Sprint(most))
	}
	if r.MinDays > 0 && l.Days < r.MinDays && l.Hours < 24*r.MinDays {
		return mail.E(mail.Invalid, "error.lifetime.short", nil).Tell("Min", fmt.Sprint(r.MinDays))
	}
	if l.Days > most || l.Hours > most*24 {
		return mail.E(mail.Invalid, "error.lifetime", nil).Tell("Max", fmt.Sprint(most))
	}
	return nil
}

func orDefault(n, def int) int {
	if n == 0 {
		return def
	}
	return n
}
