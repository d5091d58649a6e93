package admin

import "sigill/appliance/door/web"

// tongues is the choice of the language of an invitation, and of what the house sends to
// whoever is invited until they choose themselves.
func (d *Door) tongues(r *web.Request, chosen string) web.Field {
	if d.spoken(r, chosen) != chosen {
		chosen = d.lang
	}
	f := web.Field{Name: "lang", Label: r.T("page.invite.lang"), Hint: r.T("page.invite.lang.hint"), Short: true}
	for _, l := range r.Languages() {
		f.Options = append(f.Options, web.Option{Value: l.Tag, Label: l.Name, Chosen: l.Tag == chosen})
	}
	return f
}

// spoken is a language from a form, if the house speaks it; else the house's own.
func (d *Door) spoken(r *web.Request, lang string) string {
	for _, l := range r.Languages() {
		if l.Tag == lang {
			return lang
		}
	}
	return d.lang
}
