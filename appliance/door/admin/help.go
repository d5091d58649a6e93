package admin

import (
	"context"
	"slices"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// Helping is what the page asks of those who wait for help with a new password;
// access.Helping is one.
type Helping interface {
	Questions(by mail.ID) []access.Question
	Help(ctx context.Context, by mail.Actor, key *access.Key, id mail.ID, number string) (given bool, err error)
	Refuse(ctx context.Context, by mail.Actor, id mail.ID) error
}

const helpPath = "/org/help"

func (d *Door) helpRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: helpPath, Need: web.Organiser, Handle: d.proved(d.helpPage)},
		{Method: "POST", Path: helpPath + "/:question/give", Need: web.Organiser, Body: web.Form, Handle: d.inQuestion(d.giveHelp)},
		{Method: "POST", Path: helpPath + "/:question/refuse", Need: web.Organiser, Body: web.Form, Handle: d.inQuestion(d.refuseHelp)},
	}
}

// proved is a route of what needs the password of the last five minutes, as the portal's
// risky is for the pages there, and leads to its page that asks for it: an organiser's open
// browser must not be enough to come to somebody's key.
func (d *Door) proved(h func(*web.Request, *access.Session) error) func(*web.Request) error {
	return d.provedFor(helpPath, h)
}

// provedFor is proved of what stands on another page, to which the password leads.
func (d *Door) provedFor(page string, h func(*web.Request, *access.Session) error) func(*web.Request) error {
	return func(r *web.Request) error {
		s, ok := r.Viewer().Value.(*access.Session)
		if !ok {
			return absent()
		}
		if !d.steppedUp(s) {
			return r.Redirect("/account/prove?next=" + page)
		}
		return h(r, s)
	}
}

// inQuestion is a route of one question. Who may not answer it finds none.
func (d *Door) inQuestion(h func(*web.Request, *access.Session, access.Question) error) func(*web.Request) error {
	return at("question", func(r *web.Request, id mail.ID) error {
		list := d.helping.Questions(actor(r).ID)
		i := slices.IndexFunc(list, func(q access.Question) bool { return q.ID == id })
		if i < 0 {
			return absent()
		}
		return d.proved(func(r *web.Request, s *access.Session) error { return h(r, s, list[i]) })(r)
	})
}

// helpPage lists who has forgotten the password and asks to be helped to a new one.
type helpPage struct {
	web.Frame
	Say       *web.Alert
	Questions []questionLine
}

type questionLine struct {
	Self    string
	Path    string // of the person
	Name    string
	Address string
	At      time.Time
	From    string // browser and system, as they say of themselves
	Several bool   // the person has more than one question
	Proven  bool
	Two     bool     // it takes two
	Agreed  []string // names
	Mine    bool     // the viewer has agreed, and waits for another one
	Number  web.Field
}

func (d *Door) helpPage(r *web.Request, s *access.Session) error { return d.showHelp(r, s, 200, nil) }

func (d *Door) showHelp(r *web.Request, s *access.Session, status int, say *web.Alert) error {
	page := &helpPage{Say: say}
	list := d.helping.Questions(s.Person.ID)
	asked := map[mail.ID]int{}
	for _, q := range list {
		asked[q.Person]++
	}
	d.org.Tree(func(t *org.Tree) {
		for _, q := range list {
			line := questionOf(r, t, q, s.Person.ID)
			line.Several = asked[q.Person] > 1
			page.Questions = append(page.Questions, line)
		}
	})
	return r.PageWith(status, "admin/help", page)
}

func questionOf(r *web.Request, t *org.Tree, q access.Question, me mail.ID) questionLine {
	p, _ := t.Person(q.Person) // whom the viewer organises is there
	id := q.ID.String()
	line := questionLine{Self: helpPath + "/" + id, Path: personPath(p.ID), Name: p.Title(), Address: string(p.Address), At: q.At, From: agentName(r, q.Agent), Proven: q.Proven, Two: q.Needs > 1}
	for _, who := range q.Agreed {
		a, err := t.Person(who)
		if err == nil {
			line.Agreed = append(line.Agreed, a.Title())
		}
	}
	// When as many have agreed as it takes, and the last one's key did not open, an earlier
	// one presses once more.
	line.Mine = slices.Contains(q.Agreed, me) && len(q.Agreed) < q.Needs
	line.Number = web.Field{
		Within: id, Name: "number", Label: r.T("page.orghelp.number"), Hint: r.T("page.orghelp.number.hint"),
		Mode: "numeric", Pattern: "[0-9 ]*", Max: 7, Required: true, Short: true,
	}
	return line
}

// agentName words a browser as the portal's list of sessions does.
func agentName(r *web.Request, a access.Agent) string {
	switch {
	case a == access.Agent{}:
		return r.T("page.account.session.unknown")
	case a.Browser == "" || a.System == "":
		return a.Browser + a.System
	}
	return r.T("page.account.session.name", "Browser", a.Browser, "System", a.System)
}

// giveHelp answers a question. Whoever had no proof may have lost the phone as well as the
// password, and so is not in yet.
func (d *Door) giveHelp(r *web.Request, s *access.Session, q access.Question) error {
	given, err := d.helping.Help(r.Context(), actor(r), s.Key, q.ID, r.Form("number"))
	say := "flash.help.given"
	switch {
	case !given:
		say = "flash.help.agreed"
	case !q.Proven:
		say = "flash.help.unproven"
	}
	return done(r, err, say, helpPath, d.againHelp(r, s))
}

func (d *Door) refuseHelp(r *web.Request, s *access.Session, q access.Question) error {
	return done(r, d.helping.Refuse(r.Context(), actor(r), q.ID), "flash.help.refused", helpPath, d.againHelp(r, s))
}

func (d *Door) againHelp(r *web.Request, s *access.Session) func(int, *web.Alert) error {
	return func(status int, say *web.Alert) error { return d.showHelp(r, s, status, say) }
}
