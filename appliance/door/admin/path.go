package admin

import (
	"math"
	"slices"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

const pathPath = "/admin/path"

// Trying tries the way of a letter, by one of the appliance's own.
type Trying interface {
	// Tries reports whether it is set up.
	Tries() bool
	LastTrip() mail.Trip
	// BeginTrip begins one, which goes on by itself. Busy if one is under way.
	BeginTrip() error
}

// pathPage is how the last one went, hop by hop.
type pathPage struct {
	web.Frame
	On, Running bool
	Last        *web.Alert // nil: there was none
	Do          string     // about the hop that is broken
	Steps       []web.Step
}

func (d *Door) pathPage(r *web.Request) error {
	t := d.m.LastTrip()
	page := &pathPage{On: d.m.Tries(), Running: t.Running}
	if t.Began.IsZero() {
		return r.Page("admin/path", page)
	}
	for _, h := range t.Hops {
		page.Steps = append(page.Steps, hopStep(r, h))
	}
	when := r.Printer().Moment(t.Began, r.Now())
	switch h, broken := t.Broken(); {
	case t.Running:
		page.Last = &web.Alert{Tone: web.Info, Text: r.T("page.path.running", "Moment", when)}
	case broken:
		page.Last = &web.Alert{Tone: web.Danger, Text: r.T("page.path.broken", "Moment", when, "Hop", r.T("hop.name."+string(h.Hop)))}
		page.Do = r.T("hop.do." + string(h.Hop))
	default:
		page.Last = &web.Alert{Tone: web.Success, Text: r.T("page.path.well", "Moment", when)}
	}
	return r.Page("admin/path", page)
}

func hopStep(r *web.Request, h mail.TripHop) web.Step {
	s := web.Step{Word: r.T("hop.name." + string(h.Hop)), Tone: web.Neutral}
	switch h.State {
	case mail.TripWell:
		s.Tone, s.Detail = web.Success, r.T("page.path.took", "Seconds", int(math.Ceil(h.Took.Seconds())))
	case mail.TripBroken:
		s.Tone, s.Detail = web.Danger, r.T("page.path.why", "Detail", whyBroken(r, h.Detail))
	case mail.TripPassed:
		s.Detail = r.T("page.path.passed")
	default:
		s.Detail = r.T("page.path.untried")
	}
	return s
}

// whyBroken is a detail in words, or the answer that somebody else's machine gave.
func whyBroken(r *web.Request, detail string) string {
	if slices.Contains(mail.TripWhys[:], detail) {
		return r.T("hop.why." + detail)
	}
	return r.T("page.path.why.answer", "Detail", detail)
}

func (d *Door) tryPath(r *web.Request) error {
	if err := d.m.BeginTrip(); err != nil {
		return err
	}
	r.Flash("flash.path")
	return r.Redirect(pathPath)
}
