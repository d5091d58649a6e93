package portal

import (
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// mailboxLine is a letter in a list.
type mailboxLine struct {
	Path    string
	ID      string
	Who     string
	Subject string
	At      time.Time
	Until   time.Time
	Unread  bool
	Files   int
	Thread  int // letters of the conversation, if there are more than this one
	Ended   bool
	In      bool
	Closed  bool      // from before one's time in a function mailbox
	Status  web.Badge // of a sent message
	Claimed string    // in a function mailbox, who has the thread; "" for nobody
	Free    bool      // in the inbox of a function mailbox: nobody has it
	Folder  string    // where the page shows letters of several; "" elsewhere
}

// Moves reports whether the letter can be put into the trash, or taken out.
func (l mailboxLine) Moves() bool { return !l.Ended && !l.Closed }

// line is a letter as a list in folder f shows it.
func (p *Portal) line(r *web.Request, me mail.ID, l desk.Line, f mail.Folder) mailboxLine {
	v := mailboxLine{
		ID: l.Holder.ID.String(), Path: "/mail/" + l.Holder.ID.String(), Subject: l.Head.Subject, At: l.Message.At, Until: l.Holder.Due(),
		Unread: l.Holder.Unread() && !l.Closed, Ended: l.Holder.State >= mail.Purging || l.Head.From == "", In: l.Message.Way == mail.In, Closed: l.Closed,
	}
	if l.Thread > 1 && f != mail.Drafts {
		v.Thread = l.Thread
	}
	switch {
	case !l.Claimed.IsZero():
		v.Claimed = p.claimed(r, me, l.Claimed)
	case f == mail.Inbox && l.Holder.Owner != me:
		v.Free = !v.Closed && !v.Ended
	}
	for _, h := range l.Head.Files {
		if !h.Inline {
			v.Files++
		}
	}
	if f == mail.Drafts {
		v.Who, v.Path, v.Unread = people(l.Head.To), "/write/"+v.ID, false
		if v.Who == "" {
			v.Who = r.T("page.mailbox.nobody")
		}
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
		return r.Printer().N("page.mailbox.people", len(to)-1, "First", people(to[:1]))
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
