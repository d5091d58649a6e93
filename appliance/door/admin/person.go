package admin

import (
	"net/http"
	"slices"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

// personPage shows somebody of the house to who organises them.
type personPage struct {
	web.Frame
	Say       *web.Alert
	Self      string
	Title     string
	Address   string
	Active    bool
	Bound     bool      // the organisation's sign-on has named the person
	Out       time.Time // since when the person is suspended; zero: they are not
	Suspend   bool      // the viewer may do it
	Ends      []string  // what stops then, and what stays
	LastDay   time.Time // after which they are suspended; zero: none is set
	Leaving   web.Field
	TakesOver web.Field // the mailbox of who is suspended; without a name: from outside, so nobody does
	Since     time.Time
	Until     time.Time // of the invitation; zero: it is not good any more
	Waits     bool
	Home      place
	Members   []place
	Organises []place
	Name      web.Field
	Move      web.Field
	Join      web.Field
	Mine      bool     // the viewer may organise this person
	Factor    bool     // the person has a second factor
	Reset     bool     // and the viewer may take it away
	Lost      []string // with it
	CanHelp   bool     // somebody's key opens for the person, if the password is forgotten
	NoHelp    bool     // and nobody's ever will
	Roles     []role
	Done      []doneBy  // to the person, by whom
	Plan      string    // the best of those that the person has; "" for none
	Own       web.Field // the person's own plan
}

// place is a unit that a page names.
type place struct {
	ID, Name, Path, CostCentre string
	Group                      bool // of outsiders
}

type role struct {
	Name, Label, Hint string
	On                bool
}

// roles are the house's, as a form names them.
func roles() []struct {
	name string
	bit  mail.Roles
} {
	return []struct {
		name string
		bit  mail.Roles
	}{{"admin", mail.RoleAdmin}, {"auditor", mail.RoleAuditor}, {"helpdesk", mail.RoleHelpDesk}}
}

func (d *Door) person(r *web.Request, id mail.ID) error {
	return d.showPerson(r, id, http.StatusOK, nil)
}

func (d *Door) showPerson(r *web.Request, id mail.ID, status int, say *web.Alert) error {
	page := &personPage{Say: say, Self: personPath(id)}
	err := absent()
	d.org.Tree(func(t *org.Tree) { err = d.fillPerson(r, page, t, id) })
	if err != nil {
		return err
	}
	if !page.Active && page.Out.IsZero() {
		i, err := d.org.InvitationOf(r.Context(), id)
		if err != nil {
			return err
		}
		page.Until, page.Waits = i.Until, i.Waits
	}
	if page.Factor, err = d.org.HasFactor(r.Context(), id); err != nil {
		return err
	}
	can, err := d.org.CanBeHelped(r.Context(), id)
	if err != nil {
		return err
	}
	page.CanHelp, page.NoHelp = can == office.HelpNow, can == office.HelpNever
	if page.Bound, err = d.org.IsBound(r.Context(), id); err != nil {
		return err
	}
	by, err := d.changesOf(r, id)
	if err != nil {
		return err
	}
	acts, err := d.org.SettingChanges(r.Context(), id)
	if err != nil {
		return err
	}
	letters, _, err := d.org.CountLetters(r.Context(), id)
	if err != nil {
		return err
	}
	d.org.Tree(func(t *org.Tree) {
		page.Ends = endsWithPerson(r, t, id, letters)
		page.Done = d.doneTo(r, t, page, acts)
		page.Own.Facts = setting{name: mail.SettingPlan, def: r.T("page.person.plan.none"), changed: by}.facts(r, t)
	})
	page.Bound = page.Bound && page.Mine && id != actor(r).ID
	page.Suspend = page.Mine && id != actor(r).ID
	d.leavingForms(r, page)
	if plan := d.org.Allowance(id).Plan; plan != mail.PlanNone {
		page.Plan = r.T("plan." + plan.String() + ".what")
	}
	if page.Reset = page.Factor && page.Mine && id != actor(r).ID; page.Reset {
		parts, err := d.org.FactorParts(r.Context(), id)
		if err != nil {
			return err
		}
		page.Lost = endsWithFactor(r, parts, d.sessions(id))
	}
	return r.PageWith(status, "admin/person", page)
}

// fillPerson fills the page, unless the viewer organises none of the person's units.
func (d *Door) fillPerson(r *web.Request, page *personPage, t *org.Tree, id mail.ID) error {
	p, err := t.Person(id)
	if err != nil {
		return err
	}
	me := actor(r).ID
	named := func(u org.Unit) place {
		v := place{ID: u.ID.String(), Name: u.Name, CostCentre: u.CostCentre, Group: u.Kind == mail.Group}
		if t.Organises(me, u.ID) {
			v.Path = unitPath(u.ID)
		}
		return v
	}
	if !t.Sees(me, id) {
		return absent()
	}
	places := t.Places(id)
	page.Mine = t.OrganisesPerson(me, id)
	page.Title, page.Address, page.Active, page.Since, page.Out = p.Title(), string(p.Address), p.Active, p.At, p.Suspended
	page.LastDay = org.LastMoment(p.Leaves)
	page.Home = named(places[0].Unit)
	if page.Home.Path == "" { // what lies outside of the viewer's branch is not told
		page.Home = place{Name: r.T("page.person.elsewhere")}
	}
	for _, m := range places[1:] {
		if v := named(m.Unit); v.Path != "" {
			page.Members = append(page.Members, v)
		}
	}
	for _, u := range t.Organised(id) {
		if v := named(u); v.Path != "" {
			page.Organises = append(page.Organises, v)
		}
	}
	d.personForms(r, page, t, p, me)
	return nil
}

func (d *Door) personForms(r *web.Request, page *personPage, t *org.Tree, p org.Person, me mail.ID) {
	name := p.Name
	if page.Say != nil && r.Form("form") == "name" {
		name = r.Form("name")
	}
	home := t.Home(p.ID)
	at, _ := t.Unit(home) // everybody has one
	page.Name = web.Field{Within: "name", Name: "name", Label: r.T("page.admin.name"), Value: name, Max: org.MaxName, Required: true}
	page.Move = web.Field{Within: "home", Name: "unit", Label: r.T("page.person.home"), Options: choices(t, me, home, func(n org.Node) bool { return n.Kind == at.Kind })}
	page.Join = web.Field{Within: "join", Name: "unit", Label: r.T("page.person.unit"), Options: choices(t, me, mail.ID{}, func(n org.Node) bool { return !t.Belongs(p.ID, n.ID) })}
	if t.Roles(me)&mail.RoleAdmin == 0 {
		return
	}
	page.Own = web.Field{Within: "plan", Name: "plan", Label: r.T("page.person.plan.own"), Hint: r.T("page.person.plan.hint"), Options: planOptions(r, p.Plan.String(), mail.BestPlan, "page.person.plan.none")}
	for _, x := range roles() {
		page.Roles = append(page.Roles, role{x.name, r.T("role." + x.name), r.T("role." + x.name + ".hint"), p.Roles&x.bit != 0})
	}
}

func (d *Door) againPerson(r *web.Request, id mail.ID) func(int, *web.Alert) error {
	return func(status int, say *web.Alert) error { return d.showPerson(r, id, status, say) }
}

func (d *Door) setName(r *web.Request, id mail.ID) error {
	err := d.org.SetName(r.Context(), actor(r), id, r.Form("name"))
	return done(r, err, "flash.changed", personPath(id), d.againPerson(r, id))
}

func (d *Door) setHome(r *web.Request, id mail.ID) error { return d.place(r, id, true) }
func (d *Door) join(r *web.Request, id mail.ID) error    { return d.place(r, id, false) }

func (d *Door) place(r *web.Request, id mail.ID, home bool) error {
	unit, err := mail.ParseID(r.Form("unit"))
	if err != nil {
		return err
	}
	if err := d.sees(r, id); err != nil {
		return err
	}
	err = d.org.Place(r.Context(), actor(r), id, unit, home)
	return done(r, err, "flash.changed", personPath(id), d.againPerson(r, id))
}

// sees refuses to act on somebody whom the viewer's pages do not show: who guesses an
// id learns nothing of it.
func (d *Door) sees(r *web.Request, id mail.ID) error {
	err := absent()
	d.org.Tree(func(t *org.Tree) {
		if t.Sees(actor(r).ID, id) {
			err = nil
		}
	})
	return err
}

func (d *Door) leave(r *web.Request, id mail.ID) error {
	unit, err := mail.ParseID(r.Form("unit"))
	if err != nil {
		return err
	}
	path := personPath(id)
	if err = d.org.Unplace(r.Context(), actor(r), id, unit); err == nil && d.sees(r, id) != nil {
		path = unitPath(unit) // the person has left what the viewer sees
	}
	return done(r, err, "flash.changed", path, d.againPerson(r, id))
}

func (d *Door) inviteAgain(r *web.Request, id mail.ID) error {
	err := d.org.InviteAgain(r.Context(), actor(r), id)
	return done(r, err, "flash.invited", personPath(id), d.againPerson(r, id))
}

// resetFactor takes a person's second factor away; the office ends their sessions, of which
// the phone that is lost may have one.
func (d *Door) resetFactor(r *web.Request, id mail.ID) error {
	err := d.org.ResetFactor(r.Context(), actor(r), id)
	return done(r, err, "flash.factor.reset", personPath(id), d.againPerson(r, id))
}

// unbind forgets whom the organisation's sign-on means by the person; the office ends their
// sessions.
func (d *Door) unbind(r *web.Request, id mail.ID) error {
	err := d.org.Unbind(r.Context(), actor(r), id)
	return done(r, err, "flash.unbound", personPath(id), d.againPerson(r, id))
}

// suspend keeps the person out from now on; the office ends their sessions.
func (d *Door) suspend(r *web.Request, id mail.ID) error {
	err := d.org.Suspend(r.Context(), actor(r), id, office.ByHand)
	return done(r, err, "flash.suspended", personPath(id), d.againPerson(r, id))
}

func (d *Door) resume(r *web.Request, id mail.ID) error {
	err := d.org.Resume(r.Context(), actor(r), id, office.ByHand)
	return done(r, err, "flash.resumed", personPath(id), d.againPerson(r, id))
}

func (d *Door) setRoles(r *web.Request, id mail.ID) error {
	var to mail.Roles
	for _, x := range roles() {
		if slices.Contains(r.FormAll("role"), x.name) {
			to |= x.bit
		}
	}
	err := d.org.SetRoles(r.Context(), actor(r), id, to)
	return done(r, err, "flash.changed", personPath(id), d.againPerson(r, id))
}
