package admin

import (
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/usage"
)

// The chart's measures, in units of its own: a day is so wide. Its height follows its
// width, as 4 to 15, so that ninety days are as tall on a page as thirty.
const (
	chartDay = 20
	chartBar = 8
)

// chart is two things by day as bars, for {{template "chart" .}}. The SVG has no words in it:
// on a phone they would be too small to read.
type chart struct {
	ID            string // of the heading
	Title, Text   string // what a screen reader says of it
	Kinds         []chartKind
	Width, Height int
	Bars          []bar
	Most          int64 // what the highest bar stands for; 0: there is none
	First, Last   time.Time
}

// chartKind is one of the two.
type chartKind struct{ Kind, Label string }

// bar is a rectangle.
type bar struct {
	Kind       string // "letters" or "sms": the first, or the second
	X, Y, W, H int
}

// newChart is a chart of the days from first to last; of says how many of both there are.
func newChart(first, last usage.Day, of func(usage.Day) (a, b int64)) chart {
	c := chart{Width: chartDay * int(last-first+1)}
	c.Height = c.Width * 4 / 15
	for day := first; day <= last; day++ {
		a, b := of(day)
		c.Most = max(c.Most, a, b)
	}
	for day := first; day <= last; day++ {
		x := chartDay*int(day-first) + (chartDay-2*chartBar)/2
		a, b := of(day)
		c.bar("letters", x, a)
		c.bar("sms", x+chartBar, b)
	}
	return c
}

// bar adds a bar; one of anything at all is seen.
func (c *chart) bar(kind string, x int, n int64) {
	if n <= 0 {
		return
	}
	h := max(c.Height/80, int(n*int64(c.Height)/c.Most))
	c.Bars = append(c.Bars, bar{kind, x, c.Height - h, chartBar, h})
}

// monthChart shows the letters and SMS of each day of a month; text words what it shows for who
// does not see it.
func (d *Door) monthChart(r *web.Request, month usage.Month, lines []usage.Line, text string) chart {
	days, sum, whole := usage.ByDay(lines), usage.Sum(lines), r.Printer().Whole
	first, last := month.Days()
	c := newChart(first, last, func(day usage.Day) (letters, sms int64) { return days[day].Letters, days[day].SMS })
	return d.named(c, "days", r.T("page.usage.chart", "Month", d.monthName(r, month)), r.T(text, "Letters", whole(sum.Letters), "SMS", whole(sum.SMS), "Most", whole(c.Most)),
		first, last, r.T("page.usage.letters"), r.T("page.usage.sms"))
}

// named gives a chart its words: what the bars are, in the order of newChart.
func (d *Door) named(c chart, id, title, text string, first, last usage.Day, labels ...string) chart {
	c.ID, c.Title, c.Text, c.First, c.Last = id, title, text, first.Start(d.zone), last.Start(d.zone)
	for i, kind := range []string{"letters", "sms"} {
		c.Kinds = append(c.Kinds, chartKind{kind, labels[i]})
	}
	return c
}
