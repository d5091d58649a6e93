package admin

import (
	"strings"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// arrivalStep says who brought a mail, and how.
func arrivalStep(r *web.Request, a mail.Arrival) web.Step {
	key := "page.trace.wire.clear"
	if a.TLS {
		key = "page.trace.wire.tls"
	}
	return web.Step{
		Word: r.T("follow.by." + a.By.String()), When: r.Printer().Moment(a.At, r.Now()), Stamp: r.Printer().Stamp(a.At), Tone: web.Success,
		Detail: r.T(key, "Peer", a.Peer, "Size", r.Printer().Size(a.Size)),
	}
}

// arrivalRows are the lines of a mail that is no letter, or none any more: one for each
// recipient that is known.
func arrivalRows(r *web.Request, a mail.Arrival) (rows []tracedRow) {
	gone := r.T("page.trace.gone")
	row := tracedRow{At: a.At, Sender: string(a.From), Address: gone, Number: a.ID.String()}
	if a.From == "" {
		row.Sender = gone
	}
	if a.Peer != "" {
		row.Steps = append(row.Steps, arrivalStep(r, a))
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
			row.Steps = append(row.Steps, refusedStep(r, a, ""))
		}
		return []tracedRow{row}
	}
	for _, to := range a.To {
		x := row
		x.Address = string(to.Address)
		x.Steps = append(x.Steps[:len(x.Steps):len(x.Steps)], refusedStep(r, a, to.Answer))
		rows = append(rows, x)
	}
	return rows
}

// refusedStep says why a mail was not taken: in our words, then in those that its sender was
// told. answer is what was said to a recipient, if that was refused.
func refusedStep(r *web.Request, a mail.Arrival, answer string) web.Step {
	words := []string{a.Answer}
	if answer != "" {
		words[0] = answer
	}
	if a.Say != "" {
		words = append(words, r.T(a.Say))
	}
	return web.Step{
		Word: r.T("follow.why." + string(a.Why)), When: r.Printer().Moment(a.At, r.Now()), Stamp: r.Printer().Stamp(a.At), Tone: web.Danger,
		Detail: strings.Join(words, " "),
	}
}

// toDo says what can be done about a recipient who is not reached, and by whom; "" for one
// who is, or need only read.
func toDo(r *web.Request, x mail.TracedRecipient) string {
	switch stuck, _ := mail.Stuck(x.Steps); {
	case x.Holder.State >= mail.Purging:
		return ""
	case x.Holder.Hold != mail.HoldNone:
		return r.T("follow.letter.held")
	case x.Holder.Locked:
		return r.T("follow.letter.locked")
	case !x.Holder.Opened.IsZero():
		return ""
	case x.Waiting.Tries > 0:
		return r.T("follow.letter.waiting", "Tries", x.Waiting.Tries, "Moment", r.Printer().Moment(x.Waiting.Next, r.Now()))
	case stuck == mail.StepNoticeFailed && noMailbox(x.Steps):
		return r.T("follow.letter.address")
	case stuck == mail.StepNoticeFailed:
		return r.T("follow.letter.notice")
	case stuck == mail.StepSMSFailed:
		return r.T("follow.letter.sms")
	case stuck == mail.StepWrongNumber:
		return r.T("follow.letter.number")
	}
	return ""
}

// noMailbox reports whether the last failure of a notice says that nobody has the address
// (RFC 3463, 3.2).
func noMailbox(steps []mail.Step) bool {
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].Kind == mail.StepNoticeFailed {
			return strings.Contains(steps[i].Detail, "5.1.")
		}
	}
	return false
}
