package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
)

// Report is what Run prints.
type Report struct {
	Machine Machine
	Rounds  int
	Figures []Figure
}

// Machine says where it was measured.
type Machine struct {
	CPUs  int
	Go    string
	Arch  string
	Files string // the file system of the data
}

// Figure is one line of the report.
type Figure struct {
	Row     int
	What    string
	Target  string
	Figure  Spread            // what is compared with the target
	Unit    string            // of Figure: "×", "MB", "ms"
	Verdict string            // "reached", "short", or why there is no figure
	Beside  map[string]Spread `json:",omitempty"` // what the figure is made of
}

// Spread is a set of rounds.
type Spread struct {
	Median, Least, Most float64
	N                   int
}

// spread sorts what was measured.
func spread(v []float64) Spread {
	if len(v) == 0 {
		return Spread{}
	}
	v = slices.Sorted(slices.Values(v))
	s := Spread{Median: v[len(v)/2], Least: v[0], Most: v[len(v)-1], N: len(v)}
	if len(v)%2 == 0 {
		s.Median = (v[len(v)/2-1] + v[len(v)/2]) / 2
	}
	return s
}

// ratios divides round by round: noise of the machine that lasts longer than a round
// is in both sides and falls out.
func ratios(a, b []float64) []float64 {
	var r []float64
	for i := range min(len(a), len(b)) {
		if b[i] > 0 {
			r = append(r, a[i]/b[i])
		}
	}
	return r
}

// target is a bound that a figure has to keep.
type target struct {
	bound float64
	most  bool // the figure is to be below it, not above
	unit  string
}

func atLeast(f float64, unit string) target { return target{f, false, unit} }
func atMost(f float64, unit string) target  { return target{f, true, unit} }

// String is the target as the table has it.
func (t target) String() string {
	sign := "≥ "
	if t.most {
		sign = "≤ "
	}
	return sign + number(t.bound) + " " + t.unit
}

func (t target) verdict(s Spread) string {
	switch {
	case s.N == 0:
		return "not measured"
	case t.most == (s.Median <= t.bound) || s.Median == t.bound:
		return "reached"
	}
	return "short"
}

// found adds a line.
func (b *bench) found(row int, what string, t target, values []float64, beside map[string][]float64) {
	f := Figure{Row: row, What: what, Target: t.String(), Figure: spread(values), Unit: t.unit, Beside: map[string]Spread{}}
	f.Verdict = t.verdict(f.Figure)
	for name, v := range beside {
		f.Beside[name] = spread(v)
	}
	b.report.Figures = append(b.report.Figures, f)
	b.say("row %d: %s: %s %s, %s", row, what, number(f.Figure.Median), f.Unit, f.Verdict)
}

// missing adds a line for what could not be measured.
func (b *bench) missing(row int, what, t string, why error) {
	b.report.Figures = append(b.report.Figures, Figure{Row: row, What: what, Target: t, Verdict: "not measured: " + why.Error()})
	b.say("row %d: %s not measured: %v", row, what, why)
}

func (r *Report) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func (r *Report) writeTable(w io.Writer) error {
	fmt.Fprintf(w, "%d processors, %s %s, data on %s; medians of %d rounds\n\n", r.Machine.CPUs, r.Machine.Go, r.Machine.Arch, r.Machine.Files, r.Rounds)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "row\twhat\ttarget\tfigure\trange\tverdict\tbeside")
	for _, f := range r.Figures {
		figure, span := "–", "–"
		if f.Figure.N > 0 {
			figure = number(f.Figure.Median) + " " + f.Unit
			span = number(f.Figure.Least) + "–" + number(f.Figure.Most)
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", f.Row, f.What, f.Target, figure, span, f.Verdict, f.beside())
	}
	return t.Flush()
}

func (f *Figure) beside() string {
	names := make([]string, 0, len(f.Beside))
	for n := range f.Beside {
		names = append(names, n)
	}
	slices.Sort(names)
	text := ""
	for i, n := range names {
		if i > 0 {
			text += ", "
		}
		text += n + " " + number(f.Beside[n].Median)
	}
	return text
}

// number writes three digits that count.
func number(f float64) string {
	switch {
	case f >= 100:
		return strconv.FormatFloat(f, 'f', 0, 64)
	case f >= 10:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'f', 2, 64)
}
