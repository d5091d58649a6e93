package appliance_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"sigill/appliance"
)

// vicious is what somebody types who wants to break out of a page, or of its frame: out of
// an attribute, out of a script, with an element that would run, the wrong way round, with
// pictures of several signs, and without a blank.
const vicious = `"'><img src=x data-hostile onerror="document.title='ran'"></textarea></title></script>` +
	"<b data-hostile>fet</b>\u202eمرحبا\u202c 👩‍👩‍👧‍👦🏳️‍🌈 {{.}} %s " + `" data-hostile="`

var (
	long = strings.Repeat("Försörjningsstödshandläggningsenhet", 6) // 210 letters
	// Each field gets the first of these that its form takes.
	venoms = []string{vicious + long, vicious, `<b data-hostile>"'` + long[:60], `<b data-hostile>"'&`}
)

// escaped names what of the page came out of what somebody typed.
const escaped = `[...document.querySelectorAll("[data-hostile]")].map(e => e.outerHTML.slice(0, 120)).concat(document.title === "ran" ? ["a script has run"] : []).join("; ")`

// TestHostileContentInBrowser has people fill in every form they come by with what breaks
// pages, and goes through all pages that then are there, in one language and at last in another:
// nothing breaks out, nothing runs, nothing is wider than the smallest phone, and all of it is
// HTML.
func TestHostileContentInBrowser(t *testing.T) {
	c := newChrome(t)
	j := newJourneyIn(t, t.TempDir(), appliance.LetProgramsSend)
	h := &intruder{journey: j, chrome: c, window: c.Tab(j, true), shown: map[string]map[string]bool{}}
	h.window.Goes("/about").show(320, "light")
	t.Run("control: what breaks out, runs or is too wide is seen", func(t *testing.T) {
		h.window.lay(`<!doctype html><html lang="sv"><title>x</title><p data-hostile>`+long, "sv")
		if h.window.Eval(escaped) == "" || h.window.Eval(widest) == "" {
			t.Error("it was not seen")
		}
		h.window.Clean("control")
	})
	all := h.town()
	for _, p := range all {
		t.Run(p.who+" fills in what breaks pages", func(t *testing.T) {
			h.TB, h.window.TB = t, t
			h.lang, h.seen, h.filled = p.lang, map[string]int{}, map[string]bool{}
			p.b.Get("/about?lang=" + p.lang)
			h.goes(p)
			if len(h.seen) < p.pages || len(h.filled) < p.forms {
				t.Errorf("only %d pages and %d forms were met", len(h.seen), len(h.filled))
			}
			t.Logf("%d pages, %d forms", len(h.seen), len(h.filled))
		})
	}
	t.Run("all of it is seen in other languages too", func(t *testing.T) {
		h.TB, h.window.TB = t, t
		for _, p := range all {
			h.everywhere(p)
		}
	})
	h.TB, h.window.TB = t, t
	h.reached(all)
	h.tells()
	if t.Logf("%d forms were taken", h.taken); h.taken < 30 {
		t.Error("too few to tell anything")
	}
	c.pages.valid(t)
}

// intruder goes through pages and fills forms in.
type intruder struct {
	*journey
	chrome *chrome
	window *tab
	lang   string
	seen   map[string]int             // by path, without what ids stand in it
	filled map[string]bool            // actions of forms, likewise
	taken  int                        // forms that were taken with markup in them
	shown  map[string]map[string]bool // by kind of page and language: whether what was typed is on it
}

var idInPath = regexp.MustCompile(`[0-9a-z]{26}|/\d+\b`)

// like is what pages of a kind have in common in their paths.
func like(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return idInPath.ReplaceAllString(path, "*")
}

// goes visits whatever is linked to, three of each kind.
func (h *intruder) goes(p *caller) {
	h.Helper()
	b := p.b
	p.paths = map[string]string{}
	for queue := append([]string{p.at}, p.also...); len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		if h.seen[like(path)] >= 3 {
			continue
		}
		if b.Get(path); !h.page(b) {
			continue
		}
		h.seen[like(path)]++
		p.paths[like(path)] = path
		h.look(b, path)
		h.notes(b, like(path))
		links, forms := parts(h, b.page)
		queue = append(queue, links...)
		for _, f := range forms {
			if to := h.fills(b, path, f); to != "" {
				queue = append(queue, to)
			}
		}
	}
}

// page reports whether an answer is one of our pages, rather than a file or a mail's own form.
func (h *intruder) page(b *browser) bool {
	return strings.HasPrefix(b.head.Get("Content-Type"), "text/html") && !strings.HasSuffix(b.at, "/html")
}

// look examines a page as it came.
func (h *intruder) look(b *browser, at string) {
	h.Helper()
	if b.code >= http.StatusInternalServerError {
		h.Errorf("%s: %d", at, b.code)
	}
	h.chrome.pages.keep(at, []byte(b.page))
	h.window.lay(b.page, h.lang)
	if s := h.window.Eval(escaped); s != "" {
		h.Errorf("%s: broken out: %s", at, s)
	}
	if s := h.window.Eval(widest); s != "" {
		h.Errorf("%s (%d, %s) is too wide for 320 px: %s", at, b.code, h.lang, s)
	}
	h.window.mu.Lock() // what is no day is shown as it was typed, though Chromium wonders
	h.window.faults = slices.DeleteFunc(h.window.faults, func(f string) bool { return strings.Contains(f, "does not conform to the required format") })
	h.window.mu.Unlock()
	h.window.Clean(at)
}

// fills sends a form that takes text, with the worst that it takes, and tells where it led.
// The page is open again afterwards.
func (h *intruder) fills(b *browser, path string, f form) (to string) {
	h.Helper()
	if len(f.texts) == 0 || h.filled[like(f.action)] {
		return ""
	}
	h.filled[like(f.action)] = true
	for i, venom := range venoms {
		if b.Get(path); b.code != http.StatusOK {
			return ""
		}
		fields := slices.Clone(f.fixed)
		for _, name := range f.texts {
			typed := venom
			if proper := h.proper(f.kinds[name]); proper != "" && i > 0 {
				typed = proper // else the form is never taken
			}
			fields = append(fields, fill{name, typed})
		}
		h.sends(b, f, fields)
		if h.page(b) {
			h.look(b, fmt.Sprintf("%s, %d bytes of it to %s", path, len(venom), f.action))
		}
		if b.code == http.StatusOK && b.at != path {
			to = b.at
		}
		if b.code < http.StatusBadRequest {
			h.taken++
			break
		}
	}
	b.Get(path)
	return to
}

// proper is what a field takes that takes no words; "" if it takes them.
func (h *intruder) proper(kind string) string {
	switch kind {
	case "date":
		return h.Date(3)
	case "email":
		return "nagon.annan@example.se"
	case "tel":
		return "0701234599"
	case "number":
		return "3"
	}
	return ""
}

func (h *intruder) sends(b *browser, f form, fields []fill) {
	h.Helper()
	switch {
	case f.get:
		var pairs []string
		for _, x := range fields {
			pairs = append(pairs, x.name+"="+strings.NewReplacer("%", "%25", "&", "%26", "#", "%23", "+", "%2B", " ", "+", ";", "%3B").Replace(x.value))
		}
		b.Get(f.action + "?" + strings.Join(pairs, "&"))
	case f.files:
		b.SendForm(f.action, fields, map[string][]byte{vicious + ".txt": []byte("x")})
	default:
		var pairs []string
		for _, x := range fields {
			pairs = append(pairs, x.name, x.value)
		}
		b.Post(f.action, pairs...)
	}
}

// form is one that a page has.
type form struct {
	action string
	get    bool
	files  bool
	texts  []string // names of fields to type into
	kinds  map[string]string
	fixed  []fill // the others, as they stand
}

// parts finds what leads on from a page.
func parts(h *intruder, page string) (links []string, forms []form) {
	h.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		h.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "a":
			// The handbook holds nothing that anybody typed, and many pages.
			if to := attribute(n, "href"); strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "/handbook") && !strings.Contains(to, "lang=") && !strings.Contains(to, "/file/") && !strings.HasSuffix(to, "/eml") {
				links = append(links, to)
			}
		case "form":
			if f := read(n); !f.secret() {
				forms = append(forms, f)
			}
		}
	}
	return links, forms
}

// secret reports whether a form asks for what locks people out when it is wrong.
func (f form) secret() bool {
	return slices.ContainsFunc(f.texts, func(n string) bool {
		return n == "password" || n == "repeat" || n == "pin" || n == "code"
	}) || strings.HasPrefix(f.action, "/in")
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// read takes a form as a browser would send it, but for what is typed and the token.
func read(n *html.Node) form {
	f := form{action: attribute(n, "action"), get: attribute(n, "method") != "post", files: attribute(n, "enctype") != "", kinds: map[string]string{}}
	pressed := false
	for e := range n.Descendants() {
		name := attribute(e, "name")
		if e.Type != html.ElementNode || name == "" || name == "csrf" {
			continue
		}
		kind := attribute(e, "type")
		switch {
		case e.Data == "textarea", e.Data == "input" && slices.Contains([]string{"", "text", "search", "email", "tel", "url", "date", "password", "number"}, kind):
			f.texts = append(f.texts, name)
			if f.kinds[name] = kind; kind != "date" && (name == "address" || name == "to") {
				f.kinds[name] = "email"
			}
		case e.Data == "select":
			f.fixed = append(f.fixed, fill{name, selected(e)})
		case e.Data == "input" && (kind == "hidden" || (kind == "radio" || kind == "checkbox") && has(e, "checked")):
			f.fixed = append(f.fixed, fill{name, attribute(e, "value")})
		case e.Data == "button" && !pressed:
			pressed = true
			f.fixed = append(f.fixed, fill{name, attribute(e, "value")})
		}
	}
	return f
}

// selected is the value of a select.
func selected(n *html.Node) (value string) {
	first := true
	for o := range n.Descendants() {
		if o.Data == "option" && (first || has(o, "selected")) {
			value, first = attribute(o, "value"), false
		}
	}
	return value
}
