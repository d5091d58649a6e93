package portal

import (
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// threadView is another letter of the conversation that a letter belongs to.
type threadView struct {
	Path    string
	Who     string
	Subject string
	At      time.Time
	Unread  bool
	Mine    bool // somebody of the mailbox has sent it
	Whole   bool // with its text, folded
	Text    string
}

// conversation returns the other letters of a conversation, the newest first.
func (p *Portal) conversation(r *web.Request, who desk.Reader, id mail.ID) ([]threadView, error) {
	list, err := p.Desk.Thread(r.Context(), who, id)
	if err != nil {
		return nil, err
	}
	var views []threadView
	for _, t := range list {
		v := threadView{
			Path: "/mail/" + t.Holder.ID.String(), Who: t.Head.FromName, Subject: t.Head.Subject, At: t.Message.At,
			Mine: t.Holder.House && t.Message.Way != mail.In, Whole: t.Whole, Text: t.Text,
		}
		v.Unread = t.Holder.Unread() && !v.Mine
		if v.Who == "" {
			v.Who = string(t.Head.From)
		}
		views = append(views, v)
	}
	return views, nil
}
