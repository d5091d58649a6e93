package portal

import (
	"net/http"
	"slices"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// knownView is what is said of a recipient while a letter to them is written: what the
// summary would say of the address alone.
type knownView struct {
	Words string   `json:"words,omitempty"`
	Look  []string `json:"look,omitempty"` // what to look at twice
}

// known answers the write page's script when an address is complete. It is counted as the
// summary is. Of what is no address, and of whom the writer may not write to, nothing is
// said.
func (p *Portal) known(r *web.Request) error {
	who, owner := p.reader(r), p.reader(r).ID
	if s := r.Form("box"); s != "" {
		box, err := mail.ParseID(s)
		if err != nil {
			return err
		}
		if owner = box; !slices.Contains(who.Mailboxes, box) {
			return mail.E(mail.Absent, "error.absent", nil)
		}
	}
	req, err := p.request(mail.FormTo{Address: r.Form("address")})
	if err != nil {
		return r.JSON(http.StatusOK, knownView{})
	}
	plan, _, err := p.Desk.Foresee(r.Context(), who.ID, owner, &mail.Draft{To: []mail.Request{req}})
	if k := mail.KindOf(err); k == mail.Invalid || k == mail.Busy || err == nil && len(plan) != 1 {
		return r.JSON(http.StatusOK, knownView{})
	}
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, knownOf(r, plan[0]))
}

// knownOf words a forecast. A number that is remembered is told by its end: it is not the
// place to read it off.
func knownOf(r *web.Request, f desk.Forecast) knownView {
	v := forecast(r, f)
	switch {
	case f.Remembered && f.Channel == mail.ChannelPortal && f.Level != mail.Letter && f.Phone != "":
		v.Words = r.T("page.write.known", "Tail", f.Phone.Tail()) + " " + v.Age
	case f.Hold == mail.HoldNoNumber:
		v.Words = r.T("page.write.unknown")
		if f.First {
			v.Warn = append(v.Warn, r.T("page.check.first"))
		}
	}
	return knownView{Words: v.Words, Look: v.Warn}
}
