package portal

import (
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/tint"
)

// look is what pages say of the house to who looks. Whoever has shown a code sees the unit
// whose letter it is. All others see the organisation, strangers and its own people: what a
// unit shows says who speaks to a citizen, and colleagues are in several.
func (p *Portal) look(r *web.Request) mail.Look { return p.Office.LookOf(r.Viewer().Owner) }

// tint serves the style sheet of two colours. It is made of its path alone, so that it
// tells nothing of the house.
func (p *Portal) tint(r *web.Request) error {
	palette, ok := tint.ByName(r.Param("colours"))
	if !ok || r.Param("sum") != palette.Sum() {
		return mail.E(mail.Absent, "error.absent", nil)
	}
	return r.Lasting("text/css; charset=utf-8", []byte(palette.CSS()))
}

// logo serves a logo that some unit shows.
func (p *Portal) logo(r *web.Request) error {
	l, ok := p.Office.Logo(r.Param("logo"))
	if !ok {
		return mail.E(mail.Absent, "error.absent", nil)
	}
	return r.Lasting(l.Type, l.Data)
}

// letterhead stands above a printed letter of the house's.
type letterhead struct {
	Name  string
	Sign  string
	Logo  web.Logo
	Lines []string
}

// letterheadOf is that of the unit in whose name a letter was sent. What came in has none.
func (p *Portal) letterheadOf(m mail.Message) *letterhead {
	if m.Way == mail.In {
		return nil
	}
	l := p.Office.LookOf(m.Owner)
	return &letterhead{Name: l.Name, Sign: l.Sign(), Logo: web.LogoOf(l.Logo), Lines: web.HeadLines(l)}
}
