package portal

import (
	"context"
	"slices"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// Account is what people's own pages ask for; office.Office does it.
type Account interface {
	Factor(ctx context.Context, person mail.ID) (access.Factor, error)
	SetFactor(ctx context.Context, by access.Owner, f access.NewFactor) (at time.Time, err error)
	SetReserve(ctx context.Context, by access.Owner, phone mail.Phone) (at time.Time, err error)
	DropFactor(ctx context.Context, by access.Owner) error
	MakeCodes(ctx context.Context, by access.Owner) ([]access.SignInCode, error)
	HasRecoveryCode(ctx context.Context, person mail.ID) (bool, error)
	MakeRecoveryCode(ctx context.Context, by access.Owner) (access.RecoveryCode, error)
	// ChangePassword returns a lock when the password stands, whatever else went wrong.
	ChangePassword(ctx context.Context, by access.Owner, password string) (lock mail.Box, err error)
	// OwnSignature is what stands below a person's letters, and SetOwnSignature keeps it.
	OwnSignature(ctx context.Context, person mail.ID) (string, error)
	SetOwnSignature(ctx context.Context, person mail.ID, text string) error
	SetLanguage(ctx context.Context, person mail.ID, lang string) error
	// SetReceipt keeps how a person is told that their letters were read, and ProvenPhone is
	// where an SMS could go.
	SetReceipt(ctx context.Context, person mail.ID, r mail.ReadReceipt) error
	ProvenPhone(ctx context.Context, person mail.ID) (mail.Phone, error)
	SetTold(ctx context.Context, person mail.ID, own, shared mail.Told) error
	// SignedOut writes down that a person has.
	SignedOut(ctx context.Context, person mail.ID) error
	// MaySend reports whether a person may send from a mail program.
	MaySend(person mail.ID) bool
	AppPasswords(ctx context.Context, person mail.ID) ([]office.MailProgram, error)
	MakeAppPassword(ctx context.Context, by access.Owner, name string) (access.AppPassword, error)
	DropAppPassword(ctx context.Context, person, id mail.ID) error
	// InboxShown takes what the link of a mail to a registered recipient holds.
	InboxShown(ctx context.Context, person mail.ID, proof string) error
	// MayJoin and Join make one of the house of a recipient whose address is the house's.
	MayJoin(by access.Owner, proof string) error
	Join(ctx context.Context, by access.Owner, proof string) error
	// CloseAccount ends a registered recipient's.
	CloseAccount(ctx context.Context, by access.Owner) (closed bool, err error)
	keys
	signsOn
}

// accountPage is what somebody of the house may see and change of their own account.
type accountPage struct {
	web.Frame
	Name, Address string
	On            bool // there is a second factor
	Phoned        bool // it is the phone; there is no app
	Must          bool // one is required by now
	Since         time.Time
	Tail          string // of the reserve phone
	Codes         int
	Recovery      bool // there is a code on paper against a forgotten password
	Password      bool // there is one
	Passkeys      bool // browsers can make passkeys here
	Keys          int  // of them
	Held          bool // the server can open the person's key by itself
	Apps          bool // mail programs can send
	Plan          string
	Allowance     mail.Allowance
	Helped        bool // somebody asks for a new password in their name
	Warn          *web.Alert
	Sessions      []sessionView
	Language      web.Field
	Told          []web.Field // when a mail tells of new letters
	Receipt       web.Field   // when somebody has read
	Signature     web.Field   // without a name: somebody who writes no letters here
}

type sessionView struct {
	ID          string
	Name        string
	Since, Seen time.Time
	This        bool
}

// own is a route for who is signed in, with the session.
func own(h func(*web.Request, *access.Session) error) func(*web.Request) error {
	return func(r *web.Request) error {
		s, ok := r.Viewer().Value.(*access.Session)
		if !ok {
			return mail.E(mail.Absent, "error.absent", nil)
		}
		return h(r, s)
	}
}

func (p *Portal) account(r *web.Request, s *access.Session) error {
	page, err := p.accountOf(r, s)
	if err != nil {
		return err
	}
	return r.Page("portal/account", page)
}

func (p *Portal) accountOf(r *web.Request, s *access.Session) (*accountPage, error) {
	f, err := p.Account.Factor(r.Context(), s.Person.ID)
	if err != nil {
		return nil, err
	}
	has, err := p.Account.HasRecoveryCode(r.Context(), s.Person.ID)
	if err != nil {
		return nil, err
	}
	page := &accountPage{
		Recovery: has, Apps: p.mailPrograms(s),
		Name: s.Profile.Name, Address: string(s.Profile.Address), On: f.On(), Phoned: f.Phoned, Must: p.SignIn.Must(s.Person), Since: f.At, Tail: f.Phone.Tail(), Codes: len(f.Codes.Hashes),
		Helped: p.Helping.About(s.Person.ID), Warn: warning(r, f, has, s.Wanted()), Language: language(r, s.Lang()), Told: p.told(r, s.Person.ID),
	}
	if err := p.openers(r, s, page); err != nil {
		return nil, err
	}
	if page.Receipt, err = p.accountReceipt(r, s.Person.ID); err != nil {
		return nil, err
	}
	if page.Signature, err = p.signature(r, s); err != nil {
		return nil, err
	}
	if page.Allowance, err = p.Desk.Allowance(r.Context(), s.Person.ID); err != nil {
		return nil, err
	}
	if plan := page.Allowance.Plan; plan != mail.PlanNone {
		page.Plan = r.T("plan." + plan.String() + ".what")
	}
	for _, l := range p.SignIn.Sessions(s.Person.ID) {
		page.Sessions = append(page.Sessions, sessionView{l.ID.String(), agentName(r, l.Agent), l.Since, l.Seen, l.ID == s.ID})
	}
	return page, nil
}

// openers fills in by what the person's key opens.
func (p *Portal) openers(r *web.Request, s *access.Session, page *accountPage) (err error) {
	if page.Password, err = p.SignIn.HasPassword(r.Context(), s.Person); err != nil {
		return err
	}
	if page.Held, err = p.Account.Holds(r.Context(), s.Person.ID); err != nil {
		return err
	}
	list, err := p.passkeysOf(r, s.Person.ID)
	page.Passkeys, page.Keys = p.Passkeys != nil, len(list)
	return err
}

// warning says what is missing that would keep the owner out, or others in.
func warning(r *web.Request, f access.Factor, recovery bool, wanted time.Time) *web.Alert {
	switch {
	case !f.On() && !wanted.IsZero():
		return &web.Alert{Tone: web.Warning, Title: r.T("page.account.warn.wanted", "Date", r.Printer().Date(wanted, r.Now())), Text: r.T("page.account.warn.none.say")}
	case !f.On():
		return &web.Alert{Tone: web.Warning, Title: r.T("page.account.warn.none"), Text: r.T("page.account.warn.none.say")}
	case len(f.Codes.Hashes) == 0:
		return &web.Alert{Tone: web.Warning, Title: r.T("page.account.warn.codes"), Text: r.T("page.account.warn.codes.say")}
	case !recovery:
		return &web.Alert{Tone: web.Warning, Title: r.T("page.account.warn.recovery"), Text: r.T("page.account.warn.recovery.say")}
	}
	return nil
}

func agentName(r *web.Request, a access.Agent) string {
	switch {
	case a.Browser == "" && a.System == "":
		return r.T("page.account.session.unknown")
	case a.System == "":
		return a.Browser
	case a.Browser == "":
		return a.System
	}
	return r.T("page.account.session.name", "Browser", a.Browser, "System", a.System)
}

func language(r *web.Request, chosen string) web.Field {
	f := web.Field{Name: "lang", Label: r.T("page.account.language.label"), Hint: r.T("page.account.language.hint"), Short: true}
	for _, l := range r.Languages() {
		f.Options = append(f.Options, web.Option{Value: l.Tag, Label: l.Name, Chosen: l.Tag == chosen || chosen == "" && l.Current})
	}
	return f
}

// setLanguage keeps the person's language. The page comes back in it.
func (p *Portal) setLanguage(r *web.Request, s *access.Session) error {
	lang := r.Form("lang")
	if spoken(r, lang) == "" {
		return mail.E(mail.Invalid, "error.invalid", nil)
	}
	if err := p.Account.SetLanguage(r.Context(), s.Person.ID, lang); err != nil {
		return err
	}
	s.SetLang(lang)
	r.Flash("flash.language")
	return r.Redirect("/account?lang=" + lang)
}

// endSession ends one of the person's sessions, or all but this one.
func (p *Portal) endSession(r *web.Request, s *access.Session) error {
	if r.Form("id") == "others" {
		p.forgetPictures(p.SignIn.EndOthers(s))
		r.Flash("flash.sessions")
		return r.Redirect("/account")
	}
	id, err := mail.ParseID(r.Form("id"))
	if err != nil {
		return err
	}
	if id == s.ID {
		return p.signOut(r)
	}
	p.forgetPictures(p.SignIn.End(s.Person.ID, id))
	r.Flash("flash.session")
	return r.Redirect("/account")
}

// forgetPictures forgets the pictures that could still be fetched with the keys of sessions that
// have ended.
func (p *Portal) forgetPictures(list []*access.Session) {
	p.pictures.DropWhere(func(pic *picture) bool {
		s, ok := pic.viewer.(*access.Session)
		return ok && slices.Contains(list, s)
	})
}
