package admin

import (
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

func (d *Door) again(r *web.Request, id mail.ID) func(int, *web.Alert) error {
	return func(status int, say *web.Alert) error { return d.showUnit(r, id, status, say) }
}

func (d *Door) addUnit(r *web.Request, id mail.ID) error {
	u := org.Unit{Parent: id, Kind: mail.Department, Label: org.Label{Name: r.Form("name"), CostCentre: r.Form("cost")}, PaysSMS: true}
	if r.Form("kind") == "group" {
		u.Kind = mail.Group
	}
	made, err := d.org.AddUnit(r.Context(), actor(r), u)
	return done(r, err, "flash.unit.made", unitPath(made), d.again(r, id))
}

func (d *Door) changeUnit(r *web.Request, id mail.ID) error {
	u, err := d.unitOf(r, id)
	if err != nil {
		return err
	}
	u.Label = org.Label{Name: r.Form("name"), CostCentre: r.Form("cost")}
	u.PaysSMS, u.TwoHelp = r.Form("sms") == "yes", r.Form("two") == "yes"
	if u.Starts, err = d.date(r.Form("first")); err == nil {
		u.Ends, err = d.date(r.Form("last"))
	}
	if err == nil {
		u.FactorFrom, err = d.date(r.Form("factor"))
	}
	if plan := r.Form("plan"); err == nil && plan != "" {
		u.Plan, err = mail.ParsePlan(plan)
	}
	if listing := r.Form("listing"); err == nil && listing != "" {
		u.Listing, err = mail.ParseListing(listing)
	}
	if links := r.Form("links"); err == nil && links != "" {
		u.Links, err = mail.ParseLinks(links)
	}
	u.Ends = d.after(u.Ends)
	if err == nil {
		err = d.org.ChangeUnit(r.Context(), actor(r), u)
	}
	return done(r, err, "flash.changed", unitPath(id), d.again(r, id))
}

// unitOf returns a unit that the viewer may organise.
func (d *Door) unitOf(r *web.Request, id mail.ID) (u org.Unit, err error) {
	d.org.Tree(func(t *org.Tree) {
		if !t.Organises(actor(r).ID, id) {
			err = absent()
			return
		}
		u, err = t.Unit(id)
	})
	return u, err
}

func (d *Door) moveUnit(r *web.Request, id mail.ID) error {
	to, err := mail.ParseID(r.Form("to"))
	if err != nil {
		return err
	}
	err = d.org.MoveUnit(r.Context(), actor(r), id, to)
	return done(r, err, "flash.moved", unitPath(id), d.again(r, id))
}

func (d *Door) removeUnit(r *web.Request, id mail.ID) error {
	u, err := d.unitOf(r, id)
	if err != nil {
		return err
	}
	err = d.org.RemoveUnit(r.Context(), actor(r), id)
	return done(r, err, "flash.unit.removed", unitPath(u.Parent), d.again(r, id))
}

func (d *Door) addPerson(r *web.Request, id mail.ID) error {
	a, err := mail.ParseAddress(r.Form("address"))
	if err == nil {
		_, err = d.org.AddPerson(r.Context(), actor(r), id, office.NewPerson{Profile: mail.Profile{Address: a, Name: r.Form("name"), Lang: d.spoken(r, r.Form("lang"))}})
	}
	return done(r, err, "flash.person.added", unitPath(id), d.again(r, id))
}

func (d *Door) appoint(r *web.Request, id mail.ID) error {
	p, err := d.personAt(r.Form("address"))
	if err == nil {
		err = d.org.Appoint(r.Context(), actor(r), p, id)
	}
	return done(r, err, "flash.changed", unitPath(id), d.again(r, id))
}

// personAt returns who has an address. The error is Invalid if it is nobody's; of whom
// the viewer may not know, the office says the same.
func (d *Door) personAt(address string) (mail.ID, error) {
	a, err := mail.ParseAddress(address)
	if err != nil {
		return mail.ID{}, err
	}
	var p org.Person
	known := false
	d.org.Tree(func(t *org.Tree) { p, known = t.PersonAt(a) })
	if !known {
		return mail.ID{}, mail.E(mail.Invalid, "error.nobody", nil)
	}
	return p.ID, nil
}

func (d *Door) dismiss(r *web.Request, id mail.ID) error {
	p, err := mail.ParseID(r.Form("person"))
	if err != nil {
		return err
	}
	err = d.org.Dismiss(r.Context(), actor(r), p, id)
	path := unitPath(id)
	if _, gone := d.unitOf(r, id); err == nil && gone != nil {
		path = "/mail" // it was the viewer's own right
	}
	return done(r, err, "flash.changed", path, d.again(r, id))
}
