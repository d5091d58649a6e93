package appliance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sigill/appliance/config"
	"sigill/appliance/door/wizard"
	"sigill/appliance/peers"
)

// TestTheSetUpOutlivesARestartBehindEachStep ends the program wherever somebody may leave it,
// and finds the set-up where it was.
func TestTheSetUpOutlivesARestartBehindEachStep(t *testing.T) {
	own := peers.FreePort(t)
	e := newEmpty(t, fmt.Sprintf("listen = %q", "127.0.0.1:"+own))
	b := e.Browser()
	restart := func() { e.end(); e.start() }
	again := func(at string) { restart(); b.Get("/setup").At(at) }
	b.Get("/setup").Post("/setup", "code", e.code()).At("/setup/language")
	again("/setup/language")
	b.Post("/setup/language", "house.language", "sv", "house.country", "SE", "house.zone", "Europe/Stockholm")
	again("/setup/organisation")
	b.Post("/setup/organisation", "house.name", "Provkommun", "house.department", "Omsorgen", "house.domains", "prov.example")
	again("/setup/administrator")
	b.Post("/setup/administrator", "name", "Karin Berg", "address", setupAdmin, "password", setupPassword, "repeat", setupPassword).At("/setup/app")
	again("/setup/administrator") // who was typed stands nowhere before they are made
	b.Get("/setup/app").At("/setup/administrator")
	e.administrator(b)
	codes := printedOn.FindAllStringSubmatch(b.Get("/account/codes").Post("/account/codes").page, -1)
	signs := func(at string) {
		restart()
		b = e.Browser()
		b.Get("/setup").At("/in").Post("/in", "address", setupAdmin, "password", setupPassword, "next", "/setup").At("/in/factor")
		b.Post("/in/factor", "code", codes[0][1]).At(at)
		codes = codes[1:]
	}
	copies := filepath.Join(e.dir, "copies")
	if err := os.Mkdir(copies, 0o700); err != nil {
		t.Fatal(err)
	}
	signs("/setup/kit")
	for i, form := range [][]string{
		{"/setup/later", "step", "kit"},
		{"/setup/host", "web.base_url", "https://brev.prov.example:" + own, "web.tls", "internal"},
		{"/setup/mail", "smarthost.host", "127.0.0.1", "smarthost.port", "25", "smarthost.tls", "lab", "notices.from", "sakerpost@prov.example", "notices.own_domain", "brev.prov.example"},
		{"/setup/later", "step", "mail"},
		{"/setup/later", "step", "sms"},
		{"/setup/senders", "way", "own", "networks", "127.0.0.0/8"},
		{"/setup/retention", "retention.open_within_days", "14", "retention.read_for_days", "20", "retention.min_days", "0", "retention.max_days", "90"},
		{"/setup/backup", "kind", "dir", "dir.path", copies},
	} {
		b.Post(form[0], form[1:]...)
		signs([]wizard.Step{wizard.Host, wizard.MailOut, wizard.MailOut, wizard.SMS, wizard.Senders, wizard.Retention, wizard.Backup, wizard.Start}[i].Path())
	}
	b.SeesNot("fattas").Post("/setup/start").Sees("Den startar nu")
	e.until("the doors for mail", func() bool { return smtpSaid.MatchString(e.words()) })
	f, err := config.Draft(e.file())
	if err != nil || f.Unfinished || f.House.Department != "Omsorgen" || f.Smarthost.Host != "127.0.0.1" || len(f.Senders.Networks) != 1 || f.Retention.Max != 90 || len(f.Backups) != 1 {
		t.Errorf("%v %+v", err, f)
	}
	signs("/setup/first")
}
