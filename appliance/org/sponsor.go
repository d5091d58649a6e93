package org

import (
	"time"

	"sigill/appliance/mail"
)

// housePlan is what the house sponsors for its people unless it says otherwise.
const housePlan = mail.PlanBusiness

// PlanOf returns the plan that a unit sponsors for its people: the one that it names, or
// the nearest above it does, and no better than any of those above.
func (t *Tree) PlanOf(unit ID) mail.Plan {
	plan := mail.PlanNone
	for u := range t.up(unit) {
		if u.Plan != mail.PlanNone && (plan == mail.PlanNone || u.Plan < plan) {
			plan = u.Plan
		}
	}
	if plan == mail.PlanNone {
		return housePlan
	}
	return plan
}

// ActivePlan returns what a person may send at this moment: the best of their own plan and
// those that are sponsored by the units in which they are. A group counts while it lasts:
// who is nowhere else has none then.
func (t *Tree) ActivePlan(person ID, now time.Time) (best mail.Plan) {
	if p := t.people[person]; p != nil {
		best = p.Plan
	}
	sponsor := func(unit ID) {
		if u := t.units[unit]; u != nil && u.IsOn(now) {
			best = max(best, t.PlanOf(unit))
		}
	}
	sponsor(t.Home(person))
	for unit := range t.places[person] {
		sponsor(unit)
	}
	return best
}
