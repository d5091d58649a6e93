package admin

import (
	"cmp"
	"strconv"

	"sigill/appliance/door/web"
)

// tableView is a list as {{template "table" .}} shows it. A choice is a link; once
// something was typed it is a button of the form, which has it.
type tableView struct {
	*web.Frame
	ID      string // of the heading
	Pre     string
	Self    string // the page without any choice
	Post    string
	Search  web.Field // without a name: nothing can be typed
	Filters []web.Field
	Form    bool // there is something to choose beside the columns, and lines to choose from
	Sort    string
	Heads   []headView
	Rows    []rowView
	Foot    []cellView // of a sum; empty for none
	Acts    bool
	All     int
	Said    string // which lines these are, and in which order
	Chosen  bool   // some lines are left out
	File    bool
	Earlier *turnView // nil on the first page
	Later   *turnView // nil on the last
	None    string
}

// headView is a column's heading.
type headView struct {
	Label  string
	Number bool
	Turn   *turnView // nil: nobody sorts by it
	Order  string    // aria-sort; "" where nobody sorts
	Arrow  string
}

// turnView is another view of the same list: a link, or a button with a name and a value.
type turnView struct{ Path, Name, Value string }

// With is the heading with the form that its button is of.
func (h headView) With(form string) any {
	return struct {
		headView
		Form string
	}{h, form}
}

// With is the turn with its words, and the form that its button is of.
func (v turnView) With(form, label string) any {
	return struct {
		turnView
		Form, Label string
	}{v, form, label}
}

// Width is how many columns there are.
func (v *tableView) Width() int {
	if v.Acts {
		return len(v.Heads) + 1
	}
	return len(v.Heads)
}

// rowView is a line.
type rowView struct {
	Cells []cellView
	Acts  []act
	More  any
}

// cellView is a cell with its column's heading, which stands before it on a narrow screen.
type cellView struct {
	cell
	Label  string
	Number bool
}

// view is a page of the list: some of all lines.
func (t *table[T]) view(r *web.Request, f *web.Frame, a asked, window []T, all int) *tableView {
	v := &tableView{Frame: f, ID: t.id, Pre: t.pre, Self: t.path(asked{}), Post: t.post + "#" + t.id, Sort: cmp.Or(a.sort, t.first), All: all, File: t.file != "" && all > 0, Acts: t.acts != nil}
	if t.hint != "" {
		v.Search = web.Field{Within: t.id, Name: t.pre + "q", Label: t.hint, Value: a.text, Type: "search", Max: 100}
	}
	v.Chosen = a.text != ""
	for _, x := range t.filters {
		f := web.Field{Within: t.id, Name: t.pre + x.key, Label: x.label}
		for _, o := range x.options {
			o.Chosen = o.Value == a.picked[x.key]
			f.Options = append(f.Options, o)
		}
		v.Filters = append(v.Filters, f)
		v.Chosen = v.Chosen || a.picked[x.key] != ""
	}
	v.Form = v.Chosen || all > t.short && (t.hint != "" || len(t.filters) > 0)
	v.None = t.none
	if v.Chosen {
		v.None = t.nobody
	}
	t.heads(r, v, a)
	for _, x := range window {
		v.Rows = append(v.Rows, t.row(x))
	}
	t.pages(r, v, a, len(window))
	return v
}

func (t *table[T]) row(x T) (row rowView) {
	for _, c := range t.columns {
		row.Cells = append(row.Cells, cellView{c.cell(x), c.label, c.number})
	}
	if t.acts != nil {
		row.Acts = t.acts(x)
	}
	if t.more != nil {
		row.More = t.more(x)
	}
	return row
}

// heads are the columns: pressed a second time, one turns the list round.
func (t *table[T]) heads(r *web.Request, v *tableView, a asked) {
	key, down := t.by(a)
	for _, c := range t.columns {
		h := headView{Label: c.label, Number: c.number}
		if c.key != "" {
			next := c.key
			h.Order, h.Arrow = "none", "↕"
			switch {
			case c.key == key && down:
				h.Order, h.Arrow = "descending", "↓"
			case c.key == key:
				h.Order, h.Arrow, next = "ascending", "↑", "-"+c.key
			}
			to := a
			to.from, to.sort = 0, next
			if next == t.first {
				to.sort = ""
			}
			h.Turn = t.turn(to, "sort", next)
			switch h.Order {
			case "ascending":
				v.Said = r.T("table.ascending", "Column", c.label)
			case "descending":
				v.Said = r.T("table.descending", "Column", c.label)
			}
		}
		v.Heads = append(v.Heads, h)
	}
}

// pages are which lines are shown, and where the others are.
func (t *table[T]) pages(r *web.Request, v *tableView, a asked, shown int) {
	from := min(a.from, v.All)
	by := v.Said
	if v.Said = r.T("table.range", "First", from+1, "Last", from+shown, "All", v.All); shown == 0 {
		v.Said = r.T("table.range.none", "All", v.All)
	}
	if by != "" {
		v.Said = r.T("table.said", "Range", v.Said, "Order", by)
	}
	to := a
	if from > 0 {
		to.from = max(0, from-atOnce)
		v.Earlier = t.turn(to, "from", strconv.Itoa(to.from))
	}
	if from+shown < v.All {
		to.from = from + shown
		v.Later = t.turn(to, "from", strconv.Itoa(to.from))
	}
}

// turn is a link, or a button if something was typed.
func (t *table[T]) turn(to asked, name, value string) *turnView {
	if to.text == "" {
		return &turnView{Path: t.path(to)}
	}
	return &turnView{Name: t.pre + name, Value: value}
}
