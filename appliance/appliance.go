package appliance

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"sigill/appliance/access"
	"sigill/appliance/courier"
	"sigill/appliance/desk"
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
	"sigill/appliance/retention"
	"sigill/appliance/spool"
	"sigill/appliance/trace"
	"sigill/appliance/vault"
	"sigill/appliance/workday"
)

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
