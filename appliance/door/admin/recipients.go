package admin

import (
	"context"
	"errors"
	"net/http"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// Recipients is what the page asks of recipients who are invited, or suspended; office.Office
// does it. Of whom the viewer has not invited it says Absent. Who has come is in no list, and
// so is suspended by the address.
type Recipients interface {
	InviteRecipient(ctx context.Context, by mail.Actor, n office.NewRecipient) error
	InviteRecipientAgain(ctx context.Context, by mail.Actor, person mail.ID, confirmed bool) error
	WithdrawRecipient(ctx context.Context, by mail.Actor, person mail.ID) error
	InvitedRecipients(ctx context.Context, by mail.Actor) ([]office.InvitedRecipient, error)
	SuspendRecipient(ctx context.Context, by mail.Actor, a mail.Address, why mail.SuspendedFor) error
	ResumeRecipient(ctx context.Context, by mail.Actor, person mail.ID) error
	CloseRecipient(ctx context.Context, by mail.Actor, person mail.ID, typed string) error
	SuspendedRecipients(ctx context.Context, by mail.Actor) ([]office.SuspendedRecipient, error)
}

const recipientsPath = "/org/recipients"

func (d *Door) recipientRoutes() []web.Route {
	post := func(path string, h func(*web.Request) error) web.Route {
		return web.Route{Method: "POST", Path: path, Need: web.Organiser, Body: web.Form, Handle: h}
	}
	return []web.Route{
		{Method: "GET", Path: recipientsPath, Need: web.Organiser, Handle: d.recipientsPage},
		post(recipientsPath, d.inviteRecipient),
		post(recipientsPath+"/search", d.findRecipients),
		post(recipientsPath+"/again", d.inviteRecipientAgain),
		post(recipientsPath+"/withdraw", d.withdrawRecipient),
		post(recipientsPath+"/suspend", d.suspendRecipient),
		post(recipientsPath+"/resume", d.resumeRecipient),
		post(recipientsPath+"/close", d.closeRecipient),
	}
}

// recipientsPage invites citizens to make an account, and lists who has not come yet.
type recipientsPage struct {
	web.Frame
	Say                    *web.Alert
	Address, Phone, Repeat web.Field
	Tongue                 web.Field
	List                   *tableView

	Whom, Why web.Field // who is to be suspended
	Out       *tableView
}

// suspendedView is a suspended recipient.
type suspendedView struct {
	*web.Frame
	office.SuspendedRecipient
	Typed  web.Field // the address once more, to close the account
	Failed bool      // that has come to nothing
}

func (d *Door) recipientsPage(r *web.Request) error { return d.showRecipients(r, http.StatusOK, nil) }

func (d *Door) showRecipients(r *web.Request, status int, say *web.Alert) error {
	list, err := d.org.InvitedRecipients(r.Context(), actor(r))
	if err != nil {
		return err
	}
	out, err := d.org.SuspendedRecipients(r.Context(), actor(r))
	if err != nil {
		return err
	}
	page := &recipientsPage{Say: say}
	invited, suspended := invitedTable(r), suspendedTable(r, &page.Frame, say != nil)
	page.List, page.Out = invited.show(r, &page.Frame, list), suspended.show(r, &page.Frame, out)
	typed := func(name string) string {
		if say == nil {
			return ""
		}
		return r.Form(name)
	}
	page.Whom = web.Field{Name: "whom", Label: r.T("page.admin.address"), Value: typed("whom"), Type: "email", Max: mail.MaxAddress, Required: true}
	page.Why = web.Field{Name: "why", Label: r.T("page.recipients.why"), Options: reasons(r, typed("why"))}
	page.Address = web.Field{Name: "address", Label: r.T("page.admin.address"), Value: typed("address"), Type: "email", Max: mail.MaxAddress, Required: true}
	page.Phone = web.Field{Name: "phone", Label: r.T("page.mend.phone"), Hint: r.T("page.mend.phone.hint"), Value: typed("phone"), Type: "tel", Mode: "tel", Max: 25, Required: true}
	page.Repeat = web.Field{Name: "repeat", Label: r.T("page.mend.repeat"), Type: "tel", Mode: "tel", Max: 25, Required: true}
	page.Tongue = d.tongues(r, typed("lang"))
	return r.PageWith(status, "admin/recipients", page)
}

func (d *Door) inviteRecipient(r *web.Request) error {
	n, err := d.recipientOf(r)
	if err == nil {
		err = d.org.InviteRecipient(r.Context(), actor(r), n)
	}
	if asksNumber(err) {
		return d.askNumber(r, numberPage{To: recipientsPath, Address: n.Address, Tail: n.Phone.Tail(), Phone: string(n.Phone), Speaks: n.Lang})
	}
	return d.recipientDone(r, err, "flash.invited")
}

// numberPage asks for a second word on the phone of an invitation, because another one has
// worked for the address. It names no digit of that one.
type numberPage struct {
	web.Frame
	To      string // where the form goes
	Address mail.Address
	Tail    string
	Phone   string // of who is invited for the first time
	Speaks  string // the language of the same
	Person  string // who is invited again
}

func (d *Door) askNumber(r *web.Request, page numberPage) error {
	return r.PageWith(http.StatusUnprocessableEntity, "admin/recipientnumber", &page)
}

// asksNumber reports whether an invitation waits for that word.
func asksNumber(err error) bool {
	var say *mail.Error
	return errors.As(err, &say) && say.Say == office.SayNumber
}

// recipientOf reads the form. The number is typed twice, as where a letter waits for one.
func (d *Door) recipientOf(r *web.Request) (n office.NewRecipient, err error) {
	n.Lang, n.Confirmed = d.spoken(r, r.Form("lang")), r.Form("confirmed") == "yes"
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
	err = d.org.InviteRecipientAgain(r.Context(), actor(r), id, r.Form("confirmed") == "yes")
	if !asksNumber(err) {
		return d.recipientDone(r, err, "flash.invited")
	}
	list, err := d.org.InvitedRecipients(r.Context(), actor(r))
	if err != nil {
		return err
	}
	for _, i := range list {
		if i.ID == id {
			return d.askNumber(r, numberPage{To: recipientsPath + "/again", Address: i.Address, Tail: i.Tail, Person: id.String()})
		}
	}
	return absent() // withdrawn meanwhile
}

func (d *Door) withdrawRecipient(r *web.Request) error {
	id, err := mail.ParseID(r.Form("person"))
	if err != nil {
		return err
	}
	return d.recipientDone(r, d.org.WithdrawRecipient(r.Context(), actor(r), id), "flash.withdrawn")
}

// reasons are why an account may be suspended.
func reasons(r *web.Request, chosen string) (list []web.Option) {
	for _, why := range mail.SuspendedForAll {
		list = append(list, web.Option{Value: string(why), Label: r.T("page.recipients.why." + string(why)), Chosen: string(why) == chosen})
	}
	return list
}

func (d *Door) suspendRecipient(r *web.Request) error {
	a, err := mail.ParseAddress(r.Form("whom"))
	if err == nil {
		err = d.org.SuspendRecipient(r.Context(), actor(r), a, mail.SuspendedFor(r.Form("why")))
	}
	if err != nil && mail.KindOf(err) == mail.Absent {
		err = mail.E(mail.Invalid, "error.recipient.none", nil)
	}
	return d.recipientDone(r, err, "flash.recipient.out")
}

func (d *Door) resumeRecipient(r *web.Request) error {
	id, err := mail.ParseID(r.Form("person"))
	if err != nil {
		return err
	}
	return d.recipientDone(r, d.org.ResumeRecipient(r.Context(), actor(r), id), "flash.recipient.in")
}

func (d *Door) closeRecipient(r *web.Request) error {
	id, err := mail.ParseID(r.Form("person"))
	if err != nil {
		return err
	}
	return d.recipientDone(r, d.org.CloseRecipient(r.Context(), actor(r), id, r.Form("typed")), "flash.recipient.ends")
}

func (d *Door) recipientDone(r *web.Request, err error, flash string) error {
	return done(r, err, flash, recipientsPath, func(status int, say *web.Alert) error { return d.showRecipients(r, status, say) })
}
