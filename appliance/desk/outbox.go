package desk

import (
	"context"
	"slices"
	"strings"
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
	var slot mail.Slot
	err := d.Store.Update(ctx, func(tx Tx) (err error) {
		slot, err = d.leave(tx, id, mail.StepNoticeSent, detail, nil)
		return err
	})
	return d.left(ctx, slot, err)
}

// leave takes a mail out of the outbox, with its step. The row stays for its bounces,
// empty. It returns the slot to be erased; zero if the mail had left before. also is
// called for a mail that leaves now.
func (d *Desk) leave(tx Tx, id mail.ID, k mail.StepKind, detail string, also func(mail.Outgoing) error) (mail.Slot, error) {
	o, err := tx.Outgoing(id)
	if err != nil || o.Slot.IsZero() {
		return mail.Slot{}, err
	}
	if err := d.stepIfLetter(tx, o, k, detail); err != nil {
		return mail.Slot{}, err
	}
	if also != nil {
		if err := also(o); err != nil {
			return mail.Slot{}, err
		}
	}
	return o.Slot, tx.SaveOutgoing(outbox.Emptied(o))
}

// left erases the key of a mail that has left. It comes after the row: a crash in
// between leaves a key without a row, which the sweep at start erases, and never a row
// without its key.
func (d *Desk) left(ctx context.Context, slot mail.Slot, err error) error {
	if err != nil || slot.IsZero() {
		return err
	}
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
		if err := d.delayedStep(tx, o, detail); err != nil {
			return err
		}
		o.Tries++
		o.Next = next
		return tx.SaveOutgoing(o)
	})
}

// delayedStep writes down that a notice was not taken: the first time, and whenever the
// answer is another than the last one. The tries in between say nothing new.
func (d *Desk) delayedStep(tx Tx, o mail.Outgoing, detail string) error {
	if !isLetter(o) {
		return nil
	}
	steps, err := tx.Steps(o.Holder)
	if err != nil {
		return err
	}
	for _, s := range slices.Backward(steps) {
		if s.Kind == mail.StepNoticeDelayed && o.Tries > 0 && s.Detail == detail {
			return nil
		}
		if s.Kind == mail.StepNoticeDelayed {
			break
		}
	}
	return d.stepIfLetter(tx, o, mail.StepNoticeDelayed, detail)
}

// Failed says that a mail will never go. If it was a letter's notice, the step stands
// at the recipient it concerns and the sender is told, in the same transaction: the
// courier says it again after a crash, and then nobody would be told any more.
func (d *Desk) Failed(ctx context.Context, id mail.ID, detail string) error {
	house, err := d.House(ctx)
	if err != nil {
		return err
	}
	var slot mail.Slot
	err = d.tell(ctx, 1, func(tx Tx, post poster) (err error) {
		slot, err = d.leave(tx, id, mail.StepNoticeFailed, detail, func(o mail.Outgoing) error {
			return d.tellFailed(ctx, tx, post, o, house, detail)
		})
		return err
	})
	return d.left(ctx, slot, err)
}

// tellFailed tells the sender that a letter's notice did not arrive. Of other mails
// nobody is told.
func (d *Desk) tellFailed(ctx context.Context, tx Tx, post poster, o mail.Outgoing, house House, detail string) error {
	if !isLetter(o) {
		return nil
	}
	if err := d.inboxLost(tx, o, detail); err != nil {
		return err
	}
	l, err := d.load(tx, o.Holder)
	if kind := mail.KindOf(err); err != nil && (kind == mail.Gone || kind == mail.Absent) {
		return nil // ended meanwhile: there is nobody to tell about
	}
	if err != nil {
		return err
	}
	return d.postOwner(ctx, tx, post, l, house, mail.NoticeBounce, mail.StepNoticeFailed, detail)
}

// inboxLost writes down that a registered recipient is not reached any more at the address:
// new letters are as to a guest until they show that they are. What failed for another reason
// than that there is no such mailbox says nothing of whose it is.
func (d *Desk) inboxLost(tx Tx, o mail.Outgoing, detail string) error {
	if o.Kind != mail.NoticeRecipient || !noMailbox(detail) {
		return nil
	}
	h, err := tx.Holder(o.Holder)
	if err != nil {
		if mail.KindOf(err) == mail.Absent {
			return nil
		}
		return err
	}
	if err := tx.LoseInbox(h.Owner, tx.Now()); err != nil {
		return err
	}
	return tx.Note(mail.Event{Kind: journal.InboxLost, At: tx.Now(), Actor: mail.ActorSystem, Part: "courier", Holder: h.Owner})
}

// noMailbox reports whether a failure's detail, such as "550 5.1.1", says that there is no
// mailbox at the address, or none any more. The other codes of the same subject tell of the
// sender's address, or of nothing in particular (RFC 3463, 3.2 and 3.3; RFC 7505, 4.2).
func noMailbox(detail string) bool {
	words := strings.Fields(detail)
	if len(words) == 0 {
		return false
	}
	switch words[len(words)-1] {
	case "5.1.1", // no such mailbox
		"5.1.2",  // no such domain
		"5.1.3",  // no address by its syntax
		"5.1.6",  // moved, and nobody says where to
		"5.1.10", // the domain takes no mail
		"5.2.1":  // disabled
		return true
	}
	return false
}

// isLetter tells the notice of a letter, to whom it is for, from other mails.
func isLetter(o mail.Outgoing) bool {
	return !o.Holder.IsZero() && (o.Kind == mail.NoticeLetter || o.Kind == mail.NoticeInternal || o.Kind == mail.NoticeRecipient)
}

func (d *Desk) stepIfLetter(tx Tx, o mail.Outgoing, k mail.StepKind, detail string) error {
	if !isLetter(o) {
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
