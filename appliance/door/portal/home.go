package portal

import "sigill/appliance/door/web"

// plainPage is a page that only says something of the house.
type plainPage struct {
	web.Frame
	Sign, Phone, Web string
}

func (p *Portal) plain(r *web.Request, name string) error {
	return r.Page(name, &plainPage{Sign: p.look(r).Sign(), Phone: p.look(r).Phone, Web: p.look(r).Web})
}

func (p *Portal) home(r *web.Request) error  { return p.plain(r, "portal/home") }
func (p *Portal) about(r *web.Request) error { return p.plain(r, "portal/about") }
