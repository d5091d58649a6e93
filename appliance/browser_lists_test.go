package appliance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sigill/appliance"
)

// moreThanAPage is how many lines make a list go on on another page: pages have 50.
const moreThanAPage = 55

// stock is a house whose lists are filled, and who looks at them.
type stock struct {
	*intruder
	boss  *organiser
	johan *browser
	unit  string
	round int // how often its lists were looked at
}

// arrives lets both sign in, and give the password once more for what is risky.
func (s *stock) arrives() {
	s.Helper()
	s.boss, s.johan = s.Organiser(adminAt), s.Browser().SignsIn(johanAt)
	s.boss.Get("/account/prove").Post("/account/prove", "password", s.passwordOf(adminAt))
}

// lists are the pages with lists, by who looks at them.
func (s *stock) lists() map[*browser][]string {
	id := strings.TrimPrefix(s.unit, "/org/unit/")
	return map[*browser][]string{
		s.johan: {"/mail", "/mail/sent", "/mail/sent?show=unread", "/mail/drafts", "/mail/held", "/mail/trash", "/mail/search", "/contacts", "/contacts?unit=" + id, "/account", "/account/apps", "/account/passkeys"},
		s.boss.browser: {
			"/todo", "/org", "/org/people", "/org/units", "/org/mailboxes", "/org/recipients", "/org/domains", "/org/help", "/org/usage", "/org/figures",
			s.unit, s.unit + "/contacts", s.unit + "/templates", s.unit + "/import", "/journal", "/trace", "/admin",
		},
	}
}

// puts makes each list longer by the lines with these numbers.
func (s *stock) puts(from, to int) {
	s.Helper()
	var people strings.Builder
	people.WriteString("e-post;namn;avdelning\n")
	for i := from; i < to; i++ {
		if i%10 == 0 {
			s.arrives() // one session may only do so much in a minute
		}
		is := func(at, what string) string { return fmt.Sprintf("%s.%d@%s", what, i, at) }
		s.Send(letter{from: caseworker, to: []string{johanAt + ".s"}, subject: fmt.Sprintf("Till Johan %d", i), body: "Hej."})
		s.Send(letter{from: caseworker, to: []string{johanAt + ".s"}, subject: fmt.Sprintf("Att kasta %d", i), body: "Hej."})
		s.Send(letter{from: johanAt, to: []string{is("example.se", "till") + ".0701234567.s"}, subject: fmt.Sprintf("Skickat %d", i), body: "Hej."})
		s.Send(letter{from: johanAt, to: []string{is("example.se", "utan") + ".s"}, subject: fmt.Sprintf("Väntar %d", i), body: "Hej."})
		s.johan.draftOf("save", fill{"subject", fmt.Sprintf("Utkast %d", i)}, fill{"text", "Hej."})
		s.boss.Get(s.unit+"/contacts").Post(s.unit+"/contacts", "name", fmt.Sprintf("Ombud %d", i), "address", is("advokat.example", "ombud"), "phone", "0709990011")
		s.boss.Get(s.unit+"/templates").Post(s.unit+"/templates", "form", "add", "name", fmt.Sprintf("Mall %d", i), "subject", "Kallelse", "text", "Hej.")
		s.boss.Get("/org/recipients").Post("/org/recipients", "address", is("example.se", "inbjuden"), "phone", "0708905555", "repeat", "0708905555")
		s.boss.Get("/org/domains").Post("/org/domains", "form", "add", "domain", fmt.Sprintf("del%d.example", i))
		s.boss.Get(s.unit).Post(s.unit+"/mailbox", "form", "mailbox", "name", fmt.Sprintf("Brevlåda %d", i), "address", is("exempelkommun.se", "funktion"))
		fmt.Fprintf(&people, "%s;Person %d;Enhet %d\n", is("exempelkommun.se", "person"), i, i)
	}
	s.arrives()
	s.boss.imports("Bygglov", people.String()).Sees("Klart")
	for range 2 * moreThanAPage / 50 {
		var thrown []string
		for _, id := range s.johan.Get("/mail").letters() {
			if strings.Contains(s.johan.Get("/mail/"+id).page, "Att kasta") {
				thrown = append(thrown, id)
			}
		}
		if len(thrown) > 0 {
			s.johan.Get("/mail").Post("/mail/move", chosen(thrown, "folder", "inbox", "do", "trash")...).At("/mail")
		}
	}
}

// looks examines all lists on the smallest phone, each in two languages and in one of them by
// axe-core; the next list, and this one when there is more in it, in others. Where every view is
// asked for it is all of them.
func (s *stock) looks(t *testing.T) {
	s.TB, s.window.TB = t, t
	s.round++
	turn := 0
	for b, paths := range s.lists() {
		for _, path := range paths {
			turn++
			langs := appliance.Languages()
			if !everyView() {
				langs = slices.Concat(langs, langs)[(turn+2*s.round)%len(langs):][:2]
			}
			for i, lang := range langs {
				s.lang = lang
				if b.Get(spoken(path, lang)); b.code != 200 {
					t.Errorf("%s in %s: %d", path, lang, b.code)
				}
				s.look(b, path+" in "+lang)
				if i != turn%len(langs) {
					continue
				}
				for _, v := range s.window.violations(runAxe) {
					t.Errorf("%s in %s: %s", path, lang, v)
				}
			}
			b.Get(path)
		}
	}
}

// TestListsInBrowser looks at every list when there is nothing in it, when there is one thing,
// and when there is more than a page has.
func TestListsInBrowser(t *testing.T) {
	c := newChrome(t)
	j := newJourneyIn(t, t.TempDir(), appliance.LetProgramsSend)
	s := &stock{intruder: &intruder{journey: j, chrome: c, window: c.Tab(j, true)}}
	s.arrives()
	s.unit = s.boss.unit("Bygglov")
	s.window.Goes("/about").show(320, "light")
	t.Run("nothing", s.looks)
	s.TB, s.window.TB = t, t
	s.puts(1, 2)
	t.Run("one", s.looks)
	s.TB, s.window.TB = t, t
	s.puts(2, moreThanAPage)
	t.Run("more than a page", s.looks)
	s.TB, s.window.TB = t, t
	for path, says := range map[string]string{"/mail": "Till Johan", "/mail/sent": "Skickat", "/mail/drafts": "Utkast", "/mail/held": "Väntar", "/mail/trash": "Att kasta"} {
		if n := strings.Count(s.johan.Get(path).page, says+" "); n < 50 {
			t.Errorf("the control: %s shows %d lines", path, n)
		}
	}
	for _, path := range []string{s.unit + "/contacts", s.unit + "/templates", "/org/recipients", "/org/domains", "/org/mailboxes", "/org/people"} {
		if s.boss.Get(path); !strings.Contains(s.boss.page, "from=50") {
			t.Errorf("the control: %s does not go on on another page", path)
		}
	}
	c.pages.valid(t)
}
