// Package admin is the door for who runs the machine, who organises its people and who
// audits both: how the machine is, the tree of departments, each of the house's people,
// and the journal.
//
// It never shows a letter, a subject or a recipient: whoever runs the machine or a
// department reads nobody's mail.
//
// On the wire are pages of HTML that work without script.
//
// What holds always: each of its routes needs an administrator, an organiser, an auditor or
// the help desk. An organiser sees of the house no more than the own branch: what is outside
// of it looks as if it were not there. An auditor sees the journal, which names nobody.
package admin

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/config"
	"sigill/appliance/door/web"
	"sigill/appliance/jobs"
	"sigill/appliance/mail"
)

// Machine is what the page shows and does; the appliance is one.
type Machine interface {
	Status(ctx context.Context) (Status, error)
	// BelieveClock says that the clock is right after it has leapt.
	BelieveClock(ctx context.Context, by mail.Actor) error
	Trying
}

// Status is how the machine is.
type Status struct {
	Domains      []string
	Own          string // domain of the addresses that we make
	Smarthost    string
	Down         time.Time // since when the smarthost cannot be used; zero: it can
	Detail       string    // why
	Waiting      int64     // mails of ours on their way
	Held         bool      // the clock has leapt ahead; no letter ends
	Behind       bool      // the clock has been set back; no mail is taken
	Ahead        time.Duration
	SMS          int64 // today
	SMSMost      int64
	Journal      int64 // entries
	Medium       string
	InPlace      bool      // overwriting reaches the medium here
	Faults       []string  // keys: why overwritten bytes may still be on the medium
	Opens        int       // people whose keys the server can open by itself
	SMSDown      time.Time // since when no gateway takes an SMS; zero: they do
	Oldest       time.Time // of the mails on their way; zero: there is none
	Room         int64     // bytes free where everything is kept
	Disk         int64     // bytes there
	Certificates []Certificate
	Practised    time.Time // when the recovery kit was last practised with; zero: never
	Key          string    // key of the words for how the machine's key is kept
	Spooled      int       // mails that came while it was locked and are not taken in yet
	SpooledSince time.Time // when the oldest of them came
	Jobs         []jobs.Result
}

// Config is what the door needs; none may be nil or empty.
type Config struct {
	Machine      Machine
	Updates      Updates
	Organisation Organisation
	Attention    Attention
	Usage        Usage
	Journal      Journal
	Currency     string // of what SMS cost: ISO 4217
	Certificates Certificates
	Domains      Domains
	Directory    Directory
	Doctor       Doctor
	Helping      Helping
	Tracing      Tracing
	Statements   Statements
	Backups      Backups
	Sessions     func(person mail.ID) int           // how many somebody has open
	SteppedUp    func(*access.Session) bool         // the password was given lately
	Book         func() config.Book                 // the settings of the configuration file
	Zone         *time.Location                     // of the house; dates are typed in it
	Lang         string                             // of those who are invited
	Country      string                             // of the law on accessibility: "SE"
	Phone        func(s string) (mail.Phone, error) // people's spellings of a number
	Log          *slog.Logger
	// Samples words a notice and an SMS as a unit with a look would send them.
	Samples func(look mail.Look, kind mail.NoticeKind, lang string, at time.Time) (mail.Samples, error)
}

// Door is the door of administrators, organisers and auditors.
type Door struct {
	m       Machine
	doctor  Doctor
	updates Updates
	org     Organisation

	attention  Attention
	domains    Domains
	helping    Helping
	tracing    Tracing
	statements Statements
	backups    Backups
	sessions   func(person mail.ID) int
	book       func() config.Book
	steppedUp  func(*access.Session) bool

	zone    *time.Location
	lang    string
	country string
	log     *slog.Logger

	phone func(s string) (mail.Phone, error)

	usage    Usage
	currency string
	journal  Journal

	imports imports
	drawing drawing

	directory Directory
	syncing   syncing

	certificates Certificates

	samples func(look mail.Look, kind mail.NoticeKind, lang string, at time.Time) (mail.Samples, error)
}

// New returns the door.
func New(c Config) *Door {
	return &Door{m: c.Machine, doctor: c.Doctor, updates: c.Updates, org: c.Organisation, attention: c.Attention, domains: c.Domains, helping: c.Helping, tracing: c.Tracing, statements: c.Statements, backups: c.Backups, book: c.Book, country: c.Country, sessions: c.Sessions, steppedUp: c.SteppedUp, zone: c.Zone, lang: c.Lang, log: c.Log, phone: c.Phone, usage: c.Usage, currency: c.Currency, journal: c.Journal, directory: c.Directory, certificates: c.Certificates, samples: c.Samples}
}

// Routes is its map.
func (d *Door) Routes() []web.Route {
	return slices.Concat(
		d.machineRoutes(),
		d.updateRoutes(),
		d.backupRoutes(),
		d.doctorRoutes(),
		d.organisationRoutes(),
		d.listRoutes(),
		d.helpRoutes(),
		d.recipientRoutes(),
		d.domainRoutes(),
		d.directoryRoutes(),
		d.journalRoutes(),
		d.traceRoutes(),
	)
}

func (d *Door) machineRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/admin", Need: web.Admin, Handle: d.page},
		{Method: "POST", Path: "/admin/clock", Need: web.Admin, Body: web.Form, Handle: d.clock},
		{Method: "GET", Path: pathPath, Need: web.Admin, Handle: d.pathPage},
		{Method: "POST", Path: pathPath, Need: web.Admin, Body: web.Form, Handle: d.tryPath},
		{Method: "GET", Path: certificatesPath, Need: web.Admin, Handle: d.certificatesPage},
		{Method: "POST", Path: certificatesPath, Need: web.Admin, Body: web.Form, Handle: d.tryCertificates},
		{Method: "GET", Path: certificatesPath + "/root", Need: web.Admin, Handle: d.ownRoot},
		{Method: "GET", Path: settingsPath, Need: web.Admin, Handle: d.settingsPage},
		{Method: "POST", Path: settingsPath, Need: web.Admin, Body: web.Form, Handle: d.findSettings},
		{Method: "GET", Path: statementPath, Need: web.Admin, Handle: d.statementPage},
		{Method: "POST", Path: statementPath, Need: web.Admin, Body: web.Form, Handle: d.setStatement},
	}
}

type adminPage struct {
	web.Frame
	Status Status
	Hours  int
}

func (d *Door) page(r *web.Request) error {
	s, err := d.m.Status(r.Context())
	if err != nil {
		return err
	}
	return r.Page("admin/machine", &adminPage{Status: s, Hours: int(s.Ahead.Abs().Hours())})
}

func (d *Door) clock(r *web.Request) error {
	if err := d.m.BelieveClock(r.Context(), actor(r)); err != nil {
		return err
	}
	r.Flash("flash.clock")
	return r.Redirect("/admin")
}

// actor is who presses the button. The session's value knows; the floor has seen to
// it that it is an administrator.
func actor(r *web.Request) mail.Actor {
	if s, ok := r.Viewer().Value.(interface{ Actor() mail.Actor }); ok {
		a := s.Actor()
		if r.Viewer().Roles&mail.RoleAdmin != 0 {
			a.Kind = mail.ActorAdmin
		}
		return a
	}
	return mail.Actor{}
}
