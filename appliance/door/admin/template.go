package admin

import (
	"net/http"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

// templatesPage is what a unit keeps for letters, to who organises it: texts to begin with,
// and what stands below.
type templatesPage struct {
	web.Frame
	Say       *web.Alert
	Crumbs    []web.Crumb
	Self      string // path
	Name      string // of the unit
	List      *tableView
	Add       templateForm
	Signature web.Field
}

// templateLine is what can be changed of a text.
type templateLine struct {
	*web.Frame
	ID, Name, Self string
	Form           templateForm
	Failed         bool // what was typed about it has come to nothing
}

type templateForm struct{ Name, Subject, Text web.Field }

func templatesPath(unit mail.ID) string { return unitPath(unit) + "/templates" }

func (d *Door) templates(r *web.Request, id mail.ID) error {
	return d.showTemplates(r, id, http.StatusOK, nil)
}

func (d *Door) showTemplates(r *web.Request, id mail.ID, status int, say *web.Alert) error {
	u, err := d.unitOf(r, id)
	if err != nil {
		return err
	}
	list, err := d.org.Templates(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	signature, err := d.org.UnitSignature(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	page := &templatesPage{Say: say, Self: templatesPath(id), Name: u.Name, Crumbs: []web.Crumb{{Path: unitPath(id), Name: u.Name}}}
	t := templateTable(r, &page.Frame, id, say != nil)
	page.List = t.show(r, &page.Frame, list)
	page.Add = templateFields(r, "add", say != nil && r.Form("form") == "add", office.Template{})
	if say != nil && r.Form("form") == "signature" {
		signature = r.Form("signature")
	}
	hint := "page.templates.signature.hint"
	if u.Kind == mail.Group {
		hint = "page.templates.signature.hint.group"
	}
	page.Signature = web.Field{Name: "signature", Label: r.T("page.templates.signature"), Hint: r.T(hint), Value: signature, Max: org.MaxSignature, Rows: 4}
	by, err := d.changesOf(r, id)
	if err != nil {
		return err
	}
	if said := by[mail.SettingSignature]; said != "" {
		page.Signature.Facts = []string{said}
	}
	return r.PageWith(status, "admin/templates", page)
}

// findTemplates searches the texts.
func (d *Door) findTemplates(r *web.Request, id mail.ID) error {
	if _, err := d.unitOf(r, id); err != nil {
		return err
	}
	t := templateTable(r, nil, id, false)
	return t.answer(r, func() ([]office.Template, error) { return d.org.Templates(r.Context(), actor(r), id) }, func() error { return d.templates(r, id) })
}

// templateTable is the list of texts. What was typed about one may have failed.
func templateTable(r *web.Request, f *web.Frame, unit mail.ID, failed bool) table[office.Template] {
	self := templatesPath(unit)
	t := table[office.Template]{
		id: "templates", self: self, post: self + "/search", first: "name", file: r.T("table.file.templates"), hint: r.T("table.templates.search"),
		find: func(t office.Template) string { return t.Name + "\n" + t.Subject + "\n" + t.Text }, none: r.T("page.templates.none"), nobody: r.T("table.nothing"),
	}
	t.columns = []column[office.Template]{
		{key: "name", label: r.T("page.templates.name"), cell: func(t office.Template) cell { return cell{Text: t.Name} }, cmp: func(a, b office.Template) int { return byWords(a.Name, b.Name) }},
		{key: "subject", label: r.T("page.write.subject"), cell: func(t office.Template) cell { return cell{Text: t.Subject} }, cmp: func(a, b office.Template) int { return byWords(a.Subject, b.Subject) }},
	}
	t.extra = []column[office.Template]{{label: r.T("page.write.text"), cell: func(t office.Template) cell { return cell{Text: t.Text} }}}
	t.keep = func(x office.Template) bool { return failed && r.Form("entry") == x.ID.String() }
	t.more = func(x office.Template) any {
		return &templateLine{Frame: f, ID: x.ID.String(), Name: x.Name, Self: self, Failed: t.keep(x), Form: templateFields(r, x.ID.String(), t.keep(x), x)}
	}
	return t
}

// templateFields is a form, with what was typed if it has failed.
func templateFields(r *web.Request, within string, failed bool, t office.Template) templateForm {
	if failed {
		t.Name, t.Subject, t.Text = r.Form("name"), r.Form("subject"), r.Form("text")
	}
	return templateForm{
		Name:    web.Field{Within: within, Name: "name", Label: r.T("page.templates.name"), Hint: r.T("page.templates.name.hint"), Value: t.Name, Max: org.MaxName, Required: true},
		Subject: web.Field{Within: within, Name: "subject", Label: r.T("page.write.subject"), Value: t.Subject, Max: org.MaxSubject},
		Text:    web.Field{Within: within, Name: "text", Label: r.T("page.write.text"), Value: t.Text, Max: org.MaxTemplate, Rows: 8},
	}
}

func templateTyped(r *web.Request) mail.TemplateColumns {
	return mail.TemplateColumns{Name: r.Form("name"), Subject: r.Form("subject"), Text: r.Form("text")}
}

func (d *Door) againTemplates(r *web.Request, id mail.ID) func(int, *web.Alert) error {
	return func(status int, say *web.Alert) error { return d.showTemplates(r, id, status, say) }
}

func (d *Door) addTemplate(r *web.Request, id mail.ID) error {
	_, err := d.org.AddTemplate(r.Context(), actor(r), id, templateTyped(r))
	return done(r, err, "flash.template.added", templatesPath(id), d.againTemplates(r, id))
}

func (d *Door) changeTemplate(r *web.Request, id mail.ID) error {
	entry, err := mail.ParseID(r.Form("entry"))
	if err != nil {
		return err
	}
	err = d.org.ChangeTemplate(r.Context(), actor(r), id, entry, templateTyped(r))
	return done(r, err, "flash.changed", templatesPath(id), d.againTemplates(r, id))
}

func (d *Door) removeTemplate(r *web.Request, id mail.ID) error {
	entry, err := mail.ParseID(r.Form("entry"))
	if err != nil {
		return err
	}
	err = d.org.RemoveTemplate(r.Context(), actor(r), id, entry)
	return done(r, err, "flash.template.removed", templatesPath(id), d.againTemplates(r, id))
}

func (d *Door) setSignature(r *web.Request, id mail.ID) error {
	err := d.org.SetUnitSignature(r.Context(), actor(r), id, r.Form("signature"))
	return done(r, err, "flash.changed", templatesPath(id), d.againTemplates(r, id))
}
