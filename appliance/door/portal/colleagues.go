package portal

import (
	"net/http"
	"strings"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// colleaguesView is what stands beside a letter in a function mailbox: who has it, and
// what colleagues have noted. Of a letter in one's own mailbox it is empty.
type colleaguesView struct {
	Box     boxView
	Claimed string // who has the thread, for a list: "Hos Anna Ek"; "" for nobody
	Name    string // of who has it
	Mine    bool
	Since   time.Time
	Writer  string // who wrote it in the mailbox's name; "" if that is not known
	Remarks []remarkView
	Remark  web.Field
	Say     *web.Alert
}

type remarkView struct {
	Author string
	At     time.Time
	Text   string
}

// colleagues returns the section; wrong, if not nil, is what was wrong with what was
// pressed or typed in it.
func (p *Portal) colleagues(r *web.Request, who desk.Reader, holder mail.ID, wrong error) (v colleaguesView, err error) {
	s, err := p.Desk.Shared(r.Context(), who, holder)
	if mail.KindOf(err) == mail.Absent {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	if v.Box, err = p.boxAt(s.Mailbox); err != nil {
		return v, err
	}
	if !s.Claimed.IsZero() {
		v.Claimed, v.Name = p.claimed(r, who.ID, s.Claimed), p.colleague(r, s.Claimed)
		v.Mine, v.Since = s.Claimed == who.ID, s.Since
	}
	if !s.Writer.IsZero() {
		v.Writer = p.colleague(r, s.Writer)
	}
	for _, m := range s.Remarks {
		v.Remarks = append(v.Remarks, remarkView{p.colleague(r, m.Author), m.At, m.Text})
	}
	v.Remark = web.Field{Name: "text", Within: "remark", Label: r.T("page.box.remark"), Max: mail.MaxRemark, Rows: 4, Required: true}
	switch mail.KindOf(wrong) {
	case mail.Invalid:
		v.Remark.Value, v.Remark.Error, v.Remark.Focus = r.Form("text"), r.Sentence(wrong), true
	case mail.Busy:
		v.Say = &web.Alert{Tone: web.Warning, Text: r.Sentence(wrong)}
	}
	return v, nil
}

// claim says that who is signed in has the thread. If a colleague was quicker, the page
// says so and who it is.
func (p *Portal) claim(r *web.Request, who desk.Reader, id mail.ID) error {
	return p.amongColleagues(r, who, id, "flash.box.claimed", p.Desk.Claim(r.Context(), who, id))
}

// release gives the thread back, one's own or a colleague's.
func (p *Portal) release(r *web.Request, who desk.Reader, id mail.ID) error {
	return p.amongColleagues(r, who, id, "flash.box.released", p.Desk.Release(r.Context(), who, id))
}

// remark adds a note to colleagues. As in all that people type, lines end in LF from here
// on; browsers send CRLF.
func (p *Portal) remark(r *web.Request, who desk.Reader, id mail.ID) error {
	text := strings.ReplaceAll(r.Form("text"), "\r\n", "\n")
	return p.amongColleagues(r, who, id, "flash.box.remarked", p.Desk.Remark(r.Context(), who, id, text))
}

// amongColleagues answers what was done beside a letter: with the letter's page, and on
// it what was wrong if the person can mend it.
func (p *Portal) amongColleagues(r *web.Request, who desk.Reader, id mail.ID, flash string, err error) error {
	if err == nil {
		r.Flash(flash)
		return r.Redirect("/mail/" + id.String())
	}
	if k := mail.KindOf(err); k != mail.Invalid && k != mail.Busy {
		return err
	}
	return p.showMessage(r, who, id, http.StatusUnprocessableEntity, fault{beside: err})
}
