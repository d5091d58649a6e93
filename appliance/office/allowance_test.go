package office_test

import (
	"slices"
	"testing"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

func TestPlans(t *testing.T) {
	h := newHouseOf(t)
	h.Plans = mail.DefaultPlanLimits()
	t.Run("a plan becomes how many letters, and to whom", func(t *testing.T) {
		u := h.theUnit("Barn")
		u.Plan = mail.PlanLiteBusiness
		fine(t, h.ChangeUnit(ctx, h.actor["karin"], u))
		if a := h.Allowance(h.id("maria")); a != (mail.Allowance{Plan: mail.PlanLiteBusiness, Week: 50, Met: true}) {
			t.Errorf("%+v", a)
		}
		if a := h.Allowance(h.id("olle")); a != (mail.Allowance{Plan: mail.PlanBusiness}) {
			t.Errorf("%+v", a)
		}
	})
	t.Run("a function mailbox writes by its department's plan, whoever writes there", func(t *testing.T) {
		id, err := h.AddMailbox(ctx, system, org.Mailbox{Unit: h.unit["Barn"], Address: "barn@kommun.example", Name: "Barn"})
		fine(t, err)
		if a := h.Allowance(id); a.Plan != mail.PlanLiteBusiness {
			t.Errorf("%+v", a)
		}
	})
	t.Run("an administrator gives somebody a plan of their own; an organiser does not", func(t *testing.T) {
		want(t, h.SetPlan(ctx, h.actor["karin"], h.id("maria"), mail.PlanPro), mail.Absent)
		fine(t, h.SetPlan(ctx, h.actor["it"], h.id("maria"), mail.PlanPro))
		if a := h.Allowance(h.id("maria")); a.Plan != mail.PlanPro || a.Week != 0 || a.Met {
			t.Errorf("%+v", a)
		}
		if !slices.Contains(h.noted(h.personRow(h.id("maria"))), journal.PlanSet) {
			t.Error("not in the journal")
		}
		want(t, h.SetPlan(ctx, h.actor["it"], h.id("maria"), mail.BestPlan+1), mail.Invalid)
	})
	t.Run("an organiser gives the own branch no better plan than it has; who organises the one above does", func(t *testing.T) {
		u := h.theUnit("Social")
		u.Plan = mail.PlanLite
		fine(t, h.ChangeUnit(ctx, h.actor["karin"], u)) // less is hers to say
		for _, p := range []mail.Plan{mail.PlanNone, mail.PlanBusiness, mail.PlanLiteBusiness} {
			u.Plan = p
			want(t, h.ChangeUnit(ctx, h.actor["karin"], u), mail.Invalid)
		}
		barn := h.theUnit("Barn")
		barn.Plan = mail.PlanNone
		fine(t, h.ChangeUnit(ctx, h.actor["karin"], barn))
		barn.Plan = mail.PlanLiteBusiness
		u.Plan = mail.PlanNone
		fine(t, h.ChangeUnit(ctx, h.actor["it"], u))
		fine(t, h.ChangeUnit(ctx, h.actor["karin"], barn))
	})
	t.Run("whoever gets another key keeps their own plan", func(t *testing.T) {
		fine(t, h.SetPlan(ctx, h.actor["it"], h.id("nils"), mail.PlanApplication))
		h.leaves(h.id("nils"))
		fine(t, h.InviteAgain(ctx, h.actor["it"], h.id("nils")))
		var p org.Person
		h.Tree(func(t *org.Tree) { p, _ = t.PersonAt("nils@kommun.example") })
		if p.ID == h.id("nils") || p.Plan != mail.PlanApplication {
			t.Errorf("%+v", p)
		}
		h.actor["nils"] = mail.Actor{Kind: mail.ActorPerson, ID: p.ID}
		fine(t, h.SetPlan(ctx, h.actor["it"], p.ID, mail.PlanNone))
	})
	t.Run("a plan for programs is nobody's by a department", func(t *testing.T) {
		u := h.theUnit("Barn")
		u.Plan = mail.PlanApplication
		want(t, h.ChangeUnit(ctx, h.actor["it"], u), mail.Invalid)
	})
	t.Run("the next process knows it", func(t *testing.T) {
		o := h.another()
		o.Plans = h.Plans
		if o.Allowance(h.id("maria")).Plan != mail.PlanPro || o.Allowance(h.id("nils")).Plan != mail.PlanLiteBusiness {
			t.Errorf("%+v %+v", o.Allowance(h.id("maria")), o.Allowance(h.id("nils")))
		}
	})
}

func (h *houseOf) theUnit(name string) (u org.Unit) {
	h.t.Helper()
	h.Tree(func(t *org.Tree) { u, _ = t.Unit(h.unit[name]) })
	return u
}
