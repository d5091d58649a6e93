package wizard

import (
	"net/http"
	"slices"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// firstPage leads to a first letter to oneself, and shows how far it has come.
type firstPage struct {
	frame
	Live  bool      // the appliance runs with what was said
	Ways  []wayView // of the newest letter, one for each recipient; above them that of a mail that was refused since
	Whole bool      // the letter has gone the whole way, and its answer has come
	Waits bool      // something may still come
	Tries bool      // the appliance may send a letter to itself
}

// wayView is how far something has come, hop by hop.
type wayView struct {
	Title string
	Steps []web.Step
	Do    string // what to do about it; "" for nothing
}

// firstHops are those that are shown before they are done, so that everybody sees what is to
// come.
var firstHops = []mail.StepKind{mail.StepNoticeSent, mail.StepSMSSent, mail.StepOpened, mail.StepAnswered}

func (d *Door) firstPage(r *web.Request) error {
	c, err := d.m.Draft()
	if err != nil {
		return err
	}
	page := &firstPage{Live: !c.Unfinished, Tries: d.m.Tries()}
	if err := d.at(r, First, &page.frame); err != nil {
		return err
	}
	// Whoever has no mailbox yet has sent nothing.
	if s, ok := r.Viewer().Value.(*access.Session); ok && page.Live {
		found, err := d.m.FirstLetter(r.Context(), s.Profile.Address)
		if err != nil {
			return err
		}
		page.show(r, found)
	}
	return r.PageWith(http.StatusOK, "wizard/first", page)
}

func (p *firstPage) show(r *web.Request, found mail.TraceFound) {
	p.Waits = true
	for _, a := range found.Arrivals {
		p.Ways = append(p.Ways, refusedWay(r, a))
	}
	for _, l := range found.Letters {
		for _, x := range l.Recipients {
			p.Ways = append(p.Ways, letterWay(r, l, x))
			p.Whole = p.Whole || has(x.Steps, mail.StepAnswered) && len(found.Arrivals) == 0
		}
	}
	p.Waits = !p.Whole
}

// refusedWay is of a mail that the door has not taken.
func refusedWay(r *web.Request, a mail.Arrival) wayView {
	v := wayView{Title: r.T("setup.first.refused", "Moment", r.Printer().Moment(a.At, r.Now())), Do: r.T("follow.do." + string(a.Why))}
	if a.Peer != "" {
		v.Steps = append(v.Steps, web.ArrivalStep(r, a))
	}
	answer := ""
	if len(a.To) > 0 {
		answer = a.To[0].Answer
	}
	v.Steps = append(v.Steps, web.RefusedStep(r, a, answer))
	return v
}

// letterWay is of a letter to one recipient.
func letterWay(r *web.Request, l mail.Traced, x mail.TracedRecipient) wayView {
	v := wayView{Title: r.T("page.trace.steps", "Address", x.Address, "Moment", r.Printer().Moment(l.At, r.Now())), Do: web.ToDo(r, x)}
	if l.Arrival != nil {
		v.Steps = append(v.Steps, web.ArrivalStep(r, *l.Arrival))
	}
	for _, s := range x.Steps {
		v.Steps = append(v.Steps, web.StepOf(r, s))
	}
	for _, k := range firstHops {
		if has(x.Steps, k) || k == mail.StepSMSSent && (x.Phone == "" || has(x.Steps, mail.StepSMSDelivered)) {
			continue
		}
		v.Steps = append(v.Steps, web.Step{Word: r.T("step." + k.String()), Detail: r.T("setup.undone"), Tone: web.Neutral})
	}
	return v
}

func has(steps []mail.Step, kind mail.StepKind) bool {
	return slices.ContainsFunc(steps, func(s mail.Step) bool { return s.Kind == kind })
}

// finish closes the set-up.
func (d *Door) finish(r *web.Request) error {
	c, err := d.m.Draft()
	if err != nil {
		return err
	}
	if c.Unfinished {
		return r.Redirect(Start.Path())
	}
	if err := d.m.Finish(r.Context(), actor(r)); err != nil {
		return err
	}
	r.Flash("setup.finished")
	return r.Redirect("/admin")
}
