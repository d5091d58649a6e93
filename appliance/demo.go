package appliance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"sigill/appliance/config"
	"sigill/appliance/courier"
	"sigill/appliance/door/smtpd"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
	"sigill/appliance/trap"
)

// DemoConfig says where the demo listens and keeps its things.
type DemoConfig struct {
	Dir    string // a fresh temporary directory if empty
	Portal string // host:port on loopback
	SMTP   string
	Trap   string
	Log    *slog.Logger
}

// Demo is the same machine on this computer: a made-up municipality, a trap in place
// of the mail server and the SMS gateway, and a clock that can be turned. Three things
// differ from Serve, and none is a setting: the trap, the clock, and that nobody has
// a second factor until one is set.
type Demo struct {
	Appliance *Appliance
	Trap      *trap.Trap
	Clock     *Turned
	Dir       string
	info      demoInfo
	sockets   []net.Listener
	temporary bool // Dir is ours, and goes with the demo
}

// demoInfo is what demo.json holds (4-contract, 4.2).
type demoInfo struct {
	Portal   string        `json:"portal"`
	SMTP     string        `json:"smtp"`
	Trap     string        `json:"trap"`
	Accounts []demoAccount `json:"accounts"`
}

type demoAccount struct {
	Role     string `json:"role"`
	Email    string `json:"email"`
	Password string `json:"password"`
	name     string
	unit     string // of demoTown; where the person is at home
	roles    mail.Roles
}

func demoAccounts() []demoAccount {
	return []demoAccount{
		{"caseworker", "maria.ek@exempelkommun.se", "blek-anka-under-bron", "Maria Ek", "Ekonomiskt bistånd", 0},
		{"caseworker", "johan.lind@exempelkommun.se", "tre-moln-vid-hamnen", "Johan Lind", "Barn och familj", 0},
		{"organiser", "karin.berg@exempelkommun.se", "stilla-regn-i-april", "Karin Berg", "Socialförvaltningen", 0},
		{"admin", "it@exempelkommun.se", "gammal-lykta-vid-kajen", "IT-drift", "", mail.RoleAdmin},
	}
}

// NewDemo opens the demo's sockets, makes its people and joins it to its trap.
func NewDemo(ctx context.Context, c DemoConfig) (_ *Demo, err error) {
	d := &Demo{Clock: NewTurned(), Dir: c.Dir}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	if d.Dir == "" {
		if d.Dir, err = os.MkdirTemp("", "sigill-demo-"); err != nil {
			return nil, err
		}
		d.temporary = true
	}
	if err := os.MkdirAll(d.Dir, 0o700); err != nil {
		return nil, err
	}
	if err := d.wind(); err != nil {
		return nil, err
	}
	var l [4]net.Listener
	for i, addr := range []string{c.Portal, c.SMTP, c.Trap, "127.0.0.1:0"} {
		if l[i], err = net.Listen("tcp", addr); err != nil {
			return nil, err
		}
		d.sockets = append(d.sockets, l[i])
	}
	d.info = demoInfo{Portal: "http://localhost:" + port(l[0]), SMTP: l[1].Addr().String(), Trap: "http://" + l[2].Addr().String(), Accounts: demoAccounts()}
	if err := d.openTrap(l[2], l[3], c.Log); err != nil {
		return nil, err
	}
	conf, err := d.config(l[0], l[1], l[3], c.Log)
	if err != nil {
		return nil, err
	}
	if d.Appliance, err = Open(ctx, conf); err != nil {
		return nil, err
	}
	if err := d.settle(ctx); err != nil {
		return nil, errors.Join(err, d.Appliance.Close())
	}
	return d, d.write()
}

func port(l net.Listener) string {
	_, p, _ := net.SplitHostPort(l.Addr().String())
	return p
}

func addrOf(l net.Listener) (host string, port int) {
	a, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		panic("appliance: internal: " + err.Error()) // a TCP listener's address is one
	}
	return a.Addr().String(), int(a.Port())
}

func (d *Demo) openTrap(http, smtp net.Listener, log *slog.Logger) (err error) {
	var accounts []trap.Account
	for _, a := range d.info.Accounts {
		accounts = append(accounts, trap.Account{Role: a.Role, Email: a.Email, Password: a.Password})
	}
	d.Trap, err = trap.New(trap.Config{
		SMTP: smtp, HTTP: http, Clock: d.Clock, Advance: d.advance, Portal: d.info.Portal, MailIn: d.info.SMTP,
		Accounts: accounts, Zone: demoZone(), Log: log,
	})
	return err
}

// config is what differs from a real appliance, and the made-up municipality.
func (d *Demo) config(web, smtp, host net.Listener, log *slog.Logger) (Config, error) {
	f := d.file(web, smtp, host)
	c, err := plain(f)
	if err != nil {
		return c, err
	}
	if err := senders(&c, f); err != nil {
		return c, err
	}
	c.Resolve, c.DNS = nil, nil // the demo asks nobody
	c.Web, c.SMTP = web, []smtpd.Listener{{Listener: smtp}}
	c.Smarthost = courier.Smarthost{Addr: host.Addr().String(), Name: "localhost", Roots: d.Trap.Roots(), Hello: "localhost"}
	c.Gateway = func(func(string) string) (courier.Gateway, error) { return d.Trap, nil }
	c.Gateways = 1
	c.Clock, c.Log = d.Clock, log
	return c, nil
}

// file is what a configuration file would say that runs the demo, but for the trap.
func (d *Demo) file(web, smtp, host net.Listener) config.Config {
	p, h, f := DemoPlaces(d.Dir), demoHouse(), config.Default()
	f.Data, f.Keys, f.Run = p.Data, p.Keys, p.Run
	f.House.Name, f.House.Department, f.House.Phone, f.House.Web, f.House.Domains = h.Name, h.Department, h.Phone, h.Web, h.Domains
	f.Web.BaseURL, f.Web.Listen = d.info.Portal, web.Addr().String()
	f.SMTP.Hostname, f.SMTP.Listen = "localhost", smtp.Addr().String()
	f.Senders.Networks = []string{"127.0.0.0/8", "::1/128"}
	f.Smarthost.Host, f.Smarthost.Port = addrOf(host)
	f.Notices = config.Notices{From: "sakerpost@brev.exempelkommun.se", Own: "brev.exempelkommun.se"}
	f.SMS.Price = demoSMSPrice
	return f
}

func demoHouse() House {
	return House{
		Name: "Exempelkommun", Department: "Socialtjänsten", Phone: "0123-45 67 89", Web: "exempelkommun.se/brev",
		Country: "SE", Lang: "sv", Domains: []string{"exempelkommun.se"},
	}
}

// demoSMSPrice is about what one costs in Sweden, in kronor.
const demoSMSPrice = "0.42"

func demoZone() *time.Location {
	if z, err := time.LoadLocation("Europe/Stockholm"); err == nil {
		return z
	}
	return time.UTC
}

// people makes the demo's accounts, unless the directory has them from before, or had:
// somebody's mailbox may have been handed over.
func (d *Demo) people(ctx context.Context, units map[string]mail.ID) error {
	g, ctx := errgroup.WithContext(ctx) // each costs an Argon2id; the demo is to be ready in three seconds
	for _, a := range d.info.Accounts {
		handed := false
		d.Appliance.office.Tree(func(t *org.Tree) { _, handed = t.MailboxAt(mail.Address(a.Email)) })
		if handed {
			continue
		}
		g.Go(func() error {
			_, err := d.Appliance.office.Make(ctx, office.NewPerson{
				Profile: mail.Profile{Address: mail.Address(a.Email), Name: a.name, Lang: "sv"}, Roles: a.roles, Password: a.Password, Unit: units[a.unit],
			})
			return err
		})
	}
	return g.Wait()
}

// write writes demo.json, for scripts.
func (d *Demo) write() error {
	b, err := json.MarshalIndent(d.info, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.Dir, "demo.json"), append(b, '\n'), 0o600)
}

// Welcome is what the demo says to people when it is ready.
func (d *Demo) Welcome() string {
	s := fmt.Sprintf("Sigill demo, in %s\n\n  portal  %s\n  SMTP    %s\n  trap    %s   (the mails and SMS that would be sent)\n\nSign in as:\n", d.Dir, d.info.Portal, d.info.SMTP, d.info.Trap)
	for _, a := range d.info.Accounts {
		s += fmt.Sprintf("  %-11s %-28s %s\n", a.Role, a.Email, a.Password)
	}
	return s + "\nStop with Ctrl-C.\n"
}

// clockFile says how far the clock was turned, in a directory that is used again.
func (d *Demo) clockFile() string { return demoClock(d.Dir) }

func demoClock(dir string) string { return filepath.Join(dir, "clock") }

// keepClock writes it anew. On a full disk the old one stays, and the next start is
// that much behind; what is due must end all the same.
func (d *Demo) keepClock() {
	anew := d.clockFile() + ".new"
	if err := os.WriteFile(anew, []byte(d.Clock.Ahead().String()), 0o600); err == nil {
		_ = os.Rename(anew, d.clockFile())
	}
}

// wind turns the clock to where it was when the demo was stopped: the data are from
// that time, and a machine whose clock has gone back takes no mail.
func (d *Demo) wind() error { return windClock(d.Clock, d.clockFile()) }

func windClock(c *Turned, file string) error {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if by, err := time.ParseDuration(string(b)); err == nil { // a power cut may have left it empty
		c.Turn(by)
	}
	return nil
}

// advance turns the clock and does all that is due before it returns.
func (d *Demo) advance(ctx context.Context, by time.Duration) ([]string, error) {
	d.Clock.Turn(by)
	d.keepClock()
	before := d.Appliance.desk.Ended()
	if err := d.Appliance.jobs.All(ctx); err != nil {
		return nil, err
	}
	if err := d.Appliance.courier.Settle(ctx); err != nil {
		return nil, err
	}
	n := d.Appliance.desk.Ended() - before
	if n == 0 {
		return nil, nil
	}
	return []string{fmt.Sprintf("%d accesses ended; their keys are destroyed", n)}, nil
}

// Run runs the demo until ctx ends.
func (d *Demo) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.Trap.Run(ctx) })
	g.Go(func() error { return d.Appliance.Run(ctx) })
	err := errors.Join(g.Wait(), d.Appliance.Close())
	if d.temporary {
		err = errors.Join(err, os.RemoveAll(d.Dir))
	}
	return err
}

func (d *Demo) close() {
	for _, l := range d.sockets {
		l.Close()
	}
}
