package appliance

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"sigill/appliance/access"
	"sigill/appliance/config"
	"sigill/appliance/courier"
	"sigill/appliance/desk"
	"sigill/appliance/doctor"
	"sigill/appliance/door/control"
	"sigill/appliance/door/portal"
	"sigill/appliance/door/smtpd"
	"sigill/appliance/door/web"
	"sigill/appliance/jobs"
	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/leaked"
	"sigill/appliance/locale"
	"sigill/appliance/mail"
	"sigill/appliance/metrics"
	"sigill/appliance/office"
	"sigill/appliance/overseer"
	"sigill/appliance/policy"
	"sigill/appliance/retention"
	"sigill/appliance/seal"
	"sigill/appliance/spool"
	"sigill/appliance/syslog"
	"sigill/appliance/tlscert"
	"sigill/appliance/trace"
	"sigill/appliance/vault"
	"sigill/appliance/workday"
)

// Config is all that an appliance is told. Serve makes it of the configuration
// file, Demo of made-up people and a trap; the machine is the same.
type Config struct {
	Data string // directory of the store
	Keys string // directory of the appliance key
	// Credential is the file with that key which the service manager has brought; "" if none.
	Credential string
	// Key is the appliance key that somebody has unlocked; zero: it is read where it is.
	Key   seal.Secret
	Run   string // directory of the socket for commands; without it there is no socket
	House House
	Rules policy.Rules

	Web        net.Listener
	WebTLS     *tls.Config
	BaseURL    string
	Former     []string // host names that BaseURL had before
	Trial      bool     // WebTLS is of an authority that browsers do not know
	Proxies    []netip.Prefix
	SMTP       []smtpd.Listener
	SMTPTLS    *tls.Config
	SMTPLimits smtpd.Limits
	// Certificates are what WebTLS and SMTPTLS show; nil if nobody looks after them. Questions
	// is where an authority asks by HTTP-01 whether a name is ours; nil if none does.
	Certificates *tlscert.Keeper
	Questions    net.Listener
	Senders      smtpd.Rules // who may send; Reader is filled in
	Resolve      smtpd.Resolver

	Smarthost courier.Smarthost
	Gateway   func(hook func(provider string) string) (courier.Gateway, error) // hook is where a provider reports
	Reports   map[string]courier.ReportForm                                    // how reports are read, by provider
	From      mail.Address                                                     // of notices
	Own       string                                                           // domain in which we make addresses
	SendsFrom []netip.Addr                                                     // from which the smarthost reaches the world; empty: those of its name
	DKIM      []string                                                         // selectors by which it signs
	DNS       doctor.Resolver                                                  // nil: none is asked what it says of the house
	Gateways  int                                                              // of SMS: how many there are
	Alarms    Alarms
	Events    *syslog.Line // where the journal's events go; nil: nowhere

	Metrics        net.Listener   // for Prometheus; nil: there is none
	MetricsTrusted []netip.Prefix // that may ask there besides this computer
	SMS            access.SMSLimits
	SMSPrice       int64  // of a part, in millionths of Currency, where the gateway does not say it; 0: not known
	Currency       string // of the house and of the gateways' accounts: "SEK"
	Plans          mail.PlanLimits
	SignOn         SignOn
	Canary         Canary
	TraceDays      int // for which mails at the door are kept; 0: traceDays

	Leaked    *leaked.List // of leaked passwords; nil: the built-in ones
	Directory Directory    // the zero value: there is none
	Backups   []config.Backup

	Sharing keyring.Sharing // of R in the recovery kit, at the first start; the zero value: keyring.DefaultSharing

	// Required says from when on a person must have a second factor to sign in; ok false:
	// need not. Nil: as the person's departments say.
	Required func(mail.Person) (from time.Time, ok bool)

	Book func() config.Book // every setting, for who runs the machine
	// File is the text of the configuration file, which goes into backups; nil: there is none.
	File func() ([]byte, error)

	// Updates is what is known of newer programs; nil where there is nobody to take them.
	Updates *updates
	// Rehearsed says that the appliance is only opened to see whether it works: nothing is
	// erased, and nothing is begun of itself.
	Rehearsed bool

	// SetUp is the configuration file that the set-up writes; "": there is none to write.
	SetUp string
	// Unfinished: the set-up is not through. No mail is taken or sent.
	Unfinished bool

	// Overseen says that the service manager is told how it goes, if there is one.
	Overseen bool

	Clock mail.Clock
	Log   *slog.Logger
}

// SignOn is the organisation's own sign-on. The zero value: it has none.
type SignOn struct {
	Provider   portal.SignOnProvider
	Required   bool // people come in by it alone, but for administrators
	ServerHeld bool // the server holds the keys of who comes by it
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

// brand is what it shows of itself before anybody has said anything on its pages.
func (h House) brand() mail.Brand {
	return mail.Brand{Name: h.Name, Sender: h.Department, Phone: h.Phone, Web: h.Web}
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
	outage   *outage // of the SMS gateways
	helping  *access.Helping
	failures *access.Failures
	found    findings
	counted  *counted
	follower *follower         // nil: nobody wants to know
	metrics  *metrics.Server   // the same
	words    *locale.Catalogue // what the machine says of itself
	meter    *meter
	trace    *trace.Trace
	returns  *courier.Returns
	trips    trips
	purging  sync.Mutex
	texter   *texter
	spool    *spool.Spool
	keeping  sync.Mutex // of KEYS, by who changes it
	points   *journal.Checkpoints
	backups  *backups
	verifies chan struct{} // has room for one who reads the whole journal
	wake     chan struct{}
	reload   chan struct{} // has room for one who asks for it
	anew     bool          // one has; set before Run returns
	name     string        // by which it is told from the one before it in this process
	setup    *setup        // nil: there is none, or it is through
}

// stretchCost is keyring.DefaultCost; tests set it lower before they begin.
var stretchCost = keyring.DefaultCost

// stretchers is how many Argon2id run at once, 64 MiB each.
const stretchers = 2

// Open opens the store and joins the parts. Nothing listens until Run.
func Open(ctx context.Context, c Config) (_ *Appliance, err error) {
	a := &Appliance{c: c, wake: make(chan struct{}, 1), verifies: make(chan struct{}, 1), reload: make(chan struct{}, 1), name: rand.Text()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.db, err = vault.Open(ctx, vault.Config{Dir: c.Data, Clock: c.Clock, Log: c.Log, Keep: c.Rehearsed}); err != nil {
		return nil, err
	}
	if c.Rehearsed {
		if err := a.isFounded(ctx); err != nil {
			return nil, err
		}
	}
	if a.founding, err = found(ctx, a.db, keyPlaces{c.Keys, c.Credential, c.Key}, c.kitPaper(), c.Clock.Now()); err != nil {
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
	if err := a.openSpool(ctx); err != nil {
		return nil, err
	}
	if err := a.openSetup(ctx); err != nil {
		return nil, err
	}
	a.openDesk()
	a.openTrace()
	if err := a.openTrips(ctx); err != nil {
		return nil, err
	}
	if err := a.quarantine(ctx); err != nil {
		return nil, fmt.Errorf("quarantine: %w", err)
	}
	if err := a.openBackups(); err != nil {
		return nil, err
	}
	a.meter = &meter{db: a.db, office: a.office, zone: a.zone(), price: c.SMSPrice, clock: c.Clock, log: c.Log, tries: a.triesFor}
	if err := a.openDoors(); err != nil {
		return nil, err
	}
	a.openFollower()
	a.openMetrics()
	if err := a.openJobs(); err != nil {
		return nil, err
	}
	if err := a.openControl(); err != nil {
		return nil, err
	}
	if c.Rehearsed {
		return a, nil
	}
	if err := a.firstAdmin(ctx); err != nil {
		return a, err
	}
	if err := a.office.KeepHelpers(ctx); err != nil {
		c.Log.Error("keep helper pairs", "part", "office", "err", err) // the hourly work does it again
	}
	return a, nil
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
	passwords := a.c.Leaked
	if passwords == nil {
		var err error
		if passwords, err = leaked.New("", a.c.Log); err != nil {
			return err
		}
	}
	a.office = office.New(office.Config{
		Store: officeStore{a.db}, App: a.founding.app, Stretch: keyring.NewStretcher(stretchCost, stretchers, whileStretching()),
		Recovery: a.founding.recovery, Helper: a.founding.helper,
		Domains: func() []string { return a.c.House.Domains }, Own: a.c.Own, LookupTXT: a.lookupTXT, Base: a.c.House.brand(), Languages: Languages(), Lang: a.c.House.Lang,
		Plans: a.c.Plans, ServerHeld: a.c.SignOn.ServerHeld, Leaked: passwords.Holds,
		LainFor: workday.For(a.c.House.Country, a.c.Rules.Zone).Before,
		Clock:   a.c.Clock, Believed: a.clockStands, Log: a.c.Log, Wake: func() { poke(a.wake) },
		SignOut:   func(person mail.ID) { a.portal.SignIn.EndAll(person) },
		Directory: a.c.Directory.Rules,
	})
	if err := a.office.Load(ctx); err != nil || a.c.Rehearsed {
		return err
	}
	return a.office.LetGo(ctx)
}

func (a *Appliance) openDesk() {
	a.desk = desk.New(desk.Config{
		Store: deskStore{a.db, a.office.Replaced}, App: a.founding.app, Directory: a.office,
		House: func(context.Context) (desk.House, error) {
			return desk.House{Rules: a.c.Rules, Lang: a.c.House.Lang}, nil
		},
		Sign:  func(owner mail.ID) string { return a.office.LookOf(owner).Sign() },
		Clock: a.c.Clock, Log: a.c.Log, Wake: func() { poke(a.wake) }, Faithful: a.grammar().Faithful, Sure: a.sure,
	})
}

// lookupTXT asks DNS. A machine that has none is as one whose DNS does not answer.
func (a *Appliance) lookupTXT(ctx context.Context, name string) ([]string, error) {
	if a.c.Resolve == nil {
		return nil, errors.New("no DNS is asked here")
	}
	return a.c.Resolve(ctx, name)
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
	if p.Kind == mail.RecipientPerson {
		return p.At, true // ever since they registered
	}
	if a.c.Required == nil {
		return a.office.FactorFrom(p.ID)
	}
	return a.c.Required(p)
}

// signOnOnly reports whether a person comes in by the organisation's sign-on alone. Those
// who run the machine may always come in without: they mend it when the sign-on is down.
// So may whom it cannot name, such as the outsiders of a group.
func (a *Appliance) signOnOnly(p mail.Person) bool {
	return a.c.SignOn.Provider != nil && a.c.SignOn.Required && p.Roles&mail.RoleAdmin == 0 && a.office.IsOurs(p.ID)
}

// firstAdmin makes the administrator who is named in the configuration, and invites
// him, if nobody is one yet.
func (a *Appliance) firstAdmin(ctx context.Context) error {
	if a.c.House.Admin == "" {
		return nil
	}
	return a.office.FirstAdmin(ctx, a.c.House.Admin)
}

// Reload asks Serve to end this appliance as if the process ended, to read the configuration
// file anew and to begin again with it, in the same process and at the same sockets: whoever
// calls meanwhile waits. It returns at once. Where nobody serves a file, Run ends by it.
func (a *Appliance) Reload() { poke(a.reload) }

// reloads returns errReload when a reload was asked for, so that all else ends.
func (a *Appliance) reloads(ctx context.Context, o *overseer.Overseer) error {
	select {
	case <-ctx.Done():
		return nil
	case <-a.reload:
	}
	a.anew = true
	if o != nil {
		o.Reload()
	}
	return errReload
}

var errReload = errors.New("the configuration is to be read anew")

// Run opens the doors and works until ctx ends or Reload is called; then it finishes what has
// begun and returns.
func (a *Appliance) Run(ctx context.Context) error {
	o, err := a.overseer()
	if err != nil {
		return err
	}
	if err := a.note(ctx, journal.Started); err != nil {
		return err
	}
	// Reading templates, catalogues and migrations leaves more behind than all that is
	// in use. Given back now, an idle appliance is small from its first second on.
	yieldMemory()
	g, run := errgroup.WithContext(ctx)
	a.trips.under(run)
	g.Go(func() error { return a.web.Run(run) })
	g.Go(func() error { return a.smtp.Run(run, a.c.SMTP...) })
	a.runCertificates(run, g)
	g.Go(func() error { return a.trace.Run(run) })
	if !a.c.Unfinished {
		g.Go(func() error { return a.courier.Run(run) })
	}
	g.Go(func() error { return a.jobs.Run(run) })
	if a.follower != nil {
		g.Go(func() error { return a.follower.Run(run) })
	}
	if a.metrics != nil {
		g.Go(func() error { return a.metrics.Run(run) })
	}
	g.Go(func() error { return a.backups.Run(run) })
	if len(a.spool.Waiting()) > 0 {
		g.Go(func() error { return a.takeSpooledNow(run) })
	}
	if a.control != nil {
		g.Go(func() error { return a.control.Run(run) })
	}
	if o != nil {
		g.Go(func() error { return o.Run(run) })
	}
	g.Go(func() error { return a.reloads(run, o) })
	if a.c.Updates != nil {
		g.Go(func() error { return a.c.Updates.run(run) })
	}
	err = g.Wait()
	a.portal.Wait()
	a.helping.Wait()
	a.failures.Wait()
	a.trips.begun.Wait()
	if errors.Is(err, context.Canceled) || errors.Is(err, errReload) || errors.Is(err, errUpdate) {
		err = nil
	}
	last := context.WithoutCancel(ctx)
	// The trace has ended beside the door, which may have had more to tell.
	if err = errors.Join(err, a.trace.Flush(last), a.note(last, journal.Stopped)); err != nil {
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
	if a.backups != nil {
		errs = append(errs, a.backups.close())
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
