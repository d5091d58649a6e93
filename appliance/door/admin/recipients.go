package admin

import (
	"context"
	"net/http"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// Recipients is what the page asks of recipients who are invited; office.Office does it. Of
// what the viewer has not sent it says Absent. Who has come is in no list.
type Recipients interface {
	InviteRecipient(ctx context.Context, by mail.Actor, n office.NewRecipient) error
	InviteRecipientAgain(ctx context.Context, by mail.Actor, person mail.ID) error
	WithdrawRecipient(ctx context.Context, by mail.Actor, person mail.ID) error
	InvitedRecipients(ctx context.Context, by mail.Actor) ([]office.InvitedRecipient, error)
}

const recipientsPath = "/org/recipients"

func (d *Door) recipientRoutes() []web.Route {
	post := func(path string, h func(*web.Request) error) web.Route {
		return web.Route{Method: "POST", Path: path, Need: web.Organiser, Body: web.Form, Handle: h}
	}
	return []web.Route{
		{Method: "GET", Path: recipientsPath, Need: web.Organiser, Handle: d.recipientsPage},
		post(recipientsPath, d.inviteRecipient),
		post(recipientsPath+"/again", d.inviteRecipientAgain),
		post(recipientsPath+"/withdraw", d.withdrawRecipient),
	}
}

// recipientsPage invites citizens to make an account, and lists who has not come yet.
type recipientsPage struct {
	web.Frame
	Say                    *web.Alert
	Address, Phone, Repeat web.Field
	List                   []office.InvitedRecipient
}

func (d *Door) recipientsPage(r *web.Request) error { return d.showRecipients(r, http.StatusOK, nil) }

func (d *Door) showRecipients(r *web.Request, status int, say *web.Alert) error {
	list, err := d.org.InvitedRecipients(r.Context(), actor(r))
	if err != nil {
		return err
	}
	typed := func(name string) string {
		if say == nil {
			return ""
		}
		return r.Form(name)
	}
	return r.PageWith(status, "admin/recipients", &recipientsPage{
		Say: say, List: list,
		Address: web.Field{Name: "address", Label: r.T("page.admin.address"), Value: typed("address"), Type: "email", Max: mail.MaxAddress, Required: true},
		Phone:   web.Field{Name: "phone", Label: r.T("page.mend.phone"), Hint: r.T("page.mend.phone.hint"), Value: typed("phone"), Type: "tel", Mode: "tel", Max: 25, Required: true},
		Repeat:  web.Field{Name: "repeat", Label: r.T("page.mend.repeat"), Type: "tel", Mode: "tel", Max: 25, Required: true},
	})
}

func (d *Door) inviteRecipient(r *web.Request) error {
	n, err := d.recipientOf(r)
	if err == nil {
		err = d.org.InviteRecipient(r.Context(), actor(r), n)
	}
	return d.recipientDone(r, err, "flash.invited")
}

// recipientOf reads the form. The number is typed twice, as where a letter waits for one.
func (d *Door) recipientOf(r *web.Request) (n office.NewRecipient, err error) {
	n.Lang = d.lang
	if n.Address, err = mail.ParseAddress(r.Form("address")); err != nil {
		return n, err
	}
	if n.Phone, err = d.phone(r.Form("phone")); err != nil {
		return n, err
	}
	if again, err := d.phone(r.Form("repeat")); err != nil || again != n.Phone {
		return n, mail.E(mail.Invalid, "page.mend.differs", nil)
	}
	return n, nil
}

func (d *Door) inviteRecipientAgain(r *web.Request) error {
	id, err := mail.ParseID(r.Form("person"))
	if err != nil {
		return err
	}
	return d.recipientDone(r, d.org.InviteRecipientAgain(r.Context(), actor(r), id), "flash.invited")
}

func (d *Door) withdrawRecipient(r *web.Request) error {
	id, err := mail.ParseID(r.Form("person"))
	if err != nil {
		return err
	}
	return d.recipientDone(r, d.org.WithdrawRecipient(r.Context(), actor(r), id), "flash.withdrawn")
}

func (d *Door) recipientDone(r *web.Request, err error, flash string) error {
	return done(r, err, flash, recipientsPath, func(status int, say *web.Alert) error { return d.showRecipients(r, status, say) })
}
