package admin

import (
	"cmp"
	"slices"
	"strconv"

	"sigill/appliance/door/web"
	"sigill/appliance/org"
)

const boxesPath = "/org/mailboxes"

// boxRow is a function mailbox in the list of all.
type boxRow struct {
	org.Mailbox
	Department string
	Readers    int
}

// boxes lists the function mailboxes of the viewer's branches.
func (d *Door) boxes(r *web.Request) error {
	return showList(r, "mailboxes", d.boxesTable(r), d.boxRows(r))
}

func (d *Door) findBoxes(r *web.Request) error {
	t := d.boxesTable(r)
	return t.answer(r, func() ([]boxRow, error) { return d.boxRows(r), nil }, func() error { return d.boxes(r) })
}

func (d *Door) boxRows(r *web.Request) (list []boxRow) {
	d.org.Tree(func(t *org.Tree) {
		for _, b := range t.Branches(actor(r).ID) {
			for _, n := range t.Branch(b.ID) {
				list = append(list, boxRowsOf(t, n.Unit)...)
			}
		}
	})
	return list
}

func boxRowsOf(t *org.Tree, u org.Unit) (list []boxRow) {
	for _, m := range t.Mailboxes(u.ID) {
		list = append(list, boxRow{m, u.Name, len(t.Readers(m.ID))})
	}
	return list
}

// unitBoxesTable lists the function mailboxes of one unit, on its page.
func (d *Door) unitBoxesTable(r *web.Request, self string) table[boxRow] {
	t := d.boxesTable(r)
	t.pre, t.self, t.post, t.none, t.short = "boxes-", self, self+"/search", r.T("page.mailboxes.none"), fewOfUnit
	t.columns = slices.DeleteFunc(t.columns, func(c column[boxRow]) bool { return c.key == "unit" })
	return t
}

func (d *Door) boxesTable(r *web.Request) table[boxRow] {
	t := table[boxRow]{
		id: "mailboxes", self: boxesPath, post: boxesPath + "/search", first: "name", file: r.T("table.file.mailboxes"), hint: r.T("page.unit.search"),
		find: func(b boxRow) string { return b.Name + "\n" + string(b.Address) },
		none: r.T("table.nothing"), nobody: r.T("table.nothing"),
	}
	t.filters = []filter[boxRow]{{key: "state", label: r.T("page.person.state"), options: []web.Option{
		{Label: r.T("table.filter.all")}, {Value: "nobody", Label: r.T("page.mailboxes.nobody")}, {Value: "ends", Label: r.T("table.mailboxes.ends")},
	}, is: func(b boxRow, state string) bool {
		return state == "nobody" && b.Readers == 0 || state == "ends" && !b.Ends.IsZero()
	}}}
	state := func(b boxRow) (tags []web.Badge) {
		if b.Readers == 0 {
			tags = append(tags, web.Badge{Tone: web.Warning, Word: r.T("page.mailboxes.nobody")})
		}
		if !b.Ends.IsZero() {
			tags = append(tags, web.Badge{Tone: web.Neutral, Word: r.T("table.mailboxes.ends.on", "Day", r.Printer().Date(org.LastMoment(b.Ends), r.Now()))})
		}
		return tags
	}
	t.columns = []column[boxRow]{
		{key: "name", label: r.T("page.admin.name"), cell: func(b boxRow) cell { return cell{Text: b.Name, Path: mailboxPath(b.ID)} }, cmp: func(a, b boxRow) int { return byWords(a.Name, b.Name) }},
		{key: "address", label: r.T("page.admin.address"), cell: func(b boxRow) cell { return cell{Text: string(b.Address)} }, cmp: func(a, b boxRow) int { return byWords(string(a.Address), string(b.Address)) }},
		{key: "unit", label: r.T("page.unit.department"), cell: func(b boxRow) cell { return cell{Text: b.Department, Path: unitPath(b.Unit)} }, cmp: func(a, b boxRow) int { return byWords(a.Department, b.Department) }},
		{key: "readers", label: r.T("table.mailboxes.readers"), number: true, cell: func(b boxRow) cell { return cell{Text: strconv.Itoa(b.Readers)} }, cmp: func(a, b boxRow) int { return cmp.Compare(a.Readers, b.Readers) }},
		{label: r.T("page.person.state"), cell: func(b boxRow) cell { return cell{Tags: state(b)} }},
	}
	return t
}
