package office

import (
	"context"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/outbox"
)

// Tell sends a person a mail about their own account, and writes what is for the journal
// down with it.
func (o *Office) Tell(ctx context.Context, p mail.Person, n mail.Notice) error {
	return o.tell(ctx, p, n, func(tx Tx) error {
		if n.Kind == mail.NoticeSecondLocked {
			return note(tx, journal.SignInLocked, p, "")
		}
		return nil
	})
}

// tell puts a mail to a person into the outbox, in the same transaction as an act.
func (o *Office) tell(ctx context.Context, p mail.Person, n mail.Notice, act func(Tx) error) error {
	return o.withMail(func(slot mail.Slot) error {
		return o.Store.Update(ctx, func(tx Tx) error {
			if err := act(tx); err != nil {
				return err
			}
			return o.post(tx, slot, p, n)
		})
	})
}

// withMail gives an act the slot of one mail that it will post.
func (o *Office) withMail(act func(mail.Slot) error) error {
	slots, err := o.Store.Reserve(mail.Link, 1)
	if err != nil {
		return err
	}
	if err := act(slots[0]); err != nil {
		o.Store.Unreserve(slots)
		return err
	}
	o.Wake()
	return nil
}

// post puts a mail to a person into the outbox. To whom it goes, and in which language,
// is what the person's row says now.
func (o *Office) post(tx Tx, slot mail.Slot, p mail.Person, n mail.Notice) error {
	now, err := tx.Person(p.ID)
	if err != nil {
		return err
	}
	profile, err := o.Profile(now)
	if err != nil {
		return err
	}
	n.To, n.ToName, n.Lang = profile.Address, profile.Name, profile.Lang
	row, w, err := outbox.Seal(o.App, slot, n, outbox.About{}, tx.Now())
	if err != nil {
		return err
	}
	if err := tx.PutSlots([]mail.SlotWrite{w}); err != nil {
		return err
	}
	return tx.Enqueue(row)
}
