package office

import (
	"context"
	"slices"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// linksAtOnce is how many entries are written in one transaction.
const linksAtOnce = 500

// carryOut does what a reading comes to. Who has left goes out first, whatever else fails;
// then people are made, the same way as from a table. After an error, or a power cut, the
// next reading does what is left.
func (p *directoryPlan) carryOut(ctx context.Context, progress *Progress) error {
	by := mail.SystemActor("directory")
	if err := p.keepOut(ctx, by, progress); err != nil {
		return err
	}
	if p.plan.Changes() > 0 {
		if err := p.o.Import(ctx, by, p.plan, p.o.Lang, &progress.Done); err != nil {
			return err
		}
	}
	for _, do := range []func(context.Context, mail.Actor, *Progress) error{p.rename, p.charge, p.link, p.letIn} {
		if err := do(ctx, by, progress); err != nil {
			return err
		}
	}
	return nil
}

func (p *directoryPlan) rename(ctx context.Context, by mail.Actor, progress *Progress) error {
	for _, n := range p.names {
		if err := p.o.SetName(ctx, by, p.o.personAt(n.address), n.name); passed(err) != nil {
			return err
		}
		progress.Done.Add(1)
	}
	return nil
}

// charge gives units their cost centres.
func (p *directoryPlan) charge(ctx context.Context, by mail.Actor, progress *Progress) error {
	for _, c := range p.costs {
		var u org.Unit
		var err error
		p.o.Tree(func(t *org.Tree) { u, err = t.Unit(c.unit) })
		if err == nil {
			u.CostCentre = c.code
			err = p.o.ChangeUnit(ctx, by, u)
		}
		if passed(err) != nil {
			return err
		}
		progress.Done.Add(1)
	}
	return nil
}

// passed is an error but for what went meanwhile, which is passed by.
func passed(err error) error {
	if mail.KindOf(err) == mail.Absent {
		return nil
	}
	return err
}

func (o *Office) personAt(a mail.Address) (id mail.ID) {
	o.Tree(func(t *org.Tree) {
		if p, ok := t.PersonAt(a); ok {
			id = p.ID
		}
	})
	return id
}

// link writes down who came from which entry, and what it says: what was done of it is not
// done again.
func (p *directoryPlan) link(ctx context.Context, _ mail.Actor, _ *Progress) error {
	err := p.o.Store.Update(ctx, func(tx Tx) error {
		for _, d := range p.cleared {
			if err := tx.PutDirectoryPerson(d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for list := range slices.Chunk(p.links, linksAtOnce) {
		err := p.o.Store.Update(ctx, func(tx Tx) error {
			for _, l := range list {
				l.Person = p.o.personAt(l.address)
				if l.Person.IsZero() {
					continue
				}
				// Who is kept out stays so until letIn, which takes both back at once.
				l.Out = p.resume[l.Person].Out
				if err := tx.PutDirectoryPerson(l.DirectoryPerson); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// letIn lets those in again who are back.
func (p *directoryPlan) letIn(ctx context.Context, by mail.Actor, progress *Progress) error {
	now, err := p.nowKnown(ctx)
	if err != nil {
		return err
	}
	for _, d := range p.resume {
		row, ok := now[d.Person]
		if !ok {
			continue
		}
		row.Out = time.Time{}
		err := p.o.resumeWith(ctx, by, d.Person, ByDirectory, func(tx Tx) error { return tx.PutDirectoryPerson(row) })
		if passed(err) != nil {
			return err
		}
		progress.Done.Add(1)
	}
	return nil
}

// keepOut suspends those who have left. Whether they may be is asked again for each: since
// the plan somebody may have become an administrator, or the last to organise a unit.
func (p *directoryPlan) keepOut(ctx context.Context, by mail.Actor, progress *Progress) error {
	clear(p.leaves) // by now they are out themselves, or still organise
	list := p.suspend
	p.suspend = nil
	for _, d := range list {
		stays := false
		p.o.Tree(func(t *org.Tree) {
			who, err := t.Person(d.Person)
			stays = err == nil && p.mustStay(t, who)
		})
		if stays {
			continue
		}
		err := p.o.suspendWith(ctx, by, d.Person, ByDirectory, func(tx Tx) error {
			d.Out = tx.Now()
			return tx.PutDirectoryPerson(d.DirectoryPerson)
		})
		if passed(err) != nil {
			return err
		}
		p.suspend = append(p.suspend, d)
		progress.Done.Add(1)
	}
	return nil
}

// nowKnown is what is kept of the directory's people by now, by person.
func (p *directoryPlan) nowKnown(ctx context.Context) (map[mail.ID]mail.DirectoryPerson, error) {
	by := map[mail.ID]mail.DirectoryPerson{}
	err := p.o.Store.View(ctx, func(tx ReadTx) error {
		list, err := tx.DirectoryPeople()
		for _, d := range list {
			by[d.Person] = d
		}
		return err
	})
	return by, err
}
