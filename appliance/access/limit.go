package access

import (
	"context"
	"time"

	"sigill/appliance/mail"
)

// limit is one of the counts that something is held against: an SMS, or a try at a
// password.
type limit struct {
	name   []byte // keyed; see Namer
	window time.Duration
	most   int64
	say    string // what people are told when it is used up
	of     Brake  // what the journal calls it when tries have used it up; "": it does not tell
}

// take counts once in each of the limits, in their order. The error is Busy, with the
// words of the first that is used up.
//
// All are looked at before any is counted: what is refused costs no writing and takes
// nothing from the other limits. Presses at the same moment may still all pass the
// look; the counts, which are durable and one at a time, then let no more through than
// there are.
func take(ctx context.Context, count Counter, limits []limit) error {
	_, err := takeTry(ctx, count, limits)
	return err
}

// takeTry is take for a try. closes are the limits that this one was the last of.
func takeTry(ctx context.Context, count Counter, limits []limit) (closes []Brake, err error) {
	for _, l := range limits {
		n, err := count.Counted(ctx, l.name)
		if err != nil {
			return nil, err
		}
		if n >= l.most {
			return nil, mail.E(mail.Busy, l.say, nil)
		}
	}
	for _, l := range limits {
		n, err := count.Count(ctx, l.name, l.window)
		if err != nil {
			return nil, err
		}
		if n > l.most {
			return nil, mail.E(mail.Busy, l.say, nil)
		}
		if n == l.most && l.of != "" {
			closes = append(closes, l.of)
		}
	}
	return closes, nil
}
