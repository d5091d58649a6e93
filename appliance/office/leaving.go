package office

import (
	"context"
	"errors"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// SetLeaving says from when on somebody is kept out, as after their last day of work; the
// zero time takes it back. They are suspended then, by SuspendLeavers. The errors are Absent
// for whom by may not organise, and Invalid for oneself, for who is suspended already, for
// a time that is over, and for the last administrator.
func (o *Office) SetLeaving(ctx context.Context, by mail.Actor, person mail.ID, from time.Time) error {
	return o.do(ctx, by, act{
		may: func(t *org.Tree) error {
			if err := organisesPerson(t, by, person); err != nil {
				return err
			}
			p, err := t.Person(person)
			switch {
			case err != nil:
				return err
			case from.Equal(p.Leaves):
				return errSettled
			case by.ID == person:
				return mail.E(mail.Invalid, "error.suspend.own", nil)
			case p.Out():
				return mail.E(mail.Invalid, "error.leaving.out", nil)
			case from.IsZero():
				return nil
			case !from.After(o.Clock.Now()):
				return mail.E(mail.Invalid, "error.leaving.past", nil)
			}
			return t.MayLeave(person)
		},
		write: func(tx Tx) error {
			return o.rewrite(tx, person, func(p *mail.Person, _ *mail.Profile) { p.Leaves, p.OutBy = from, by.ID })
		},
		learn: person,
		note:  mail.Event{Kind: journal.LeavesSet, Holder: person, Detail: dayOf(from)},
	})
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// SuspendLeavers suspends everybody whose last day is over, and returns how many it were.
// With an error there are some who could not be; all others are.
func (o *Office) SuspendLeavers(ctx context.Context) (n int, err error) {
	var over []mail.ID
	now := o.Clock.Now()
	o.Tree(func(t *org.Tree) { over = t.Leavers(now) })
	for _, id := range over {
		e := o.Suspend(ctx, mail.SystemActor("office"), id, ByDay)
		if e == nil {
			n++
		}
		err = errors.Join(err, e)
	}
	return n, err
}
