package appliance_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/mail"
)

// tries begins a trip and returns the address to which its notice goes.
func (j *journey) tries(b *browser) string {
	j.Helper()
	b.Get("/admin/path").Post("/admin/path").Sees("Ett brev är på väg")
	var to string
	j.await("trip", func() (trapped, bool) { to = string(appliance.TripTo(j.demo)); return trapped{}, to != "" })
	return to
}

// ended waits until the page says how it went.
func (j *journey) tripEnds(b *browser) *browser {
	j.Helper()
	j.await("end of the trip", func() (trapped, bool) {
		return trapped{}, !strings.Contains(b.Get("/admin/path").page, "På väg sedan")
	})
	return b
}

// comesBack hands the notice in again, as the house's MX does.
func (j *journey) comesBack(to string, change ...func(string) string) {
	j.Helper()
	raw := j.Await("email", to, 1).Raw
	for _, f := range change {
		raw = f(raw)
	}
	j.Send(letter{from: "sakerpost@brev.exempelkommun.se", to: []string{to}, raw: strings.ReplaceAll(raw, "\r\n", "\n")})
}

func TestTheWayOfALetter(t *testing.T) {
	j := newJourneyIn(t, t.TempDir(), appliance.LetTry)
	boss := j.Browser().SignsIn(adminAt)
	t.Run("goes well, hop by hop, and costs one SMS", func(t *testing.T) {
		boss.Get("/admin").Sees("Brevets väg").Get("/admin/path").Sees("Pröva nu").SeesNot("Det senaste brevet")
		to := j.tries(boss)
		boss.Get("/admin/path").Sees("På väg sedan").Post("/admin/path").Sees("redan på väg")
		j.comesBack(to)
		j.tripEnds(boss).Sees("hela vägen gick bra", "Går inte att pröva här").SeesNot("Inte prövat", "Gick inte bra")
		if n := len(j.Trapped("sms", "+46700000001")); n != 1 {
			t.Errorf("%d SMS", n)
		}
	})
	t.Run("the letter is gone, and the help desk finds when it ended", func(t *testing.T) {
		for _, m := range j.Trapped("email", "") {
			if strings.HasPrefix(m.To[0], "canary+") {
				j.Browser().ShowCode(j.CodeOf(m)).Sees("går inte längre att läsa")
				return
			}
		}
		t.Error("there is no notice")
	})
	t.Run("it stands in the journal, and counts nowhere", func(t *testing.T) {
		j.Organiser(adminAt).Get("/journal?kind=tried").Sees("Brevets väg prövades")
		j.Turn(26 * time.Hour)
		for unit, f := range j.Organiser(adminAt).figures() {
			if strings.Trim(f, "0 ") != "" {
				t.Errorf("%s: %s", unit, f)
			}
		}
		boss = j.Browser().SignsIn(adminAt)
	})
	t.Run("a notice that does not come back is told", func(t *testing.T) {
		to := j.tries(boss)
		j.Await("email", to, 1)
		j.await("the wait for it", func() (trapped, bool) {
			return trapped{}, strings.Count(boss.Get("/admin/path").page, "Gick bra") == 2
		})
		j.Turn(11 * time.Minute)
		j.tripEnds(boss).Sees("det gick inte bra här: Tillbaka", "MX-posten", "Gick inte bra: inget kom i tid", "Inte prövat")
		boss.Get("/todo").Sees("Brevens väg är bruten. Tillbaka")
	})
	t.Run("a notice with another letter's code opens nothing", func(t *testing.T) {
		j.Send(letter{to: []string{annaSecure}, subject: "Beslut om bistånd", body: "Hemligt."})
		anna := j.CodeOf(j.Await("email", anna, 1))
		to := j.tries(boss)
		own := j.CodeOf(j.Await("email", to, 1))
		j.comesBack(to, func(raw string) string { return strings.ReplaceAll(strings.ReplaceAll(raw, "=\r\n", ""), own, anna) })
		j.tripEnds(boss).Sees("det gick inte bra här: Tillbaka", "koden hör till ett annat brev")
		if n := len(j.Trapped("sms", annaPhone)); n != 0 {
			t.Errorf("%d SMS to Anna", n)
		}
		j.Turn(2 * time.Minute)
		j.Browser().ShowCode(anna).GiveLastPIN(annaPhone).At("/m/letter").Sees("Hemligt")
	})
	t.Run("nor does a mail make another letter the trip's", func(t *testing.T) {
		to := j.tries(boss)
		j.Await("email", to, 1)
		mine := appliance.TripLetter(j.demo)
		other := mail.NewID()
		for _, d := range []*mail.Draft{
			{To: []mail.Request{{Address: mail.Address(to)}}, Letters: []mail.ID{other}},
			{To: []mail.Request{{Address: "anna@example.se"}}, Letters: []mail.ID{other}},
		} {
			appliance.TripTakes(j.demo, d)
		}
		if got := appliance.TripLetter(j.demo); got != mine || mine.IsZero() {
			t.Errorf("%v, was %v", got, mine)
		}
		j.comesBack(to)
		j.tripEnds(boss).Sees("hela vägen gick bra")
	})
	t.Run("nobody else begins one", func(t *testing.T) {
		if b := j.Browser().SignsIn(caseworker).Get("/mail").Post("/admin/path"); b.code != http.StatusNotFound {
			t.Error(b.code)
		}
	})
}

func TestEachHopThatBreaksIsNamed(t *testing.T) {
	for _, x := range []struct {
		what   string
		change func(*appliance.Demo)
		sees   []string
	}{
		{"the sender is somebody", appliance.LetTryFrom(caseworker), []string{"här: In:", "Gick inte bra: adressen i canary.from är någons"}},
		{"the smarthost is gone", func(d *appliance.Demo) { appliance.LetTry(d); appliance.LetSmarthostGo(d) }, []string{"här: Ut:", "inget kom i tid", "under [smarthost]"}},
		{"no gateway takes the SMS", func(d *appliance.Demo) { appliance.LetTry(d); appliance.LetGatewayFail(d) }, []string{"här: Sms: leverantören tar emot", "Kontrollera leverantörerna"}},
		{"no report says that the SMS was delivered", func(d *appliance.Demo) { appliance.LetTry(d); appliance.LetReport(d) }, []string{"här: Sms: leverantören meddelar", "ingen rapport kom", "Gick inte bra: inget kom i tid"}},
		{"the letter's key is gone before it is read", func(d *appliance.Demo) { appliance.LetTry(d); appliance.LetReport(d) }, []string{"här: Öppna:", "Brevet gick inte att öppna"}},
	} {
		t.Run(x.what, func(t *testing.T) {
			j := newJourneyIn(t, t.TempDir(), x.change)
			boss := j.Browser().SignsIn(adminAt)
			boss.Get("/admin/path").Post("/admin/path")
			if strings.Contains(x.what, "smarthost") {
				j.await("the wait for it", func() (trapped, bool) {
					return trapped{}, strings.Count(boss.Get("/admin/path").page, "Gick bra") == 1
				})
				j.Turn(6 * time.Minute)
			} else if x.sees[0] != "här: In:" {
				var to string
				j.await("trip", func() (trapped, bool) { to = string(appliance.TripTo(j.demo)); return trapped{}, to != "" })
				j.comesBack(to)
			}
			switch {
			case strings.Contains(x.what, "report"):
				j.await("SMS", func() (trapped, bool) { return trapped{}, len(j.Trapped("sms", "+46700000001")) > 0 })
				j.Turn(6 * time.Minute)
			case strings.Contains(x.what, "key"):
				j.await("SMS", func() (trapped, bool) { return trapped{}, len(j.Trapped("sms", "+46700000001")) > 0 })
				appliance.TripLoses(t.Context(), j.demo)
			}
			j.tripEnds(boss).Sees(x.sees...)
		})
	}
}
