package portal

import (
	"errors"
	"net/http"
	"strconv"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// maxTo bounds the recipients of a letter that is written in the portal. More go by
// mail.
const maxTo = 50

// writePage is a letter being written.
type writePage struct {
	web.Frame
	ID      string // of the draft; "" before the first save
	Who     string // writes: the script keeps nothing in anybody else's mailbox
	Version string // of what is filled in there; see desk.Version
	Other   *mail.Form
	Box     boxView
	To      []toFields
	Levels  []levelView // what the house accepts; with one there is nothing to choose
	Subject web.Field
	Text    web.Field
	Life    lifeView
	// Templates is a choice of texts to begin with; without options there is none.
	Templates web.Field
	Tongue    web.Field // in which the recipients are told
	Receipt   web.Field // when somebody has read
	Files     []fileView
	Halves    []halfView // files that are on their way
	New       halfView   // one that is not
	Least     int64      // bytes of a piece
	Piece     int64
	Max       int64
	Say       *web.Alert
	// What the sender's plan leaves; shown if it is few.
	Allowance mail.Allowance
}

type toFields struct{ Address, Phone web.Field }

// levelView is a level in words: what the reader must show.
type levelView struct {
	Name   string // as mail.Level.String
	Title  string
	Words  string
	Chosen bool
}

// sheet is what the form shows.
type sheet struct {
	desk.Unfinished
	box  boxView // in whose name
	more int     // empty lines for recipients
	say  *web.Alert
	// What another window has saved, while this one was filled in; nil: nothing.
	other *mail.Form
}

func (p *Portal) writePage(r *web.Request) error { return p.newLetter(r, ownBox()) }

func (p *Portal) newLetter(r *web.Request, b boxView) error {
	form, err := p.blank(r, b)
	if err != nil {
		return err
	}
	return p.showWrite(r, http.StatusOK, sheet{Unfinished: desk.Unfinished{Form: form}, box: b, more: 1})
}

func (p *Portal) boxWritePage(r *web.Request, _ *access.Session, b boxView) error {
	return p.newLetter(r, b)
}

func (p *Portal) draftPage(r *web.Request, who desk.Reader, id mail.ID) error {
	u, err := p.Desk.Draft(r.Context(), who, id)
	if err != nil {
		return err
	}
	b, err := p.boxOf(r.Context(), who, id)
	if err != nil {
		return err
	}
	sh := sheet{Unfinished: u, box: b}
	if len(u.Form.To) == 0 || r.Query("more") != "" {
		sh.more = 1
	}
	return p.showWrite(r, http.StatusOK, sh)
}

// showWrite shows the form.
func (p *Portal) showWrite(r *web.Request, status int, u sheet) error {
	levels, err := p.levels(r, u.Form.Level)
	if err != nil {
		return err
	}
	page := &writePage{
		Who: p.reader(r).ID.String(), Levels: levels, Box: u.box, Version: versionOf(u), Other: u.other,
		Say: u.say, Max: maxWrite, Least: desk.UploadUnit, Piece: mail.MaxPiece, Halves: halves(u.Halves),
		Subject: web.Field{Name: "subject", Label: r.T("page.write.subject"), Hint: r.T("page.write.subject.hint"), Value: u.Form.Subject, Max: 500},
		Text:    web.Field{Name: "text", Label: r.T("page.write.text"), Value: u.Form.Text, Max: maxTyped, Rows: 12},
		Tongue:  tongues(r, u.Form.Lang),
	}
	if !u.Holder.IsZero() {
		page.ID = u.Holder.String()
	}
	if page.Templates, err = p.templates(r, u.box); err != nil {
		return err
	}
	if page.Receipt, err = p.receiptChoice(r, p.reader(r).ID, u.Form.Receipt); err != nil {
		return err
	}
	page.Receipt.Label = r.T("page.write.receipt")
	if page.Life, err = p.lifeView(r, u.Form); err != nil {
		return err
	}
	if page.Allowance, err = p.Desk.Allowance(r.Context(), u.box.owner(p.reader(r))); err != nil {
		return err
	}
	if len(u.Form.To) == 0 {
		u.more = 1
	}
	for i, to := range append(u.Form.To, make([]mail.FormTo, u.more)...) {
		page.To = append(page.To, toFields{
			Address: web.Field{Within: strconv.Itoa(i), Name: "to", Label: r.T("page.write.to"), Value: to.Address, Type: "email", Max: mail.MaxAddress, Focus: u.more > 0 && i > 0 && i == len(u.Form.To)},
			Phone:   web.Field{Within: strconv.Itoa(i), Name: "phone", Label: r.T("page.write.phone"), Value: to.Phone, Type: "tel", Mode: "tel", Max: 25},
		})
	}
	for _, f := range u.Files {
		page.Files = append(page.Files, fileView{f.N, f.Name, f.Size})
	}
	return r.PageWith(status, "portal/write", page)
}

// levels are the levels to choose from, with the one that holds as it stands.
func (p *Portal) levels(r *web.Request, name string) ([]levelView, error) {
	accepted, err := p.Desk.Levels(r.Context())
	if err != nil {
		return nil, err
	}
	holds, _ := chosen(accepted, name)
	var list []levelView
	for _, l := range accepted {
		list = append(list, levelView{
			Name: l.String(), Title: r.T("level." + l.String()), Words: r.T("level." + l.String() + ".say"), Chosen: l == holds,
		})
	}
	return list, nil
}

func (p *Portal) write(r *web.Request) error {
	return p.take(r, incoming{p: p, r: r, who: p.reader(r)})
}

func (p *Portal) boxWrite(r *web.Request, _ *access.Session, b boxView) error {
	return p.take(r, incoming{p: p, r: r, who: p.reader(r), box: b.ID})
}

func (p *Portal) writeOn(r *web.Request, who desk.Reader, id mail.ID) error {
	return p.take(r, incoming{p: p, r: r, who: who, id: id})
}

// take keeps what is filled in, takes the files as they come, and does what the button
// says.
func (p *Portal) take(r *web.Request, in incoming) error {
	err := in.read()
	if err == nil && in.do == "auto" {
		return p.autosave(r, &in)
	}
	if err == nil {
		err = in.keep()
	}
	if errors.Is(err, desk.ErrOtherWindow) {
		return p.otherWindow(r, &in)
	}
	if err != nil {
		return err
	}
	path := "/write/" + in.id.String()
	switch in.do {
	case "send", "enter": // which Enter in a field presses
		return r.Redirect(path + "/check")
	case "template":
		return p.beginWith(r, in.who, in.id, in.template)
	case "contacts":
		return r.Redirect(web.WithQuery(contactsPath, "draft", in.id.String()))
	case "more":
		return r.Redirect(path + "?more=1")
	}
	r.Flash("flash.saved")
	return r.Redirect(path)
}

// detach takes a file out of a draft.
func (p *Portal) detach(r *web.Request, who desk.Reader, id mail.ID) error {
	n, err := fileNumber(r)
	if err != nil {
		return err
	}
	if err := p.Desk.DetachDraft(r.Context(), who, id, n); err != nil {
		return err
	}
	return r.Redirect("/write/" + id.String())
}

// drop destroys a draft.
func (p *Portal) drop(r *web.Request, who desk.Reader, id mail.ID) error {
	b, err := p.boxOf(r.Context(), who, id)
	if err != nil {
		return err
	}
	if err := p.Desk.DropDraft(r.Context(), who, id); err != nil {
		return err
	}
	r.Flash("flash.dropped")
	return r.Redirect(b.Path + "/drafts")
}
