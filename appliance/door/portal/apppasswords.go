package portal

import (
	"net/http"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// Submission is where people's mail programs send. The zero value: it is off.
type Submission struct {
	Host     string
	StartTLS int // port; 0: none
	Implicit int // port of TLS from the first byte; 0: none
}

// On reports whether mail programs can send at all.
func (s Submission) On() bool { return s.StartTLS != 0 || s.Implicit != 0 }

// appsPage has the mail programs that a person lets send, and shows a password that was
// just made, once.
type appsPage struct {
	web.Frame
	Programs []programView
	Name     web.Field
	Full     bool // there may be no more
	Say      *web.Alert

	Password string // as it is typed into the program; empty but when it was just made
	Made     string // what the program is called
	Address  string
	Submission
}

type programView struct {
	ID       string
	Name     string
	At, Used time.Time
}

// mailPrograms reports whether there is something for mail programs to sign in to, and
// this person may send by it.
func (p *Portal) mailPrograms(s *access.Session) bool {
	return p.Submission.On() && p.Account.MaySend(s.Person.ID)
}

// apps is a route of people's mail programs. Where they cannot send there is none.
func (p *Portal) apps(h func(*web.Request, *access.Session) error) func(*web.Request) error {
	return own(func(r *web.Request, s *access.Session) error {
		if !p.mailPrograms(s) {
			return mail.E(mail.Absent, "error.absent", nil)
		}
		return h(r, s)
	})
}

// riskyApps is apps of what needs the password of the last five minutes; see risky.
func (p *Portal) riskyApps(h func(*web.Request, *access.Session) error) func(*web.Request) error {
	return p.apps(func(r *web.Request, _ *access.Session) error { return p.risky("/account/apps", h)(r) })
}

func (p *Portal) appsPage(r *web.Request, s *access.Session) error {
	return p.showApps(r, s, http.StatusOK, "", nil)
}

func (p *Portal) showApps(r *web.Request, s *access.Session, status int, fault string, say *web.Alert) error {
	list, err := p.Account.AppPasswords(r.Context(), s.Person.ID)
	if err != nil {
		return err
	}
	page := &appsPage{
		Say: say, Full: len(list) >= mail.MaxAppPasswords,
		Name: web.Field{Name: "name", Label: r.T("page.apps.name"), Hint: r.T("page.apps.name.hint"), Value: r.Form("name"), Required: true, Max: 60, Error: fault},
	}
	for _, l := range list {
		page.Programs = append(page.Programs, programView{l.ID.String(), l.Name, l.At, l.Used})
	}
	return r.PageWith(status, "portal/apps", page)
}

// makeApp makes an app password and shows it, this once.
func (p *Portal) makeApp(r *web.Request, s *access.Session) error {
	password, err := p.Account.MakeAppPassword(r.Context(), s.Owner(), r.Form("name"))
	switch {
	case err == nil:
		return r.Page("portal/apps", &appsPage{
			Password: password.Text(), Made: r.Form("name"), Address: string(s.Profile.Address), Submission: p.Submission,
		})
	case mail.KindOf(err) == mail.Invalid && sayOf(err).Say == "error.apppassword.name":
		return p.showApps(r, s, http.StatusUnprocessableEntity, r.Sentence(err), nil)
	case mail.KindOf(err) == mail.Invalid:
		return p.showApps(r, s, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	return p.overtaken(r, err)
}

// dropApp takes one away. It asks for no password: whoever may not make one can at most
// keep a mail program from sending.
func (p *Portal) dropApp(r *web.Request, s *access.Session) error {
	id, err := mail.ParseID(r.Form("id"))
	if err != nil {
		return err
	}
	if err := p.Account.DropAppPassword(r.Context(), s.Person.ID, id); err != nil {
		return err
	}
	r.Flash("flash.app.removed")
	return r.Redirect("/account/apps")
}
