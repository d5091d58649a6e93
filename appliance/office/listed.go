package office

import (
	"context"
	"encoding/json"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// listedWrites is what the office writes of contact lists.
type listedWrites interface {
	PutListed(mail.Listed) error
	DeleteListed(id mail.ID) error
}

// MaxListed is how many people from outside a unit's contact list has.
const MaxListed = 2000

// ListedIn returns a unit's contact list, by name, to who organises the unit; else the
// error is Absent.
func (o *Office) ListedIn(ctx context.Context, by mail.Actor, unit mail.ID) ([]Contact, error) {
	var u org.Unit
	var err error
	o.Tree(func(t *org.Tree) {
		if err = organises(t, by, unit); err == nil {
			u, err = t.Unit(unit)
		}
	})
	if err != nil {
		return nil, err
	}
	return o.outside(ctx, u)
}

// AddListed puts somebody from outside into a unit's contact list. The errors for people
// are Invalid: what nobody could read, who is of the house, and who stands there already.
func (o *Office) AddListed(ctx context.Context, by mail.Actor, unit mail.ID, c mail.ListedColumns) (mail.ID, error) {
	id := mail.NewID()
	return id, o.putListed(ctx, by, unit, id, c, journal.ListedAdded)
}

// ChangeListed writes again who somebody in a unit's contact list is. The errors are those
// of AddListed, and Absent if they are not in it.
func (o *Office) ChangeListed(ctx context.Context, by mail.Actor, unit, id mail.ID, c mail.ListedColumns) error {
	return o.putListed(ctx, by, unit, id, c, journal.ListedChanged)
}

func (o *Office) putListed(ctx context.Context, by mail.Actor, unit, id mail.ID, c mail.ListedColumns, kind string) error {
	c, err := org.CleanListed(c)
	if err != nil {
		return err
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return mail.E(mail.Internal, "error.internal", err)
	}
	return o.do(ctx, by, act{
		may: func(t *org.Tree) error {
			if err := organises(t, by, unit); err != nil {
				return err
			}
			if _, ok := t.MailboxAt(c.Address); ok || o.ours(c.Address) {
				return mail.E(mail.Invalid, "error.listed.ours", nil)
			}
			return nil
		},
		write: func(tx Tx) error {
			row := mail.Listed{ID: id, Unit: unit, Columns: o.App.SealListed(id, plain), At: tx.Now()}
			if err := o.fitsList(tx, row, c.Address, kind == journal.ListedAdded); err != nil {
				return err
			}
			return tx.PutListed(row)
		},
		done: func(*org.Tree) {},
		note: mail.Event{Kind: kind, Holder: unit, Detail: id.String()},
	})
}

// fitsList holds a row against those that a list has.
func (o *Office) fitsList(tx ReadTx, row mail.Listed, a mail.Address, add bool) error {
	rows, err := tx.ListedIn(row.Unit)
	if err != nil {
		return err
	}
	there := false
	for _, other := range rows {
		if there = there || other.ID == row.ID; other.ID == row.ID {
			continue
		}
		c, err := o.openListed(other, org.Unit{})
		if err != nil {
			return err
		}
		if c.Address.Key() == a.Key() {
			return mail.E(mail.Invalid, "error.listed.twice", nil)
		}
	}
	switch {
	case !add && !there:
		return absent()
	case add && len(rows) >= MaxListed:
		return mail.E(mail.Invalid, "error.listed.many", nil)
	}
	return nil
}

// RemoveListed takes somebody out of a unit's contact list. The error is Absent if they
// are not in it.
func (o *Office) RemoveListed(ctx context.Context, by mail.Actor, unit, id mail.ID) error {
	return o.do(ctx, by, act{
		may: func(t *org.Tree) error { return organises(t, by, unit) },
		write: func(tx Tx) error {
			if row, err := tx.Listed(id); err != nil || row.Unit != unit {
				return absent()
			}
			return tx.DeleteListed(id)
		},
		done: func(*org.Tree) {},
		note: mail.Event{Kind: journal.ListedRemoved, Holder: unit, Detail: id.String()},
	})
}
