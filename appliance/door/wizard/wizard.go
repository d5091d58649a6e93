// Package wizard is the door through which an appliance is set up, from an empty machine to
// the first letter: one step a page, each tried where it stands, put off or taken up again.
//
// It never shows a secret that was typed, and keeps none: what is typed goes to the machine,
// which writes the configuration file anew at each step.
//
// On the wire are pages of HTML that work without script.
//
// What holds always: its pages are there only while the set-up is not through. Until there is
// an administrator with a second factor they belong to the one browser that has brought the
// one-time code; from then on to administrators who have given their password within the
// hour, whatever cookie anybody else still has.
package wizard

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/config"
	"sigill/appliance/doctor"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// Step is one page of the set-up; its value stands in the path, and in the journal.
type Step string

// The steps.
const (
	Language  Step = "language"
	House     Step = "organisation"
	Admin     Step = "administrator"
	KitStep   Step = "kit"
	Host      Step = "host"
	MailOut   Step = "mail"
	SMS       Step = "sms"
	Senders   Step = "senders"
	Retention Step = "retention"
	Backup    Step = "backup"
	Start     Step = "start"
	First     Step = "first"
)

// Steps are all of them, in their order.
var Steps = [...]Step{Language, House, Admin, KitStep, Host, MailOut, SMS, Senders, Retention, Backup, Start, First}

// Path is where a step's page is.
func (s Step) Path() string { return "/setup/" + string(s) }

// Fate is what became of a step. The zero value: nobody has been there.
type Fate string

// The fates.
const (
	Done  Fate = "done"
	Later Fate = "later"
)

// Administrator is who is to be the first one.
type Administrator struct {
	Name     string
	Address  mail.Address
	Lang     string
	Password string
}

// Kit is what is left of the recovery kit on the machine.
type Kit struct {
	Sheets    []Sheet // none: its files are not there any more
	Need      int     // how many shares of page 3 are needed
	Practised bool
}

// Sheet is one of its sheets.
type Sheet struct {
	Page, Share, Of int
	Words           [2]int // the numbers of the words that are typed back
}

// Machine does the work of the steps; the appliance's set-up is one.
type Machine interface {
	Open(ctx context.Context) (bool, error)
	Guarded(ctx context.Context) (bool, error)
	Enter(ctx context.Context, code string) (browser web.Token, err error)
	Knows(ctx context.Context, browser web.Token) (bool, error)
	Steps(ctx context.Context) (map[Step]Fate, error)
	Mark(ctx context.Context, by mail.Actor, step Step, f Fate) error
	Draft() (config.Config, error)
	Change(change func(*config.Config) error) error
	KeepSecret(name, secret string) (path string, err error)
	// Kept is the file of a secret that KeepSecret has written; "" if there is none.
	Kept(name string) (path string)
	DropSecret(path string) error
	Reload()

	CheckAdministrator(n Administrator) error
	MakeAdministrator(ctx context.Context, n Administrator, f access.NewFactor) (mail.Person, error)
	Kit(ctx context.Context) (Kit, error)
	PrintKit(lang string) (html string, err error)
	ProveKit(typed [][]string) (wrong int, err error)
	PractiseKit(ctx context.Context, by mail.Actor, lines []string) error

	// TryHost has the certificate made or read that the file asks for.
	TryHost(ctx context.Context) error
	Sent(step Step) bool
	Check(ctx context.Context, by mail.Actor, step Step, typed string) error
	MailDNS(ctx context.Context) ([]doctor.Finding, error)
	TryMail(ctx context.Context, to mail.Address, lang string) error
	TrySMS(ctx context.Context, by mail.Actor, to mail.Phone, lang string) error
	// HostKeys are the fingerprints of the keys that an SFTP server shows. Nothing proves that
	// they are its own.
	HostKeys(ctx context.Context, host string) ([]string, error)
	// TryBackup writes to the file's first target for backups and takes it away again. The error
	// for people tells "Detail", and "Path" where root must do something on this machine.
	TryBackup(ctx context.Context) error

	Lacks() ([]string, error)
	Live(ctx context.Context, by mail.Actor) (portal string, err error)
	// FirstLetter is the newest letter of who is asking, and the newest mail of theirs that was
	// not taken since.
	FirstLetter(ctx context.Context, of mail.Address) (mail.TraceFound, error)
	// Tries reports whether the appliance may send a letter to itself.
	Tries() bool
	Finish(ctx context.Context, by mail.Actor) error
}

// Config is what the door needs; none may be nil.
type Config struct {
	Machine Machine
	SignIn  *access.SignIn
	Phone   func(s string) (mail.Phone, error) // people's spellings of a number
	Log     *slog.Logger
}

// Door is the door of who sets the machine up.
type Door struct {
	m      Machine
	signIn *access.SignIn
	phone  func(s string) (mail.Phone, error)
	log    *slog.Logger

	mu       sync.Mutex
	entering *entering // the administrator who is not made yet
}

// New returns the door.
func New(c Config) *Door {
	return &Door{m: c.Machine, signIn: c.SignIn, phone: c.Phone, log: c.Log}
}

// Routes is its map.
func (d *Door) Routes() []web.Route {
	get := func(path string, h func(*web.Request) error) web.Route {
		return web.Route{Method: "GET", Path: path, Need: web.Anyone, Handle: d.ours(h)}
	}
	post := func(path string, h func(*web.Request) error) web.Route {
		return web.Route{Method: "POST", Path: path, Need: web.Anyone, Body: web.Form, Handle: d.ours(h)}
	}
	list := []web.Route{
		{Method: "GET", Path: "/setup", Need: web.Anyone, Handle: d.open(d.enterPage)},
		{Method: "POST", Path: "/setup", Need: web.Anyone, Body: web.Form, Handle: d.open(d.enter)},
		get(Admin.Path(), d.adminPage), post(Admin.Path(), d.takeAdmin),
		get("/setup/app", d.appPage), post("/setup/app", d.confirmApp),
		get(KitStep.Path(), d.kitPage), get("/setup/kit/print", d.printKit), post("/setup/kit", d.proveKit), post("/setup/kit/practise", d.practiseKit),
		get(SMS.Path(), d.smsPage), post(SMS.Path(), d.saveSMS), post("/setup/sms/try", d.trySMS), post("/setup/sms/check", d.checkSMS),
		post("/setup/mail/try", d.tryMail), post("/setup/mail/check", d.checkMail), post("/setup/mail/dns", d.askDNS),
		get(Senders.Path(), d.sendersPage), post(Senders.Path(), d.saveSenders),
		get(Backup.Path(), d.backupPage), post(Backup.Path(), d.saveBackup),
		get(Start.Path(), d.startPage), post(Start.Path(), d.start),
		get(First.Path(), d.firstPage), post(First.Path(), d.finish),
		post("/setup/later", d.later),
	}
	for _, f := range forms {
		list = append(list, get(f.step.Path(), d.formPage(f)), post(f.step.Path(), d.saveForm(f)))
	}
	return list
}

// proven is how long a password that was given opens the set-up: whoever goes through it has
// to look things up elsewhere in between.
const proven = time.Hour

// open is a route that is there for anybody, while there is a set-up.
func (d *Door) open(h func(*web.Request) error) func(*web.Request) error {
	return func(r *web.Request) error {
		open, err := d.m.Open(r.Context())
		if err != nil {
			return err
		}
		if !open {
			return mail.E(mail.Absent, "error.absent", nil)
		}
		return h(r)
	}
}

// ours is a route for whoever the set-up belongs to by now.
func (d *Door) ours(h func(*web.Request) error) func(*web.Request) error {
	return d.open(func(r *web.Request) error {
		guarded, err := d.m.Guarded(r.Context())
		if err != nil {
			return err
		}
		if guarded {
			return d.asAdministrator(r, h)
		}
		known, err := d.m.Knows(r.Context(), r.Setup())
		if err != nil {
			return err
		}
		if !known {
			return r.Redirect("/setup")
		}
		return h(r)
	})
}

func (d *Door) asAdministrator(r *web.Request, h func(*web.Request) error) error {
	s, ok := r.Viewer().Value.(*access.Session)
	switch {
	case !ok:
		return r.Redirect(web.WithQuery("/in", "next", "/setup"))
	case r.Viewer().Roles&mail.RoleAdmin == 0:
		return mail.E(mail.Absent, "error.absent", nil)
	case !d.signIn.ProvedWithin(s, proven):
		return r.Redirect("/account/prove?next=/setup")
	}
	return h(r)
}

// actor is who presses the button: the machine itself while there is no administrator.
func actor(r *web.Request) mail.Actor {
	if s, ok := r.Viewer().Value.(*access.Session); ok && r.Viewer().Roles&mail.RoleAdmin != 0 {
		return mail.Actor{Kind: mail.ActorAdmin, ID: s.Person.ID}
	}
	return mail.SystemActor("setup")
}

// frame is what each step's page has around its own.
type frame struct {
	web.Frame
	Step     Step
	Progress []place
	Later    bool // may be put off
	Say      *web.Alert
}

// place is one line of the progress.
type place struct {
	Path, Name string
	Fate       Fate
	Here       bool
	Closed     bool // there is something to be done before
}

// at fills in what is around a step.
func (d *Door) at(r *web.Request, step Step, f *frame) error {
	fates, err := d.m.Steps(r.Context())
	if err != nil {
		return err
	}
	guarded, err := d.m.Guarded(r.Context())
	if err != nil {
		return err
	}
	f.Step, f.Later = step, step != Language && step != House && step != Admin && step != Start && step != First
	for i, s := range Steps {
		p := place{Path: s.Path(), Name: r.T("setup." + string(s)), Fate: fates[s], Here: s == step, Closed: !guarded && i > slices.Index(Steps[:], Admin)}
		if s == Admin && guarded {
			p.Fate = Done
		}
		f.Progress = append(f.Progress, p)
	}
	return nil
}

// next goes on behind a step: to the first one after it that nobody has been at, or else to
// the first such before it.
func (d *Door) next(r *web.Request, step Step) error {
	fates, err := d.m.Steps(r.Context())
	if err != nil {
		return err
	}
	i := slices.Index(Steps[:], step) + 1
	for _, s := range slices.Concat(Steps[i:], Steps[:i]) {
		if fates[s] == "" {
			return r.Redirect(s.Path())
		}
	}
	return r.Redirect(Start.Path())
}

// later puts a step off.
func (d *Door) later(r *web.Request) error {
	step := Step(r.Form("step"))
	f := frame{}
	if i := slices.Index(Steps[:], step); i < 0 {
		return mail.E(mail.Invalid, "error.absent", nil)
	}
	if err := d.at(r, step, &f); err != nil {
		return err
	}
	if !f.Later {
		return mail.E(mail.Invalid, "error.absent", nil)
	}
	fates, err := d.m.Steps(r.Context())
	if err != nil {
		return err
	}
	if fates[step] != Done { // what was done stays so
		if err := d.m.Mark(r.Context(), actor(r), step, Later); err != nil {
			return err
		}
	}
	return d.next(r, step)
}
