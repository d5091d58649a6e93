package appliance_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestStrangersKeepNobodyFromSigningIn(t *testing.T) {
	j := newJourney(t)
	karin := j.Browser().SignsIn("karin.berg@exempelkommun.se").Post("/out").At("/in")
	guess := j.Browser().Get("/in")
	for i := range 11 {
		guess.Post("/in", "address", "karin.berg@exempelkommun.se", "password", fmt.Sprintf("fel lösenord %d", i))
	}
	guess.Sees("många försök")

	t.Run("eleven wrong passwords by a stranger close the account to strangers", func(t *testing.T) {
		var password string
		for _, a := range j.info.Accounts {
			if a.Email == "karin.berg@exempelkommun.se" {
				password = a.Password
			}
		}
		j.Browser().Get("/in").Post("/in", "address", "karin.berg@exempelkommun.se", "password", password).Sees("många försök")
	})
	t.Run("and not to who has signed in with this browser before", func(t *testing.T) {
		karin.SignsIn("karin.berg@exempelkommun.se")
	})
	t.Run("nor anybody else of the house", func(t *testing.T) {
		j.Browser().SignsIn(caseworker)
	})
}

func TestWhoLeavesTakesNoPictureAlong(t *testing.T) {
	j := newJourney(t)
	s := &secret{name: "Alfa", words: []string{"ämne", "text", "fil", "innehåll", "en stor bild, "}}
	j.Send(letter{from: caseworker, to: []string{annaSecure}, raw: s.raw(caseworker, annaSecure)})
	notice := j.Await("email", anna, 1)
	address := regexp.MustCompile(`/picture/[A-Za-z0-9_-]{43}`)
	anew := func(b *browser) string {
		t.Helper()
		found := address.FindString(b.Get("/m/letter/html").page)
		if found == "" {
			t.Fatalf("no large picture in:\n%.2000s", b.page)
		}
		return found
	}
	b := j.Browser().Opens(notice, annaPhone)

	t.Run("one picture is shown once", func(t *testing.T) {
		one := anew(b)
		if r := j.Browser().Get(one); r.code != http.StatusOK || !strings.Contains(r.page, "PNG") {
			t.Errorf("%d", r.code)
		}
		if r := j.Browser().Get(one); r.code != http.StatusNotFound {
			t.Errorf("%d the second time", r.code)
		}
	})
	t.Run("after leaving none of those that were made can be fetched, and another reader's can", func(t *testing.T) {
		j.Turn(2 * time.Minute) // between two SMS
		other := j.Browser().Opens(notice, annaPhone)
		mine, theirs := anew(b), anew(other)
		b.Get("/m/letter").Post("/m/leave")
		if r := j.Browser().Get(mine); r.code != http.StatusNotFound {
			t.Errorf("%d after leaving", r.code)
		}
		if r := j.Browser().Get(theirs); r.code != http.StatusOK {
			t.Errorf("%d for who has not left", r.code)
		}
	})
	t.Run("after signing out neither", func(t *testing.T) {
		staff := j.Browser().SignsIn(caseworker).Get("/mail/sent")
		staff.Follow("/mail/[0-9a-z]{26}")
		found := address.FindString(staff.Get(staff.at + "/html").page)
		if found == "" {
			t.Fatalf("no large picture in:\n%.2000s", staff.page)
		}
		staff.Get("/mail").Post("/out")
		if r := j.Browser().Get(found); r.code != http.StatusNotFound {
			t.Errorf("%d after signing out", r.code)
		}
	})
}
