package appliance

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"sigill/appliance/desk"
	"sigill/appliance/door/locked"
	"sigill/appliance/door/smtpd"
	"sigill/appliance/jobs"
	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/overseer"
	"sigill/appliance/seal"
	"sigill/appliance/spool"
	"sigill/appliance/vault"
)

// lockedMachine is the appliance while it has not its key. It takes mail, sealed to a key that
// it has not; it ends what is due, which needs none; and it shows one page. Nothing of it
// could open a letter: the desk that carries ends out has keys that nobody has.
type lockedMachine struct {
	*Appliance
	mode    Mode
	places  keyPlaces
	salt    []byte
	spoolTo string // public half of the spool's key; "" if the data is of before there was one
	stretch *keyring.Stretcher
	guesses *guesses
	open    chan opened // has room for the one that comes first
}

// opened is the key, and by what it came: as the journal has it.
type opened struct {
	key seal.Secret
	by  string
}

// errNotFounded is data of which the first start was broken off: there is no key to unlock.
var errNotFounded = errors.New("there is no appliance yet")

// openLocked opens what needs no key.
func openLocked(ctx context.Context, c Config, m Mode) (_ *lockedMachine, err error) {
	a := &Appliance{c: c, wake: make(chan struct{}, 1)}
	l := &lockedMachine{
		Appliance: a, mode: m, places: keyPlaces{dir: c.Keys, credential: c.Credential},
		stretch: keyring.NewStretcher(stretchCost, 1, whileStretching()), guesses: &guesses{}, open: make(chan opened, 1),
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err := inQuarantine(c.Data); err != nil { // which takes the key
		return nil, err
	}
	if a.db, err = vault.Open(ctx, vault.Config{Dir: c.Data, Clock: c.Clock, Log: c.Log}); err != nil {
		return nil, err
	}
	if err := l.readSettings(ctx); err != nil {
		return nil, err
	}
	if err := a.openBrake(ctx); err != nil {
		return nil, err
	}
	if a.spool, err = spool.Open(spool.Config{Dir: filepath.Join(c.Data, "spool"), Clock: c.Clock}); err != nil {
		return nil, err
	}
	a.desk = desk.New(desk.Config{
		Store: deskStore{a.db, func(mail.ID) bool { return false }}, App: keyring.NoApp(), Clock: c.Clock, Log: c.Log, Wake: func() {},
	})
	if err := l.openLockedDoors(); err != nil {
		return nil, err
	}
	l.openLockedMetrics()
	if a.jobs, err = jobs.New(c.Clock, c.Log, l.lockedJobs()); err != nil {
		return nil, err
	}
	return l, l.openLockedControl()
}

// lockedJobs are those that need no key.
func (l *lockedMachine) lockedJobs() []jobs.Job {
	list := []jobs.Job{
		{Name: "retention", Spec: "@every 1m", Do: l.expire},
		{Name: "erase", Spec: "@every 1m", Do: l.purge},
		{Name: "sound", Spec: "@daily", Do: l.db.Sound, Rest: 24 * time.Hour},
	}
	if l.c.Certificates != nil {
		list = append(list, jobs.Job{Name: "certificates", Spec: "@every 1m", Do: l.keepCertificates, Apart: true})
	}
	return list
}

func (l *lockedMachine) readSettings(ctx context.Context) error {
	salt, err := setting(ctx, l.db, settingSalt)
	if mail.KindOf(err) == mail.Absent {
		return errNotFounded
	}
	if err != nil {
		return err
	}
	if l.salt, err = base64.StdEncoding.DecodeString(salt); err != nil || len(l.salt) != keyring.SaltSize {
		return errors.New("the installation's salt is damaged")
	}
	l.spoolTo, err = setting(ctx, l.db, settingSpool)
	if mail.KindOf(err) == mail.Absent {
		return nil
	}
	return err
}

// openLockedDoors opens mail and the one page.
func (l *lockedMachine) openLockedDoors() error {
	a := l.Appliance
	cat, views, err := a.wordsAndViews()
	if err != nil {
		return err
	}
	rules := a.c.Senders
	rules.Own, rules.Domains = a.c.Own, slices.Clone(a.c.House.Domains)
	rules.Reader = smtpd.Intake{Grammar: a.grammar(), Limits: a.mailLimits()}
	a.smtp = smtpd.New(smtpd.Config{
		Desk:  spooler{a.spool, l.spoolTo, a.sure},
		Auth:  nobodySends{},
		House: house{rules, func() []string { return rules.Domains }, len(rules.Domains)}, Clock: a.c.Clock, Log: a.c.Log,
		TLS: a.c.SMTPTLS, Resolve: a.c.Resolve, Limits: a.c.SMTPLimits, Say: sayIn(cat), Locked: true,
	})
	way := map[Mode]locked.Way{ModePassphrase: locked.ByPassphrase, ModeTang: locked.ByServer}[l.mode]
	if way == "" {
		way = locked.ByNothing
	}
	a.web, err = lockedWeb(a.c, views, &locked.Door{Machine: l, Way: way, Safe: safeToType(a.c.BaseURL)})
	return err
}

// nobodySends answers who signs in to send: app passwords are sealed.
type nobodySends struct{}

// Authenticate says that it cannot be told now.
func (nobodySends) Authenticate(context.Context, string, string, netip.Addr) (smtpd.Login, error) {
	return smtpd.Login{}, mail.E(mail.Locked, "error.locked", nil)
}

// Still says the same; nobody has signed in.
func (nobodySends) Still(context.Context, smtpd.Login) error {
	return mail.E(mail.Locked, "error.locked", nil)
}

// Run takes mail and ends what is due until somebody unlocks the appliance or ctx ends, then
// finishes what has begun. The key is zero if ctx has ended.
func (l *lockedMachine) Run(ctx context.Context) (seal.Secret, error) {
	o, err := l.overseerOf("Locked: takes mail, and waits to be unlocked at " + l.c.BaseURL + " or by sigill unlock.")
	if err != nil {
		return seal.Secret{}, err
	}
	if err := l.tell(ctx, journal.SystemLocked, ""); err != nil {
		return seal.Secret{}, err
	}
	yieldMemory()
	var got opened
	g, run := errgroup.WithContext(ctx)
	g.Go(func() error { return l.web.Run(run) })
	g.Go(func() error { return l.smtp.Run(run, l.c.SMTP...) })
	l.runCertificates(run, g)
	g.Go(func() error { return l.jobs.Run(run) })
	if l.metrics != nil {
		g.Go(func() error { return l.metrics.Run(run) })
	}
	if l.control != nil {
		g.Go(func() error { return l.control.Run(run) })
	}
	if o != nil {
		g.Go(func() error { return o.Run(run) })
	}
	if l.mode == ModeTang {
		g.Go(func() error { return l.askServers(run) })
	}
	g.Go(func() (err error) {
		got, err = l.unlocked(run, o)
		return err
	})
	err = g.Wait()
	if errors.Is(err, errUnlocked) {
		return got.key, l.tell(context.WithoutCancel(ctx), journal.SystemUnlocked, got.by)
	}
	if errors.Is(err, context.Canceled) || ctx.Err() != nil {
		err = l.tell(context.WithoutCancel(ctx), journal.Stopped, "")
	}
	return seal.Secret{}, err
}

// errUnlocked ends the locked machine.
var errUnlocked = errors.New("unlocked")

// unlocked waits for the key.
func (l *lockedMachine) unlocked(ctx context.Context, o *overseer.Overseer) (opened, error) {
	select {
	case <-ctx.Done():
		return opened{}, nil
	case got := <-l.open:
		if o != nil {
			o.Reload() // the process goes on
		}
		l.c.Log.Info("unlocked", "part", "boot", "by", got.by)
		return got, errUnlocked
	}
}

func (l *lockedMachine) tell(ctx context.Context, kind, detail string) error {
	return l.db.Update(ctx, func(tx *vault.Tx) error {
		return tx.Note(mail.Event{Kind: kind, At: tx.Now(), Actor: mail.ActorSystem, Part: "boot", Detail: detail})
	})
}

// give opens the appliance with a key, if it is this one's.
func (l *lockedMachine) give(key seal.Secret, by string) error {
	if l.spoolTo != "" {
		mine, err := keyring.NewApp(key, l.salt).SpoolRecipient()
		if err != nil {
			return err
		}
		if mine != l.spoolTo {
			return errWrongKey
		}
	}
	select {
	case l.open <- opened{key, by}:
	default: // another was quicker, with the same key
	}
	return nil
}

// askServers asks the key servers until one gives the key: after five seconds, and then more
// and more seldom, to five minutes.
func (l *lockedMachine) askServers(ctx context.Context) error {
	for wait := serverWait; ; wait = min(2*wait, maxServerWait) {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		key, err := l.places.fromServers(ctx)
		if err == nil {
			err = l.give(key, "server")
		}
		if err == nil {
			return nil
		}
		if ctx.Err() == nil {
			l.c.Log.Warn("no key server gives the key", "part", "boot", "again", min(2*wait, maxServerWait), "err", fmt.Sprint(err))
		}
	}
}

const maxServerWait = 5 * time.Minute

// serverWait is how long the first wait is; tests set it lower before they begin.
var serverWait = 5 * time.Second
