package appliance_test

import (
	"net/http"
	"testing"
	"time"
)

func TestTheAdministratorsPage(t *testing.T) {
	j := newJourney(t)
	j.Browser().SignsIn("it@exempelkommun.se").Get("/admin").Sees("exempelkommun.se", "Återkommande arbete")

	t.Run("nobody else gets it, and a stranger is sent to sign in", func(t *testing.T) {
		for _, who := range []string{caseworker, "karin.berg@exempelkommun.se"} {
			if b := j.Browser().SignsIn(who).Get("/admin"); b.code != http.StatusNotFound {
				t.Errorf("%s: %d", who, b.code)
			}
		}
		j.Browser().Get("/admin").At("/in")
	})
	t.Run("a clock that leapt ends nothing until somebody has looked", func(t *testing.T) {
		j.Send(letter{to: []string{annaSecure}, subject: "Kvar", body: "Finns kvar."})
		notice := j.Await("email", anna, 1)
		j.demo.Clock.Set(3650 * 24 * time.Hour)
		j.Turn(0)
		j.Browser().SignsIn("it@exempelkommun.se").Get("/admin").Sees("Klockan har hoppat")
		j.demo.Clock.Set(0)
		j.Turn(time.Minute)
		j.Browser().Opens(notice, annaPhone).Sees("Finns kvar.")
		j.Browser().SignsIn("it@exempelkommun.se").Get("/admin").SeesNot("Klockan har hoppat")
	})
	t.Run("and goes on when the administrator says that it is right", func(t *testing.T) {
		j.demo.Clock.Set(100 * 24 * time.Hour)
		j.Turn(0)
		b := j.Browser().SignsIn("it@exempelkommun.se").Get("/admin").Sees("Klockan har hoppat")
		b.Post("/admin/clock").Sees("Klockan är bekräftad").SeesNot("Klockan har hoppat")
		j.Turn(0)
		j.Browser().SignsIn(caseworker).Get("/mail/sent").Sees("Brevets tid är slut")
	})
}

// invitationTo waits for somebody's invitation, among the other mails to them.
func (j *journey) invitationTo(address string) trapped {
	j.Helper()
	for range 1000 {
		for _, m := range j.Trapped("email", address) {
			if codeIn.MatchString(m.Text) {
				return m
			}
		}
		j.pause()
	}
	j.Fatalf("no invitation to %s", address)
	return trapped{}
}
