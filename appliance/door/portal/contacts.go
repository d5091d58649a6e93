package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

const (
	contactsPath   = "/contacts"
	contactsAtOnce = 50 // people in a list, and hits of a search
)

// contactsPage is what a person finds in contact lists: a unit of the house, or those whom
// a search has found. Who is chosen becomes a recipient.
type contactsPage struct {
	web.Frame
	Say    *web.Alert
	Draft  string // to which recipients are added; "": a new letter
	Search web.Field
	Hits   []contactLine
	More   bool // than are shown
	Unit   string
	Name   string
	Crumbs []web.Crumb
	Below  []web.Crumb
	// In the unit.
	Outside []contactLine
	Boxes   []contactLine
	People  []contactLine
	Count   int    // people in all
	Earlier string // path; "" on the first page
	Later   string // path; "" on the last
}

// Searched reports whether the page shows what was searched for.
func (p *contactsPage) Searched() bool { return p.Search.Value != "" && p.Search.Error == "" }

// Any reports whether there is anybody to choose.
func (p *contactsPage) Any() bool {
	return len(p.Hits)+len(p.Outside)+len(p.Boxes)+len(p.People) > 0
}

// contactLine is somebody to choose.
type contactLine struct {
	ID      string
	Name    string
	Address string // "" if that is the name
	Phone   string
	Unit    string // "" where the page says it
}

func lineOf(c office.Contact) contactLine {
	l := contactLine{ID: c.ID.String(), Name: c.Name, Address: string(c.Address), Phone: string(c.Phone)}
	if l.Name == l.Address {
		l.Address = ""
	}
	return l
}

func linesOf(found []org.Found) (list []contactLine) {
	for _, f := range found {
		list = append(list, lineOf(office.Contact{Found: f}))
	}
	return list
}

func (p *Portal) contacts(r *web.Request) error {
	return p.showContacts(r, http.StatusOK, p.newContacts(r, r.Query("draft"), r.Query("unit")))
}

// newContacts is the page before anybody stands in it.
func (p *Portal) newContacts(r *web.Request, draft, unit string) *contactsPage {
	page := &contactsPage{Unit: unit}
	if id, err := mail.ParseID(draft); err == nil {
		page.Draft = id.String()
	}
	page.Search = web.Field{Name: "q", Label: r.T("page.contacts.search"), Type: "search", Max: 100, Value: strings.TrimSpace(r.Form("q"))}
	return page
}

// showContacts shows a unit of the house.
func (p *Portal) showContacts(r *web.Request, status int, page *contactsPage) error {
	var unit mail.ID
	var err error
	if page.Unit != "" {
		if unit, err = mail.ParseID(page.Unit); err != nil {
			return err
		}
	}
	from, err := strconv.Atoi(r.Query("from"))
	if err != nil || from < 0 {
		from = 0
	}
	c, err := p.Office.ContactList(r.Context(), p.reader(r).ID, unit, from, contactsAtOnce)
	if mail.KindOf(err) == mail.Absent && unit.IsZero() {
		return r.PageWith(status, "portal/contacts", page) // somebody who finds nobody at all
	}
	if err != nil {
		return err
	}
	page.fill(c, from)
	return r.PageWith(status, "portal/contacts", page)
}

func (p *contactsPage) fill(c office.ContactList, from int) {
	at := c.Path[len(c.Path)-1]
	p.Unit, p.Name = at.ID.String(), at.Name
	for _, u := range c.Path[:len(c.Path)-1] {
		p.Crumbs = append(p.Crumbs, web.Crumb{Path: p.path(u.ID.String(), 0), Name: u.Name})
	}
	for _, u := range c.Below {
		p.Below = append(p.Below, web.Crumb{Path: p.path(u.ID.String(), 0), Name: u.Name})
	}
	for _, o := range c.Outside {
		l := lineOf(o)
		if o.Unit.ID != at.ID {
			l.Unit = o.Unit.Name
		}
		p.Outside = append(p.Outside, l)
	}
	p.Boxes, p.People, p.Count = linesOf(c.Boxes), linesOf(c.People), c.All
	if from > 0 {
		p.Earlier = p.path(p.Unit, max(0, from-contactsAtOnce))
	}
	if next := from + len(c.People); next < c.All {
		p.Later = p.path(p.Unit, next)
	}
}

// path is of another page of the lists, for the same letter.
func (p *contactsPage) path(unit string, from int) string {
	at := ""
	if from > 0 {
		at = strconv.Itoa(from)
	}
	return web.WithQuery(contactsPath, "unit", unit, "draft", p.Draft, "from", at)
}

// minSearch is how many characters a search has; with one, everybody would be found.
const minSearch = 2

// findContacts shows those who are called something. What is searched for is a name, so
// it comes in a form: addresses of pages stay in histories and in the logs of proxies.
func (p *Portal) findContacts(r *web.Request) error {
	page := p.newContacts(r, r.Form("draft"), r.Form("unit"))
	if len([]rune(page.Search.Value)) < minSearch {
		page.Search.Error, page.Search.Focus = r.T("page.contacts.short"), true
		return p.showContacts(r, http.StatusUnprocessableEntity, page)
	}
	found, more, err := p.Office.FindContacts(r.Context(), p.reader(r).ID, page.Search.Value, contactsAtOnce)
	if err != nil {
		return err
	}
	page.More = more
	for _, c := range found {
		l := lineOf(c)
		l.Unit = c.Unit.Name
		page.Hits = append(page.Hits, l)
	}
	return r.Page("portal/contacts", page)
}

// chooseContacts makes those who are chosen recipients of a letter, a new one or one that
// is being written.
func (p *Portal) chooseContacts(r *web.Request) error {
	chosen, err := p.chosen(r)
	if err != nil {
		return err
	}
	if len(chosen) == 0 {
		page := p.newContacts(r, r.Form("draft"), r.Form("unit"))
		page.Search.Value = ""
		page.Say = &web.Alert{Tone: web.Danger, Text: r.T("page.contacts.nobody")}
		return p.showContacts(r, http.StatusUnprocessableEntity, page)
	}
	who := p.reader(r)
	if r.Form("draft") == "" {
		form, err := p.blank(r, ownBox())
		if err != nil {
			return err
		}
		form.To = chosen
		id, err := p.Desk.Write(r.Context(), who, mail.ID{}, form)
		if err != nil {
			return err
		}
		return r.Redirect("/write/" + id.String())
	}
	id, err := mail.ParseID(r.Form("draft"))
	if err != nil {
		return err
	}
	if err := p.addTo(r, who, id, chosen); err != nil {
		return err
	}
	return r.Redirect("/write/" + id.String())
}

// chosen are the recipients that were ticked and that the person finds.
func (p *Portal) chosen(r *web.Request) (list []mail.FormTo, err error) {
	var ids []mail.ID
	for _, s := range r.FormAll("to") {
		id, err := mail.ParseID(s)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	found, err := p.Office.ContactsOf(r.Context(), p.reader(r).ID, ids[:min(maxTo, len(ids))])
	for _, c := range found {
		list = append(list, mail.FormTo{Address: string(c.Address), Phone: string(c.Phone)})
	}
	return list, err
}

// addTo adds recipients to a draft; those who are in it already stay as they are.
func (p *Portal) addTo(r *web.Request, who desk.Reader, id mail.ID, more []mail.FormTo) error {
	u, err := p.Desk.Draft(r.Context(), who, id)
	if err != nil {
		return err
	}
	seen := desk.Version(u.Form)
	for _, to := range more {
		there := slices.ContainsFunc(u.Form.To, func(f mail.FormTo) bool {
			return mail.Address(f.Address).Key() == mail.Address(to.Address).Key()
		})
		if !there && len(u.Form.To) < maxTo {
			u.Form.To = append(u.Form.To, to)
		}
	}
	return p.Desk.SaveDraft(r.Context(), who, id, u.Form, seen)
}
