package org_test

import (
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

func TestPlans(t *testing.T) {
	w := newTown(t)
	now := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	sponsors := func(unit string, p mail.Plan) {
		u, err := w.Unit(w.id[unit])
		if err != nil {
			t.Fatal(err)
		}
		u.Plan = p
		w.PutUnit(u)
	}
	plan := func(who string) mail.Plan { return w.ActivePlan(w.id[who], now) }
	own := func(who string, p mail.Plan) {
		q, err := w.Person(w.id[who])
		if err != nil {
			t.Fatal(err)
		}
		q.Plan = p
		w.PutPerson(q)
	}
	t.Run("a house that has said nothing sponsors BUSINESS for everybody", func(t *testing.T) {
		if plan("Maria") != mail.PlanBusiness || plan("Johan") != mail.PlanBusiness || w.ActivePlan(mail.NewID(), now) != mail.PlanBusiness {
			t.Error(plan("Maria"), plan("Johan"))
		}
	})
	t.Run("a department's plan is that of those below it, until one of them says otherwise", func(t *testing.T) {
		sponsors("Social", mail.PlanLiteBusiness)
		if plan("Maria") != mail.PlanLiteBusiness || plan("Olle") != mail.PlanBusiness {
			t.Error(plan("Maria"), plan("Olle"))
		}
		sponsors("Bistånd", mail.PlanLite)
		if plan("Maria") != mail.PlanLite || plan("Johan") != mail.PlanLiteBusiness {
			t.Error(plan("Maria"), plan("Johan"))
		}
	})
	t.Run("nobody sponsors more than the department above", func(t *testing.T) {
		sponsors("Bistånd", mail.PlanBusiness)
		if plan("Maria") != mail.PlanLiteBusiness {
			t.Error(plan("Maria"))
		}
	})
	t.Run("of all that a person has the best one counts", func(t *testing.T) {
		w.Place(w.id["Maria"], w.id["Bygg"], false)
		if plan("Maria") != mail.PlanBusiness {
			t.Error(plan("Maria"))
		}
		w.Unplace(w.id["Maria"], w.id["Bygg"])
		own("Maria", mail.PlanPro)
		if plan("Maria") != mail.PlanPro {
			t.Error(plan("Maria"))
		}
		own("Maria", mail.PlanLite)
		if plan("Maria") != mail.PlanLiteBusiness {
			t.Error(plan("Maria"))
		}
	})
	t.Run("a group sponsors while it lasts, and who is nowhere else has nothing then", func(t *testing.T) {
		w.unit("Ombud", "Social", mail.Group)
		id := mail.NewID()
		w.PutPerson(org.Person{ID: id, Name: "Ombud", Address: "ombud@example.se"})
		w.Place(id, w.id["Ombud"], true)
		if w.ActivePlan(id, now) != mail.PlanLiteBusiness {
			t.Error(w.ActivePlan(id, now))
		}
		u, _ := w.Unit(w.id["Ombud"])
		u.Ends = now
		w.PutUnit(u)
		if w.ActivePlan(id, now) != mail.PlanNone {
			t.Error(w.ActivePlan(id, now))
		}
	})
}
