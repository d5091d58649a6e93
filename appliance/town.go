package appliance

import (
	"context"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// demoUnit is a department of the made-up municipality.
type demoUnit struct {
	name, below, cost string
}

// demoTown is the municipality's tree. An empty below is the root.
func demoTown() []demoUnit {
	return []demoUnit{
		{"Socialförvaltningen", "", "5100"},
		{"Ekonomiskt bistånd", "Socialförvaltningen", "5110"},
		{"Barn och familj", "Socialförvaltningen", "5120"},
		{"Bygg- och miljöförvaltningen", "", "2100"},
		{"Bygglov", "Bygg- och miljöförvaltningen", "2110"},
	}
}

// settle makes the municipality with its people, unless the directory has them from
// before.
func (d *Demo) settle(ctx context.Context) error {
	units, err := d.town(ctx)
	if err != nil {
		return err
	}
	if err := d.people(ctx, units); err != nil {
		return err
	}
	return d.appoint(ctx, units)
}

func (d *Demo) town(ctx context.Context) (map[string]mail.ID, error) {
	o := d.Appliance.office
	units := map[string]mail.ID{"": mail.RootUnit}
	o.Tree(func(t *org.Tree) {
		for _, u := range t.Branch(mail.RootUnit)[1:] {
			units[u.Name] = u.ID
		}
	})
	if len(units) > 1 {
		return units, nil // somebody may have changed it, and that stays
	}
	for _, u := range demoTown() {
		id, err := o.AddUnit(ctx, mail.Actor{Kind: mail.ActorSystem}, org.Unit{
			Parent: units[u.below], Kind: mail.Department, Label: org.Label{Name: u.name, CostCentre: u.cost}, PaysSMS: true,
		})
		if err != nil {
			return nil, err
		}
		units[u.name] = id
	}
	return units, nil
}

// appoint gives the organiser her branch, once.
func (d *Demo) appoint(ctx context.Context, units map[string]mail.ID) error {
	for _, a := range d.info.Accounts {
		var p org.Person
		known, has := false, false
		d.Appliance.office.Tree(func(t *org.Tree) {
			p, known = t.PersonAt(mail.Address(a.Email))
			has = known && t.Roles(p.ID)&mail.RoleOrganiser != 0
		})
		branch, ok := units[a.unit]
		if a.Role != "organiser" || !known || has || !ok {
			continue
		}
		if err := d.Appliance.office.Appoint(ctx, mail.Actor{Kind: mail.ActorSystem}, p.ID, branch); err != nil {
			return err
		}
	}
	return nil
}
