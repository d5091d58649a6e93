package admin

import (
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"strings"

	"sigill/appliance/door/web"
	"sigill/appliance/logo"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// Bounds of the form, in bytes.
const (
	maxBrand     = logo.MaxBytes + 256<<10
	maxBrandText = 8 << 10 // of one field
	maxKept      = 4 * org.MaxLogo
)

// brandForm are the fields, each with what is shown if it is left empty.
type brandForm struct {
	Name, Sender       web.Field
	Main, Line         web.Field
	Phone, Web         web.Field
	Letterhead, Footer web.Field
	Texts              []brandText
	HouseOnly          bool

	Logo      web.Logo // that of the draft; its Path holds the picture itself
	LogoAbove string   // what is shown without it, in words
	LogoFault string
	Kept      string // the draft's logo, as the form hands it on
	Texted    bool   // there are texts of the unit's own
}

// brandText is a kind of notice with a field a language.
type brandText struct {
	Title  string
	Open   bool
	Fields []web.Field
}

// inherited is what a unit shows where it says nothing itself, and who says so.
type inherited struct {
	brand mail.Brand
	from  map[string]org.Unit
}

// hint says of a field what it is for, and what is shown if it is empty.
func (i inherited) hint(r *web.Request, field, value string) string {
	say := r.T("page.brand." + field + ".hint")
	switch u, said := i.from[field]; {
	case value == "" && (field == "main" || field == "line"):
		return say + " " + r.T("page.brand.uncoloured")
	case value == "":
		return say + " " + r.T("page.brand.empty")
	case said:
		return say + " " + r.T("page.brand.inherits", "Value", strings.ReplaceAll(value, "\n", " · "), "Unit", u.Name)
	}
	return say + " " + r.T("page.brand.default", "Value", strings.ReplaceAll(value, "\n", " · "))
}

func brandFields(r *web.Request, d brandDraft, above inherited, root bool) brandForm {
	b := d.brand
	field := func(name, value, empty string, most int) web.Field {
		f := web.Field{Within: "brand", Name: name, Label: r.T("page.brand." + name), Hint: above.hint(r, name, empty), Value: value, Max: most}
		if err := d.faults[name]; err != nil {
			f.Error = r.Sentence(err)
		}
		return f
	}
	f := brandForm{
		Name: field("name", b.Name, above.brand.Name, org.MaxSender), Sender: field("sender", b.Sender, above.brand.Sender, org.MaxSender),
		Main: field("main", b.Main, above.brand.Main, 7), Line: field("line", b.Line, above.brand.Line, 7),
		Phone: field("phone", b.Phone, above.brand.Phone, org.MaxPhone), Web: field("web", b.Web, above.brand.Web, org.MaxWeb),
		Letterhead: field("letterhead", b.Letterhead, above.brand.Letterhead, org.MaxLetterhead), Footer: field("footer", b.Footer, above.brand.Footer, org.MaxFooter),
		HouseOnly: b.HouseOnly,
	}
	f.Main.Short, f.Line.Short, f.Phone.Type = true, true, "tel"
	f.Letterhead.Rows, f.Footer.Rows = 4, 3
	if !b.Logo.IsZero() {
		f.Logo, f.Kept = within(b.Logo), base64.StdEncoding.EncodeToString(b.Logo.Data)
	}
	f.LogoAbove = r.T("page.brand.logo.none")
	if u, said := above.from["logo"]; said {
		f.LogoAbove = r.T("page.brand.logo.inherits", "Unit", u.Name)
	}
	if err := d.faults["logo"]; err != nil {
		f.LogoFault = r.Sentence(err)
	}
	for _, k := range kindsOf(root) {
		f.Texts = append(f.Texts, brandTextOf(r, d, above, k))
	}
	return f
}

// brandTextOf are the unit's own texts in a kind of notice.
func brandTextOf(r *web.Request, d brandDraft, above inherited, kind mail.NoticeKind) brandText {
	t := brandText{Title: r.T("page.brand.extra." + string(kind))}
	for _, l := range r.Languages() {
		key := mail.ExtraKey(kind, l.Tag)
		name := "extra." + key
		f := web.Field{Within: "brand", Name: name, Label: l.Name, Value: d.brand.Extra[key], Max: org.MaxExtra, Rows: 2}
		if u, said := above.from[name]; said {
			f.Hint = r.T("page.brand.inherits", "Value", above.brand.Extra[key], "Unit", u.Name)
		}
		if err := d.faults[name]; err != nil {
			f.Error = r.Sentence(err)
		}
		t.Open = t.Open || f.Value != ""
		t.Fields = append(t.Fields, f)
	}
	return t
}

// within is a logo that stands in the page itself: nobody else can see it yet.
func within(l mail.Logo) web.Logo {
	if l.IsZero() {
		return web.Logo{}
	}
	return web.Logo{Path: template.URL("data:" + l.Type + ";base64," + base64.StdEncoding.EncodeToString(l.Data)), Width: l.Width, Height: l.Height}
}

// readBrand reads the form. Without another logo, the one that the form hands on counts,
// or the one that there is. fault is what is wrong with a picture, for people.
func (d *Door) readBrand(r *web.Request, now mail.Logo) (draft brandDraft, fault, err error) {
	b := &draft.brand
	b.Logo, b.Extra = now, map[string]string{}
	fields := map[string]*string{
		"name": &b.Name, "sender": &b.Sender, "main": &b.Main, "line": &b.Line, "phone": &b.Phone, "web": &b.Web, "letterhead": &b.Letterhead, "footer": &b.Footer,
		"seen": &draft.seen,
	}
	for {
		part, err := r.Upload().Next()
		if errors.Is(err, io.EOF) {
			return draft, fault, nil
		}
		if err != nil {
			return draft, nil, err
		}
		if part.Name == "picture" || part.Name == "kept" {
			l, err := d.readLogo(r, part, now)
			switch {
			case mail.KindOf(err) == mail.Invalid:
				fault = err
			case err != nil:
				return draft, nil, err
			case !l.IsZero():
				b.Logo = l
			}
			continue
		}
		text, err := part.Text(maxBrandText)
		if err != nil {
			return draft, nil, err
		}
		key, extra := strings.CutPrefix(part.Name, "extra.")
		switch to := fields[part.Name]; {
		case to != nil:
			*to = text
		case extra:
			b.Extra[key] = text
		case part.Name == "houseonly":
			b.HouseOnly = text == "yes"
		case part.Name == "nologo" && text == "yes":
			b.Logo = mail.Logo{}
		}
	}
}

// readLogo reads a picture: a file, or what an earlier form has made of one. A field in
// which nothing was picked is none. The one that the unit shows now stays as it is: a JPEG
// that is written anew loses a little each time.
func (d *Door) readLogo(r *web.Request, part *web.Part, now mail.Logo) (mail.Logo, error) {
	if part.Name == "picture" {
		if part.File == "" {
			return mail.Logo{}, nil
		}
		return d.drawing.read(r.Context(), part)
	}
	text, err := part.Text(maxKept)
	if err != nil || text == "" {
		return mail.Logo{}, err
	}
	if !now.IsZero() && text == base64.StdEncoding.EncodeToString(now.Data) {
		return now, nil
	}
	return d.drawing.read(r.Context(), base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
}
