package desk

import (
	"context"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

// Bounced says that a notice of ours came back after the next server had taken it.
// The token is the one of its return address. An unknown one is nobody's.
func (d *Desk) Bounced(ctx context.Context, token [16]byte, detail string) error {
	var o mail.Outgoing
	done := false
	err := d.Store.Update(ctx, func(tx Tx) error {
		done = false
		var err error
		if o, err = tx.OutgoingByBounce(token); err != nil {
			return err
		}
		if o.Holder.IsZero() {
			return nil
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
		done = true
		return d.stepIfLetter(tx, o, mail.StepNoticeFailed, detail)
	})
	if err != nil || !done || o.Kind != mail.NoticeLetter && o.Kind != mail.NoticeInternal {
		return err
	}
	return d.tellOwner(ctx, o.Holder, mail.NoticeBounce, mail.StepNoticeFailed, detail)
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
