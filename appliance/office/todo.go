package office

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// lyingReads is what the office reads of letters that wait too long.
type lyingReads interface {
	LyingUnread(owner mail.ID, until time.Time) (mail.Lying, error)
	LyingHeld(until time.Time) ([]mail.Lying, error)
}

// heldDays is after how many working days somebody should ask why a letter still waits for
// a number: after a week it ends.
const heldDays = 1

// unreadDays is how many working days are too long in a mailbox of which nobody is told by
// mail what lies there.
const unreadDays = 5

// Waiting is what waits too long in a mailbox, or in those of a department's people
// together: who organises them is not told whose it is.
type Waiting struct {
	Mailbox mail.ID // zero: those of people
	Unit    mail.ID
	Name    string // of the mailbox or department
	N       int
	Since   time.Time
}

// UnreadBelow returns the function mailboxes that somebody organises and in which letters
// have lain unread for as many working days as the mailbox says, or unreadDays, by name.
func (o *Office) UnreadBelow(ctx context.Context, by mail.Actor) (list []Waiting, err error) {
	var boxes []org.Mailbox
	o.Tree(func(t *org.Tree) { boxes = t.MailboxesBelow(by.ID) })
	now := o.Clock.Now()
	err = o.Store.View(ctx, func(tx ReadTx) error {
		for _, m := range boxes {
			l, err := tx.LyingUnread(m.ID, o.LainFor(now, cmp.Or(m.Alarm, unreadDays)))
			if err != nil {
				return err
			}
			if l.N > 0 {
				list = append(list, Waiting{Mailbox: m.ID, Unit: m.Unit, Name: m.Name, N: l.N, Since: l.Since})
			}
		}
		return nil
	})
	return list, err
}

// HeldBelow returns where letters have waited for a working day for what a recipient
// lacks, of the mailboxes and departments that somebody organises, by name.
func (o *Office) HeldBelow(ctx context.Context, by mail.Actor) ([]Waiting, error) {
	var rows []mail.Lying
	err := o.Store.View(ctx, func(tx ReadTx) (err error) {
		rows, err = tx.LyingHeld(o.LainFor(o.Clock.Now(), heldDays))
		return err
	})
	at := map[mail.ID]*Waiting{}
	o.Tree(func(t *org.Tree) {
		for _, row := range rows {
			w := Waiting{Since: row.Since}
			key := row.Owner
			if m, err := t.Mailbox(row.Owner); err == nil {
				w.Mailbox, w.Unit, w.Name = m.ID, m.Unit, m.Name
			} else if _, err := t.Person(row.Owner); err == nil {
				u, _ := t.Unit(t.Home(row.Owner)) // everybody has one
				key, w.Unit, w.Name = u.ID, u.ID, u.Name
			}
			if !t.Organises(by.ID, w.Unit) {
				continue
			}
			if at[key] == nil {
				at[key] = &w
			}
			at[key].N += row.N
			if row.Since.Before(at[key].Since) {
				at[key].Since = row.Since
			}
		}
	})
	list := make([]Waiting, 0, len(at))
	for _, w := range at {
		list = append(list, *w)
	}
	slices.SortFunc(list, func(a, b Waiting) int { return cmp.Or(cmp.Compare(a.Name, b.Name), a.Unit.Compare(b.Unit)) })
	return list, err
}

// Left is somebody who leaves, or has left, and whose letters nobody has taken over.
type Left struct {
	org.Person
	Letters int
}

// mostLeft bounds those whom LeftBelow returns. It looks into the mailbox of everybody who has
// left, as one walk in an index: most are empty, and more with the years.
const mostLeft = 200

// LeftBelow returns those whom somebody organises and who have left, or leave within a time,
// with letters in a mailbox that nobody has taken over, by name.
func (o *Office) LeftBelow(ctx context.Context, by mail.Actor, within time.Duration) (list []Left, err error) {
	var people []org.Person
	o.Tree(func(t *org.Tree) { people = t.Leaving(by.ID, o.Clock.Now().Add(within)) })
	err = o.Store.View(ctx, func(tx ReadTx) error {
		for _, p := range people {
			n, err := tx.CountHolders(p.ID)
			if err != nil {
				return err
			}
			if n > 0 && len(list) < mostLeft {
				list = append(list, Left{p, n})
			}
		}
		return nil
	})
	return list, err
}
