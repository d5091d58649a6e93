package admin

import (
	"net/http"
	"slices"
	"strings"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

const peoplePath = "/org/people"

// listPage is a page that is one list.
type listPage struct {
	web.Frame
	Name  string // which of the lists
	Table *tableView
}

// showList shows a list on a page of its own.
func showList[T any](r *web.Request, name string, t table[T], rows []T) error {
	page := &listPage{Name: name}
	page.Table = t.show(r, &page.Frame, rows)
	return r.PageWith(http.StatusOK, "admin/list", page)
}

// people lists everybody in the viewer's branches: who looks for somebody need not know
// their department.
func (d *Door) people(r *web.Request) error {
	page := &listPage{Name: "people"}
	d.org.Tree(func(t *org.Tree) {
		page.Table = d.showPeople(r, &page.Frame, t, d.peopleTable(r, t, peoplePath, false), branchesOf(t, actor(r).ID))
	})
	return r.PageWith(http.StatusOK, "admin/list", page)
}

func (d *Door) findPeople(r *web.Request) (err error) {
	var save func() error
	d.org.Tree(func(t *org.Tree) {
		p := d.peopleTable(r, t, peoplePath, false)
		save = d.answerPeople(r, t, p, branchesOf(t, actor(r).ID))
	})
	return answered(save, func() error { return d.people(r) })
}

// answered is what was made of a form while the tree was read; nil: its page is shown.
func answered(answer, page func() error) error {
	if answer != nil {
		return answer()
	}
	return page()
}

func branchesOf(t *org.Tree, me mail.ID) (ids []mail.ID) {
	for _, b := range t.Branches(me) {
		ids = append(ids, b.ID)
	}
	return ids
}

// peopleList is a list of people, and what of the tree it is of.
type peopleList struct {
	table[org.Line]
	one bool // of one unit only
}

// peopleTable is a list of people: of one unit, or of whole branches.
func (d *Door) peopleTable(r *web.Request, t *org.Tree, self string, one bool) peopleList {
	p := peopleList{one: one}
	p.id, p.self, p.post, p.first, p.file = "people", self, self+"/search", "name", r.T("table.file.people")
	p.hint, p.none, p.nobody = r.T("page.unit.search"), r.T("page.unit.people.none"), r.T("page.unit.people.notfound")
	p.columns = []column[org.Line]{
		{key: "name", label: r.T("page.admin.name"), cell: func(l org.Line) cell { return cell{Text: l.Title(), Path: personPath(l.ID)} }},
		{key: "address", label: r.T("page.admin.address"), cell: func(l org.Line) cell {
			if l.Name == "" {
				return cell{}
			}
			return cell{Text: string(l.Address)}
		}, file: func(l org.Line) string { return string(l.Address) }},
	}
	if !one {
		p.columns = append(p.columns, column[org.Line]{key: "unit", label: r.T("page.person.home"), cell: func(l org.Line) cell {
			u, _ := t.Unit(l.At) // they were found in it
			return cell{Text: u.Name, Path: unitPath(u.ID)}
		}, file: func(l org.Line) string { return unitNames(t, l.At, actor(r).ID) }})
	}
	p.columns = append(p.columns, column[org.Line]{label: r.T("page.person.state"), cell: func(l org.Line) cell { return cell{Tags: personTags(r, l)} },
		file: func(l org.Line) string { return personState(r, l) }})
	p.filters = []filter[org.Line]{{key: "state", label: r.T("page.person.state"), options: []web.Option{
		{Label: r.T("table.filter.all")}, {Value: "active", Label: r.T("page.admin.active")}, {Value: "invited", Label: r.T("page.admin.invited")},
		{Value: "out", Label: r.T("page.person.suspended")}, {Value: "member", Label: r.T("page.unit.member")},
	}, is: isPerson}}
	return p
}

// isPerson reports whether somebody is in a state.
func isPerson(l org.Line, state string) bool {
	switch state {
	case "active":
		return l.Active && !l.Out()
	case "invited":
		return !l.Active && !l.Out()
	case "out":
		return l.Out()
	case "member":
		return !l.Home
	}
	return true
}

func personTags(r *web.Request, l org.Line) (tags []web.Badge) {
	if !l.Home {
		tags = append(tags, web.Badge{Tone: web.Neutral, Word: r.T("page.unit.member")})
	}
	switch {
	case l.Out():
		tags = append(tags, web.Badge{Tone: web.Danger, Word: r.T("page.person.suspended")})
	case !l.Active:
		tags = append(tags, web.Badge{Tone: web.Warning, Word: r.T("page.admin.invited")})
	}
	return tags
}

// personState is the same in the file, where nothing is left out for being usual.
func personState(r *web.Request, l org.Line) string {
	var words []string
	for _, tag := range personTags(r, l) {
		words = append(words, tag.Word)
	}
	if l.Active && !l.Out() {
		words = append(words, r.T("page.admin.active"))
	}
	return strings.Join(words, ", ")
}

// unitNames are the names of a unit and those above it that somebody organises.
func unitNames(t *org.Tree, unit, me mail.ID) string {
	var names []string
	for _, u := range t.Path(unit) {
		if t.Organises(me, u.ID) && (u.ID != mail.RootUnit || unit == mail.RootUnit) {
			names = append(names, u.Name)
		}
	}
	return strings.Join(names, " / ")
}

// seek is what a list of people asks of the tree.
func (p peopleList) seek(a asked, units []mail.ID) org.Seek {
	key, down := p.by(a)
	s := org.Seek{Units: units, Below: !p.one, Text: a.text, By: map[string]org.Order{"address": org.ByAddress, "unit": org.ByUnit}[key], Down: down, From: a.from, N: atOnce}
	if a.picked["state"] != "" {
		s.Only = func(l org.Line) bool { return p.filtered(a, l) }
	}
	return s
}

// showPeople is the list as a page shows it. The tree sorts: it knows the order of ten
// thousand before somebody asks.
func (d *Door) showPeople(r *web.Request, f *web.Frame, t *org.Tree, p peopleList, units []mail.ID) *tableView {
	a := p.asked(r)
	list, all := t.People(p.seek(a, units))
	return p.view(r, f, a, list, all)
}

// answerPeople is table.answer for people; nil for the page.
func (d *Door) answerPeople(r *web.Request, t *org.Tree, p peopleList, units []mail.ID) func() error {
	a := p.asked(r)
	switch {
	case a.file:
		s := p.seek(a, units)
		s.From, s.N = 0, 1<<30
		list, _ := t.People(s)
		return p.saved(r, list)
	case a.text == "" && a.typed:
		return func() error { return r.Redirect(p.path(a)) }
	}
	return nil
}

// listRoutes are the lists of all that the viewer organises. What is typed there is a name:
// it comes in a form, for addresses stay in histories and in the logs of proxies.
func (d *Door) listRoutes() []web.Route {
	list := func(path string, show, find func(*web.Request) error) []web.Route {
		return []web.Route{
			{Method: "GET", Path: path, Need: web.Organiser, Handle: show},
			{Method: "POST", Path: path + "/search", Need: web.Organiser, Body: web.Form, Handle: find},
		}
	}
	return slices.Concat(list(peoplePath, d.people, d.findPeople), list(unitsPath, d.units, d.findUnits), list(boxesPath, d.boxes, d.findBoxes))
}
