package appliance

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"sigill/appliance/access"
	"sigill/appliance/courier"
	"sigill/appliance/desk"
	"sigill/appliance/door/admin"
	"sigill/appliance/door/api"
	"sigill/appliance/door/control"
	"sigill/appliance/door/portal"
	"sigill/appliance/door/smtpd"
	"sigill/appliance/door/web"
	"sigill/appliance/intake"
	"sigill/appliance/jobs"
	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/locale"
	"sigill/appliance/mail"
	"sigill/appliance/notify"
	"sigill/appliance/office"
	"sigill/appliance/policy"
	"sigill/appliance/retention"
	"sigill/appliance/vault"
	"sigill/appliance/workday"
	"sigill/embed"
)

// Config is all that an appliance is told. Serve makes it of the configuration
// file, Demo of made-up people and a trap; the machine is the same.
type Config struct {
	Data  string // directory of the store
	Keys  string // directory of the appliance key
	Run   string // directory of the socket for commands; without it there is no socket
	House House
	Rules policy.Rules

	Web        net.Listener
	WebTLS     *tls.Config
	BaseURL    string
	Proxies    []netip.Prefix
	SMTP       []smtpd.Listener
	SMTPTLS    *tls.Config
	SMTPLimits smtpd.Limits
	Senders    smtpd.Rules // who may send; Reader is filled in
	Resolve    smtpd.Resolver

	Smarthost courier.Smarthost
	Gateway   func(hook func(provider string) string) (courier.Gateway, error) // hook is where a provider reports
	Reports   map[string]courier.ReportForm                                    // how reports are read, by provider
	From      mail.Address                                                     // of notices
	Own       string                                                           // domain in which we make addresses
	SMS       access.SMSLimits
	SMSPrice  int64  // of a part, in millionths of Currency, where the gateway does not say it; 0: not known
	Currency  string // of the house and of the gateways' accounts: "SEK"

	Sharing keyring.Sharing // of R in the recovery kit, at the first start; the zero value: keyring.DefaultSharing

	// Required says from when on a person must have a second factor to sign in; ok false:
	// need not. Nil: as the person's departments say.
	Required func(mail.Person) (from time.Time, ok bool)

	Clock mail.Clock
	Log   *slog.Logger
}

// House is the organisation, as it shows itself.
type House struct {
	Name       string // "Exempelkommun"
	Department string // "Socialtjänsten"
	Phone      string
	Web        string
	Country    string // of national numbers and working days: "SE"
	Lang       string
	Domains    []string
	Admin      mail.Address // made an administrator at the first start, and invited; may be empty
}

// Sign is what is published of a sender.
func (h House) Sign() string {
	if h.Department == "" {
		return h.Name
	}
	return h.Department + ", " + h.Name
}

// Appliance is the machine.
type Appliance struct {
	c        Config
	db       *vault.DB
	founding *founding
	desk     *desk.Desk
	office   *office.Office
	courier  *courier.Courier
	portal   *portal.Portal
	web      *web.Server
	smtp     *smtpd.Server
	control  *control.Server // nil without a run directory
	jobs     *jobs.Runner
	brake    *retention.Brake
	budget   *access.Budget
	meter    *meter
	points   *journal.Checkpoints
	verifies chan struct{} // has room for one who reads the whole journal
	wake     chan struct{}
}

// stretchCost is keyring.DefaultCost; tests set it lower before they begin.
var stretchCost = keyring.DefaultCost

// stretchers is how many Argon2id run at once, 64 MiB each.
const stretchers = 2

// Open opens the store and joins the parts. Nothing listens until Run.
func Open(ctx context.Context, c Config) (_ *Appliance, err error) {
	a := &Appliance{c: c, wake: make(chan struct{}, 1), verifies: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.db, err = vault.Open(ctx, vault.Config{Dir: c.Data, Clock: c.Clock, Log: c.Log}); err != nil {
		return nil, err
	}
	if a.founding, err = found(ctx, a.db, c.Keys, c.kitPaper(), c.Clock.Now()); err != nil {
		return nil, err
	}
	if err := a.openBrake(ctx); err != nil {
		return nil, err
	}
	if err := a.openJournal(); err != nil {
		return nil, err
	}
	if err := a.openOffice(ctx); err != nil {
		return nil, err
	}
	a.openDesk()
	a.meter = &meter{db: a.db, office: a.office, zone: a.zone(), price: c.SMSPrice, clock: c.Clock, log: c.Log}
	if err := a.openDoors(); err != nil {
		return nil, err
	}
	if err := a.openJobs(); err != nil {
		return nil, err
	}
	if err := a.openControl(); err != nil {
		return nil, err
	}
	return a, a.firstAdmin(ctx)
}

// Kit returns the paths of the recovery kit, the printable one first, if this start has
// written it.
func (a *Appliance) Kit() []string { return a.founding.kit }

func (a *Appliance) openBrake(ctx context.Context) error {
	var seen time.Time
	text, err := setting(ctx, a.db, settingSeen)
	if err != nil && mail.KindOf(err) != mail.Absent {
		return err
	}
	if err == nil {
		if seen, err = time.Parse(time.RFC3339, text); err != nil {
			return fmt.Errorf("setting %s: %w", settingSeen, err)
		}
	}
	a.brake = retention.NewBrake(a.c.Clock.Now(), a.c.Clock.Running(), seen)
	return nil
}

func (a *Appliance) openJournal() error {
	signer, err := journal.NewSigner(a.founding.origin, a.founding.app.JournalSeed())
	if err != nil {
		return err
	}
	a.points, err = journal.OpenCheckpoints(filepath.Join(a.c.Data, "checkpoints"), signer)
	return err
}

func (a *Appliance) openOffice(ctx context.Context) error {
	a.office = office.New(office.Config{
		Store: officeStore{a.db}, App: a.founding.app, Stretch: keyring.NewStretcher(stretchCost, stretchers, whileStretching()),
		Recovery: a.founding.recovery, Helper: a.founding.helper,
		Domains: func() []string { return a.c.House.Domains }, House: a.c.House.Name, Sign: a.c.House.Department, Lang: a.c.House.Lang,
		LainFor: workday.For(a.c.House.Country, a.c.Rules.Zone).Before,
		Clock:   a.c.Clock, Log: a.c.Log, Wake: func() { poke(a.wake) },
	})
	return a.office.Load(ctx)
}

func (a *Appliance) openDesk() {
	a.desk = desk.New(desk.Config{
		Store: deskStore{a.db, a.office.Replaced}, App: a.founding.app, Directory: a.office,
		House: func(context.Context) (desk.House, error) {
			return desk.House{Rules: a.c.Rules, Sign: a.c.House.Department, Lang: a.c.House.Lang}, nil
		},
		Clock: a.c.Clock, Log: a.c.Log, Wake: func() { poke(a.wake) }, Faithful: a.grammar().Faithful, Sure: a.sure,
	})
}

// openDoors joins what faces the outside: courier, portal, web and SMTP.
func (a *Appliance) openDoors() error {
	h := a.c.House
	words, err := notify.New(notify.Config{Texts: tree(embed.Notices, "notice"), House: notify.House{
		Name: h.Name, Department: h.Department, Phone: h.Phone, Web: h.Web, BaseURL: a.c.BaseURL, From: a.c.From, Zone: a.c.Rules.Zone, Lang: h.Lang,
	}})
	if err != nil {
		return err
	}
	returns, err := courier.NewReturns(a.founding.app.BounceKey(), a.c.Own, a.c.Clock)
	if err != nil {
		return err
	}
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
	a.openSMTP(returns, grammar, cat)
	return a.openWeb(words, grammar, cat)
}

func (a *Appliance) grammar() intake.Grammar {
	return intake.DefaultGrammar(a.c.House.Country)
}

func (a *Appliance) openSMTP(returns *courier.Returns, grammar intake.Grammar, cat *locale.Catalogue) {
	limits := intake.DefaultLimits()
	if a.c.SMTPLimits.Message > 0 {
		limits.Bytes = a.c.SMTPLimits.Message
	}
	rules := a.c.Senders
	rules.Own, rules.Domains, rules.Reader = a.c.Own, a.c.House.Domains, smtpd.Intake{Grammar: grammar, Limits: limits}
	a.smtp = smtpd.New(smtpd.Config{
		Desk:  &inward{Desk: a.desk, returns: returns, own: a.c.Own, grammar: grammar, limits: limits},
		Auth:  programs{access.NewSending(a.founding.app, a.db, a.c.Clock, a.office)},
		House: fixed{rules}, Clock: a.c.Clock, Log: a.c.Log, TLS: a.c.SMTPTLS, Resolve: a.c.Resolve, Limits: a.c.SMTPLimits,
		// Mail programs show what we answer to whoever wrote; servers speak English.
		Say: func(say string, with map[string]string) string {
			if p := cat.For("en"); p.Has(say) {
				return p.Say(say, with)
			}
			return ""
		},
		Ours: func(local string) bool {
			_, err := returns.Read(mail.Address(local + "@" + a.c.Own))
			return err == nil
		},
	})
}

// fixed are rules that do not change while the process runs.
type fixed struct{ rules smtpd.Rules }

// Rules returns them.
func (f fixed) Rules(context.Context) (smtpd.Rules, error) { return f.rules, nil }

func (a *Appliance) openWeb(words *notify.Words, grammar intake.Grammar, cat *locale.Catalogue) error {
	pins := access.NewPINs(a.c.Clock, a.desk)
	a.budget = access.NewBudget(a.db, a.founding.app, func() access.SMSLimits { return a.c.SMS })
	heard := newReports(a.desk, a.founding.app, a.c.Reports, a.c.Clock, a.c.Log)
	gateway, err := a.c.Gateway(func(provider string) string {
		return a.c.BaseURL + "/hook/sms/" + url.PathEscape(provider) + "/" + hookSecret(a.founding.app, provider)
	})
	if err != nil {
		return err
	}
	own := access.NewPINs(a.c.Clock, access.CountedBefore{})
	signIn := access.NewSignIn(access.SignInConfig{
		App: a.founding.app, People: a.office, Count: a.db, Stretch: a.office.Stretch, PINs: own, Clock: a.c.Clock, Log: a.c.Log, Required: a.required,
	})
	a.portal = portal.New(portal.Config{
		Desk: a.desk, Office: a.office, Roles: a.office.Roles, SignIn: signIn, Recovery: access.NewRecovery(signIn, a.office), PINs: pins, Account: a.office, OwnPINs: own, Phone: grammar.Phone,
		Texter: &texter{
			desk: a.desk, pins: pins, words: words, gateway: gateway, log: a.c.Log, reports: heard,
			budget: a.budget, own: own, meter: a.meter,
		},
		House:      portal.House{Name: a.c.House.Name, Sign: a.c.House.Sign(), Phone: a.c.House.Phone, Web: a.c.House.Web},
		Submission: a.c.submission(),
		Origin:     a.c.BaseURL, Clock: a.c.Clock, Log: a.c.Log,
	})
	views, err := a.views(cat)
	if err != nil {
		return err
	}
	a.web, err = web.New(web.Config{
		Listener: a.c.Web, TLS: a.c.WebTLS, BaseURL: a.c.BaseURL, TrustedProxies: a.c.Proxies, Clock: a.c.Clock, Log: a.c.Log,
		Views: views, Sessions: a.portal, Routes: slices.Concat(a.portal.Routes(), a.adminDoor().Routes(), api.Routes(heard)), Stranger: a.portal.Stranger, Default: a.c.House.Lang,
		House: web.House{Name: a.c.House.Name},
		Footer: []web.Link{
			{Key: "layout.footer.what", Path: "/about"}, {Key: "layout.footer.genuine", Path: "/genuine"}, {Key: "layout.footer.accessibility", Path: "/accessibility"},
		},
	})
	return err
}

func (a *Appliance) adminDoor() *admin.Door {
	return admin.New(admin.Config{
		Machine: a, Organisation: a.office, EndSessions: func(p mail.ID) { a.portal.SignIn.EndAll(p) },
		Usage: a.meter, Journal: audit{a.db, a.points}, Currency: a.c.Currency, Zone: a.zone(), Lang: a.c.House.Lang, Log: a.c.Log,
	})
}

// zone is the house's: days begin and end in it.
func (a *Appliance) zone() *time.Location {
	if a.c.Rules.Zone == nil {
		return time.UTC
	}
	return a.c.Rules.Zone
}

// required says from when on a person must have a second factor.
func (a *Appliance) required(p mail.Person) (from time.Time, ok bool) {
	if a.c.Required == nil {
		return a.office.FactorFrom(p.ID)
	}
	return a.c.Required(p)
}

// tree is a folder of what is embedded.
func tree(f fs.FS, dir string) fs.FS {
	sub, err := fs.Sub(f, dir)
	if err != nil {
		panic("appliance: internal: " + err.Error()) // for malformed names only
	}
	return sub
}

func (a *Appliance) views(cat *locale.Catalogue) (*web.Views, error) {
	assets, err := web.LoadAssets(tree(embed.Static, "static"))
	if err != nil {
		return nil, err
	}
	return web.NewViews(tree(embed.Templates, "template"), web.Words{Catalogue: cat, Assets: assets, Clock: a.c.Clock, Zone: a.c.Rules.Zone})
}

// firstAdmin makes the administrator who is named in the configuration, and invites
// him, if nobody is one yet.
func (a *Appliance) firstAdmin(ctx context.Context) error {
	if a.c.House.Admin == "" {
		return nil
	}
	return a.office.FirstAdmin(ctx, a.c.House.Admin)
}

// Run opens the doors and works until ctx ends; then it finishes what has begun and
// returns.
func (a *Appliance) Run(ctx context.Context) error {
	if err := a.note(ctx, journal.Started); err != nil {
		return err
	}
	// Reading templates, catalogues and migrations leaves more behind than all that is
	// in use. Given back now, an idle appliance is small from its first second on.
	debug.FreeOSMemory()
	g, run := errgroup.WithContext(ctx)
	g.Go(func() error { return a.web.Run(run) })
	g.Go(func() error { return a.smtp.Run(run, a.c.SMTP...) })
	g.Go(func() error { return a.courier.Run(run) })
	g.Go(func() error { return a.jobs.Run(run) })
	if a.control != nil {
		g.Go(func() error { return a.control.Run(run) })
	}
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	last := context.WithoutCancel(ctx)
	if err = errors.Join(err, a.note(last, journal.Stopped)); err != nil {
		return err
	}
	return a.lastCheckpoint(last)
}

func (a *Appliance) note(ctx context.Context, kind string) error {
	return a.db.Update(ctx, func(tx *vault.Tx) error {
		return tx.Note(mail.Event{Kind: kind, At: tx.Now(), Actor: mail.ActorSystem, Part: "appliance"})
	})
}

// Close closes the store. It may be called twice.
func (a *Appliance) Close() error {
	var errs []error
	if a.control != nil {
		errs = append(errs, a.control.Close())
	}
	if a.points != nil {
		errs = append(errs, a.points.Close())
		a.points = nil
	}
	if a.db != nil {
		errs = append(errs, a.db.Close())
	}
	return errors.Join(errs...)
}
