package portal

import (
	"net/http"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// passwordPage lets who has just given the password choose another.
type passwordPage struct {
	web.Frame
	Address  string
	Password web.Field
	Repeat   web.Field
}

func (p *Portal) passwordPage(r *web.Request, s *access.Session) error {
	return p.showPassword(r, s, http.StatusOK, "", "")
}

func (p *Portal) showPassword(r *web.Request, s *access.Session, status int, fault, differs string) error {
	page := &passwordPage{Address: string(s.Profile.Address)}
	page.Password, page.Repeat = newPassword(r, "page.password.label", fault, differs)
	return r.PageWith(status, "portal/password", page)
}

// newPassword are the two fields in which a password is chosen.
func newPassword(r *web.Request, label, fault, differs string) (password, repeat web.Field) {
	return web.Field{Name: "password", Label: r.T(label), Hint: r.T("page.welcome.hint", "Min", access.MinPassword), Error: fault, Type: "password", Auto: "new-password", Required: true, Focus: true},
		web.Field{Name: "repeat", Label: r.T("page.welcome.repeat"), Error: differs, Type: "password", Auto: "new-password", Required: true}
}

// changePassword ends all other sessions: whoever had the old password is out.
func (p *Portal) changePassword(r *web.Request, s *access.Session) error {
	password := r.Form("password")
	if password != r.Form("repeat") {
		return p.showPassword(r, s, http.StatusUnprocessableEntity, "", r.T("page.welcome.differs"))
	}
	lock, err := p.Account.ChangePassword(r.Context(), s.Owner(), password)
	if lock != nil {
		s.Relocked(lock)
		p.forgetPictures(p.SignIn.EndOthers(s))
	}
	if err != nil && mail.KindOf(err) == mail.Invalid {
		return p.showPassword(r, s, http.StatusUnprocessableEntity, r.Sentence(err), "")
	}
	if err != nil {
		return p.overtaken(r, err)
	}
	r.Flash("flash.password")
	return r.Redirect("/account")
}
