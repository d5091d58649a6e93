package appliance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// draftOf sends the form of a new letter with a button, and returns where the draft is.
func (b *browser) draftOf(do string, fields ...fill) (path string) {
	b.j.Helper()
	b.Get("/write").SendForm("/write", append(fields, fill{"do", do}), nil)
	return strings.TrimSuffix(b.at, "/check")
}

// Day is the house's date in n days as its pages write it.
func (j *journey) Day(n int) string {
	j.Helper()
	now := j.demo.Clock.Now().In(j.stockholm())
	at := now.AddDate(0, 0, n)
	month := []string{"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"}[at.Month()-1]
	if at.Year() == now.Year() {
		return fmt.Sprintf("%d %s", at.Day(), month)
	}
	return fmt.Sprintf("%d %s %d", at.Day(), month, at.Year())
}

func TestWhatIsPointedOutBeforeSending(t *testing.T) {
	const subject, text = "Det ser ut att stå ett personnummer i ämnet", "Det ser ut att stå ett personnummer i brevet"
	j := newJourney(t)
	j.Noon()
	b := j.Browser().SignsIn(caseworker)
	to := []fill{{"to", anna}, {"phone", annaPhone}}
	with := func(s, body string) string {
		return b.draftOf("send", append(to[:2:2], fill{"subject", s}, fill{"text", body})...)
	}
	t.Run("an identity number in the subject", func(t *testing.T) {
		with("Beslut 811228-9874", "Hej.")
		b.Sees(subject).SeesNot(text)
		if n := strings.Count(b.page, "811228-9874"); n != 1 {
			t.Errorf("the number stands %d times on the page, not in the subject alone", n)
		}
	})
	t.Run("one in the text, of whatever Nordic country, with the dash of a word processor", func(t *testing.T) {
		for _, number := range []string{"8112289874", "19811228\u20139874", "701063-2391", "070761-4285", "131052-308T", "41010199946"} {
			with("Beslut", "Hej,\ndet gäller "+number+".")
			b.Sees(text).SeesNot(subject)
		}
	})
	t.Run("and nothing where there is none", func(t *testing.T) {
		with("Ärende 2026-0426", "Ring 070-123 45 67 före 26 april, organisationsnummer 556012-5790.")
		b.SeesNot(subject, text)
	})
	t.Run("it is sent all the same", func(t *testing.T) {
		path := with("Beslut 811228-9874", "Hej.")
		b.Post(path+"/send", "seen", seenOn.FindStringSubmatch(b.page)[1]).Sees("Brevet är skickat")
		j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Sees("811228-9874")
	})
	j.Days(10)
	day := j.Day(-10)
	t.Run("how old the number is that is used, and when a code to it last worked", func(t *testing.T) {
		path := b.SignsIn(caseworker).draftOf("send", fill{"to", anna}, fill{"phone", ""}, fill{"text", "Hej."}, fill{"to", "bo@example.se"}, fill{"phone", "0701234599"})
		b.Sees("Det angavs "+day, "fungerade senast "+day, "första gången")
		if strings.Count(b.page, "Det angavs") != 1 {
			t.Error("a number that was given now has an age")
		}
		b.Post(path+"/send", "seen", seenOn.FindStringSubmatch(b.page)[1]).Sees("Brevet är skickat")
	})
	t.Run("and that of the number that another one is given for", func(t *testing.T) {
		b.draftOf("send", fill{"to", anna}, fill{"phone", "0709999999"}, fill{"text", "Hej."})
		b.Sees("nummer som slutar på 67", "Det angavs "+day, "fungerade senast "+day)
		b.draftOf("send", fill{"to", "bo@example.se"}, fill{"phone", "0709999999"}, fill{"text", "Hej."})
		b.Sees("nummer som slutar på 99", "Det angavs "+j.Day(0), "Ingen kod till det har använts än")
	})
}

func TestHowLongALetterLivesIsChosen(t *testing.T) {
	j := newJourney(t)
	j.Noon()
	b := j.Browser().SignsIn(caseworker)
	base := []fill{{"to", anna}, {"phone", annaPhone}, {"subject", "Kallelse"}, {"text", "Hej."}}
	ends := regexp.MustCompile(`(?s)Finns till och med</dt><dd>([^<]*)<`)
	until := func(do string, fields ...fill) string {
		t.Helper()
		b.draftOf(do, append(base[:4:4], fields...)...)
		if m := ends.FindStringSubmatch(b.page); m != nil {
			return m[1]
		}
		return ""
	}
	t.Run("the choices say which day they mean", func(t *testing.T) {
		b.Get("/write").Sees("Den vanliga tiden", "Ska öppnas senast "+j.Day(30), "30 dagar", "Till och med "+j.Day(7)+".", "Till och med "+j.Day(90)+".", "Tidigast "+j.Day(1)+" och senast "+j.Day(365))
		if !regexp.MustCompile(`name="days" value=""[^>]* checked`).MatchString(b.page) {
			t.Error("the usual time is not what holds if nothing is chosen")
		}
	})
	t.Run("each of them holds", func(t *testing.T) {
		for n, fields := range map[int][]fill{
			7: {{"days", "7"}}, 90: {{"days", "90"}}, 60: {{"days", ""}}, 12: {{"days", "until"}, {"until", j.Date(12)}}, 1: {{"days", "until"}, {"until", j.Date(1)}}, 365: {{"days", "until"}, {"until", j.Date(365)}},
			30: {{"days", "30"}, {"until", j.Date(12)}}, // a day that was typed and then not chosen
		} {
			if got := until("send", fields...); got != j.Day(n) {
				t.Errorf("%v: until %s, not %s", fields, got, j.Day(n))
			}
		}
	})
	t.Run("what cannot be is said, and nothing of the letter is lost", func(t *testing.T) {
		for _, bad := range []string{"", "i morgon", j.Date(0), j.Date(366), "2026-02-30", "-9999-01-01", "9999-12-31"} {
			if got := until("send", fill{"days", "until"}, fill{"until", bad}); got != "" {
				t.Errorf("%q: until %s", bad, got)
			}
			b.Sees("Välj en sista dag", "Kallelse")
		}
		until("send", fill{"days", "366"})
		b.Sees("till 365 dagar")
		until("send", fill{"days", "snart"})
		b.Sees("Skriv antalet dagar med siffror")
	})
	t.Run("the draft keeps what was chosen", func(t *testing.T) {
		until("save", fill{"days", "until"}, fill{"until", j.Date(12)})
		if !regexp.MustCompile(`name="days" value="until"[^>]* checked`).MatchString(b.page) || !strings.Contains(b.page, `value="`+j.Date(12)+`"`) {
			t.Error(b.page)
		}
		until("save", fill{"days", "10"})
		if !regexp.MustCompile(`name="days" value="10"[^>]* checked`).MatchString(b.page) {
			t.Error("a number of days that is not offered is not kept")
		}
	})
	t.Run("a day stays the day, however long the draft lies", func(t *testing.T) {
		path := b.draftOf("save", append(base[:4:4], fill{"days", "until"}, fill{"until", j.Date(12)})...)
		j.Days(5)
		want := j.Day(7)
		b.SignsIn(caseworker).Get(path + "/check")
		if m := ends.FindStringSubmatch(b.page); m == nil || m[1] != want {
			t.Errorf("%v, not %s", m, want)
		}
		j.Days(7)
		b.SignsIn(caseworker).Get(path + "/check").Sees("Välj en sista dag")
	})
}

// suggests asks as the write page's script does, and returns name, address, phone and place
// of each that may be meant.
func (b *browser) suggests(q, box string) (list []string) {
	b.j.Helper()
	b.Get("/write").Post("/contacts/suggest", "q", q, "box", box)
	var found []struct{ Name, Address, Phone, Where string }
	if err := json.Unmarshal([]byte(b.page), &found); err != nil || b.code != http.StatusOK {
		b.j.Fatalf("%d %v: %s", b.code, err, b.page)
	}
	for _, f := range found {
		list = append(list, strings.Join([]string{f.Name, f.Address, f.Phone, f.Where}, "|"))
	}
	return list
}

func TestRecipientsAreSuggested(t *testing.T) {
	const before = "Hit har du skrivit förut"
	j := newJourney(t)
	karin, maria := j.Organiser(karinAt), j.Browser().SignsIn(caseworker)
	social := karin.unit("Socialförvaltningen")
	karin.Get(social+"/contacts").Post(social+"/contacts", "name", "Advokat Lind", "address", "lind@advokat.example", "phone", "0707654321").Sees("Kontakten är tillagd")
	wants := func(b *browser, q, box string, want ...string) {
		t.Helper()
		if got := b.suggests(q, box); !slices.Equal(got, want) {
			t.Errorf("%q: %q, not %q", q, got, want)
		}
	}
	t.Run("people of the contact lists, with the number that stands there", func(t *testing.T) {
		wants(maria, "advokat", "", "Advokat Lind|lind@advokat.example|+46707654321|Socialförvaltningen")
		wants(maria, "JOHAN.L", "", "Johan Lind|johan.lind@exempelkommun.se||"+maria.whereIs("Johan Lind"))
	})
	t.Run("those whom one has written to, once each, and nobody else's", func(t *testing.T) {
		j.Send(letter{to: []string{annaSecure, "bo@example.org.0701112233.s"}, subject: "Ett", body: "Hej."})
		j.Await("email", "bo@example.org", 1)
		j.Send(letter{to: []string{annaSecure}, subject: "Två", body: "Hej."})
		j.Await("email", anna, 2)
		wants(maria, "anna@", "", "|"+anna+"||"+before)
		wants(maria, "example.org", "", "|bo@example.org||"+before)
		wants(j.Browser().SignsIn("johan.lind@exempelkommun.se"), "anna@", "")
	})
	t.Run("of a complete address it is said which number is known, and since when; the number is not", func(t *testing.T) {
		knows := func(b *browser, address, box string) string {
			return b.Get("/write").Post("/contacts/known", "address", address, "box", box).page
		}
		if got := knows(maria, anna, ""); !strings.Contains(got, "slutar på 67. Det angavs") || !strings.Contains(got, "Ingen kod till det har använts än") || strings.Contains(got, "234567") {
			t.Error(got)
		}
		if got := knows(maria, "ny@example.se", ""); !strings.Contains(got, "inte till något mobilnummer") || !strings.Contains(got, "första gången") {
			t.Error(got)
		}
		people := len(karin.Get("/org/people").page)
		for address, want := range map[string]string{johanAt: "Kollega", "johan.lnd@exempelkommun.se": "ingen här har den än", "anna@": "{}", "": "{}"} {
			if got := knows(maria, address, ""); !strings.Contains(got, want) {
				t.Errorf("%q: %s", address, got)
			}
		}
		if n := len(karin.Get("/org/people").page); n != people {
			t.Error("a mistyped address has become a person")
		}
		maria.Get("/write").SendForm("/write", []fill{{"to", "johan.lnd@exempelkommun.se"}, {"subject", "Till Johan"}, {"text", "Hej."}, {"do", "send"}}, nil)
		maria.Sees("ingen här har den än", "Är den rätt skriven?", "en inbjudan att öppna den").SeesNot("Kollega: får")
		if draft := strings.TrimSuffix(maria.at, "/check"); len(karin.Get("/org/people").page) != people {
			t.Error("a mistyped address has become a person while the letter was looked at")
		} else {
			maria.Get(draft).Post(draft + "/drop")
		}
		if knows(maria, anna, "1"+strings.Repeat("0", 25)); maria.code != http.StatusNotFound {
			t.Error(maria.code)
		}
	})
	t.Run("not who waits for a number: the address may be misspelt", func(t *testing.T) {
		j.Send(letter{to: []string{"ana@exmple.se.s"}, subject: "Tre", body: "Hej."})
		j.Await("email", caseworker, 1)
		wants(maria, "ana@", "")
	})
	t.Run("nobody for a letter, for nothing, or for more than an address has", func(t *testing.T) {
		for _, q := range []string{"", "a", " a ", strings.Repeat("a", 400)} {
			wants(maria, q, "")
		}
	})
	t.Run("and of a function mailbox only who reads there", func(t *testing.T) {
		maria.Get("/write").Post("/contacts/suggest", "q", "anna@", "box", "1"+strings.Repeat("0", 25))
		if maria.code != http.StatusNotFound {
			t.Errorf("%d", maria.code)
		}
	})
	t.Run("what has ended suggests nobody", func(t *testing.T) {
		maria.Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
		for range 3 {
			maria.Get("/mail/sent")
			if m := regexp.MustCompile(`/mail/[0-9a-z]{26}`).FindString(maria.page); m != "" {
				maria.Get(m).Post(m + "/recall").Post(m + "/move")
			}
		}
		maria.Get("/mail/trash").Post("/mail/trash/empty")
		j.Turn(0)
		wants(maria, "anna@", "")
		wants(maria, "example.org", "")
	})
	if bytes.Contains(j.log.Bytes(), []byte("anna@")) {
		t.Error("what was typed stands in the log")
	}
}

// whereIs returns the department that the contact lists name for somebody.
func (b *browser) whereIs(name string) string {
	b.j.Helper()
	b.Get("/contacts").Post("/contacts/search", "q", name)
	m := regexp.MustCompile(`(?s)>` + regexp.QuoteMeta(name) + `</label>.*?<span class="aside"><span class="quiet">([^<]*)<`).FindStringSubmatch(b.page)
	if m == nil {
		b.j.Fatalf("%s is in no list:\n%s", name, b.page)
	}
	return html.UnescapeString(m[1])
}
