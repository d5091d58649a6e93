package portal

import (
	"context"
	"net/http"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// asking is a route for who has asked to be helped to a new password. Whoever has not
// begins there. Whoever comes with a token that stands for nobody any more is told that it
// is over: most likely they have asked, and have signed in elsewhere since, or have waited
// for too long.
func (p *Portal) asking(h func(*web.Request, *access.Asking) error) func(*web.Request) error {
	return func(r *web.Request) error {
		if q, ok := r.Viewer().Value.(*access.Asking); ok {
			return h(r, q)
		}
		if r.Viewer().Value == nil && !r.Token().IsZero() {
			r.Flash("flash.help.over")
			return r.Redirect("/in")
		}
		return r.Redirect("/in/help")
	}
}

// at is asking at one stage of it; at another one leads to where that goes on.
func (p *Portal) at(stage access.Stage, h func(*web.Request, *access.Asking, access.State) error) func(*web.Request) error {
	return p.asking(func(r *web.Request, q *access.Asking) error {
		s := q.State()
		if s.Stage == stage {
			return h(r, q, s)
		}
		switch s.Stage {
		case access.HelpBegun:
			return r.Redirect("/in/help/proof")
		case access.HelpGiven:
			return r.Redirect("/in/help/password")
		}
		return r.Redirect("/in/help/wait")
	})
}

// helpPage asks for the address of who has forgotten the password and has no code on
// paper.
type helpPage struct {
	web.Frame
	Address web.Field
	Say     *web.Alert
}

func (p *Portal) helpPage(r *web.Request) error {
	if _, begun := r.Viewer().Value.(*access.Asking); begun {
		return r.Redirect("/in/help/proof")
	}
	return p.showHelp(r, http.StatusOK, "", nil)
}

func (p *Portal) showHelp(r *web.Request, status int, fault string, say *web.Alert) error {
	return r.PageWith(status, "portal/help", &helpPage{
		Say:     say,
		Address: web.Field{Name: "address", Label: r.T("page.signin.address"), Value: r.Form("address"), Error: fault, Type: "email", Auto: "username", Required: true, Max: mail.MaxAddress, Focus: true},
	})
}

// beginHelp answers alike for every address.
func (p *Portal) beginHelp(r *web.Request) error {
	token, err := p.Helping.Begin(r.Context(), r.Form("address"), caller(r))
	switch mail.KindOf(err) {
	case mail.Invalid:
		return p.showHelp(r, http.StatusUnprocessableEntity, r.Sentence(err), nil)
	case mail.Busy:
		return p.showHelp(r, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	p.end(r)
	r.SetToken(web.TokenOf(token))
	return r.Redirect("/in/help/proof")
}

// helpProofPage asks for what shows that somebody is who they say.
type helpProofPage struct {
	web.Frame
	Sent bool // a PIN was asked for; whether there is a phone is not told
	Code web.Field
	Say  *web.Alert
}

func (p *Portal) helpProofPage(r *web.Request, _ *access.Asking, s access.State) error {
	var say *web.Alert
	if s.Say != "" {
		say = &web.Alert{Tone: web.Warning, Text: r.T(s.Say)}
	}
	return p.showHelpProof(r, s, http.StatusOK, "", say)
}

func (p *Portal) showHelpProof(r *web.Request, s access.State, status int, fault string, say *web.Alert) error {
	page := &helpProofPage{Sent: s.Sent && r.Query("by") != "app", Say: say}
	if page.Sent {
		page.Code = pinField(r, "code", fault)
	} else {
		page.Code = web.Field{
			Name: "code", Label: r.T("page.factor.label"), Hint: r.T("page.factor.hint"), Error: fault,
			Auto: "one-time-code", Max: 20, Required: true, Focus: true, Code: true,
		}
	}
	return r.PageWith(status, "portal/helpproof", page)
}

func (p *Portal) proveHelp(r *web.Request, q *access.Asking, s access.State) error {
	by := access.ByCode
	if s.Sent = r.Form("by") == "pin"; s.Sent {
		by = access.ByPIN
	}
	err := p.Helping.Prove(r.Context(), q, by, r.Form("code"))
	switch mail.KindOf(err) {
	case mail.Invalid:
		return p.showHelpProof(r, s, http.StatusUnprocessableEntity, r.Sentence(err), nil)
	case mail.Busy:
		return p.showHelpProof(r, s, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	return p.askHelp(r, q, s)
}

// sendHelp sends a PIN to the reserve phone of who asks, if there is one. It is sent
// beside the answer, so that this takes as long for an address that nobody has.
func (p *Portal) sendHelp(r *web.Request, q *access.Asking, _ access.State) error {
	person, pin, to, err := p.Helping.Reserve(r.Context(), q)
	if mail.KindOf(err) == mail.Busy {
		q.Tell(sayOf(err).Say)
		return r.Redirect("/in/help/proof")
	}
	if err != nil {
		return err
	}
	if to != "" {
		ctx, lang, number := context.WithoutCancel(r.Context()), r.Language(), r.Number()
		p.aside.Go(func() {
			if err := p.Texter.SendHelp(ctx, person, pin, to, lang); err != nil {
				p.Log.Warn("send a PIN", "part", "portal", "req", number, "err", err)
			}
		})
	}
	return r.Redirect("/in/help/proof")
}

// Wait waits for what is still done beside answers that were given.
func (p *Portal) Wait() { p.aside.Wait() }

// askHelp puts the question, proven or not, to those who may help.
func (p *Portal) askHelp(r *web.Request, q *access.Asking, s access.State) error {
	err := p.Helping.Ask(r.Context(), q)
	if mail.KindOf(err) == mail.Busy {
		return p.showHelpProof(r, s, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	return r.Redirect("/in/help/wait")
}

// helpWaitPage shows the number that is read to an organiser, until one has helped.
type helpWaitPage struct {
	web.Frame
	Number string
	Agreed int // organisers
	Over   bool
	Phone  string
}

func (p *Portal) helpWaitPage(r *web.Request, q *access.Asking) error {
	s := q.State()
	switch s.Stage {
	case access.HelpBegun:
		return r.Redirect("/in/help/proof")
	case access.HelpGiven:
		return r.Redirect("/in/help/password")
	}
	return r.Page("portal/helpwait", &helpWaitPage{Number: s.Number, Agreed: s.Agreed, Over: s.Stage == access.HelpOver, Phone: p.look(r).Phone})
}

// denyHelp ends what others have asked in the name of who is signed in.
func (p *Portal) denyHelp(r *web.Request, s *access.Session) error {
	if err := p.Helping.Deny(r.Context(), s.Actor()); err != nil {
		return err
	}
	r.Flash("flash.help.denied")
	return r.Redirect("/account")
}

// stopHelp takes the question back.
func (p *Portal) stopHelp(r *web.Request, _ *access.Asking) error {
	return p.toSignIn(r, "flash.help.stopped")
}

// helpPasswordPage lets who was helped choose the new password.
type helpPasswordPage struct {
	web.Frame
	Password, Repeat web.Field
}

func (p *Portal) helpPasswordPage(r *web.Request, _ *access.Asking, _ access.State) error {
	return p.showHelpPassword(r, http.StatusOK, "", "")
}

func (p *Portal) showHelpPassword(r *web.Request, status int, fault, differs string) error {
	page := &helpPasswordPage{}
	page.Password, page.Repeat = newPassword(r, "page.password.label", fault, differs)
	return r.PageWith(status, "portal/helppassword", page)
}

// chooseHelp sets the new password. Nobody is signed in by it: whoever has a second
// factor is asked for it at the sign-in that follows.
func (p *Portal) chooseHelp(r *web.Request, _ *access.Asking, _ access.State) error {
	password := r.Form("password")
	if password != r.Form("repeat") {
		return p.showHelpPassword(r, http.StatusUnprocessableEntity, "", r.T("page.welcome.differs"))
	}
	err := p.Helping.Choose(r.Context(), r.Token().Secret(), password)
	switch mail.KindOf(err) {
	case mail.Invalid:
		return p.showHelpPassword(r, http.StatusUnprocessableEntity, r.Sentence(err), "")
	case mail.Denied:
		return p.toSignIn(r, "flash.help.over")
	}
	if err != nil {
		return err
	}
	return p.toSignIn(r, "flash.recovered")
}
