package portal

import (
	"net/http"
	"strconv"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// pageSize is how many lines a mailbox shows at once.
const pageSize = 50

// mailboxPage is a folder of a person's mailbox, or of a function mailbox.
type mailboxPage struct {
	web.Frame
	Box    boxView
	Folder string // "inbox", "sent", "trash"
	At     place
	Say    *web.Alert
	Moved  *movedView // what was just moved, once
	Ends   []string   // with the trash, if it is emptied
	Drops  []string   // drafts that are destroyed if somebody says so once more
	Asked  []askedView
	Lines  []mailboxLine
	Helped bool      // somebody asks for a new password in the viewer's name
	Next   string    // query of the next page; "" on the last
	Wanted time.Time // from when on a second factor is required of who has none; zero: it is not
}

// Choice leads to this page with each of its letters chosen, or with none if they are.
func (p *mailboxPage) Choice() string {
	choose := "all"
	if p.At.All {
		choose = ""
	}
	return p.Box.folder(p.Folder) + p.At.query(choose)
}

// folderNames are the folders as paths and templates name them.
var folderNames = [...]string{mail.Inbox: "inbox", mail.Sent: "sent", mail.Drafts: "drafts", mail.Trash: "trash"}

// place is where in a folder somebody is: its query. The zero value is the first page of
// everything.
type place struct {
	Unread bool // only what is unread, or of the sent ones not read by everyone
	All    bool // each letter is chosen
	Before string
	Skip   string
}

// placeOf reads a place by a function that returns values by name: of a query, or a form.
func placeOf(value func(string) string) place {
	l := place{Unread: value("show") == "unread", All: value("choose") == "all", Before: value("before"), Skip: value("skip")}
	if _, err := strconv.ParseInt(l.Before, 10, 64); err != nil {
		l.Before, l.Skip = "", ""
	}
	return l
}

// Show is the filter, as the query names it.
func (l place) Show() string {
	if l.Unread {
		return "unread"
	}
	return ""
}

// query is the place's query with its question mark; choose may be "all".
func (l place) query(choose string) string {
	return web.WithQuery("", "show", l.Show(), "before", l.Before, "skip", l.Skip, "choose", choose)
}

// Back is the query of the page that it is, with nothing chosen.
func (l place) Back() string { return l.query("") }

// ownFolder is a folder of one's own mailbox.
func (p *Portal) ownFolder(f mail.Folder) func(*web.Request) error {
	return own(func(r *web.Request, s *access.Session) error {
		return p.folder(r, s, ownBox(), f, placeOf(r.Query), nil)
	})
}

// boxFolder is a folder of a function mailbox.
func (p *Portal) boxFolder(f mail.Folder) func(*web.Request) error {
	return p.box(func(r *web.Request, s *access.Session, b boxView) error {
		return p.folder(r, s, b, f, placeOf(r.Query), nil)
	})
}

// folder shows a folder; say is what was wrong with what was asked for there.
func (p *Portal) folder(r *web.Request, s *access.Session, b boxView, f mail.Folder, at place, say *web.Alert) error {
	at.Unread = at.Unread && (f == mail.Inbox || f == mail.Sent && !isRecipient(s))
	page := &mailboxPage{Box: b, Folder: folderNames[f], At: at, Say: say}
	if err := p.fillFolder(r, s, page, f); err != nil {
		return err
	}
	status := http.StatusOK
	if say != nil {
		status = http.StatusUnprocessableEntity
	}
	page.Moved = p.moved(r, s)
	if f == mail.Inbox {
		page.Asked = p.asked(r, s.Person.ID, b)
	}
	if f == mail.Trash && len(page.Lines) > 0 {
		n, err := p.Desk.CountTrash(r.Context(), p.reader(r), b.ID)
		if err != nil {
			return err
		}
		page.Ends = endsWithTrash(r, n)
	}
	if f == mail.Inbox && !b.Shared() {
		page.Wanted, page.Helped = s.Wanted(), p.Helping.About(s.Person.ID)
	}
	return r.PageWith(status, "portal/mailbox", page)
}

// fillFolder reads the page's letters.
func (p *Portal) fillFolder(r *web.Request, s *access.Session, page *mailboxPage, f mail.Folder) error {
	q := mail.MailboxQuery{Owner: page.Box.ID, Folder: f, Unread: page.At.Unread, Limit: pageSize}
	if ms, err := strconv.ParseInt(page.At.Before, 10, 64); err == nil {
		q.Before = time.UnixMilli(ms).UTC()
		if q.Skip, err = mail.ParseID(page.At.Skip); err != nil {
			return err
		}
	}
	lines, err := p.Desk.Mailbox(r.Context(), p.reader(r), q)
	if err != nil {
		return err
	}
	for _, l := range lines {
		page.Lines = append(page.Lines, p.line(r, s.Person.ID, l, f))
	}
	if n := len(lines); n == pageSize {
		last := lines[n-1]
		next := place{Unread: page.At.Unread, Before: strconv.FormatInt(last.Message.At.UnixMilli(), 10), Skip: last.Holder.ID.String()}
		page.Next = next.query("")
	}
	return nil
}

func (p *Portal) emptyOwnTrash(r *web.Request, _ *access.Session) error {
	return p.emptyTrash(r, ownBox())
}

func (p *Portal) emptyBoxTrash(r *web.Request, _ *access.Session, b boxView) error {
	return p.emptyTrash(r, b)
}

func (p *Portal) emptyTrash(r *web.Request, b boxView) error {
	if _, err := p.Desk.EmptyTrash(r.Context(), p.reader(r), b.ID); err != nil {
		return err
	}
	r.Flash("flash.emptied")
	return r.Redirect(b.Path + "/trash")
}
