package portal

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// Bounds of feedback, in characters. Contact is one line: a number, an address, or what
// somebody else may be asked for.
const (
	maxFeedback = 4000
	maxContact  = 200
)

// statementPage is the statement on accessibility, with the form for what is in somebody's
// way. The form asks for no account (law 2018:1937 wants that), and for no name.
type statementPage struct {
	web.Frame
	Sign, Phone string // the organisation answers for the pages, not a department
	Host        string
	Swedish     bool // the law and the body of Sweden are named
	S           org.Statement
	Form        bool // somebody can read what is written
	About       web.Field
	Text        web.Field
	Contact     web.Field
	Say         *web.Alert
}

// IsPartly and IsFully say how far the pages meet the law; else they do not.
func (p *statementPage) IsPartly() bool { return p.S.Meets == org.MeetsPartly }
func (p *statementPage) IsFully() bool  { return p.S.Meets == org.MeetsFully }

func (p *Portal) accessibility(r *web.Request) error {
	return p.showStatement(r, http.StatusOK, "", nil)
}

func (p *Portal) showStatement(r *web.Request, status int, fault string, say *web.Alert) error {
	s, err := p.Office.Statement(r.Context())
	if err != nil {
		return err
	}
	_, err = p.Office.FeedbackTo(r.Context())
	if err != nil && mail.KindOf(err) != mail.Absent {
		return err
	}
	page := &statementPage{
		Sign: p.look(r).House, Phone: p.look(r).Phone, Host: strings.TrimPrefix(strings.TrimPrefix(p.Origin, "https://"), "http://"),
		Swedish: p.Country == "SE", S: s, Form: err == nil, Say: say,
	}
	page.About = web.Field{Name: "about", Label: r.T("page.feedback.about"), Options: []web.Option{
		{Value: "obstacle", Label: r.T("page.feedback.obstacle")}, {Value: "format", Label: r.T("page.feedback.format"), Chosen: r.Form("about") == "format"},
	}}
	page.Text = web.Field{Name: "text", Label: r.T("page.feedback.text"), Hint: r.T("page.feedback.text.hint"), Value: r.Form("text"), Error: fault, Max: maxFeedback, Rows: 6, Required: true, Focus: fault != ""}
	page.Contact = web.Field{Name: "contact", Label: r.T("page.feedback.contact"), Hint: r.T("page.feedback.contact.hint"), Value: r.Form("contact"), Max: maxContact}
	return r.PageWith(status, "portal/accessibility", page)
}

// feedback seals what somebody has written into the mailbox that the house has chosen. Nothing
// of it stands in a header: the subject and the sender are ours.
func (p *Portal) feedback(r *web.Request) error {
	text, contact := strings.TrimSpace(strings.ReplaceAll(r.Form("text"), "\r\n", "\n")), strings.Join(strings.Fields(r.Form("contact")), " ")
	switch {
	case text == "":
		return p.showStatement(r, http.StatusUnprocessableEntity, r.T("page.feedback.empty"), nil)
	case utf8.RuneCountInString(text) > maxFeedback || utf8.RuneCountInString(contact) > maxContact:
		return p.showStatement(r, http.StatusUnprocessableEntity, r.T("page.feedback.long"), nil)
	}
	to, err := p.Office.FeedbackTo(r.Context())
	if err != nil {
		return err
	}
	err = p.Strangers.Take(r.Context(), r.Address())
	if mail.KindOf(err) == mail.Busy {
		return p.showStatement(r, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	about := r.T("page.feedback.obstacle")
	if r.Form("about") == "format" {
		about = r.T("page.feedback.format")
	}
	if contact == "" {
		contact = r.T("page.feedback.nocontact")
	}
	err = p.Desk.HandIn(r.Context(), to, &mail.Draft{
		From: p.FormFrom, FromName: r.T("page.feedback.from"), Subject: r.T("page.feedback.subject"),
		Text: about + "\n\n" + text + "\n\n" + r.T("page.feedback.contact") + ": " + contact + "\n",
	})
	if err != nil {
		return err
	}
	return r.Page("portal/thanks", &statementPage{Sign: p.look(r).House, Phone: p.look(r).Phone})
}
