package appliance

import (
	"context"
	"io/fs"
	"net/url"
	"slices"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/config"
	"sigill/appliance/courier"
	"sigill/appliance/door/admin"
	"sigill/appliance/door/api"
	"sigill/appliance/door/portal"
	"sigill/appliance/door/smtpd"
	"sigill/appliance/door/web"
	"sigill/appliance/door/wizard"
	"sigill/appliance/handbook"
	"sigill/appliance/intake"
	"sigill/appliance/locale"
	"sigill/appliance/mail"
	"sigill/appliance/notify"
	"sigill/appliance/passkey"
	"sigill/embed"
)

// openDoors joins what faces the outside: courier, portal, web and SMTP.
func (a *Appliance) openDoors() error {
	h := a.c.House
	words, err := notify.New(notify.Config{Texts: tree(embed.Notices, "notice"), House: notify.House{
		Look: a.office.LookOf, BaseURL: a.c.BaseURL, From: a.c.From, Zone: a.c.Rules.Zone, Lang: h.Lang,
	}})
	if err != nil {
		return err
	}
	returns, err := courier.NewReturns(a.founding.app.BounceKey(), a.c.Own, a.c.Clock)
	if err != nil {
		return err
	}
	a.returns = returns
	a.courier, err = courier.New(courier.Config{
		Outbox: outboxOf{a.desk, a.wake}, Words: words, Clock: a.c.Clock, Returns: returns, Smarthost: a.c.Smarthost, Log: a.c.Log,
		Sure: func() bool { return a.believed(a.c.Clock.Now()) },
	})
	if err != nil {
		return err
	}
	grammar := a.grammar()
	cat, err := locale.Load(tree(embed.Locale, "locale"))
	if err != nil {
		return err
	}
	a.words = cat
	a.failures = access.NewFailures(a.office, a.c.Log)
	a.openSMTP(returns, grammar, cat)
	return a.openWeb(words, grammar, cat)
}

func (a *Appliance) grammar() intake.Grammar {
	return intake.DefaultGrammar(a.c.House.Country)
}

func (a *Appliance) openSMTP(returns *courier.Returns, grammar intake.Grammar, cat *locale.Catalogue) {
	limits, rules := a.mailLimits(), a.c.Senders
	rules.Own, rules.Reader = a.c.Own, smtpd.Intake{Grammar: grammar, Limits: limits}
	a.smtp = smtpd.New(smtpd.Config{
		Desk:  &inward{Desk: a.desk, returns: returns, own: a.c.Own, grammar: grammar, limits: limits, trips: &a.trips},
		Auth:  programs{access.NewSending(a.founding.app, a.db, a.c.Clock, a.office, a.failures)},
		House: house{rules, a.office.OurDomains, len(a.c.House.Domains)}, Clock: a.c.Clock, Log: a.c.Log, TLS: a.c.SMTPTLS, Resolve: a.c.Resolve, Limits: a.c.SMTPLimits,
		Say:     sayIn(cat),
		Arrived: a.trace.Mail, Self: a.trips.ours,
		Ours: func(local string) bool {
			_, err := returns.Read(mail.Address(local + "@" + a.c.Own))
			return err == nil
		},
	})
}

// sayIn words what SMTP answers. Mail programs show it to whoever wrote; servers speak English.
func sayIn(cat *locale.Catalogue) func(say string, with map[string]string) string {
	return func(say string, with map[string]string) string {
		if p := cat.For("en"); p.Has(say) {
			return p.Say(say, with)
		}
		return ""
	}
}

// house is the rules of the configuration, for the domains that are the house's now.
type house struct {
	rules   smtpd.Rules
	domains func() []string // those of the configuration first
	fixed   int             // how many these are
}

// Rules returns them as they stand.
func (h house) Rules(context.Context) (smtpd.Rules, error) {
	r := h.rules
	r.Domains = h.domains()
	if len(r.Domains) == h.fixed {
		return r, nil
	}
	// Behind a relay that serves others too, a signature of an added domain counts as one of
	// those that the configuration names.
	r.Shared = slices.Clone(r.Shared)
	for i, s := range r.Shared {
		if len(s.DKIM) > 0 {
			r.Shared[i].DKIM = slices.Concat(s.DKIM, r.Domains[h.fixed:])
		}
	}
	return r, nil
}

func (a *Appliance) openWeb(words *notify.Words, grammar intake.Grammar, cat *locale.Catalogue) error {
	pins := access.NewPINs(a.c.Clock, a.desk)
	a.budget = access.NewBudget(a.db, a.founding.app, func() access.SMSLimits { return a.c.SMS })
	a.outage = &outage{clock: a.c.Clock}
	heard := newReports(a.desk, a.founding.app, a.c.Reports, a.c.Clock, a.c.Log)
	gateway, err := a.c.Gateway(func(provider string) string {
		return a.c.BaseURL + "/hook/sms/" + url.PathEscape(provider) + "/" + hookSecret(a.founding.app, provider)
	})
	if err != nil {
		return err
	}
	own := access.NewPINs(a.c.Clock, access.CountedBefore{})
	signIn := access.NewSignIn(access.SignInConfig{
		App: a.founding.app, People: a.office, Count: a.db, Stretch: a.office.Stretch, PINs: own, Clock: a.c.Clock, Log: a.c.Log, Failures: a.failures, Required: a.required, SignOnOnly: a.signOnOnly,
	})
	a.helping = access.NewHelping(signIn, a.office)
	a.texter = &texter{
		desk: a.desk, pins: pins, words: words, gateway: gateway, log: a.c.Log, reports: heard,
		budget: a.budget, own: own, meter: a.meter, outage: a.outage,
	}
	a.portal = portal.New(portal.Config{
		Helping: a.helping,
		Desk:    a.desk, Office: a.office, Roles: a.office.Roles, SignIn: signIn, Recovery: access.NewRecovery(signIn, a.office), Codes: access.NewLinkCodes(a.founding.app, a.db), PINs: pins, Strangers: access.NewStrangers(a.founding.app, a.db), FormFrom: a.c.From, Account: a.office, OwnPINs: own, Phone: grammar.Phone,
		Texter:   a.texter,
		Country:  a.c.House.Country,
		SMSPrice: a.c.SMSPrice, Currency: a.c.Currency,
		Submission: a.c.submission(),
		Passkeys:   a.passkeys(), SignOn: a.c.SignOn.Provider,
		Origin: a.c.BaseURL, Clock: a.c.Clock, Log: a.c.Log,
	})
	if a.portal.Handbook, err = handbook.New(tree(embed.Handbook, "handbook")); err != nil {
		return err
	}
	views, err := a.views(cat)
	if err != nil {
		return err
	}
	routes := slices.Concat(a.portal.Routes(), a.adminDoor(words).Routes(), api.Routes(heard, a.Healthy))
	if a.setup != nil {
		routes = append(routes, wizard.New(wizard.Config{Machine: a.setup, SignIn: signIn, Phone: grammar.Phone, Log: a.c.Log}).Routes()...)
	}
	a.web, err = web.New(web.Config{
		Listener: a.c.Web, TLS: a.c.WebTLS, BaseURL: a.c.BaseURL, FormerHosts: a.c.Former, Trial: a.c.Trial, TrustedProxies: a.c.Proxies, Clock: a.c.Clock, Log: a.c.Log,
		Views: views, Sessions: a.portal, Routes: routes, Stranger: a.portal.Stranger, Default: a.c.House.Lang,
		Help: portal.HelpFor,
		Look: func(v web.Viewer) mail.Look { return a.office.LookOf(v.Owner) },
		Footer: []web.Link{
			{Key: "layout.footer.what", Path: "/about"}, {Key: "layout.footer.genuine", Path: "/genuine"}, {Key: "layout.footer.accessibility", Path: "/accessibility"},
		},
	})
	return err
}

// passkeys is the house as passkeys know it; nil where browsers make none, such as at an
// address without a name.
func (a *Appliance) passkeys() portal.Passkeys {
	party, err := passkey.New(a.c.BaseURL, a.c.House.Name, a.founding.app.PRFInput(), a.c.Clock)
	if err != nil {
		a.c.Log.Info("no passkeys", "part", "portal", "why", err)
		return nil
	}
	return party
}

func (a *Appliance) adminDoor(words *notify.Words) *admin.Door {
	return admin.New(admin.Config{
		Phone:   a.portal.Phone,
		Machine: a, Doctor: a, Updates: updating{a}, Certificates: a, Organisation: a.office, Attention: a.office, Domains: a.office, Directory: a.office, Helping: a.helping, Tracing: following{a.desk, a.trace}, Statements: a.office, Backups: a, Country: a.c.House.Country, Sessions: func(person mail.ID) int { return len(a.portal.SignIn.Sessions(person)) }, SteppedUp: a.portal.SignIn.SteppedUp,
		Book:  func() config.Book { return a.c.Book() },
		Usage: a.meter, Journal: audit{a.db, a.points}, Currency: a.c.Currency, Zone: a.zone(), Lang: a.c.House.Lang, Log: a.c.Log,
		Samples: func(look mail.Look, kind mail.NoticeKind, lang string, at time.Time) (mail.Samples, error) {
			return words.Samples(look, kind, lang, mail.Posting{At: at})
		},
	})
}

// tree is a folder of what is embedded.
func tree(f fs.FS, dir string) fs.FS {
	sub, err := fs.Sub(f, dir)
	if err != nil {
		panic("appliance: internal: " + err.Error()) // for malformed names only
	}
	return sub
}

// wordsAndViews are the pages, for an appliance that has no other doors yet.
func (a *Appliance) wordsAndViews() (*locale.Catalogue, *web.Views, error) {
	cat, err := locale.Load(tree(embed.Locale, "locale"))
	if err != nil {
		return nil, nil, err
	}
	views, err := a.views(cat)
	return cat, views, err
}

func (a *Appliance) views(cat *locale.Catalogue) (*web.Views, error) {
	assets, err := web.LoadAssets(tree(embed.Static, "static"))
	if err != nil {
		return nil, err
	}
	return web.NewViews(tree(embed.Templates, "template"), web.Words{Catalogue: cat, Assets: assets, Clock: a.c.Clock, Zone: a.c.Rules.Zone})
}
