package access

import (
	"context"
	"time"

	"sigill/appliance/mail"
)

// Bounds of the SMS that tell people that letters of theirs were read. A letter to 500 may be
// read by all of them in an hour: one SMS tells of all that was read since the one before.
const (
	ReadingPause = time.Hour
	ReadingsDay  = 8 // a day and person; what is read after that is told by mail
)

func (b *Budget) readingPause(person mail.ID) []byte {
	return b.name.Tag("sms.reading.pause", person.String())
}

// ReadingWaits reports whether a person was told of readings so short a time ago that what
// was read since waits for the next SMS.
func (b *Budget) ReadingWaits(ctx context.Context, person mail.ID) (bool, error) {
	left, err := b.count.Left(ctx, b.readingPause(person))
	return left > 0, err
}

// SpendReading is Spend for an SMS that tells somebody of readings, at the phone that they
// have proven. All people together get a quarter of the house's day: an SMS without which a
// letter stays shut comes first. The errors are those of Spend.
func (b *Budget) SpendReading(ctx context.Context, person mail.ID, to mail.Phone) error {
	l := b.limits()
	if !allowed(l.Countries, to) {
		return mail.E(mail.Invalid, "error.own.country", nil)
	}
	return take(ctx, b.count, []limit{
		{name: b.readingPause(person), window: ReadingPause, most: 1, say: "error.sms.pause"},
		{name: b.name.Tag("sms.reading.person", person.String()), window: day, most: ReadingsDay, say: "error.sms.number"},
		{name: b.name.Tag("sms.reading.day", ""), window: day, most: l.newDay(), say: "error.sms.day"},
		{name: b.name.Tag("sms.day", ""), window: day, most: l.Day, say: "error.sms.day"},
	})
}
