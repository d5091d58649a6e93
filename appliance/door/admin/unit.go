package admin

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

// peopleAtOnce is how many lines a list of people shows.
const peopleAtOnce = 50

// unitPage shows a unit to who organises it.
type unitPage struct {
	web.Frame
	Say        *web.Alert
	Crumbs     []web.Crumb
	Self       string // path
	Unit       unitLine
	Root       bool
	PaysSMS    bool
	Starts     time.Time
	LastDay    time.Time // of a group; zero: no end
	Below      []unitLine
	Organisers []personLine
	People     []personLine
	Count      int // of people in all; those that are searched for, if any are
	Search     web.Field
	Earlier    *listPage // nil on the first page
	Later      *listPage // nil on the last

	AddAddress, AddName web.Field
	Organiser           web.Field
	UnitName, UnitCost  web.Field
	UnitKind            web.Field
	Name, Cost          web.Field
	First, Last         web.Field // dates of a group
	Move                web.Field
	Removable           bool
}

// listPage is another page of a list: a link in the whole list, a button in what was
// searched for.
type listPage struct {
	Path string
	From int
}

type personLine struct {
	Path    string
	ID      string
	Name    string
	Address string
	Active  bool
	Member  bool // at home elsewhere
}

func (d *Door) unit(r *web.Request, id mail.ID) error {
	return d.showUnit(r, id, http.StatusOK, nil)
}

func (d *Door) showUnit(r *web.Request, id mail.ID, status int, say *web.Alert) error {
	page := &unitPage{Say: say, Self: unitPath(id), Root: id == mail.RootUnit}
	me := actor(r).ID
	allowed := false
	d.org.Tree(func(t *org.Tree) {
		if allowed = t.Organises(me, id); allowed {
			d.fillUnit(r, page, t, id, me)
		}
	})
	if !allowed {
		return absent()
	}
	return r.PageWith(status, "admin/unit", page)
}

// fillUnit reads all that the page shows of the tree.
func (d *Door) fillUnit(r *web.Request, page *unitPage, t *org.Tree, id, me mail.ID) {
	u, _ := t.Unit(id) // organised, so there is one
	page.Unit, page.PaysSMS = lineOf(t, u, 0, r.Now()), u.PaysSMS
	page.Starts, page.LastDay = u.Starts, d.lastDay(u.Ends)
	for _, up := range t.Path(id) {
		if up.ID != id && t.Organises(me, up.ID) {
			page.Crumbs = append(page.Crumbs, web.Crumb{Path: unitPath(up.ID), Name: up.Name})
		}
	}
	for _, c := range t.Children(id) {
		page.Below = append(page.Below, lineOf(t, c, 0, r.Now()))
	}
	for _, p := range t.Organisers(id) {
		page.Organisers = append(page.Organisers, personOf(org.Line{Person: p, Home: true}))
	}
	d.fillPeople(r, page, t, id)
	page.Removable = t.MayRemove(id) == nil && t.Organises(me, u.Parent)
	d.unitForms(r, page, t, u, me)
}

// search shows the people of a unit who are called something. What is searched for is a
// name, so it comes in a form: addresses stay in histories and in the logs of proxies.
func (d *Door) search(r *web.Request, id mail.ID) error { return d.showUnit(r, id, http.StatusOK, nil) }

func (d *Door) fillPeople(r *web.Request, page *unitPage, t *org.Tree, id mail.ID) {
	q, from := strings.TrimSpace(r.Form("q")), r.Query("from")
	if q != "" {
		from = r.Form("from")
	}
	first, err := strconv.Atoi(from)
	if err != nil || first < 0 {
		first = 0
	}
	list, all := t.People(id, q, first, peopleAtOnce)
	for _, l := range list {
		page.People = append(page.People, personOf(l))
	}
	page.Count = all
	page.Search = web.Field{Name: "q", Label: r.T("page.unit.search"), Value: q, Type: "search", Max: 100}
	if first > 0 {
		page.Earlier = pageOf(id, max(0, first-peopleAtOnce))
	}
	if first+len(list) < all {
		page.Later = pageOf(id, first+len(list))
	}
}

func pageOf(id mail.ID, from int) *listPage {
	return &listPage{Path: web.WithQuery(unitPath(id), "from", strconv.Itoa(from)) + "#people", From: from}
}

func personOf(l org.Line) personLine {
	return personLine{Path: personPath(l.ID), ID: l.ID.String(), Name: l.Name, Address: string(l.Address), Active: l.Active, Member: !l.Home}
}

// unitForms are the page's forms, with what was typed if one of them has come to
// nothing.
func (d *Door) unitForms(r *web.Request, page *unitPage, t *org.Tree, u org.Unit, me mail.ID) {
	typed := func(form, name, before string) string {
		if page.Say != nil && r.Form("form") == form {
			return r.Form(name)
		}
		return before
	}
	page.AddAddress = web.Field{Within: "person", Name: "address", Label: r.T("page.admin.address"), Value: typed("person", "address", ""), Type: "email", Max: mail.MaxAddress, Required: true}
	page.AddName = web.Field{Within: "person", Name: "name", Label: r.T("page.admin.name"), Value: typed("person", "name", ""), Max: org.MaxName}
	page.Organiser = web.Field{Within: "organiser", Name: "address", Label: r.T("page.admin.address"), Value: typed("organiser", "address", ""), Type: "email", Max: mail.MaxAddress, Required: true}
	page.UnitName = web.Field{Within: "unit", Name: "name", Label: r.T("page.unit.name"), Value: typed("unit", "name", ""), Max: org.MaxName, Required: true}
	page.UnitCost = web.Field{Within: "unit", Name: "cost", Label: r.T("page.unit.cost"), Value: typed("unit", "cost", ""), Max: org.MaxCode}
	page.UnitKind = web.Field{Within: "unit", Name: "kind", Label: r.T("page.unit.kind"), Hint: r.T("page.unit.kind.hint"), Options: []web.Option{
		{Value: "department", Label: r.T("page.unit.department")}, {Value: "group", Label: r.T("page.unit.group"), Chosen: typed("unit", "kind", "") == "group"},
	}}
	page.Name = web.Field{Within: "change", Name: "name", Label: r.T("page.unit.name"), Value: typed("change", "name", u.Name), Max: org.MaxName, Required: true}
	page.Cost = web.Field{Within: "change", Name: "cost", Label: r.T("page.unit.cost"), Value: typed("change", "cost", u.CostCentre), Max: org.MaxCode}
	page.First = web.Field{Within: "change", Name: "first", Label: r.T("page.unit.first"), Value: typed("change", "first", d.day(u.Starts)), Type: "date", Short: true}
	page.Last = web.Field{Within: "change", Name: "last", Label: r.T("page.unit.last"), Value: typed("change", "last", d.day(d.lastDay(u.Ends))), Type: "date", Short: true}
	if u.ID != mail.RootUnit && t.Organises(me, u.Parent) {
		page.Move = web.Field{Within: "move", Name: "to", Label: r.T("page.unit.below"), Options: choices(t, me, u.Parent, func(n org.Node) bool { return t.MayMove(u.ID, n.ID) == nil })}
	}
}

// choices are the units that a viewer may organise and that will do, each behind as
// many marks as it stands below the branch's first.
func choices(t *org.Tree, me, chosen mail.ID, fits func(org.Node) bool) []web.Option {
	var list []web.Option
	for _, b := range t.Branches(me) {
		for _, n := range t.Branch(b.ID) {
			if !fits(n) {
				continue
			}
			list = append(list, web.Option{Value: n.ID.String(), Label: indent(n.Depth) + n.Name, Chosen: n.ID == chosen})
		}
	}
	return list
}

func indent(depth int) (s string) {
	for range depth {
		s += "– "
	}
	return s
}

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
	if still := false; err == nil {
		d.org.Tree(func(t *org.Tree) { still = t.Organises(actor(r).ID, id) })
		if !still {
			path = "/mail" // it was the viewer's own right
		}
	}
	return done(r, err, "flash.changed", path, d.again(r, id))
}

// date reads a day of the house; "" is none. The error is Invalid.
func (d *Door) date(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, d.zone)
	if err != nil {
		return t, mail.E(mail.Invalid, "error.date", nil)
	}
	return t, nil
}

func (d *Door) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(d.zone).Format(time.DateOnly)
}

// lastDay is the day before the first moment that is too late.
func (d *Door) lastDay(ends time.Time) time.Time {
	if ends.IsZero() {
		return ends
	}
	return ends.Add(-time.Nanosecond)
}

func absent() error { return mail.E(mail.Absent, "error.absent", nil) }
