package admin

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/usage"
)

// usageLine is a row before it is put into words. The page shows a department with all
// below it; in the file each line is for itself, so that they can be added up.
type usageLine struct {
	name, path, note string
	place            string // of the file: the department, from the viewer's branch down
	code             string // of the file: the cost centre
	depth            int
	shown, own       usage.Total
}

func (s *usageScope) rows(r *web.Request, by string) []usageLine {
	switch by {
	case "cost":
		return s.costs(r)
	case "person":
		return s.people(r)
	}
	return s.units(r)
}

// units are the viewer's branches, each unit before those below it, and at the end what
// was used in units that are gone.
func (s *usageScope) units(r *web.Request) (list []usageLine) {
	own, branches := usage.ByUnit(s.lines), usage.ByBranch(s.lines, s.above)
	for _, b := range s.branches() {
		for _, n := range s.t.Branch(b.ID) {
			list = append(list, usageLine{
				name: n.Name, path: s.path(n.ID), note: n.CostCentre, place: s.place(n.ID), code: s.code(n.ID), depth: n.Depth,
				shown: branches[n.ID], own: own[n.ID],
			})
		}
	}
	gone := usage.Sum(usage.Within(s.lines, s.gone))
	if !gone.IsZero() {
		name := r.T("page.usage.gone")
		list = append(list, usageLine{name: name, place: name, depth: 1, shown: gone, own: gone})
	}
	return list
}

func (s *usageScope) gone(unit mail.ID) bool {
	_, err := s.t.Unit(unit)
	return err != nil
}

// place names a unit by its path, from the uppermost that the viewer organises.
func (s *usageScope) place(unit mail.ID) string {
	var names []string
	for _, u := range s.t.Path(unit) {
		if s.sees(u.ID) && (u.ID != mail.RootUnit || unit == mail.RootUnit) {
			names = append(names, u.Name)
		}
	}
	return strings.Join(names, " / ")
}

// costs are the cost centres by their codes, and what has none at the end.
func (s *usageScope) costs(r *web.Request) (list []usageLine) {
	for code, t := range usage.ByCostCentre(s.lines, s.code) {
		name := code
		if code == "" {
			name = r.T("page.usage.nocost")
		}
		list = append(list, usageLine{name: name, code: code, shown: t, own: t})
	}
	slices.SortFunc(list, func(a, b usageLine) int {
		if (a.code == "") != (b.code == "") {
			return cmp.Compare(b.code, a.code)
		}
		return strings.Compare(a.code, b.code)
	})
	return list
}

// people are those who are at home in the viewer's branches, and their function mailboxes,
// whoever has sent most first. What others used while they were at home there is one line
// without a name: where they are now is not the viewer's.
func (s *usageScope) people(r *web.Request) (list []usageLine) {
	var others usage.Total
	for owner, t := range usage.ByOwner(s.lines) {
		l, ok := s.owner(owner)
		if !ok {
			others = others.And(t)
			continue
		}
		l.shown, l.own = t, t
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b usageLine) int {
		return cmp.Or(cmp.Compare(b.own.Letters, a.own.Letters), cmp.Compare(b.own.SMS, a.own.SMS), strings.Compare(a.name, b.name), strings.Compare(a.note, b.note))
	})
	if !others.IsZero() {
		list = append(list, usageLine{name: r.T("page.usage.others"), shown: others, own: others})
	}
	return list
}

// owner is a person or function mailbox that the viewer organises.
func (s *usageScope) owner(id mail.ID) (usageLine, bool) {
	if m, err := s.t.Mailbox(id); err == nil {
		h := s.home(m.Unit)
		return usageLine{name: cmp.Or(m.Name, string(m.Address)), path: mailboxPath(id), note: string(m.Address), place: h.place, code: h.code}, h.seen
	}
	p, err := s.t.Person(id)
	if err != nil {
		return usageLine{}, false
	}
	h := s.home(s.t.Home(id))
	return usageLine{name: p.Title(), path: personPath(id), note: string(p.Address), place: h.place, code: h.code}, h.seen
}

// usageHome is what a line says of the unit in which somebody is at home.
type usageHome struct {
	place, code string
	seen        bool // the viewer sees the unit
}

// home is found once a unit: ten thousand people are at home in a few hundred.
func (s *usageScope) home(unit mail.ID) usageHome {
	h, known := s.homes[unit]
	if !known {
		h = usageHome{s.place(unit), s.code(unit), s.sees(unit)}
		s.homes[unit] = h
	}
	return h
}

// usageTable is the list of lines. Whom somebody looks for stands in no address; what is
// found can be saved, beside the file of the whole month.
func (d *Door) usageTable(r *web.Request, a usageAsked) table[usageLine] {
	t := table[usageLine]{
		id: "used", self: "/org/usage", with: []string{"month", a.month.String(), "by", a.by}, post: usagePath("/org/usage/search", a.month, a.by), hint: r.T("table.units.search"),
		find: func(x usageLine) string { return x.name + "\n" + x.note }, none: r.T("page.usage.none"), nobody: r.T("table.nothing"),
	}
	if r.Form("q") != "" {
		t.file = r.T("page.usage.savename")
	}
	label := r.T("page.usage.col.unit")
	switch a.by {
	case "cost":
		label = r.T("page.usage.col.cost")
	case "person":
		label, t.first = r.T("page.usage.col.name"), "-letters"
	}
	var tree bool
	t.columns = append([]column[usageLine]{{key: "name", label: label, cell: func(x usageLine) cell {
		c := cell{Text: x.name, Path: x.path, Note: x.note}
		if tree {
			c.Depth = x.depth
		}
		return c
	}, cmp: func(a, b usageLine) int { return byWords(a.name, b.name) }}}, d.usageColumns(r)...)
	asked := t.asked(r) // of the columns above
	tree = asked.sort == "" && asked.text == ""
	return t
}

// usageColumns are the numbers. What a group pays itself stands behind.
func (d *Door) usageColumns(r *web.Request) []column[usageLine] {
	number := func(key, label string, of func(t usage.Total) int64, text func(n usageNumbers) cell) column[usageLine] {
		return column[usageLine]{key: key, label: label, number: true, cell: func(x usageLine) cell { return text(d.numbers(r, x.shown)) },
			cmp: func(a, b usageLine) int { return cmp.Compare(of(a.shown), of(b.shown)) }}
	}
	plain := func(n int64) cell { return cell{Text: strconv.FormatInt(n, 10)} }
	return []column[usageLine]{
		number("letters", r.T("page.usage.letters"), func(t usage.Total) int64 { return t.Letters }, func(n usageNumbers) cell { return plain(n.Letters) }),
		number("recipients", r.T("page.usage.recipients"), func(t usage.Total) int64 { return t.Recipients }, func(n usageNumbers) cell { return plain(n.Recipients) }),
		number("sms", r.T("page.usage.sms"), func(t usage.Total) int64 { return t.SMS }, func(n usageNumbers) cell {
			c := plain(n.SMS)
			if n.GroupSMS > 0 {
				c.Note = r.T("page.usage.group", "What", n.GroupSMS)
			}
			return c
		}),
		number("cost", r.T("page.usage.money"), func(t usage.Total) int64 { return t.Cost }, func(n usageNumbers) cell {
			c := cell{Text: cmp.Or(n.Cost, r.T("page.usage.unknown"))}
			if n.GroupCost != "" {
				c.Note = r.T("page.usage.group", "What", n.GroupCost)
			}
			return c
		}),
		number("stored", r.T("page.usage.stored"), func(t usage.Total) int64 { return t.Stored }, func(n usageNumbers) cell { return cell{Text: r.Printer().Size(n.Stored)} }),
	}
}

// usageHead is the first line of the file.
func usageHead(r *web.Request, by string) []string {
	head := []string{r.T("page.usage.col.month")}
	switch by {
	case "person":
		head = append(head, r.T("page.usage.col.name"), r.T("page.usage.col.address"), r.T("page.usage.col.unit"), r.T("page.usage.col.cost"))
	case "cost":
		head = append(head, r.T("page.usage.col.cost"))
	default:
		head = append(head, r.T("page.usage.col.unit"), r.T("page.usage.col.cost"))
	}
	return append(head, r.T("page.usage.letters"), r.T("page.usage.recipients"), r.T("page.usage.sms"), r.T("page.usage.money"), r.T("page.usage.col.currency"),
		r.T("page.usage.col.unpriced"), r.T("page.usage.col.stored"), r.T("page.usage.col.groupsms"), r.T("page.usage.col.groupcost"))
}

// record is a line of the file.
func (d *Door) record(r *web.Request, a usageAsked, x usageLine) []string {
	cells := []string{a.month.String()}
	switch a.by {
	case "person":
		cells = append(cells, x.name, x.note, x.place, x.code)
	case "cost":
		cells = append(cells, x.code)
	default:
		cells = append(cells, x.place, x.code)
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	return append(cells, number(x.own.Letters), number(x.own.Recipients), number(x.own.SMS), r.Printer().Amount(x.own.Cost, 4), d.currency,
		number(x.own.Unpriced), number(x.own.Stored), number(x.own.GroupSMS), r.Printer().Amount(x.own.GroupCost, 4))
}
