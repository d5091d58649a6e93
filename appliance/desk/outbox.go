package desk

import (
	"context"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/outbox"
)

// Due is a mail of ours whose time has come, opened for the courier.
type Due struct {
	mail.Outgoing
	Notice mail.Notice
}

// Next returns up to n due mails, oldest first. One that does not open any more is
// given up, and the others go.
func (d *Desk) Next(ctx context.Context, now time.Time, n int) ([]Due, error) {
	var list []Due
	var broken []mail.ID
	err := d.Store.View(ctx, func(tx ReadTx) error {
		rows, err := tx.DueOutgoing(now, n)
		if err != nil {
			return err
		}
		for _, o := range rows {
			notice, err := d.openOutgoing(tx, o)
			if err != nil {
				broken = append(broken, o.ID)
				continue
			}
			list = append(list, Due{o, notice})
		}
		return nil
	})
	for _, id := range broken {
		if err := d.Failed(ctx, id, "key gone"); err != nil {
			return list, err
		}
	}
	return list, err
}

func (d *Desk) openOutgoing(tx ReadTx, o mail.Outgoing) (mail.Notice, error) {
	key, err := d.openSlot(tx, o.Slot)
	if err != nil {
		return mail.Notice{}, err
	}
	return outbox.Open(d.App, key, o)
}

// Sent says that the next server has taken a mail. From now on nobody holds its code
// but who gets it.
func (d *Desk) Sent(ctx context.Context, id mail.ID, detail string) error {
	return d.leave(ctx, id, func(tx Tx, o mail.Outgoing) error {
		return d.stepIfLetter(tx, o, mail.StepNoticeSent, detail)
	})
}

// leave takes a mail out of the outbox. The row stays for its bounces, empty.
func (d *Desk) leave(ctx context.Context, id mail.ID, also func(tx Tx, o mail.Outgoing) error) error {
	var slot mail.Slot
	err := d.Store.Update(ctx, func(tx Tx) error {
		o, err := tx.Outgoing(id)
		if err != nil {
			return err
		}
		if o.Slot.IsZero() {
			return nil // said before
		}
		slot = o.Slot
		if err := also(tx, o); err != nil {
			return err
		}
		return tx.SaveOutgoing(outbox.Emptied(o))
	})
	if err != nil || slot.IsZero() {
		return err
	}
	// After the row: a crash in between leaves a key without a row, which the sweep at
	// start erases, and never a row without its key.
	return d.Store.EraseSlots(ctx, []mail.Slot{slot})
}

// Delayed says that a mail was not taken yet and will be tried again at next.
func (d *Desk) Delayed(ctx context.Context, id mail.ID, next time.Time, detail string) error {
	return d.Store.Update(ctx, func(tx Tx) error {
		o, err := tx.Outgoing(id)
		if err != nil {
			return err
		}
		if o.Slot.IsZero() {
			return nil
		}
		if o.Tries == 0 {
			if err := d.stepIfLetter(tx, o, mail.StepNoticeDelayed, detail); err != nil {
				return err
			}
		}
		o.Tries++
		o.Next = next
		return tx.SaveOutgoing(o)
	})
}

// Failed says that a mail will never go. If it was a letter's notice, the step
// stands at the recipient it concerns and the sender is told.
func (d *Desk) Failed(ctx context.Context, id mail.ID, detail string) error {
	var lost mail.Outgoing
	err := d.leave(ctx, id, func(tx Tx, o mail.Outgoing) error {
		lost = o
		return d.stepIfLetter(tx, o, mail.StepNoticeFailed, detail)
	})
	if err != nil || lost.Kind != mail.NoticeLetter && lost.Kind != mail.NoticeInternal {
		return err
	}
	return d.tellOwner(ctx, lost.Holder, mail.NoticeBounce, mail.StepNoticeFailed, detail)
}

func (d *Desk) stepIfLetter(tx Tx, o mail.Outgoing, k mail.StepKind, detail string) error {
	if o.Holder.IsZero() || o.Kind != mail.NoticeLetter && o.Kind != mail.NoticeInternal {
		return nil
	}
	if err := tx.PutStep(mail.Step{Holder: o.Holder, Kind: k, At: tx.Now(), Detail: detail}); err != nil {
		return err
	}
	return tx.Note(mail.Event{Kind: noticeEvents[k], At: tx.Now(), Actor: mail.ActorSystem, Part: "courier", Message: o.Message, Holder: o.Holder, Detail: detail})
}

var noticeEvents = map[mail.StepKind]string{
	mail.StepNoticeSent:    journal.NoticeSent,
	mail.StepNoticeDelayed: journal.NoticeDelayed,
	mail.StepNoticeFailed:  journal.NoticeFailed,
}
