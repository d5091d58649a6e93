package appliance_test

import (
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/config"
	"sigill/appliance/door/admin"
	"sigill/appliance/door/portal"
)

// TestPagesInBrowser shows every page there is, in the states in which people meet it,
// and examines each (Look). A GET route that nobody came by fails the test, and so does a
// page that is not valid HTML.
func TestPagesInBrowser(t *testing.T) {
	c := newChrome(t)
	t.Cleanup(func() { c.pages.valid(t); c.seldom(t) }) // when both walks have ended
	for _, script := range []bool{true, false} {
		name := "with JavaScript"
		if !script {
			name = "without JavaScript"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &walk{chrome: c, script: script, idp: newProvider(t), nas: nasOf(t), file: fileOf(t, "[retention]\nmax_days = 180\n")}
			f, err := config.Load(w.file, appliance.Languages()...)
			if err != nil {
				t.Fatal(err)
			}
			w.journey = newJourneyIn(t, t.TempDir(), func(d *appliance.Demo) { w.required = appliance.FactorSwitch(d) }, backsUp(t, w.nas), appliance.LetProgramsSend, appliance.ShowCertificates, appliance.LetTry, w.people.prepare, appliance.LetFile(f), appliance.LetSignOn(appliance.SignOn{Provider: w.idp}))
			w.idp.portal = w.info.Portal
			for _, part := range []struct {
				what string
				see  func()
			}{
				{"what everybody sees", w.public},
				{"the handbook", w.handbook},
				{"a letter", w.plainLetter},
				{"a letter with a form of its own", w.formattedLetter},
				{"PINs", w.pins},
				{"what is missing", w.mending},
				{"an invitation", w.welcome},
				{"the mailbox", w.mailbox},
				{"the folders", w.folders},
				{"what was sent", w.sentMessage},
				{"writing", w.writing},
				{"what helps who writes", w.composing},
				{"mail programs", w.apps},
				{"exports", w.exports},
				{"the account", w.account},
				{"ways to sign in", w.signIns},
				{"what has ended", w.ended},
				{"usage", w.usage},
				{"the organisation", w.organisation},
				{"domains", w.domains},
				{"who leaves", w.suspending},
				{"the directory", w.directory},
				{"contacts", w.contacts},
				{"plans", w.plans},
				{"registered recipients", w.recipients},
				{"accounts of recipients that end", w.recipientsEnd},
				{"a function mailbox", w.functionMailbox},
				{"the journal", w.journal},
				{"following a letter", w.trace},
				{"looks", w.brands},
				{"the accessibility statement", w.accessible},
				{"the settings of the file", w.settings},
				{"the locked appliance", w.locked},
				{"certificates", w.certificates},
				{"backups", w.backups},
				{"the rest", w.rest},
			} {
				// Its windows close behind it: many of them make Chromium slow.
				t.Run(part.what, func(t *testing.T) {
					w.TB = t
					part.see()
				})
			}
		})
	}
}

// walk is one way through all pages.
type walk struct {
	*journey
	chrome   *chrome
	script   bool
	required *atomic.Bool // a second factor, of everybody who signs in
	idp      *provider    // the organisation's sign-on
	people   people       // the house's directory
	file     string       // of the configuration
	nas      string       // where backups go
}

func (w *walk) tab() *tab { w.Helper(); return w.chrome.Tab(w.journey, w.script) }

// letterTo sends a letter to somebody with a number and returns the notice.
func (w *walk) letterTo(name, number, subject string) trapped {
	w.Helper()
	address := name + "@example.se"
	w.Send(letter{to: []string{address + "." + number + ".s"}, subject: subject, body: "Hej " + name + ".\n\nDu får hjälp med 4 711 kronor i maj.\nHör av dig om något har ändrats.\n\nHälsningar\nMaria Ek\n"})
	return w.Await("email", address, 1)
}

func (w *walk) public() {
	b := w.tab()
	b.Goes("/").Look("home")
	b.Goes("/about").Look("about")
	b.Goes("/genuine").Look("genuine")
	b.Fills("code", "K7FQ-2QDM-9XWT-4HBN-T6RC").Sends("/genuine").Sees("känner inte igen").Look("genuine-unknown")
	b.Goes("/accessibility").Look("accessibility")
	b.Form("/accessibility", "text", " ").Sees("Skriv vad det gäller").Look("feedback-empty")
	b.Form("/accessibility", "text", "Knappen hörs inte i min skärmläsare.", "contact", "070-123 45 67").Sees("har kommit fram").Look("feedback-thanks")
	b.Goes("/nothing").Look("error-absent")
	b.Goes("/m/again").Look("error-method")
	b.Goes("/m").Look("code")
	b.Fills("code", "K7FQ-2QDM-9XWT-4HBN-T6RC").Sends("/m").Sees("stämmer inte").Look("code-wrong")
	b.Goes("/in").Look("signin")
	b.Fills("address", caseworker, "password", "fel lösenord").Sends("/in").Sees("stämmer inte").Look("signin-wrong")
	b.Goes("/m?lang=en").Look("code-english")
}

// plainLetter is the citizen's whole way.
func (w *walk) plainLetter() {
	notice := w.letterTo("anna", "0701234501", "Beslut om bistånd")
	b := w.tab()
	b.Goes("/genuine").Fills("code", w.CodeOf(notice)).Sends("/genuine").Sees("koden kommer från oss").Look("genuine-ours")
	b.Code(w.CodeOf(notice)).Look("code-filled")
	if w.script {
		b.Code(w.CodeOf(notice)) // the scan has led the focus away
	}
	b.Sends("/m").At("/m/pin").Look("pin")
	b.Fills("pin", "000000").Sends("/m/pin").Sees("försök kvar").Look("pin-wrong")
	b.Fills("pin", w.LastPIN("+46701234501")).Sends("/m/pin").At("/m/letter").Look("letter")
	b.Goes("/m/letter/reply").Look("reply")
	b.Fills("text", "  ").Sends("/m/letter/reply").Sees("Skriv något").Look("reply-empty")
	b.Fills("text", "Tack för beskedet.").Sends("/m/letter/reply").Sees("kommit fram").Look("replied")
	b.Goes("/m/letter").Sees("Inte läst än").Look("letter-answered")
	answers := w.Browser().SignsIn(caseworker)
	answers.Follow("/mail/[0-9a-zA-Z-]{10,}").Sees("Tack för beskedet.")
	b.Goes("/m/letter").Sees("Läst").Look("letter-answer-read")
	b.Presses(`a[href^="/m/answer/"]`).Sees("Tack för beskedet").Look("answer")
	b.Goes("/m/letter/done").Look("done")
	b.Sends("/m/letter/done").Sees("borta").Look("done-done")
}

// pins are the ways in which the second screen goes wrong.
func (w *walk) pins() {
	notice := w.letterTo("david", "0701234503", "Kallelse")
	b := w.tab()
	b.Code(w.CodeOf(notice)).Sends("/m").At("/m/pin")
	for range 5 {
		b.Fills("pin", "000000").Sends("/m/pin")
	}
	b.Look("pin-none")
	b.again().Look("pin-paused")
	other := w.Browser()
	for range 4 {
		w.Turn(2 * time.Minute)
		other.ShowCode(w.CodeOf(notice)).At("/m/pin")
		for range 5 {
			other.Post("/m/pin", "pin", "000000")
		}
	}
	other.Post("/m/again").Sees("spärrat")
	b.Code(w.CodeOf(notice)).Sends("/m").Sees("spärrat").Look("pin-locked")

	notice = w.letterTo("hanna", "0701234504", "Kallelse")
	b.Code(w.CodeOf(notice)).Sends("/m").At("/m/pin").Sends("/m/wrong").Look("wrong-number")
}

// mending is the sender's way from the hold mail.
func (w *walk) mending() {
	w.Send(letter{to: []string{"erik@example.se.s", "ellen@example.se.s", "eva@example.se.s"}, subject: "Kallelse till möte", body: "Välkommen."})
	b := w.tab()
	code := w.codeTo(caseworker)
	b.Code(code).Sends("/m").At("/m/mend").Look("mend-three")
	phone, again := ` form [name=phone]`, ` form [name=repeat]`
	b.Fills(`section [name=address]`, "erik@localhost", "section"+phone, "12", "section"+again, "13").Presses(`section button[type=submit]`).Look("mend-errors")
	b.Fills(`section [name=address]`, "erik@example.se", "section"+phone, "0701234511", "section"+again, "0701234511").Presses(`section button[type=submit]`).Look("mend-two")
	b.Fills("section"+phone, "0701234512", "section"+again, "0701234512").Presses(`section button[type=submit]`)
	b.Look("mend-one")
	b.Fills("section"+phone, "0701234513", "section"+again, "0701234513").Presses(`section button[type=submit]`).Look("mend-none")
}

// welcome is a new person's first way in.
func (w *walk) welcome() {
	w.Send(letter{to: []string{"ny.person@exempelkommun.se.s"}, subject: "Internt", body: "Hej."})
	b := w.tab()
	b.Code(w.codeTo("ny.person@exempelkommun.se")).Sends("/m").At("/welcome").Look("welcome")
	b.Fills("password", "fyra ord som passar", "repeat", "fyra ord som inte passar").Sends("/welcome").Look("welcome-differs")
	b.Fills("password", "aaaaaaaaaaaaaaaa", "repeat", "aaaaaaaaaaaaaaaa").Sends("/welcome").Look("welcome-easy")
	b.Fills("password", "fyra ord som passar", "repeat", "fyra ord som passar").Sends("/welcome").At("/mail").Look("inbox-one")
}

// rest goes to every route that was not met yet: those without parameters, and those
// that a page has linked to.
func (w *walk) rest() {
	b := w.tab().Signs("it@exempelkommun.se")
	for _, r := range w.unvisited() {
		if !strings.Contains(r, ":") {
			b.Goes(r).Look("rest" + strings.ReplaceAll(r, "/", "-"))
		}
	}
	for _, r := range w.unvisited() {
		w.Errorf("no way led to GET %s", r)
	}
}

func (w *walk) unvisited() (list []string) {
	for _, r := range slices.Concat(portal.New(portal.Config{}).Routes(), admin.New(admin.Config{}).Routes()) {
		if r.Method != "GET" || r.Path == "/stay" { // which a page asks that was open for long: see warned
			continue
		}
		if !w.script && r.Path == "/write/:draft/upload/:n" { // which only a script asks
			continue
		}
		like := regexp.MustCompile("^" + regexp.MustCompile(`:[a-z]+`).ReplaceAllString(r.Path, "[^/]+") + "$")
		been := false
		for _, a := range w.chrome.Asked(w.info.Portal) {
			been = been || a.method == "GET" && like.MatchString(a.path)
		}
		if !been {
			list = append(list, r.Path)
		}
	}
	return list
}
