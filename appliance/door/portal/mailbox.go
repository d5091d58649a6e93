package portal

import (
	"strconv"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/desk"
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
	Asked  []askedView
	Lines  []mailboxLine
	Helped bool      // somebody asks for a new password in the viewer's name
	Next   string    // query of the next page; "" on the last
	Wanted time.Time // from when on a second factor is required of who has none; zero: it is not
}

type mailboxLine struct {
	Path    string
	ID      string
	Who     string
	Subject string
	At      time.Time
	Until   time.Time
	Unread  bool
	Files   int
	Ended   bool
	In      bool
	Closed  bool      // from before one's time in a function mailbox
	Status  web.Badge // of a sent message
	Claimed string    // in a function mailbox, who has the thread; "" for nobody
}

// folderNames are the folders as paths and templates name them.
var folderNames = [...]string{mail.Inbox: "inbox", mail.Sent: "sent", mail.Drafts: "drafts", mail.Trash: "trash"}

// ownFolder is a folder of one's own mailbox.
func (p *Portal) ownFolder(f mail.Folder) func(*web.Request) error {
	return own(func(r *web.Request, s *access.Session) error { return p.folder(r, s, ownBox(), f) })
}

// boxFolder is a folder of a function mailbox.
func (p *Portal) boxFolder(f mail.Folder) func(*web.Request) error {
	return p.box(func(r *web.Request, s *access.Session, b boxView) error { return p.folder(r, s, b, f) })
}

func (p *Portal) folder(r *web.Request, s *access.Session, b boxView, f mail.Folder) error {
	q := mail.MailboxQuery{Owner: b.ID, Folder: f, Limit: pageSize}
	if ms, err := strconv.ParseInt(r.Query("before"), 10, 64); err == nil {
		q.Before = time.UnixMilli(ms).UTC()
		if q.Skip, err = mail.ParseID(r.Query("skip")); err != nil {
			return err
		}
	}
	lines, err := p.Desk.Mailbox(r.Context(), p.reader(r), q)
	if err != nil {
		return err
	}
	page := &mailboxPage{Box: b, Folder: folderNames[f]}
	if f == mail.Inbox {
		page.Asked = p.asked(r, s.Person.ID, b)
	}
	if f == mail.Inbox && !b.Shared() {
		page.Wanted, page.Helped = s.Wanted(), p.Helping.About(s.Person.ID)
	}
	for _, l := range lines {
		page.Lines = append(page.Lines, p.line(r, s.Person.ID, l, f))
	}
	if n := len(lines); n == pageSize {
		last := lines[n-1]
		page.Next = "?before=" + strconv.FormatInt(last.Message.At.UnixMilli(), 10) + "&skip=" + last.Holder.ID.String()
	}
	return r.Page("portal/mailbox", page)
}

func (p *Portal) line(r *web.Request, me mail.ID, l desk.Line, f mail.Folder) mailboxLine {
	v := mailboxLine{
		ID: l.Holder.ID.String(), Path: "/mail/" + l.Holder.ID.String(), Subject: l.Head.Subject, At: l.Message.At, Until: l.Holder.Due(),
		Unread: l.Holder.Opened.IsZero() && !l.Closed, Ended: l.Holder.State >= mail.Purging || l.Head.From == "", In: l.Message.Way == mail.In, Closed: l.Closed,
	}
	if !l.Claimed.IsZero() {
		v.Claimed = p.claimed(r, me, l.Claimed)
	}
	for _, h := range l.Head.Files {
		if !h.Inline {
			v.Files++
		}
	}
	if f == mail.Drafts {
		v.Who, v.Path, v.Unread = people(l.Head.To), "/write/"+v.ID, false
		return v
	}
	if f == mail.Sent {
		v.Who, v.Status = peopleInShort(r, l.Head.To), sentStatus(r, l)
		return v
	}
	if v.Who = l.Head.FromName; v.Who == "" {
		v.Who = string(l.Head.From)
	}
	return v
}

// peopleInShort names at most two of those to whom a letter went.
func peopleInShort(r *web.Request, to []mail.Named) string {
	if len(to) > 2 {
		return r.T("page.mailbox.people", "First", people(to[:1]), "Count", len(to)-1)
	}
	return people(to)
}

func people(to []mail.Named) string {
	s := ""
	for i, n := range to {
		if i > 0 {
			s += ", "
		}
		if n.Name != "" {
			s += n.Name
		} else {
			s += string(n.Address)
		}
	}
	return s
}

// sentStatus says in a word, and in a colour that says nothing more, how a sent
// message stands: as the worst of its recipients does.
func sentStatus(r *web.Request, l desk.Line) web.Badge {
	word := func(of1, ofMany string, n int) string {
		if l.All == 1 {
			return r.T(of1)
		}
		return r.T(ofMany, "Count", n, "All", l.All)
	}
	switch {
	case l.Holder.State >= mail.Purging:
		return web.Badge{Tone: web.Neutral, Word: r.T("page.sent.ended")}
	case l.Message.Way == mail.In && l.Seen.IsZero(): // a recipient's own, to the house
		return web.Badge{Tone: web.Neutral, Word: r.T("page.letter.unread")}
	case l.Message.Way == mail.In:
		return web.Badge{Tone: web.Success, Word: r.T("page.letter.read", "Moment", r.Printer().Moment(l.Seen, r.Now()))}
	case l.Stuck > 0:
		return web.Badge{Tone: web.Danger, Word: word("step."+l.StuckAt.String(), "page.sent.stuck", l.Stuck)}
	case l.Locked > 0:
		return web.Badge{Tone: web.Danger, Word: word("page.message.locked", "page.sent.locked", l.Locked)}
	case l.Waiting > 0:
		return web.Badge{Tone: web.Warning, Word: word("page.message.held", "page.sent.waiting", l.Waiting)}
	case l.Light == mail.Green:
		return web.Badge{Tone: web.Success, Word: word("page.message.read", "page.sent.all", l.All)}
	case l.Light == mail.Yellow:
		return web.Badge{Tone: web.Warning, Word: r.T("page.sent.some", "Count", l.Read, "All", l.All)}
	}
	return web.Badge{Tone: web.Warning, Word: word("page.message.unread", "page.sent.none", 0)}
}

// claimed says in short with whom a thread of a function mailbox is.
func (p *Portal) claimed(r *web.Request, me, person mail.ID) string {
	if person == me {
		return r.T("page.box.with.you")
	}
	return r.T("page.box.with", "Name", p.colleague(r, person))
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
