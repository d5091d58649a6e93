package portal

import (
	"net/http"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// peoplePage tells who reads in a function mailbox, and who asks for what came before.
type peoplePage struct {
	web.Frame
	Box         boxView
	Asking      []colleagueView // without who is looking
	Readers     []colleagueView
	Substitutes []colleagueView
	Say         *web.Alert
}

// colleagueView is somebody's place in a function mailbox.
type colleagueView struct {
	ID      string
	Title   string
	Address mail.Address // "" if it is the title
	Since   time.Time
	Me      bool
	Asks    bool
}

func (p *Portal) people(r *web.Request, s *access.Session, b boxView) error {
	return p.showPeople(r, s, b, http.StatusOK, nil)
}

func (p *Portal) showPeople(r *web.Request, s *access.Session, b boxView, status int, say *web.Alert) error {
	page := &peoplePage{Box: b, Say: say}
	p.Office.Tree(func(t *org.Tree) {
		for _, c := range t.Staff(b.ID) {
			v := colleagueViewOf(c, s.Person.ID)
			if c.Role == mail.MailboxSubstitute {
				page.Substitutes = append(page.Substitutes, v)
				continue
			}
			page.Readers = append(page.Readers, v)
			if v.Asks && !v.Me {
				page.Asking = append(page.Asking, v)
			}
		}
	})
	return r.PageWith(status, "portal/people", page)
}

func colleagueViewOf(c org.Colleague, me mail.ID) colleagueView {
	v := colleagueView{ID: c.ID.String(), Title: c.Title(), Address: c.Address, Since: c.Since, Me: c.ID == me, Asks: c.Asks}
	if v.Title == string(v.Address) {
		v.Address = ""
	}
	return v
}

// give lets a colleague read what came before. It cannot be taken back, so it needs the
// password of the last five minutes; after that the person is asked again.
func (p *Portal) give(r *web.Request, s *access.Session, b boxView) error {
	person, err := mail.ParseID(r.Form("person"))
	if err != nil {
		return err
	}
	if !p.SignIn.SteppedUp(s) {
		return toProve(r, b.Path+"/people")
	}
	err = p.Office.GiveOlder(r.Context(), s.Actor(), s.Key, b.ID, person)
	if mail.KindOf(err) == mail.Invalid {
		return p.showPeople(r, s, b, http.StatusUnprocessableEntity, &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	r.Flash("flash.box.given")
	return r.Redirect(b.Path + "/people")
}

// refuse takes a colleague's question off the table.
func (p *Portal) refuse(r *web.Request, s *access.Session, b boxView) error {
	person, err := mail.ParseID(r.Form("person"))
	if err != nil {
		return err
	}
	if err := p.Office.RefuseOlder(r.Context(), s.Actor(), b.ID, person); err != nil {
		return err
	}
	r.Flash("flash.box.refused")
	return r.Redirect(b.Path + "/people")
}

// askedView is what an inbox says of colleagues who ask for what came before.
type askedView struct {
	Who string
	Box boxView
}

// asked returns who asks in a function mailbox; with one's own, in all in which one reads.
func (p *Portal) asked(r *web.Request, me mail.ID, b boxView) (list []askedView) {
	p.Office.Tree(func(t *org.Tree) {
		for _, m := range t.MailboxesOf(me) {
			if b.Shared() && m.ID != b.ID {
				continue
			}
			switch who := asking(t, m.ID, me); len(who) {
			case 0:
			case 1:
				list = append(list, askedView{who[0], functionBox(m)})
			default:
				list = append(list, askedView{r.Printer().N("page.mailbox.people", len(who)-1, "First", who[0]), functionBox(m)})
			}
		}
	})
	return list
}

// asking returns who asks for what came to a mailbox before them, without me.
func asking(t *org.Tree, mailbox, me mail.ID) (names []string) {
	for _, c := range t.Staff(mailbox) {
		if c.Asks && c.ID != me {
			names = append(names, c.Title())
		}
	}
	return names
}
