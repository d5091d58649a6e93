package admin

import (
	"slices"
	"strconv"
	"strings"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// mailboxForms are the forms of a function mailbox's page.
type mailboxForms struct {
	Name, Unit, Alarm  web.Field
	Rules              []tick
	Reader, Substitute web.Field
	From               []tick // since when somebody reads there
	RulesBy            string // who changed the rules last
}

// tick is what a form lets tick: a box, or one of several.
type tick struct {
	Type, Name, Value, Label, Hint string
	On                             bool
	Facts                          []string // see web.Field
}

// ID returns the id of the input.
func (t tick) ID() string { return "f-" + t.Name + "-" + t.Value }

// DescribedBy returns what a screen reader reads beside the label.
func (t tick) DescribedBy() string { return t.ID() + "-hint" }

// rules are what a function mailbox does by itself, as a form names it.
func rules() []struct {
	name, label, hint string
	bit               mail.MailboxRules
} {
	return []struct {
		name, label, hint string
		bit               mail.MailboxRules
	}{
		{"writer", "page.mailboxes.writer", "page.mailboxes.writer.hint", mail.AnswersToWriter},
		{"unit", "page.mailboxes.unit", "page.mailboxes.unit.hint", mail.AnswersFromUnit},
		{"address", "page.mailboxes.tell", "page.mailboxes.tell.hint", mail.TellAddress},
	}
}

// formsOf are the forms, with what was typed into the one that has failed.
func (d *Door) formsOf(r *web.Request, failed string, t *org.Tree, m org.Mailbox, me mail.ID) (f mailboxForms) {
	typed := func(form, name, before string) string {
		if failed == form {
			return r.Form(name)
		}
		return before
	}
	chosen := m.Unit
	if failed == "change" {
		m.Rules = ticked(r)
		if to, err := mail.ParseID(r.Form("unit")); err == nil {
			chosen = to
		}
	}
	f.Name = web.Field{Within: "change", Name: "name", Label: r.T("page.unit.name"), Hint: r.T("page.mailboxes.name.hint"), Value: typed("change", "name", m.Name), Max: org.MaxName, Required: true}
	f.Unit = web.Field{Within: "change", Name: "unit", Label: r.T("page.unit.department"), Hint: r.T("page.mailboxes.department.hint"), Options: choices(t, me, chosen, func(n org.Node) bool { return n.Kind == mail.Department })}
	f.Alarm = web.Field{Within: "change", Name: "alarm", Label: r.T("page.mailboxes.alarm"), Hint: r.T("page.mailboxes.alarm.hint", "Most", org.MaxAlarm), Value: typed("change", "alarm", strconv.Itoa(m.Alarm)), Mode: "numeric", Pattern: "[0-9]*", Max: 2, Short: true, Required: true}
	for _, x := range rules() {
		f.Rules = append(f.Rules, tick{"checkbox", "rule", x.name, r.T(x.label), r.T(x.hint), m.Rules&x.bit != 0, setting{def: r.T("setting.off")}.facts(r, t)})
	}
	start := typed("reader", "from", "") == "start"
	f.From = []tick{
		{"radio", "from", "now", r.T("page.mailboxes.now"), r.T("page.mailboxes.now.hint"), !start, nil},
		{"radio", "from", "start", r.T("page.mailboxes.start"), r.T("page.mailboxes.start.hint"), start, nil},
	}
	f.Reader = web.Field{Within: "reader", Name: "address", Label: r.T("page.admin.address"), Value: typed("reader", "address", ""), Type: "email", Max: mail.MaxAddress, Required: true}
	f.Substitute = web.Field{Within: "substitute", Name: "address", Label: r.T("page.admin.address"), Value: typed("substitute", "address", ""), Type: "email", Max: mail.MaxAddress, Required: true}
	return f
}

// ticked are the rules that a form asks for.
func ticked(r *web.Request) (to mail.MailboxRules) {
	for _, x := range rules() {
		if slices.Contains(r.FormAll("rule"), x.name) {
			to |= x.bit
		}
	}
	return to
}

// workdays reads how long a letter may lie unread. The error is Invalid; the bounds are
// org's.
func workdays(s string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return 0, mail.E(mail.Invalid, "error.mailbox.alarm", nil)
	}
	return n, nil
}
