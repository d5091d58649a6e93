package portal

import (
	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// each is ToldEach as a form has it: a field without a value looks like none.
const each = "each"

// told is the choice of when somebody of the house gets a mail about new letters.
func (p *Portal) told(r *web.Request, person mail.ID) web.Field {
	var chosen mail.Told
	p.Office.Tree(func(t *org.Tree) {
		if me, err := t.Person(person); err == nil {
			chosen = me.Told
		}
	})
	f := web.Field{Name: "told", Label: r.T("page.account.told.label"), Hint: r.T("page.account.told.hint")}
	f.Options = []web.Option{
		{Value: each, Label: r.T("page.account.told.each"), Chosen: chosen == mail.ToldEach},
		{Value: string(mail.ToldDaily), Label: r.T("page.account.told.daily"), Chosen: chosen == mail.ToldDaily},
		{Value: string(mail.ToldNever), Label: r.T("page.account.told.never"), Chosen: chosen == mail.ToldNever},
	}
	return f
}

func (p *Portal) setTold(r *web.Request, s *access.Session) error {
	told := mail.Told(r.Form("told"))
	switch told {
	case each:
		told = mail.ToldEach
	case mail.ToldEach:
		return mail.E(mail.Invalid, "error.invalid", nil)
	}
	if err := p.Account.SetTold(r.Context(), s.Person.ID, told); err != nil {
		return err
	}
	r.Flash("flash.changed")
	return r.Redirect("/account")
}
