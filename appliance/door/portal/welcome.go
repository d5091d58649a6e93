package portal

import (
	"net/http"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// welcomePage lets an invited person choose a password.
type welcomePage struct {
	web.Frame
	Password web.Field
	Repeat   web.Field
}

func (p *Portal) welcomePage(r *web.Request, _ *visit) error {
	return p.showWelcome(r, http.StatusOK, "", "")
}

func (p *Portal) showWelcome(r *web.Request, status int, fault, differs string) error {
	page := &welcomePage{}
	page.Password, page.Repeat = newPassword(r, "page.welcome.password", fault, differs)
	return r.PageWith(status, "portal/welcome", page)
}

func (p *Portal) welcome(r *web.Request, v *visit) error {
	password := r.Form("password")
	if password != r.Form("repeat") {
		return p.showWelcome(r, http.StatusUnprocessableEntity, "", r.T("page.welcome.differs"))
	}
	person, recipient, err := p.activate(r, v, password)
	if mail.KindOf(err) == mail.Invalid {
		return p.showWelcome(r, http.StatusUnprocessableEntity, r.Sentence(err), "")
	}
	if err != nil {
		return err
	}
	signIn := p.SignIn.Activated
	if recipient {
		signIn = p.SignIn.Registered // the phone was proven a moment ago
	}
	e, err := signIn(r.Context(), person, password, caller(r))
	if err != nil && mail.KindOf(err) == mail.Denied {
		// The password stands; who comes by the organisation's sign-on alone goes on there.
		return p.showSignIn(r, http.StatusOK, "", &web.Alert{Tone: web.Info, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	return p.entered(r, e, "")
}

// activate takes the key over with the invitation's code. recipient tells an invited
// recipient, whose phone asInvited has seen proven, from who works in the house.
func (p *Portal) activate(r *web.Request, v *visit, password string) (person mail.Person, recipient bool, err error) {
	_, recipient, err = p.Office.Invitee(r.Context(), v.letter.Holder)
	if err != nil {
		return person, false, err
	}
	if recipient {
		person, err = p.Office.ActivateRecipient(r.Context(), v.letter.Code, v.letter.Secret, v.owns(p.Clock.Running()), password)
		return person, true, err
	}
	person, _, err = p.Office.Activate(r.Context(), v.letter.Code, v.letter.Secret, password)
	return person, false, err
}

// signInPage is the door of the house's people, and of registered recipients.
type signInPage struct {
	web.Frame
	Address  web.Field
	Password web.Field
	Passkeys bool
	SignOn   string // what the organisation's sign-on is called; empty: there is none
	Next     string // the page that waits behind the sign-in; "" for the mailbox
	Say      *web.Alert
}

// SignOnPath leads to the organisation's sign-on, and to the page behind it.
func (p *signInPage) SignOnPath() string { return web.WithQuery("/in/sso", "next", p.Next) }

func (p *Portal) signInPage(r *web.Request) error {
	switch v := r.Viewer().Value.(type) {
	case *access.Session:
		return toWanted(r, r.Query("next"))
	case *access.Pending:
		return r.Redirect(onward(v))
	}
	return p.showSignIn(r, http.StatusOK, "", nil)
}

func (p *Portal) showSignIn(r *web.Request, status int, address string, say *web.Alert) error {
	name := ""
	if p.SignOn != nil {
		name = p.SignOn.Label()
	}
	return r.PageWith(status, "portal/signin", &signInPage{
		Say: say, Passkeys: p.Passkeys != nil, SignOn: name, Next: wants(r),
		Address:  web.Field{Name: "address", Label: r.T("page.signin.address"), Value: address, Type: "email", Auto: "username", Required: true, Max: mail.MaxAddress, Focus: address == ""},
		Password: web.Field{Name: "password", Label: r.T("page.signin.password"), Type: "password", Auto: "current-password", Required: true, Focus: address != ""},
	})
}

// signIn answers alike for a wrong password and for an address that nobody has.
func (p *Portal) signIn(r *web.Request) error {
	address := r.Form("address")
	e, err := p.SignIn.Password(r.Context(), address, r.Form("password"), caller(r))
	switch mail.KindOf(err) {
	case mail.Denied, mail.Busy:
		return p.showSignIn(r, http.StatusUnprocessableEntity, address, &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	return p.entered(r, e, wants(r))
}

// caller is from where a sign-in comes.
func caller(r *web.Request) access.Caller {
	return access.Caller{Network: r.Address(), Device: r.Device(), Agent: access.ReadAgent(r.Header("User-Agent"))}
}

// entered gives the browser its session, and a mark by which it is known again:
// strangers who guess at the password then do not keep its owner out. Who lacks the
// second step gets neither, but what leads there. Then they go to the page that they wanted.
func (p *Portal) entered(r *web.Request, e access.Entry, wanted string) error {
	p.end(r)
	r.SetToken(web.TokenOf(e.Token))
	if q := e.Pending; q != nil {
		q.Want(wanted)
		if q.Phoned && onward(q) == "/in/factor" { // they have pressed the button, and there is nothing else to choose
			if err := p.textFactor(r, q); err != nil {
				return err
			}
		}
		return r.Redirect(onward(q))
	}
	r.SetDevice(p.SignIn.MarkDevice(r.Device(), e.Session))
	if lacks, err := p.lacksPassword(r, e.Session); lacks || err != nil {
		if err == nil {
			r.Flash("flash.unlock.choose")
			err = r.Redirect("/account/password")
		}
		return err
	}
	return toWanted(r, wanted)
}

// lacksPassword reports whether the server holds somebody's key only until they have chosen
// a password: no administrator wants it to hold keys any more.
func (p *Portal) lacksPassword(r *web.Request, s *access.Session) (bool, error) {
	if s.How() != access.BySignOn || p.Account.HoldsKeys() {
		return false, nil
	}
	has, err := p.SignIn.HasPassword(r.Context(), s.Person)
	return !has, err
}

// onward is where a sign-in that waits goes on.
func onward(q *access.Pending) string {
	switch {
	case q.Enrols():
		return "/in/phone"
	case q.Unlocks():
		return "/in/unlock"
	}
	return "/in/factor"
}

func (p *Portal) signOut(r *web.Request) error {
	if s, ok := r.Viewer().Value.(*access.Session); ok {
		if err := p.Account.SignedOut(r.Context(), s.Person.ID); err != nil { // they are out all the same
			p.Log.Error("write down who signs out", "part", "portal", "req", r.Number(), "err", err)
		}
	}
	return p.toSignIn(r, "flash.out")
}

// toSignIn ends what the browser came with and leads to where people sign in, with a
// sentence.
func (p *Portal) toSignIn(r *web.Request, say string) error {
	p.end(r)
	r.ClearToken()
	r.Flash(say)
	return r.Redirect("/in")
}

// Stranger sends who lacks a session to where one begins, and from there on to the page.
func (p *Portal) Stranger(r *web.Request, need web.Need) error {
	if text := r.Left(); text != "" {
		return p.showLeft(r, need, text)
	}
	switch {
	case need == web.GuestProof:
		return r.Redirect("/m")
	case r.Viewer().Kind != web.Person:
		return r.Redirect(web.WithQuery("/in", "next", asked(r)))
	}
	return mail.E(mail.Absent, "error.absent", nil)
}
