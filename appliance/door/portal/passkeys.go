package portal

import (
	"encoding/json"
	"net/http"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// passkeysPage has a person's passkeys, and lets them make one more.
type passkeysPage struct {
	web.Frame
	Keys   []passkeyView
	Factor bool // there is a second factor, without which none is made
	Full   bool // there may be no more
	Name   web.Field
	Say    *web.Alert
}

type passkeyView struct {
	ID, Name string
	Opens    bool
	At, Used time.Time
}

// riskyPasskeys is a route of somebody's own passkeys, which needs the password of the last
// five minutes; see risky.
func (p *Portal) riskyPasskeys(h func(*web.Request, *access.Session) error) func(*web.Request) error {
	return p.withPasskeys(p.risky("/account/passkeys", h))
}

func (p *Portal) passkeysPage(r *web.Request, s *access.Session) error {
	return p.showPasskeys(r, s, http.StatusOK, "", nil)
}

func (p *Portal) showPasskeys(r *web.Request, s *access.Session, status int, fault string, say *web.Alert) error {
	list, err := p.Account.Passkeys(r.Context(), s.Person.ID)
	if err != nil {
		return err
	}
	f, err := p.Account.Factor(r.Context(), s.Person.ID)
	if err != nil {
		return err
	}
	page := &passkeysPage{
		Factor: f.On(), Full: len(list) >= mail.MaxPasskeys, Say: say,
		Name: web.Field{Name: "name", Label: r.T("page.passkeys.name"), Hint: r.T("page.passkeys.name.hint"), Value: r.Form("name"), Error: fault, Required: true, Max: 60},
	}
	for _, k := range list {
		page.Keys = append(page.Keys, passkeyView{k.ID.String(), k.Name, k.Opens, k.At, k.Used})
	}
	return r.PageWith(status, "portal/passkeys", page)
}

// newPasskeyOptions asks the browser to make one.
func (p *Portal) newPasskeyOptions(r *web.Request, s *access.Session) error {
	have, err := p.credentials(r.Context(), s.Person.ID)
	if err != nil {
		return err
	}
	options, ch, err := p.Passkeys.Create(s.Person.ID, string(s.Profile.Address), s.Profile.Name, have)
	if err != nil {
		return err
	}
	return p.ask(r, options, ch)
}

func (p *Portal) addPasskey(r *web.Request, s *access.Session) error {
	err := p.makePasskey(r, s)
	switch {
	case err == nil:
		r.Flash("flash.passkey.made")
		return r.Redirect("/account/passkeys")
	case mail.KindOf(err) == mail.Invalid && sayOf(err).Say == "error.passkey.name":
		return p.showPasskeys(r, s, http.StatusUnprocessableEntity, r.Sentence(err), nil)
	case mail.KindOf(err) == mail.Invalid, mail.KindOf(err) == mail.Denied && sayOf(err).Say != "error.overtaken":
		return p.showPasskeys(r, s, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	return p.overtaken(r, err)
}

func (p *Portal) makePasskey(r *web.Request, s *access.Session) error {
	c, err := p.taken(r)
	if err != nil {
		return err
	}
	cred, err := p.Passkeys.Created(c.challenge, []byte(r.Form("response")))
	if err != nil {
		return err
	}
	kept, err := json.Marshal(cred)
	if err != nil {
		return err
	}
	return p.Account.AddPasskey(r.Context(), s.Owner(), office.NewPasskey{Name: r.Form("name"), ID: cred.ID, Credential: kept, PRF: prf(r)})
}

func (p *Portal) dropPasskey(r *web.Request, s *access.Session) error {
	id, err := mail.ParseID(r.Form("id"))
	if err != nil {
		return err
	}
	err = p.Account.DropPasskey(r.Context(), s.Owner(), id)
	if k := mail.KindOf(err); err == nil || k != mail.Denied && k != mail.Absent {
		// Who came in by it is out; so is whoever else, as a session does not tell by which.
		// Also if only erasing its slot has failed: the passkey is gone then, too.
		p.forgetPictures(p.SignIn.EndOthers(s))
	}
	if err != nil {
		return p.overtaken(r, err)
	}
	r.Flash("flash.passkey.removed")
	return r.Redirect("/account/passkeys")
}
