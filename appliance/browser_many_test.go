package appliance_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/mail"
)

// crowd is a house with so many people more, who have each written to the caseworker.
type crowd struct {
	*organiser
	n      int
	month  string
	reader *browser
}

// newCrowd reads the people in by a table, half of them in one department.
func newCrowd(t *testing.T, n int) *crowd {
	t.Helper()
	j := newJourney(t)
	month := j.Noon()
	c := &crowd{organiser: j.Organiser(adminAt), n: n, month: month}
	var b strings.Builder
	b.WriteString("e-post;namn;avdelning;kst\n")
	address := func(i int) string { return fmt.Sprintf("person.%d@exempelkommun.se", i) }
	for i := range n {
		unit := fmt.Sprintf("Förvaltning %d/Enhet %d", i%30, i%300)
		if i%2 == 0 {
			unit = "Storenheten"
		}
		fmt.Fprintf(&b, "%s;Person %d Efternamn;%s;%d\n", address(i), i, unit, 1000+i%300)
	}
	begin := time.Now()
	c.imports("Exempelkommun", b.String()).Sees("Klart")
	read := time.Since(begin)
	c.reader = j.Browser().SignsIn(caseworker)
	c.reader.Get("/account").Post("/account/told", "told", string(mail.ToldNever), "shared", "each") // as who gets so many would
	begin = time.Now()
	err := appliance.HandIn(j.demo, n, func(i int) *mail.Draft {
		return &mail.Draft{From: mail.Address(address(i)), To: []mail.Request{{Given: caseworker + ".s", Address: caseworker}},
			Subject: fmt.Sprintf("Försörjningsstöd nr %dx", i), Text: "Se underlaget.", MessageID: fmt.Sprintf("%d@exempelkommun.se", i)}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d people read in in %v, as many letters taken in %v", n, read.Round(time.Millisecond), time.Since(begin).Round(time.Millisecond))
	j.Days(1) // what was sent is counted at night
	c.browser.SignsIn(adminAt)
	c.reader = j.Browser().SignsIn(caseworker)
	return c
}

// many is a page that shows some of many lines.
type many struct {
	what, path string
	by         *browser
	lines      string // which elements are lines
	shown      int    // how many of them a page shows
}

func (c *crowd) pages() []many {
	c.look()
	return []many{
		{"the mailbox", "/mail", c.reader, ".mails > li", 50},
		{"contacts of a department", "/contacts?unit=" + c.units["Storenheten"], c.reader, `input[type=checkbox]`, 50},
		{"all people", "/org/people", c.browser, ".list tbody tr", 50},
		{"all people, the last by address", "/org/people?sort=-address&from=50", c.browser, ".list tbody tr", 50},
		{"a department", "/org/unit/" + c.units["Storenheten"], c.browser, `.list a[href^="/org/person/"]`, 50},
		{"all departments", "/org/units", c.browser, ".list tbody tr", 50},
		{"the journal", "/journal", c.browser, ".record tbody tr", 100},
		{"what is used, by person", "/org/usage?by=person&month=" + c.month, c.browser, ".list tbody tr", 50},
	}
}

// TestTenThousandLines is a whole municipality: its lists are as quick and as easy to read as
// those of a small one.
func TestTenThousandLines(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1: ten thousand people and letters take half a minute")
	}
	few, c := newCrowd(t, 120), newCrowd(t, 10_000)
	t.Run("how long the server takes, to be looked at", func(t *testing.T) {
		small := few.pages()
		for i, p := range c.pages() {
			var ratio, took []float64
			for range 7 {
				a, b := small[i].took(), p.took()
				ratio, took = append(ratio, b/a), append(took, b)
			}
			slices.Sort(ratio)
			slices.Sort(took)
			t.Logf("%-32s %6.1f ms with ten thousand lines, %.2f × that with %d", p.what, took[3], ratio[3], few.n)
		}
	})
	t.Run("a search finds one of them, and a file has all", func(t *testing.T) {
		c.reader.Get("/mail").Post("/mail/search", "q", "nr 4711x").Sees("nr 4711x").SeesNot("nr 4712x")
		c.reader.Get("/contacts").Post("/contacts/search", "q", "Person 4712 Efter").Sees("En träff")
		c.Get("/org/people").Post("/org/people/search", "list", "people", "q", "person.4711@").Sees("person.4711@").SeesNot("person.4712@")
		c.Get("/org/people").Post("/org/people/search", "list", "people", "as", "csv")
		if n := strings.Count(c.page, "@exempelkommun.se"); n != 10_004 {
			t.Errorf("the file of people has %d lines", n)
		}
		if used := c.used(c.month, "person"); len(used) < 10_000 {
			t.Errorf("the file of what was used has %d lines", len(used))
		}
		if acts := c.acts(1); len(acts) != 10_000 {
			t.Errorf("the journal's file has %d lines", len(acts))
		}
	})
	t.Run("they are read as well as few", func(t *testing.T) {
		w := &walk{journey: c.j, chrome: newChrome(t), script: true}
		w.TB = t
		tabs := map[*browser]*tab{c.browser: w.tab().Signs(adminAt), c.reader: w.tab().Signs(caseworker)}
		for _, p := range c.pages() {
			tabs[p.by].Goes(p.path).reads(p)
		}
	})
}

// took is how long the server takes for the page, in milliseconds.
func (p many) took() float64 {
	begin := time.Now()
	p.by.Get(p.path)
	ms := float64(time.Since(begin).Microseconds()) / 1000
	if p.by.code != 200 {
		p.by.j.Fatalf("%s: %d", p.path, p.by.code)
	}
	return ms
}

// reads examines the page as Look does, once: it is the same page that Look has seen with few.
func (b *tab) reads(p many) {
	b.Helper()
	if n := b.Eval(fmt.Sprintf(`document.querySelectorAll(%q).length`, p.lines)); n != fmt.Sprint(p.shown) {
		b.Errorf("%s shows %s lines, not %d", p.what, n, p.shown)
	}
	b.show(390, "light")
	for _, v := range b.violations(runAxe) {
		b.Errorf("%s: %s", p.what, v)
	}
	b.show(320, "light")
	if s := b.Eval(widest); s != "" {
		b.Errorf("%s is too wide for 320 px: %s", p.what, s)
	}
	b.keep("many-" + strings.ReplaceAll(p.what, " ", "-"))
	b.show(1280, "light")
	b.keep("many-wide-" + strings.ReplaceAll(p.what, " ", "-"))
	b.tall()
	b.Clean(p.what)
}
