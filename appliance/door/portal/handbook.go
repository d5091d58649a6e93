package portal

import (
	"slices"
	"strings"

	"sigill/appliance/door/web"
	"sigill/appliance/handbook"
	"sigill/appliance/mail"
)

// manual is what all pages of the handbook show around their own.
type manual struct {
	web.Frame
	In     string // the language of the text
	Other  string // what that calls itself, if it is not the page's; else ""
	Search web.Field
}

// manualPage is the contents: every book, the reader's own first.
type manualPage struct {
	manual
	Books []book
}

type book struct {
	Name     string // a key and an id
	Chapters []*handbook.Chapter
}

// chapterPage is one chapter, with the way to the others of its book.
type chapterPage struct {
	manual
	*handbook.Chapter
	Before, After *handbook.Chapter
	Crumbs        []web.Crumb
	All           []*handbook.Chapter
}

// foundChapters are those that have the words of a search.
type foundChapters struct {
	manual
	Asked bool
	Hits  []handbook.Hit
}

func (p *Portal) handbook(r *web.Request) error {
	m, e, err := p.manual(r)
	if err != nil {
		return err
	}
	page := &manualPage{manual: m}
	for _, b := range booksFor(r.Viewer()) {
		page.Books = append(page.Books, book{b, e.Of(b)})
	}
	return r.Page("portal/handbook", page)
}

func (p *Portal) chapter(r *web.Request) error {
	m, e, err := p.manual(r)
	if err != nil {
		return err
	}
	c, before, after := e.Chapter(r.Param("book"), r.Param("chapter"))
	if c == nil {
		return mail.E(mail.Absent, "error.absent", nil)
	}
	crumbs := []web.Crumb{{Path: "/handbook", Name: r.T("page.handbook.title")}, {Path: "/handbook#" + c.Book, Name: r.T("page.handbook.book." + c.Book)}}
	return r.Page("portal/chapter", &chapterPage{manual: m, Chapter: c, Before: before, After: after, Crumbs: crumbs, All: e.Of(c.Book)})
}

// searchHandbook takes its words from the address, so that an answer can be sent on and kept:
// they are about the product and not about a letter. Logs hold no query.
func (p *Portal) searchHandbook(r *web.Request) error {
	m, e, err := p.manual(r)
	if err != nil {
		return err
	}
	return r.Page("portal/chaptersfound", &foundChapters{manual: m, Asked: m.Search.Value != "", Hits: e.Find(m.Search.Value, booksFor(r.Viewer())[0])})
}

// handbookPicture serves what chapters show.
func (p *Portal) handbookPicture(r *web.Request) error {
	b, ok := p.Handbook.Picture(r.Param("sum"), r.Param("lang"), r.Param("name"))
	if !ok {
		return mail.E(mail.Absent, "error.absent", nil)
	}
	return r.Lasting("image/png", b)
}

func (p *Portal) manual(r *web.Request) (m manual, e *handbook.Edition, err error) {
	if e, err = p.Handbook.In(r.Language()); err != nil {
		return m, nil, err
	}
	m = manual{In: e.Lang, Search: web.Field{Name: "q", Label: r.T("page.handbook.search"), Type: "search", Max: handbook.MaxQuery, Value: bounded(r.Query("q"), handbook.MaxQuery)}}
	if e.Lang != r.Language() {
		m.Other = r.LanguageName(e.Lang)
	}
	return m, e, nil
}

// bounded is a text without the blanks around it, cut after so many characters.
func bounded(s string, n int) string {
	s = strings.TrimSpace(s)
	if list := []rune(s); len(list) > n {
		return string(list[:n])
	}
	return s
}

// booksFor returns the books for whoever looks, their own first.
func booksFor(v web.Viewer) []string {
	own := handbook.Citizen
	switch {
	case v.Kind != web.Person || v.Recipient:
	case v.Roles&mail.RoleAdmin != 0:
		own = handbook.Administrator
	case v.Roles&mail.RoleOrganiser != 0:
		own = handbook.Organiser
	default:
		own = handbook.Caseworker
	}
	return slices.Concat([]string{own}, slices.DeleteFunc(handbook.Books(), func(b string) bool { return b == own }))
}
