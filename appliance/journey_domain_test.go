package appliance_test

import (
	"context"
	"html"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"

	"sigill/appliance"
)

// zone is a DNS of TXT records.
type zone struct {
	mu   sync.Mutex
	txt  map[string][]string
	dead bool
}

func (z *zone) lookup(_ context.Context, name string) ([]string, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.dead {
		return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
	}
	if t, ok := z.txt[strings.TrimSuffix(name, ".")]; ok {
		return t, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (z *zone) set(name, text string, dead bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.txt[name], z.dead = []string{"v=spf1 -all", text}, dead
}

var recordOn = regexp.MustCompile(`translate="no">(_sigill-challenge\.[^<]+)<[\s\S]*translate="no">(sigill-domain=[a-z2-7]+)<`)

func TestADomainIsAdded(t *testing.T) {
	z := &zone{txt: map[string][]string{}}
	j := newJourneyIn(t, t.TempDir(), func(d *appliance.Demo) { appliance.LetDNSAnswer(d, z.lookup) })
	boss := j.Browser().SignsIn(adminAt)
	const teacher = "lisa.larare@skola.example"
	t.Run("before it is added, an address there is a stranger's", func(t *testing.T) {
		j.Send(letter{to: []string{teacher + ".0701234599.s"}, from: caseworker, subject: "Ett"})
		if m := j.Await("email", teacher, 1); strings.Contains(m.Subject, "Välkommen") || j.CodeOf(m) == "" {
			t.Error(m.Subject)
		}
	})
	boss.Get("/org").Sees("Domäner")
	boss.Get("/org/domains").Sees("exempelkommun.se", "i konfigurationen")
	boss.Post("/org/domains", "form", "add", "domain", "Skola.Example").Sees("Domänen är tillagd", "skola.example", "väntar på bevis")
	m := recordOn.FindStringSubmatch(html.UnescapeString(boss.page))
	if m == nil || m[1] != "_sigill-challenge.skola.example" {
		t.Fatalf("no record on:\n%s", boss.page)
	}
	t.Run("nothing is proven by another record, or by a DNS that does not answer", func(t *testing.T) {
		boss.Post("/org/domains/prove", "domain", "skola.example").Sees("Posten finns inte i DNS än")
		z.set(m[1], m[2]+"x", false)
		boss.Post("/org/domains/prove", "domain", "skola.example").Sees("Posten finns inte i DNS än")
		z.set(m[1], m[2], true)
		boss.Post("/org/domains/prove", "domain", "skola.example").Sees("DNS svarar inte just nu")
		if err := j.TrySend(letter{to: []string{"anna@example.se.0701234567.s"}, from: teacher, subject: "Två"}); err == nil {
			t.Error("somebody of a domain that is not proven may send")
		}
	})
	z.set(m[1], m[2], false)
	boss.Post("/org/domains/prove", "domain", "skola.example").Sees("Domänen är husets nu", "visad i DNS")
	t.Run("from then on people there are the house's by themselves, at every door", func(t *testing.T) {
		j.Send(letter{to: []string{teacher + ".s"}, from: caseworker, subject: "Tre"})
		j.Await("email", teacher, 3) // the letter of before, an invitation, and that there is a letter
		if s := j.subjects(teacher); !strings.Contains(s, "brevlåda") {
			t.Error(s)
		}
		j.Send(letter{to: []string{"anna@example.se.0701234567.s"}, from: teacher, subject: "Fyra"})
		j.Await("email", "anna@example.se", 1)
	})
	t.Run("a domain where somebody has been stays", func(t *testing.T) {
		const password = "nio svarta får på berget"
		j.Browser().ShowCode(j.codeTo(teacher)).At("/welcome").Post("/welcome", "password", password, "repeat", password).At("/mail").Sees("Tre")
		boss.Get("/org/domains").Post("/org/domains/remove", "domain", "skola.example").Sees("Någon har en adress på domänen")
	})
	t.Run("an administrator vouches where there is no DNS, and must write the domain once more", func(t *testing.T) {
		boss.Get("/org/domains").Post("/org/domains", "form", "add", "domain", "räddning.example").Sees("_sigill-challenge.xn--rddning-5wa.example")
		boss.Post("/org/domains/vouch", "form", "vouch", "domain", "räddning.example", "typed", "räddningen.example").Sees("Det är inte samma domän")
		boss.Post("/org/domains/vouch", "form", "vouch", "domain", "räddning.example", "typed", "räddning.example").Sees("Domänen är husets nu", "intygad")
		boss.Post("/org/domains/remove", "domain", "räddning.example").Sees("Domänen är borttagen")
	})
	t.Run("what is no domain, or is there already, is refused", func(t *testing.T) {
		for _, bad := range []string{"localhost", "a b.example", "1.2.3.4", "exempelkommun.se", "skola.example", "SKOLA.example", "<b>.example"} {
			b := boss.Get("/org/domains").Post("/org/domains", "form", "add", "domain", bad)
			if b.code != 422 {
				t.Errorf("%q: %d", bad, b.code)
			}
		}
	})
	t.Run("it stands in the journal", func(t *testing.T) {
		boss.Get("/journal?kind=domain_proven").Sees("Domän blev husets")
	})
}
