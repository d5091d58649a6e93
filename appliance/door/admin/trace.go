package admin

import (
	"context"
	"net/http"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// Tracing finds letters for the help desk; desk.Desk does it. It tells who, when and how
// far, and never what a letter says.
type Tracing interface {
	Trace(ctx context.Context, by mail.Actor, address mail.Address, from, until time.Time) (list []mail.Traced, whole bool, err error)
}

// maxTrace is the longest time over which letters are looked for, in days.
const maxTrace = 31

func (d *Door) traceRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/trace", Need: web.HelpDesk, Handle: d.tracePage},
		{Method: "POST", Path: "/trace", Need: web.HelpDesk, Body: web.Form, Handle: d.trace},
	}
}

// tracePage is where the help desk follows letters.
type tracePage struct {
	web.Frame
	Address, From, Until web.Field
	Say                  *web.Alert
	Asked                bool // there was a look, and this is what it found
	Most                 bool // there was more to look at
	Letters              int
	List                 *tableView
}

func (d *Door) tracePage(r *web.Request) error {
	today := r.Now().In(d.zone)
	page := &tracePage{}
	page.fields(r, "", d.day(today.AddDate(0, 0, -7)), d.day(today))
	return r.Page("admin/trace", page)
}

func (p *tracePage) fields(r *web.Request, address, from, until string) {
	p.Address = web.Field{Name: "address", Label: r.T("page.trace.address"), Hint: r.T("page.trace.address.hint"), Value: address, Type: "email", Max: mail.MaxAddress, Required: true}
	p.From = web.Field{Name: "from", Label: r.T("page.trace.from"), Value: from, Type: "date", Required: true, Short: true}
	p.Until = web.Field{Name: "until", Label: r.T("page.trace.until"), Value: until, Type: "date", Required: true, Short: true}
}

// trace is a POST, so that no address stands in an address line or a log.
func (d *Door) trace(r *web.Request) error {
	page := &tracePage{Asked: true}
	page.fields(r, r.Form("address"), r.Form("from"), r.Form("until"))
	wrong := func(f *web.Field, err error) error {
		page.Asked, f.Error, f.Focus = false, r.Sentence(err), true
		return r.PageWith(http.StatusUnprocessableEntity, "admin/trace", page)
	}
	address, err := mail.ParseAddress(r.Form("address"))
	if err != nil {
		return wrong(&page.Address, mail.E(mail.Invalid, "error.address", nil))
	}
	from, err := d.date(r.Form("from"))
	if err != nil || from.IsZero() {
		return wrong(&page.From, mail.E(mail.Invalid, "error.date", nil))
	}
	until, err := d.date(r.Form("until"))
	if err != nil || until.IsZero() {
		return wrong(&page.Until, mail.E(mail.Invalid, "error.date", nil))
	}
	until = until.AddDate(0, 0, 1) // the day itself, too
	if !from.Before(until) || from.AddDate(0, 0, maxTrace).Before(until) {
		return wrong(&page.From, mail.E(mail.Invalid, "error.trace.days", nil))
	}
	list, whole, err := d.tracing.Trace(r.Context(), actor(r), address, from, until)
	if err != nil {
		return err
	}
	page.Most, page.Letters = !whole, len(list)
	rows := tracedRows(r, list)
	t := d.traceTable(r, rows)
	if a := t.asked(r); a.file {
		return t.save(r, t.pick(a, rows))
	}
	page.List = t.show(r, &page.Frame, rows)
	return r.Page("admin/trace", page)
}
