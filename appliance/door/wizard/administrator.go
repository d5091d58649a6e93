package wizard

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/skip2/go-qrcode"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// entering is the administrator who is not made yet: until the app for codes is connected, all
// that was typed is in memory only, and a restart asks again.
type entering struct {
	who   Administrator
	enrol *access.Enrolment
}

func (d *Door) waiting() *entering {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.entering
}

// adminPage asks who is the first administrator.
type adminPage struct {
	frame
	There  bool // there is one by now
	Fields []web.Field
}

func (d *Door) adminPage(r *web.Request) error {
	return d.showAdmin(r, http.StatusOK, nil)
}

func (d *Door) showAdmin(r *web.Request, status int, faults map[string]string) error {
	page := &adminPage{}
	if err := d.at(r, Admin, &page.frame); err != nil {
		return err
	}
	there, err := d.m.Guarded(r.Context())
	if err != nil {
		return err
	}
	page.There = there
	page.Fields = []web.Field{
		{Name: "name", Label: r.T("setup.administrator.name"), Value: r.Form("name"), Auto: "name", Max: 100, Required: true, Error: faults["name"]},
		{Name: "address", Label: r.T("page.signin.address"), Hint: r.T("setup.administrator.address.hint"), Value: r.Form("address"), Type: "email", Auto: "username", Max: mail.MaxAddress, Required: true, Error: faults["address"]},
		{Name: "password", Label: r.T("page.signin.password"), Hint: r.T("setup.administrator.password.hint"), Type: "password", Auto: "new-password", Max: access.MaxPassword, Required: true, Error: faults["password"]},
		{Name: "repeat", Label: r.T("setup.administrator.repeat"), Type: "password", Auto: "new-password", Max: access.MaxPassword, Required: true, Error: faults["repeat"]},
	}
	return r.PageWith(status, "wizard/administrator", page)
}

func (d *Door) takeAdmin(r *web.Request) error {
	faults := map[string]string{}
	n := Administrator{Name: strings.TrimSpace(r.Form("name")), Lang: r.Language(), Password: r.Form("password")}
	if n.Name == "" || strings.ContainsFunc(n.Name, func(r rune) bool { return r < ' ' }) || len(n.Name) > 200 {
		faults["name"] = r.T("setup.fault", "Example", "Karin Berg")
	}
	var err error
	if n.Address, err = mail.ParseAddress(strings.TrimSpace(r.Form("address"))); err != nil {
		faults["address"] = r.T("setup.fault", "Example", "karin.berg@kommun.example")
	} else if err := d.m.CheckAdministrator(n); mail.KindOf(err) == mail.Invalid {
		faults[fieldOf(err)] = r.Sentence(err)
	} else if err != nil {
		return err
	}
	if n.Password != r.Form("repeat") {
		faults["repeat"] = r.T("page.welcome.differs")
	}
	if len(faults) > 0 {
		return d.showAdmin(r, http.StatusUnprocessableEntity, faults)
	}
	if there, err := d.m.Guarded(r.Context()); err != nil || there {
		return errGuarded(err)
	}
	d.mu.Lock()
	d.entering = &entering{n, access.NewEnrolment()}
	d.mu.Unlock()
	return r.Redirect("/setup/app")
}

func errGuarded(err error) error {
	if err != nil {
		return err
	}
	return mail.E(mail.Denied, "error.setup.guarded", nil)
}

// fieldOf is the field to which an error of CheckAdministrator belongs.
func fieldOf(err error) string {
	if strings.Contains(fmt.Sprint(err), "error.setup.domain") {
		return "address"
	}
	return "password"
}

// appPage shows the key that an app for codes gets. It is in no cache (web.harden).
type appPage struct {
	frame
	Picture template.URL
	Link    template.URL
	Key     string
	Code    web.Field
}

func (d *Door) appPage(r *web.Request) error { return d.showApp(r, http.StatusOK, "") }

func (d *Door) showApp(r *web.Request, status int, fault string) error {
	e := d.waiting()
	if e == nil {
		return r.Redirect(Admin.Path())
	}
	c, err := d.m.Draft()
	if err != nil {
		return err
	}
	key := e.enrol.Key()
	uri := key.URI(c.House.Name, string(e.who.Address))
	q, err := qrcode.New(uri, qrcode.Medium)
	if err != nil {
		return fmt.Errorf("qr code: %w", err)
	}
	png, err := q.PNG(-6)
	if err != nil {
		return fmt.Errorf("qr code: %w", err)
	}
	page := &appPage{
		// Both are made here of a key, the house's name and an address, each escaped.
		Picture: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png)), Link: template.URL(uri), Key: grouped(key.Text()),
		Code: codeField(r, "page.app.code", fault),
	}
	if err := d.at(r, Admin, &page.frame); err != nil {
		return err
	}
	return r.PageWith(status, "wizard/app", page)
}

// codeField asks for six digits.
func codeField(r *web.Request, label, fault string) web.Field {
	return web.Field{
		Name: "code", Label: r.T(label), Error: fault, Auto: "one-time-code", Mode: "numeric", Pattern: "[0-9 ]*", Max: 7, Required: true, Short: true, Focus: fault != "",
	}
}

// grouped writes a key in groups of four letters.
func grouped(s string) string {
	var g []string
	for ; len(s) > 4; s = s[4:] {
		g = append(g, s[:4])
	}
	return strings.Join(append(g, s), " ")
}

// confirmApp makes the administrator once the app has shown a code, and signs them in.
func (d *Door) confirmApp(r *web.Request) error {
	e := d.waiting()
	if e == nil {
		return r.Redirect(Admin.Path())
	}
	step, err := d.signIn.Confirm(e.enrol, r.Form("code"))
	if mail.KindOf(err) == mail.Invalid {
		return d.showApp(r, http.StatusUnprocessableEntity, r.Sentence(err))
	}
	if err != nil {
		return err
	}
	p, err := d.m.MakeAdministrator(r.Context(), e.who, access.NewFactor{Key: e.enrol.Key(), Step: step})
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.entering = nil
	d.mu.Unlock()
	r.ClearSetup()
	// The password was chosen and a code of the app shown, both a moment ago.
	in, err := d.signIn.Registered(r.Context(), p, e.who.Password, access.Caller{Network: r.Address(), Device: r.Device(), Agent: access.ReadAgent(r.Header("User-Agent"))})
	if err != nil {
		return err
	}
	r.SetToken(web.TokenOf(in.Token))
	r.SetDevice(d.signIn.MarkDevice(r.Device(), in.Session))
	return r.Redirect(KitStep.Path())
}
