package desk

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"sigill/appliance/mail"
)

// Allowance returns what an owner may send at this moment, and how much of it is left.
func (d *Desk) Allowance(ctx context.Context, owner mail.ID) (mail.Allowance, error) {
	a := d.Directory.Allowance(owner)
	if a.Week == 0 {
		return a, nil
	}
	name, err := d.week(ctx, owner)
	if err != nil {
		return a, err
	}
	err = d.Store.View(ctx, func(tx ReadTx) error {
		n, err := tx.Counter(name, d.Clock.Now())
		a.Left = max(0, a.Week-int(n))
		return err
	})
	return a, err
}

// spending is what a letter takes out of its sender's allowance. The zero value is
// nothing.
type spending struct {
	name []byte
	n    int
	week int
	say  string // what people are told when it does not fit
}

// weekLong is for how long a week's count is kept: until the week is over, whenever in
// it the first letter was.
const weekLong = 8 * 24 * time.Hour

// allow holds a letter against what its owner may send, and returns what the transaction
// of the letter is to take. The errors are Invalid, for people: with somebody the owner has
// exchanged no letters and whom no contact list has, or so many are not left. Answers by who holds a code are never
// asked.
func (d *Desk) allow(ctx context.Context, owner mail.ID, to []mail.Request) (spending, error) {
	a := d.Directory.Allowance(owner)
	if a.Met {
		list := make([]mail.Address, 0, len(to))
		for _, r := range to {
			if r.Trap == mail.TrapTrigger || r.Trap == mail.TrapNoTrigger {
				return spending{}, mail.E(mail.Invalid, "error.plan.trap", nil).Tell("Address", r.Given) // nobody knows yet who that is
			}
			list = append(list, r.Address)
		}
		if err := d.met(ctx, owner, list...); err != nil {
			return spending{}, err
		}
	}
	if a.Week == 0 {
		return spending{}, nil
	}
	name, err := d.week(ctx, owner)
	if err != nil {
		return spending{}, err
	}
	s := spending{name, len(to), a.Week, "error.plan.week"}
	// Asked here too, so that nothing is sealed and written for what will be refused.
	return s, d.Store.View(ctx, func(tx ReadTx) error { return s.fits(tx) })
}

// week names the count of an owner's letters in the week that runs, from Monday on in
// the house's zone (ISO 8601, 2.2.10).
func (d *Desk) week(ctx context.Context, owner mail.ID) ([]byte, error) {
	house, err := d.House(ctx)
	if err != nil {
		return nil, err
	}
	now := d.Clock.Now()
	if house.Rules.Zone != nil {
		now = now.In(house.Rules.Zone)
	}
	year, week := now.ISOWeek()
	return d.App.Tag("allowance.week", fmt.Sprintf("%s %d %d", owner, year, week)), nil
}

// take takes a letter out of the allowance, in the transaction that makes it durable: of
// two at once, the second sees the first. The error is that of fits.
func (s spending) take(tx Tx) error {
	if err := s.fits(tx); err != nil {
		return err
	}
	for range s.n {
		if _, err := tx.Count(s.name, tx.Now(), weekLong); err != nil {
			return err
		}
	}
	return nil
}

// fits is Invalid, for people, if so much is not left.
func (s spending) fits(tx ReadTx) error {
	if s.n == 0 {
		return nil
	}
	n, err := tx.Counter(s.name, tx.Now())
	if err != nil {
		return err
	}
	if left := max(0, s.week-int(n)); left < s.n {
		return mail.E(mail.Invalid, s.say, nil).Tell("Left", strconv.Itoa(left)).Tell("Week", strconv.Itoa(s.week))
	}
	return nil
}

// met is Invalid unless an owner finds all of these in contact lists or has exchanged
// letters with them: got one from them, or sent one to them, that has not ended. What has
// ended says no more with whom it was.
func (d *Desk) met(ctx context.Context, owner mail.ID, with ...mail.Address) error {
	missing, err := d.Directory.OutOfContacts(ctx, owner, with)
	if err != nil {
		return err
	}
	err = d.Store.View(ctx, func(tx ReadTx) error {
		for _, f := range []mail.Folder{mail.Inbox, mail.Sent, mail.Trash} {
			if err := d.meet(tx, mail.MailboxQuery{Owner: owner, Folder: f, Limit: 200}, missing); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, a := range with {
		if _, is := missing[a.Key()]; is {
			return unmet(string(a))
		}
	}
	return nil
}

func unmet(who string) error {
	return mail.E(mail.Invalid, "error.plan.met", nil).Tell("Address", who)
}

// meet takes from missing whoever has exchanged a letter of a folder.
func (d *Desk) meet(tx ReadTx, q mail.MailboxQuery, missing map[string]mail.Address) error {
	for len(missing) > 0 {
		rows, err := tx.Mailbox(q)
		if err != nil {
			return err
		}
		for _, row := range rows {
			l := loaded{m: row.Message, h: row.Holder}
			if !alive(l, d.Clock.Now()) {
				continue
			}
			if err := d.people(tx, l, missing); err != nil && mail.KindOf(err) != mail.Gone {
				return err
			}
		}
		if len(rows) < q.Limit {
			return nil
		}
		last := rows[len(rows)-1]
		q.Before, q.Skip = last.Message.At, last.Holder.ID
	}
	return nil
}

// people takes a letter's sender and recipients from missing.
func (d *Desk) people(tx ReadTx, l loaded, missing map[string]mail.Address) (err error) {
	if l.skm, err = d.openSlot(tx, l.m.Slot); err != nil {
		return err
	}
	e, err := d.envelope(l)
	if err != nil {
		return err
	}
	if e.Answers != "" {
		delete(missing, e.Answers.Key()) // Sender is whose letter it answers
		return nil
	}
	delete(missing, e.Sender.Key())
	// Of a letter that came, the other recipients are none of the owner's. An answer of
	// before answers were named is told by its guest, while that lives.
	if l.m.Way != mail.In && !l.h.House {
		return nil
	}
	list, err := d.reached(tx, l)
	for _, c := range list {
		delete(missing, c.Address.Key())
	}
	return err
}

// reached returns the recipients of a letter whose copy lives, without those who are held.
// The letter's key must be open.
func (d *Desk) reached(tx ReadTx, l loaded) (list []mail.Columns, err error) {
	holders, err := tx.Holders(l.m.ID)
	if err != nil {
		return nil, err
	}
	for _, h := range holders {
		x := loaded{m: l.m, h: h, skm: l.skm}
		if !isRecipient(h) || h.Hold != mail.HoldNone || !alive(x, d.Clock.Now()) {
			continue
		}
		x.skh, err = d.openSlot(tx, h.Slot)
		if mail.KindOf(err) == mail.Gone {
			continue // just now; the others of the letter live
		}
		if err != nil {
			return nil, err
		}
		c, err := d.columns(x)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}
