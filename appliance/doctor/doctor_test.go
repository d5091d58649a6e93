package doctor_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/doctor"
)

// zone answers as DNS does: what is not in it is not there, and "!" does not answer.
type zone struct {
	txt  map[string][]string
	mx   map[string]string
	ip   map[string]string
	back map[string]string
}

func ask[T any](m map[string]T, name string) (T, error) {
	v, ok := m[strings.TrimSuffix(name, ".")]
	if _, dead := m["!"]; dead {
		return v, &net.DNSError{Err: "timeout", Name: name, IsTimeout: true}
	}
	if !ok {
		return v, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return v, nil
}

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) { return ask(z.txt, name) }

func (z zone) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	host, err := ask(z.mx, name)
	if err != nil {
		return nil, err
	}
	return []*net.MX{{Host: host + ".", Pref: 10}}, nil
}

func (z zone) LookupIPAddr(_ context.Context, host string) ([]net.IPAddr, error) {
	ip, err := ask(z.ip, host)
	if err != nil {
		return nil, err
	}
	return []net.IPAddr{{IP: net.ParseIP(ip)}}, nil
}

func (z zone) LookupAddr(_ context.Context, addr string) ([]string, error) {
	name, err := ask(z.back, addr)
	if err != nil {
		return nil, err
	}
	return []string{name + "."}, nil
}

func good() zone {
	return zone{
		txt: map[string][]string{
			"svar.kommun.example":     {"google-site=1", "v=spf1 include:spf.leverantor.example -all"},
			"spf.leverantor.example":  {"v=spf1 redirect=net.leverantor.example"},
			"net.leverantor.example":  {"v=spf1 ip4:8.8.4.0/24 -all"},
			"_dmarc.kommun.example":   {"v=DMARC1; p=reject"},
			"m1._domainkey.x.example": {"v=DKIM1; p=MIIB"},
		},
		mx:   map[string]string{"svar.kommun.example": "post.kommun.example"},
		ip:   map[string]string{"ut.kommun.example": "8.8.4.7", "post.kommun.example": "8.8.4.8"},
		back: map[string]string{"8.8.4.7": "ut.kommun.example"},
	}
}

func question() doctor.MailQuestion {
	return doctor.MailQuestion{From: "post@kommun.example", Own: "svar.kommun.example", Hostname: "post.kommun.example", Out: []netip.Addr{netip.MustParseAddr("8.8.4.7")}, Sure: true}
}

// found is what of the findings is not good, gravest word first: "fault doctor.spf.none".
func found(list []doctor.Finding) string {
	var l []string
	for _, f := range list {
		if f.Grave != doctor.Good {
			l = append(l, f.Grave.String()+" "+f.What)
		}
	}
	return strings.Join(l, ", ")
}

func TestMailDNS(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*zone, *doctor.MailQuestion)
		want   string
	}{
		"all is well, through an include and a redirect": {func(*zone, *doctor.MailQuestion) {}, ""},
		"without SPF": {func(z *zone, _ *doctor.MailQuestion) { delete(z.txt, "svar.kommun.example") }, "fault doctor.spf.none"},
		"two records are none": {func(z *zone, _ *doctor.MailQuestion) {
			z.txt["svar.kommun.example"] = []string{"v=spf1 +all", "v=spf1 -all"}
		}, "fault doctor.spf.many"},
		"another's address": {func(z *zone, _ *doctor.MailQuestion) {
			z.txt["net.leverantor.example"] = []string{"v=spf1 ip4:8.8.8.0/24 -all"}
		}, "fault doctor.spf.refused"},
		"the same, where nobody has named our address": {func(z *zone, q *doctor.MailQuestion) {
			z.txt["net.leverantor.example"] = []string{"v=spf1 -all"}
			q.Sure = false
		}, "warn doctor.spf.perhaps"},
		"a record that cannot be read": {func(z *zone, _ *doctor.MailQuestion) { z.txt["svar.kommun.example"] = []string{"v=spf1 ip5:1 -all"} }, "fault doctor.spf.wrong"},
		"a record that includes itself without end": {func(z *zone, _ *doctor.MailQuestion) {
			z.txt["svar.kommun.example"] = []string{"v=spf1 include:svar.kommun.example -all"}
		}, "fault doctor.spf.deep"},
		"without SPF, and nobody knows our address": {func(z *zone, q *doctor.MailQuestion) {
			delete(z.txt, "svar.kommun.example")
			q.Out = nil
		}, "fault doctor.spf.none, note doctor.spf.unknown"},
		"an address that nobody knows":                      {func(_ *zone, q *doctor.MailQuestion) { q.Out = nil }, "note doctor.spf.unknown"},
		"without DMARC":                                     {func(z *zone, _ *doctor.MailQuestion) { delete(z.txt, "_dmarc.kommun.example") }, "warn doctor.dmarc.none"},
		"another organisation's envelope, and nobody signs": {func(_ *zone, q *doctor.MailQuestion) { q.From = "post@annan.example" }, "warn doctor.dmarc.none"},
		"strict alignment": {func(z *zone, _ *doctor.MailQuestion) {
			z.txt["_dmarc.kommun.example"] = []string{"v=DMARC1; p=reject; aspf=s"}
		}, "fault doctor.dmarc.apart"},
		"strict alignment where nothing is refused yet": {func(z *zone, _ *doctor.MailQuestion) {
			z.txt["_dmarc.kommun.example"] = []string{"v=DMARC1; p=none; aspf=s"}
		}, "warn doctor.dmarc.apart"},
		"a selector without a key": {func(_ *zone, q *doctor.MailQuestion) { q.DKIM = []string{"m1"} }, "fault doctor.dkim.none"},
		"a key that was withdrawn": {func(z *zone, q *doctor.MailQuestion) {
			q.DKIM = []string{"m1"}
			z.txt["m1._domainkey.kommun.example"] = []string{"v=DKIM1; p="}
		}, "fault doctor.dkim.revoked"},
		"no MX":                                 {func(z *zone, _ *doctor.MailQuestion) { z.mx = nil }, "fault doctor.mx.none"},
		"a relay before us":                     {func(z *zone, _ *doctor.MailQuestion) { z.mx["svar.kommun.example"] = "mx.relay.example" }, "note doctor.mx.relay"},
		"no reverse name":                       {func(z *zone, _ *doctor.MailQuestion) { z.back = nil }, "warn doctor.ptr.none"},
		"a reverse name that leads elsewhere":   {func(z *zone, _ *doctor.MailQuestion) { z.ip["ut.kommun.example"] = "8.8.4.9" }, "warn doctor.ptr.back"},
		"texts do not answer: nothing is known": {func(z *zone, _ *doctor.MailQuestion) { z.txt["!"] = nil }, "note doctor.dns.silent, note doctor.dns.silent"},
	} {
		t.Run(name, func(t *testing.T) {
			z, q := good(), question()
			c.change(&z, &q)
			if got := found(doctor.MailDNS(t.Context(), z, q)); got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		})
	}
	t.Run("the record to be added names our address and keeps what was there", func(t *testing.T) {
		z, q := good(), question()
		z.txt["svar.kommun.example"] = []string{"v=spf1 ip4:192.0.2.1 ~all"}
		list := doctor.MailDNS(t.Context(), z, q)
		want := `svar.kommun.example. IN TXT "v=spf1 ip4:8.8.4.7 ip4:192.0.2.1 ~all"`
		if !slices.ContainsFunc(list, func(f doctor.Finding) bool { return len(f.Records) == 1 && f.Records[0].String() == want }) {
			t.Errorf("%v", list)
		}
	})
	t.Run("no record is shown that would have our mail refused, or others' of the domain", func(t *testing.T) {
		z, q := good(), question()
		delete(z.txt, "svar.kommun.example")
		delete(z.txt, "_dmarc.kommun.example")
		q.Out = nil
		for _, f := range doctor.MailDNS(t.Context(), z, q) {
			for _, r := range f.Records {
				if strings.Contains(r.Value, "-all") || strings.Contains(r.Value, "p=quarantine") || strings.Contains(r.Value, "p=reject") {
					t.Errorf("%s", r)
				}
			}
		}
	})
	t.Run("an address of a house's own network is none that the world sees", func(t *testing.T) {
		for ip, sees := range map[string]bool{"10.1.2.3": false, "::ffff:10.1.2.3": false, "192.168.1.1": false, "127.0.0.1": false, "fd00::1": false, "169.254.1.1": false, "8.8.4.7": true, "2001:4860::1": true} {
			z, q := good(), question()
			delete(z.txt, "svar.kommun.example")
			q.Out = []netip.Addr{netip.MustParseAddr(ip)}
			list := doctor.MailDNS(t.Context(), z, q)
			named := slices.ContainsFunc(list, func(f doctor.Finding) bool {
				return slices.ContainsFunc(f.Records, func(r doctor.Record) bool { return strings.Contains(r.Value, ip) })
			})
			unknown := slices.ContainsFunc(list, func(f doctor.Finding) bool { return f.What == "doctor.spf.unknown" })
			if named != sees || unknown == sees {
				t.Errorf("%s: named in a record %v, unknown %v", ip, named, unknown)
			}
		}
	})
	t.Run("and with it all is well", func(t *testing.T) {
		z, q := good(), question()
		z.txt["svar.kommun.example"] = []string{"v=spf1 ip4:8.8.4.7 ip4:192.0.2.1 ~all"}
		if got := found(doctor.MailDNS(t.Context(), z, q)); got != "" {
			t.Error(got)
		}
	})
	t.Run("what a zone says is shown bounded, and in plain letters", func(t *testing.T) {
		z, q := good(), question()
		z.txt["svar.kommun.example"] = []string{"v=spf1 ip5:\x1b[31m" + strings.Repeat("x", 4000)}
		for _, f := range doctor.MailDNS(t.Context(), z, q) {
			for _, a := range f.Args {
				if len(a) > 310 || strings.Contains(a, "\x1b") {
					t.Errorf("%q", a)
				}
			}
		}
	})
}

func TestWebDNS(t *testing.T) {
	here := []netip.Addr{netip.MustParseAddr("8.8.4.8")}
	for host, want := range map[string]string{"post.kommun.example": "", "localhost": "", "ingen.kommun.example": "fault doctor.web.none", "ut.kommun.example": "note doctor.web.elsewhere", "192.0.2.1": "note doctor.web.number"} {
		if got := found(doctor.WebDNS(t.Context(), good(), doctor.WebQuestion{Host: host, Here: here})); got != want {
			t.Errorf("%s: %q, not %q", host, got, want)
		}
	}
	t.Run("a portal in the house's own network is found there", func(t *testing.T) {
		z := good()
		z.ip["post.kommun.example"] = "10.1.2.3"
		if got := found(doctor.WebDNS(t.Context(), z, doctor.WebQuestion{Host: "post.kommun.example", Here: []netip.Addr{netip.MustParseAddr("10.1.2.3")}})); got != "" {
			t.Error(got)
		}
	})
}

var now = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func TestFacts(t *testing.T) {
	const day = 24 * time.Hour
	cert := func(left time.Duration, renews bool) []doctor.Finding {
		return doctor.Certificate(now, doctor.CertificateFact{Of: "web", Host: "post.kommun.example", Names: []string{"*.kommun.example"}, Begins: now.Add(-day), Ends: now.Add(left), Renews: renews})
	}
	for _, c := range []struct {
		name string
		got  []doctor.Finding
		want string
	}{
		{"a good certificate", cert(31*day, false), ""},
		{"one that ends soon", cert(29*day, false), "warn doctor.tls.ends"},
		{"the same, renewed by itself", cert(29*day, true), ""},
		{"one that ends now", cert(6*day, false), "fault doctor.tls.ends"},
		{"one that is over", cert(-time.Hour, true), "fault doctor.tls.over"},
		{"one for another name", doctor.Certificate(now, doctor.CertificateFact{Of: "smtp", Host: "a.b.kommun.example", Names: []string{"*.kommun.example"}, Ends: now.Add(90 * day)}), "fault doctor.tls.name"},
		{"room enough on a large disk", doctor.Disk(doctor.DiskFact{Free: 60 << 30, All: 4 << 40}), ""},
		{"little room", doctor.Disk(doctor.DiskFact{Free: 3 << 30, All: 50 << 30}), "warn doctor.room.low"},
		{"no room", doctor.Disk(doctor.DiskFact{Free: 1 << 29, All: 50 << 30}), "fault doctor.room.out"},
		{"btrfs", doctor.Disk(doctor.DiskFact{FS: "btrfs", Doubts: []string{"copyonwrite", "flash", "hidden"}}), "warn doctor.medium.copies"},
		{"an SSD with ext4", doctor.Disk(doctor.DiskFact{FS: "ext4", InPlace: true, Doubts: []string{"flash", "hidden"}}), "note doctor.medium.flash"},
		{"a spinning disk", doctor.Disk(doctor.DiskFact{FS: "ext4", InPlace: true, Doubts: []string{"hidden"}}), ""},
		{"a mail that waits since the morning", doctor.Queue(now, doctor.QueueFact{Waiting: 2, Oldest: now.Add(-5 * time.Hour)}), "warn doctor.queue.waits"},
		{"the smarthost is down", doctor.Queue(now, doctor.QueueFact{Down: now.Add(-time.Hour)}), "fault doctor.smarthost.down"},
		{"SMS nearly spent", doctor.SMS(doctor.SMSFact{Gateways: 1, Sent: 95, Most: 100}), "warn doctor.sms.near"},
		{"no money", doctor.SMS(doctor.SMSFact{Gateways: 1, Accounts: []doctor.BalanceFact{{Known: true}}}), "fault doctor.balance.out"},
		{"money for three days", doctor.SMS(doctor.SMSFact{Gateways: 1, Accounts: []doctor.BalanceFact{{Known: true, Left: 30, PerDay: 10}}}), "warn doctor.balance.low"},
		{"money for a week", doctor.SMS(doctor.SMSFact{Gateways: 1, Accounts: []doctor.BalanceFact{{Known: true, Left: 70, PerDay: 10}}}), ""},
		{"a kit that nobody has tried", doctor.Custody(now, doctor.CustodyFact{Founded: now.Add(-8 * day), Mode: "tpm"}), "warn doctor.kit.never"},
		{"one administrator", doctor.OneAdministrator(doctor.PeopleFact{Administrators: 1}), "warn doctor.admin.one"},
		{"a backup that is late", doctor.BackupAge(now, []doctor.BackupFact{{Name: "nas", Last: now.Add(-3 * day), Every: day, Drill: now}}), "fault doctor.backup.old"},
		{"backups that fail", doctor.BackupAge(now, []doctor.BackupFact{{Name: "nas", Last: now.Add(-2 * time.Hour), Every: time.Hour, Drill: now, Failed: now.Add(-2 * time.Hour)}}), "warn doctor.backup.failed"},
		{"a file server that begins anew", doctor.BackupAge(now, []doctor.BackupFact{{Name: "nas", Last: now.Add(-3 * time.Hour), Every: time.Hour, Drill: now, Failed: now.Add(-time.Minute)}}), ""},
		{"none that ever was", doctor.BackupAge(now, []doctor.BackupFact{{Name: "nas", Since: now.Add(-3 * day), Every: day}}), "fault doctor.backup.never"},
		{"swap that the service may use", doctor.Host(doctor.HostFact{Memory: 1 << 30, Processors: 1, Swap: 1 << 30, SwapMost: -1}, 10), "warn doctor.swap.on"},
		{"swap that it may not", doctor.Host(doctor.HostFact{Memory: 1 << 30, Processors: 1, Swap: 1 << 30}, 10), ""},
		{"too small for so many", doctor.Host(doctor.HostFact{Memory: 1 << 30, Processors: 1}, 1500), "warn doctor.size.small"},
		{"the smallest machine that is sold", doctor.Host(doctor.HostFact{Memory: 460 << 20, Processors: 1}, 200), ""},
		{"keys that others could read", doctor.Modes([]doctor.ModeFact{{Path: "/k", Mode: 0o755, Want: 0o700}}), "fault doctor.modes.open"},
		{"keys that are somebody else's", doctor.Modes([]doctor.ModeFact{{Path: "/k", Mode: 0o700, Want: 0o700, Owner: 1000, Ours: []uint32{995, 0}}}), "fault doctor.modes.owner"},
		{"keys that are root's", doctor.Modes([]doctor.ModeFact{{Path: "/k", Mode: 0o700, Want: 0o700, Ours: []uint32{995, 0}}}), ""},
		{"a clock that nobody may ask about", doctor.ClockCheck(doctor.ClockFact{}), "note doctor.synced.unknown"},
		{"a version that nobody signs any more", doctor.Update(now, doctor.UpdateFact{Sourced: true, Checked: now, Expired: true}), "warn doctor.update.expired"},
		{"a source that cannot be read, or is not to be believed", doctor.Update(now, doctor.UpdateFact{Sourced: true, Checked: now, Refused: true}), "warn doctor.update.refused"},
		{"no source", doctor.Update(now, doctor.UpdateFact{}), "note doctor.update.nosource"},
		{"a source in which nothing newer is", doctor.Update(now, doctor.UpdateFact{Sourced: true, Checked: now}), ""},
		{"a recovery kit that is still on the machine on the first day", doctor.Custody(now, doctor.CustodyFact{Founded: now.Add(-time.Hour), Lies: true}), "warn doctor.kit.lies"},
		{"and after a week, though somebody has practised with it", doctor.Custody(now, doctor.CustodyFact{Founded: now.Add(-8 * day), Practised: now, Lies: true}), "fault doctor.kit.lies"},
		{"a backup that something in it is damaged", doctor.BackupAge(now, []doctor.BackupFact{{Last: now, Drill: now, Damaged: true}}), "fault doctor.backup.damaged"},
		{"one that could not be restored for trial", doctor.BackupAge(now, []doctor.BackupFact{{Last: now, Drill: now, Undrilled: true}}), "fault doctor.drill.failed"},
		{"one to which another machine writes", doctor.BackupAge(now, []doctor.BackupFact{{Last: now.Add(-9 * day), Drill: now, Every: time.Hour, Fault: "foreign"}}), "fault doctor.backup.foreign"},
		{"one whose disk is full, for too long", doctor.BackupAge(now, []doctor.BackupFact{{Last: now.Add(-9 * day), Drill: now, Every: time.Hour, Failed: now.Add(-8 * day), Fault: "full"}}), "fault doctor.backup.old"},
		{"one that would lose many keys", doctor.BackupAge(now, []doctor.BackupFact{{Last: now, Drill: now, Fault: "lost"}}), "fault doctor.backup.lost"},
		{"one of a machine that was not stopped", doctor.BackupAge(now, []doctor.BackupFact{{Last: now, Drill: now, Fault: "alive"}}), "fault doctor.backup.alive"},
		{"the canary broke", doctor.Canary(now, doctor.CanaryFact{On: true, Hop: "sms", At: now}), "fault doctor.canary.broke"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := found(c.got); got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
			for _, f := range c.got {
				if !slices.Contains(doctor.Checks(), f.Check) {
					t.Errorf("%s is in no list of checks", f.Check)
				}
			}
		})
	}
	t.Run("the gravest group stands first, and in it the gravest", func(t *testing.T) {
		var order []string
		for _, f := range doctor.Sorted([]doctor.Finding{{Check: "dns.spf"}, {Check: "keys.kit"}, {Check: "keys.admin", Grave: doctor.Fault}, {Check: "dns.mx", Grave: doctor.Warn}}) {
			order = append(order, f.Check)
		}
		if got := strings.Join(order, " "); got != "keys.admin keys.kit dns.mx dns.spf" {
			t.Error(got)
		}
	})
	t.Run("a grave of a later program is a fault", func(t *testing.T) {
		var g doctor.Grave
		if err := errors.Join(g.UnmarshalText([]byte("dire"))); err != nil || g != doctor.Fault {
			t.Error(g, err)
		}
	})
}
