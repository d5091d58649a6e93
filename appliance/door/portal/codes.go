package portal

import (
	"net/http"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
)

// codesPage makes printed sign-in codes, and shows them once.
type codesPage struct {
	web.Frame
	Left    int
	Codes   []string // as they are printed; empty before they are made
	Sign    string
	Address string
}

func (p *Portal) codesPage(r *web.Request, s *access.Session) error {
	f, err := p.Account.Factor(r.Context(), s.Person.ID)
	if err != nil {
		return err
	}
	if f.Key.IsZero() {
		return r.Redirect("/account")
	}
	return r.Page("portal/codes", &codesPage{Left: len(f.Codes.Hashes)})
}

func (p *Portal) makeCodes(r *web.Request, s *access.Session) error {
	f, err := p.Account.Factor(r.Context(), s.Person.ID)
	if err != nil {
		return err
	}
	if f.Key.IsZero() {
		return r.Redirect("/account")
	}
	codes, err := p.Account.MakeCodes(r.Context(), s.Person)
	if err != nil {
		return err
	}
	page := &codesPage{Left: len(codes), Sign: p.House.Name, Address: string(s.Profile.Address)}
	for _, c := range codes {
		page.Codes = append(page.Codes, c.Text())
	}
	return r.PageWith(http.StatusOK, "portal/codes", page)
}

// offPage tells what it means to have no second factor.
type offPage struct{ web.Frame }

func (p *Portal) offPage(r *web.Request, s *access.Session) error {
	f, err := p.Account.Factor(r.Context(), s.Person.ID)
	if err != nil {
		return err
	}
	if f.Key.IsZero() {
		return r.Redirect("/account")
	}
	return r.Page("portal/off", &offPage{})
}

func (p *Portal) off(r *web.Request, s *access.Session) error {
	f, err := p.Account.Factor(r.Context(), s.Person.ID)
	if err != nil {
		return err
	}
	if !f.Key.IsZero() {
		if err := p.Account.DropFactor(r.Context(), s.Person); err != nil {
			return err
		}
		p.SignIn.EndPending(s.Person.ID)
		r.Flash("flash.factor.off")
	}
	return r.Redirect("/account")
}
