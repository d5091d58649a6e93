package portal

import (
	"cmp"
	"net/http"
	"strings"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// toHousePage lists to whom a registered recipient may write: who has written to them.
type toHousePage struct {
	web.Frame
	List []toHouse
	Left mail.Allowance
}

type toHouse struct{ ID, Name string }

func (p *Portal) toHouse(r *web.Request) error {
	who := p.reader(r)
	list, err := p.Desk.Correspondents(r.Context(), who)
	if err != nil {
		return err
	}
	page := &toHousePage{}
	if page.Left, err = p.Desk.Allowance(r.Context(), who.ID); err != nil {
		return err
	}
	for _, c := range list {
		page.List = append(page.List, toHouse{c.ID.String(), cmp.Or(c.Name, string(c.Address))})
	}
	return r.Page("portal/tohouse", page)
}

// writeInPage is a letter to one of them.
type writeInPage struct {
	web.Frame
	To, Form string
	Subject  web.Field
	Text     web.Field
	Say      *web.Alert
	Max      int64
}

func (p *Portal) writeInPage(r *web.Request, who desk.Reader, to mail.ID) error {
	return p.showWriteIn(r, who, to, http.StatusOK, typed{}, nil, "")
}

func (p *Portal) showWriteIn(r *web.Request, who desk.Reader, to mail.ID, status int, t typed, say *web.Alert, fault string) error {
	c, err := p.Desk.Correspondent(r.Context(), who, to)
	if err != nil {
		return err
	}
	return r.PageWith(status, "portal/writein", &writeInPage{
		To: cmp.Or(c.Name, string(c.Address)), Form: "/mail/new/" + to.String(), Say: say, Max: maxAnswer,
		Subject: web.Field{Name: "subject", Label: r.T("page.writein.subject"), Hint: r.T("page.write.subject.hint"), Value: t.subject, Max: maxSubject},
		Text:    web.Field{Name: "text", Label: r.T("page.writein.text"), Value: t.text, Error: fault, Max: maxTyped, Rows: 10, Required: true, Focus: fault != ""},
	})
}

// sendIn takes a letter with its files, each sealed as it arrives.
func (p *Portal) sendIn(r *web.Request, who desk.Reader, to mail.ID) error {
	var t typed
	s, err := p.Office.Owner(r.Context(), who.ID)
	if err != nil {
		return err
	}
	w, err := p.Desk.WriteIn(r.Context(), who, to, s.Profile, func() string { return strings.TrimSpace(t.subject) })
	if mail.KindOf(err) == mail.Invalid { // this week's are used up
		return p.showWriteIn(r, who, to, http.StatusUnprocessableEntity, t, &web.Alert{Tone: web.Warning, Text: r.Sentence(err)}, "")
	}
	if err != nil {
		return err
	}
	defer w.Cancel(r.Context())
	if err := t.read(r, w); err != nil {
		return err
	}
	if t.empty() {
		return p.showWriteIn(r, who, to, http.StatusUnprocessableEntity, t, nil, r.T("page.reply.empty"))
	}
	if _, err := w.Send(r.Context(), t.text); err != nil {
		return err
	}
	r.Flash("flash.sent")
	return r.Redirect("/mail/sent")
}
