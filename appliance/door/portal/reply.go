package portal

import (
	"net/http"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

type replyPage struct {
	web.Frame
	Letter  string // path of the letter that is answered
	Sign    string
	Subject string
	Text    web.Field
	Say     *web.Alert
	Max     int64
}

// answering is a letter that is being answered: by a guest, or in a recipient's mailbox.
type answering struct {
	reader desk.Reader
	holder mail.ID
	path   string // of the letter
}

func (v *visit) answering() answering { return answering{v.reader, v.letter.Holder, "/m/letter"} }

func (p *Portal) replyPage(r *web.Request, v *visit) error {
	return p.showReply(r, v.answering(), http.StatusOK, "", "")
}

func (p *Portal) showReply(r *web.Request, a answering, status int, text, fault string) error {
	o, err := p.Desk.Open(r.Context(), a.reader, a.holder)
	if err != nil {
		return err
	}
	if err := p.Desk.Answerable(r.Context(), o.Message); err != nil {
		return err
	}
	return r.PageWith(status, "portal/reply", &replyPage{
		Letter: a.path,
		Sign:   p.Office.LookOf(o.Message.Owner).Sign(), Subject: o.Head.Subject, Max: maxAnswer,
		Text: web.Field{Name: "text", Label: r.T("page.reply.text"), Value: text, Error: fault, Max: maxTyped, Rows: 10, Required: true, Focus: fault != ""},
	})
}

type repliedPage struct {
	web.Frame
	Sign   string
	Letter string // path of the letter that was answered
	Until  time.Time
}

// sendReply takes an answer with its files, each sealed as it arrives.
func (p *Portal) sendReply(r *web.Request, v *visit) error {
	return p.takeReply(r, v.answering(), v.letter.Until)
}

func (p *Portal) takeReply(r *web.Request, a answering, until time.Time) error {
	w, err := p.Desk.Reply(r.Context(), a.reader, a.holder)
	if err != nil {
		return err
	}
	defer w.Cancel(r.Context())
	var t typed
	if err := t.read(r, w); err != nil {
		return err
	}
	if t.empty() {
		return p.showReply(r, a, http.StatusUnprocessableEntity, t.text, r.T("page.reply.empty"))
	}
	if _, err := w.Send(r.Context(), t.text); err != nil {
		return err
	}
	return r.Page("portal/replied", &repliedPage{Sign: p.look(r).Sign(), Letter: a.path, Until: until})
}

type donePage struct {
	web.Frame
	Sign  string
	Until time.Time
	Done  bool
	Back  bool // there is a mailbox to go back to
}

func (p *Portal) donePage(r *web.Request, v *visit) error {
	return r.Page("portal/done", &donePage{Sign: p.look(r).Sign(), Until: v.letter.Until})
}

// done ends the reader's own copy; the house keeps its own, and the page says so.
func (p *Portal) done(r *web.Request, v *visit) error {
	if err := p.Desk.Done(r.Context(), v.reader, v.letter.Holder); err != nil && mail.KindOf(err) != mail.Gone {
		return err
	}
	back := p.goBack(r, v)
	if !back {
		p.end(r)
		r.ClearToken()
	}
	return r.Page("portal/done", &donePage{Sign: p.look(r).Sign(), Done: true, Back: back})
}
