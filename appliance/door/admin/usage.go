package admin

import (
	"context"
	"fmt"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/usage"
)

// Usage is what people and departments use; the appliance is one. It tells of the whole
// house: what a viewer may see of it is the door's to say.
type Usage interface {
	// Used returns what was used on the days from first to last, both included.
	Used(ctx context.Context, first, last usage.Day) ([]usage.Line, error)
	// UsedByUnit is Used without saying who.
	UsedByUnit(ctx context.Context, first, last usage.Day) ([]usage.Line, error)
	// Figures returns what became of letters on the days from first to last, both included.
	Figures(ctx context.Context, first, last usage.Day) ([]usage.Figures, error)
	// Stored returns what lies here, each line where its owner is at home now.
	Stored(ctx context.Context) ([]usage.Line, error)
}

// usageView is one way to divide what is used.
type usageView struct {
	By      string
	Label   string
	Path    string
	Current bool
}

// usagePage shows what the viewer's branches have used in a month.
type usagePage struct {
	web.Frame
	Back     web.Crumb
	By       string
	Views    []usageView
	Month    string
	Earlier  string // path
	Later    string // "" for the month that it is now
	CSV      string // path
	Table    *tableView
	Sum      usageNumbers
	Chart    chart
	Days     []usageDay
	Unpriced int
}

// usageNumbers are a row's numbers, in words.
type usageNumbers struct {
	Letters, Recipients, SMS int64
	Cost                     string
	GroupSMS                 int64 // of the SMS: those that groups pay themselves
	GroupCost                string
	Stored                   int64
}

// usageDay is a day of the chart, in words.
type usageDay struct {
	Day time.Time
	usageNumbers
}

// usageAsked is what the address asks for: what it does not say, or says wrongly, is the
// month that it is now, by department.
type usageAsked struct {
	month, now usage.Month
	by         string
	audits     bool // by an auditor, who sees nobody's name
}

func (d *Door) usageAsked(r *web.Request) usageAsked {
	a := usageAsked{now: usage.DayOf(r.Now(), d.zone).Month(), by: "unit"}
	a.month = a.now
	if m, err := usage.ParseMonth(r.Query("month")); err == nil && !m.After(a.now) {
		a.month = m
	}
	d.org.Tree(func(t *org.Tree) { a.audits = audits(t, actor(r).ID) })
	if by := r.Query("by"); by == "cost" || by == "person" && !a.audits {
		a.by = by
	}
	return a
}

// used reads what was used in the month, and lets f make something of what the viewer may
// see of it.
func (d *Door) used(r *web.Request, a usageAsked, f func(s *usageScope)) error {
	first, last := a.month.Days()
	lines, err := d.usage.Used(r.Context(), first, last)
	if err != nil {
		return err
	}
	stored, err := d.usage.Stored(r.Context())
	if err != nil {
		return err
	}
	me := actor(r).ID
	d.org.Tree(func(t *org.Tree) { f(newUsageScope(t, me, lines, stored)) })
	return nil
}

func (d *Door) usagePage(r *web.Request) error {
	a := d.usageAsked(r)
	page := &usagePage{Back: web.Crumb{Path: "/org", Name: r.T("page.org.title")}, By: a.by, Month: d.monthName(r, a.month), Earlier: usagePath("/org/usage", a.month.Add(-1), a.by), CSV: usagePath("/org/usage/csv", a.month, a.by)}
	if a.audits {
		page.Back = web.Crumb{Path: "/journal", Name: r.T("page.journal.title")}
	}
	if a.month != a.now {
		page.Later = usagePath("/org/usage", a.month.Add(1), a.by)
	}
	for _, v := range []usageView{{By: "unit", Label: "page.usage.unit"}, {By: "cost", Label: "page.usage.cost"}, {By: "person", Label: "page.usage.person"}} {
		if v.By == "person" && a.audits {
			continue
		}
		v.Label, v.Path, v.Current = r.T(v.Label), usagePath("/org/usage", a.month, v.By), v.By == a.by
		page.Views = append(page.Views, v)
	}
	err := d.used(r, a, func(s *usageScope) {
		t := d.usageTable(r, a)
		page.Table = t.show(r, &page.Frame, s.rows(r, a.by))
		sum := usage.Sum(s.lines)
		page.Sum, page.Unpriced = d.numbers(r, sum), int(sum.Unpriced)
		page.Table.Foot = t.row(usageLine{name: r.T("page.usage.sum"), shown: sum}).Cells
		days := usage.ByDay(s.lines)
		page.Chart = d.monthChart(r, a.month, s.lines, "page.usage.chart.text")
		first, last := a.month.Days()
		for day := first; day <= last; day++ {
			page.Days = append(page.Days, usageDay{day.Start(d.zone), d.numbers(r, days[day])})
		}
	})
	if err != nil {
		return err
	}
	return r.Page("admin/usage", page)
}

func (d *Door) usageCSV(r *web.Request) error {
	a := d.usageAsked(r)
	return d.saveUsage(r, a, func(rows []usageLine) []usageLine { return rows })
}

// findUsage searches the lines; the file is of what was found.
func (d *Door) findUsage(r *web.Request) error {
	a := d.usageAsked(r)
	t := d.usageTable(r, a)
	x := t.asked(r)
	switch {
	case x.file:
		return d.saveUsage(r, a, func(rows []usageLine) []usageLine { return t.pick(x, rows) })
	case x.text == "":
		return r.Redirect(t.path(x))
	}
	return d.usagePage(r)
}

// saveUsage sends some lines as a file.
func (d *Door) saveUsage(r *web.Request, a usageAsked, of func([]usageLine) []usageLine) error {
	records := [][]string{usageHead(r, a.by)}
	err := d.used(r, a, func(s *usageScope) {
		for _, x := range of(s.rows(r, a.by)) {
			if !x.own.IsZero() {
				records = append(records, d.record(r, a, x))
			}
		}
	})
	if err != nil {
		return err
	}
	return saveCSV(r, fmt.Sprintf("%s-%s-%s.csv", r.T("page.usage.savename"), a.month, a.by), records)
}

func (d *Door) numbers(r *web.Request, t usage.Total) usageNumbers {
	n := usageNumbers{Letters: t.Letters, Recipients: t.Recipients, SMS: t.SMS, GroupSMS: t.GroupSMS, Stored: t.Stored}
	if t.Cost > 0 || t.Unpriced == 0 {
		n.Cost = r.Printer().Money(t.Cost, d.currency)
	}
	if t.GroupCost > 0 {
		n.GroupCost = r.Printer().Money(t.GroupCost, d.currency)
	}
	return n
}

func (d *Door) monthName(r *web.Request, m usage.Month) string {
	return r.T("page.usage.month", "Month", r.T(fmt.Sprintf("date.month.%02d", int(m.Month))), "Year", m.Year)
}

func usagePath(path string, m usage.Month, by string) string {
	return web.WithQuery(path, "month", m.String(), "by", by)
}

// usageScope is what a viewer may see of what was used: the lines of units in the own
// branches. What stands outside is in none of its sums. An auditor sees the whole house,
// and in it nobody's name.
type usageScope struct {
	t      *org.Tree
	me     mail.ID
	audits bool // and organises nothing
	whole  bool // the viewer sees the whole house
	lines  []usage.Line
	homes  map[mail.ID]usageHome
}

func newUsageScope(t *org.Tree, me mail.ID, all ...[]usage.Line) *usageScope {
	s := &usageScope{t: t, me: me, audits: audits(t, me), homes: map[mail.ID]usageHome{}}
	s.whole = s.audits || t.Organises(me, mail.RootUnit)
	for _, lines := range all {
		s.lines = append(s.lines, usage.Within(lines, s.sees)...)
	}
	return s
}

// audits reports whether somebody sees statistics by the right of an auditor alone.
func audits(t *org.Tree, me mail.ID) bool {
	return t.Roles(me)&(mail.RoleAuditor|mail.RoleOrganiser|mail.RoleAdmin) == mail.RoleAuditor
}

// branches are the units below which the viewer sees all.
func (s *usageScope) branches() []org.Unit {
	if !s.audits {
		return s.t.Branches(s.me)
	}
	root, _ := s.t.Unit(mail.RootUnit) // is always there
	return []org.Unit{root}
}

// path is where a unit has its page, if the viewer may see that.
func (s *usageScope) path(unit mail.ID) string {
	if s.audits {
		return ""
	}
	return unitPath(unit)
}

// sees reports whether the viewer sees a unit. One that is gone is the whole house's.
func (s *usageScope) sees(unit mail.ID) bool {
	if _, err := s.t.Unit(unit); err != nil {
		return s.whole
	}
	return s.audits || s.t.Organises(s.me, unit)
}

// above is what a unit hangs below, for the sums of branches: one that is gone, below the
// root.
func (s *usageScope) above(unit mail.ID) (mail.ID, bool) {
	u, err := s.t.Unit(unit)
	if err != nil {
		return mail.RootUnit, true
	}
	return u.Parent, u.ID != mail.RootUnit
}

// code is the cost centre of a unit: its own, or that of the nearest above that the viewer
// organises.
func (s *usageScope) code(unit mail.ID) string {
	path := s.t.Path(unit)
	for i := len(path) - 1; i >= 0 && s.sees(path[i].ID); i-- {
		if path[i].CostCentre != "" {
			return path[i].CostCentre
		}
	}
	return ""
}
