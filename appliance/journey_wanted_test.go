package appliance_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sigill/appliance"
)

var (
	nextOn    = regexp.MustCompile(`name="next" value="([^"]*)"`)
	letterOfs = regexp.MustCompile(`/mail/[0-9a-z]{26}`)
)

// next is the page that waits behind the sign-in that is open.
func (b *browser) next() string {
	b.j.Helper()
	m := nextOn.FindStringSubmatch(b.page)
	if m == nil {
		b.j.Fatalf("%s leads on to nothing:\n%s", b.at, b.page)
	}
	return html.UnescapeString(m[1])
}

func TestTheSignInLeadsOnToWhatWasWanted(t *testing.T) {
	idp := newProvider(t)
	j := signOnJourney(t, t.TempDir(), idp, appliance.SignOn{Provider: idp})
	idp.is("maria", caseworker, "Maria Ek")
	maria := j.Browser().SignsIn(caseworker)
	j.Send(letter{from: johanAt, to: []string{caseworker + ".s"}, subject: "Ärendet", body: "Om Storgatan."})
	path := letterOfs.FindString(maria.Get("/mail").page)
	follows := func() *browser { return j.Browser().Get(path).At("/in") }
	password := func(b *browser, word string) *browser {
		return b.Post("/in", "address", caseworker, "password", word, "next", b.next())
	}
	t.Run("the mails about it lead there", func(t *testing.T) {
		if m := j.Await("email", caseworker, 1); !strings.Contains(m.Text, j.info.Portal+path+"\n") {
			t.Errorf("the notice leads elsewhere:\n%s", m.Text)
		}
		report := letterOfs.FindString(j.Await("email", johanAt, 1).Text)
		if report == "" || report == path {
			t.Fatalf("the report leads to %q", report)
		}
		j.Browser().SignsIn(johanAt).Get(report).At(report).Sees("Ärendet", caseworker)
	})
	t.Run("by the password, also when the first one was wrong, and in another language", func(t *testing.T) {
		b := password(follows(), "fel lösenord").Sees("stämmer inte")
		password(b, j.passwordOf(caseworker)).At(path).Sees("Om Storgatan")
		b = follows().Follow(`/in\?lang=fi[^"]*`)
		password(b, j.passwordOf(caseworker)).At(path)
	})
	t.Run("by the organisation's sign-on", func(t *testing.T) {
		b := follows().Follow(`/in/sso\?next=[^"]*`).Sees(`content="0; url=/in/sso/done"`).Get("/in/sso/done").At("/in/unlock")
		b.Post("/in/unlock", "password", j.passwordOf(caseworker)).At(path).Sees("Om Storgatan")
	})
	t.Run("by the second step, and by passkeys", func(t *testing.T) {
		maria.ConnectsApp("/account", mariaPhone, mariaE164)
		opens, shows := newSoftKey(t, true), newSoftKey(t, false)
		maria.Get("/account/passkeys").Makes(opens, "Telefonen").Makes(shows, "Pinnen")
		b := follows()
		b.Uses(opens, "next", b.next()).At(path).Sees("Om Storgatan")
		b = follows()
		b.Uses(shows, "next", b.next()).At("/in/unlock").Post("/in/unlock", "password", j.passwordOf(caseworker)).At(path).Sees("Om Storgatan")
		b = password(follows(), j.passwordOf(caseworker)).At("/in/factor")
		b.Uses(shows).At(path).Sees("Om Storgatan")
		b = password(follows(), j.passwordOf(caseworker)).At("/in/factor")
		b.Post("/in/factor/sms").Post("/in/factor", "code", j.LastPIN(mariaE164), "by", "pin").At(path).Sees("Om Storgatan")
	})
	t.Run("and nobody's but the house's own pages", func(t *testing.T) {
		johan := func(next string) *browser {
			b := j.Browser().Get("/in?next=" + url.QueryEscape(next))
			if nextOn.MatchString(b.page) {
				t.Errorf("the page leads on to %q", next)
			}
			return b.Post("/in", "address", johanAt, "password", j.passwordOf(johanAt), "next", next)
		}
		for _, next := range []string{
			"https://example.org/mail", "//example.org/mail", `/\example.org`, "/mail/../../example.org", "/mail//example.org",
			"/mail\r\nSet-Cookie:x=y", "/mail?x=//example.org", "/mail#x", "/mail/%2f%2fexample.org", "javascript:alert(1)", "/out", "/in", "/m",
			"/account/prove/sso", "/mail/" + strings.Repeat("a/", 200), "mail",
		} {
			johan(next).At("/mail")
		}
	})
	t.Run("who has signed in already is there at once, and a form or a frame is no page to come back to", func(t *testing.T) {
		maria.Get("/in?next=" + path).At(path)
		if j.Browser().Get("/mail").At("/in"); nextOn.MatchString(j.Browser().Get("/mail").page) {
			t.Error("the mailbox is where everybody goes")
		}
		r, err := http.NewRequest("GET", j.info.Portal+path+"/html", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sec-Fetch-Dest", "iframe")
		if b := j.Browser().do(r).At("/in"); nextOn.MatchString(b.page) {
			t.Error("a letter's frame would be shown as a page")
		}
		if b := j.Browser().Get("/mail").Post(path + "/recall").At("/in"); nextOn.MatchString(b.page) {
			t.Error("a form was sent")
		}
	})
	t.Run("somebody else's letter is not found, as before", func(t *testing.T) {
		b := follows()
		b.Post("/in", "address", johanAt, "password", j.passwordOf(johanAt), "next", b.next())
		if b.code != http.StatusNotFound {
			t.Errorf("%s: %d", b.at, b.code)
		}
	})
}
