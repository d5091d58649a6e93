package appliance_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sigill/appliance"
	"sigill/appliance/door/wizard"
)

// TestNobodyElseTakesTheSetUpOver tries to.
func TestNobodyElseTakesTheSetUpOver(t *testing.T) {
	e := newEmpty(t, "")
	paths := []string{"/setup/language", "/setup/organisation", "/setup/administrator", "/setup/app", "/setup/kit", "/setup/kit/print", "/setup/host", "/setup/mail", "/setup/sms", "/setup/senders", "/setup/retention", "/setup/backup", "/setup/start", "/setup/first"}
	posts := []string{"/setup/language", "/setup/organisation", "/setup/administrator", "/setup/app", "/setup/kit", "/setup/kit/practise", "/setup/host", "/setup/mail", "/setup/mail/try", "/setup/mail/check", "/setup/mail/dns",
		"/setup/sms", "/setup/sms/try", "/setup/sms/check", "/setup/senders", "/setup/retention", "/setup/backup", "/setup/start", "/setup/first", "/setup/later"}
	t.Run("every route of the set-up is tried here", func(t *testing.T) {
		for _, r := range wizard.New(wizard.Config{}).Routes() {
			if list := map[string][]string{"GET": paths, "POST": posts}[r.Method]; r.Path != "/setup" && !slices.Contains(list, r.Path) {
				t.Errorf("%s %s is not", r.Method, r.Path)
			}
		}
	})
	// shut wants every page and every form to lead to a place.
	shut := func(t *testing.T, b *browser, to string, posts []string) {
		t.Helper()
		for _, p := range paths {
			if b.Get(p); b.at != to {
				t.Errorf("GET %s leads to %s (%d)", p, b.at, b.code)
			}
		}
		before := string(readFile(t, e.file()))
		for _, p := range posts {
			if b.Post(p, "house.name", "Nidingsdåd", "house.language", "sv"); b.at != to {
				t.Errorf("POST %s leads to %s (%d)", p, b.at, b.code)
			}
		}
		if string(readFile(t, e.file())) != before {
			t.Error("the file was changed")
		}
	}
	t.Run("who has no code gets no further than the question for it", func(t *testing.T) { shut(t, e.Browser(), "/setup", posts) })
	t.Run("a wrong code is refused, and so is the right one after too many", func(t *testing.T) {
		b := e.Browser().Get("/setup")
		for range 20 {
			b.Post("/setup", "code", "0000-0000-0000-0000-0000").Sees("stämmer inte")
		}
		b.Post("/setup", "code", e.code()).Sees("stämmer inte")
	})
	t.Run("who is root on the machine gets a new address", func(t *testing.T) {
		address, err := appliance.SetupAddress(context.Background(), appliance.Places{Data: e.dir + "/data", Keys: e.dir + "/keys", Run: e.dir + "/run"})
		if err != nil || !strings.Contains(address, "/setup#") {
			t.Fatal(address, err)
		}
		e.mu.Lock()
		e.said += address
		e.mu.Unlock()
	})
	b, other := e.Browser(), e.Browser()
	b.Get("/setup").Post("/setup", "code", e.code()).At("/setup/language")
	t.Run("the code is good once", func(t *testing.T) {
		other.Get("/setup").Post("/setup", "code", e.code()).Sees("stämmer inte")
		shut(t, other, "/setup", posts[:3])
	})
	e.end()
	e.start()
	b.Get("/setup").At("/setup/language") // the browser is known after a restart
	b.Post("/setup/language", "house.language", "sv", "house.country", "SE", "house.zone", "Europe/Stockholm").At("/setup/organisation")
	b.Post("/setup/organisation", "house.name", "Provkommun", "house.department", "Omsorgen", "house.domains", "prov.example").At("/setup/administrator")
	t.Run("the first administrator is somebody of the house, with a good password", func(t *testing.T) {
		b.Post("/setup/administrator", "name", "X", "address", "x@elsewhere.example", "password", setupPassword, "repeat", setupPassword).Sees("prov.example")
		b.Post("/setup/administrator", "name", "X", "address", setupAdmin, "password", "kort", "repeat", "kort").Sees("minst 12")
		b.Post("/setup/administrator", "name", "X", "address", setupAdmin, "password", setupPassword, "repeat", "annat").Sees("inte lika")
	})
	first := e.Browser()
	first.c.Jar = &oldCookie{first.c.Jar, b.c.Jar} // what the cookie of the set-up is worth afterwards
	e.administrator(b)
	t.Run("as soon as there is an administrator, the cookie is worth nothing", func(t *testing.T) {
		shut(t, first, "/in", posts)
		shut(t, other, "/in", posts[:3])
	})
	t.Run("after a restart an administrator signs in anew, and nobody else comes in", func(t *testing.T) {
		b.Get("/setup/kit").Sees("Återställningspaket")
		e.end()
		e.start()
		if n := strings.Count(e.words(), "An administrator goes on"); n == 0 {
			t.Errorf("it does not say how it goes on:\n%s", e.words())
		}
		shut(t, b, "/in", posts)
	})
}

// oldCookie is a jar that still has the cookie of the set-up.
type oldCookie struct {
	http.CookieJar
	from http.CookieJar
}

func (k *oldCookie) Cookies(u *url.URL) (list []*http.Cookie) {
	if k.from != nil {
		for _, c := range k.from.Cookies(u) {
			if strings.HasSuffix(c.Name, "sigill-setup") {
				k.CookieJar.SetCookies(u, []*http.Cookie{c})
				k.from = nil
			}
		}
	}
	return k.CookieJar.Cookies(u)
}
