package portal

import (
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
		Account: h.Hold == mail.HoldRegistered,
		Days:    web.Field{Name: "days", Within: h.ID.String(), Label: r.T("page.message.days"), Mode: "numeric", Pattern: "[0-9]*", Max: 3, Required: true, Short: true},
		Phone:   web.Field{Name: "phone", Within: h.ID.String(), Label: r.T("page.mend.phone"), Hint: r.T("page.mend.phone.hint"), Type: "tel", Mode: "tel", Max: 25, Required: true},
		Repeat:  web.Field{Name: "repeat", Within: h.ID.String(), Label: r.T("page.mend.repeat"), Type: "tel", Mode: "tel", Max: 25, Required: true},
	}
	if v.Account {
		v.Choice = r.T("page.message.account.say")
		if rec.Columns.Phone == "" {
			v.Choice = r.T("page.message.elsewhere.say")
		}
	}
	if v.Who == "" {
		v.Who = v.Address
	}
	if v.Who == "" {
		v.Who = r.T("page.message.nobody")
	}
	for _, s := range rec.Steps {
		if s.Kind == mail.StepAnswered {
			v.Answers++
		}
		v.Steps = append(v.Steps, web.StepOf(r, s))
	}
	v.Read = !h.Opened.IsZero()
	v.fault(r, rec)
	if v.Live && !v.Until.IsZero() {
		v.Steps = append(v.Steps, web.Step{Word: r.T("step.ends"), When: r.Printer().Date(v.Until, r.Now()), Stamp: r.Printer().Stamp(v.Until), Tone: web.Neutral})
	}
	v.Status = web.StatusOf(r, h, rec.Steps)
	return v
}

// fault says what keeps the letter from its reader, and by which form that is mended. What
// has come to its end is past mending.
func (v *recipientView) fault(r *web.Request, rec desk.Recipient) {
	if !v.Live {
		return
	}
	stuck, bad := mail.Stuck(rec.Steps)
	switch {
	case v.Held:
		h, c := rec.Holder, rec.Columns
		row := mendRowOf(r, desk.Waiting{Holder: h.ID, Address: c.Address, Given: c.Given, Name: c.Name, Why: h.Hold, Until: h.Due(), Number: c.Phone != ""})
		v.Mend, v.Fault = "held", r.T(row.Reason, "Given", row.Given)+" "+r.T("page.message.fault.held")
		if v.Account {
			v.Fault = v.Choice
		}
		v.Guessed, v.To = h.Hold == mail.HoldNearMiss, row.Address
	case v.Locked:
		v.Mend, v.Fault = "unlock", r.T("page.message.unlock.say")
	case !bad || v.Read && stuck == mail.StepNoticeFailed: // who has read it has found the way
	case stuck == mail.StepNoticeFailed && v.Guest:
		v.Mend, v.Fault = "code", r.T("page.message.fault.notice")
	case stuck == mail.StepNoticeFailed:
		v.Fault = r.T("page.message.fault.account")
	case !v.Guest:
	case stuck == mail.StepSMSFailed:
		v.Mend, v.Fault = "number", r.T("page.message.fault.sms", "Tail", v.Tail)
	case stuck == mail.StepWrongNumber:
		v.Mend, v.Fault = "number", r.T("page.message.fault.wrong", "Tail", v.Tail)
	}
}

// correct puts what was typed back, with what is wrong with it.
func (v *recipientView) correct(r *web.Request, wrong error) {
	v.Wrong = true
	field := &v.Phone
	if v.Guessed {
		v.To.Value = r.Form("address")
	}
	if r.Form("do") == "end" {
		field = &v.Days
		v.Days.Value = r.Form("days")
	} else if v.Phone.Value = r.Form("phone"); sayOf(wrong).Say == "page.mend.differs" {
		field = &v.Repeat
	}
	field.Error, field.Focus = r.Sentence(wrong), true
}
