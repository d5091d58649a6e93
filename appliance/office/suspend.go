package office

import (
	"context"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// Why somebody is suspended, or may sign in again, as the journal says it.
const (
	ByHand      = "hand"
	ByDirectory = "directory"
	ByDay       = "day" // their last one is over
)

// Suspend keeps a person out: no way in is open any more, every session ends at once, no
// mail program sends, nothing is organised, and no list shows them. Letters to them are
// taken, sealed to their key, and wait; so do their places, and their locks of function
// mailboxes. The person is not told: it is who has left. Suspending somebody who is
// suspended changes nothing.
//
// The errors are Absent for whom by may not organise, and Invalid for oneself and for the
// last administrator.
func (o *Office) Suspend(ctx context.Context, by mail.Actor, person mail.ID, why string) error {
	return o.suspendWith(ctx, by, person, why, func(Tx) error { return nil })
}

// suspendWith is Suspend that writes something more with it.
func (o *Office) suspendWith(ctx context.Context, by mail.Actor, person mail.ID, why string, also func(Tx) error) error {
	wrote := false
	err := o.suspend(ctx, by, person, why, func(tx Tx) error {
		wrote = true
		return also(tx)
	})
	if wrote || err == nil {
		// After the commit: a sign-in that read the row before is dropped here, one that reads
		// it from now on is refused. Whatever went wrong behind the commit, they are out.
		o.SignOut(person)
	}
	return err
}

func (o *Office) suspend(ctx context.Context, by mail.Actor, person mail.ID, why string, also func(Tx) error) error {
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	organises := false
	o.Tree(func(t *org.Tree) { organises = len(t.Organised(person)) > 0 })
	return o.perform(ctx, by, act{
		may: func(t *org.Tree) error {
			if err := organisesPerson(t, by, person); err != nil {
				return err
			}
			if by.ID == person {
				return mail.E(mail.Invalid, "error.suspend.own", nil)
			}
			if p, err := t.Person(person); err != nil || p.Out() {
				return settled(err)
			}
			return t.MaySuspend(person)
		},
		write: func(tx Tx) error {
			if err := also(tx); err != nil {
				return err
			}
			if err := changed(tx, by, person, mail.SettingSuspended); err != nil {
				return err
			}
			return o.rewrite(tx, person, func(p *mail.Person, _ *mail.Profile) {
				p.Suspended = tx.Now()
				if p.Leaves.IsZero() || by.Kind != mail.ActorSystem {
					p.OutBy = by.ID // else it is who has set the day
				}
			})
		},
		learn: person,
		note:  mail.Event{Kind: journal.Suspended, Holder: person, Detail: why},

		organisers: organises,
	})
}

func settled(err error) error {
	if err != nil {
		return err
	}
	return errSettled
}

// Resume lets a suspended person in again, who is told if they have been here before. It
// changes nothing for who is not suspended. The error is Absent for whom by may not
// organise.
func (o *Office) Resume(ctx context.Context, by mail.Actor, person mail.ID, why string) error {
	return o.resumeWith(ctx, by, person, why, func(Tx) error { return nil })
}

// resumeWith is Resume that writes something more with it.
func (o *Office) resumeWith(ctx context.Context, by mail.Actor, person mail.ID, why string, also func(Tx) error) error {
	return o.withMails(1, func(link []mail.Slot) (used int, err error) {
		o.trees.acts.Lock()
		defer o.trees.acts.Unlock()
		organises := false
		o.Tree(func(t *org.Tree) { organises = len(t.Organised(person)) > 0 })
		err = o.perform(ctx, by, act{
			may: func(t *org.Tree) error {
				if err := organisesPerson(t, by, person); err != nil {
					return err
				}
				if p, err := t.Person(person); err != nil || !p.Out() {
					return settled(err)
				}
				return nil
			},
			write: func(tx Tx) error {
				used = 0
				if err := also(tx); err != nil {
					return err
				}
				if err := changed(tx, by, person, mail.SettingSuspended); err != nil {
					return err
				}
				var p mail.Person
				err := o.rewrite(tx, person, func(row *mail.Person, _ *mail.Profile) {
					row.Suspended = time.Time{}
					if !row.Leaves.After(tx.Now()) { // a day to come stands
						row.Leaves, row.OutBy = time.Time{}, mail.ID{}
					}
					p = *row
				})
				if err != nil || !p.Active {
					return err // who was never here has an invitation, or gets another
				}
				used = 1
				return o.post(tx, link[0], p, mail.Notice{Kind: mail.NoticeResumed, At: tx.Now()})
			},
			learn: person,
			note:  mail.Event{Kind: journal.Resumed, Holder: person, Detail: why},

			organisers: organises,
		})
		return used, err
	})
}
