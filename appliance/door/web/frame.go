package web

import (
	"cmp"
	"net/http"
	"regexp"
	"strings"
)

// View is what a template shows: a struct that embeds Frame.
type View interface{ frame() *Frame }

// Frame is what every page shows around its own. It is filled in one place,
// Request.frame; a handler leaves it alone.
type Frame struct {
	Lang      string // of the page
	Languages []Language
	House     House
	Footer    []Link
	Viewer    Viewer
	Help      string // path of the handbook, or of its chapter on this page; "" if there is none
	Flash     string // key of a sentence from the page before; "" if there is none
	Path      string // of the page, without query
	r         *Request
	menu      *Menu
}

// Language is one choice of the language picker.
type Language struct {
	Tag, Name, URL string
	Current        bool
}

// plainPath is a path of names and ids.
var plainPath = regexp.MustCompile(`^(/[0-9A-Za-z:_-]{1,40}){1,8}$`)

func (f *Frame) frame() *Frame { return f }

// CSRF returns the token for a form on this page. Asking for it gives a stranger
// the cookie that it belongs to; a page without a form sets none.
func (f *Frame) CSRF() string { return f.r.formToken() }

// SignedIn reports whether somebody who is signed in is looking.
func (f *Frame) SignedIn() bool { return f.Viewer.Kind == Person }

// AsksLanguage reports whether somebody who is signed in has just picked another language
// than their account's, and may want to keep it: the address of a page changes nothing.
func (f *Frame) AsksLanguage() bool {
	return f.SignedIn() && f.r.Query("lang") == f.Lang && f.Viewer.Lang != f.Lang
}

// IsRecipient reports whether a registered recipient is looking.
func (f *Frame) IsRecipient() bool { return f.SignedIn() && f.Viewer.Recipient }

// IsAdmin reports whether an administrator is looking.
func (f *Frame) IsAdmin() bool { return f.Viewer.may(Admin) }

// IsOrganiser reports whether somebody who organises a branch is looking.
func (f *Frame) IsOrganiser() bool { return f.Viewer.may(Organiser) }

// IsAuditor reports whether somebody who may read the journal is looking.
func (f *Frame) IsAuditor() bool { return f.Viewer.may(Auditor) }

// IsHelpDesk reports whether somebody who may follow letters is looking.
func (f *Frame) IsHelpDesk() bool { return f.Viewer.may(HelpDesk) }

// Under reports whether the page is the one at a path, or below it.
func (f *Frame) Under(path string) bool {
	return f.Path == path || strings.HasPrefix(f.Path, path+"/")
}

// Menu returns the mailboxes that the viewer reads. A page may ask for it more than once.
func (f *Frame) Menu() (Menu, error) {
	if f.menu != nil || f.Viewer.Menu == nil {
		f.menu = cmp.Or(f.menu, &Menu{})
		return *f.menu, nil
	}
	m, err := f.Viewer.Menu(f.r.Context())
	f.menu = &m
	return m, err
}

func (r *Request) frame(f *Frame) {
	s := r.s
	*f = Frame{
		Lang: r.printer.Lang, House: s.c.houseFor(r.viewer), Footer: s.c.Footer, Viewer: r.viewer, Path: r.path(), r: r,
	}
	if s.c.Help != nil {
		f.Help = s.c.Help(r.route.Path, r.viewer)
	}
	back := f.Path
	if r.method != http.MethodGet && !s.gets[r.route.Path] {
		back = s.c.House.Home // the page that a form made cannot be asked for again
	}
	// Where a page leads on to stays, if it is a page of ours at all: a link from elsewhere
	// puts nothing else of it onto our pages.
	next := r.Query("next")
	if !plainPath.MatchString(next) {
		next = ""
	}
	f.Languages = r.Languages()
	for i := range f.Languages {
		f.Languages[i].URL = WithQuery(back, "lang", f.Languages[i].Tag, "next", next)
	}
	// The cookie holds a key and no text; a key that is not ours shows nothing.
	if key := r.Cookie(cookieFlash); key != "" {
		if len(key) < 100 && r.printer.Has(key) {
			f.Flash = key
		}
		r.setCookie(cookieFlash, "", -1)
	}
}

// LanguageName is what a language calls itself, if the house speaks it; else "".
func (r *Request) LanguageName(tag string) string {
	for _, l := range r.Languages() {
		if l.Tag == tag {
			return l.Name
		}
	}
	return ""
}

// LanguageOptions are the languages that the house speaks, to choose from.
func (r *Request) LanguageOptions(chosen string) (list []Option) {
	for _, l := range r.Languages() {
		list = append(list, Option{Value: l.Tag, Label: l.Name, Chosen: l.Tag == chosen})
	}
	return list
}

// Languages are those that the house speaks. Where each leads to is a frame's to say.
func (r *Request) Languages() (list []Language) {
	for _, l := range r.s.c.Views.cat.Languages() {
		list = append(list, Language{Tag: l, Name: r.s.c.Views.cat.Name(l), Current: l == r.printer.Lang})
	}
	return list
}
