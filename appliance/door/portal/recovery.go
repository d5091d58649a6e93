package portal

import (
	"net/http"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// recoveryPage makes the code that a person keeps on paper against a forgotten password,
// and shows it once.
type recoveryPage struct {
	web.Frame
	Has     bool
	Code    string // as it is printed; empty before it is made
	Sign    string
	Address string
}

func (p *Portal) recoveryPage(r *web.Request, s *access.Session) error {
	has, err := p.Account.HasRecoveryCode(r.Context(), s.Person.ID)
	if err != nil {
		return err
	}
	return r.Page("portal/recovery", &recoveryPage{Has: has})
}

func (p *Portal) makeRecovery(r *web.Request, s *access.Session) error {
	code, err := p.Account.MakeRecoveryCode(r.Context(), s.Owner())
	if err != nil {
		return p.overtaken(r, err)
	}
	return r.Page("portal/recovery", &recoveryPage{Code: code.Text(), Sign: p.look(r).House, Address: string(s.Profile.Address)})
}

// lostPage takes that code from somebody who has forgotten the password.
type lostPage struct {
	web.Frame
	Address, Code    web.Field
	Password, Repeat web.Field
	Say              *web.Alert
}

func (p *Portal) lostPage(r *web.Request) error { return p.showLost(r, http.StatusOK, lostFaults{}) }

// lostFaults are what was wrong with what was typed, in sentences.
type lostFaults struct {
	all, password, differs string
}

func (p *Portal) showLost(r *web.Request, status int, f lostFaults) error {
	page := &lostPage{
		Address: web.Field{Name: "address", Label: r.T("page.signin.address"), Value: r.Form("address"), Type: "email", Auto: "username", Required: true, Max: mail.MaxAddress, Focus: status == http.StatusOK},
		Code:    web.Field{Name: "code", Label: r.T("page.lost.code"), Hint: r.T("page.lost.code.hint"), Value: r.Form("code"), Required: true, Code: true, Max: 60},
	}
	page.Password, page.Repeat = newPassword(r, "page.password.label", f.password, f.differs)
	page.Password.Focus = false // the address comes first
	if f.all != "" {
		page.Say = &web.Alert{Tone: web.Danger, Text: f.all}
	}
	return r.PageWith(status, "portal/lost", page)
}

// badCode reports whether what was typed cannot be a code at all.
func badCode(err error) bool {
	return sayOf(err).Say == "error.recover.code"
}

// lost sets the new password. Nobody is signed in by it: whoever has a second factor is
// asked for it at the sign-in that follows.
func (p *Portal) lost(r *web.Request) error {
	password := r.Form("password")
	if password != r.Form("repeat") {
		return p.showLost(r, http.StatusUnprocessableEntity, lostFaults{differs: r.T("page.welcome.differs")})
	}
	err := p.Recovery.Recover(r.Context(), r.Form("address"), r.Form("code"), password, caller(r))
	switch {
	case err == nil:
		return p.toSignIn(r, "flash.recovered")
	case mail.KindOf(err) == mail.Denied || mail.KindOf(err) == mail.Busy || badCode(err):
		return p.showLost(r, http.StatusUnprocessableEntity, lostFaults{all: r.Sentence(err)})
	case mail.KindOf(err) == mail.Invalid:
		return p.showLost(r, http.StatusUnprocessableEntity, lostFaults{password: r.Sentence(err)})
	}
	return err
}
