package appliance_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/mail"
)

// people is a directory that says what a test has written into it.
type people struct {
	mu    sync.Mutex
	all   map[string]mail.DirectoryEntry // by address
	fails error
	pause chan struct{} // a reading waits until it is closed
}

func (p *people) prepare(d *appliance.Demo) { appliance.GiveDirectory(d, p.read) }

func (p *people) has(name, address string, units ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[string]mail.DirectoryEntry{}
	}
	p.all[address] = mail.DirectoryEntry{ID: "id of " + address, Address: address, Name: name, Units: units}
}

func (p *people) lacks(addresses ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range addresses {
		delete(p.all, a)
	}
}

// waits has each reading wait until a channel is closed; nil: it does not.
func (p *people) waits(until chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pause = until
}

func (p *people) breaks(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fails = err
}

func (p *people) read(ctx context.Context, each func(mail.DirectoryEntry) error) error {
	p.mu.Lock()
	entries, fails, pause := make([]mail.DirectoryEntry, 0, len(p.all)), p.fails, p.pause
	for _, e := range p.all {
		entries = append(entries, e)
	}
	p.mu.Unlock()
	if len(entries) == 0 {
		entries = append(entries, mail.DirectoryEntry{ID: "one", Address: caseworker, Name: "Maria Ek"})
	}
	if pause != nil {
		<-pause
	}
	slices.SortFunc(entries, func(a, b mail.DirectoryEntry) int { return strings.Compare(a.Address, b.Address) })
	for _, e := range entries {
		if err := each(e); err != nil {
			return err
		}
	}
	return fails
}

const directoryAt = "/org/directory"

// yes is what a braked reading's form has for exactly the people whom it names.
func (o *organiser) yes() string {
	o.j.Helper()
	m := regexp.MustCompile(`name="allow" value="([0-9a-f]{64})"`).FindStringSubmatch(o.Get(directoryAt).page)
	if m == nil {
		o.j.Fatalf("nothing waits for a yes on:\n%s", o.page)
	}
	return m[1]
}

// readsDirectory presses the button and waits for the end.
func (o *organiser) readsDirectory(fields ...string) *browser {
	o.j.Helper()
	o.Get(directoryAt).Post(directoryAt+"/start", fields...)
	for deadline := time.Now().Add(4 * time.Minute); strings.Contains(o.page, "data-reload"); o.Get(directoryAt) {
		if time.Now().After(deadline) {
			o.j.Fatalf("it does not end:\n%s", o.page)
		}
		o.j.pause()
	}
	return o.browser
}

func TestDirectoryPages(t *testing.T) {
	p := &people{}
	j := newJourneyIn(t, t.TempDir(), p.prepare)
	boss := j.Organiser(adminAt)
	p.has("Anna Ås", "anna.as@exempelkommun.se", "Socialförvaltningen", "Norr")
	p.has("Bo Ek", "bo.ek@exempelkommun.se", "Socialförvaltningen", "Norr")
	p.has("=cmd|x", "formel@exempelkommun.se")
	t.Run("the settings are shown, and no secret", func(t *testing.T) {
		boss.Get("/org").Sees("Personer från katalogen").Get(directoryAt).Sees("Inget läses av sig själv", "ldaps://ldap.exempelkommun.se", "cn=sigill,ou=system", "inte lästs in än").SeesNot("kungshamn")
	})
	t.Run("trying the connection and looking at what would happen change nothing", func(t *testing.T) {
		boss.Post(directoryAt+"/try").Sees("Förbindelsen fungerar", "visar 3 personer", "En cell börjar som en formel", "=cmd|x", "inte lästs in än")
		boss.Post(directoryAt+"/plan").Sees("Det här skulle hända", "Nya personer</dt><dd>2<", "inte lästs in än")
		if boss.look().people["anna.as@exempelkommun.se"] != "" || len(j.Trapped("email", "anna.as@exempelkommun.se")) != 0 {
			t.Error("made")
		}
	})
	t.Run("it is done when somebody says so; who is new is invited and comes in", func(t *testing.T) {
		boss.readsDirectory().Sees("Gick bra", "Nya personer</dt><dd>2<", "En cell börjar som en formel").SeesNot("Inget läses av sig själv")
		boss.Get(boss.unit("Norr")).Sees("Anna Ås", "Bo Ek")
		code := j.codeTo("anna.as@exempelkommun.se")
		j.Browser().ShowCode(code).At("/welcome").Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
	})
	t.Run("who is gone cannot sign in, and who is back can", func(t *testing.T) {
		anna := j.Browser().SignsInAs("anna.as@exempelkommun.se", "fyra gröna hästar").At("/mail")
		p.lacks("anna.as@exempelkommun.se")
		boss.readsDirectory().Sees("Personer som stängs av</dt><dd>1<")
		anna.Get("/mail").At("/in")
		j.Browser().Get("/in").Post("/in", "address", "anna.as@exempelkommun.se", "password", "fyra gröna hästar").At("/in").Sees("stämmer inte")
		boss.Get(boss.person("anna.as@exempelkommun.se")).Sees("Avstängd sedan")
		p.has("Anna Ås", "anna.as@exempelkommun.se", "Socialförvaltningen", "Norr")
		boss.readsDirectory().Sees("Personer som får logga in igen</dt><dd>1<")
		j.Browser().SignsInAs("anna.as@exempelkommun.se", "fyra gröna hästar").At("/mail")
	})
	t.Run("what the brake holds waits for a yes, and the nightly reading says so", func(t *testing.T) {
		var gone []string
		for i := range 8 {
			a := fmt.Sprintf("person.%d@exempelkommun.se", i)
			p.has("", a, "Sommar")
			gone = append(gone, a)
		}
		boss.readsDirectory().Sees("Inget är gjort", gone[0], "Sommar")
		boss.readsDirectory("allow", boss.yes()).Sees("Gick bra", "Nya personer</dt><dd>8<")
		p.lacks(gone...)
		boss.Post(directoryAt+"/plan").Sees("8 personer skulle stängas av", gone[0], gone[7])
		boss.readsDirectory().Sees("Inget är gjort", "för de här 8 personerna", gone[0], gone[7])
		boss.Get("/org").Sees("Katalogen väntar på ett ja: den skulle ändra 8 personer")
		boss.readsDirectory("allow", strings.Repeat("00", 32)).Sees("Inget är gjort") // another set of people
		boss.Get(boss.unit("Sommar")).SeesNot("Avstängd</span>")
		boss.readsDirectory("allow", boss.yes()).Sees("Gick bra", "Personer som stängs av</dt><dd>8<")
		boss.Get(boss.unit("Sommar")).Sees("Avstängd</span>")
		boss.Get("/org").SeesNot("väntar på ett ja")
	})
	t.Run("who has left and cannot be suspended is told of", func(t *testing.T) {
		p.has("Karin Lund", karinAt)
		boss.readsDirectory().Sees("Gick bra")
		p.lacks(karinAt)
		boss.readsDirectory().Sees("1 person har slutat enligt katalogen men är inte avstängd")
		boss.Get("/org").Sees("1 person har slutat enligt katalogen men är inte avstängd")
		boss.Get(boss.person(karinAt)).SeesNot("Avstängd sedan")
		p.has("Karin Lund", karinAt)
		boss.readsDirectory()
		boss.Get("/org").SeesNot("har slutat enligt katalogen")
	})
	t.Run("what goes wrong is a sentence for the administrator, and its cause is in the log", func(t *testing.T) {
		p.breaks(mail.E(mail.Again, "error.directory.reach", context.DeadlineExceeded))
		for _, what := range []string{"/try", "/plan"} {
			if b := boss.Get(directoryAt).Post(directoryAt + what).Sees("går inte att nå katalogen"); b.code != http.StatusUnprocessableEntity {
				t.Errorf("%d", b.code)
			}
		}
		boss.readsDirectory().Sees("Misslyckades", "går inte att nå katalogen").SeesNot("Personer i katalogen")
		p.breaks(nil)
		boss.readsDirectory().Sees("Gick bra")
	})
	t.Run("one reading at a time, and the page says how far it is", func(t *testing.T) {
		pause := make(chan struct{})
		p.waits(pause)
		boss.Get(directoryAt).Post(directoryAt+"/start").Sees("Katalogen läses", "data-reload")
		for !strings.Contains(boss.Post(directoryAt+"/start").page, "läses just nu") {
			j.pause()
		}
		p.waits(nil)
		close(pause)
		for strings.Contains(boss.Get(directoryAt).page, "data-reload") {
			j.pause()
		}
		boss.Sees("Gick bra")
	})
	t.Run("nobody but an administrator has the page", func(t *testing.T) {
		karin := j.Organiser(karinAt)
		karin.Get("/org").SeesNot("Personer från katalogen")
		if b := karin.Get(directoryAt); b.code != http.StatusNotFound {
			t.Errorf("%d", b.code)
		}
	})
}

func TestDirectoryOff(t *testing.T) {
	j := newJourney(t)
	boss := j.Organiser(adminAt)
	boss.Get(directoryAt).Sees("Det är inte påslaget", "[directory]").SeesNot("Läs in nu")
	for _, what := range []string{"/try", "/plan", "/start"} {
		if b := boss.Get(directoryAt).Get("/org").Post(directoryAt + what); b.code != http.StatusNotFound {
			t.Errorf("%s: %d", what, b.code)
		}
	}
	boss.Get("/admin").SeesNot("Läsa katalogen")
}
