package appliance

import (
	"context"
	"errors"
	"time"

	"sigill/appliance/mail"
)

// tellReadings tells those who want an SMS that letters of theirs were read: one at most an
// hour, of all that was read meanwhile. Whom no SMS reaches is told by mail. An SMS is sent
// before that is written down: if the machine stops in between, it comes once more.
func (a *Appliance) tellReadings(ctx context.Context) error {
	people, err := a.desk.ReadingPeople(ctx)
	for _, id := range people {
		err = errors.Join(err, a.tellReader(ctx, id)) // and the others are told nonetheless
	}
	return err
}

// tellReader tells one person of what recipients have read, unless they were told short ago.
func (a *Appliance) tellReader(ctx context.Context, person mail.ID) error {
	waits, err := a.budget.ReadingWaits(ctx, person)
	if err != nil || waits {
		return err
	}
	list, err := a.desk.Readings(ctx, person)
	if err != nil || len(list) == 0 {
		return err
	}
	who, err := a.office.Owner(ctx, person)
	if err != nil && mail.KindOf(err) != mail.Absent {
		return err
	}
	phone, err := a.office.ProvenPhone(ctx, person)
	if err != nil {
		return err
	}
	if phone == "" || who.Out || who.Shared { // suspended, or left; the mail goes to whoever reads theirs now
		return a.desk.ReadingsByMail(ctx, list)
	}
	err = a.texter.sendReadings(ctx, person, phone, who.Lang, len(list))
	switch mail.KindOf(err) {
	case mail.Busy, mail.Invalid, mail.Again: // the day's are used up, or no gateway takes it
		return a.desk.ReadingsByMail(ctx, list)
	}
	if err != nil {
		return err
	}
	return a.desk.ReadingsTold(context.WithoutCancel(ctx), list)
}

// readingLife is how long a gateway tries: the next SMS would tell more.
const readingLife = 12 * time.Hour

// sendReadings sends the SMS that so many recipients have read letters of somebody's. It is
// paid as the one by which they sign in.
func (t *texter) sendReadings(ctx context.Context, person mail.ID, to mail.Phone, lang string, count int) error {
	if err := t.budget.SpendReading(ctx, person, to); err != nil {
		return err
	}
	text, err := t.words.ReadSMS(lang, count)
	if err != nil {
		return err
	}
	receipt, err := t.carry(ctx, to, text, readingLife)
	if err != nil {
		return t.notTaken(person, err)
	}
	t.meter.ownSMS(context.WithoutCancel(ctx), person, receipt)
	return nil
}
