package admin

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/usage"
)

// atOnce is how many lines of a list a page shows.
const atOnce = 50

// table is a list of T: what it shows, and by what it is sorted, narrowed and searched.
//
// How somebody has asked for it stands in the address, and a page can be kept or sent. Only
// what was typed stands in no address, for it may be somebody's name: it comes by POST, and
// with it every other choice, as buttons of its form.
type table[T any] struct {
	id      string   // of the heading; a page that was turned begins there
	self    string   // the page on which it stands
	post    string   // to which the form goes
	with    []string // names and values in its address that are not its own
	pre     string   // before its names in the address, where a page has two lists
	columns []column[T]
	filters []filter[T]
	hint    string         // what can be typed: label of the field; "" for nothing
	find    func(T) string // in which is looked for it
	first   string         // by what it is sorted, if nothing is asked; "": as the rows come
	file    string         // what the file is called, without its ending; "": there is none
	acts    func(T) []act  // what can be done with a line
	more    func(T) any    // what can be unfolded below it; see table-more of the page
	keep    func(T) bool   // a line that is on every page: what was typed about it has come to nothing
	none    string         // said of a list that is empty
	nobody  string         // said if nothing was found
	extra   []column[T]    // of the file only, behind the others
	short   int            // up to so many lines nobody has to search: nothing can be typed or chosen
}

// column is one of a list's.
type column[T any] struct {
	key    string // in the address; "": nobody sorts by it
	label  string
	cell   func(T) cell
	file   func(T) string // what the file says; nil: the same words
	cmp    func(a, b T) int
	number bool
}

// cell is what stands in a line below a column's heading.
type cell struct {
	Text  string
	Path  string // where it leads; "" for nowhere
	Note  string // less important, behind it
	Tags  []web.Badge
	Depth int // in a tree
}

// act is a button in a line.
type act struct {
	Path, Name, Value string // where it goes, and with which field
	Label, Who        string // Who is the same with the line's name, to be heard
	Danger            bool
}

// filter narrows a list to the lines of which one thing is so.
type filter[T any] struct {
	key     string
	label   string
	options []web.Option // the first is all of them, and has no value
	is      func(x T, value string) bool
}

// asked is how somebody wants to see a list. What is not understood is as if it were not
// said.
type asked struct {
	text   string
	sort   string // a column's key; after a minus: the last first
	from   int
	picked map[string]string // by the filter's key
	typed  bool              // it came with the form
	file   bool
}

// asked reads the form, or the address.
func (t *table[T]) asked(r *web.Request) asked {
	a := asked{picked: map[string]string{}, typed: r.Form("list") == t.id}
	said := func(name string) string {
		if !a.typed {
			return r.Query(t.pre + name)
		}
		// The button that was pressed comes behind the hidden field.
		if all := r.FormAll(t.pre + name); len(all) > 0 {
			return all[len(all)-1]
		}
		return ""
	}
	if a.typed && t.hint != "" {
		a.text = strings.TrimSpace(r.Form(t.pre + "q"))
	}
	a.file = a.typed && t.file != "" && r.Form("as") == "csv"
	if n, err := strconv.Atoi(said("from")); err == nil {
		a.from = max(n, 0)
	}
	if s := said("sort"); slices.ContainsFunc(t.columns, func(c column[T]) bool { return c.key != "" && c.key == strings.TrimPrefix(s, "-") }) && s != t.first {
		a.sort = s
	}
	for _, f := range t.filters {
		v := said(f.key)
		if slices.ContainsFunc(f.options, func(o web.Option) bool { return o.Value == v }) {
			a.picked[f.key] = v
		}
	}
	return a
}

// by is the column by which the list is sorted, "" for none, and whether the last is first.
func (t *table[T]) by(a asked) (key string, down bool) {
	s := a.sort
	if s == "" {
		s = t.first
	}
	key = strings.TrimPrefix(s, "-")
	return key, key != s
}

// path is the address of the list with other choices. What was typed is not in it.
func (t *table[T]) path(a asked) string {
	from := ""
	if a.from > 0 {
		from = strconv.Itoa(a.from)
	}
	pairs := append(slices.Clone(t.with), t.pre+"sort", a.sort, t.pre+"from", from)
	for _, f := range t.filters {
		pairs = append(pairs, t.pre+f.key, a.picked[f.key])
	}
	return web.WithQuery(t.self, pairs...) + "#" + t.id
}

// pick returns the lines that are asked for, in order.
func (t *table[T]) pick(a asked, rows []T) []T {
	text := strings.ToLower(a.text)
	var list []T
	for _, x := range rows {
		if text != "" && !strings.Contains(strings.ToLower(t.find(x)), text) {
			continue
		}
		if t.filtered(a, x) {
			list = append(list, x)
		}
	}
	key, down := t.by(a)
	for _, c := range t.columns {
		if c.cmp == nil || key == "" || c.key != key {
			continue
		}
		slices.SortStableFunc(list, func(x, y T) int {
			if down {
				x, y = y, x
			}
			return c.cmp(x, y)
		})
	}
	return list
}

// filtered reports whether no filter leaves a line out.
func (t *table[T]) filtered(a asked, x T) bool {
	return !slices.ContainsFunc(t.filters, func(f filter[T]) bool { return a.picked[f.key] != "" && !f.is(x, a.picked[f.key]) })
}

// show is the list as a page shows it, of all lines that there are.
func (t *table[T]) show(r *web.Request, f *web.Frame, rows []T) *tableView {
	a := t.asked(r)
	list := t.pick(a, rows)
	from := min(a.from, len(list))
	to := min(from+atOnce, len(list))
	v := t.view(r, f, a, list[from:to], len(list))
	for i, x := range list {
		if t.keep != nil && t.keep(x) && (i < from || i >= to) {
			v.Rows = append(v.Rows, t.row(x))
		}
	}
	return v
}

// answer is what the form of a list gets: the file; without anything typed, the address
// that says the rest; else the page.
func (t *table[T]) answer(r *web.Request, rows func() ([]T, error), page func() error) error {
	a := t.asked(r)
	switch {
	case a.file:
		list, err := rows()
		if err != nil {
			return err
		}
		return t.save(r, t.pick(a, list))
	case a.text == "":
		return r.Redirect(t.path(a))
	}
	return page()
}

// save sends lines as a file, whole: pages are for reading.
func (t *table[T]) save(r *web.Request, rows []T) error { return t.saved(r, rows)() }

// saved makes the file of lines, which can be sent when what they are read from is let go.
func (t *table[T]) saved(r *web.Request, rows []T) func() error {
	columns := append(slices.Clone(t.columns), t.extra...)
	var head []string
	for _, c := range columns {
		head = append(head, c.label)
	}
	records := [][]string{head}
	for _, x := range rows {
		var line []string
		for _, c := range columns {
			line = append(line, c.words(x))
		}
		records = append(records, line)
	}
	return func() error { return saveCSV(r, t.file+".csv", records) }
}

// words are what the file says of a line.
func (c column[T]) words(x T) string {
	if c.file != nil {
		return c.file(x)
	}
	w := c.cell(x)
	words := []string{w.Text}
	for _, tag := range w.Tags {
		words = append(words, tag.Word)
	}
	return strings.Trim(strings.Join(words, ", "), ", ")
}

// saveCSV sends records, in which no cell is a formula.
func saveCSV(r *web.Request, name string, records [][]string) error {
	var b bytes.Buffer
	if err := usage.WriteCSV(&b, records); err != nil {
		return err
	}
	return r.Stream(name, "text/csv", int64(b.Len()), bytes.NewReader(b.Bytes()), time.Time{})
}
