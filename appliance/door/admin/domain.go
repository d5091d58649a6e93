package admin

import (
	"context"
	"net/http"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// Domains is what the page asks of the house's mail domains; office.Office does it. Of
// who is no administrator it says Absent.
type Domains interface {
	OurDomains() []string
	AddedDomains(ctx context.Context) ([]mail.Domain, error)
	AddDomain(ctx context.Context, by mail.Actor, name string) (mail.Domain, error)
	ProveDomain(ctx context.Context, by mail.Actor, name string) error
	VouchDomain(ctx context.Context, by mail.Actor, name, typed string) error
	RemoveDomain(ctx context.Context, by mail.Actor, name string) error
}

const domainsPath = "/org/domains"

func (d *Door) domainRoutes() []web.Route {
	post := func(path string, h func(*web.Request) error) web.Route {
		return web.Route{Method: "POST", Path: path, Need: web.Admin, Body: web.Form, Handle: h}
	}
	return []web.Route{
		{Method: "GET", Path: domainsPath, Need: web.Admin, Handle: d.domainsPage},
		post(domainsPath, d.addDomain),
		post(domainsPath+"/search", d.findDomains),
		post(domainsPath+"/prove", d.proveDomain),
		post(domainsPath+"/vouch", d.provedFor(domainsPath, func(r *web.Request, _ *access.Session) error { return d.vouchDomain(r) })),
		post(domainsPath+"/remove", d.removeDomain),
	}
}

// domainsPage lists the domains whose people are the house's, and those still to be
// proven.
type domainsPage struct {
	web.Frame
	Say  *web.Alert
	List *tableView
	Name web.Field
}

func (d *Door) domainsPage(r *web.Request) error { return d.showDomains(r, http.StatusOK, nil) }

func (d *Door) showDomains(r *web.Request, status int, say *web.Alert) error {
	rows, err := d.domainRows(r)
	if err != nil {
		return err
	}
	page := &domainsPage{Say: say}
	t := domainTable(r, &page.Frame, say != nil && r.Form("form") == "vouch")
	page.List = t.show(r, &page.Frame, rows)
	page.Name = web.Field{Name: "domain", Label: r.T("page.domains.name"), Hint: r.T("page.domains.name.hint"), Max: mail.MaxAddress, Required: true}
	if say != nil && r.Form("form") == "add" {
		page.Name.Value = r.Form("domain")
	}
	return r.PageWith(status, "admin/domains", page)
}

func (d *Door) findDomains(r *web.Request) error {
	t := domainTable(r, nil, false)
	return t.answer(r, func() ([]domainRow, error) { return d.domainRows(r) }, func() error { return d.domainsPage(r) })
}

func (d *Door) addDomain(r *web.Request) error {
	_, err := d.domains.AddDomain(r.Context(), actor(r), r.Form("domain"))
	return d.domainDone(r, err, "flash.domain.added", "#"+domainList)
}

func (d *Door) proveDomain(r *web.Request) error {
	err := d.domains.ProveDomain(r.Context(), actor(r), r.Form("domain"))
	return d.domainDone(r, err, "flash.domain.proven", "")
}

func (d *Door) vouchDomain(r *web.Request) error {
	err := d.domains.VouchDomain(r.Context(), actor(r), r.Form("domain"), r.Form("typed"))
	return d.domainDone(r, err, "flash.domain.proven", "")
}

func (d *Door) removeDomain(r *web.Request) error {
	err := d.domains.RemoveDomain(r.Context(), actor(r), r.Form("domain"))
	return d.domainDone(r, err, "flash.domain.removed", "")
}

// domainDone is done, which also says when DNS does not answer.
func (d *Door) domainDone(r *web.Request, err error, flash, at string) error {
	if mail.KindOf(err) == mail.Again {
		d.log.Warn("look a domain up", "part", "admin", "req", r.Number(), "err", err)
		return d.showDomains(r, http.StatusUnprocessableEntity, &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	}
	return done(r, err, flash, domainsPath+at, func(status int, say *web.Alert) error { return d.showDomains(r, status, say) })
}
