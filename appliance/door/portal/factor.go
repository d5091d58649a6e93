package portal

import (
	"net/http"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// pending is a route for who has given the password and lacks the second step. Whoever
// has not begins there.
func pending(h func(*web.Request, *access.Pending) error) func(*web.Request) error {
	return func(r *web.Request) error {
		q, ok := r.Viewer().Value.(*access.Pending)
		if !ok {
			return r.Redirect("/in")
		}
		return h(r, q)
	}
}

// atFactor is a route for who has a second factor to show.
func (p *Portal) atFactor(h func(*web.Request, *access.Pending) error) func(*web.Request) error {
	return pending(func(r *web.Request, q *access.Pending) error {
		if q.Enrols() || q.Unlocks() {
			return r.Redirect(onward(q))
		}
		return h(r, q)
	})
}

// factorPage is the second step of signing in.
type factorPage struct {
	web.Frame
	ByPIN bool // a PIN was sent, and is asked for
	Tail  string
	Codes bool
	// Phoned: the phone is the second factor. Ask: the PIN is still to be asked for.
	Phoned, Ask bool
	// Passkey: there is one, in the place of a code.
	Passkey bool
	Code    web.Field
	Say     *web.Alert
}

func (p *Portal) factorPage(r *web.Request, q *access.Pending) error {
	say, sent := q.Said()
	var alert *web.Alert
	if say != "" {
		alert = &web.Alert{Tone: web.Warning, Text: r.T(say)}
	}
	by := access.ByCode
	if sent && r.Query("by") != "app" {
		by = access.ByPIN
	}
	return p.showFactor(r, q, http.StatusOK, by, "", alert)
}

func (p *Portal) showFactor(r *web.Request, q *access.Pending, status int, by access.Means, fault string, say *web.Alert) error {
	list, err := p.passkeysOf(r, q.Person.ID)
	if err != nil {
		return err
	}
	page := &factorPage{ByPIN: by == access.ByPIN, Tail: q.Phone.Tail(), Codes: q.Codes, Phoned: q.Phoned, Passkey: len(list) > 0, Say: say}
	if page.ByPIN {
		page.Code = pinField(r, "code", fault)
	} else {
		hint := r.T("page.factor.hint")
		if q.Phoned {
			page.Ask, hint = r.Query("by") != "app" && fault == "", ""
		}
		page.Code = web.Field{
			Name: "code", Label: r.T("page.factor.label"), Hint: hint, Error: fault,
			Auto: "one-time-code", Max: 20, Required: true, Focus: true, Code: true,
		}
	}
	return r.PageWith(status, "portal/factor", page)
}

// factor takes the second step. The try is counted first (access.SignIn.Second).
func (p *Portal) factor(r *web.Request, q *access.Pending) error {
	by := access.ByCode
	if r.Form("by") == "pin" {
		by = access.ByPIN
	}
	e, err := p.SignIn.Second(r.Context(), r.Token().Secret(), by, r.Form("code"))
	switch mail.KindOf(err) {
	case mail.Invalid:
		return p.showFactor(r, q, http.StatusUnprocessableEntity, by, r.Sentence(err), nil)
	case mail.Gone, mail.Busy:
		return p.showFactor(r, q, http.StatusUnprocessableEntity, by, "", &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	}
	if err != nil {
		return p.over(r, err)
	}
	return p.entered(r, e, wants(r))
}

// over sends whose sign-in is over back to its beginning.
func (p *Portal) over(r *web.Request, err error) error {
	if mail.KindOf(err) != mail.Denied {
		return err
	}
	return p.toSignIn(r, "flash.over")
}

// sendFactor sends a PIN to the reserve phone. It is the person's button, and nothing is
// sent while the second step is closed.
func (p *Portal) sendFactor(r *web.Request, q *access.Pending) error {
	if err := p.textFactor(r, q); err != nil {
		return err
	}
	return r.Redirect("/in/factor")
}

// textFactor sends the PIN. What went wrong is said on the next page.
func (p *Portal) textFactor(r *web.Request, q *access.Pending) error {
	err := p.SignIn.CanTry(r.Context(), q)
	if err == nil {
		err = p.sent(r, q.PIN(), p.Texter.SendOwn(r.Context(), q.Person.ID, q.PIN(), q.Phone, r.Language()))
	}
	if err != nil {
		if mail.KindOf(err) == mail.Internal {
			return err
		}
		q.Tell(sayOf(err).Say, false)
	} else {
		q.Tell("", true)
	}
	return nil
}
