package portal

import (
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// recipientView tells what happened to one recipient, as a line of steps.
func (p *Portal) recipientView(r *web.Request, rec desk.Recipient) recipientView {
	h := rec.Holder
	v := recipientView{
		ID: h.ID.String(), Who: rec.Columns.Name, Address: string(rec.Columns.Address), Tail: rec.Columns.Phone.Tail(),
		Until: h.Due(), Guest: h.Kind == mail.HolderGuest, Live: h.State == mail.Active, Locked: h.Locked, Held: h.Hold != mail.HoldNone && h.State == mail.Active,
		Days:   web.Field{Name: "days", Within: h.ID.String(), Label: r.T("page.message.days"), Mode: "numeric", Pattern: "[0-9]*", Max: 3, Required: true, Short: true},
		Phone:  web.Field{Name: "phone", Within: h.ID.String(), Label: r.T("page.mend.phone"), Hint: r.T("page.mend.phone.hint"), Type: "tel", Mode: "tel", Max: 25, Required: true},
		Repeat: web.Field{Name: "repeat", Within: h.ID.String(), Label: r.T("page.mend.repeat"), Type: "tel", Mode: "tel", Max: 25, Required: true},
	}
	if v.Who == "" {
		v.Who = v.Address
	}
	if v.Who == "" {
		v.Who = r.T("page.message.nobody")
	}
	for _, s := range rec.Steps {
		v.Steps = append(v.Steps, stepView(r, s))
	}
	if v.Live && !v.Until.IsZero() {
		v.Steps = append(v.Steps, web.Step{Word: r.T("step.ends"), When: r.Printer().Date(v.Until, r.Now()), Stamp: r.Printer().Stamp(v.Until), Tone: web.Neutral})
	}
	v.Status = recipientStatus(r, h, rec.Steps)
	return v
}

// correct puts what was typed back, with what is wrong with it.
func (v *recipientView) correct(r *web.Request, wrong error) {
	v.Wrong = true
	field := &v.Phone
	if r.Form("do") == "end" {
		field = &v.Days
		v.Days.Value = r.Form("days")
	} else if v.Phone.Value = r.Form("phone"); sayOf(wrong).Say == "page.mend.differs" {
		field = &v.Repeat
	}
	field.Error, field.Focus = r.Sentence(wrong), true
}

func stepView(r *web.Request, s mail.Step) web.Step {
	v := web.Step{Word: r.T("step." + s.Kind.String()), When: r.Printer().Moment(s.At, r.Now()), Stamp: r.Printer().Stamp(s.At), Tone: web.Success}
	switch s.Kind {
	case mail.StepNoticeFailed, mail.StepSMSFailed, mail.StepWrongNumber, mail.StepLocked:
		v.Tone, v.Detail = web.Danger, s.Detail
	case mail.StepNoticeDelayed, mail.StepHeld:
		v.Tone, v.Detail = web.Neutral, s.Detail
	case mail.StepExtended, mail.StepShortened:
		if t, err := time.Parse(time.RFC3339, s.Detail); err == nil {
			v.Detail = r.T("step.until", "Date", r.Printer().Date(t, r.Now()))
		}
	case mail.StepEnded, mail.StepErased:
		v.Tone = web.Neutral
	}
	return v
}

// recipientStatus says how one recipient stands: green, yellow or red, and in words.
// A list shows the worst of its letter's recipients in the same way (sentStatus).
func recipientStatus(r *web.Request, h mail.Holder, steps []mail.Step) web.Badge {
	switch {
	case h.State >= mail.Purging && !h.Opened.IsZero():
		return web.Badge{Tone: web.Neutral, Word: r.T("page.message.endedread")}
	case h.State >= mail.Purging:
		return web.Badge{Tone: web.Neutral, Word: r.T("page.message.endedunread")}
	case h.Hold != mail.HoldNone:
		return web.Badge{Tone: web.Warning, Word: r.T("page.message.held")}
	case h.Locked:
		return web.Badge{Tone: web.Danger, Word: r.T("page.message.locked")}
	case !h.Opened.IsZero():
		return web.Badge{Tone: web.Success, Word: r.T("page.message.read")}
	}
	if k, bad := mail.Stuck(steps); bad {
		return web.Badge{Tone: web.Danger, Word: r.T("step." + k.String())}
	}
	return web.Badge{Tone: web.Warning, Word: r.T("page.message.unread")}
}
