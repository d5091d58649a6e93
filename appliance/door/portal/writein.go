package portal

import (
	"cmp"
	"io"
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
	To, Path string
	Subject  web.Field
	Text     web.Field
	Say      *web.Alert
	Max      int64
}

func (p *Portal) writeInPage(r *web.Request, who desk.Reader, to mail.ID) error {
	return p.showWriteIn(r, who, to, http.StatusOK, wroteIn{}, nil, "")
}

// wroteIn is a letter as it was typed.
type wroteIn struct{ subject, text string }

func (p *Portal) showWriteIn(r *web.Request, who desk.Reader, to mail.ID, status int, typed wroteIn, say *web.Alert, fault string) error {
	c, err := p.Desk.Correspondent(r.Context(), who, to)
	if err != nil {
		return err
	}
	return r.PageWith(status, "portal/writein", &writeInPage{
		To: cmp.Or(c.Name, string(c.Address)), Path: "/mail/new/" + to.String(), Say: say, Max: maxAnswer,
		Subject: web.Field{Name: "subject", Label: r.T("page.writein.subject"), Hint: r.T("page.write.subject.hint"), Value: typed.subject, Max: maxSubject},
		Text:    web.Field{Name: "text", Label: r.T("page.writein.text"), Value: typed.text, Error: fault, Max: maxTyped, Rows: 10, Required: true, Focus: fault != ""},
	})
}

// maxSubject is how many characters a subject has at most.
const maxSubject = 500

// sendIn takes a letter with its files, each sealed as it arrives.
func (p *Portal) sendIn(r *web.Request, who desk.Reader, to mail.ID) error {
	var typed wroteIn
	s, err := p.Office.Owner(r.Context(), who.ID)
	if err != nil {
		return err
	}
	w, err := p.Desk.WriteIn(r.Context(), who, to, s.Profile, func() string { return strings.TrimSpace(typed.subject) })
	if err != nil && mail.KindOf(err) == mail.Invalid { // this week's are used up
		return p.showWriteIn(r, who, to, http.StatusUnprocessableEntity, typed, &web.Alert{Tone: web.Warning, Text: r.Sentence(err)}, "")
	}
	if err != nil {
		return err
	}
	defer w.Cancel(r.Context())
	files, err := typed.read(r, w)
	if err != nil {
		return err
	}
	if strings.TrimSpace(typed.text) == "" && files == 0 {
		return p.showWriteIn(r, who, to, http.StatusUnprocessableEntity, typed, nil, r.T("page.reply.empty"))
	}
	if _, err := w.Send(r.Context(), typed.text); err != nil {
		return err
	}
	r.Flash("flash.sent")
	return r.Redirect("/mail/sent")
}

// read reads the fields and files of an upload.
func (t *wroteIn) read(r *web.Request, w *desk.Writing) (files int, err error) {
	parts := r.Upload()
	for {
		part, err := parts.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return 0, err
		}
		switch {
		case part.Name == "subject":
			if t.subject, err = part.Text(4 * maxSubject); err != nil {
				return 0, err
			}
			t.subject = strings.Join(strings.Fields(t.subject), " ") // one line
		case part.Name == "text":
			if t.text, err = part.Text(maxText); err != nil {
				return 0, err
			}
			t.text = strings.ReplaceAll(t.text, "\r\n", "\n")
		case part.Name == "files" && part.File != "":
			if err := w.Attach(r.Context(), part.File, part.Type, part); err != nil {
				return 0, err
			}
			files++
		}
	}
}
