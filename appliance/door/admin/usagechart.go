package admin

import (
	"sigill/appliance/usage"
)

// The chart's measures, in units of its own: a day is so wide, and the highest bar so
// high.
const (
	chartDay    = 20
	chartHeight = 160
	chartBar    = 8
)

// chart is letters and SMS by day as bars, for an SVG. It has no words in it: on a phone
// they would be too small to read.
type chart struct {
	Width, Height int
	Bars          []bar
	Most          int64 // what the highest bar stands for; 0: there is none
}

// bar is a rectangle.
type bar struct {
	Kind       string // "letters" or "sms"
	X, Y, W, H int
}

func newChart(m usage.Month, days map[usage.Day]usage.Total) chart {
	first, last := m.Days()
	c := chart{Width: chartDay * int(last-first+1), Height: chartHeight}
	for day := first; day <= last; day++ {
		c.Most = max(c.Most, days[day].Letters, days[day].SMS)
	}
	for day := first; day <= last; day++ {
		x := chartDay*int(day-first) + (chartDay-2*chartBar)/2
		c.bar("letters", x, days[day].Letters)
		c.bar("sms", x+chartBar, days[day].SMS)
	}
	return c
}

// bar adds a bar; one of anything at all is seen.
func (c *chart) bar(kind string, x int, n int64) {
	if n <= 0 {
		return
	}
	h := max(2, int(n*chartHeight/c.Most))
	c.Bars = append(c.Bars, bar{kind, x, chartHeight - h, chartBar, h})
}
