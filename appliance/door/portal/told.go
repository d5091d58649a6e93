package portal

import (
	"slices"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// each is ToldEach as a form has it: a field without a value looks like none.
const each = "each"

// told are the choices of when somebody of the house gets a mail about new letters: of their
// own, and of function mailboxes if they read in one.
func (p *Portal) told(r *web.Request, person mail.ID) []web.Field {
	own, shared, reads := p.toldNow(person)
	list := []web.Field{{Name: "told", Label: r.T("page.account.told.label"), Hint: r.T("page.account.told.hint"), Options: toldOptions(r, own)}}
	if reads {
		list = append(list, web.Field{Name: "shared", Label: r.T("page.account.told.shared"), Hint: r.T("page.account.told.shared.hint"), Options: toldOptions(r, shared)})
	}
	return list
}

// toldNow is what somebody has chosen, and whether they read in a function mailbox that tells its readers.
func (p *Portal) toldNow(person mail.ID) (own, shared mail.Told, reads bool) {
	p.Office.Tree(func(t *org.Tree) {
		if me, err := t.Person(person); err == nil {
			own, shared = me.Told, me.Shared
			// Of one whose mails go to its own address nobody is told.
			reads = slices.ContainsFunc(t.MailboxesOf(person), func(m org.Mailbox) bool { return m.Rules&mail.TellAddress == 0 })
		}
	})
	return own, shared, reads
}

func toldOptions(r *web.Request, chosen mail.Told) []web.Option {
	return []web.Option{
		{Value: each, Label: r.T("page.account.told.each"), Chosen: chosen == mail.ToldEach},
		{Value: string(mail.ToldDaily), Label: r.T("page.account.told.daily"), Chosen: chosen == mail.ToldDaily},
		{Value: string(mail.ToldNever), Label: r.T("page.account.told.never"), Chosen: chosen == mail.ToldNever},
	}
}

func (p *Portal) setTold(r *web.Request, s *access.Session) error {
	_, shared, reads := p.toldNow(s.Person.ID)
	own, err := toldIn(r.Form("told"))
	if given := r.Form("shared"); err == nil && reads && given != "" { // a page of before may lack it
		shared, err = toldIn(given)
	}
	if err != nil {
		return err
	}
	if err := p.Account.SetTold(r.Context(), s.Person.ID, own, shared); err != nil {
		return err
	}
	r.Flash("flash.changed")
	return r.Redirect("/account")
}

// toldIn is a choice as a form has it. The error is Invalid for a field that is missing.
func toldIn(value string) (mail.Told, error) {
	switch value {
	case each:
		return mail.ToldEach, nil
	case "":
		return "", mail.E(mail.Invalid, "error.invalid", nil)
	}
	return mail.Told(value), nil
}
