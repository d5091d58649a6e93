package office

import (
	"context"

	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/seal"
)

// GiveOlder gives a colleague who has asked for it what came to a function mailbox before
// them: each of its keys that by has is locked for them, too. The server alone could not
// do it, nor could an organiser. As long as there is more that by does not have, the
// question stands. The errors are Absent unless by reads there and the colleague has
// asked, and Invalid for who has nothing to give.
func (o *Office) GiveOlder(ctx context.Context, by mail.Actor, key *keyring.Person, mailbox, person mail.ID) error {
	g := &giving{o: o, by: by, mailbox: mailbox, kind: journal.MailboxGiven, nothing: "error.mailbox.nothing"}
	g.may = func(*org.Tree) error { return nil } // asking is enough: who has no part in a key gives none
	g.open = func(tx ReadTx, of mail.Generation) (seal.Secret, bool, error) { return o.memberSeed(tx, key, of) }
	g.told = func() ([]mail.ID, mail.Notice) {
		return []mail.ID{person}, mail.Notice{Kind: mail.NoticeGiven, Mailbox: g.m.Name}
	}
	return g.give(ctx, person)
}

// giving is what came to a function mailbox before somebody, on its way to them.
type giving struct {
	o       *Office
	by      mail.Actor
	mailbox mail.ID
	kind    string // for the journal
	nothing string // what is said to who has nothing to give
	may     func(t *org.Tree) error
	open    func(tx ReadTx, of mail.Generation) (seed seal.Secret, ok bool, err error)
	told    func() ([]mail.ID, mail.Notice)

	m     org.Mailbox
	seat  mail.MailboxMember
	asker mail.ID // who asked that they get it
}

// generationSeed is an opened key of a function mailbox.
type generationSeed struct {
	of   mail.ID
	seed seal.Secret
}

func (g *giving) give(ctx context.Context, person mail.ID) error {
	o := g.o
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	var err error
	o.Tree(func(t *org.Tree) {
		if g.m, g.seat, err = asking(t, g.by, g.mailbox, person); err == nil {
			g.asker = g.seat.Asker
			err = g.may(t)
		}
	})
	if err != nil {
		return err
	}
	p, err := o.person(ctx, person)
	if err != nil {
		return err
	}
	missing, more, err := g.missing(ctx, person)
	if err != nil {
		return err
	}
	if len(missing) == 0 {
		return mail.E(mail.Invalid, g.nothing, nil)
	}
	given, err := o.newLocks(len(missing))
	if err != nil {
		return err
	}
	for _, k := range missing {
		if err := given.lockFor(k.of, p, k.seed); err != nil {
			given.undo()
			return err
		}
	}
	if !more {
		g.seat.Asks, g.seat.Asker = false, mail.ID{}
	}
	if err := g.write(ctx, given); err != nil {
		given.undo()
		return err
	}
	o.tellTree(func(t *org.Tree) { t.PutColleague(g.seat) })
	return nil
}

func (g *giving) write(ctx context.Context, given *seedLocks) error {
	told, notice := g.told()
	return g.o.withMails(len(told), func(link []mail.Slot) (int, error) {
		return len(told), g.o.Store.Update(ctx, func(tx Tx) error {
			if _, err := given.writeGenerations(tx); err != nil {
				return err
			}
			if err := tx.PutMailboxMember(g.seat); err != nil {
				return err
			}
			notice.At = tx.Now()
			for i, id := range told {
				if err := g.o.post(tx, link[i], mail.Person{ID: id}, notice); err != nil {
					return err
				}
			}
			return g.o.noteSeat(tx, g.by, g.kind, g.seat)
		})
	})
}

// missing returns the keys of the mailbox that can be opened here and that a colleague
// does not have; more says that there are others, which cannot.
func (g *giving) missing(ctx context.Context, person mail.ID) (list []generationSeed, more bool, err error) {
	err = g.o.Store.View(ctx, func(tx ReadTx) error {
		lacked, err := lacks(tx, g.mailbox, person)
		if err != nil {
			return err
		}
		for _, of := range lacked {
			seed, ok, err := g.open(tx, of)
			if err != nil {
				return err
			}
			if !ok {
				more = true
				continue
			}
			list = append(list, generationSeed{of.ID, seed})
		}
		return nil
	})
	return list, more, err
}

// memberSeed opens a key of a function mailbox with that of somebody for whom it is
// locked; ok is false if it is not.
func (o *Office) memberSeed(tx ReadTx, key *keyring.Person, g mail.Generation) (seed seal.Secret, ok bool, err error) {
	w, err := tx.GenerationWrap(g.Mailbox, g.ID, mail.ID(key.ID))
	if mail.KindOf(err) == mail.Absent {
		return seed, false, nil
	}
	if err != nil {
		return seed, false, err
	}
	sw, err := o.openSlot(tx, w.Slot)
	if err != nil {
		return seed, false, err
	}
	k, err := key.Generation(g.ID, sw, w.Box)
	if err != nil {
		return seed, false, mail.E(mail.Internal, "error.internal", err)
	}
	return k.Seed(), true, nil
}

// RefuseOlder takes the question off the table. Whoever reads there may, and whoever
// organises the mailbox.
func (o *Office) RefuseOlder(ctx context.Context, by mail.Actor, mailbox, person mail.ID) error {
	var seat mail.MailboxMember
	return o.do(ctx, by, act{
		may: func(t *org.Tree) (err error) {
			_, seat, err = asking(t, by, mailbox, person)
			seat.Asks, seat.Asker = false, mail.ID{}
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
				return m, mail.MailboxMember{Mailbox: mailbox, Person: person, Role: c.Role, Asks: true, Asker: c.Asker, Since: c.Since}, nil
			}
		}
	}
	return m, mail.MailboxMember{}, absent()
}
