package portal

import (
	"context"
	"net/http"
	"sync"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/signon"
)

// SignOnProvider is the organisation's own sign-on.
type SignOnProvider interface {
	Begin(ctx context.Context, a signon.Ask) (address string, w signon.Waiting, err error)
	Finish(ctx context.Context, w signon.Waiting, a signon.Answer) (signon.Identity, error)
	// Label is what its button is called.
	Label() string
	// Vouches reports whether who comes so has shown two factors there.
	Vouches(signon.Identity) bool
}

// signsOn is what is kept of whom the sign-on means; office.Office does it.
type signsOn interface {
	SignedOn(ctx context.Context, who office.Identity) (mail.Person, error)
	Arrive(ctx context.Context, who office.Identity, lang, password string) (mail.Person, error)
	IsBound(ctx context.Context, person mail.ID) (bool, error)
	Holds(ctx context.Context, person mail.ID) (bool, error)
	HoldsKeys() bool // whether the server is to hold the keys of who comes so
}

// signOnLife is how long somebody may take at the provider and then here.
const signOnLife = 2 * signon.Waits

// signOn is a sign-on under way in one browser. It lives in memory.
type signOn struct {
	waits signon.Waiting
	fresh bool    // who it is must have been shown there just now
	prove mail.ID // the session in which somebody is to prove again who they are; zero: somebody signs in
	next  string  // where they go then

	mu   sync.Mutex
	came bool             // an answer has come: there is only one
	id   *signon.Identity // whom the provider has named; nil: it has not yet
}

// comes is true once, for the first answer.
func (o *signOn) comes() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	first := !o.came
	o.came = true
	return first
}

func (o *signOn) named(id signon.Identity) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.id = &id
}

func (o *signOn) identity() (signon.Identity, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.id == nil {
		return signon.Identity{}, false
	}
	return *o.id, true
}

// withSignOn is a route of the sign-on. Where the organisation has none there is none.
func (p *Portal) withSignOn(h func(*web.Request) error) func(*web.Request) error {
	return only(func() bool { return p.SignOn != nil }, h)
}

// beginSignOn leads to the provider.
func (p *Portal) beginSignOn(r *web.Request) error {
	return p.toProvider(r, &signOn{next: wantedOf(r.Query("next"))}, false)
}

// beginProof leads who is signed in to the provider, to show there anew who they are.
func (p *Portal) beginProof(r *web.Request) error {
	s, ok := r.Viewer().Value.(*access.Session)
	if !ok {
		return mail.E(mail.Absent, "error.absent", nil)
	}
	return p.toProvider(r, &signOn{prove: s.ID, next: nextOf(r.Query("next"))}, true)
}

func (p *Portal) toProvider(r *web.Request, o *signOn, fresh bool) error {
	if err := p.SignIn.BeginSignOn(r.Context(), caller(r)); err != nil {
		return p.notSignedOn(r, err)
	}
	address, w, err := p.SignOn.Begin(r.Context(), signon.Ask{Fresh: fresh, Lang: r.Language()})
	if err != nil {
		return p.notSignedOn(r, err)
	}
	o.waits, o.fresh = w, fresh
	token, err := p.signOns.Add(o)
	if err != nil {
		return err
	}
	r.SetSignOn(web.TokenOf(token), signOnLife)
	return r.Away(address)
}

// backFromProvider takes the provider's answer, which comes by a link of its own. Nobody is
// signed in on a step from another site.
func (p *Portal) backFromProvider(r *web.Request) error {
	o, ok := p.signOns.Get(r.SignOn().Secret())
	if !ok || !o.comes() {
		return p.notSignedOn(r, mail.E(mail.Denied, "error.signon.late", nil))
	}
	id, err := p.SignOn.Finish(r.Context(), o.waits, signon.Answer{
		Code: r.Query("code"), State: r.Query("state"), Issuer: r.Query("iss"), Error: r.Query("error"),
	})
	if err != nil {
		return p.notSignedOn(r, err)
	}
	o.named(id)
	return r.Onward("/in/sso/done")
}

// notSignedOn says why somebody was not let in, where people sign in: there are other ways.
func (p *Portal) notSignedOn(r *web.Request, err error) error {
	switch mail.KindOf(err) {
	case mail.Denied, mail.Invalid, mail.Busy, mail.Again:
		p.Log.Info("sign-on refused", "part", "portal", "req", r.Number(), "err", err)
		return p.showSignIn(r, http.StatusUnprocessableEntity, "", &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	return err
}

// signedOn goes on with whom the provider has named.
func (p *Portal) signedOn(r *web.Request) error {
	o, id, err := p.whoSignsOn(r)
	if err != nil {
		return p.notSignedOn(r, err)
	}
	if !o.prove.IsZero() {
		return p.provedBySignOn(r, o, id)
	}
	e, err := p.SignIn.SignOn(r.Context(), p.find(o, id), caller(r))
	if mail.KindOf(err) == mail.Absent {
		if !p.Account.HoldsKeys() {
			return r.Redirect("/in/arrive")
		}
		e, err = p.arrives(r, o, id, "")
	}
	return p.onBySignOn(r, o, e, err)
}

func (p *Portal) whoSignsOn(r *web.Request) (*signOn, signon.Identity, error) {
	o, ok := p.signOns.Get(r.SignOn().Secret())
	if !ok {
		return nil, signon.Identity{}, mail.E(mail.Denied, "error.signon.late", nil)
	}
	id, ok := o.identity()
	if !ok {
		return nil, signon.Identity{}, mail.E(mail.Denied, "error.signon.late", nil)
	}
	return o, id, nil
}

// onBySignOn ends the sign-on: it is good for one session.
func (p *Portal) onBySignOn(r *web.Request, o *signOn, e access.Entry, err error) error {
	if err != nil {
		return p.notSignedOn(r, err)
	}
	p.signOns.Drop(r.SignOn().Secret())
	r.ClearSignOn()
	if e.Session != nil && !e.Session.Person.Active && p.Account.HoldsKeys() {
		r.Flash("flash.held") // who was never here has not been told
	}
	return p.entered(r, e, o.next)
}

func (p *Portal) find(o *signOn, id signon.Identity) func(context.Context) (access.SignedOn, error) {
	return func(ctx context.Context) (access.SignedOn, error) {
		person, err := p.Account.SignedOn(ctx, identityOf(id))
		return access.SignedOn{Person: person, Two: p.SignOn.Vouches(id), Fresh: o.fresh}, err
	}
}

func identityOf(id signon.Identity) office.Identity {
	return office.Identity{Issuer: id.Issuer, Subject: id.Subject, Address: id.Address, Name: id.Name}
}

// arrives makes whom nobody has met yet, and signs them in.
func (p *Portal) arrives(r *web.Request, o *signOn, id signon.Identity, password string) (access.Entry, error) {
	if _, err := p.Account.Arrive(r.Context(), identityOf(id), r.Language(), password); err != nil {
		return access.Entry{}, err
	}
	e, err := p.SignIn.SignOn(r.Context(), p.find(o, id), caller(r))
	if err != nil || e.Pending == nil || !e.Pending.Unlocks() {
		return e, err
	}
	return p.SignIn.Unlock(r.Context(), e.Token, password)
}

func (p *Portal) provedBySignOn(r *web.Request, o *signOn, id signon.Identity) error {
	s, ok := r.Viewer().Value.(*access.Session)
	if !ok {
		return r.Redirect("/in")
	}
	if s.ID != o.prove { // another one of theirs, which is left alone
		return toProve(r, o.next)
	}
	p.signOns.Drop(r.SignOn().Secret())
	r.ClearSignOn()
	token, err := p.SignIn.ProveBySignOn(r.Context(), r.Token().Secret(), s, p.find(o, id))
	if kind := mail.KindOf(err); err != nil && (kind == mail.Denied || kind == mail.Invalid) {
		return p.showProve(r, s, http.StatusUnprocessableEntity, o.next, &web.Alert{Tone: web.Danger, Text: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	return p.provedBy(r, token, o.next)
}

// arrivePage lets somebody whom the sign-on has named choose what opens their mailbox.
type arrivePage struct {
	web.Frame
	Name, Address    string
	Password, Repeat web.Field
}

func (p *Portal) arrivePage(r *web.Request) error {
	_, id, err := p.whoSignsOn(r)
	if err != nil {
		return p.notSignedOn(r, err)
	}
	return p.showArrive(r, id, http.StatusOK, "", "")
}

func (p *Portal) showArrive(r *web.Request, id signon.Identity, status int, fault, differs string) error {
	page := &arrivePage{Name: id.Name, Address: string(id.Address)}
	page.Password, page.Repeat = newPassword(r, "page.unlock.password", fault, differs)
	return r.PageWith(status, "portal/arrive", page)
}

func (p *Portal) comeIn(r *web.Request) error {
	o, id, err := p.whoSignsOn(r)
	if err != nil {
		return p.notSignedOn(r, err)
	}
	password := r.Form("password")
	if password != r.Form("repeat") {
		return p.showArrive(r, id, http.StatusUnprocessableEntity, "", r.T("page.welcome.differs"))
	}
	e, err := p.arrives(r, o, id, password)
	if err != nil && mail.KindOf(err) == mail.Invalid {
		return p.showArrive(r, id, http.StatusUnprocessableEntity, r.Sentence(err), "")
	}
	return p.onBySignOn(r, o, e, err)
}
