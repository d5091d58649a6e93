package portal

import (
	"net/http"
	"slices"
	"strings"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// risks are the pages of what is risky, and all that leads on from the one where the
// password is given again. The list is fixed, so that no link can send somebody who has
// just given it to another place.
var risks = [...]string{"/account/phone", "/account/app", "/account/codes", "/account/off", "/account/password", "/account/recovery", "/account/apps", "/account/passkeys", "/account/close", "/account/join", "/account/export", "/org/help", "/org/domains", "/setup"}

// risky is a route of what needs the password of the last five minutes. Whoever has not
// given it is asked, and comes to page then: what a form had in it is typed again.
func (p *Portal) risky(page string, h func(*web.Request, *access.Session) error) func(*web.Request) error {
	return own(func(r *web.Request, s *access.Session) error {
		if !p.SignIn.SteppedUp(s) {
			return toProve(r, page)
		}
		return h(r, s)
	})
}

// toProve asks for the password, and leads to page then.
func toProve(r *web.Request, page string) error {
	return r.Redirect("/account/prove?next=" + page)
}

// provePage asks who is signed in for the password again.
type provePage struct {
	web.Frame
	Next  string
	Gives bool // what waits is to let a colleague read what came before
	// The viewer organises that mailbox, and does not read there.
	Organises bool
	Address   string
	Typed     bool // there is a password
	Passkey   bool // there is a passkey
	SignOn    bool // the organisation's sign-on has named them
	Label     string
	Password  web.Field
	Say       *web.Alert
}

func (p *Portal) provePage(r *web.Request, s *access.Session) error {
	return p.showProve(r, s, http.StatusOK, r.Query("next"), nil)
}

func (p *Portal) showProve(r *web.Request, s *access.Session, status int, next string, say *web.Alert) error {
	next = nextOf(next)
	page := &provePage{
		Next: next, Gives: isGiving(next), Organises: strings.HasPrefix(next, "/org/"), Address: string(s.Profile.Address), Say: say,
		Password: web.Field{Name: "password", Label: r.T("page.signin.password"), Type: "password", Auto: "current-password", Required: true, Focus: true},
	}
	if err := p.waysToProve(r, s, page); err != nil {
		return err
	}
	return r.PageWith(status, "portal/prove", page)
}

// waysToProve fills in by what somebody can show again who they are.
func (p *Portal) waysToProve(r *web.Request, s *access.Session, page *provePage) (err error) {
	if page.Typed, err = p.SignIn.HasPassword(r.Context(), s.Person); err != nil {
		return err
	}
	list, err := p.passkeysOf(r, s.Person.ID)
	if err != nil {
		return err
	}
	page.Passkey = len(list) > 0
	if p.SignOn != nil && s.How() == access.BySignOn {
		page.SignOn, page.Label = true, p.SignOn.Label()
	}
	return nil
}

func nextOf(asked string) string {
	if slices.Contains(risks[:], asked) || isGiving(asked) || names(asked, "/box/", "/export") {
		return asked
	}
	return "/account"
}

// isGiving reports whether a path is that of a page on which letters are given to somebody
// else: of a function mailbox' people, of who organises it, and of a person who has left.
func isGiving(path string) bool {
	return names(path, "/box/", "/people") || names(path, "/org/mailbox/", "") || names(path, "/org/person/", "")
}

// names reports whether a path is an id between these two.
func names(path, before, behind string) bool {
	id, begins := strings.CutPrefix(path, before)
	id, ends := strings.CutSuffix(id, behind)
	_, err := mail.ParseID(id)
	return begins && ends && err == nil
}

func (p *Portal) prove(r *web.Request, s *access.Session) error {
	token, err := p.SignIn.Prove(r.Context(), r.Token().Secret(), s, r.Form("password"))
	switch mail.KindOf(err) {
	case mail.Denied, mail.Busy:
		return p.showProve(r, s, http.StatusUnprocessableEntity, r.Form("next"), &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	return p.provedBy(r, token, r.Form("next"))
}

// provedBy goes on with the session's new token to what waits.
func (p *Portal) provedBy(r *web.Request, token access.Token, next string) error {
	r.SetToken(web.TokenOf(token))
	next = nextOf(next)
	if isGiving(next) {
		r.Flash("flash.box.proved") // a form cannot be sent again from here
	}
	return r.Redirect(next)
}
