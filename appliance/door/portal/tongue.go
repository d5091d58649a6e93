package portal

import "sigill/appliance/door/web"

// tongues is the choice of the language in which recipients are told of a letter.
func tongues(r *web.Request, chosen string) web.Field {
	own := web.Option{Label: r.T("page.write.lang.own"), Chosen: chosen == ""}
	return web.Field{Name: "lang", Label: r.T("page.write.lang"), Hint: r.T("page.write.lang.hint"), Short: true, Options: append([]web.Option{own}, r.LanguageOptions(chosen)...)}
}

// spoken is a language from a form, if the house speaks it; else "".
func spoken(r *web.Request, lang string) string {
	if r.LanguageName(lang) == "" {
		return ""
	}
	return lang
}
