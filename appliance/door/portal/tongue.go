package portal

import "sigill/appliance/door/web"

// tongues is the choice of the language in which recipients are told of a letter.
func tongues(r *web.Request, chosen string) web.Field {
	f := web.Field{Name: "lang", Label: r.T("page.write.lang"), Hint: r.T("page.write.lang.hint"), Short: true,
		Options: []web.Option{{Label: r.T("page.write.lang.own"), Chosen: chosen == ""}}}
	for _, l := range r.Languages() {
		f.Options = append(f.Options, web.Option{Value: l.Tag, Label: l.Name, Chosen: l.Tag == chosen})
	}
	return f
}

// spoken is a language from a form, if the house speaks it; else "".
func spoken(r *web.Request, lang string) string {
	if nameOf(r, lang) == "" {
		return ""
	}
	return lang
}

// nameOf is what a language calls itself, if the house speaks it; else "".
func nameOf(r *web.Request, lang string) string {
	for _, l := range r.Languages() {
		if l.Tag == lang {
			return l.Name
		}
	}
	return ""
}
