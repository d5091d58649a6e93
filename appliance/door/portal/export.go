package portal

import (
	"context"
	"io"
	"net/http"
	"strings"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/locale"
	"sigill/appliance/mail"
)

// exportPage lets who is signed in take all letters of a mailbox along, in a file that
// only their own key opens. A key that was just made is on the page once; it is in no
// cache (web.harden), and kept nowhere.
type exportPage struct {
	web.Frame
	Box  boxView
	Form string // where the forms go
	Back string
	Key  string // that was just made; else empty
	Made bool   // To has the other half of a key that was made before, and is not shown
	File string // what the file will be called
	To   web.Field
	Say  *web.Alert
}

// exportPath is the page of a mailbox's export.
func (b boxView) exportPath() string {
	if !b.Shared() {
		return "/account/export"
	}
	return b.Path + "/export"
}

// ownExport and boxExport are routes of an export, which needs the password of the last
// five minutes; see risky. Whose the mailbox is, is asked before.
func (p *Portal) ownExport(h func(*web.Request, *access.Session, boxView) error) func(*web.Request) error {
	b := ownBox()
	return p.risky(b.exportPath(), func(r *web.Request, s *access.Session) error { return h(r, s, b) })
}

func (p *Portal) boxExport(h func(*web.Request, *access.Session, boxView) error) func(*web.Request) error {
	return p.box(func(r *web.Request, s *access.Session, b boxView) error {
		if !p.SignIn.SteppedUp(s) {
			return toProve(r, b.exportPath())
		}
		return h(r, s, b)
	})
}

func (p *Portal) exportPage(r *web.Request, s *access.Session, b boxView) error {
	return p.showExport(r, b, http.StatusOK, &exportPage{Made: s.Recipient() != "", To: exportTo(r, s.Recipient(), "")})
}

func exportTo(r *web.Request, value, fault string) web.Field {
	return web.Field{
		Name: "to", Label: r.T("page.export.to"), Hint: r.T("page.export.to.hint"), Value: value, Error: fault,
		Rows: 4, Max: 40_000, Required: true, Focus: fault != "",
	}
}

func (p *Portal) showExport(r *web.Request, b boxView, status int, page *exportPage) error {
	page.Box, page.Form, page.Back, page.File = b, b.exportPath(), "/account", exportFile(r)
	if b.Shared() {
		page.Back = b.Path + "/people"
	}
	return r.PageWith(status, "portal/export", page)
}

// exportFile is the name of the file; a folder in it is called as it is without ends.
func exportFile(r *web.Request) string {
	return "export-" + r.Now().In(r.Printer().Zone()).Format("2006-01-02") + ".tar.age"
}

// exportKey makes a key and shows it, this once. Its public half stays with the session,
// so that who writes the key down slowly, and is asked for the password again, need not
// make another.
func (p *Portal) exportKey(r *web.Request, s *access.Session, b boxView) error {
	key := desk.NewExportKey()
	text, err := key.Text()
	if err != nil {
		return err
	}
	to, err := key.Recipient()
	if err != nil {
		return err
	}
	s.SetRecipient(to)
	return p.showExport(r, b, http.StatusOK, &exportPage{Key: text, To: exportTo(r, to, "")})
}

// export answers with the file. It is written while it is sent, by the keys of the
// session, and for as long as the session lives.
func (p *Portal) export(r *web.Request, s *access.Session, b boxView) error {
	typed := r.Form("to")
	to, err := desk.ParseRecipients(typed)
	if err != nil {
		if sayOf(err).Say == "error.export.secret" {
			typed = "" // nobody's secret key is shown again, nor sent twice
		}
		return p.showExport(r, b, http.StatusUnprocessableEntity, &exportPage{To: exportTo(r, typed, r.Sentence(err))})
	}
	name := exportFile(r)
	words := exportWords(r.Printer(), strings.TrimSuffix(name, ".tar.age"), b)
	x, err := p.Desk.Export(r.Context(), p.reader(r), desk.ExportAsk{Mailbox: b.ID, To: to, Words: words})
	if mail.KindOf(err) == mail.Busy {
		return p.showExport(r, b, http.StatusTooManyRequests, &exportPage{To: exportTo(r, typed, ""), Say: &web.Alert{Tone: web.Warning, Text: r.Sentence(err)}})
	}
	if err != nil {
		return err
	}
	return r.Flow(name, "application/octet-stream", func(ctx context.Context, w io.Writer) error { return x.Write(ctx, p.still(s), w) })
}

// still asks for the reader of a session as he is at each moment. When the session has
// ended there is none.
func (p *Portal) still(s *access.Session) func() (desk.Reader, error) {
	return func() (desk.Reader, error) {
		if !p.SignIn.Lives(s) {
			return desk.Reader{}, mail.E(mail.Denied, "error.signin", nil)
		}
		return p.readerOf(s), nil
	}
}

// exportWords are what the file says, in the language of who takes it.
func exportWords(t locale.Printer, root string, b boxView) desk.ExportWords {
	whose := t.T("page.export.readme.own")
	if b.Shared() {
		whose = t.T("page.export.readme.box", "Name", b.Name, "Address", b.Address)
	}
	return desk.ExportWords{
		Root: root, Zone: t.Zone(),
		ReadMe: strings.Join([]string{
			whose, t.T("page.export.readme.table"), t.T("page.export.readme.not"), t.T("page.export.readme.open"),
			"age -d -i key.txt -o " + root + ".tar " + root + ".tar.age\ntar xf " + root + ".tar",
			t.T("page.export.cut"), t.T("page.export.readme.key"),
		}, "\n\n") + "\n",
		Columns: [8]string{
			t.T("page.export.folder"), t.T("page.export.number"), t.T("page.export.date"), t.T("page.export.from"),
			t.T("page.export.receiver"), t.T("page.export.subject"), t.T("page.export.file"), t.T("page.export.state"),
		},
		State:  func(x desk.Exported) string { return exportState(t, x) },
		Report: func(n desk.ExportCount) string { return exportReport(t, n) },
	}
}

func exportState(t locale.Printer, x desk.Exported) string {
	switch {
	case x.Unopened == desk.ExportClosed:
		return t.T("page.export.closed")
	case x.Unopened == desk.ExportDamaged:
		return t.T("page.export.damaged")
	case x.Draft:
		return t.T("page.export.draft")
	case x.Sent:
		return t.T("page.export.sent", "Read", x.Read, "All", x.All)
	case x.Seen:
		return t.T("page.export.seen")
	}
	return t.T("page.export.unseen")
}

func exportReport(t locale.Printer, n desk.ExportCount) string {
	lines := []string{t.N("page.export.count", n.Letters)}
	if n.Closed > 0 {
		lines = append(lines, t.N("page.export.count.closed", n.Closed))
	}
	if n.Damaged > 0 {
		lines = append(lines, t.N("page.export.count.damaged", n.Damaged))
	}
	if n.Closed+n.Damaged > 0 {
		lines = append(lines, t.T("page.export.count.where"))
	}
	return strings.Join(append(lines, t.T("page.export.count.whole")), "\n") + "\n"
}
