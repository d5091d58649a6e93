package appliance_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTheAdministratorsPage(t *testing.T) {
	j := newJourney(t)
	admin := j.Browser().SignsIn("it@exempelkommun.se").Get("/admin").Sees("exempelkommun.se", "Maria Ek", "Återkommande arbete")

	t.Run("nobody else gets it, and a stranger is sent to sign in", func(t *testing.T) {
		for _, who := range []string{caseworker, "karin.berg@exempelkommun.se"} {
			if b := j.Browser().SignsIn(who).Get("/admin"); b.code != http.StatusNotFound {
				t.Errorf("%s: %d", who, b.code)
			}
		}
		j.Browser().Get("/admin").At("/in")
	})
	t.Run("somebody is invited, and can come in", func(t *testing.T) {
		admin.Post("/admin/invite", "address", "ny@exempelkommun.se", "name", "Ny Person").Sees("Inbjudan är på väg", "Ny Person", "Har aldrig loggat in")
		b := j.Browser().ShowCode(j.CodeOf(j.Await("email", "ny@exempelkommun.se", 1))).At("/welcome")
		b.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
	})
	t.Run("whose invitation was lost is invited again, and the old code is dead", func(t *testing.T) {
		admin.Get("/admin").Post("/admin/invite", "address", "borta@exempelkommun.se", "name", "Bo Borta")
		lost := j.CodeOf(j.Await("email", "borta@exempelkommun.se", 1))
		admin.settled().Sees("Inbjudan gäller till", `aria-label="Bjud in igen: borta@exempelkommun.se"`)
		admin.Post("/admin/invite", "address", "borta@exempelkommun.se").Sees("Inbjudan är på väg", "Bo Borta")
		j.Browser().ShowCode(lost).Sees("Koden")
		b := j.Browser().ShowCode(j.CodeOf(j.Await("email", "borta@exempelkommun.se", 2))).At("/welcome")
		b.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
	})
	t.Run("nor is a letter lost by it: who has one keeps the key, and the administrator is told why", func(t *testing.T) {
		j.Send(letter{to: []string{"kvar@exempelkommun.se.s"}, subject: "Väntar", body: "Väntar på dig."})
		first := j.CodeOf(j.invitationTo("kvar@exempelkommun.se"))
		admin.settled().Post("/admin/invite", "address", "kvar@exempelkommun.se").Sees("återställningsnyckeln")
		b := j.Browser().ShowCode(first).At("/welcome")
		b.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail").Sees("Väntar")
	})
	t.Run("an address of another domain, and one that is known, are refused with a reason", func(t *testing.T) {
		admin.Post("/admin/invite", "address", "x@annan.se").Sees("någon av de egna domänerna")
		admin.Get("/admin").Post("/admin/invite", "address", caseworker).Sees("finns redan")
	})
	t.Run("a clock that leapt ends nothing until somebody has looked", func(t *testing.T) {
		j.Send(letter{to: []string{annaSecure}, subject: "Kvar", body: "Finns kvar."})
		notice := j.Await("email", anna, 1)
		j.demo.Clock.Set(3650 * 24 * time.Hour)
		j.Turn(0)
		admin = j.Browser().SignsIn("it@exempelkommun.se").Get("/admin").Sees("Klockan har hoppat")
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

func TestAnInvitationThatNobodyTakesUpIsDestroyed(t *testing.T) {
	j := newJourney(t)
	admin := j.Browser().SignsIn("it@exempelkommun.se").Get("/admin")
	admin.Post("/admin/invite", "address", "aldrig@exempelkommun.se")
	code := j.CodeOf(j.Await("email", "aldrig@exempelkommun.se", 1))
	for range 12 { // a leap of more days would hold everything
		j.Days(7)
	}
	j.Browser().ShowCode(code).At("/welcome")
	j.Days(7)
	j.Browser().ShowCode(code).At("/m").Sees("Koden")
	j.Browser().SignsIn("it@exempelkommun.se").Get("/admin").Sees("Inbjudan gäller inte längre")
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

// settled shows the administrator's page once no invitation waits any more: the trap
// has a mail a moment before its sender knows that.
func (b *browser) settled() *browser {
	b.j.Helper()
	for range 1000 {
		if b.Get("/admin"); !strings.Contains(b.page, "Inbjudan väntar") {
			return b
		}
		b.j.pause()
	}
	b.j.Fatal("an invitation waits for ever")
	return b
}
