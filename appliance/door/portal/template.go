package portal

import (
	"strings"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

// templatePage asks what becomes of a text that is there already when a template is chosen.
type templatePage struct {
	web.Frame
	Draft string
	Self  string // path
	Name  string // of the template
	Text  string // of the template
}

// writer is in whose name a letter is written.
func (b boxView) writer(who desk.Reader) org.Writer {
	return org.Writer{Person: who.ID, Mailbox: b.ID}
}

// blank is a letter in which nothing has been written yet: what stands below it is there.
func (p *Portal) blank(r *web.Request, b boxView) (mail.Form, error) {
	s, err := p.Office.SignatureFor(r.Context(), b.writer(p.reader(r)))
	return mail.Form{Text: above("", s), Receipt: p.ownReceipt(p.reader(r).ID)}, err
}

// above puts a text above a signature.
func above(text, signature string) string {
	if signature == "" {
		return text
	}
	return text + "\n\n" + signature
}

// body is a text without the signature, if that is how it ends.
func body(text, signature string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), strings.TrimSpace(signature)))
}

// templates is the choice of a template; without options where there is none.
func (p *Portal) templates(r *web.Request, b boxView) (f web.Field, err error) {
	list, err := p.Office.TemplatesFor(r.Context(), b.writer(p.reader(r)))
	if err != nil || len(list) == 0 {
		return f, err
	}
	f = web.Field{Name: "template", Label: r.T("page.write.template"), Options: []web.Option{{Label: r.T("page.write.template.none")}}}
	for _, t := range list {
		f.Options = append(f.Options, web.Option{Value: t.ID.String(), Label: r.T("page.write.template.of", "Name", t.Name, "Unit", t.Unit.Name)})
	}
	return f, nil
}

// with puts a template into a form. keep leaves what is written there, above it.
func with(f mail.Form, t office.Template, signature string, keep bool) mail.Form {
	if f.Subject == "" || t.Subject != "" && !keep {
		f.Subject = t.Subject
	}
	text := t.Text
	if have := body(f.Text, signature); keep && have != "" {
		text = have + "\n\n" + text
	}
	f.Text = above(text, signature)
	return f
}

// beginWith puts a template into a draft in which nothing is written, and else asks first.
func (p *Portal) beginWith(r *web.Request, who desk.Reader, id mail.ID, template string) error {
	u, err := p.Desk.Draft(r.Context(), who, id)
	if err != nil {
		return err
	}
	if template == "" {
		return p.refill(r, who, u, mail.E(mail.Invalid, "error.template.choose", nil))
	}
	t, signature, err := p.templateOf(r, who, id, template)
	if err != nil {
		return err
	}
	if body(u.Form.Text, signature) != "" {
		return r.Redirect("/write/" + id.String() + "/template/" + t.ID.String())
	}
	if err := p.Desk.SaveDraft(r.Context(), who, id, with(u.Form, t, signature, false), desk.Version(u.Form)); err != nil {
		return err
	}
	return r.Redirect("/write/" + id.String())
}

// templateOf returns a template that who writes a draft may begin with, and what is to
// stand below.
func (p *Portal) templateOf(r *web.Request, who desk.Reader, draft mail.ID, template string) (t office.Template, signature string, err error) {
	id, err := mail.ParseID(template)
	if err != nil {
		return t, "", err
	}
	b, err := p.boxOf(r.Context(), who, draft)
	if err != nil {
		return t, "", err
	}
	if t, err = p.Office.TemplateFor(r.Context(), b.writer(who), id); err != nil {
		return t, "", err
	}
	signature, err = p.Office.SignatureFor(r.Context(), b.writer(who))
	return t, signature, err
}

func (p *Portal) templatePage(r *web.Request, who desk.Reader, id mail.ID) error {
	if _, err := p.Desk.Draft(r.Context(), who, id); err != nil {
		return err
	}
	t, _, err := p.templateOf(r, who, id, r.Param("template"))
	if err != nil {
		return err
	}
	at := "/write/" + id.String()
	return r.Page("portal/template", &templatePage{Draft: at, Self: at + "/template/" + t.ID.String(), Name: t.Name, Text: t.Text})
}

// useTemplate does what was answered: the template in place of the text, or below it.
func (p *Portal) useTemplate(r *web.Request, who desk.Reader, id mail.ID) error {
	u, err := p.Desk.Draft(r.Context(), who, id)
	if err != nil {
		return err
	}
	t, signature, err := p.templateOf(r, who, id, r.Param("template"))
	if err != nil {
		return err
	}
	if err := p.Desk.SaveDraft(r.Context(), who, id, with(u.Form, t, signature, r.Form("do") != "replace"), desk.Version(u.Form)); err != nil {
		return err
	}
	return r.Redirect("/write/" + id.String())
}
