package office

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// trees keeps the organisation in memory, in step with the store.
//
// Who changes it holds acts from the question whether he may to the moment at which the
// tree knows of it, so that two organisers at once cannot each do what is right alone
// and wrong together. Readers wait only while the tree itself is changed.
type trees struct {
	acts sync.Mutex
	mu   sync.RWMutex
	tree *org.Tree
}

func (t *trees) set(tree *org.Tree) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tree = tree
}

// Load reads the organisation. It is called once, before anything else asks for it.
func (o *Office) Load(ctx context.Context) error {
	t := org.New(o.Base.Name)
	if err := o.relookup(ctx); err != nil {
		return err
	}
	err := o.Store.View(ctx, func(tx ReadTx) error {
		for _, load := range []func(ReadTx, *org.Tree) error{o.loadUnits, o.loadBrands, o.loadPeople, o.loadMailboxes, func(tx ReadTx, _ *org.Tree) error { return o.loadDomains(tx) }} {
			if err := load(tx, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	o.trees.set(t)
	return nil
}

func (o *Office) loadUnits(tx ReadTx, t *org.Tree) error {
	rows, err := tx.Units()
	if err != nil {
		return err
	}
	for _, row := range rows {
		u, err := o.openUnit(row)
		if err != nil {
			return err
		}
		t.PutUnit(u)
	}
	return nil
}

func (o *Office) loadPeople(tx ReadTx, t *org.Tree) error {
	people, err := tx.People()
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.IsNobody() || p.Kind == mail.RecipientPerson {
			continue
		}
		q, err := o.describe(p)
		if err != nil {
			return err
		}
		t.PutPerson(q)
	}
	members, err := tx.Memberships()
	if err != nil {
		return err
	}
	for _, m := range members {
		t.Place(m.Person, m.Unit, m.Home)
	}
	rights, err := tx.Organisings()
	for _, r := range rights {
		t.Appoint(r.Person, r.Unit, r.Since)
	}
	return err
}

// Tree lets f read the organisation. f must not keep it, and must not ask the office.
func (o *Office) Tree(f func(t *org.Tree)) {
	o.trees.mu.RLock()
	defer o.trees.mu.RUnlock()
	f(o.trees.tree)
}

// Roles are a person's at this moment. They are asked for at each request, so that a
// right which is taken back is gone at once.
func (o *Office) Roles(person mail.ID) (r mail.Roles) {
	o.Tree(func(t *org.Tree) { r = t.Roles(person) })
	return r
}

// learn tells the tree how a person's row stands now. It reads the row while nobody
// else changes the tree: whoever comes last has seen the last commit.
func (o *Office) learn(ctx context.Context, person mail.ID) error {
	return o.learnNew(ctx, person, mail.ID{})
}

// learnNew tells the tree of somebody who was just made, and of their home; both at once, so
// that nobody ever sees them without their department's plan.
func (o *Office) learnNew(ctx context.Context, person, home mail.ID) error {
	o.trees.mu.Lock()
	defer o.trees.mu.Unlock()
	p, err := o.person(context.WithoutCancel(ctx), person)
	if err != nil || p.Kind == mail.RecipientPerson {
		return err // who only gets letters is in no list of the house's
	}
	o.remember(p)
	q, err := o.describe(p)
	if err != nil {
		return err
	}
	o.trees.tree.PutPerson(q)
	if !home.IsZero() {
		o.trees.tree.Place(person, home, true)
	}
	return nil
}

// learnReplaced tells the tree that somebody has taken another row, and how their places
// in function mailboxes stand there.
func (o *Office) learnReplaced(ctx context.Context, old, person mail.ID) error {
	o.trees.mu.Lock()
	defer o.trees.mu.Unlock()
	q, err := o.committed(ctx, person)
	if err != nil {
		return err
	}
	seats, err := o.seatsOf(context.WithoutCancel(ctx), person)
	if err != nil {
		return err
	}
	o.trees.tree.Replace(old, q)
	for _, s := range seats {
		o.trees.tree.PutColleague(s)
	}
	return nil
}

func (o *Office) seatsOf(ctx context.Context, person mail.ID) (seats []mail.MailboxMember, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		seats, err = tx.MailboxMembers()
		return err
	})
	return slices.DeleteFunc(seats, func(s mail.MailboxMember) bool { return s.Person != person }), err
}

// committed reads a person whose row was just written. Whoever asked for it may have
// gone away since; the tree is told nonetheless, for the row stands.
func (o *Office) committed(ctx context.Context, person mail.ID) (org.Person, error) {
	p, err := o.person(context.WithoutCancel(ctx), person)
	if err != nil {
		return org.Person{}, err
	}
	o.remember(p)
	return o.describe(p)
}

func (o *Office) person(ctx context.Context, id mail.ID) (p mail.Person, err error) {
	err = o.Store.View(ctx, func(tx ReadTx) error {
		p, err = tx.Person(id)
		return err
	})
	return p, err
}

func (o *Office) describe(p mail.Person) (org.Person, error) {
	f, err := o.Profile(p)
	if err != nil {
		return org.Person{}, err
	}
	return org.Person{ID: p.ID, Address: f.Address, Name: f.Name, Lang: f.Lang, Told: f.Told, Shared: f.Shared, Receipt: f.Receipt, Active: p.Active, Roles: p.Roles, Plan: p.Plan, At: p.At, Suspended: p.Suspended, Leaves: p.Leaves, OutBy: p.OutBy}, nil
}

// openUnit opens what a unit is called. A unit without a box is the root before anybody
// has named it: it is called as the house is.
func (o *Office) openUnit(row mail.Unit) (org.Unit, error) {
	u := org.Unit{ID: row.ID, Parent: row.Parent, Kind: row.Kind, Starts: row.Starts, Ends: row.Ends, PaysSMS: row.PaysSMS, At: row.At, FactorFrom: row.FactorFrom, TwoHelp: row.TwoHelp, Plan: row.Plan, Listing: row.Listing, Links: row.Links}
	if len(row.Columns) == 0 {
		u.Name = o.Base.Name
		return u, nil
	}
	b, err := o.App.OpenUnit(row.ID, row.Columns)
	if err != nil {
		return u, mail.E(mail.Internal, "error.internal", errors.Join(errors.New("unit"), err))
	}
	return u, json.Unmarshal(b, &u.Label)
}

func (o *Office) sealUnit(u org.Unit) (mail.Unit, error) {
	b, err := json.Marshal(u.Label)
	if err != nil {
		return mail.Unit{}, fmt.Errorf("unit: %w", err)
	}
	return mail.Unit{
		ID: u.ID, Parent: u.Parent, Kind: u.Kind, Columns: o.App.SealUnit(u.ID, b),
		Starts: u.Starts, Ends: u.Ends, PaysSMS: u.PaysSMS, At: u.At, FactorFrom: u.FactorFrom, TwoHelp: u.TwoHelp, Plan: u.Plan, Listing: u.Listing, Links: u.Links,
	}, nil
}
