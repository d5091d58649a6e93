package admin

import (
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// planOptions are the plans up to one, behind what stands for none.
func planOptions(r *web.Request, chosen string, most mail.Plan, none string) []web.Option {
	list := []web.Option{{Value: mail.PlanNone.String(), Label: r.T(none)}}
	for p := mail.PlanLite; p <= most; p++ {
		list = append(list, web.Option{Value: p.String(), Label: r.T("plan." + p.String()), Chosen: p.String() == chosen})
	}
	return list
}

// setPlan gives a person a plan of their own.
func (d *Door) setPlan(r *web.Request, id mail.ID) error {
	plan, err := mail.ParsePlan(r.Form("plan"))
	if err == nil {
		err = d.org.SetPlan(r.Context(), actor(r), id, plan)
	}
	return done(r, err, "flash.changed", personPath(id), d.againPerson(r, id))
}
