package appliance_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"sigill/appliance/locale"
)

func TestTheSecondScreenSaysWhoUntilWhenAndWhenToTryAgain(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Beslut", body: "Hej Anna."})
	b := j.Browser().ShowCode(j.CodeOf(j.Await("email", anna, 1))).At("/m/pin")
	t.Run("who has written, and until when it can be read", func(t *testing.T) {
		b.Sees("Brevet är från Socialtjänsten, Exempelkommun och kan läsas till och med "+j.day(30), "slutar på 67", "Sex siffror. De gäller till klockan ")
		// A minute may begin between the SMS and this line.
		if now, then := j.clock(10*time.Minute), j.clock(10*time.Minute-20*time.Second); !strings.Contains(b.page, "klockan "+now) && !strings.Contains(b.page, "klockan "+then) {
			t.Errorf("the code is said to be good until another time than %s", now)
		}
	})
	t.Run("from when on another SMS can be sent, for people and for the script", func(t *testing.T) {
		b.Sees("kan vi skicka ett nytt", `data-wait="`)
		b.Post("/m/again").Sees("Det har inte gått en minut")
		if n := len(j.Trapped("sms", annaPhone)); n != 1 {
			t.Errorf("%d SMS", n)
		}
	})
	t.Run("and nothing of it when the minute is over", func(t *testing.T) {
		j.Turn(time.Minute)
		b.Get("/m/pin").SeesNot("kan vi skicka ett nytt", `data-wait="`).Post("/m/again").At("/m/pin").Sees("kan vi skicka ett nytt")
		if n := len(j.Trapped("sms", annaPhone)); n != 2 {
			t.Errorf("%d SMS", n)
		}
	})
}

// day is the day so many days from now, as a Swedish page writes it.
func (j *journey) day(n int) string {
	j.Helper()
	now := j.demo.Clock.Now().In(j.stockholm())
	cat, err := locale.Load(os.DirFS("../embed/locale"))
	if err != nil {
		j.Fatal(err)
	}
	return cat.For("sv").In(j.stockholm()).Date(now.AddDate(0, 0, n), now)
}

// clock is the time of day so much from now, in the house's zone.
func (j *journey) clock(from time.Duration) string {
	j.Helper()
	return j.demo.Clock.Now().Add(from).In(j.stockholm()).Format("15:04")
}

func TestIsThisGenuine(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Beslut om bistånd", body: "Hej Anna."})
	code := j.CodeOf(j.Await("email", anna, 1))
	ask := func(code string, more ...string) *browser {
		t.Helper()
		return j.Browser().Get("/genuine").Post("/genuine", append([]string{"code", code}, more...)...)
	}
	t.Run("a code of the house's is known, with who and until when, and nothing else is told or done", func(t *testing.T) {
		b := ask(strings.ToLower(code)).Sees("Ja, koden kommer från oss", "ett brev från Socialtjänsten, Exempelkommun", j.day(30))
		b.SeesNot("slutar på", anna, "Anna", "Beslut", "Maria")
		if n := len(j.Trapped("sms", "")); n != 0 {
			t.Errorf("%d SMS were sent", n)
		}
		b.Get("/m/letter").At("/m")
	})
	t.Run("from there one goes on to the letter", func(t *testing.T) {
		ask(code).Post("/m", "code", code).At("/m/pin").GiveLastPIN(annaPhone).At("/m/letter").Sees("Hej Anna.")
	})
	t.Run("an unknown code and a malformed one look alike", func(t *testing.T) {
		a, b := ask("0000-1111-2222-3333-4444").Sees("Vi känner inte igen koden"), ask("nonsense")
		if a.code != b.code || strings.ReplaceAll(stripTokens(a.page), "0000-1111-2222-3333-4444", "") != strings.ReplaceAll(stripTokens(b.page), "nonsense", "") {
			t.Error("they differ")
		}
	})
	t.Run("a script that submits what it has filled in is asked for a hand", func(t *testing.T) {
		ask(code, "filled", "1").Sees("Tryck på knappen").SeesNot("kommer från oss")
		ask(code, "filled", "1", "hand", "1").Sees("Ja, koden kommer från oss")
	})
	t.Run("of an ended letter the truth is told, for as long as the code is known", func(t *testing.T) {
		last := j.day(30)
		j.Days(62)
		ask(code).Sees("hörde till ett brev", "Det kunde läsas till och med "+last)
		j.Days(91)
		ask(code).Sees("Vi känner inte igen koden")
	})
}
