package admin

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/usage"
)

const figuresPath = "/org/figures"

// figuresPage shows how many letters went out of the viewer's branches, and what became of
// them. It names nobody, and of few it does not tell when they read: see usage.Fewest.
type figuresPage struct {
	web.Frame
	Back       web.Crumb
	Days, Unit web.Field
	ByDay      string // paths of the files
	ByUnit     string
	Sent       chart
	Failed     chart
	Lines      []figureLine // the days, the last first
	Letters    int64
	SMS        int64
	Sum        usage.Figures
	Recipients int
	Read       []readLine
	Fewest     int
}

// figureLine is a day.
type figureLine struct {
	Day          time.Time
	Letters, SMS int64
	usage.Figures
}

// readLine is how many read within a time.
type readLine struct {
	Label string
	Count int64
	Share int64 // per cent, rounded down
}

// figuresAsked is what the address asks for: what it does not say, or says wrongly, is all
// that the viewer may see, over thirty days.
type figuresAsked struct {
	first, last usage.Day
	unit        mail.ID // zero: all that the viewer may see
}

func (d *Door) figuresAsked(r *web.Request) figuresAsked {
	a := figuresAsked{last: usage.DayOf(r.Now(), d.zone)}
	a.first = a.last - 29
	if r.Query("days") == "90" {
		a.first = a.last - 89
	}
	if id, err := mail.ParseID(r.Query("unit")); err == nil {
		a.unit = id
	}
	return a
}

func (a figuresAsked) days() string { return strconv.Itoa(int(a.last - a.first + 1)) }

// figured is what the viewer may see of the days and the branch that are asked for.
type figured struct {
	scope   *usageScope
	unit    mail.ID // zero: all; also where the one that is asked for is not the viewer's
	lines   []usage.Line
	figures []usage.Figures
}

// readFigures lets f make something of the figures while the tree stands still.
func (d *Door) readFigures(r *web.Request, a figuresAsked, f func(x figured)) error {
	lines, err := d.usage.UsedByUnit(r.Context(), a.first, a.last)
	if err != nil {
		return err
	}
	figures, err := d.usage.Figures(r.Context(), a.first, a.last)
	if err != nil {
		return err
	}
	d.org.Tree(func(t *org.Tree) {
		x := figured{scope: newUsageScope(t, actor(r).ID)}
		if u, err := t.Unit(a.unit); err == nil && x.scope.sees(u.ID) {
			x.unit = u.ID
		}
		x.lines = usage.Within(lines, x.in)
		known := map[mail.ID]bool{}
		for _, f := range figures {
			if _, asked := known[f.Unit]; !asked {
				known[f.Unit] = x.in(f.Unit)
			}
			if known[f.Unit] {
				x.figures = append(x.figures, f)
			}
		}
		f(x)
	})
	return nil
}

// in reports whether a unit is in the branch that is asked for. One that is gone is below
// the root.
func (x figured) in(unit mail.ID) bool {
	if !x.scope.sees(unit) {
		return false
	}
	return x.unit.IsZero() || x.unit == mail.RootUnit || x.scope.t.Within(unit, x.unit)
}

func (x figured) sum() (sum usage.Figures) {
	for _, f := range x.figures {
		sum = sum.And(f)
	}
	return sum
}

func (d *Door) figures(r *web.Request) error {
	a := d.figuresAsked(r)
	page := &figuresPage{Back: web.Crumb{Path: "/org", Name: r.T("page.org.title")}, Fewest: usage.Fewest}
	err := d.readFigures(r, a, func(x figured) {
		if x.scope.audits {
			page.Back = web.Crumb{Path: "/journal", Name: r.T("page.journal.title")}
		}
		unit := ""
		if !x.unit.IsZero() {
			unit = x.unit.String()
		}
		page.ByDay = web.WithQuery(figuresPath+"/csv", "days", a.days(), "unit", unit)
		page.ByUnit = web.WithQuery(figuresPath+"/csv", "days", a.days(), "unit", unit, "by", "unit")
		page.Days, page.Unit = daysField(r, a), unitField(r, x)
		d.fillFigures(r, page, a, x)
	})
	if err != nil {
		return err
	}
	return r.Page("admin/figures", page)
}

func daysField(r *web.Request, a figuresAsked) web.Field {
	f := web.Field{Name: "days", Label: r.T("page.figures.days")}
	for _, n := range []string{"30", "90"} {
		f.Options = append(f.Options, web.Option{Value: n, Label: r.T("page.figures.days.last", "Count", n), Chosen: n == a.days()})
	}
	return f
}

func unitField(r *web.Request, x figured) web.Field {
	f := web.Field{Name: "unit", Label: r.T("page.figures.unit"), Options: []web.Option{{Label: r.T("page.figures.unit.all"), Chosen: x.unit.IsZero()}}}
	for _, b := range x.scope.branches() {
		for _, n := range x.scope.t.Branch(b.ID) {
			f.Options = append(f.Options, web.Option{Value: n.ID.String(), Label: strings.Repeat("– ", n.Depth) + n.Name, Chosen: n.ID == x.unit})
		}
	}
	return f
}

// fillFigures puts the numbers on the page.
func (d *Door) fillFigures(r *web.Request, page *figuresPage, a figuresAsked, x figured) {
	used, days := usage.ByDay(x.lines), map[usage.Day]usage.Figures{}
	for _, f := range x.figures {
		days[f.Day] = days[f.Day].And(f)
	}
	total := usage.Sum(x.lines)
	page.Letters, page.SMS, page.Sum = total.Letters, total.SMS, x.sum()
	page.Recipients = int(page.Sum.Recipients)
	for day := a.last; day >= a.first; day-- {
		page.Lines = append(page.Lines, figureLine{day.Start(d.zone), used[day].Letters, used[day].SMS, days[day]})
	}
	whole := r.Printer().Whole
	c := newChart(a.first, a.last, func(day usage.Day) (letters, sms int64) { return used[day].Letters, used[day].SMS })
	page.Sent = d.named(c, "sent", r.T("page.figures.sent"), r.T("page.usage.chart.text", "Letters", whole(page.Letters), "SMS", whole(page.SMS), "Most", whole(c.Most)),
		a.first, a.last, r.T("page.usage.letters"), r.T("page.usage.sms"))
	c = newChart(a.first, a.last, func(day usage.Day) (held, failed int64) { return days[day].Held, days[day].Failed() })
	page.Failed = d.named(c, "failed", r.T("page.figures.failed"), r.T("page.figures.failed.text", "Held", whole(page.Sum.Held), "Failed", whole(page.Sum.Failed()), "Most", whole(c.Most)),
		a.first, a.last, r.T("page.figures.held"), r.T("page.figures.notarrived"))
	if s := page.Sum; s.Tells() {
		for _, l := range []readLine{
			{Label: r.T("page.figures.read.day"), Count: s.SameDay}, {Label: r.T("page.figures.read.three"), Count: s.ThreeDays}, {Label: r.T("page.figures.read.seven"), Count: s.SevenDays},
			{Label: r.T("page.figures.read.later"), Count: s.Later}, {Label: r.T("page.figures.read.never"), Count: s.Never}, {Label: r.T("page.figures.read.waiting"), Count: s.Waiting()},
		} {
			l.Share = 100 * l.Count / s.Recipients
			page.Read = append(page.Read, l)
		}
	}
}

// figuresCSV is the same as a file: a line a day, or a line a unit, each for itself.
func (d *Door) figuresCSV(r *web.Request) error {
	a, by := d.figuresAsked(r), "day"
	if r.Query("by") == "unit" {
		by = "unit"
	}
	var records [][]string
	err := d.readFigures(r, a, func(x figured) {
		if by == "unit" {
			records = d.figureUnits(r, x)
		} else {
			records = d.figureDays(r, a, x)
		}
	})
	if err != nil {
		return err
	}
	return saveCSV(r, fmt.Sprintf("%s-%s-%s.csv", r.T("page.figures.savename"), a.last, by), records)
}

// record is numbers as a file says them.
func record(head []string, numbers ...int64) []string {
	for _, n := range numbers {
		head = append(head, strconv.FormatInt(n, 10))
	}
	return head
}

func (d *Door) figureDays(r *web.Request, a figuresAsked, x figured) [][]string {
	page := &figuresPage{}
	d.fillFigures(r, page, a, x)
	records := [][]string{{r.T("page.usage.day"), r.T("page.usage.letters"), r.T("page.usage.sms"), r.T("page.figures.held"), r.T("page.figures.bounced"), r.T("page.figures.undelivered")}}
	for _, l := range page.Lines {
		records = append(records, record([]string{l.Day.Format(time.DateOnly)}, l.Letters, l.SMS, l.Held, l.Bounced, l.Undelivered))
	}
	return records
}

// figureUnits leaves empty what the page would not tell of the unit alone.
func (d *Door) figureUnits(r *web.Request, x figured) [][]string {
	own, sums := usage.ByUnit(x.lines), map[mail.ID]usage.Figures{}
	for _, f := range x.figures {
		sums[f.Unit] = sums[f.Unit].And(f)
	}
	records := [][]string{{
		r.T("page.usage.col.unit"), r.T("page.usage.letters"), r.T("page.usage.sms"), r.T("page.usage.recipients"), r.T("page.figures.held"), r.T("page.figures.bounced"), r.T("page.figures.undelivered"),
		r.T("page.figures.read.day"), r.T("page.figures.read.three"), r.T("page.figures.read.seven"), r.T("page.figures.read.later"), r.T("page.figures.read.never"), r.T("page.figures.read.waiting"), r.T("page.figures.closed"),
	}}
	for _, b := range x.scope.branches() {
		for _, n := range x.scope.t.Branch(b.ID) {
			if !x.in(n.ID) {
				continue
			}
			f := sums[n.ID]
			line := record([]string{x.scope.place(n.ID)}, own[n.ID].Letters, own[n.ID].SMS, f.Recipients, f.Held, f.Bounced, f.Undelivered)
			if f.Tells() {
				line = record(line, f.SameDay, f.ThreeDays, f.SevenDays, f.Later, f.Never, f.Waiting(), f.Closed)
			} else {
				line = append(line, make([]string, 7)...)
			}
			records = append(records, line)
		}
	}
	return records
}
