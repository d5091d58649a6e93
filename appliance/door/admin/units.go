package admin

import (
	"cmp"
	"strconv"
	"strings"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

const unitsPath = "/org/units"

// fewOfUnit is how many lines of a list on a unit's page are found at a glance.
const fewOfUnit = 10

// unitRow is a unit in the list of them.
type unitRow struct {
	unitLine
	Above string // the names of those above it
}

// units lists the viewer's units: as the tree that they are, until it is sorted or
// narrowed.
func (d *Door) units(r *web.Request) error {
	return showList(r, "units", d.unitsTable(r), d.unitRows(r))
}

func (d *Door) findUnits(r *web.Request) error {
	t := d.unitsTable(r)
	return t.answer(r, func() ([]unitRow, error) { return d.unitRows(r), nil }, func() error { return d.units(r) })
}

func (d *Door) unitRows(r *web.Request) (list []unitRow) {
	d.org.Tree(func(t *org.Tree) { list = unitRowsIn(r, t) })
	return list
}

func unitRowsIn(r *web.Request, t *org.Tree) (list []unitRow) {
	me := actor(r).ID
	for _, b := range t.Branches(me) {
		for _, n := range t.Branch(b.ID) {
			row := unitRow{unitLine: lineOf(t, n.Unit, n.Depth, r.Now())}
			if n.Depth > 0 {
				row.Above = unitNames(t, n.Parent, me)
			}
			list = append(list, row)
		}
	}
	return list
}

// belowTable lists the units right below one, on its page.
func (d *Door) belowTable(r *web.Request, self string) table[unitRow] {
	t := d.unitsTable(r)
	t.id, t.pre, t.self, t.post, t.first, t.extra, t.none, t.short = "below", "below-", self, self+"/search", "name", nil, r.T("page.unit.below.none"), fewOfUnit
	return t
}

func belowRows(r *web.Request, t *org.Tree, unit mail.ID) (list []unitRow) {
	for _, c := range t.Children(unit) {
		list = append(list, unitRow{unitLine: lineOf(t, c, 0, r.Now())})
	}
	return list
}

func (d *Door) unitsTable(r *web.Request) table[unitRow] {
	t := table[unitRow]{
		id: "units", self: unitsPath, post: unitsPath + "/search", file: r.T("table.file.units"), hint: r.T("table.units.search"),
		find: func(u unitRow) string { return u.Name + "\n" + u.CostCentre },
		none: r.T("table.nothing"), nobody: r.T("table.nothing"),
	}
	t.filters = []filter[unitRow]{{key: "kind", label: r.T("page.unit.kind"), options: []web.Option{
		{Label: r.T("table.filter.all")}, {Value: "department", Label: r.T("page.unit.department")}, {Value: "group", Label: r.T("page.unit.group")}, {Value: "off", Label: r.T("page.unit.off")},
	}, is: func(u unitRow, kind string) bool {
		return kind == "off" && u.Off || kind != "off" && u.Group == (kind == "group")
	}}}
	var tree bool
	kind := func(u unitRow) string {
		switch {
		case u.Off:
			return r.T("page.unit.off")
		case u.Group:
			return r.T("page.unit.group")
		}
		return r.T("page.unit.department")
	}
	t.columns = []column[unitRow]{
		{key: "name", label: r.T("page.admin.name"), cell: func(u unitRow) cell {
			c := cell{Text: u.Name, Path: u.Path, Note: u.Above}
			if tree {
				c.Depth, c.Note = u.Depth, ""
			}
			return c
		}, cmp: func(a, b unitRow) int { return byWords(a.Name, b.Name) }},
		{key: "cost", label: r.T("page.unit.cost"), cell: func(u unitRow) cell { return cell{Text: u.CostCentre} }, cmp: func(a, b unitRow) int { return byWords(a.CostCentre, b.CostCentre) }},
		{key: "people", label: r.T("page.unit.people.title"), number: true, cell: func(u unitRow) cell { return cell{Text: strconv.Itoa(u.People)} }, cmp: func(a, b unitRow) int { return cmp.Compare(a.People, b.People) }},
		{key: "boxes", label: r.T("table.units.boxes"), number: true, cell: func(u unitRow) cell { return cell{Text: strconv.Itoa(u.Mailboxes)} }, cmp: func(a, b unitRow) int { return cmp.Compare(a.Mailboxes, b.Mailboxes) }},
		{label: r.T("page.unit.kind"), cell: func(u unitRow) cell {
			if !u.Group {
				return cell{}
			}
			return cell{Tags: []web.Badge{{Tone: map[bool]web.Tone{true: web.Warning, false: web.Info}[u.Off], Word: kind(u)}}}
		}, file: kind},
	}
	a := t.asked(r) // of the columns above
	tree = a.sort == "" && a.text == "" && a.picked["kind"] == ""
	t.extra = []column[unitRow]{{label: r.T("page.unit.below"), cell: func(u unitRow) cell { return cell{Text: u.Above} }}}
	return t
}

// byWords compares what people read, without regard to case.
func byWords(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }
