package appliance_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

var paperOn = regexp.MustCompile(`mono" translate="no">((?:[0-9A-Z]{4}-){6}[0-9A-Z]{4})<`)

// Paper makes the code that its owner keeps on paper.
func (b *browser) Paper(address string) string {
	b.j.Helper()
	b.Get("/account/prove").Post("/account/prove", "next", "/account/recovery", "password", b.j.passwordOf(address)).At("/account/recovery")
	m := paperOn.FindStringSubmatch(b.Post("/account/recovery").page)
	if m == nil {
		b.j.Fatalf("no code on %s:\n%s", b.at, b.page)
	}
	return m[1]
}

// loses gives a code on paper and a new password.
func (b *browser) loses(address, code, password string) *browser {
	b.j.Helper()
	return b.Get("/in/lost").Post("/in/lost", "address", address, "code", code, "password", password, "repeat", password)
}

func TestAForgottenPassword(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{johanAt + ".s"}, subject: "Från förut", body: "Finns kvar."})
	j.Turn(0)
	johan := j.Browser().SignsIn(johanAt)
	const fresh = "nio svarta får på berget"
	t.Run("the code is shown once, and made by nobody but its owner", func(t *testing.T) {
		johan.Get("/account").Sees("Du har ingen återställningskod")
		j.Turn(6 * time.Minute)
		johan.Get("/account/recovery").At("/account/prove")
	})
	dead := johan.Paper(johanAt)
	code := johan.Paper(johanAt)
	johan.Get("/account/recovery").Sees("Du har en kod redan").SeesNot(code)
	stranger := j.Browser()
	t.Run("a wrong code, an old one and an address that nobody has look alike", func(t *testing.T) {
		page := func(address, code string) string {
			b := stranger.loses(address, code, fresh)
			if b.code != http.StatusUnprocessableEntity {
				t.Errorf("%d", b.code)
			}
			s := formToken.ReplaceAllString(b.page, "")
			return strings.NewReplacer(address, "", code, "").Replace(s)
		}
		old := page(johanAt, dead)
		if none := page("ingen@exempelkommun.se", code); none != old || !strings.Contains(old, "koden är fel") {
			t.Errorf("%s\n\n%s", old, none)
		}
	})
	t.Run("a password that will not do costs neither the code nor a try", func(t *testing.T) {
		stranger.loses(johanAt, code, "kort").Sees("12 tecken")
		stranger.Post("/in/lost", "address", johanAt, "code", code, "password", fresh, "repeat", fresh+"x").Sees("inte lika")
	})
	t.Run("a right one sets a new password, ends all sessions, and signs nobody in", func(t *testing.T) {
		stranger.loses(johanAt, strings.ToLower(code), fresh).At("/in").Sees("Lösenordet är bytt")
		stranger.Get("/mail").At("/in")
		johan.Get("/mail").At("/in")
		stranger.SignsInAs(johanAt, fresh).Sees("Från förut").Follow("/mail/[0-9a-z]{26}").Sees("Finns kvar.")
		m := j.Await("email", johanAt, 1)
		for _, n := range j.Trapped("email", johanAt) {
			m = n
		}
		if !strings.Contains(m.Text, "lösenord") {
			t.Errorf("not told: %s", m.Text)
		}
	})
	t.Run("the old password and the code open nothing after that", func(t *testing.T) {
		b := j.Browser()
		b.Get("/in").Post("/in", "address", johanAt, "password", j.passwordOf(johanAt)).At("/in").Sees("stämmer inte")
		b.loses(johanAt, code, fresh+" igen").Sees("koden är fel")
	})
	t.Run("whoever has a second factor is asked for it still", func(t *testing.T) {
		maria := j.Browser().SignsIn(caseworker)
		paper := maria.Paper(caseworker)
		key := maria.ConnectsApp("/account", mariaPhone, mariaE164)
		b := j.Browser().loses(caseworker, paper, fresh).At("/in")
		b.Post("/in", "address", caseworker, "password", fresh).At("/in/factor")
		b.Get("/mail").At("/in/factor")
		j.Step()
		b.Post("/in", "address", caseworker, "password", fresh).At("/in/factor").Post("/in/factor", "code", j.TOTP(key, 0)).At("/mail")
	})
	t.Run("guesses are bounded, and the owner is not locked out by them", func(t *testing.T) {
		b := j.Browser()
		for range 12 {
			b.loses(johanAt, dead, fresh)
		}
		b.Sees("För många försök")
		stranger.loses(johanAt, dead, fresh).Sees("koden är fel") // a browser at which he has been
	})
}
