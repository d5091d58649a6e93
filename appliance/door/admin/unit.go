package admin

import (
	"net/http"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// unitPage shows a unit to who organises it.
type unitPage struct {
	web.Frame
	Say        *web.Alert
	Crumbs     []web.Crumb
	Self       string // path
	Unit       unitLine
	Root       bool
	PaysSMS    bool
	Two, SMS   tick      // boxes of its settings
	Plan       web.Field // that it sponsors
	Listing    web.Field // who finds its people in contact lists
	Links      web.Field // in mails to citizens
	Starts     time.Time
	LastDay    time.Time // of a group; zero: no end
	Below      *tableView
	Mailboxes  *tableView
	Organisers []personLine
	People     *tableView

	AddAddress, AddName, AddTongue web.Field
	Organiser                      web.Field
	UnitName, UnitCost             web.Field
	UnitKind                       web.Field
	BoxName, BoxAddress            web.Field // of a function mailbox
	BoxFailed                      bool      // its form has come to nothing
	Name, Cost                     web.Field
	First, Last                    web.Field // dates of a group
	FactorFrom                     web.Field
	Move                           web.Field
	Moves                          []string // what moves along
	Removable                      bool
}

type personLine struct {
	Path    string
	ID      string
	Name    string
	Address string
	Active  bool
	Member  bool // at home elsewhere
	Out     bool // suspended
}

func (d *Door) unit(r *web.Request, id mail.ID) error {
	return d.showUnit(r, id, http.StatusOK, nil)
}

func (d *Door) showUnit(r *web.Request, id mail.ID, status int, say *web.Alert) error {
	page := &unitPage{Say: say, Self: unitPath(id), Root: id == mail.RootUnit}
	by, err := d.changesOf(r, id)
	if err != nil {
		return err
	}
	me := actor(r).ID
	allowed := false
	d.org.Tree(func(t *org.Tree) {
		if allowed = t.Organises(me, id); allowed {
			d.fillUnit(r, page, t, id, me)
			u, _ := t.Unit(id) // organised, so there is one
			d.unitFacts(r, page, t, u, by)
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
	page.Starts, page.LastDay = u.Starts, org.LastMoment(u.Ends)
	for _, up := range t.Path(id) {
		if up.ID != id && t.Organises(me, up.ID) {
			page.Crumbs = append(page.Crumbs, web.Crumb{Path: unitPath(up.ID), Name: up.Name})
		}
	}
	below, boxes := d.belowTable(r, page.Self), d.unitBoxesTable(r, page.Self)
	page.Below, page.Mailboxes = below.show(r, &page.Frame, belowRows(r, t, id)), boxes.show(r, &page.Frame, boxRowsOf(t, u))
	for _, p := range t.Organisers(id) {
		page.Organisers = append(page.Organisers, personOf(org.Line{Person: p, Home: true}))
	}
	page.People = d.showPeople(r, &page.Frame, t, d.peopleTable(r, t, page.Self, true), []mail.ID{id})
	page.Removable = t.MayRemove(id) == nil && t.Organises(me, u.Parent)
	d.unitForms(r, page, t, u, me)
}

// search shows the people, mailboxes or units of a unit that are called something. What is
// searched for may be a name, so it comes in a form: addresses stay in histories and in the
// logs of proxies.
func (d *Door) search(r *web.Request, id mail.ID) error {
	var answer func() error
	var boxes []boxRow
	var below []unitRow
	allowed := false
	d.org.Tree(func(t *org.Tree) {
		if allowed = t.Organises(actor(r).ID, id); allowed {
			u, _ := t.Unit(id) // organised, so there is one
			boxes, below = boxRowsOf(t, u), belowRows(r, t, id)
			answer = d.answerPeople(r, t, d.peopleTable(r, t, unitPath(id), true), []mail.ID{id})
		}
	})
	if !allowed {
		return absent()
	}
	page := func() error { return d.showUnit(r, id, http.StatusOK, nil) }
	if t := d.unitBoxesTable(r, unitPath(id)); r.Form("list") == t.id {
		return t.answer(r, func() ([]boxRow, error) { return boxes, nil }, page)
	}
	if t := d.belowTable(r, unitPath(id)); r.Form("list") == t.id {
		return t.answer(r, func() ([]unitRow, error) { return below, nil }, page)
	}
	return answered(answer, page)
}

func personOf(l org.Line) personLine {
	return personLine{Path: personPath(l.ID), ID: l.ID.String(), Name: l.Name, Address: string(l.Address), Active: l.Active, Member: !l.Home, Out: l.Out()}
}
