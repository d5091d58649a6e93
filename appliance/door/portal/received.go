package portal

import (
	"net/http"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// isRecipient reports whether a registered recipient is signed in, who sees their own
// letters and account and nothing of the house.
func isRecipient(s *access.Session) bool { return s.Person.Kind == mail.RecipientPerson }

// receivedPage is one letter in a registered recipient's mailbox.
type receivedPage struct {
	web.Frame
	ID      string
	Letter  letterView
	Answers answersView
	Own     bool // they have written it
	Closed  bool // nobody is there to be answered
	Trashed bool
	Lies    bool   // in the inbox
	List    string // that it lies in
	To      string // of what they have written
}

func (p *Portal) received(r *web.Request, who desk.Reader, id mail.ID) error {
	o, err := p.Desk.Open(r.Context(), who, id)
	if err != nil {
		return err
	}
	page := &receivedPage{
		ID: id.String(), Letter: p.view(r, o, "/mail/"+id.String()), Trashed: o.Holder.Folder == mail.Trash, Lies: o.Holder.Folder == mail.Inbox, List: "/mail",
		Own: o.Message.Way == mail.In, To: people(o.Head.To),
	}
	if !page.Own {
		page.Answers.Path = "/mail/"
		if page.Answers.List, err = p.Desk.Answers(r.Context(), who, id); err != nil {
			return err
		}
		if page.Closed, err = p.closed(r, o.Message); err != nil {
			return err
		}
	}
	return r.Page("portal/received", page)
}

// replyFromMailbox and sendFromMailbox are how a letter in a recipient's mailbox is
// answered. Whether it may be the desk finds out by whose copy it is.
func (p *Portal) replyFromMailbox(r *web.Request, who desk.Reader, id mail.ID) error {
	return p.showReply(r, answering{who, id, "/mail/" + id.String()}, http.StatusOK, "", "")
}

func (p *Portal) sendFromMailbox(r *web.Request, who desk.Reader, id mail.ID) error {
	o, err := p.Desk.Open(r.Context(), who, id)
	if err != nil {
		return err
	}
	return p.takeReply(r, answering{who, id, "/mail/" + id.String()}, o.Holder.Due())
}
