package office

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// PlanImport says what a table of people comes to below a unit, or what is wrong with
// its lines. It is noted that it was asked, for the answer says of each address whether
// the viewer's branch has it. The error is Absent if the unit is not the viewer's to
// organise.
func (o *Office) PlanImport(ctx context.Context, by mail.Actor, at mail.ID, rows []org.Row) (plan org.Plan, report org.Report, err error) {
	o.Tree(func(t *org.Tree) {
		if err = organises(t, by, at); err != nil {
			return
		}
		plan, report = t.Plan(at, rows, o.ours, func(person mail.ID) bool { return organisesPerson(t, by, person) == nil })
	})
	if err == nil {
		err = o.noteTable(ctx, by, at, len(rows))
	}
	if err != nil {
		return org.Plan{}, org.Report{}, err
	}
	return plan, report, nil
}

func (o *Office) noteTable(ctx context.Context, by mail.Actor, at mail.ID, rows int) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		return tx.Note(mail.Event{Kind: journal.TableRead, At: tx.Now(), Actor: by.Kind, Who: o.App.Who(by.ID), Holder: at, Detail: strconv.Itoa(rows)})
	})
}

const (
	// atOnce is how many people are made at the same time; they share commits.
	atOnce = 8
	// inTurn is how many are made before others who change the organisation have their
	// turn: some hundredths of a second.
	inTurn = 4 * atOnce
)

// Import carries a plan out: units first, each below the one above it, then people, who
// get their invitations, then members and moves. done counts them.
//
// The right is asked for at each unit and each seat: once it is taken back, nothing more
// is done. The error is Absent then, or if a unit or a person went meanwhile.
//
// Each person is made whole or not at all. After an error, or a power cut, the same
// table may be imported again: what is there already is passed by. lang is of the
// invitations of whom the table gives no language.
func (o *Office) Import(ctx context.Context, by mail.Actor, plan org.Plan, lang string, done *atomic.Int64) error {
	i := &importing{Office: o, by: by, plan: plan, lang: lang, done: done}
	err := i.carryOut(ctx)
	if mail.KindOf(err) == mail.Absent {
		return mail.E(mail.Absent, "error.import.right", err)
	}
	return err
}

// importing is a plan being carried out.
type importing struct {
	*Office
	by    mail.Actor
	plan  org.Plan
	lang  string
	units []mail.ID // made so far, as in plan.Units
	done  *atomic.Int64
}

func (i *importing) carryOut(ctx context.Context) error {
	var err error
	if i.Tree(func(t *org.Tree) { err = organises(t, i.by, i.plan.At) }); err != nil {
		return err
	}
	if err := i.noteTable(ctx, i.by, i.plan.At, i.plan.Rows); err != nil {
		return err
	}
	if err := i.makeUnits(ctx); err != nil {
		return err
	}
	for list := range slices.Chunk(i.plan.New, inTurn) {
		if err := i.seat(ctx, list); err != nil {
			return err
		}
	}
	if err := i.place(ctx, i.plan.Joined, false); err != nil {
		return err
	}
	return i.place(ctx, i.plan.Moved, true)
}

func (i *importing) makeUnits(ctx context.Context) error {
	for _, u := range i.plan.Units {
		below := u.Below
		if u.Above >= 0 {
			below = i.units[u.Above]
		}
		id, err := i.AddUnit(ctx, i.by, org.Unit{Parent: below, Kind: mail.Department, Label: u.Label, PaysSMS: true})
		if err != nil {
			return err
		}
		i.units = append(i.units, id)
		i.done.Add(1)
	}
	return nil
}

// unit is where somebody is to be.
func (i *importing) unit(s org.Seat) mail.ID {
	if s.Made >= 0 {
		return i.units[s.Made]
	}
	return s.Unit
}

// seat makes some people. Those who were made meanwhile in another way, such as by a
// letter to their address, are placed as anybody who was there before.
func (i *importing) seat(ctx context.Context, list []org.Seat) error {
	there, err := i.make(ctx, list)
	if err != nil {
		return err
	}
	for _, s := range there {
		if err := i.learn(ctx, s.Person); err != nil { // who made them may not have told the tree yet
			return err
		}
		home := false
		i.Tree(func(t *org.Tree) { home = organisesPerson(t, i.by, s.Person) == nil })
		if err := i.place(ctx, []org.Seat{s}, home); err != nil {
			return err
		}
	}
	return nil
}

// make makes those of a list who are not there, and returns those who are.
func (i *importing) make(ctx context.Context, list []org.Seat) (there []org.Seat, err error) {
	i.trees.acts.Lock() // no right is taken back meanwhile, and no unit away
	defer i.trees.acts.Unlock()
	if err := i.mayAll(list); err != nil {
		return nil, err
	}
	people := make([]mail.ID, len(list))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for n, s := range list {
		g.Go(func() (err error) {
			people[n], err = i.makeOne(ctx, s)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	i.Tree(func(t *org.Tree) {
		for n, s := range list {
			if s.Person = people[n]; !s.Person.IsZero() && t.Home(s.Person) != i.unit(s) {
				there = append(there, s)
			}
		}
	})
	i.done.Add(int64(len(list) - len(there)))
	return there, nil
}

func (i *importing) makeOne(ctx context.Context, s org.Seat) (mail.ID, error) {
	if err := ctx.Err(); err != nil {
		return mail.ID{}, err
	}
	p, err := i.Make(ctx, NewPerson{Profile: mail.Profile{Address: s.Address, Name: s.Name, Lang: cmp.Or(s.Lang, i.lang)}, Unit: i.unit(s), Invite: true})
	if errors.Is(err, errOffered) {
		return mail.ID{}, nil // they are asked, and come with a later list
	}
	return p.ID, err
}

// mayAll is the right over each seat of a list.
func (i *importing) mayAll(list []org.Seat) (err error) {
	i.Tree(func(t *org.Tree) {
		for _, s := range list {
			if err == nil {
				err = organises(t, i.by, i.unit(s))
			}
		}
	})
	return err
}

// place puts people who are there where they belong. The right is Place's to ask for.
func (i *importing) place(ctx context.Context, list []org.Seat, home bool) error {
	for _, s := range list {
		if err := i.Place(ctx, i.by, s.Person, i.unit(s), home); err != nil {
			return err
		}
		i.done.Add(1)
	}
	return nil
}
