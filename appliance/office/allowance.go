package office

import (
	"context"
	"fmt"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// Allowance returns what an owner may send at this moment: a person by the best of the
// plans that they have, a function mailbox by its department's. Who is in no list of the
// house's is a registered recipient: they write to those who have written to them.
func (o *Office) Allowance(owner mail.ID) mail.Allowance {
	var plan mail.Plan
	known := true
	o.Tree(func(t *org.Tree) {
		if m, err := t.Mailbox(owner); err == nil {
			plan = t.PlanOf(m.Unit)
		} else {
			p, err := t.Person(owner)
			if known = err == nil; !known {
				return
			}
			plan = t.ActivePlan(owner, o.Clock.Now())
			if plan == mail.PlanNone && o.ours(p.Address) {
				plan = t.PlanOf(mail.RootUnit) // their group is over, and their domain the house's
			}
		}
	})
	if !known {
		return mail.Allowance{Week: o.Plans.Recipient, Met: true}
	}
	return o.Plans.Allowance(plan)
}

// SetPlan gives a person a plan of their own, or takes it back; only an administrator
// may. The error for people is Invalid for what is no plan.
func (o *Office) SetPlan(ctx context.Context, by mail.Actor, person mail.ID, plan mail.Plan) error {
	if plan > mail.BestPlan {
		return mail.E(mail.Invalid, "error.plan", nil)
	}
	return o.do(ctx, by, act{
		may: func(t *org.Tree) error {
			if by.Kind != mail.ActorSystem && t.Roles(by.ID)&mail.RoleAdmin == 0 {
				return absent()
			}
			_, err := t.Person(person)
			return err
		},
		write: func(tx Tx) error {
			if err := changed(tx, by, person, mail.SettingPlan); err != nil {
				return err
			}
			return o.rewrite(tx, person, func(p *mail.Person, _ *mail.Profile) { p.Plan = plan })
		},
		learn: person,
		note:  mail.Event{Kind: journal.PlanSet, Holder: person, Detail: fmt.Sprintf("plan %d", plan)},
	})
}
