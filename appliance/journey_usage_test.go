package appliance_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
)

// Noon turns the clock to noon of a day in the middle of a month, so that neither the day
// nor the month ends by the way.
func (j *journey) Noon() (month string) {
	j.Helper()
	zone := j.stockholm()
	now := j.demo.Clock.Now().In(zone)
	at := time.Date(now.Year(), now.Month(), now.Day()+1, 12, 0, 0, 0, zone)
	for at.Day() > 15 {
		at = at.AddDate(0, 0, 1)
	}
	j.Turn(at.Sub(now))
	return at.Format("2006-01")
}

// used downloads the table of a month: each line under one of its cells, those that say
// who or what it is of.
func (o *organiser) used(month, by string) map[string]string {
	o.j.Helper()
	b := o.Get("/org/usage/csv?month=" + month + "&by=" + by)
	if b.code != http.StatusOK || !strings.HasPrefix(b.head.Get("Content-Disposition"), "attachment; ") || b.head.Get("Content-Type") != "text/csv" {
		o.j.Fatalf("%d %v", b.code, b.head)
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.page, "\ufeff")))
	r.Comma = ';'
	list, err := r.ReadAll()
	if err != nil {
		o.j.Fatal(err)
	}
	lines := map[string]string{}
	for _, l := range list[1:] {
		// Letters, recipients, SMS and cost stand together; what lies here changes by itself.
		lines[l[1]] = strings.Join(l[slices.Index(list[0], "Brev"):slices.Index(list[0], "Valuta")], " ")
	}
	return lines
}

func (o *organiser) usedIs(t *testing.T, month, by string, want map[string]string) {
	t.Helper()
	got := o.used(month, by)
	if len(got) != len(want) {
		t.Errorf("%v, not %v", got, want)
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: %q, not %q", k, got[k], v)
		}
	}
}

func TestUsage(t *testing.T) {
	j := newJourney(t)
	month := j.Noon()
	boss := j.Organiser(adminAt)
	at := boss.person(johanAt)
	boss.Get(at).Post(at+"/home", "unit", boss.units["Bygglov"]).Sees("Ändringen är sparad")

	j.Send(letter{to: []string{"anna@example.se.0701234567.s", "bo@example.se.0701234568.s"}, subject: "Beslut", body: "Bara för er."})
	j.Send(letter{to: []string{johanAt + ".s"}, subject: "Inom huset", body: "Hej."})
	j.Send(letter{from: johanAt, to: []string{"bo@example.se.0701234568.s"}, subject: "Bygglov", body: "Ja."})
	j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Sees("Bara för er.")
	draft := j.Browser().SignsIn(caseworker).Get("/write")
	draft.SendForm("/write", []fill{{"to", anna}, {"phone", annaPhone}, {"subject", "Senare"}, {"text", "Hej."}, {"do", "save"}}, nil).Sees("Utkastet är sparat")

	hers := map[string]string{"Socialförvaltningen / Ekonomiskt bistånd": "2 3 1 0,4200"}
	t.Run("on the same day, an organiser sees what the own branch has sent, an administrator all", func(t *testing.T) {
		karin := j.Organiser(karinAt)
		karin.usedIs(t, month, "unit", hers)
		karin.Get("/org/usage").Sees("Ekonomiskt bistånd", "0,42\u00a0SEK", "Lagrat nu", `role="img"`).SeesNot("Bygglov", "Exempelkommun</a></th>")
		karin.usedIs(t, month, "person", map[string]string{"Maria Ek": "2 3 1 0,4200"})
		karin.usedIs(t, month, "cost", map[string]string{"5110": "2 3 1 0,4200"})
		boss.usedIs(t, month, "unit", map[string]string{"Socialförvaltningen / Ekonomiskt bistånd": "2 3 1 0,4200", "Bygg- och miljöförvaltningen / Bygglov": "1 1 0 0,0000"})
		boss.Get("/org").Sees("/org/usage")
	})
	t.Run("a draft counts on the day on which it is sent, and a finished day says what it said before", func(t *testing.T) {
		j.Days(1)
		path := j.Browser().SignsIn(caseworker).Get("/mail/drafts")
		path.Follow(`/write/[0-9a-z]+`)
		path.SendForm(path.at, []fill{{"to", anna}, {"phone", annaPhone}, {"subject", "Senare"}, {"text", "Hej."}, {"do", "send"}}, nil)
		path.Post(strings.TrimSuffix(path.at, "/check") + "/send").Sees("Brevet är skickat")
		hers["Socialförvaltningen / Ekonomiskt bistånd"] = "3 4 1 0,4200"
		j.Organiser(karinAt).usedIs(t, month, "unit", hers)
		j.Days(2)
		karin := j.Organiser(karinAt)
		karin.usedIs(t, month, "unit", hers)
		if n := strings.Count(karin.Get("/org/usage?month="+month).page, `<rect class="letters" x=`); n != 2 {
			t.Errorf("letters on %d days", n)
		}
	})
	t.Run("who moves leaves the history where it was made, and counts elsewhere from then on", func(t *testing.T) {
		boss = j.Organiser(adminAt)
		at := boss.person(caseworker)
		boss.Get(at).Post(at+"/home", "unit", boss.units["Bygglov"]).Sees("Ändringen är sparad")
		j.Send(letter{to: []string{"bo@example.se.0701234568.s"}, subject: "Nytt", body: "Från Bygglov."})
		karin := j.Organiser(karinAt)
		karin.usedIs(t, month, "unit", hers)
		karin.usedIs(t, month, "person", map[string]string{"Andra, som inte hör hemma här längre": "3 4 1 0,4200"})
		karin.Get("/org/usage?by=person&month="+month).SeesNot("Maria Ek", caseworker)
		boss.usedIs(t, month, "unit", map[string]string{"Socialförvaltningen / Ekonomiskt bistånd": "3 4 1 0,4200", "Bygg- och miljöförvaltningen / Bygglov": "2 2 0 0,0000"})
		boss.usedIs(t, month, "person", map[string]string{"Maria Ek": "4 5 1 0,4200", "Johan Lind": "1 1 0 0,0000"})
		j.Days(2)
		j.Organiser(adminAt).usedIs(t, month, "unit", map[string]string{"Socialförvaltningen / Ekonomiskt bistånd": "3 4 1 0,4200", "Bygg- och miljöförvaltningen / Bygglov": "2 2 0 0,0000"})
	})
	t.Run("a letter that was recalled was sent nonetheless", func(t *testing.T) {
		b := j.Browser().SignsIn(johanAt).Get("/mail/sent").Follow(`/mail/[0-9a-z]{26}`)
		b.Post(b.Action(`/mail/[0-9a-z]+/recall`))
		j.Turn(time.Minute)
		if got := j.Organiser(adminAt).used(month, "unit")["Bygg- och miljöförvaltningen / Bygglov"]; got != "2 2 0 0,0000" {
			t.Errorf("%q", got)
		}
	})
	t.Run("an SMS to one's own phone is one's own", func(t *testing.T) {
		j.Browser().SignsIn(johanAt).ConnectsApp("/account", "0709876543", "+46709876543")
		if got := j.Organiser(adminAt).used(month, "person")["Johan Lind"]; got != "1 1 1 0,4200" {
			t.Errorf("%q", got)
		}
	})
	t.Run("what a department is called is no formula in the file", func(t *testing.T) {
		boss := j.Organiser(adminAt)
		at := boss.unit("Bygg- och miljöförvaltningen")
		boss.Get(at).Post(at+"/change", "form", "change", "name", "=HYPERLINK(\"http://x.example\")", "cost", "-1+1").Sees("Ändringen är sparad")
		boss.usedIs(t, month, "cost", map[string]string{"5110": "3 4 1 0,4200", "2110": "2 2 1 0,4200"})
		if got := boss.used(month, "unit")["'=HYPERLINK(\"http://x.example\") / Bygglov"]; got != "2 2 1 0,4200" {
			t.Errorf("%q", got)
		}
	})
	t.Run("the SMS of a group that pays its own are told apart, from when it does until it does not", func(t *testing.T) {
		boss := j.Organiser(adminAt)
		at := boss.unit("Bygglov")
		boss.Get(at).Post(at+"/add", "form", "unit", "name", "Ombud", "kind", "group")
		at = boss.unit("Ombud")
		boss.adds("Ombud", "ada@byra.example", "Ada Advokat")
		ada := j.Browser().ShowCode(j.CodeOf(j.Await("email", "ada@byra.example", 1)))
		ada.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
		asks := func() {
			j.Turn(61 * time.Second)
			ada.Get("/account/phone").Post("/account/phone", "phone", "0709876541").At("/account/phone/pin")
		}
		for i, sms := range []string{"yes", "", "yes"} {
			boss.Get(at).Post(at+"/change", "form", "change", "name", "Ombud", "sms", sms).Sees("Ändringen är sparad")
			asks()
			if got, want := boss.used(month, "person")["Ada Advokat"], fmt.Sprintf("0 0 %d %s", i+1, []string{"0,4200", "0,8400", "1,2600"}[i]); got != want {
				t.Errorf("%q, not %q", got, want)
			}
		}
		boss.Get("/org/usage?month="+month).Sees("gruppen: 1<", "gruppen: 0,42\u00a0SEK")
		boss.Get(at).Post(at+"/change", "form", "change", "name", "Ombud", "sms", "").Sees("Gruppen betalar sina sms själv")
	})
	t.Run("a stranger is asked to sign in, and who organises nothing finds nothing", func(t *testing.T) {
		maria := j.Browser().SignsIn(caseworker)
		for _, path := range []string{"/org/usage", "/org/usage/csv?month=" + month + "&by=person"} {
			j.Browser().Get(path).At("/in")
			if b := maria.Get(path); b.code != http.StatusNotFound {
				t.Errorf("%s: %d", path, b.code)
			}
		}
		maria.SeesNot("Maria Ek;")
	})
}

func TestAnSMSThatCannotBeCountedIsSent(t *testing.T) {
	dir := t.TempDir()
	j := newJourneyIn(t, t.TempDir(), func(d *appliance.Demo) {
		if err := appliance.BreakMeter(d, dir); err != nil {
			t.Fatal(err)
		}
	})
	j.Send(letter{to: []string{"anna@example.se.0701234567.s"}, subject: "Beslut", body: "Bara för dig."})
	j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Sees("Bara för dig.")
	if log := string(j.log.Bytes()); !strings.Contains(log, "an SMS is not counted") {
		t.Error("nobody is told")
	}
}

func TestUsageByAWrongClock(t *testing.T) {
	j := newJourney(t)
	month := j.Noon()
	zone := j.stockholm()
	counted := func(want time.Time) {
		t.Helper()
		if got, err := appliance.Counted(j.demo); got != want.In(zone).Format(time.DateOnly) || err != nil {
			t.Errorf("%s %v, not %v", got, err, want)
		}
	}
	today := j.demo.Clock.Now()
	counted(today.AddDate(0, 0, -1))
	t.Run("days that were counted before they came are counted again", func(t *testing.T) {
		if err := appliance.SetCounted(j.demo, "2099-01-01"); err != nil {
			t.Fatal(err)
		}
		j.Send(letter{to: []string{"anna@example.se.0701234567.s"}, subject: "Beslut", body: "Bara för dig."})
		want := map[string]string{"Socialförvaltningen / Ekonomiskt bistånd": "1 1 0 0,0000"}
		j.Organiser(karinAt).usedIs(t, month, "unit", want)
		j.Turn(0)
		counted(today.AddDate(0, 0, -1))
		j.Days(2)
		counted(today.AddDate(0, 0, 1))
		j.Organiser(karinAt).usedIs(t, month, "unit", want)
	})
	t.Run("while the clock has leapt, no day is over", func(t *testing.T) {
		j.demo.Clock.Set(60 * 24 * time.Hour)
		j.Turn(0)
		counted(today.AddDate(0, 0, 1))
		j.demo.Clock.Set(0)
		j.Days(1)
		counted(today.AddDate(0, 0, 2))
	})
}
