package portal

import (
	"context"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// boxView is a mailbox as its pages name it: a function mailbox, or the person's own.
type boxView struct {
	ID      mail.ID // zero: the person's own
	Name    string
	Address mail.Address
	Path    string    // of its inbox; the other folders are below it
	LastDay time.Time // after which it ends with all that is in it; zero: it does not
}

// ownBox is who is signed in's own.
func ownBox() boxView { return boxView{Path: "/mail"} }

func functionBox(m org.Mailbox) boxView {
	return boxView{ID: m.ID, Name: m.Name, Address: m.Address, Path: "/box/" + m.ID.String(), LastDay: org.LastMoment(m.Ends)}
}

// Shared reports whether it is a function mailbox.
func (b boxView) Shared() bool { return !b.ID.IsZero() }

// owner is whose the letters are that who writes there.
func (b boxView) owner(who desk.Reader) mail.ID {
	if b.Shared() {
		return b.ID
	}
	return who.ID
}

// WritePath is where a letter in the mailbox's name is begun.
func (b boxView) WritePath() string {
	if !b.Shared() {
		return "/write"
	}
	return b.Path + "/write"
}

// folder returns the path of a folder by its name.
func (b boxView) folder(name string) string {
	if name == folderNames[mail.Inbox] {
		return b.Path
	}
	return b.Path + "/" + name
}

// Sender is a function mailbox as those see it who get letters from it.
func (b boxView) Sender() string { return b.Name + " <" + string(b.Address) + ">" }

// box is a route to a function mailbox in which who is signed in reads. For everybody
// else it is not there.
func (p *Portal) box(h func(*web.Request, *access.Session, boxView) error) func(*web.Request) error {
	return own(func(r *web.Request, s *access.Session) error {
		id, err := mail.ParseID(r.Param("box"))
		if err != nil {
			return err
		}
		var m org.Mailbox
		err = mail.E(mail.Absent, "error.absent", nil)
		p.Office.Tree(func(t *org.Tree) {
			if t.Reads(s.Person.ID, id) {
				m, err = t.Mailbox(id)
			}
		})
		if err != nil {
			return err
		}
		return h(r, s, functionBox(m))
	})
}

// boxOf returns the mailbox in which a draft of who's lies.
func (p *Portal) boxOf(ctx context.Context, who desk.Reader, holder mail.ID) (boxView, error) {
	s, err := p.Desk.Shared(ctx, who, holder)
	if mail.KindOf(err) == mail.Absent {
		return ownBox(), nil
	}
	if err != nil {
		return boxView{}, err
	}
	return p.boxAt(s.Mailbox)
}

// boxOwned returns the mailbox in which a copy lies that who has opened; owner is whose it
// is.
func (p *Portal) boxOwned(who desk.Reader, owner mail.ID) (boxView, error) {
	if owner == who.ID {
		return ownBox(), nil
	}
	return p.boxAt(owner)
}

func (p *Portal) boxAt(id mail.ID) (b boxView, err error) {
	p.Office.Tree(func(t *org.Tree) {
		var m org.Mailbox
		m, err = t.Mailbox(id)
		b = functionBox(m)
	})
	return b, err
}

// menu finds the mailboxes in which somebody reads, with what waits there, for the frame of
// a page. The organisation is asked before the store is: see Office.
func (p *Portal) menu(s *access.Session) func(context.Context) (web.Menu, error) {
	return func(ctx context.Context) (web.Menu, error) {
		m := web.Menu{Own: web.Mailbox{Path: ownBox().Path}}
		ids := []mail.ID{{}}
		p.Office.Tree(func(t *org.Tree) {
			for _, box := range t.MailboxesOf(s.Person.ID) {
				b := functionBox(box)
				m.Shared = append(m.Shared, web.Mailbox{Path: b.Path, Name: b.Name})
				ids = append(ids, b.ID)
			}
		})
		who := desk.Reader{Actor: s.Actor(), Key: s.Key, Mailboxes: ids[1:]}
		counts, err := p.Desk.Standings(ctx, who, ids)
		if err != nil {
			return m, err
		}
		m.Own.Standing = counts[0]
		for i := range m.Shared {
			m.Shared[i].Standing = counts[1+i]
		}
		return m, nil
	}
}

// colleague returns how somebody is called. Who is not known any more has no name.
func (p *Portal) colleague(r *web.Request, id mail.ID) (name string) {
	p.Office.Tree(func(t *org.Tree) {
		if c, err := t.Person(id); err == nil {
			name = c.Title()
		}
	})
	if name == "" {
		name = r.T("page.box.former")
	}
	return name
}
