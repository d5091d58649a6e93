package office

import (
	"context"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// GiveOlder gives a colleague who has asked for it what came to a function mailbox before
// them: each of its keys that by has is locked for them, too. The server alone could not
// do it, nor could an organiser. As long as there is more that by does not have, the
// question stands. The errors are Absent unless by reads there and the colleague has
// asked, and Invalid for who has nothing to give.
func (o *Office) GiveOlder(ctx context.Context, by mail.Actor, key *keyring.Person, mailbox, person mail.ID) error {
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	var m org.Mailbox
	var seat mail.MailboxMember
	var err error
	o.Tree(func(t *org.Tree) { m, seat, err = asking(t, by, mailbox, person) })
	if err != nil {
		return err
	}
	p, err := o.person(ctx, person)
	if err != nil {
		return err
	}
	missing, more, err := o.missing(ctx, key, mailbox, person)
	if err != nil {
		return err
	}
	if len(missing) == 0 {
		return mail.E(mail.Invalid, "error.mailbox.nothing", nil)
	}
	given, err := o.newLocks(len(missing))
	if err != nil {
		return err
	}
	for _, k := range missing {
		if err := given.lockFor(mail.ID(k.ID), p, k.Seed()); err != nil {
			given.undo()
			return err
		}
	}
	seat.Asks = more
	err = o.withMail(func(link mail.Slot) error {
		return o.Store.Update(ctx, func(tx Tx) error {
			if _, err := given.writeGenerations(tx); err != nil {
				return err
			}
			if err := tx.PutMailboxMember(seat); err != nil {
				return err
			}
			if err := o.noteSeat(tx, by, journal.MailboxGiven, seat); err != nil {
				return err
			}
			return o.post(tx, link, p, mail.Notice{Kind: mail.NoticeGiven, At: tx.Now(), Mailbox: m.Name})
		})
	})
	if err != nil {
		given.undo()
		return err
	}
	o.tellTree(func(t *org.Tree) { t.PutColleague(seat) })
	return nil
}

// RefuseOlder takes the question off the table. Whoever reads there may, and whoever
// organises the mailbox.
func (o *Office) RefuseOlder(ctx context.Context, by mail.Actor, mailbox, person mail.ID) error {
	var seat mail.MailboxMember
	return o.do(ctx, by, act{
		may: func(t *org.Tree) (err error) {
			_, seat, err = asking(t, by, mailbox, person)
			seat.Asks = false
			return err
		},
		write: func(tx Tx) error { return tx.PutMailboxMember(seat) },
		done:  func(t *org.Tree) { t.PutColleague(seat) },
		note:  mail.Event{Kind: journal.MailboxRefused, Holder: person, Detail: mailbox.String()},
	})
}

// asking returns the place of somebody who asks for what came before, to who reads in
// the mailbox or organises it; else Absent.
func asking(t *org.Tree, by mail.Actor, mailbox, person mail.ID) (org.Mailbox, mail.MailboxMember, error) {
	m, _ := t.Mailbox(mailbox)
	if t.Reads(by.ID, mailbox) || organisesMailbox(t, by, mailbox) == nil {
		for _, c := range t.Readers(mailbox) {
			if c.ID == person && c.Asks {
				return m, mail.MailboxMember{Mailbox: mailbox, Person: person, Role: c.Role, Asks: true, Since: c.Since}, nil
			}
		}
	}
	return m, mail.MailboxMember{}, absent()
}

// missing returns the keys of a mailbox that somebody can open and a colleague cannot;
// more says that there are others, which neither can.
func (o *Office) missing(ctx context.Context, key *keyring.Person, mailbox, person mail.ID) (list []*keyring.Person, more bool, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		lacked, err := lacks(tx, mailbox, person)
		if err != nil {
			return err
		}
		for _, g := range lacked {
			w, err := tx.GenerationWrap(mailbox, g.ID, mail.ID(key.ID))
			if mail.KindOf(err) == mail.Absent {
				more = true
				continue
			}
			if err != nil {
				return err
			}
			sw, err := o.openSlot(tx, w.Slot)
			if err != nil {
				return err
			}
			k, err := key.Generation(g.ID, sw, w.Box)
			if err != nil {
				return mail.E(mail.Internal, "error.internal", err)
			}
			list = append(list, k)
		}
		return nil
	})
	return list, more, err
}
