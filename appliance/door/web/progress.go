package web

import (
	"time"

	"sigill/appliance/mail"
)

// StepOf is what happened to a recipient, in words.
func StepOf(r *Request, s mail.Step) Step {
	v := Step{Word: r.T("step." + s.Kind.String()), When: r.Printer().Moment(s.At, r.Now()), Stamp: r.Printer().Stamp(s.At), Tone: Success}
	switch s.Kind {
	case mail.StepNoticeFailed, mail.StepSMSFailed, mail.StepWrongNumber, mail.StepLocked, mail.StepClosedUnread:
		v.Tone, v.Detail = Danger, s.Detail
	case mail.StepNoticeDelayed, mail.StepHeld:
		v.Tone, v.Detail = Neutral, s.Detail
	case mail.StepExtended, mail.StepShortened:
		if t, err := time.Parse(time.RFC3339, s.Detail); err == nil {
			v.Detail = r.T("step.until", "Date", r.Printer().Date(t, r.Now()))
		}
	case mail.StepEnded, mail.StepErased:
		v.Tone = Neutral
	}
	return v
}

// StatusOf says how one recipient stands: green, yellow or red, and in words.
// A list shows the worst of its letter's recipients in the same way (sentStatus).
func StatusOf(r *Request, h mail.Holder, steps []mail.Step) Badge {
	switch {
	case h.State >= mail.Purging && !h.Opened.IsZero():
		return Badge{Tone: Neutral, Word: r.T("page.message.endedread")}
	case h.State >= mail.Purging:
		return Badge{Tone: Neutral, Word: r.T("page.message.endedunread")}
	case h.Hold != mail.HoldNone:
		return Badge{Tone: Warning, Word: r.T("page.message.held")}
	case h.Locked:
		return Badge{Tone: Danger, Word: r.T("page.message.locked")}
	case !h.Opened.IsZero():
		return Badge{Tone: Success, Word: r.T("page.message.read")}
	}
	if k, bad := mail.Stuck(steps); bad {
		return Badge{Tone: Danger, Word: r.T("step." + k.String())}
	}
	return Badge{Tone: Warning, Word: r.T("page.message.unread")}
}
