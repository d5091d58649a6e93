package admin

import (
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// arrivalRows are the lines of a mail that is no letter, or none any more: one for each
// recipient that is known.
func arrivalRows(r *web.Request, a mail.Arrival) (rows []tracedRow) {
	gone := r.T("page.trace.gone")
	row := tracedRow{At: a.At, Sender: string(a.From), Address: gone, Number: a.ID.String()}
	if a.From == "" {
		row.Sender = gone
	}
	if a.Peer != "" {
		row.Steps = append(row.Steps, web.ArrivalStep(r, a))
	}
	switch {
	case !a.Ended.IsZero():
		row.Status = web.Badge{Tone: web.Neutral, Word: r.T("step.ended")}
		row.Steps = append(row.Steps, web.StepOf(r, mail.Step{Kind: mail.StepEnded, At: a.Ended}))
		if !a.Erased.IsZero() {
			row.Steps = append(row.Steps, web.StepOf(r, mail.Step{Kind: mail.StepErased, At: a.Erased}))
		}
	case a.Taken():
		row.Status = web.Badge{Tone: web.Success, Word: r.T("page.trace.taken")}
	default:
		row.Status = web.Badge{Tone: web.Danger, Word: r.T("page.trace.refused")}
		row.Do = r.T("follow.do." + string(a.Why))
	}
	if a.Taken() || len(a.To) == 0 {
		if !a.Taken() {
			row.Steps = append(row.Steps, web.RefusedStep(r, a, ""))
		}
		return []tracedRow{row}
	}
	for _, to := range a.To {
		x := row
		x.Address = string(to.Address)
		x.Steps = append(x.Steps[:len(x.Steps):len(x.Steps)], web.RefusedStep(r, a, to.Answer))
		rows = append(rows, x)
	}
	return rows
}
