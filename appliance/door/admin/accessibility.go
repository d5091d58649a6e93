package admin

import (
	"context"
	"net/http"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// Statements is what the page asks of the statement on accessibility; office.Office does it.
type Statements interface {
	Statement(ctx context.Context) (org.Statement, error)
	SetStatement(ctx context.Context, by mail.Actor, s org.Statement) error
}

const statementPath = "/admin/accessibility"

// statementPage is the facts of which the statement is made. What is left empty the page
// fills with what is true of the product.
type statementPage struct {
	web.Frame
	Say     *web.Alert
	S       org.Statement
	Swedish bool // the supervising body is known
	Fields  []web.Field
	Changed string // by whom and when; "" if nobody has
}

func (d *Door) statementPage(r *web.Request) error {
	s, err := d.statements.Statement(r.Context())
	if err != nil {
		return err
	}
	return d.showStatement(r, http.StatusOK, s, nil)
}

func (d *Door) showStatement(r *web.Request, status int, s org.Statement, say *web.Alert) error {
	text := func(name, value string) web.Field {
		return web.Field{Name: name, Label: r.T("page.statement." + name), Hint: r.T("page.statement." + name + ".hint"), Value: value, Rows: 4, Max: org.MaxStatement}
	}
	page := &statementPage{Say: say, S: s, Swedish: d.country == "SE"}
	by, err := d.changesOf(r, mail.RootUnit)
	if err != nil {
		return err
	}
	page.Changed = by[mail.SettingStatement]
	standard := func(key string) []string { return []string{r.T("setting.default", "Value", r.T(key))} }
	on := d.day(s.On)
	if say != nil {
		on = r.Form("on") // what is no day stays there to be mended
	}
	page.Fields = []web.Field{
		{Name: "meets", Label: r.T("page.statement.meets"), Options: meetsOptions(r, s.Meets), Facts: standard("meets.partly")},
		text("lacks", s.Lacks), text("burden", s.Burden), text("outside", s.Outside), text("tested", s.Tested),
		{Name: "on", Label: r.T("page.statement.on"), Value: on, Type: "date", Short: true},
	}
	if !page.Swedish {
		page.Fields = append(page.Fields,
			web.Field{Name: "body", Label: r.T("page.statement.body"), Value: s.Body, Max: org.MaxName},
			web.Field{Name: "bodyurl", Label: r.T("page.statement.bodyurl"), Value: s.BodyURL, Type: "url", Max: 300},
			web.Field{Name: "official", Label: r.T("page.statement.official"), Hint: r.T("page.statement.official.hint"), Value: s.Official, Type: "url", Max: 300})
	}
	page.Fields = append(page.Fields, web.Field{Name: "mailbox", Label: r.T("page.statement.mailbox"), Hint: r.T("page.statement.mailbox.hint"), Options: d.mailboxOptions(r, s.Mailbox), Facts: standard("page.statement.mailbox.none")})
	return r.PageWith(status, "admin/accessibility", page)
}

func meetsOptions(r *web.Request, chosen org.Conformance) (list []web.Option) {
	for _, c := range []org.Conformance{org.MeetsPartly, org.MeetsFully, org.MeetsNot} {
		list = append(list, web.Option{Value: string(c), Label: r.T("meets." + string(c)), Chosen: c == chosen})
	}
	return list
}

// mailboxOptions are the function mailboxes to which feedback can come, behind none of them.
func (d *Door) mailboxOptions(r *web.Request, chosen mail.ID) []web.Option {
	list := []web.Option{{Value: "", Label: r.T("page.statement.mailbox.none")}}
	d.org.Tree(func(t *org.Tree) {
		for _, m := range t.AllMailboxes() {
			list = append(list, web.Option{Value: m.ID.String(), Label: m.Name, Chosen: m.ID == chosen})
		}
	})
	return list
}

func (d *Door) setStatement(r *web.Request) (err error) {
	s := org.Statement{
		Meets: org.Conformance(r.Form("meets")), Lacks: r.Form("lacks"), Burden: r.Form("burden"), Outside: r.Form("outside"), Tested: r.Form("tested"),
		Body: r.Form("body"), BodyURL: r.Form("bodyurl"), Official: r.Form("official"),
	}
	if s.On, err = d.date(r.Form("on")); err == nil && r.Form("mailbox") != "" {
		s.Mailbox, err = mail.ParseID(r.Form("mailbox"))
	}
	if err == nil {
		err = d.statements.SetStatement(r.Context(), actor(r), s)
	}
	return done(r, err, "flash.changed", statementPath, func(status int, say *web.Alert) error { return d.showStatement(r, status, s, say) })
}
