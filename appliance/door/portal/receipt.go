package portal

import (
	"strings"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// ownReceipt is how somebody is told of readings where a letter says nothing of it.
func (p *Portal) ownReceipt(person mail.ID) (chosen mail.ReadReceipt) {
	p.Office.Tree(func(t *org.Tree) {
		if me, err := t.Person(person); err == nil {
			chosen = me.Receipt
		}
	})
	return chosen
}

// receiptChoice is the choice of how somebody is told of readings. An SMS is offered to who
// has proven a phone; of who had one, and has none any more, it is a mail.
func (p *Portal) receiptChoice(r *web.Request, person mail.ID, chosen mail.ReadReceipt) (web.Field, error) {
	f := web.Field{Name: "receipt"}
	phone, err := p.Account.ProvenPhone(r.Context(), person)
	if err != nil {
		return f, err
	}
	if phone == "" {
		chosen = min(chosen, mail.ReceiptMail)
	}
	option := func(v mail.ReadReceipt, label string) {
		f.Options = append(f.Options, web.Option{Value: v.String(), Label: label, Chosen: v == chosen})
	}
	option(mail.ReceiptNone, r.T("receipt.none"))
	option(mail.ReceiptMail, r.T("receipt.mail"))
	if phone == "" {
		f.Hint = r.T("receipt.phone")
		return f, nil
	}
	option(mail.ReceiptSMS, r.T("receipt.sms", "Tail", phone.Tail()))
	if p.SMSPrice > 0 {
		f.Hint = r.T("receipt.price", "Price", r.Printer().Money(p.SMSPrice, p.Currency)) + " "
	}
	f.Hint += r.T("receipt.limit", "Day", access.ReadingsDay)
	return f, nil
}

// accountReceipt is the choice that holds for all of somebody's letters.
func (p *Portal) accountReceipt(r *web.Request, person mail.ID) (web.Field, error) {
	f, err := p.receiptChoice(r, person, p.ownReceipt(person))
	f.Label, f.Hint = r.T("page.account.receipt.label"), strings.TrimSpace(r.T("page.account.receipt.hint")+" "+f.Hint)
	return f, err
}

func (p *Portal) setReceipt(r *web.Request, s *access.Session) error {
	chosen, ok := mail.ParseReadReceipt(r.Form("receipt"))
	if !ok {
		return mail.E(mail.Invalid, "error.invalid", nil)
	}
	if err := p.Account.SetReceipt(r.Context(), s.Person.ID, chosen); err != nil {
		return err
	}
	r.Flash("flash.changed")
	return r.Redirect("/account")
}

// receiptWords says how the sender of a letter is told that it was read; "" if they are not.
func (p *Portal) receiptWords(r *web.Request, person mail.ID, chosen mail.ReadReceipt) (string, error) {
	if chosen == mail.ReceiptNone {
		return "", nil
	}
	phone, err := p.Account.ProvenPhone(r.Context(), person)
	if err != nil || chosen == mail.ReceiptMail || phone == "" {
		return r.T("page.check.receipt.yes"), err
	}
	return r.T("page.check.receipt.sms", "Tail", phone.Tail()), nil
}
