package desk

import (
	"context"

	"sigill/appliance/mail"
)

// MaxMove is how many letters Move and Mark take at once.
const MaxMove = 100

// Move puts copies of r's into the trash, or takes them out again, back to where they came
// from. It ends nothing, and opens nothing: what was unread stays so. A copy that is not
// r's, has ended, or lies where it should go already is passed over, all alike. It returns
// those that have moved. The error is Invalid for more than MaxMove.
func (d *Desk) Move(ctx context.Context, r Reader, holders []mail.ID, trash bool) ([]mail.ID, error) {
	return d.eachOf(ctx, holders, func(tx Tx, id mail.ID) (bool, error) { return d.moveOne(tx, r, id, trash) })
}

// eachOf does an act on each of some letters, in one transaction. It returns those on which
// it was done; those that are not there, or not any more, are passed over.
func (d *Desk) eachOf(ctx context.Context, holders []mail.ID, act func(Tx, mail.ID) (bool, error)) ([]mail.ID, error) {
	if len(holders) > MaxMove {
		return nil, mail.E(mail.Invalid, "error.invalid", nil)
	}
	var done []mail.ID
	err := d.Store.Update(ctx, func(tx Tx) error {
		done = done[:0]
		for _, id := range holders {
			ok, err := act(tx, id)
			if kind := mail.KindOf(err); kind == mail.Absent || kind == mail.Gone {
				continue
			}
			if err != nil {
				return err
			}
			if ok {
				done = append(done, id)
			}
		}
		return nil
	})
	return done, err
}

// loadOwn loads a copy in a mailbox of r's that r can read: nobody moves or marks what came
// to a function mailbox before them.
func (d *Desk) loadOwn(tx Tx, r Reader, holder mail.ID) (loaded, error) {
	l, err := d.load(tx, holder)
	if err != nil {
		return l, err
	}
	if l.h.Kind != mail.HolderPerson || !r.owns(l.h.Owner) {
		return l, absent()
	}
	if l.h.Owner != r.ID {
		_, err = d.contentKey(tx, r, l)
	}
	return l, err
}

func (d *Desk) moveOne(tx Tx, r Reader, holder mail.ID, trash bool) (bool, error) {
	l, err := d.loadOwn(tx, r, holder)
	if err != nil {
		return false, err
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

// Mark lets copies of r's stand in the list as read, or as unread, and changes nothing else:
// who sent them learns nothing of it. In a function mailbox all who read there see the same.
// A copy that is not r's, has ended, or stands so already is passed over, all alike. It
// returns those that have changed. The error is Invalid for more than MaxMove.
func (d *Desk) Mark(ctx context.Context, r Reader, holders []mail.ID, unread bool) ([]mail.ID, error) {
	return d.eachOf(ctx, holders, func(tx Tx, id mail.ID) (bool, error) {
		l, err := d.loadOwn(tx, r, id)
		if err != nil || l.h.Folder != mail.Inbox || l.h.Unread() == unread {
			return false, err
		}
		l.h.Mark = mail.MarkRead
		if unread {
			l.h.Mark = mail.MarkUnread
		}
		if opened := !l.h.Opened.IsZero(); opened != unread {
			l.h.Mark = mail.MarkNone // as its opening says
		}
		return true, tx.SaveHolder(l.h)
	})
}

// unmark takes a mark off a letter that r has just read.
func (d *Desk) unmark(ctx context.Context, r Reader, holder mail.ID) error {
	return d.Store.Update(ctx, func(tx Tx) error {
		l, err := d.loadOwn(tx, r, holder)
		if err != nil {
			return err
		}
		l.h.Mark = mail.MarkNone
		return tx.SaveHolder(l.h)
	})
}
