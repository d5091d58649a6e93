package appliance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/config"
	"sigill/appliance/courier"
	"sigill/appliance/door/smtpd"
	"sigill/appliance/leaked"
	"sigill/appliance/mail"
	"sigill/appliance/policy"
)

// FromFile turns the configuration file into an appliance's Config: it reads
// certificates and opens the sockets. The caller closes the sockets by running or
// closing the appliance.
func FromFile(f config.Config, log *slog.Logger) (c Config, err error) {
	return fromFile(f, log, func(_, addr string) (net.Listener, error) { return net.Listen("tcp", addr) })
}

// listens opens the socket of a key at an address.
type listens func(key, addr string) (net.Listener, error)

func fromFile(f config.Config, log *slog.Logger, listen listens) (c Config, err error) {
	if f.Unfinished {
		f = f.Filled()
		f.Smarthost.CAFile = "" // it may not be there, and nothing is sent
	}
	if c, err = plain(f); err != nil {
		return c, err
	}
	c.Clock, c.Log, c.Overseen, c.Unfinished = NewWall(), log, true, f.Unfinished
	steps := []func(*Config, config.Config) error{senders, smarthost, gateway, passwords, signOn, directoryOf, certificates, watching}
	if f.Unfinished {
		// What the file names may not be there yet: the set-up tries it before it goes live.
		steps = []func(*Config, config.Config) error{senders, smarthost, gateway, passwords, certificateYet}
	}
	for _, step := range append(steps, func(c *Config, f config.Config) error { return sockets(c, f, listen) }) {
		if err := step(&c, f); err != nil {
			c.closeSockets()
			return c, err
		}
	}
	if f.Unfinished && !strings.HasPrefix(f.Web.BaseURL, "http://") {
		c.BaseURL = c.machineURL() // the name that was said may lead nowhere yet
	}
	return c, nil
}

// plain takes over what needs no file, socket or peer: the same for a demo.
func plain(f config.Config) (c Config, err error) {
	zone, err := time.LoadLocation(f.House.Zone)
	if err != nil {
		return c, fmt.Errorf("house.zone: %w", err)
	}
	c = Config{
		Data: f.Data, Keys: f.Keys, Credential: credential(), Run: f.Run, BaseURL: f.Web.BaseURL, Own: f.Notices.Own, From: mail.Address(f.Notices.From),
		House: House{
			Name: f.House.Name, Department: f.House.Department, Phone: f.House.Phone, Web: f.House.Web,
			Country: f.House.Country, Lang: f.House.Language, Domains: f.House.Domains, Admin: mail.Address(f.House.Admin),
		},
		Rules: policy.Rules{Zone: zone, OpenDays: f.Retention.OpenWithin, ReadDays: f.Retention.ReadFor, MinDays: f.Retention.Min, MaxDays: f.Retention.Max},
		SMS:   access.SMSLimits{Countries: f.SMS.Countries, Number: int64(f.SMS.PerNumber), Letter: int64(f.SMS.PerLetter), Day: int64(f.SMS.PerDay)},
		Book:  func() config.Book { return f.Book(Languages()...) },
		File:  f.File,
	}
	c.Currency, c.Backups = f.SMS.Currency, f.Backups
	c.TraceDays = f.Trace.KeepDays
	c.Canary = Canary{From: mail.Address(f.Canary.From), Phone: mail.Phone(f.Canary.Phone), Schedule: f.Canary.Schedule}
	c.Plans = mail.PlanLimits{Lite: f.Plans.Lite, LiteBusiness: f.Plans.LiteBusiness, Recipient: f.Plans.Recipient}
	if c.SMSPrice, err = f.SMS.PartPrice(); err != nil {
		return c, fmt.Errorf("sms.price: %w", err)
	}
	if c.Sharing, err = sharing(f.House.Recovery); err != nil {
		return c, fmt.Errorf("house.recovery: %w", err)
	}
	return c, nil
}

// senders takes over who may send.
func senders(c *Config, f config.Config) (err error) {
	c.Senders.Hostname = f.SMTP.Hostname
	if c.Senders.Trusted, err = config.Networks(f.Senders.Networks); err != nil {
		return err
	}
	if c.Senders.Peers, err = config.Networks(f.Senders.Peers); err != nil {
		return err
	}
	if c.Senders.TrustedCerts, err = f.Senders.Hashes(); err != nil {
		return err
	}
	for _, s := range f.Senders.Shared {
		shared := smtpd.Shared{DKIM: s.DKIM, Header: s.Header}
		if shared.Networks, err = config.Networks(s.Networks); err != nil {
			return err
		}
		for _, secret := range s.Secrets {
			shared.Secrets = append(shared.Secrets, smtpd.Secret(secret))
		}
		c.Senders.Shared = append(c.Senders.Shared, shared)
	}
	c.Resolve, c.DNS = net.DefaultResolver.LookupTXT, net.DefaultResolver
	c.SMTPLimits.Message = f.SMTP.MaxMessageBytes
	c.Proxies, err = config.Networks(f.Web.TrustedProxies)
	return err
}

func smarthost(c *Config, f config.Config) (err error) {
	s := courier.Smarthost{
		Addr: net.JoinHostPort(f.Smarthost.Host, strconv.Itoa(f.Smarthost.Port)), Hello: f.SMTP.Hostname,
		Implicit: f.Smarthost.TLS == config.TLSImplicit, User: f.Smarthost.User, Password: courier.Secret(f.Smarthost.Password),
	}
	if f.Smarthost.TLS == config.TLSLab {
		s.Mode = courier.TLSOpportunistic
	}
	if f.Smarthost.CAFile != "" {
		if s.Roots, err = courier.LoadRoots(f.Smarthost.CAFile); err != nil {
			return err
		}
	}
	c.Smarthost, c.DKIM = s, f.Smarthost.DKIM
	for _, text := range f.Smarthost.SendsFrom {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return fmt.Errorf("smarthost.sends_from: %w", err)
		}
		c.SendsFrom = append(c.SendsFrom, ip.Unmap())
	}
	return nil
}

// gateway joins the SMS gateways in their order. Without any, a PIN cannot be sent,
// and the reader is told so.
func gateway(c *Config, f config.Config) error {
	c.Reports, c.Gateways = reportForms(f.SMS.Gateways), len(f.SMS.Gateways)
	c.Gateway = func(hook func(string) string) (courier.Gateway, error) {
		var list []courier.Named
		for _, g := range f.SMS.Gateways {
			made, err := oneGateway(g, hook(g.Name))
			if err != nil {
				return nil, fmt.Errorf("sms gateway %s: %w", g.Name, err)
			}
			list = append(list, courier.Named{Name: g.Name, Gateway: made})
		}
		if len(list) == 0 {
			return noGateway{}, nil
		}
		return courier.NewFailover(list...)
	}
	return nil
}

// noGateway is the gateway of a house that has configured none.
type noGateway struct{}

// Send says that there is none.
func (noGateway) Send(context.Context, mail.SMS) (mail.Receipt, error) {
	return mail.Receipt{}, &courier.GatewayError{Provider: "none", Detail: "not configured", Sure: true}
}

// passwords takes over the operator's file of leaked ones, and tells what is wrong with it.
func passwords(c *Config, f config.Config) (err error) {
	if c.Leaked, err = leaked.New(f.Passwords.Leaked, c.Log); err != nil {
		return fmt.Errorf("passwords.leaked: %w", err)
	}
	return nil
}

// watching takes over who is told how the machine is.
func watching(c *Config, f config.Config) (err error) {
	c.Alarms = Alarms{Mail: f.Alarms.Mail, Warnings: f.Alarms.Warnings}
	if f.Alarms.Webhook != "" {
		w := courier.Webhook{URL: f.Alarms.Webhook, Secret: courier.Secret(f.Alarms.Secret)}
		if w.Roots, err = roots(f.Alarms.CAFile); err != nil {
			return fmt.Errorf("alarms.ca_file: %w", err)
		}
		if c.Alarms.Hook, err = courier.NewWebhook(w); err != nil {
			return fmt.Errorf("alarms.webhook: %w", err)
		}
	}
	if c.MetricsTrusted, err = config.Networks(f.Metrics.Trusted); err != nil {
		return err
	}
	if c.Events, err = syslogLine(f.Log.Events, f.Log.CAFile, f.SMTP.Hostname); err != nil {
		return fmt.Errorf("log.events: %w", err)
	}
	return nil
}

// sockets opens the doors. Until the set-up is through no mail is taken, and no authority asks.
func sockets(c *Config, f config.Config, listen listens) (err error) {
	if c.Web, err = listen("web.listen", f.Web.Listen); err != nil {
		return fmt.Errorf("web.listen: %w", err)
	}
	if f.Unfinished {
		return nil
	}
	if f.UsesACME() && f.ACME.Listen != "" {
		if c.Questions, err = listen("acme.listen", f.ACME.Listen); err != nil {
			return fmt.Errorf("acme.listen: %w", err)
		}
	}
	for _, s := range []struct {
		key, addr string
		door      smtpd.Listener
	}{
		{"smtp.listen", f.SMTP.Listen, smtpd.Listener{}},
		{"smtp.submission", f.SMTP.Submission, smtpd.Listener{Submission: true}},
		{"smtp.submissions", f.SMTP.Submissions, smtpd.Listener{Submission: true, Implicit: true}},
	} {
		if s.addr == "" {
			continue // turned off; smtp.listen always has one
		}
		if s.door.Listener, err = listen(s.key, s.addr); err != nil {
			return fmt.Errorf("%s: %w", s.key, err)
		}
		c.SMTP = append(c.SMTP, s.door)
	}
	if f.Metrics.Listen != "" {
		if c.Metrics, err = listen("metrics.listen", f.Metrics.Listen); err != nil {
			return fmt.Errorf("metrics.listen: %w", err)
		}
	}
	return nil
}

func (c *Config) closeSockets() {
	if c.Web != nil {
		c.Web.Close()
	}
	if c.Questions != nil {
		c.Questions.Close()
	}
	for _, l := range c.SMTP {
		l.Close()
	}
	if c.Metrics != nil {
		c.Metrics.Close()
	}
}

// Serve runs the appliance of the configuration file at path until ctx ends. Asked to (see
// Reload), it ends it, reads the file anew and begins again. A file that was spoilt meanwhile
// is told of, and what was read before goes on. When an administrator has asked for another
// program, that one takes over.
func Serve(ctx context.Context, path string, p Program, log *slog.Logger, say func(format string, args ...any)) error {
	k, boot := &keptSockets{}, &Boot{}
	defer k.close()
	var before *config.Config
	for {
		f, err := config.LoadOrBare(path, Languages()...)
		switch {
		case err != nil && before == nil:
			return err
		case err != nil:
			log.Error("the configuration cannot be read anew; the one before it goes on", "part", "appliance", "err", err)
			f = *before
		case before != nil && p.Log != nil:
			if err := p.Log.Change(f); err != nil {
				log.Error("the log goes on as it is", "part", "log", "err", err)
			}
		}
		u, err := updatesOf(f, p, boot, log, before == nil)
		if err != nil {
			return err
		}
		anew, err := serveOnce(ctx, f, path, k, boot, u, log, say)
		if err == nil && u != nil && u.asked() {
			// Whoever knocks meanwhile waits in the kernel's queue.
			gone, err := u.between(ctx)
			if gone || err != nil {
				return err
			}
			anew = true
		}
		if err != nil || !anew {
			return err
		}
		before = &f
	}
}

// serveOnce runs the appliance of one reading of the file. anew: it is to be read again.
func serveOnce(ctx context.Context, f config.Config, path string, k *keptSockets, boot *Boot, u *updates, log *slog.Logger, say func(format string, args ...any)) (anew bool, err error) {
	open := func() (Config, error) {
		c, err := fromFile(f, log, k.listen)
		k.sweep()
		return c, err
	}
	key, err := boot.Unlock(ctx, f, log, open, say)
	if err != nil || ctx.Err() != nil {
		return false, err
	}
	c, err := open()
	if err != nil {
		return false, err
	}
	c.SetUp, c.Key, c.Updates = path, key, u
	a, err := Open(ctx, c)
	if err != nil {
		c.closeSockets()
		return false, err
	}
	log.Info("start", "part", "appliance", "config", f)
	if err := a.sayStart(ctx, f, say); err != nil {
		return false, errors.Join(err, a.Close())
	}
	if u != nil {
		if err := u.opening(); err != nil {
			return false, errors.Join(err, a.Close())
		}
	}
	err = errors.Join(a.Run(ctx), a.Close())
	return a.anew, err
}

func (a *Appliance) sayStart(ctx context.Context, f config.Config, say func(format string, args ...any)) error {
	if a.setup != nil {
		if err := a.sayAddress(ctx, say); err != nil || f.Unfinished {
			return err
		}
	}
	if err := a.sayKit(ctx, say); err != nil {
		return err
	}
	say("portal %s, SMTP %s\n", a.c.BaseURL, a.c.SMTP[0].Addr())
	return nil
}
