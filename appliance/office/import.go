package office

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// PlanImport says what a table of people comes to below a unit, or what is wrong with
// its lines. The error is Absent if the unit is not the viewer's to organise.
func (o *Office) PlanImport(by mail.Actor, at mail.ID, rows []org.Row) (plan org.Plan, problems []org.Problem, err error) {
	o.Tree(func(t *org.Tree) {
		if err = organises(t, by, at); err != nil {
			return
		}
		plan, problems = t.Plan(at, rows, o.ours, func(person mail.ID) bool { return organisesPerson(t, by, person) == nil })
	})
	return plan, problems, err
}

// atOnce is how many people are made at the same time; they share commits.
const atOnce = 8

// Import carries a plan out: units first, each below the one above it, then people, who
// get their invitations, then moves. done counts them.
//
// Each person is made whole or not at all. After an error, or a power cut, the same
// table may be imported again: what is there already is passed by.
func (o *Office) Import(ctx context.Context, by mail.Actor, plan org.Plan, lang string, done *atomic.Int64) error {
	made := make([]mail.ID, len(plan.Units))
	for i, u := range plan.Units {
		below := u.Below
		if u.Above >= 0 {
			below = made[u.Above]
		}
		var err error
		made[i], err = o.AddUnit(ctx, by, org.Unit{Parent: below, Kind: mail.Department, Label: u.Label, PaysSMS: true})
		if err != nil {
			return err
		}
		done.Add(1)
	}
	unit := func(s org.Seat) mail.ID {
		if s.Made >= 0 {
			return made[s.Made]
		}
		return s.Unit
	}
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, s := range plan.New {
		g.Go(func() error {
			if err := within.Err(); err != nil {
				return err
			}
			_, err := o.Make(within, NewPerson{Profile: mail.Profile{Address: s.Address, Name: s.Name, Lang: lang}, Unit: unit(s), Invite: true})
			done.Add(1)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, s := range plan.Moved {
		if err := o.Place(ctx, by, s.Person, unit(s), true); err != nil {
			return err
		}
		done.Add(1)
	}
	return nil
}
