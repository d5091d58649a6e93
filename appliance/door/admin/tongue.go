package admin

import "sigill/appliance/door/web"

// tongues is the choice of the language of an invitation, and of what the house sends to
// whoever is invited until they choose themselves.
func (d *Door) tongues(r *web.Request, chosen string) web.Field {
	return web.Field{Name: "lang", Label: r.T("page.invite.lang"), Hint: r.T("page.invite.lang.hint"), Short: true, Options: r.LanguageOptions(d.spoken(r, chosen))}
}

// spoken is a language from a form, if the house speaks it; else the house's own.
func (d *Door) spoken(r *web.Request, lang string) string {
	if r.LanguageName(lang) == "" {
		return d.lang
	}
	return lang
}
