package appliance_test

import (
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"sigill/appliance"
	"sigill/appliance/door/admin"
	"sigill/appliance/door/portal"
)

// caller is one who goes through pages and fills forms in.
type caller struct {
	who, lang, at string
	b             *browser
	also          []string          // where no link leads
	pages, forms  int               // at least so many different ones
	paths         map[string]string // one of each kind that was seen; the newest
}

// unseen are the pages to which nobody of the walk comes, and what stands on them. What is
// no page, or leads elsewhere, is not of them.
var unseen = map[string]string{
	"/m/pin":                   "the end of a number",
	"/m/register/pin":          "the end of a number",
	"/m/register/password":     "the reader's own address",
	"/m/letter/account":        "the reader's own address",
	"/account/join":            "the reader's own address",
	"/welcome/phone":           "the end of a number",
	"/welcome/pin":             "the end of a number",
	"/in/factor":               "nothing that was typed",
	"/in/arrive":               "the own address, which the sign-on says",
	"/in/unlock":               "nothing that was typed",
	"/in/phone":                "nothing that was typed",
	"/in/phone/pin":            "the end of a number",
	"/in/app":                  "nothing that was typed",
	"/in/help/proof":           "nothing that was typed",
	"/in/help/password":        "nothing that was typed",
	"/account/prove":           "nothing that was typed",
	"/account/off":             "nothing that was typed",
	"/handbook/:book/:chapter": "what the house's makers have written",
}

// noPages are the ends of routes that give files, or lead elsewhere.
var noPages = regexp.MustCompile(`/(?:html|eml|csv|file/:n|upload/:n|:token|:sum|:logo|:name|:proof|sso|sso/back|sso/done|certificates/root|stay)$`)

// town puts into the house what people only see after others have typed it, and lets those in who see it.
func (h *intruder) town() []*caller {
	h.Helper()
	name, subject := venoms[2], "=?utf-8?Q?=3Cb_data-hostile=3E=22=E2=80=AE?= "+long
	boss := h.Organiser(adminAt)
	unit := boss.unit("Ekonomiskt bistånd")
	boss.Get(unit).Post(unit+"/mailbox", "form", "mailbox", "name", name, "address", "ont@exempelkommun.se")
	boss.Post(boss.at+"/join", "form", "reader", "address", caseworker, "from", "now").Sees("Maria Ek")
	boss.Get(unit+"/contacts").Post(unit+"/contacts", "name", name, "address", "ont@advokat.example", "phone", "0709990011")
	boss.Get(unit+"/templates").Post(unit+"/templates", "form", "add", "name", name, "subject", name, "text", name)
	boss.adds("Ekonomiskt bistånd", "elak@exempelkommun.se", name)
	h.Send(letter{from: johanAt, to: []string{"ont@exempelkommun.se.s"}, subject: subject, body: vicious + long})
	h.Send(letter{to: []string{annaSecure}, subject: subject, body: vicious + long})
	h.Send(letter{to: []string{"rita@example.se." + ritaPhone + ".s"}, subject: subject, body: vicious + long})
	rita := h.Browser().Opens(h.Await("email", "rita@example.se", 1), ritaE164).Registers(ritaE164, annaPassword)
	h.Send(letter{to: []string{"hugo@example.se.s"}, subject: subject, body: vicious + long})
	mender := h.Browser().ShowCode(h.codeTo(caseworker)).At("/m/mend")
	invited := h.Browser().ShowCode(h.codeTo("elak@exempelkommun.se")).At("/welcome")
	boss.Get(boss.person(johanAt)).Post(boss.person(johanAt)+"/name", "name", name)
	asks := h.forgets(johanAt).Post("/in/help/ask").At("/in/help/wait")
	maria, it := h.Browser().SignsIn(caseworker), h.Browser().SignsIn(adminAt)
	maria.Get("/account/prove").Post("/account/prove", "password", h.passwordOf(caseworker))
	it.Get("/account/prove").Post("/account/prove", "password", h.passwordOf(adminAt))
	written := maria.draftOf("save", fill{"subject", name}, fill{"text", vicious + long}) + "/template/" + boss.Get(unit+"/templates").entry()
	return []*caller{
		{who: "a stranger", lang: "nb", at: "/m", also: []string{"/handbook/search?q=" + url.QueryEscape(vicious+long), "/handbook"}, b: h.Browser(), pages: 7, forms: 1},
		{who: "somebody who has lost the password", lang: "sv", at: "/in/help/wait", b: asks, pages: 1},
		{who: "a reader", lang: "da", at: "/m/letter", b: h.Browser().Opens(h.Await("email", anna, 1), annaPhone), pages: 4, forms: 1},
		{who: "somebody who is invited", lang: "en", at: "/welcome", b: invited, pages: 1},
		{who: "a sender who mends", lang: "fi", at: "/m/mend", b: mender, pages: 1, forms: 1},
		{who: "a registered recipient", lang: "nb", at: "/mail", b: rita, pages: 6, forms: 1},
		{who: "the administrator", lang: "fi", at: "/mail", also: []string{"/org/help"}, b: it, pages: 30, forms: 15},
		{who: "a caseworker", lang: "sv", at: "/mail", also: []string{written}, b: maria, pages: 15, forms: 4},
		{who: "the administrator once more", lang: "en", at: "/org", b: h.Browser().SignsIn(adminAt), pages: 30, forms: 15},
	}
}

// everywhere shows every kind of page that somebody came by in other languages, now that
// everybody has typed what they could: in one of them, each kind in its turn, or in all where
// every view is asked for.
func (h *intruder) everywhere(p *caller) {
	h.Helper()
	for kind, path := range p.paths {
		langs := slices.DeleteFunc(appliance.Languages(), func(lang string) bool { return lang == p.lang })
		if !everyView() {
			langs = langs[len(kind)%len(langs):][:1]
		}
		for _, lang := range langs {
			if h.shown[kind][lang] {
				continue
			}
			b := p.copied()
			if b.Get(spoken(path, lang)); b.code >= http.StatusInternalServerError {
				h.Errorf("%s in %s: %d", path, lang, b.code)
			}
			if b.code != http.StatusOK || !h.page(b) {
				continue
			}
			h.lang = lang
			h.look(b, path+" in "+lang)
			h.notes(b, kind)
		}
	}
}

// notes remembers that a kind of page has shown what was typed, or not, in the language in which it came.
func (h *intruder) notes(b *browser, kind string) {
	if h.shown[kind] == nil {
		h.shown[kind] = map[string]bool{}
	}
	h.shown[kind][h.lang] = h.shown[kind][h.lang] || strings.Contains(b.page, "data-hostile")
}

// copied is the same person beside this browser, which learns nothing of it.
func (p *caller) copied() *browser {
	p.b.j.Helper()
	u, err := url.Parse(p.b.j.info.Portal)
	if err != nil {
		p.b.j.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.b.j.Fatal(err)
	}
	for _, at := range []string{"/", "/m", "/in"} {
		to := *u
		to.Path = at
		jar.SetCookies(&to, p.b.c.Jar.Cookies(&to))
	}
	return &browser{j: p.b.j, c: &http.Client{Jar: jar}}
}

// spoken is a path in another language.
func spoken(path, lang string) string {
	path, _, _ = strings.Cut(path, "#")
	if strings.Contains(path, "?") {
		return path + "&lang=" + lang
	}
	return path + "?lang=" + lang
}

// reached wants every page of the house to have been seen, but those of unseen.
func (h *intruder) reached(all []*caller) {
	h.Helper()
	for _, r := range slices.Concat(portal.New(portal.Config{}).Routes(), admin.New(admin.Config{}).Routes()) {
		if r.Method != "GET" || noPages.MatchString(r.Path) {
			continue
		}
		is := regexp.MustCompile("^" + regexp.MustCompile(`:[a-z]+`).ReplaceAllString(r.Path, "[^/]+") + "$")
		been := slices.ContainsFunc(all, func(p *caller) bool {
			return slices.ContainsFunc(slices.Collect(maps.Keys(p.paths)), is.MatchString)
		})
		if been == (unseen[r.Path] != "") {
			h.Errorf("GET %s: somebody comes there %t, and unseen says %q", r.Path, been, unseen[r.Path])
		}
	}
}

// tells says how many kinds of pages have shown what was typed, in how many languages.
func (h *intruder) tells() {
	h.Helper()
	with, every := 0, 0
	for kind, in := range h.shown {
		in = maps.Clone(in)
		maps.DeleteFunc(in, func(_ string, yes bool) bool { return !yes })
		if len(in) > 0 {
			with++
		} else {
			h.Logf("%s shows nothing that was typed", kind)
		}
		if len(in) == len(appliance.Languages()) {
			every++
		}
	}
	if h.Logf("%d kinds of pages, %d with what was typed, %d of them in every language", len(h.shown), with, every); with < 45 {
		h.Error("too few to tell anything")
	}
}
