package admin

import (
	"encoding/base64"
	"slices"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/tint"
)

// brandPreview is how a unit would look.
type brandPreview struct {
	Name, Sign  string
	Logo        web.Logo
	Tint, Style string // see web.House; "" for the design system's colours
	Corrected   []string
	Footer      []string
	Lines       []string // of the letterhead
	Samples     mail.Samples
	Lang        string // of the samples; "" for the page's
	Schemes     []brandScheme
	Own         []ownNotice // the other notices in which the unit says something of its own

	Saves []hidden // what is saved if it is to be so
}

// brandScheme is one of the two ways in which a screen shows it.
type brandScheme struct{ Scheme, Name string }

// ownNotice is a notice with the unit's own text in it.
type ownNotice struct {
	Caption string
	As      *brandPreview // with this notice as its sample
}

type hidden struct{ Name, Value string }

func (d *Door) previewOf(r *web.Request, draft brandDraft) (*brandPreview, error) {
	l := draft.look
	p := &brandPreview{
		Name: l.Name, Sign: l.Sign(), Logo: within(l.Logo), Footer: web.Lines(l.Footer), Lines: web.HeadLines(l),
		Schemes: []brandScheme{{"light", r.T("page.brand.light")}, {"dark", r.T("page.brand.dark")}}, Saves: hiddenOf(draft.brand),
	}
	if palette, ok := tint.Of(l.Main, l.Line); ok {
		p.Tint, p.Style = palette.Name(), palette.Path()
		for _, c := range palette.Corrections() {
			if c.Of == "main" && l.Main == "" || c.Of == "line" && l.Line == "" {
				continue // nobody has chosen it
			}
			p.Corrected = append(p.Corrected, corrected(r, c))
		}
	}
	var err error
	if p.Samples, err = d.samples(l, mail.NoticeLetter, r.Language(), r.Now()); err != nil {
		return nil, err
	}
	return p, d.previewOwn(r, p, draft)
}

// previewOwn words each notice for which the form has a text, but the one that is shown anyway.
func (d *Door) previewOwn(r *web.Request, p *brandPreview, draft brandDraft) error {
	for _, kind := range slices.Concat(mail.LetterNotices[:], mail.AccountNotices[:]) {
		for _, l := range r.Languages() {
			shown := kind == mail.NoticeLetter && l.Tag == r.Language()
			if shown || draft.brand.Extra[mail.ExtraKey(kind, l.Tag)] == "" {
				continue
			}
			as := *p
			as.Lang, as.Own = l.Tag, nil
			var err error
			if as.Samples, err = d.samples(draft.look, kind, l.Tag, r.Now()); err != nil {
				return err
			}
			p.Own = append(p.Own, ownNotice{r.T("page.brand.extra."+string(kind)) + ", " + l.Name, &as})
		}
	}
	return nil
}

// corrected says of a colour why it is shown otherwise than it was chosen.
func corrected(r *web.Request, c tint.Correction) string {
	key := "page.brand.corrected." + c.Of
	if c.Dark {
		key += ".dark"
	}
	return r.T(key, "Asked", c.Asked.String(), "Used", c.Used.String())
}

// hiddenOf are the fields of a form that saves what was shown, and nothing else.
func hiddenOf(b mail.Brand) []hidden {
	list := []hidden{
		{"name", b.Name}, {"sender", b.Sender}, {"main", b.Main}, {"line", b.Line}, {"phone", b.Phone}, {"web", b.Web}, {"letterhead", b.Letterhead}, {"footer", b.Footer},
	}
	for key, text := range b.Extra {
		list = append(list, hidden{"extra." + key, text})
	}
	if b.HouseOnly {
		list = append(list, hidden{"houseonly", "yes"})
	}
	if b.Logo.IsZero() {
		return append(list, hidden{"nologo", "yes"})
	}
	return append(list, hidden{"kept", base64.StdEncoding.EncodeToString(b.Logo.Data)})
}
