package admin

import (
	"net/http"
	"strconv"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

// listedAtOnce is how many lines a contact list shows.
const listedAtOnce = 50

// listedPage is a unit's contact list to who organises it: people from outside to whom
// its people write again and again.
type listedPage struct {
	web.Frame
	Say    *web.Alert
	Crumbs []web.Crumb
	Self   string // path
	Name   string // of the unit
	Group  bool
	Count  int
	List   []listedLine
	// Paths; "" on the first page and on the last.
	Earlier, Later string
	Add            listedForm
	AddFailed      bool
}

type listedLine struct {
	ID, Title, Address string
	Phone              string
	Form               listedForm
	Failed             bool // what was typed about it has come to nothing
}

type listedForm struct{ Name, Address, Phone web.Field }

func listedPath(unit mail.ID) string { return unitPath(unit) + "/contacts" }

func (d *Door) listed(r *web.Request, id mail.ID) error {
	return d.showListed(r, id, http.StatusOK, nil)
}

func (d *Door) showListed(r *web.Request, id mail.ID, status int, say *web.Alert) error {
	u, err := d.unitOf(r, id)
	if err != nil {
		return err
	}
	list, err := d.org.ListedIn(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	page := &listedPage{Say: say, Self: listedPath(id), Name: u.Name, Group: u.Kind == mail.Group, Count: len(list)}
	page.Crumbs = []web.Crumb{{Path: unitPath(id), Name: u.Name}}
	page.AddFailed = say != nil && r.Form("entry") == ""
	page.Add = listedFields(r, "add", page.AddFailed, office.Contact{})
	d.fillListed(r, page, list, say != nil)
	return r.PageWith(status, "admin/listed", page)
}

// fillListed is a page of the list. What has come to nothing is on it wherever it stands.
func (d *Door) fillListed(r *web.Request, page *listedPage, list []office.Contact, failed bool) {
	from, err := strconv.Atoi(r.Query("from"))
	if err != nil || from < 0 || from > len(list) {
		from = 0
	}
	to := min(from+listedAtOnce, len(list))
	for i, c := range list {
		wrong := failed && r.Form("entry") == c.ID.String()
		if !wrong && (i < from || i >= to) {
			continue
		}
		page.List = append(page.List, listedLine{
			ID: c.ID.String(), Title: c.Name, Address: string(c.Address), Phone: string(c.Phone), Failed: wrong,
			Form: listedFields(r, c.ID.String(), wrong, c),
		})
	}
	if from > 0 {
		page.Earlier = web.WithQuery(page.Self, "from", strconv.Itoa(max(0, from-listedAtOnce)))
	}
	if to < len(list) {
		page.Later = web.WithQuery(page.Self, "from", strconv.Itoa(to))
	}
}

// listedFields is a form, with what was typed if it has failed.
func listedFields(r *web.Request, within string, failed bool, c office.Contact) listedForm {
	name, address, phone := c.Name, string(c.Address), string(c.Phone)
	if name == address {
		name = ""
	}
	if failed {
		name, address, phone = r.Form("name"), r.Form("address"), r.Form("phone")
	}
	return listedForm{
		Name:    web.Field{Within: within, Name: "name", Label: r.T("page.admin.name"), Value: name, Max: org.MaxName},
		Address: web.Field{Within: within, Name: "address", Label: r.T("page.admin.address"), Value: address, Type: "email", Max: mail.MaxAddress, Required: true},
		Phone:   web.Field{Within: within, Name: "phone", Label: r.T("page.write.phone"), Value: phone, Type: "tel", Mode: "tel", Max: 25},
	}
}

// listedTyped is who was typed. The error is Invalid.
func (d *Door) listedTyped(r *web.Request) (c mail.ListedColumns, err error) {
	c.Name = r.Form("name")
	if c.Address, err = mail.ParseAddress(r.Form("address")); err == nil && r.Form("phone") != "" {
		c.Phone, err = d.phone(r.Form("phone"))
	}
	return c, err
}

func (d *Door) againListed(r *web.Request, id mail.ID) func(int, *web.Alert) error {
	return func(status int, say *web.Alert) error { return d.showListed(r, id, status, say) }
}

func (d *Door) addListed(r *web.Request, id mail.ID) error {
	c, err := d.listedTyped(r)
	if err == nil {
		_, err = d.org.AddListed(r.Context(), actor(r), id, c)
	}
	return done(r, err, "flash.listed.added", listedPath(id), d.againListed(r, id))
}

func (d *Door) changeListed(r *web.Request, id mail.ID) error {
	entry, err := mail.ParseID(r.Form("entry"))
	if err != nil {
		return err
	}
	c, err := d.listedTyped(r)
	if err == nil {
		err = d.org.ChangeListed(r.Context(), actor(r), id, entry, c)
	}
	return done(r, err, "flash.changed", listedPath(id), d.againListed(r, id))
}

func (d *Door) removeListed(r *web.Request, id mail.ID) error {
	entry, err := mail.ParseID(r.Form("entry"))
	if err != nil {
		return err
	}
	err = d.org.RemoveListed(r.Context(), actor(r), id, entry)
	return done(r, err, "flash.listed.removed", listedPath(id), d.againListed(r, id))
}

// listingOptions are who may find a unit's people. The root is what the house says.
func listingOptions(r *web.Request, u org.Unit, chosen string) (list []web.Option) {
	kind := "department"
	switch {
	case u.ID == mail.RootUnit:
		kind = "root"
	case u.Kind == mail.Group:
		kind = "group"
	}
	for l := mail.ListedAbove; l <= mail.ListedNowhere; l++ {
		if kind == "root" && (l == mail.ListedHouse || l == mail.ListedBranch) || kind == "group" && l == mail.ListedNowhere {
			continue // the same as the first
		}
		list = append(list, web.Option{Value: l.String(), Label: r.T("listing." + kind + "." + l.String()), Chosen: l.String() == chosen})
	}
	return list
}
