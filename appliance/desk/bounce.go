package desk

import (
	"context"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// Bounced says that a notice of ours came back after the next server had taken it. The
// step and the mail to the sender are one transaction, as in Failed. The token is the
// one of its return address. An unknown one is nobody's.
func (d *Desk) Bounced(ctx context.Context, token [16]byte, detail string) error {
	house, err := d.House(ctx)
	if err != nil {
		return err
	}
	var slot mail.Slot
	err = d.tell(ctx, 1, func(tx Tx, post poster) error {
		o, err := tx.OutgoingByBounce(token)
		if err != nil || !isLetter(o) {
			return err
		}
		steps, err := tx.Steps(o.Holder)
		if err != nil {
			return err
		}
		for _, s := range steps {
			if s.Kind == mail.StepNoticeFailed {
				return nil // told before
			}
		}
		// What came back had left. If the courier has not said so yet it does so now, or
		// the step of that would stand behind this one, and hide it.
		if slot, err = d.leave(tx, o.ID, mail.StepNoticeSent, "", nil); err != nil {
			return err
		}
		if err := d.stepIfLetter(tx, o, mail.StepNoticeFailed, detail); err != nil {
			return err
		}
		return d.tellFailed(ctx, tx, post, o, house, detail)
	})
	return d.left(ctx, slot, err)
}

// SMSStep writes down what became of a PIN's SMS. The PIN itself is nowhere.
func (d *Desk) SMSStep(ctx context.Context, holder mail.ID, k mail.StepKind, detail string) error {
	return d.Store.Update(ctx, func(tx Tx) error {
		l, err := d.load(tx, holder)
		if mail.KindOf(err) == mail.Gone || mail.KindOf(err) == mail.Absent {
			return nil // a late report of a letter that has ended
		}
		if err != nil {
			return err
		}
		return d.step(tx, l, k, smsEvents[k], mail.SystemActor("sms"), detail)
	})
}

var smsEvents = map[mail.StepKind]string{
	mail.StepSMSSent:      journal.SMSSent,
	mail.StepSMSDelivered: journal.SMSDelivered,
	mail.StepSMSFailed:    journal.SMSFailed,
}
