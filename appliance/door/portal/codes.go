package portal

import (
	"net/http"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

type withFactor func(*web.Request, *access.Session, access.Factor) error

// factored is a risky route of who has a second factor; who has none sets one up first.
func (p *Portal) factored(page string, h withFactor) func(*web.Request) error {
	return p.risky(page, func(r *web.Request, s *access.Session) error {
		f, err := p.Account.Factor(r.Context(), s.Person.ID)
		if err != nil {
			return err
		}
		if !f.On() {
			return r.Redirect("/account")
		}
		return h(r, s, f)
	})
}

// optional is for whom the house lets do without a second factor.
func (p *Portal) optional(h withFactor) withFactor {
	return func(r *web.Request, s *access.Session, f access.Factor) error {
		if p.SignIn.Must(s.Person) {
			return mail.E(mail.Denied, "error.factor.must", nil)
		}
		return h(r, s, f)
	}
}

// codesPage makes printed sign-in codes, and shows them once.
type codesPage struct {
	web.Frame
	Left    int
	Codes   []string // as they are printed; empty before they are made
	Sign    string
	Address string
	Say     *web.Alert
}

func (p *Portal) codesPage(r *web.Request, _ *access.Session, f access.Factor) error {
	return r.Page("portal/codes", &codesPage{Left: len(f.Codes.Hashes)})
}

func (p *Portal) makeCodes(r *web.Request, s *access.Session, f access.Factor) error {
	err := p.SignIn.SpendCodes(r.Context(), s.Person.ID)
	if err != nil && mail.KindOf(err) == mail.Busy {
		return r.PageWith(http.StatusUnprocessableEntity, "portal/codes", &codesPage{Left: len(f.Codes.Hashes), Say: &web.Alert{Tone: web.Warning, Text: r.Sentence(err)}})
	}
	if err != nil {
		return err
	}
	codes, err := p.Account.MakeCodes(r.Context(), s.Owner())
	if err != nil {
		return p.overtaken(r, err)
	}
	page := &codesPage{Left: len(codes), Sign: p.look(r).House, Address: string(s.Profile.Address)}
	for _, c := range codes {
		page.Codes = append(page.Codes, c.Text())
	}
	return r.PageWith(http.StatusOK, "portal/codes", page)
}

// offPage tells what it means to have no second factor.
type offPage struct{ web.Frame }

func (p *Portal) offPage(r *web.Request, _ *access.Session, _ access.Factor) error {
	return r.Page("portal/off", &offPage{})
}

func (p *Portal) off(r *web.Request, s *access.Session, _ access.Factor) error {
	if err := p.Account.DropFactor(r.Context(), s.Owner()); err != nil {
		return p.overtaken(r, err)
	}
	p.changed(r, s, time.Time{})
	r.Flash("flash.factor.off")
	return r.Redirect("/account")
}
