package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	"sigill/appliance/locale"
	"sigill/appliance/mail"
)

// Views are the templates of all pages, each parsed once per language with that
// language's words bound in: no clone and no lock per request. They are parsed when
// they are first shown, since all pages in all languages take many megabytes.
type Views struct {
	cat    *locale.Catalogue
	assets *Assets
	zone   *time.Location
	pages  map[string]map[string]func() (*template.Template, error) // language → name → page
}

// Words is what NewViews needs beside the templates.
type Words struct {
	Catalogue *locale.Catalogue
	Assets    *Assets
	Clock     mail.Clock
	Zone      *time.Location // of the house; dates are shown in it
}

// layoutFile frames every page but those that define their own "page".
const layoutFile = "layout/page.html"

// NewViews parses fsys: layout/page.html and part/*.html are in every page; each
// other DIR/NAME.html is a page called "DIR/NAME" that defines "title" and "main".
//
// Templates have these functions: t KEY NAME VALUE…, n KEY COUNT NAME VALUE…
// (plural), date, moment and stamp of a time, size of a number of bytes, asset
// NAME, assets (the folder of all of them), dial SENTENCE PHONE. Missing words show as ⟦key⟧; a missing asset is an error when the page is
// shown.
func NewViews(fsys fs.FS, w Words) (*Views, error) {
	v := &Views{cat: w.Catalogue, assets: w.Assets, zone: w.Zone, pages: map[string]map[string]func() (*template.Template, error){}}
	if v.zone == nil {
		v.zone = time.UTC
	}
	names, err := fs.Glob(fsys, "*/*.html")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	for _, lang := range w.Catalogue.Languages() {
		base := sync.OnceValues(func() (*template.Template, error) {
			return template.New("page").Funcs(v.functions(lang, w)).ParseFS(fsys, layoutFile, "part/*.html")
		})
		if lang == locale.Source { // a slip is one in every language, and is found at start
			if _, err := base(); err != nil {
				return nil, fmt.Errorf("parse layout: %w", err)
			}
		}
		v.pages[lang] = map[string]func() (*template.Template, error){}
		for _, name := range names {
			if name == layoutFile || path.Dir(name) == "part" {
				continue
			}
			v.pages[lang][strings.TrimSuffix(name, ".html")] = sync.OnceValues(func() (*template.Template, error) {
				return parsePage(base, fsys, name)
			})
		}
	}
	return v, nil
}

func parsePage(base func() (*template.Template, error), fsys fs.FS, name string) (*template.Template, error) {
	page, err := base()
	if err == nil {
		page, err = page.Clone()
	}
	if err == nil {
		page, err = page.ParseFS(fsys, name)
	}
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	return page, nil
}

func (v *Views) functions(lang string, w Words) template.FuncMap {
	p := v.printer(lang)
	return template.FuncMap{
		"t":      p.T,
		"n":      p.N,
		"whole":  p.Whole,
		"size":   p.Size,
		"stamp":  p.Stamp,
		"date":   func(t time.Time) string { return p.Date(t, w.Clock.Now()) },
		"moment": func(t time.Time) string { return p.Moment(t, w.Clock.Now()) },
		// With the year, for paper: it is read in another one.
		"dated":  func(t time.Time) string { return p.Moment(t, time.Time{}) },
		"asset":  w.Assets.Path,
		"assets": w.Assets.Folder,
		"dial":   callable,
	}
}

// callable turns the number in a sentence into a link that a phone can call.
func callable(sentence, phone string) template.HTML {
	safe, shown := template.HTMLEscapeString(sentence), template.HTMLEscapeString(phone)
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, phone)
	return template.HTML(strings.Replace(safe, shown, `<a class="ds-link tel" href="tel:`+digits+`">`+shown+`</a>`, 1))
}

func (v *Views) printer(lang string) locale.Printer { return v.cat.For(lang).In(v.zone) }

// Names returns the names of all pages, for tests that show each.
func (v *Views) Names() []string {
	var l []string
	for n := range v.pages[locale.Source] {
		l = append(l, n)
	}
	return l
}

// render shows the page whole or not at all: half a page with status 200 helps
// nobody.
func (v *Views) render(lang, name string, view View) ([]byte, error) {
	parsed, ok := v.pages[lang][name]
	if !ok {
		return nil, fmt.Errorf("no template %s", name)
	}
	page, err := parsed()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := page.ExecuteTemplate(&b, "page", view); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
