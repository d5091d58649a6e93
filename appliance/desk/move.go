package desk

import (
	"context"

	"sigill/appliance/mail"
)

// MaxMove is how many letters Move takes at once.
const MaxMove = 100

// Move puts copies of r's into the trash, or takes them out again, back to where they came
// from. It ends nothing, and opens nothing: what was unread stays so. A copy that is not
// r's, has ended, or lies where it should go already is passed over, all alike. It returns
// those that have moved. The error is Invalid for more than MaxMove.
func (d *Desk) Move(ctx context.Context, r Reader, holders []mail.ID, trash bool) ([]mail.ID, error) {
	if len(holders) > MaxMove {
		return nil, mail.E(mail.Invalid, "error.invalid", nil)
	}
	var moved []mail.ID
	err := d.Store.Update(ctx, func(tx Tx) error {
		moved = moved[:0]
		for _, id := range holders {
			ok, err := d.moveOne(tx, r, id, trash)
			if kind := mail.KindOf(err); kind == mail.Absent || kind == mail.Gone {
				continue
			}
			if err != nil {
				return err
			}
			if ok {
				moved = append(moved, id)
			}
		}
		return nil
	})
	return moved, err
}

func (d *Desk) moveOne(tx Tx, r Reader, holder mail.ID, trash bool) (bool, error) {
	l, err := d.load(tx, holder)
	if err != nil {
		return false, err
	}
	if l.h.Kind != mail.HolderPerson || !r.owns(l.h.Owner) {
		return false, absent()
	}
	if l.h.Owner != r.ID { // nobody moves what came to a function mailbox before them
		if _, err := d.contentKey(tx, r, l); err != nil {
			return false, err
		}
	}
	to := mail.Trash
	switch {
	case trash && l.h.Folder != mail.Inbox && l.h.Folder != mail.Sent,
		!trash && l.h.Folder != mail.Trash:
		return false, nil
	case !trash:
		to = cameFrom(l)
	}
	l.h.Folder = to
	return true, tx.SaveHolder(l.h)
}

// cameFrom is the folder in which a copy was before it came into the trash: the sent ones
// for what its holder wrote.
func cameFrom(l loaded) mail.Folder {
	byHouse := l.h.House && l.m.Way != mail.In
	byRecipient := l.h.Channel == mail.ChannelRecipient && l.m.Way == mail.In
	if byHouse || byRecipient {
		return mail.Sent
	}
	return mail.Inbox
}
