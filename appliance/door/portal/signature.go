package portal

import (
	"net/http"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// signature is the field of what stands below a person's own letters; without a name for
// somebody who writes none here.
func (p *Portal) signature(r *web.Request, s *access.Session) (f web.Field, err error) {
	if s.Person.Kind == mail.RecipientPerson {
		return f, nil
	}
	f = web.Field{Name: "signature", Label: r.T("page.account.signature.label"), Hint: r.T("page.account.signature.hint"), Max: org.MaxSignature, Rows: 4}
	f.Value, err = p.Account.OwnSignature(r.Context(), s.Person.ID)
	return f, err
}

// setSignature keeps it. With a fault the page comes again with what was typed.
func (p *Portal) setSignature(r *web.Request, s *access.Session) error {
	err := p.Account.SetOwnSignature(r.Context(), s.Person.ID, r.Form("signature"))
	if mail.KindOf(err) == mail.Invalid {
		page, e := p.accountOf(r, s)
		if e != nil {
			return e
		}
		page.Signature.Value, page.Signature.Error, page.Signature.Focus = r.Form("signature"), r.Sentence(err), true
		return r.PageWith(http.StatusUnprocessableEntity, "portal/account", page)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.changed")
	return r.Redirect("/account")
}
