package admin

import (
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// doneBy says who did something to a person last, and when.
type doneBy struct {
	What string
	Who  string // with the day
}

// doneTo tells who invited a person, who suspended them or let them in again, and who gave
// them their roles, for whom the page shows these. Of what was done before it was kept by
// whom, nothing is said; the journal has it.
func (d *Door) doneTo(r *web.Request, t *org.Tree, page *personPage, by map[string]mail.SettingChange) (list []doneBy) {
	say := func(name, what string) {
		if c, ok := by[name]; ok {
			day := r.Printer().In(d.zone).Date(c.At, r.Now())
			list = append(list, doneBy{r.T(what), r.T("page.person.by", "Day", day, "Who", whoDid(r, t, c))})
		}
	}
	if !page.Active {
		say(mail.SettingInvited, "page.person.by.invited")
	}
	if page.Out.IsZero() {
		say(mail.SettingSuspended, "page.person.by.resumed")
	} else {
		say(mail.SettingSuspended, "page.person.by.suspended")
	}
	if len(page.Roles) > 0 {
		say(mail.SettingRoles, "page.person.by.roles")
	}
	return list
}

// whoDid names who changed something if the viewer may see them.
func whoDid(r *web.Request, t *org.Tree, c mail.SettingChange) string {
	me := actor(r).ID
	p, gone := t.Person(c.Person)
	switch {
	case c.Person.IsZero():
		return r.T("page.person.by.machine")
	case gone == nil && (c.Person == me || t.Sees(me, c.Person)):
		return p.Title()
	}
	return r.T("page.person.by.other")
}
