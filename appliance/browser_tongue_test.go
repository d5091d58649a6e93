package appliance_test

import (
	"bytes"
	"context"
	"errors"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"sigill/appliance"
)

// tongues are the languages beside Swedish in which pages are looked at: all there are,
// or the one that SIGILL_TONGUE names.
func tongues() []string {
	if only := os.Getenv("SIGILL_TONGUE"); only != "" {
		return []string{only}
	}
	return slices.DeleteFunc(appliance.Languages(), func(l string) bool { return l == "sv" })
}

// unspoken is where the page is, without a language that was asked for.
const unspoken = `(() => { const u = new URL(location); u.searchParams.delete("lang"); return u.pathname + u.search })()`

// fetched reports whether the page that is open can be asked for again: what only a form
// has made cannot.
func (b *tab) fetched() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.got
}

// inOthers examines the page in two other languages, as it comes, without what scripts
// add: in one on the walk with scripts, in the other on the one without, and the next page in
// two others; in all of them where every view is asked for. It is laid into a window that is
// kept for this, and this one's fields and focus stay as they are. What a form has made, the
// form makes again.
func (b *tab) inOthers(name string, form *posting) {
	b.Helper()
	e, path := b.aside(), b.Eval(unspoken)
	e.ill = b.ill
	turn := fnv.New32a()
	turn.Write([]byte(name))
	others := tongues()
	for i, lang := range others {
		if !everyView() && len(others) > 1 && int(turn.Sum32()>>3)%2 != i/2%2 { // it is the next page's
			continue
		}
		if (i%2 == 0) != b.script && (!everyView() || form.counted()) {
			continue
		}
		e.lay(b.ask(path, lang, form), lang)
		seen := abroad
		if !everyView() { // each language has another one on the next page
			seen = abroad[(int(turn.Sum32()%4)+i)%4:][:1]
		}
		e.show(320, seen[0].scheme)
		if s := e.Eval(widest); s != "" {
			b.Errorf("%s in %s is too wide for 320 px: %s", name, lang, s)
		}
		if dir := os.Getenv("SIGILL_SHOTS"); dir != "" {
			e.picture(filepath.Join(dir, name+"-320-"+lang+".png"))
		}
		for _, s := range seen {
			e.examine(s, name+" in "+lang)
			if w := e.Eval(widest); w != "" {
				b.Errorf("%s in %s sticks out of %d px: %s", name, lang, s.width, w)
			}
		}
		e.Clean(name + " in " + lang)
	}
}

// aside is the window for pages in other languages, with no cookies: to open one, and to have
// axe in it, takes longer than a look.
func (b *tab) aside() *tab {
	b.Helper()
	e := b.chrome.other[b.info.Portal]
	if e == nil {
		j := &journey{TB: b.chrome.own, log: b.log, info: b.info}
		e = b.chrome.window(j, b.chrome.newRoom(j), true)
		e.Goes("/about") // the policy is the same on all pages
		b.chrome.other[b.info.Portal] = e
	}
	e.TB = b.TB
	return e
}

// ask asks for a page as this window would, or sends the form that has made it, but in
// another language, which the window's own cookies are not told of.
func (b *tab) ask(path, lang string, form *posting) string {
	b.Helper()
	u, err := url.Parse(b.info.Portal + path)
	if err != nil {
		b.Fatal(err)
	}
	q := u.Query()
	q.Set("lang", lang)
	u.RawQuery = q.Encode()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	jar.SetCookies(u, b.cookies(u))
	c := http.Client{Jar: jar, Transport: b.chrome.through}
	var text []byte
	r, err := form.once(&c, u.String(), &text)
	if errors.Is(err, io.ErrUnexpectedEOF) { // the proxy between has lost its line in the middle, as it does now and then on a busy machine
		r, err = form.once(&c, u.String(), &text)
	}
	if err != nil {
		b.Fatalf("%s in %s: %v", path, lang, err)
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		b.Fatalf("%s in %s: %v", path, lang, r.Header)
	}
	if form != nil && r.StatusCode != form.status {
		b.Errorf("%s in %s: %d, where it was %d in Swedish", path, lang, r.StatusCode, form.status)
	}
	return string(text)
}

// once sends the form again, or asks for the page if there is none, and reads the answer.
func (p *posting) once(c *http.Client, to string, text *[]byte) (r *http.Response, err error) {
	if p == nil {
		r, err = c.Get(to)
	} else {
		r, err = c.Post(to, p.kind, bytes.NewReader(p.body))
	}
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	*text, err = io.ReadAll(r.Body)
	return r, err
}

// cookies are those that the window would send there.
func (b *tab) cookies(to *url.URL) (list []*http.Cookie) {
	b.Helper()
	b.act("ask for cookies", chromedp.ActionFunc(func(ctx context.Context) error {
		kept, err := network.GetCookies().WithURLs([]string{to.String()}).Do(ctx)
		for _, k := range kept {
			list = append(list, &http.Cookie{Name: k.Name, Value: k.Value})
		}
		return err
	}))
	return list
}

// reloads is what has a page asked for again by itself.
var reloads = regexp.MustCompile(` data-reload="\d+"`)

// lay puts a page in the place of the one that is open. It stays there: its address is another's.
func (b *tab) lay(html, lang string) {
	b.Helper()
	b.act("lay a page", chromedp.ActionFunc(func(ctx context.Context) error {
		return page.SetDocumentContent(cdp.FrameID(chromedp.FromContext(ctx).Target.TargetID), reloads.ReplaceAllString(html, "")).Do(ctx)
	}))
	b.Becomes(`document.documentElement.lang === "` + lang + `"`)
	b.foreign = lang != "sv"
}
