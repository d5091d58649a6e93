package admin

import (
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// leavingForms are those for somebody who leaves: the last day, and who takes over.
func (d *Door) leavingForms(r *web.Request, page *personPage) {
	typed := func(form, name, before string) string {
		if page.Say != nil && r.Form("form") == form {
			return r.Form(name)
		}
		return before
	}
	page.Leaving = web.Field{Within: "leaving", Name: "last", Label: r.T("page.person.leaving.last"), Value: typed("leaving", "last", d.day(page.LastDay)), Type: "date", Short: true}
	if page.Home.Group {
		return
	}
	page.TakesOver = web.Field{Within: "handover", Name: "address", Label: r.T("page.person.handover.who"), Hint: r.T("page.person.handover.hint"), Value: typed("handover", "address", ""), Type: "email", Required: true}
}

func (d *Door) setLeaving(r *web.Request, id mail.ID) error {
	day, err := d.date(r.Form("last"))
	if err == nil {
		err = d.org.SetLeaving(r.Context(), actor(r), id, d.after(day))
	}
	return done(r, err, leavingFlash(day), personPath(id), d.againPerson(r, id))
}

func leavingFlash(day time.Time) string {
	if day.IsZero() {
		return "flash.leaving.off"
	}
	return "flash.leaving.set"
}

// handOver makes a function mailbox of a leaver's, and leads there. It cannot be undone, so
// an organiser's open browser is not enough.
func (d *Door) handOver(r *web.Request, id mail.ID) error {
	if err := d.sees(r, id); err != nil {
		return err
	}
	return d.provedFor(personPath(id), func(r *web.Request, _ *access.Session) error { return d.handsOver(r, id) })(r)
}

func (d *Door) handsOver(r *web.Request, id mail.ID) error {
	to, err := d.personAt(r.Form("address"))
	if err == nil {
		err = d.org.HandOver(r.Context(), actor(r), id, to)
	}
	path := mailboxPath(id)
	d.org.Tree(func(t *org.Tree) {
		if !t.OrganisesMailbox(actor(r).ID, id) {
			path = "/org"
		}
	})
	return done(r, err, "flash.handedover", path, d.againPerson(r, id))
}
