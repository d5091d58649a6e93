package portal

import (
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"strconv"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/sanitize"
)

// letterView is a letter as its reader sees it: the guest's third screen, and the
// middle of the caseworker's.
type letterView struct {
	Subject  string
	From     string
	At       time.Time
	Until    time.Time // zero: no end
	Own      bool      // it is the sender's copy: its end is not the readers'
	Text     string
	HTML     bool   // there is a version with formatting, at Path/html
	Path     string // of the letter's things: file, html, eml
	Files    []fileView
	Faults   []string
	SaveName string
	Head     *letterhead // in print; nil: none
}

type fileView struct {
	N    uint32
	Name string
	Size int64
}

// answersView lists what the reader has answered to a letter. Each has its page at Path and
// its id.
type answersView struct {
	List []desk.Answer
	Path string
}

// letterPage is the third screen.
type letterPage struct {
	web.Frame
	Sign    string
	Letter  letterView
	Answers answersView
	// Registers: an account can be made with this letter.
	Registers bool
	// Account is that of who is signed in, and into which the letter may move; empty: none.
	Account string
	Closed  bool // nobody is there to be answered
}

func (p *Portal) letter(r *web.Request, v *visit) error {
	o, err := p.Desk.Open(r.Context(), v.reader, v.letter.Holder)
	if err != nil {
		return err
	}
	answers, err := p.Desk.Answers(r.Context(), v.reader, v.letter.Holder)
	if err != nil {
		return err
	}
	closed, err := p.closed(r, o.Message)
	if err != nil {
		return err
	}
	page := &letterPage{Sign: p.look(r).Sign(), Letter: p.view(r, o, "/m/letter"), Answers: answersView{answers, "/m/answer/"}, Registers: v.registers(), Closed: closed}
	if v.mayMoveIn() && p.waits(v) {
		page.Account = string(v.into.address)
	}
	return r.Page("portal/letter", page)
}

// closed reports whether nobody is there any more to be answered.
func (p *Portal) closed(r *web.Request, m mail.Message) (bool, error) {
	err := p.Desk.Answerable(r.Context(), m)
	if mail.KindOf(err) == mail.Denied {
		return true, nil
	}
	return false, err
}

// view prepares an opened message for a page. The text is the default view; the
// formatted one stands in a frame of its own.
func (p *Portal) view(r *web.Request, o *mail.Opened, path string) letterView {
	v := letterView{
		Subject: o.Head.Subject, From: o.Head.FromName, At: o.Message.At, Until: o.Holder.Due(),
		// What is too long to be cleaned is not shown; the text and the saved mail have it all.
		Text: o.Body.Text, HTML: o.Body.HTML != "" && len(o.Body.HTML) <= sanitize.MaxBytes, Path: path,
		Head: p.letterheadOf(o.Message),
	}
	if v.From == "" {
		v.From = string(o.Head.From)
	}
	for _, f := range o.Head.Files {
		if !f.Inline || o.Body.HTML == "" {
			v.Files = append(v.Files, fileView{f.N, f.Name, f.Size})
		}
	}
	for _, f := range o.Head.Faults {
		v.Faults = append(v.Faults, r.T(f))
	}
	return v
}

func (p *Portal) letterHTML(r *web.Request, v *visit) error {
	return p.html(r, v.reader, v.letter.Holder)
}

// Inline pictures travel inside the page up to this many bytes; the frame has an
// origin of its own and gets no cookie. Larger ones have an address that opens once.
const inlinePictures = 256 << 10

// html shows the formatted text of a message, for the sandboxed frame.
func (p *Portal) html(r *web.Request, reader desk.Reader, holder mail.ID) error {
	o, err := p.Desk.Open(r.Context(), reader, holder)
	if err != nil {
		return err
	}
	left := int64(inlinePictures)
	pictures := func(contentID string) (string, bool) {
		for _, f := range o.Head.Files {
			if f.ContentID != contentID || !showable(f.Type) {
				continue
			}
			if f.Size > left {
				return p.once(r, picture{r.Viewer().Value, reader, holder, f})
			}
			url, err := p.dataURL(r, reader, holder, f)
			left -= f.Size
			return url, err == nil
		}
		return "", false
	}
	safe, blocked, err := sanitize.HTML(o.Body.HTML, pictures)
	if err != nil {
		return mail.E(mail.TooLarge, "error.html", err)
	}
	if n := blocked.Pictures; n > 0 {
		safe = note(r, r.Printer().N("letter.blocked", n)) + safe
	}
	return r.Foreign(sanitize.Document(safe, "", p.Origin))
}

// note is a word of ours above the mail's own, within the frame: only there is it
// known what was left out, and the mail is cleaned once.
func note(r *web.Request, text string) string {
	return `<p lang="` + r.Language() + `" style="margin: 0 0 16px; padding-bottom: 8px; border-bottom: 1px solid #bbb; color: #555">` + html.EscapeString(text) + `</p>`
}

// showable are the pictures that a browser shows without any doubt; SVG is markup.
func showable(kind string) bool {
	switch kind {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return true
	}
	return false
}

func (p *Portal) dataURL(r *web.Request, reader desk.Reader, holder mail.ID, f mail.FileHead) (string, error) {
	file, err := p.Desk.File(r.Context(), reader, holder, f.N)
	if err != nil {
		return "", err
	}
	defer file.Close()
	b, err := io.ReadAll(io.NewSectionReader(file, 0, file.Size()))
	if err != nil {
		return "", err
	}
	return "data:" + f.Type + ";base64," + base64.StdEncoding.EncodeToString(b), nil
}

// picture is one inline picture that may be fetched once, without a cookie, while
// the session lasts for which it was made.
type picture struct {
	viewer any // the visit or session; its keys are the reader's
	reader desk.Reader
	holder mail.ID
	file   mail.FileHead
}

// once makes an address that shows a picture one time.
func (p *Portal) once(r *web.Request, pic picture) (string, bool) {
	t, err := p.pictures.Add(&pic)
	if err != nil {
		return "", false
	}
	// Who has left while this page was made takes nothing along.
	if v, err := p.Viewer(r.Context(), r.Token()); err != nil || v.Value != pic.viewer {
		p.pictures.Drop(t)
		return "", false
	}
	return "/picture/" + base64.RawURLEncoding.EncodeToString(t[:]), true
}

func (p *Portal) picture(r *web.Request) error {
	b, err := base64.RawURLEncoding.Strict().DecodeString(r.Param("token"))
	if err != nil || len(b) != 32 {
		return mail.E(mail.Absent, "error.absent", nil)
	}
	pic, ok := p.pictures.Take([32]byte(b))
	if !ok {
		return mail.E(mail.Absent, "error.absent", nil)
	}
	f, err := p.Desk.File(r.Context(), pic.reader, pic.holder, pic.file.N)
	if err != nil {
		return err
	}
	return r.Picture(pic.file.Type, f.Size(), f)
}

// fileNumber is the number of the file that an address names.
func fileNumber(r *web.Request) (uint32, error) {
	n, err := strconv.ParseUint(r.Param("n"), 10, 32)
	if err != nil {
		return 0, mail.E(mail.Absent, "error.absent", nil)
	}
	return uint32(n), nil
}

// file streams one attachment, always as a download.
func (p *Portal) file(r *web.Request, reader desk.Reader, holder mail.ID) error {
	n, err := fileNumber(r)
	if err != nil {
		return err
	}
	f, err := p.Desk.File(r.Context(), reader, holder, n)
	if err != nil {
		return err
	}
	return r.Stream(f.Head.Name, f.Head.Type, f.Size(), f, time.Time{})
}

// eml streams a message as a mail to be saved.
func (p *Portal) eml(r *web.Request, reader desk.Reader, holder mail.ID) error {
	f, err := p.Desk.EML(r.Context(), reader, holder)
	if err != nil {
		return err
	}
	return r.Stream(fmt.Sprintf("%s.eml", r.T("page.letter.savename")), "message/rfc822", f.Size(), f, time.Time{})
}

func (p *Portal) letterFile(r *web.Request, v *visit) error {
	return p.file(r, v.reader, v.letter.Holder)
}

func (p *Portal) letterEML(r *web.Request, v *visit) error {
	return p.eml(r, v.reader, v.letter.Holder)
}

// answerPage shows one of the guest's own answers.
type answerPage struct {
	web.Frame
	Letter letterView
}

// answer and answerFile show what the guest has written; whether it is his own the
// desk finds out by the keys.
func (p *Portal) answer(r *web.Request, v *visit) error {
	id, err := mail.ParseID(r.Param("id"))
	if err != nil {
		return err
	}
	o, err := p.Desk.Open(r.Context(), v.reader, id)
	if err != nil {
		return err
	}
	return r.Page("portal/answer", &answerPage{Letter: p.view(r, o, "/m/answer/"+id.String())})
}

func (p *Portal) answerFile(r *web.Request, v *visit) error {
	id, err := mail.ParseID(r.Param("id"))
	if err != nil {
		return err
	}
	return p.file(r, v.reader, id)
}
