package wizard

import (
	"net/http"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// startPage shows what is there and what lacks, and lets the appliance begin.
type startPage struct {
	frame
	Steps  []place
	Lacks  []string // keys
	Portal string   // where it goes on; "" before it has begun
}

func (d *Door) startPage(r *web.Request) error { return d.showStart(r, http.StatusOK, "", nil) }

func (d *Door) showStart(r *web.Request, status int, portal string, say *web.Alert) error {
	page := &startPage{Portal: portal}
	if err := d.at(r, Start, &page.frame); err != nil {
		return err
	}
	page.Say = say
	for _, p := range page.Progress {
		if p.Path != Start.Path() && p.Path != First.Path() {
			page.Steps = append(page.Steps, p)
		}
	}
	var err error
	if portal == "" {
		if page.Lacks, err = d.m.Lacks(); err != nil {
			return err
		}
	}
	return r.PageWith(status, "wizard/start", page)
}

// start lets the appliance begin anew, with all that was said. The answer goes out before, and
// says where it goes on: the host's name may be another one by now.
func (d *Door) start(r *web.Request) error {
	guarded, err := d.m.Guarded(r.Context())
	if err != nil {
		return err
	}
	if !guarded {
		return r.Redirect(Admin.Path())
	}
	portal, err := d.m.Live(r.Context(), actor(r))
	if mail.KindOf(err) == mail.Invalid {
		return d.showStart(r, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	defer d.m.Reload()
	return d.showStart(r, http.StatusOK, portal+First.Path(), nil)
}
