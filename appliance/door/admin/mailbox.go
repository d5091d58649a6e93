package admin

import (
	"net/http"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// mailboxPage shows a function mailbox to who organises its department: its people and
// settings, and never a letter.
type mailboxPage struct {
	web.Frame
	Say         *web.Alert
	Crumbs      []web.Crumb
	Self        string // path
	Title       string
	Address     string
	Department  place
	Since       time.Time
	Readers     []colleagueLine
	Substitutes []colleagueLine
	Asked       bool   // somebody wants what came before
	Silent      bool   // nobody is told what lies unread
	Failed      string // the form that has come to nothing; "" if none has
	Letters     int
	Ever        bool      // there is a letter, or was one
	LastDay     time.Time // of the mailbox; zero: it goes on
	Decision    string    // by which it ends
	Last        web.Field
	Disposal    web.Field
	Ends        []string // with it

	mailboxForms
}

// colleagueLine is somebody's place in a function mailbox. The path is empty for whom the
// viewer's pages do not show.
type colleagueLine struct {
	personLine
	Since time.Time
	Asks  bool // wants what came before
	Give  bool // the viewer may be the second of the two that it takes to give that
	Waits bool // the viewer is the first
	Other bool // the viewer has asked, and counts for none of the two
}

func mailboxPath(id mail.ID) string { return "/org/mailbox/" + id.String() }

func (d *Door) mailbox(r *web.Request, id mail.ID) error {
	return d.showMailbox(r, id, http.StatusOK, nil)
}

func (d *Door) showMailbox(r *web.Request, id mail.ID, status int, say *web.Alert) error {
	page := &mailboxPage{Say: say, Self: mailboxPath(id)}
	if say != nil {
		page.Failed = r.Form("form")
	}
	by, err := d.changesOf(r, id)
	if err != nil {
		return err
	}
	me, allowed := actor(r).ID, false
	d.org.Tree(func(t *org.Tree) {
		if allowed = t.OrganisesMailbox(me, id); allowed {
			d.fillMailbox(r, page, t, id, me)
			page.Alarm.Facts = setting{name: mail.SettingAlarm, def: r.T("setting.alarm.off"), changed: by}.facts(r, t)
			page.RulesBy = by[mail.SettingRules]
		}
	})
	if !allowed {
		return absent()
	}
	if page.Letters, page.Ever, err = d.org.CountLetters(r.Context(), id); err != nil {
		return err
	}
	page.Ends = endsWithMailbox(r, page.Letters, len(page.Readers))
	d.endForm(r, page)
	return r.PageWith(status, "admin/mailbox", page)
}

// endForm asks for the last day and the decision.
func (d *Door) endForm(r *web.Request, page *mailboxPage) {
	typed := func(name string) string {
		if page.Failed == "end" {
			return r.Form(name)
		}
		return ""
	}
	page.Last = web.Field{Within: "end", Name: "last", Label: r.T("page.mailboxes.end.last"), Hint: r.T("page.mailboxes.end.last.hint"), Value: typed("last"), Type: "date", Short: true, Required: true}
	page.Disposal = web.Field{Within: "end", Name: "decision", Label: r.T("page.mailboxes.end.decision"), Hint: r.T("page.mailboxes.end.decision.hint"), Value: typed("decision"), Max: 100, Required: true}
}

// fillMailbox reads all that the page shows of the tree.
func (d *Door) fillMailbox(r *web.Request, page *mailboxPage, t *org.Tree, id, me mail.ID) {
	m, _ := t.Mailbox(id) // organised, so there is one
	page.Title, page.Address, page.Since = m.Name, string(m.Address), m.At
	page.LastDay, page.Decision = org.LastMoment(m.Ends), m.Decision
	for _, u := range t.Path(m.Unit) {
		if t.Organises(me, u.ID) {
			page.Crumbs = append(page.Crumbs, web.Crumb{Path: unitPath(u.ID), Name: u.Name})
		}
	}
	u, _ := t.Unit(m.Unit)
	page.Department = place{ID: u.ID.String(), Name: u.Name, Path: unitPath(u.ID), CostCentre: u.CostCentre}
	for _, c := range t.Staff(id) {
		line := colleagueOf(t, c, m.Unit, me)
		if c.Role == mail.MailboxReader {
			page.Readers = append(page.Readers, line)
			page.Asked = page.Asked || c.Asks
		} else {
			page.Substitutes = append(page.Substitutes, line)
		}
	}
	page.Silent = m.Alarm == 0
	page.mailboxForms = d.formsOf(r, page.Failed, t, m, me)
}

func colleagueOf(t *org.Tree, c org.Colleague, unit, me mail.ID) colleagueLine {
	line := colleagueLine{personLine: personOf(org.Line{Person: c.Person, Home: true}), Since: c.Since, Asks: c.Asks}
	if _, has := t.RightOver(me, unit); c.Asks && !c.Asker.IsZero() {
		line.Give = has && c.Asker != me && c.ID != me
		line.Waits, line.Other = has && c.Asker == me, !has && c.Asker == me
	}
	if !t.Sees(me, c.ID) {
		line.Path = ""
	}
	return line
}
