package office

import (
	"context"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/seal"
)

// nextGeneration is a key of a function mailbox being made: locked for R, for H and for
// each member. It needs nobody's own key, so nobody must be signed in.
type nextGeneration struct {
	*seedLocks
	row mail.Generation
}

// newGeneration makes the n-th key of a function mailbox of a unit for these members.
// Each costs one hybrid seal, a quarter of a millisecond.
func (o *Office) newGeneration(ctx context.Context, mailbox, unit mail.ID, n int, members []mail.Person) (*nextGeneration, error) {
	h, err := o.helperPair(ctx, func(t *org.Tree) mail.ID { return t.HelperUnitOf(unit) })
	if err != nil {
		return nil, err
	}
	locks, err := o.newLocks(len(members) + 2)
	if err != nil {
		return nil, err
	}
	seed := seal.NewSecret()
	g := &nextGeneration{locks, mail.Generation{ID: mail.NewID(), Mailbox: mailbox, N: n, At: o.Clock.Now()}}
	g.row.Public = seal.PrivateKeyOf(seed).Public().Bytes()
	if err := g.lockAll(h, members, seed); err != nil {
		g.undo()
		return nil, err
	}
	return g, nil
}

func (g *nextGeneration) lockAll(h helperPair, members []mail.Person, seed seal.Secret) error {
	if err := g.lockForR(g.row.ID, seed); err != nil {
		return err
	}
	if err := g.lock(seedLock{of: g.row.ID, kind: mail.SeedHelper, helper: h.id}, h.pub, seed); err != nil {
		return err
	}
	for _, m := range members {
		if err := g.lockFor(g.row.ID, m, seed); err != nil {
			return err
		}
	}
	return nil
}

func (g *nextGeneration) write(tx Tx) error {
	if err := tx.PutGeneration(g.row); err != nil {
		return err
	}
	if _, err := g.writeGenerations(tx); err != nil {
		return err
	}
	return tx.Note(mail.Event{Kind: journal.GenerationMade, At: tx.Now(), Actor: mail.ActorSystem, Part: "office", Holder: g.row.Mailbox})
}

// turn is an act after which a function mailbox has another key, because who reads there
// is not who read there before. Nothing is sealed to the old key from then on: a letter
// that is on its way finds it replaced, and its sender tries again.
//
// Who calls it holds acts, and erases what is returned when the rest is done.
func (o *Office) turn(ctx context.Context, mailbox mail.ID, readers []mail.Person, write func(tx Tx) error) (dead []mail.Slot, err error) {
	old := o.generation(mailbox)
	var m org.Mailbox
	o.Tree(func(t *org.Tree) { m, err = t.Mailbox(mailbox) })
	if err != nil {
		return nil, err
	}
	g, err := o.newGeneration(ctx, mailbox, m.Unit, old.N+1, readers)
	if err != nil {
		return nil, err
	}
	err = o.Store.Update(ctx, func(tx Tx) (err error) {
		o.replace(old.ID)
		if err := write(tx); err != nil {
			return err
		}
		if dead, err = dropUnused(tx, old); err != nil {
			return err
		}
		return g.write(tx)
	})
	if err != nil {
		o.bringBack(old.ID)
		g.undo()
		return nil, err
	}
	o.setGeneration(g.row)
	return dead, nil
}

// dropUnused takes a generation away to which nothing was ever sealed: while a mailbox is
// being set up, everybody who joins makes another.
func dropUnused(tx Tx, g mail.Generation) ([]mail.Slot, error) {
	some, err := tx.EverHeld(g.Mailbox)
	if err != nil || some {
		return nil, err
	}
	return tx.DeleteGeneration(g.ID)
}

// readersOf returns the rows of those who read a function mailbox, with one more and
// without another; zero ids are nobody.
func (o *Office) readersOf(ctx context.Context, mailbox, with, without mail.ID) ([]mail.Person, error) {
	ids := map[mail.ID]bool{}
	o.Tree(func(t *org.Tree) {
		for _, c := range t.Readers(mailbox) {
			ids[c.ID] = true
		}
	})
	ids[with] = true
	delete(ids, without)
	delete(ids, mail.ID{})
	list := make([]mail.Person, 0, len(ids))
	err := o.Store.View(ctx, func(tx ReadTx) error {
		for id := range ids {
			p, err := tx.Person(id)
			if err != nil {
				return err
			}
			list = append(list, p)
		}
		return nil
	})
	return list, err
}

// RenewMailboxes makes another key for each function mailbox whose current one is not
// locked for everybody who reads there, or for somebody who does not: a person has got
// another key, or the machine has stopped in between.
func (o *Office) RenewMailboxes(ctx context.Context) error {
	o.trees.acts.Lock()
	defer o.trees.acts.Unlock()
	return o.renewMailboxes(ctx)
}

func (o *Office) renewMailboxes(ctx context.Context) error {
	var all []org.Mailbox
	o.Tree(func(t *org.Tree) { all = t.AllMailboxes() })
	for _, m := range all {
		readers, err := o.readersOf(ctx, m.ID, mail.ID{}, mail.ID{})
		if err != nil {
			return err
		}
		fits, err := o.fitsReaders(ctx, o.generation(m.ID), readers)
		if err != nil {
			return err
		}
		if fits {
			continue
		}
		dead, err := o.turn(ctx, m.ID, readers, func(Tx) error { return nil })
		if err != nil {
			return err
		}
		if err := o.erase(ctx, dead); err != nil {
			return err
		}
	}
	return nil
}

// fitsReaders reports whether a generation is locked for these people and for no other.
func (o *Office) fitsReaders(ctx context.Context, g mail.Generation, readers []mail.Person) (fits bool, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		wraps, err := tx.GenerationWraps(g.ID)
		if err != nil {
			return err
		}
		members := map[mail.ID]bool{}
		for _, w := range wraps {
			if w.Kind == mail.SeedMember {
				members[w.Member] = true
			}
		}
		fits = len(members) == len(readers)
		for _, p := range readers {
			fits = fits && members[p.ID]
		}
		return nil
	})
	return fits, err
}
