package web

import (
	"strings"

	"sigill/appliance/mail"
)

// ArrivalStep says who brought a mail, and how.
func ArrivalStep(r *Request, a mail.Arrival) Step {
	key := "page.trace.wire.clear"
	if a.TLS {
		key = "page.trace.wire.tls"
	}
	return Step{
		Word: r.T("follow.by." + a.By.String()), When: r.Printer().Moment(a.At, r.Now()), Stamp: r.Printer().Stamp(a.At), Tone: Success,
		Detail: r.T(key, "Peer", a.Peer, "Size", r.Printer().Size(a.Size)),
	}
}

// RefusedStep says why a mail was not taken: in our words, then in those that its sender was
// told. answer is what was said to a recipient, if that was refused.
func RefusedStep(r *Request, a mail.Arrival, answer string) Step {
	words := []string{a.Answer}
	if answer != "" {
		words[0] = answer
	}
	if a.Say != "" {
		words = append(words, r.T(a.Say))
	}
	return Step{
		Word: r.T("follow.why." + string(a.Why)), When: r.Printer().Moment(a.At, r.Now()), Stamp: r.Printer().Stamp(a.At), Tone: Danger,
		Detail: strings.Join(words, " "),
	}
}

// ToDo says what can be done about a recipient who is not reached, and by whom; "" for one
// who is, or need only read.
func ToDo(r *Request, x mail.TracedRecipient) string {
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
