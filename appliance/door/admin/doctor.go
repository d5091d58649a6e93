package admin

import (
	"context"
	"time"

	"sigill/appliance/doctor"
	"sigill/appliance/door/web"
)

const doctorPath = "/admin/doctor"

// Doctor looks at the machine. Fresh asks others too, such as DNS, whose answers else are at
// most an hour old; asked is when they were.
type Doctor interface {
	Findings(ctx context.Context, fresh bool) (list []doctor.Finding, asked time.Time, err error)
}

func (d *Door) doctorRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: doctorPath, Need: web.Admin, Handle: d.doctorPage},
		{Method: "POST", Path: doctorPath, Need: web.Admin, Body: web.Form, Handle: d.lookAgain},
	}
}

// doctorPage says what would go wrong, the gravest first, and what to do about it.
type doctorPage struct {
	web.Frame
	Faults, Warnings int
	Asked            time.Time
	Groups           []foundGroup
}

type foundGroup struct {
	ID, Title string
	Lines     []foundLine
	Good      []foundLine // what is as it should be stands behind the rest
}

type foundLine struct {
	Grave, Tone    string
	Title, Say, Do string
	Records        []string
}

// tones are the colours of what stands in words beside them.
var tones = map[doctor.Grave]string{doctor.Good: "success", doctor.Note: "info", doctor.Warn: "warning", doctor.Fault: "danger"}

func (d *Door) doctorPage(r *web.Request) error { return d.showFindings(r, false) }

func (d *Door) lookAgain(r *web.Request) error { return d.showFindings(r, true) }

func (d *Door) showFindings(r *web.Request, fresh bool) error {
	list, asked, err := d.doctor.Findings(r.Context(), fresh)
	if err != nil {
		return err
	}
	page := &doctorPage{Asked: asked}
	for _, f := range list {
		switch f.Grave {
		case doctor.Fault:
			page.Faults++
		case doctor.Warn:
			page.Warnings++
		}
		if n := len(page.Groups); n == 0 || page.Groups[n-1].ID != f.Group() {
			page.Groups = append(page.Groups, foundGroup{ID: f.Group(), Title: r.T("doctor.group." + f.Group())})
		}
		g := &page.Groups[len(page.Groups)-1]
		if line := foundOf(r, f); f.Grave == doctor.Good {
			g.Good = append(g.Good, line)
		} else {
			g.Lines = append(g.Lines, line)
		}
	}
	return r.Page("admin/doctor", page)
}

func foundOf(r *web.Request, f doctor.Finding) foundLine {
	l := foundLine{Grave: r.T("doctor.grave." + f.Grave.String()), Tone: tones[f.Grave], Title: r.T("doctor.check." + f.Check)}
	if n, ok := f.Days(); ok {
		l.Say = r.Printer().N(f.What, n, f.Pairs()...)
	} else {
		l.Say = r.T(f.What, f.Pairs()...)
	}
	if do := f.Do(); do != "" {
		l.Do = r.T(do, f.Pairs()...)
	}
	for _, x := range f.Records {
		l.Records = append(l.Records, x.String())
	}
	return l
}
