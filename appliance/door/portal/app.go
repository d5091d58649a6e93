package portal

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

// appPage shows the key that an app for codes gets, as a picture and in writing, and asks
// for the first code. It is in no cache (web.harden), and no other route has the picture.
type appPage struct {
	web.Frame
	Base    string
	Must    bool
	Again   bool // there is an app already, which this one takes the place of
	Picture template.URL
	Link    template.URL // opens an app on this device
	Key     string       // in groups of four letters
	Code    web.Field
}

// qrPixel is how many pixels a square of the picture has.
const qrPixel = 6

func (p *Portal) appPage(r *web.Request, e enrolling) error {
	return p.showApp(r, e, http.StatusOK, "")
}

func (p *Portal) showApp(r *web.Request, e enrolling, status int, fault string) error {
	phone, has, err := p.reserve(r, e)
	if err != nil {
		return err
	}
	if phone == "" {
		return r.Redirect(e.base + "/phone")
	}
	key := e.Key()
	uri := key.URI(p.look(r).House, string(e.address))
	q, err := qrcode.New(uri, qrcode.Medium)
	if err != nil {
		return fmt.Errorf("qr code: %w", err)
	}
	png, err := q.PNG(-qrPixel)
	if err != nil {
		return fmt.Errorf("qr code: %w", err)
	}
	return r.PageWith(status, "portal/app", &appPage{
		Base: e.base, Must: e.session == nil, Again: has, Key: grouped(key.Text()),
		// Both are made here of a key, the house's name and an address, each escaped.
		Picture: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png)), Link: template.URL(uri),
		Code: web.Field{
			Name: "code", Label: r.T("page.app.code"), Error: fault,
			Auto: "one-time-code", Mode: "numeric", Pattern: "[0-9 ]*", Max: 7, Required: true, Short: true, Focus: fault != "",
		},
	})
}

// reserve is the phone that was proven just now, or is the person's already. has tells
// whether there is an app already.
func (p *Portal) reserve(r *web.Request, e enrolling) (phone mail.Phone, has bool, err error) {
	f, err := p.Account.Factor(r.Context(), e.owner.Person.ID)
	if err != nil {
		return "", false, err
	}
	if phone = e.Proven(); phone == "" {
		phone = f.Phone
	}
	return phone, !f.Key.IsZero(), nil
}

// grouped writes a key in groups of four letters.
func grouped(s string) string {
	var g []string
	for ; len(s) > 4; s = s[4:] {
		g = append(g, s[:4])
	}
	return strings.Join(append(g, s), " ")
}

// confirmApp keeps the app once it has shown a code.
func (p *Portal) confirmApp(r *web.Request, e enrolling) error {
	phone, has, err := p.reserve(r, e)
	if err != nil {
		return err
	}
	if phone == "" {
		return r.Redirect(e.base + "/phone")
	}
	step, err := p.SignIn.Confirm(e.Enrolment, r.Form("code"))
	if mail.KindOf(err) == mail.Invalid {
		return p.showApp(r, e, http.StatusUnprocessableEntity, r.Sentence(err))
	}
	if err != nil {
		return err
	}
	// One that was set up meanwhile, elsewhere, stays: its code is asked for at the next
	// sign-in.
	at, err := p.Account.SetFactor(r.Context(), e.owner, access.NewFactor{Key: e.Key(), Step: step, Phone: phone, Replaces: has && e.session != nil})
	if err != nil {
		return p.overtaken(r, err)
	}
	r.Flash("flash.factor")
	if e.session == nil {
		p.forgetPictures(p.SignIn.EndBut(e.waits))
		return p.enrolled(r)
	}
	p.changed(r, e.session, at)
	if has {
		return r.Redirect("/account")
	}
	return r.Redirect("/account/codes")
}

// enrolled signs in who had to set a second factor up, and has.
func (p *Portal) enrolled(r *web.Request) error {
	entry, err := p.SignIn.Enrolled(r.Context(), r.Token().Secret())
	if err != nil {
		return p.over(r, err)
	}
	r.SetToken(web.TokenOf(entry.Token))
	r.SetDevice(p.SignIn.MarkDevice(r.Device(), entry.Session))
	return r.Redirect("/account/codes")
}
