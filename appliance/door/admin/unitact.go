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
	u.PaysSMS = r.Form("sms") == "yes"
	if u.Starts, err = d.date(r.Form("first")); err == nil {
		u.Ends, err = d.date(r.Form("last"))
	}
	if !u.Ends.IsZero() {
		u.Ends = u.Ends.In(d.zone).AddDate(0, 0, 1) // the last day counts
	}
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
		_, err = d.org.AddPerson(r.Context(), actor(r), id, office.NewPerson{Profile: mail.Profile{Address: a, Name: r.Form("name"), Lang: d.lang}})
	}
	return done(r, err, "flash.person.added", unitPath(id), d.again(r, id))
}

func (d *Door) appoint(r *web.Request, id mail.ID) error {
	a, err := mail.ParseAddress(r.Form("address"))
	if err != nil {
		return done(r, err, "", "", d.again(r, id))
	}
	var p org.Person
	known := false
	d.org.Tree(func(t *org.Tree) { p, known = t.PersonAt(a) })
	if !known {
		return done(r, mail.E(mail.Invalid, "error.nobody", nil), "", "", d.again(r, id))
	}
	err = d.org.Appoint(r.Context(), actor(r), p.ID, id)
	return done(r, err, "flash.changed", unitPath(id), d.again(r, id))
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
