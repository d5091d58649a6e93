package admin

import (
	"net/http"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

// listedPage is a unit's contact list to who organises it: people from outside to whom
// its people write again and again.
type listedPage struct {
	web.Frame
	Say    *web.Alert
	Crumbs []web.Crumb
	Self   string // path
	Name   string // of the unit
	Group  bool
	List   *tableView
	Add    listedForm
}

// listedLine is what can be changed of an entry.
type listedLine struct {
	*web.Frame
	ID, Title, Self string
	Form            listedForm
	Failed          bool // what was typed about it has come to nothing
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
	page := &listedPage{Say: say, Self: listedPath(id), Name: u.Name, Group: u.Kind == mail.Group}
	page.Crumbs = []web.Crumb{{Path: unitPath(id), Name: u.Name}}
	page.Add = listedFields(r, "add", say != nil && r.Form("entry") == "", office.Contact{})
	t := listedTable(r, &page.Frame, id, say != nil)
	page.List = t.show(r, &page.Frame, list)
	return r.PageWith(status, "admin/listed", page)
}

// findListed searches the list.
func (d *Door) findListed(r *web.Request, id mail.ID) error {
	if _, err := d.unitOf(r, id); err != nil {
		return err
	}
	t := listedTable(r, nil, id, false)
	return t.answer(r, func() ([]office.Contact, error) { return d.org.ListedIn(r.Context(), actor(r), id) }, func() error { return d.listed(r, id) })
}

// listedTable is the list. What was typed about an entry may have failed.
func listedTable(r *web.Request, f *web.Frame, unit mail.ID, failed bool) table[office.Contact] {
	self := listedPath(unit)
	t := table[office.Contact]{
		id: "list", self: self, post: self + "/search", first: "name", file: r.T("table.file.contacts"), hint: r.T("page.unit.search"),
		find: func(c office.Contact) string { return c.Name + "\n" + string(c.Address) + "\n" + string(c.Phone) }, none: r.T("page.listed.none"), nobody: r.T("table.nothing"),
	}
	t.columns = []column[office.Contact]{
		{key: "name", label: r.T("page.admin.name"), cell: func(c office.Contact) cell { return cell{Text: c.Name} }, cmp: func(a, b office.Contact) int { return byWords(a.Name, b.Name) }},
		{key: "address", label: r.T("page.admin.address"), cell: func(c office.Contact) cell {
			if c.Name == string(c.Address) {
				return cell{}
			}
			return cell{Text: string(c.Address)}
		}, file: func(c office.Contact) string { return string(c.Address) }, cmp: func(a, b office.Contact) int { return byWords(string(a.Address), string(b.Address)) }},
		{label: r.T("page.write.phone"), cell: func(c office.Contact) cell { return cell{Text: string(c.Phone)} }},
	}
	t.keep = func(c office.Contact) bool { return failed && r.Form("entry") == c.ID.String() }
	t.more = func(c office.Contact) any {
		return &listedLine{Frame: f, ID: c.ID.String(), Title: c.Name, Self: self, Failed: t.keep(c), Form: listedFields(r, c.ID.String(), t.keep(c), c)}
	}
	return t
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
