package portal

import (
	"strings"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// writeBack begins the answer to a letter that came: a draft to its sender, from the mailbox
// in which the letter lies. The text of the letter stays where it is: whoever answers sees it
// in the conversation, and a copy would live as long as the answer.
func (p *Portal) writeBack(r *web.Request, who desk.Reader, id mail.ID) error {
	o, err := p.Desk.Open(r.Context(), who, id)
	if err != nil {
		return err
	}
	if !answerable(o) {
		return mail.E(mail.Invalid, "error.invalid", nil)
	}
	b, err := p.boxOwned(who, o.Holder.Owner)
	if err != nil {
		return err
	}
	form, err := p.blank(r, b)
	if err != nil {
		return err
	}
	form.To = []mail.FormTo{{Address: string(o.Head.From)}}
	form.Subject = regarding(o.Head.Subject)
	draft, err := p.Desk.WriteBack(r.Context(), who, id, form)
	if err != nil {
		return err
	}
	return r.Redirect("/write/" + draft.String())
}

// answerable reports whether a letter came from somebody to whom one can write.
func answerable(o *mail.Opened) bool { return !sentByHim(o) && o.Head.From != "" }

// regarding is the subject of an answer (RFC 5322, 3.6.5).
func regarding(subject string) string {
	if strings.HasPrefix(subject, "Re: ") {
		return subject
	}
	return "Re: " + subject
}
