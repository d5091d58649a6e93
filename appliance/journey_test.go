package appliance_test

import (
	"os"
	"strings"
	"testing"
	"time"
)

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const (
	anna       = "anna@example.se"
	annaSecure = "anna@example.se.0701234567.s"
	annaPhone  = "+46701234567"
)

func TestALetterIsReadAndEnds(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "Beslut om bistånd", body: "Hej Anna.\nDu får hjälp med 4711 kronor.\n"})
	notice := j.Await("email", anna, 1)

	t.Run("the notice holds no subject, no content and no number", func(t *testing.T) {
		for _, secret := range []string{"Beslut", "bistånd", "4711", "0701234567", "701234567"} {
			if strings.Contains(notice.Raw, secret) || strings.Contains(notice.Text, secret) || strings.Contains(notice.HTML, secret) {
				t.Errorf("the notice says %q", secret)
			}
		}
		if !strings.Contains(notice.Text, "67") {
			t.Error("the notice does not say on which two digits the number ends")
		}
	})
	t.Run("the sender is told of each recipient, without the content", func(t *testing.T) {
		report := j.Await("email", caseworker, 1)
		if !strings.Contains(report.Text, anna) || strings.Contains(report.Text, "4711") || strings.Contains(report.Text, "bistånd") {
			t.Errorf("report:\n%s", report.Text)
		}
	})
	t.Run("opening the link changes nothing and sends no SMS", func(t *testing.T) {
		for range 10 {
			j.Browser().Get("/m").Sees("Kod i mejlet")
		}
		if n := len(j.Trapped("sms", annaPhone)); n != 0 {
			t.Fatalf("%d SMS", n)
		}
	})
	t.Run("a wrong code and a malformed one look alike", func(t *testing.T) {
		a := j.Browser().ShowCode("0000-1111-2222-3333-4444")
		b := j.Browser().ShowCode("nonsense")
		if a.code != b.code || strings.ReplaceAll(stripTokens(a.page), "0000-1111-2222-3333-4444", "") != strings.ReplaceAll(stripTokens(b.page), "nonsense", "") {
			t.Error("they differ")
		}
	})
	t.Run("with the code and the PIN the letter is read, again and again", func(t *testing.T) {
		for i := range 3 {
			if i > 0 {
				j.Turn(2 * time.Minute)
			}
			j.Browser().Opens(notice, annaPhone).Sees("Beslut om bistånd", "Du får hjälp med 4711 kronor.")
		}
	})
	t.Run("the code alone shows nothing", func(t *testing.T) {
		j.Turn(2 * time.Minute)
		b := j.Browser().ShowCode(j.CodeOf(notice)).At("/m/pin").SeesNot("Beslut", "4711")
		b.Get("/m/letter").At("/m").SeesNot("4711")
	})
	t.Run("after its time the letter is gone, and who holds the code is told", func(t *testing.T) {
		j.Days(62)
		j.Browser().ShowCode(j.CodeOf(notice)).Sees("går inte längre att läsa")
	})
	t.Run("after 90 days more the code says nothing", func(t *testing.T) {
		j.Days(91)
		j.Browser().ShowCode(j.CodeOf(notice)).Sees("Koden stämmer inte")
	})
}

func TestPicturesOfOthersAreNotFetchedAndSaidWhereTheyWouldBe(t *testing.T) {
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, raw: outlook("http://127.0.0.1:9", []byte("%PDF-1.4"))})
	b := j.Browser().Opens(j.Await("email", anna, 1), annaPhone).SeesNot("har inte hämtats")
	b.Get("/m/letter/html").Sees("En bild på en annan webbplats har inte hämtats.").SeesNot("pixel.gif")
}

func TestPagesOfErrorsSpeakTheVisitorsLanguage(t *testing.T) {
	j := newJourney(t)
	for path, say := range map[string]string{"/nothing": "We cannot find this page", "/m/again": "It cannot be done this way"} {
		j.Browser().Get(path + "?lang=en").Sees(say)
	}
}

// stripTokens takes out what differs between any two answers.
func stripTokens(page string) string { return formToken.ReplaceAllString(page, "") }

// TestTheDemoGoesOn uses a directory again after its clock was turned: by the machine's
// own clock the data would be from the future, and no mail would be taken.
func TestTheDemoGoesOn(t *testing.T) {
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	j.Send(letter{to: []string{annaSecure}, subject: "Beslut", body: "Hej Anna."})
	code := j.CodeOf(j.Await("email", anna, 1))
	j.Days(20)
	j.stop()
	j = newJourneyIn(t, dir)
	t.Run("the letter from before the stop is read, and new mail is taken", func(t *testing.T) {
		j.Browser().ShowCode(code).GiveLastPIN(annaPhone).At("/m/letter").Sees("Hej Anna.")
		j.Send(letter{to: []string{annaSecure}, subject: "Beslut", body: "Hej igen."})
		j.Await("email", anna, 1)
	})
	t.Run("time goes on from where it was turned to", func(t *testing.T) {
		j.Days(31)
		j.Browser().ShowCode(code).Sees("går inte längre att läsa")
	})
}
