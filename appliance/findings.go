package appliance

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"sigill/appliance/courier"
	"sigill/appliance/doctor"
	"sigill/appliance/erase"
	"sigill/appliance/org"
	"sigill/appliance/vault"
)

// slowEvery is how long what DNS and the providers have said holds.
const slowEvery = time.Hour

// askTime bounds what is asked of others in one look.
const askTime = 20 * time.Second

// findings remembers what the last look has found, for who only wants to know that: strangers
// at /healthz, metrics, the list of what is to be done.
type findings struct {
	mu     sync.Mutex
	quick  []doctor.Finding
	slow   []doctor.Finding
	looked time.Time     // the slow ones; zero: never
	from   time.Duration // the same by Clock.Running
	again  bool          // the job asks once more at its next time: something has changed
	asking sync.Mutex    // held while others are asked: one at a time does
}

// all returns what was found last, and whether anything was looked at yet.
func (f *findings) all() (list []doctor.Finding, looked bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append(append([]doctor.Finding(nil), f.quick...), f.slow...), f.quick != nil
}

// isSlow reports whether a check asks others, and is made once an hour.
func isSlow(check string) bool {
	return strings.HasPrefix(check, "dns.") || check == "sms.balance"
}

// Findings looks at everything that needs nobody else, and at the rest too if fresh says so
// or an hour has gone; else the rest is what was found then.
func (a *Appliance) Findings(ctx context.Context, fresh bool) (list []doctor.Finding, asked time.Time, err error) {
	if _, err := a.lookQuick(ctx); err != nil {
		return nil, asked, err
	}
	if fresh || a.slowDue() {
		a.lookSlow(ctx)
	}
	list, _ = a.found.all()
	a.found.mu.Lock()
	defer a.found.mu.Unlock()
	return doctor.Sorted(list), a.found.looked, nil
}

func (a *Appliance) slowDue() bool {
	a.found.mu.Lock()
	defer a.found.mu.Unlock()
	return a.found.looked.IsZero() || a.c.Clock.Running()-a.found.from >= slowEvery
}

// lookSlow asks DNS and the providers of SMS.
func (a *Appliance) lookSlow(ctx context.Context) []doctor.Finding {
	a.found.asking.Lock()
	defer a.found.asking.Unlock()
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var list []doctor.Finding
	if r := a.c.DNS; r != nil {
		list = append(list, doctor.MailDNS(ctx, r, a.mailQuestion(ctx, r))...)
		if u, err := url.Parse(a.c.BaseURL); err == nil {
			list = append(list, doctor.WebDNS(ctx, r, doctor.WebQuestion{Host: u.Hostname(), Here: a.here()})...)
		}
	}
	for _, b := range a.balances(ctx) {
		list = append(list, doctor.SMSBalance(b))
	}
	a.found.mu.Lock()
	defer a.found.mu.Unlock()
	a.found.slow, a.found.looked, a.found.from = list, a.c.Clock.Now(), a.c.Clock.Running()
	return list
}

// mailQuestion is what DNS is asked about our mail. Whom other servers see is what the
// configuration says of the smarthost, else what its name leads to.
func (a *Appliance) mailQuestion(ctx context.Context, r doctor.Resolver) doctor.MailQuestion {
	q := doctor.MailQuestion{From: string(a.c.From), Own: a.c.Own, Hostname: a.c.Smarthost.Hello, DKIM: a.c.DKIM, Out: a.c.SendsFrom, Sure: len(a.c.SendsFrom) > 0}
	if q.Sure {
		return q
	}
	host, _, _ := net.SplitHostPort(a.c.Smarthost.Addr)
	if ip, err := netip.ParseAddr(host); err == nil {
		q.Out = []netip.Addr{ip}
		return q
	}
	q.Out, _ = doctor.Addresses(ctx, r, host) // not to be had is said as not known
	return q
}

// here are this machine's addresses, unless a proxy stands before it.
func (a *Appliance) here() (list []netip.Addr) {
	if len(a.c.Proxies) > 0 {
		return nil
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, x := range all {
		p, err := netip.ParsePrefix(x.String())
		if err == nil && p.Addr().IsGlobalUnicast() {
			list = append(list, p.Addr().Unmap())
		}
	}
	return list
}

// balancer is a gateway that knows what is left at its providers.
type balancer interface {
	Balances(ctx context.Context) []courier.Balance
}

func (a *Appliance) balances(ctx context.Context) (list []doctor.BalanceFact) {
	if a.texter == nil {
		return nil
	}
	b, ok := a.texter.gateway.(balancer)
	if !ok {
		return nil
	}
	perDay, err := a.meter.spentDaily(ctx)
	if err != nil {
		a.c.Log.Error("what SMS cost is not known", "part", "doctor", "err", err) // what is left is told all the same
	}
	for _, x := range b.Balances(ctx) {
		list = append(list, doctor.BalanceFact{Provider: x.Provider, Known: x.Known, Left: x.Left, Currency: x.Currency, PerDay: perDay})
	}
	return list
}

// lookQuick looks at what this machine knows by itself.
func (a *Appliance) lookQuick(ctx context.Context) ([]doctor.Finding, error) {
	now := a.c.Clock.Now()
	s, err := a.Status(ctx)
	if err != nil {
		return nil, err
	}
	list := doctor.Queue(now, doctor.QueueFact{Down: s.Down, Detail: s.Detail, Waiting: s.Waiting, Oldest: s.Oldest})
	list = append(list, doctor.SMS(doctor.SMSFact{Gateways: a.c.Gateways, Down: s.SMSDown, Sent: s.SMS, Most: s.SMSMost})...)
	for _, c := range a.certificateFacts() {
		list = append(list, doctor.Certificate(now, c)...)
	}
	synced, known := doctor.ReadSynced(NewWall().Now())
	list = append(list, doctor.ClockCheck(doctor.ClockFact{Held: s.Held, Behind: s.Behind, Ahead: s.Ahead, Synced: synced, Known: known})...)
	care := doctor.CareFact{Unsigned: a.unsigned(s.Journal, now)}
	for _, j := range s.Jobs {
		if j.Tries >= 2 {
			care.Failed = append(care.Failed, j.Name)
		}
	}
	if a.c.Book != nil {
		b := a.c.Book()
		care.Changed, care.Broken = b.Changed, b.Fault != nil
	}
	list = append(list, doctor.Care(care)...)
	more, err := a.upkeep(ctx, now)
	if err != nil {
		return nil, err
	}
	list = append(list, more...)
	still, err := a.lookStill(ctx, now)
	if err != nil {
		return nil, err
	}
	list = append(list, still...)
	a.found.mu.Lock()
	defer a.found.mu.Unlock()
	a.found.quick = list
	return list, nil
}

// lookStill looks at what can be seen of an appliance that does not run, too.
func (a *Appliance) lookStill(ctx context.Context, now time.Time) ([]doctor.Finding, error) {
	list, err := lookDisk(a.c.Data)
	if err != nil {
		return nil, err
	}
	key, err := a.keyMode(ctx, struct{}{})
	if err != nil {
		return nil, err
	}
	custody := doctor.CustodyFact{Mode: string(key.Mode), Lies: slices.ContainsFunc(kitFiles(a.c.Keys), exists)}
	if key.Credential {
		custody.Mode = "credential"
	}
	if custody.Practised, err = a.Practised(ctx); err != nil {
		return nil, err
	}
	err = a.db.View(ctx, func(tx *vault.ReadTx) error {
		if custody.Opens, err = tx.HeldSeeds(); err != nil {
			return err
		}
		first, err := tx.JournalSince(0, 1)
		if len(first) > 0 {
			custody.Founded = first[0].At
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	people := doctor.PeopleFact{}
	a.office.Tree(func(t *org.Tree) {
		people.Administrators, people.People = len(t.Administrators()), t.CountPeople()
	})
	list = append(list, doctor.Host(doctor.ReadHost(), people.People)...)
	list = append(list, doctor.Modes(doctor.ReadModes(a.modes()))...)
	list = append(list, doctor.Custody(now, custody)...)
	return append(list, doctor.OneAdministrator(people)...), nil
}

func lookDisk(dir string) ([]doctor.Finding, error) {
	fs, err := erase.FileSystemOf(dir)
	if err != nil {
		return nil, err
	}
	medium, err := erase.Medium(dir)
	if err != nil {
		return nil, err
	}
	f := doctor.DiskFact{Free: fs.Free, All: fs.All, FS: medium.FS, InPlace: medium.InPlace}
	for _, x := range medium.Faults {
		f.Doubts = append(f.Doubts, string(x))
	}
	return doctor.Disk(f), nil
}

// modes are the places that nobody else may read or change. Who asks as root, by a command, is
// not the service: whose the store is, is.
func (a *Appliance) modes() []doctor.ModeFact {
	file := ""
	if a.c.Book != nil {
		file = a.c.Book().Path
	}
	list := doctor.Places(file, a.c.Data, a.c.Keys)
	service := os.Geteuid()
	if service == 0 {
		if data := doctor.ReadModes(list[:1]); len(data) > 0 {
			service = int(data[0].Owner)
		}
	}
	for i := range list {
		list[i].Ours = []uint32{uint32(service), 0}
	}
	return list
}

// certificateFacts are the certificates that the doors show.
func (a *Appliance) certificateFacts() (list []doctor.CertificateFact) {
	for _, c := range a.certificates() {
		f := doctor.CertificateFact{Of: c.Of, Ends: c.Ends, Begins: c.Begins, Names: c.Names, Host: c.Host, SelfSigned: c.SelfSigned, Renews: c.Source != "files"}
		if c.Why != "" {
			f.Failed = c.Since
		}
		list = append(list, f)
	}
	return list
}

// unsigned is when the journal was last signed, if its entries have waited too long for it.
func (a *Appliance) unsigned(entries int64, now time.Time) time.Time {
	const within = 2 * time.Hour // it is signed every ten minutes
	last := a.points.Last()
	if entries <= last.Size || last.At.IsZero() || now.Sub(last.At) < within {
		return time.Time{}
	}
	return last.At
}

// hostFindings is what a command sees of the machine that the service itself may not ask.
func hostFindings(list []doctor.Finding) []doctor.Finding {
	synced, known := doctor.ReadSynced(NewWall().Now())
	if !known {
		return list
	}
	for i, f := range list {
		if f.Check == "machine.synced" && f.Grave == doctor.Note {
			for _, seen := range doctor.ClockCheck(doctor.ClockFact{Synced: synced, Known: known}) {
				if seen.Check == f.Check {
					list[i] = seen
				}
			}
		}
	}
	return list
}
