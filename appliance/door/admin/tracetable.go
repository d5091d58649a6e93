package admin

import (
	"slices"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// openTraces is how many letters show all their steps at once; more are unfolded.
const openTraces = 3

// tracedRow is a letter to one recipient.
type tracedRow struct {
	At              time.Time
	Sender, Address string
	Tail            string // of the phone number
	Status          web.Badge
	Steps           []web.Step
	Do              string // what to do about it; "" for nothing
	Number          string // of the mail, by which others can be asked about it; "" if it came by none
}

// tracedSteps is what a line unfolds to.
type tracedSteps struct {
	Title, Do, Number string
	Open              bool
	Steps             []web.Step
}

func tracedRows(r *web.Request, found mail.TraceFound) (rows []tracedRow) {
	for _, l := range found.Letters {
		for _, x := range l.Recipients {
			row := tracedRow{At: l.At, Sender: string(l.Sender), Address: string(x.Address), Tail: x.Phone.Tail(), Status: web.StatusOf(r, x.Holder, x.Steps), Do: web.ToDo(r, x)}
			if l.Arrival != nil {
				row.Steps, row.Number = []web.Step{web.ArrivalStep(r, *l.Arrival)}, l.Arrival.ID.String()
			}
			for _, s := range x.Steps {
				row.Steps = append(row.Steps, web.StepOf(r, s))
			}
			rows = append(rows, row)
		}
	}
	for _, a := range found.Arrivals {
		rows = append(rows, arrivalRows(r, a)...)
	}
	return rows
}

// traceTable lists what was found. What was asked for is an address, so it goes with the
// form and stands in no address line.
func (d *Door) traceTable(r *web.Request, rows []tracedRow) table[tracedRow] {
	t := table[tracedRow]{
		id: "found", self: "/trace", post: "/trace", first: "-at", file: r.T("table.file.traced"), none: r.T("page.trace.none"), nobody: r.T("table.nothing"), short: openTraces,
		carry: []carried{{"address", r.Form("address")}, {"ref", r.Form("ref")}, {"from", r.Form("from")}, {"until", r.Form("until")}},
	}
	moment := func(x tracedRow) string { return r.Printer().In(d.zone).Moment(x.At, r.Now()) }
	t.columns = []column[tracedRow]{
		{key: "at", label: r.T("page.trace.at"), cell: func(x tracedRow) cell { return cell{Text: moment(x)} },
			file: func(x tracedRow) string { return x.At.In(d.zone).Format(time.DateTime) }, cmp: func(a, b tracedRow) int { return a.At.Compare(b.At) }},
		{key: "sender", label: r.T("page.trace.sender"), cell: func(x tracedRow) cell { return cell{Text: x.Sender} }, cmp: func(a, b tracedRow) int { return byWords(a.Sender, b.Sender) }},
		{key: "to", label: r.T("page.trace.recipient"), cell: func(x tracedRow) cell {
			c := cell{Text: x.Address}
			if x.Tail != "" {
				c.Note = r.T("page.trace.phone", "Tail", x.Tail)
			}
			return c
		}, cmp: func(a, b tracedRow) int { return byWords(a.Address, b.Address) }},
		{key: "state", label: r.T("page.person.state"), cell: func(x tracedRow) cell { return cell{Tags: []web.Badge{x.Status}} }, cmp: func(a, b tracedRow) int { return byWords(a.Status.Word, b.Status.Word) }},
	}
	state := filter[tracedRow]{key: "state", label: r.T("page.person.state"), options: []web.Option{{Label: r.T("table.filter.all")}}, is: func(x tracedRow, word string) bool { return x.Status.Word == word }}
	for _, x := range rows {
		if !slices.ContainsFunc(state.options, func(o web.Option) bool { return o.Value == x.Status.Word }) {
			state.options = append(state.options, web.Option{Value: x.Status.Word, Label: x.Status.Word})
		}
	}
	t.filters = []filter[tracedRow]{state}
	t.more = func(x tracedRow) any {
		return &tracedSteps{Title: r.T("page.trace.steps", "Address", x.Address, "Moment", moment(x)), Open: len(rows) <= openTraces, Steps: x.Steps, Do: x.Do, Number: x.Number}
	}
	return t
}
