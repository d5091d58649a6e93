package appliance_test

import (
	"net/http"
	"testing"
	"time"
)

// TestASessionThatEndsWhileSomebodyWrites is a page that was open for longer than the half hour
// for which a session lasts that nobody uses.
func TestASessionThatEndsWhileSomebodyWrites(t *testing.T) {
	const text = "Jag har skrivit länge på det här svaret."
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Beslut", body: "Hej."})
	notice := j.Await("email", anna, 1)

	t.Run("a citizen whose answer comes too late sees it once more, and the letter opens again", func(t *testing.T) {
		b := j.Browser().Opens(notice, annaPhone).Get("/m/letter/reply")
		j.Turn(31 * time.Minute)
		b.Upload("/m/letter/reply", text, map[string]string{"a.txt": "a"}).Sees("Du är utloggad", text, "Öppna brevet igen")
		if b.code != http.StatusForbidden {
			t.Error(b.code)
		}
		j.Browser().SignsIn(caseworker).Get("/mail").SeesNot("Re: Beslut")
	})
	t.Run("while they type the session goes on", func(t *testing.T) {
		j.Turn(2 * time.Minute) // another PIN may be sent
		b := j.Browser().Opens(notice, annaPhone).Get("/m/letter/reply")
		for range 3 {
			j.Turn(29 * time.Minute)
			if b.fetches("/stay") != http.StatusNoContent {
				t.Fatal("it does not go on")
			}
		}
		b.Upload("/m/letter/reply", text, nil).Sees("kommit fram")
	})
	t.Run("what is over does not begin anew by it, and nobody gets a session", func(t *testing.T) {
		b := j.Browser().SignsIn(caseworker)
		j.Turn(31 * time.Minute)
		for _, b := range []*browser{b, j.Browser()} {
			if b.fetches("/stay") != http.StatusForbidden {
				t.Error("it goes on")
			}
			b.Get("/mail").At("/in")
		}
	})
	t.Run("somebody of the house sees their text, and never a password", func(t *testing.T) {
		b := j.Browser().SignsIn(caseworker).Get("/account/signature")
		j.Turn(31 * time.Minute)
		b.Post("/account/signature", "signature", text, "password", "hemliga gröna hästar").Sees("Du är utloggad", text, "Logga in igen").SeesNot("gröna hästar")
		b.Post("/account/password", "password", "hemliga gröna hästar", "repeat", "hemliga gröna hästar").SeesNot("gröna hästar").At("/in")
	})
	t.Run("who never had a session is shown nothing", func(t *testing.T) {
		j.Browser().Get("/in").Post("/account/signature", "signature", text).SeesNot(text).At("/in")
	})
}

// fetches asks as a script does, and returns the status.
func (b *browser) fetches(path string) int {
	b.j.Helper()
	r, err := http.NewRequest("GET", b.j.info.Portal+path, nil)
	if err != nil {
		b.j.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := b.c.Do(r)
	if err != nil {
		b.j.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}
