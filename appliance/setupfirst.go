package appliance

import (
	"context"
	"time"

	"sigill/appliance/mail"
)

// firstDays is how long ago a first letter may have been sent. Whoever puts the set-up off for
// longer sends another one.
const firstDays = 7

// FirstLetter is the newest letter of who sets the machine up, or the newest mail of theirs that
// was not taken at the door since, or both. It is their own, so nothing is noted.
func (s *setup) FirstLetter(ctx context.Context, of mail.Address) (found mail.TraceFound, err error) {
	now := s.a.c.Clock.Now()
	from := now.AddDate(0, 0, -firstDays)
	letter, ok, err := s.a.desk.Newest(ctx, of, from)
	if err != nil {
		return found, err
	}
	if ok {
		if err := (following{s.a.desk, s.a.trace}).arrived(ctx, &letter); err != nil {
			return found, err
		}
		found.Letters = []mail.Traced{letter}
	}
	refused, _, _, err := s.a.trace.ByAddress(ctx, of, from, now.Add(time.Minute))
	for _, a := range refused {
		if a.From.Key() == of.Key() && !a.Taken() && a.At.After(letter.At) {
			found.Arrivals = []mail.Arrival{a}
			break
		}
	}
	return found, err
}

// Tries reports whether the appliance may send a letter to itself.
func (s *setup) Tries() bool { return s.a.Tries() }
