package portal

import (
	"net/http"
	"slices"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// unlockPage asks who has shown who they are for what opens their mailbox.
type unlockPage struct {
	web.Frame
	Address  string
	SignOn   bool // by the organisation's sign-on; else by a passkey
	None     bool // there is no password: they have not used their invitation
	Passkey  bool // there is a passkey that opens it
	Holds    bool // the server holds the key from now on
	Password web.Field
	Say      *web.Alert
}

// atUnlock is a route for who has shown who they are, and not what opens their key.
func (p *Portal) atUnlock(h func(*web.Request, *access.Pending) error) func(*web.Request) error {
	return pending(func(r *web.Request, q *access.Pending) error {
		if !q.Unlocks() {
			return r.Redirect(onward(q))
		}
		return h(r, q)
	})
}

func (p *Portal) unlockPage(r *web.Request, q *access.Pending) error {
	return p.showUnlock(r, q, http.StatusOK, "", nil)
}

func (p *Portal) showUnlock(r *web.Request, q *access.Pending, status int, fault string, say *web.Alert) error {
	has, err := p.SignIn.HasPassword(r.Context(), q.Person)
	if err != nil {
		return err
	}
	list, err := p.passkeysOf(r, q.Person.ID)
	if err != nil {
		return err
	}
	opens := slices.ContainsFunc(list, func(k office.Passkey) bool { return k.Opens })
	by := q.How() == access.BySignOn
	return r.PageWith(status, "portal/unlock", &unlockPage{
		Address: string(q.Profile.Address), SignOn: by, None: !has, Passkey: opens && by, Holds: by && p.Account.HoldsKeys(), Say: say,
		Password: web.Field{Name: "password", Label: r.T("page.signin.password"), Error: fault, Type: "password", Auto: "current-password", Required: true, Focus: true},
	})
}

func (p *Portal) unlock(r *web.Request, q *access.Pending) error {
	e, err := p.SignIn.Unlock(r.Context(), r.Token().Secret(), r.Form("password"))
	switch mail.KindOf(err) {
	case mail.Invalid:
		return p.showUnlock(r, q, http.StatusUnprocessableEntity, r.Sentence(err), nil)
	case mail.Busy:
		return p.showUnlock(r, q, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Warning, Text: r.Sentence(err)})
	}
	if err != nil {
		return p.over(r, err)
	}
	return p.entered(r, e, wants(r))
}
