package locale_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sigill/appliance/locale"
)

func TestDatesAndPlurals(t *testing.T) {
	c := load(t)
	at := time.Date(2026, 5, 3, 8, 4, 0, 0, time.UTC)
	for lang, want := range map[string]struct{ day, year, moment, none, one, two, size, money string }{
		"da": {"3. maj", "3. maj 2026", "3. maj kl. 08.04", "0 breve", "1 brev", "2 breve", "1,4 MB", "12,34\u00a0SEK"},
		"en": {"3 May", "3 May 2026", "3 May 08:04", "0 letters", "1 letter", "2 letters", "1.4 MB", "12.34\u00a0SEK"},
		"fi": {"3. toukokuuta", "3. toukokuuta 2026", "3. toukokuuta klo 08.04", "0 kirjettä", "1 kirje", "2 kirjettä", "1,4 Mt", "12,34\u00a0SEK"},
		"nb": {"3. mai", "3. mai 2026", "3. mai kl. 08.04", "0 brev", "1 brev", "2 brev", "1,4 MB", "12,34\u00a0SEK"},
		"sv": {"3 maj", "3 maj 2026", "3 maj 08:04", "0 brev", "1 brev", "2 brev", "1,4 MB", "12,34\u00a0SEK"},
	} {
		t.Run(c.Name(lang)+" writes days, numbers and how many as people there do", func(t *testing.T) {
			p := c.For(lang)
			for _, x := range []struct{ got, want string }{
				{p.Date(at, at), want.day}, {p.Date(at, at.AddDate(1, 0, 0)), want.year}, {p.Moment(at, at), want.moment},
				{p.N("page.trace.found", 0), want.none}, {p.N("page.trace.found", 1), want.one}, {p.N("page.trace.found", 2), want.two},
				{p.Size(1_440_000), want.size}, {p.Money(12_340_000, "SEK"), want.money},
			} {
				if x.got != x.want {
					t.Errorf("%q, not %q", x.got, x.want)
				}
			}
		})
	}
	t.Run("no other language writes an English date", func(t *testing.T) {
		for _, l := range c.Languages() {
			if p := c.For(l); !strings.HasPrefix(p.Date(at, at), "3") || p.Date(at, at) == c.For("en").Date(at, at) && l != "en" {
				t.Errorf("%s: %s", l, p.Date(at, at))
			}
		}
	})
}

// invented is a language of which nothing but its one file is known. Its tag is that of
// Northern Sámi, which has a form for two as well.
func invented(t *testing.T) []byte {
	t.Helper()
	keys, source := raw(t, "en.json")
	all := map[string]any{}
	for _, k := range keys {
		forms := source[k]
		if len(forms) == 1 {
			all[k] = "~" + forms["other"]
			continue
		}
		all[k] = map[string]string{"one": "~1 " + forms["other"], "two": "~2 " + forms["other"], "other": "~n " + forms["other"]}
	}
	all["language.name"], all["size.decimal"], all["date.day"] = "Davvisámegiella", "·", "{{.Month}}/{{.Day}}"
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNewLanguage(t *testing.T) {
	en, err := os.ReadFile("../../embed/locale/en.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := locale.Load(fstest.MapFS{"en.json": {Data: en}, "se.json": {Data: invented(t)}})
	if err != nil {
		t.Fatal(err)
	}
	p, at := c.For(c.Match("en", "se-NO,en;q=0.5")), time.Date(2026, 5, 3, 8, 4, 0, 0, time.UTC)
	for what, x := range map[string][2]string{
		"its name":                 {c.Name("se"), "Davvisámegiella"},
		"its sentences":            {p.T("button.save"), "~Save"},
		"a form for one":           {p.N("page.trace.found", 1), "~1 1 letters"},
		"one that English has not": {p.N("page.trace.found", 2), "~2 2 letters"},
		"one for many":             {p.N("page.trace.found", 7), "~n 7 letters"},
		"the order of a date":      {p.Date(at, at), "~May/3"},
		"its decimal sign":         {p.Size(1_440_000), "~1·4 MB"},
	} {
		t.Run("a file that nothing else knows of gives "+what, func(t *testing.T) {
			if x[0] != x[1] {
				t.Errorf("%q, not %q", x[0], x[1])
			}
		})
	}
}
