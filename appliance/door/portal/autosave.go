package portal

import (
	"errors"
	"net/http"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// saved is what the write page's script gets when it has sent what is filled in.
type saved struct {
	Path    string `json:"path,omitempty"` // of the draft, which may have been begun just now
	Version string `json:"version"`        // over which the form is filled in from now on
	Say     string `json:"say,omitempty"`
}

// autosave keeps what is filled in and answers the script. If another window has saved
// something else meanwhile nothing is kept, and the answer, 409 (RFC 9110, 15.5.10), says
// over what it would be.
func (p *Portal) autosave(r *web.Request, in *incoming) error {
	err := in.keep()
	if errors.Is(err, desk.ErrOtherWindow) {
		u, err := p.Desk.Draft(r.Context(), in.who, in.id)
		if err != nil {
			return err
		}
		return r.JSON(http.StatusConflict, saved{Version: desk.Version(u.Form)})
	}
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, saved{
		Path: "/write/" + in.id.String(), Version: in.version,
		Say: r.T("page.write.saved", "Clock", r.Printer().Clock(r.Now())),
	})
}

// otherWindow shows the form with what was typed, and what another window has saved
// meanwhile: nothing of either is lost, and who writes decides.
func (p *Portal) otherWindow(r *web.Request, in *incoming) error {
	u, err := p.Desk.Draft(r.Context(), in.who, in.id)
	if err != nil {
		return err
	}
	b, err := p.boxOf(r.Context(), in.who, in.id)
	if err != nil {
		return err
	}
	there := u.Form
	u.Form = in.filled()
	return p.showWrite(r, http.StatusConflict, sheet{
		Unfinished: u, box: b, other: &there,
		say: &web.Alert{Tone: web.Warning, Title: r.T("page.write.changed"), Text: r.T("page.write.changed.say")},
	})
}

// versionOf is over what a form is filled in: what stands in the draft, also if it is shown
// with something else.
func versionOf(sh sheet) string {
	switch {
	case sh.other != nil:
		return desk.Version(*sh.other)
	case sh.Holder == mail.ID{}:
		return ""
	}
	return desk.Version(sh.Form)
}
