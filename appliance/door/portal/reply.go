package portal

import (
	"io"
	"net/http"
	"strings"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// maxText bounds a text that somebody writes in the portal, in bytes. maxTyped is what
// a field takes, so that nobody writes in vain: browsers count in UTF-16, of which a
// unit is at most three bytes.
const (
	maxText  = 256 << 10
	maxTyped = maxText / 3
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
		Sign:   p.House.Sign, Subject: o.Head.Subject, Max: maxAnswer,
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
	text, files, err := takeUpload(r, w)
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" && files == 0 {
		return p.showReply(r, a, http.StatusUnprocessableEntity, text, r.T("page.reply.empty"))
	}
	if _, err := w.Send(r.Context(), text); err != nil {
		return err
	}
	return r.Page("portal/replied", &repliedPage{Sign: p.House.Sign, Letter: a.path, Until: until})
}

// takeUpload reads the field "text" and the files "files" of an upload. An empty file
// field, as browsers send it when nothing was picked, is none.
func takeUpload(r *web.Request, w *desk.Writing) (text string, files int, err error) {
	parts := r.Upload()
	for {
		part, err := parts.Next()
		if err == io.EOF {
			return text, files, nil
		}
		if err != nil {
			return "", 0, err
		}
		switch {
		case part.Name == "text":
			if text, err = part.Text(maxText); err != nil {
				return "", 0, err
			}
			text = strings.ReplaceAll(text, "\r\n", "\n")
		case part.Name == "files" && part.File != "":
			if err := w.Attach(r.Context(), part.File, part.Type, part); err != nil {
				return "", 0, err
			}
			files++
		}
	}
}

type donePage struct {
	web.Frame
	Sign  string
	Until time.Time
	Done  bool
}

func (p *Portal) donePage(r *web.Request, v *visit) error {
	return r.Page("portal/done", &donePage{Sign: p.House.Sign, Until: v.letter.Until})
}

// done ends the reader's own copy; the house keeps its own, and the page says so.
func (p *Portal) done(r *web.Request, v *visit) error {
	if err := p.Desk.Done(r.Context(), v.reader, v.letter.Holder); err != nil && mail.KindOf(err) != mail.Gone {
		return err
	}
	p.end(r)
	r.ClearToken()
	return r.Page("portal/done", &donePage{Sign: p.House.Sign, Done: true})
}
