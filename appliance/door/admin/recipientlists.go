package admin

import (
	"net/http"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// outList is the id of the list of suspended recipients. The page has two.
const outList = "out"

// findRecipients searches among those who are invited, or among those who are suspended.
func (d *Door) findRecipients(r *web.Request) error {
	page := func() error { return d.showRecipients(r, http.StatusOK, nil) }
	if r.Form("list") == outList {
		t := suspendedTable(r, nil, false)
		return t.answer(r, func() ([]office.SuspendedRecipient, error) { return d.org.SuspendedRecipients(r.Context(), actor(r)) }, page)
	}
	t := invitedTable(r)
	return t.answer(r, func() ([]office.InvitedRecipient, error) { return d.org.InvitedRecipients(r.Context(), actor(r)) }, page)
}

func invitedTable(r *web.Request) table[office.InvitedRecipient] {
	t := table[office.InvitedRecipient]{
		id: "waiting", self: recipientsPath, post: recipientsPath + "/search", first: "address", file: r.T("table.file.invited"), hint: r.T("table.address.search"),
		find: func(i office.InvitedRecipient) string { return string(i.Address) }, none: r.T("page.recipients.none"), nobody: r.T("table.nothing"),
	}
	t.columns = []column[office.InvitedRecipient]{
		{key: "address", label: r.T("page.admin.address"), cell: func(i office.InvitedRecipient) cell { return cell{Text: string(i.Address)} },
			cmp: func(a, b office.InvitedRecipient) int { return byWords(string(a.Address), string(b.Address)) }},
		{label: r.T("page.mend.phone"), cell: func(i office.InvitedRecipient) cell {
			return cell{Text: r.T("page.account.phone.tail", "Tail", i.Tail)}
		}},
		{key: "until", label: r.T("page.person.state"), cell: func(i office.InvitedRecipient) cell {
			c := cell{Text: r.T("page.recipients.over")}
			if !i.Until.IsZero() {
				c.Text = r.T("page.recipients.until", "Date", r.Printer().Date(i.Until, r.Now()))
			}
			if i.Tried {
				c.Tags, c.Note = []web.Badge{{Tone: web.Warning, Word: r.T("page.recipients.waits")}}, r.T("page.recipients.waits.say")
			}
			return c
		}, cmp: func(a, b office.InvitedRecipient) int { return a.Until.Compare(b.Until) }},
	}
	t.filters = []filter[office.InvitedRecipient]{{key: "state", label: r.T("page.person.state"), options: []web.Option{
		{Label: r.T("table.filter.all")}, {Value: "good", Label: r.T("table.invited.good")}, {Value: "over", Label: r.T("page.recipients.over")}, {Value: "waits", Label: r.T("page.recipients.waits")},
	}, is: func(i office.InvitedRecipient, state string) bool {
		return map[string]bool{"good": !i.Until.IsZero() && !i.Tried, "over": i.Until.IsZero(), "waits": i.Tried}[state]
	}}}
	t.acts = func(i office.InvitedRecipient) []act {
		return []act{
			{Path: recipientsPath + "/again", Name: "person", Value: i.ID.String(), Label: r.T("page.recipients.again"), Who: r.T("page.recipients.again.who", "Address", i.Address)},
			{Path: recipientsPath + "/withdraw", Name: "person", Value: i.ID.String(), Label: r.T("page.recipients.withdraw"), Who: r.T("page.recipients.withdraw.who", "Address", i.Address), Danger: true},
		}
	}
	return t
}

// suspendedTable lists the suspended. What was typed about one may have failed.
func suspendedTable(r *web.Request, f *web.Frame, failed bool) table[office.SuspendedRecipient] {
	t := table[office.SuspendedRecipient]{
		id: outList, pre: "out-", self: recipientsPath, post: recipientsPath + "/search", first: "address", file: r.T("table.file.suspended"), hint: r.T("table.address.search"),
		find: func(o office.SuspendedRecipient) string { return string(o.Address) }, none: r.T("table.suspended.none"), nobody: r.T("table.nothing"),
	}
	t.columns = []column[office.SuspendedRecipient]{
		{key: "address", label: r.T("page.admin.address"), cell: func(o office.SuspendedRecipient) cell { return cell{Text: string(o.Address)} },
			cmp: func(a, b office.SuspendedRecipient) int { return byWords(string(a.Address), string(b.Address)) }},
		{label: r.T("page.recipients.why"), cell: func(o office.SuspendedRecipient) cell { return cell{Text: r.T("page.recipients.why." + string(o.Why))} }},
		{key: "since", label: r.T("page.person.state"), cell: func(o office.SuspendedRecipient) cell { return cell{Text: suspendedState(r, o)} },
			cmp: func(a, b office.SuspendedRecipient) int { return a.Since.Compare(b.Since) }},
	}
	why := filter[office.SuspendedRecipient]{key: "why", label: r.T("page.recipients.why"), options: []web.Option{{Label: r.T("table.filter.all")}},
		is: func(o office.SuspendedRecipient, why string) bool { return string(o.Why) == why }}
	why.options = append(why.options, reasons(r, "")...)
	t.filters = []filter[office.SuspendedRecipient]{why}
	t.acts = func(o office.SuspendedRecipient) []act {
		return []act{{Path: recipientsPath + "/resume", Name: "person", Value: o.ID.String(), Label: r.T("page.recipients.resume"), Who: r.T("page.recipients.resume.who", "Address", o.Address)}}
	}
	t.keep = func(o office.SuspendedRecipient) bool { return failed && r.Form("person") == o.ID.String() }
	t.more = func(o office.SuspendedRecipient) any {
		if !o.May || o.Ending {
			return nil
		}
		return &suspendedView{Frame: f, SuspendedRecipient: o, Failed: t.keep(o),
			Typed: web.Field{Within: o.ID.String(), Name: "typed", Label: r.T("page.recipients.typed"), Type: "email", Max: mail.MaxAddress, Required: true}}
	}
	return t
}

// suspendedState says since when an account is suspended, and when it may be closed.
func suspendedState(r *web.Request, o office.SuspendedRecipient) string {
	date := r.Printer().Date
	switch {
	case o.Ending:
		return r.T("page.recipients.ending")
	case o.May:
		return r.T("page.recipients.since", "Date", date(o.Since, r.Now()))
	}
	return r.T("page.recipients.closes", "Since", date(o.Since, r.Now()), "Date", date(o.Closes, r.Now()))
}
