package portal

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// maxWrite bounds the files of one upload by somebody of the house, in bytes.
const maxWrite = 4 << 30

// maxTo bounds the recipients of a letter that is written in the portal. More go by
// mail.
const maxTo = 50

// writePage is a letter being written.
type writePage struct {
	web.Frame
	ID      string // of the draft; "" before the first save
	To      []toFields
	Subject web.Field
	Text    web.Field
	Days    web.Field
	Receipt bool
	Files   []fileView
	Max     int64
	Say     *web.Alert
}

type toFields struct{ Address, Phone web.Field }

func (p *Portal) writePage(r *web.Request) error {
	if r.Param("draft") == "" {
		return p.showWrite(r, http.StatusOK, desk.Unfinished{}, 1, nil)
	}
	id, err := mail.ParseID(r.Param("draft"))
	if err != nil {
		return err
	}
	u, err := p.Desk.Draft(r.Context(), reader(r), id)
	if err != nil {
		return err
	}
	more := 0
	if len(u.Form.To) == 0 || r.Query("more") != "" {
		more = 1
	}
	return p.showWrite(r, http.StatusOK, u, more, nil)
}

// showWrite shows the form with so many more empty lines for recipients.
func (p *Portal) showWrite(r *web.Request, status int, u desk.Unfinished, more int, say *web.Alert) error {
	page := &writePage{
		Say: say, Max: maxWrite, Receipt: u.Form.Receipt,
		Subject: web.Field{Name: "subject", Label: r.T("page.write.subject"), Hint: r.T("page.write.subject.hint"), Value: u.Form.Subject, Max: 500},
		Text:    web.Field{Name: "text", Label: r.T("page.write.text"), Value: u.Form.Text, Rows: 12},
		Days:    web.Field{Name: "days", Label: r.T("page.write.days"), Hint: r.T("page.write.days.hint"), Value: u.Form.Days, Mode: "numeric", Pattern: "[0-9]*", Max: 3, Short: true},
	}
	if !u.Holder.IsZero() {
		page.ID = u.Holder.String()
	}
	for i, to := range append(u.Form.To, make([]mail.FormTo, more)...) {
		page.To = append(page.To, toFields{
			Address: web.Field{Within: strconv.Itoa(i), Name: "to", Label: r.T("page.write.to"), Value: to.Address, Type: "email", Max: mail.MaxAddress, Focus: more > 0 && i > 0 && i == len(u.Form.To)},
			Phone:   web.Field{Within: strconv.Itoa(i), Name: "phone", Label: r.T("page.write.phone"), Hint: r.T("page.write.phone.hint"), Value: to.Phone, Type: "tel", Mode: "tel", Max: 25},
		})
	}
	for _, f := range u.Files {
		page.Files = append(page.Files, fileView{f.N, f.Name, f.Size})
	}
	return r.PageWith(status, "portal/write", page)
}

// write saves what is filled in, takes the files as they come, and does what the
// button says.
func (p *Portal) write(r *web.Request) error {
	var id mail.ID
	if s := r.Param("draft"); s != "" {
		var err error
		if id, err = mail.ParseID(s); err != nil {
			return err
		}
	}
	in := incoming{p: p, r: r, id: id}
	if err := in.read(); err != nil {
		return err
	}
	if err := in.save(); err != nil {
		return err
	}
	path := "/write/" + in.id.String()
	switch in.do {
	case "send":
		return r.Redirect(path + "/check")
	case "more":
		return r.Redirect(path + "?more=1")
	}
	r.Flash("flash.saved")
	return r.Redirect(path)
}

// incoming is one upload of the form.
type incoming struct {
	p    *Portal
	r    *web.Request
	id   mail.ID
	form mail.Form
	do   string
}

func (in *incoming) read() error {
	parts := in.r.Upload()
	for {
		part, err := parts.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if part.Name == "files" {
			if err := in.file(part); err != nil {
				return err
			}
			continue
		}
		if err := in.field(part); err != nil {
			return err
		}
	}
}

// file seals a file as it arrives. What was typed is saved first, so that a
// connection that breaks off in a long upload costs no word of it.
func (in *incoming) file(part *web.Part) error {
	if part.File == "" {
		return nil // browsers send an empty field when nothing was picked
	}
	if err := in.save(); err != nil {
		return err
	}
	return in.p.Desk.AttachDraft(in.r.Context(), reader(in.r), in.id, part.File, part.Type, part)
}

func (in *incoming) field(part *web.Part) error {
	value, err := part.Text(maxText)
	if err != nil {
		return err
	}
	switch part.Name {
	case "to":
		if len(in.form.To) < maxTo {
			in.form.To = append(in.form.To, mail.FormTo{Address: strings.TrimSpace(value)})
		}
	case "phone":
		if n := len(in.form.To); n > 0 {
			in.form.To[n-1].Phone = strings.TrimSpace(value)
		}
	case "subject":
		in.form.Subject = strings.Join(strings.Fields(value), " ")
	case "text":
		in.form.Text = strings.ReplaceAll(value, "\r\n", "\n")
	case "days":
		in.form.Days = strings.TrimSpace(value)
	case "receipt":
		in.form.Receipt = true
	case "do":
		in.do = value
	}
	return nil
}

// save keeps the form in the draft, which it makes if there is none yet. Empty lines
// for recipients are left out.
func (in *incoming) save() error {
	form := in.form
	form.To = nil
	for _, to := range in.form.To {
		if to.Address != "" || to.Phone != "" {
			form.To = append(form.To, to)
		}
	}
	if in.id.IsZero() {
		var err error
		in.id, err = in.p.Desk.Write(in.r.Context(), reader(in.r), form)
		return err
	}
	return in.p.Desk.SaveDraft(in.r.Context(), reader(in.r), in.id, form)
}

// checkPage is the summary before a letter is sent: who gets what, and how.
type checkPage struct {
	web.Frame
	ID      string
	Subject string
	Text    string
	Files   []fileView
	To      []checkView
	Until   time.Time
	Receipt bool
}

type checkView struct {
	Address string
	Words   string // how it goes
	Warn    []string
}

// check shows the summary, or the form again with what is wrong.
func (p *Portal) check(r *web.Request) error {
	id, u, dr, err := p.finished(r)
	if mail.KindOf(err) == mail.Invalid || mail.KindOf(err) == mail.TooLarge {
		return p.showWrite(r, http.StatusUnprocessableEntity, u, 0, &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	plan, life, err := p.Desk.Plan(r.Context(), dr)
	if mail.KindOf(err) == mail.Invalid || mail.KindOf(err) == mail.TooLarge {
		return p.showWrite(r, http.StatusUnprocessableEntity, u, 0, &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	page := &checkPage{ID: id.String(), Subject: dr.Subject, Text: dr.Text, Until: life.LastDay, Receipt: dr.Ask.Receipt}
	for _, f := range u.Files {
		page.Files = append(page.Files, fileView{f.N, f.Name, f.Size})
	}
	for _, f := range plan {
		page.To = append(page.To, forecast(r, f))
	}
	return r.Page("portal/check", page)
}

// forecast says in words how a recipient is reached, and what to look at twice.
func forecast(r *web.Request, f desk.Forecast) checkView {
	v := checkView{Address: string(f.Address)}
	switch {
	case f.Hold != mail.HoldNone:
		v.Words = r.T("page.check.held")
	case f.Channel == mail.ChannelInternal:
		v.Words = r.T("page.check.internal")
	case f.Level == mail.Letter:
		v.Words = r.T("page.check.letter")
	case f.Remembered:
		v.Words = r.T("page.check.remembered", "Phone", string(f.Phone))
	default:
		v.Words = r.T("page.check.sms", "Phone", string(f.Phone))
	}
	if f.First && f.Hold == mail.HoldNone {
		v.Warn = append(v.Warn, r.T("page.check.first"))
	}
	if f.Known != "" {
		v.Warn = append(v.Warn, r.T("page.check.changed", "Tail", f.Known.Tail()))
	}
	if f.Raised {
		v.Warn = append(v.Warn, r.T("page.check.raised"))
	}
	return v
}

// finished reads a draft as a letter that could be sent. The errors for people are
// Invalid; u is the draft all the same.
func (p *Portal) finished(r *web.Request) (mail.ID, desk.Unfinished, *mail.Draft, error) {
	id, err := mail.ParseID(r.Param("draft"))
	if err != nil {
		return id, desk.Unfinished{}, nil, err
	}
	u, err := p.Desk.Draft(r.Context(), reader(r), id)
	if err != nil {
		return id, u, nil, err
	}
	dr := &mail.Draft{Subject: u.Form.Subject, Text: u.Form.Text, Ask: mail.Ask{Receipt: u.Form.Receipt}}
	for _, to := range u.Form.To {
		req, err := p.request(to)
		if err != nil {
			return id, u, nil, err
		}
		dr.To = append(dr.To, req)
	}
	if u.Form.Days != "" {
		if dr.Ask.Lifetime.Days, err = strconv.Atoi(u.Form.Days); err != nil || dr.Ask.Lifetime.Days <= 0 {
			return id, u, nil, mail.E(mail.Invalid, "error.days", nil)
		}
	}
	if strings.TrimSpace(dr.Text) == "" && len(u.Files) == 0 {
		return id, u, nil, mail.E(mail.Invalid, "error.empty", nil)
	}
	return id, u, dr, nil
}

func (p *Portal) request(to mail.FormTo) (mail.Request, error) {
	a, err := mail.ParseAddress(to.Address)
	if err != nil {
		return mail.Request{}, mail.E(mail.Invalid, "error.address.of", err).Tell("Address", to.Address)
	}
	req := mail.Request{Given: to.Address, Address: a}
	if to.Phone != "" {
		if req.Phone, err = p.Phone(to.Phone); err != nil {
			return mail.Request{}, mail.E(mail.Invalid, "error.phone.of", err).Tell("Address", to.Address)
		}
	}
	return req, nil
}

// sendDraft sends a draft.
func (p *Portal) sendDraft(r *web.Request) error {
	id, u, dr, err := p.finished(r)
	if err == nil {
		err = p.Desk.SendDraft(r.Context(), reader(r), id, dr)
	}
	if mail.KindOf(err) == mail.Invalid || mail.KindOf(err) == mail.TooLarge {
		return p.showWrite(r, http.StatusUnprocessableEntity, u, 0, &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	r.Flash("flash.sent")
	return r.Redirect("/mail/" + id.String())
}

// detach takes a file out of a draft.
func (p *Portal) detach(r *web.Request) error {
	id, err := mail.ParseID(r.Param("draft"))
	if err != nil {
		return err
	}
	n, err := strconv.ParseUint(r.Param("n"), 10, 32)
	if err != nil {
		return mail.E(mail.Absent, "error.absent", nil)
	}
	if err := p.Desk.DetachDraft(r.Context(), reader(r), id, uint32(n)); err != nil {
		return err
	}
	return r.Redirect("/write/" + id.String())
}

// drop destroys a draft.
func (p *Portal) drop(r *web.Request) error {
	id, err := mail.ParseID(r.Param("draft"))
	if err != nil {
		return err
	}
	if err := p.Desk.DropDraft(r.Context(), reader(r), id); err != nil {
		return err
	}
	r.Flash("flash.dropped")
	return r.Redirect("/mail/drafts")
}
