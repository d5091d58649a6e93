package appliance_test

import (
	"context"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
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

// sights are ways to look at a page. Each language has another one on the next page.
var sights = []struct {
	width  int64
	scheme string
}{{390, "light"}, {1280, "dark"}, {390, "dark"}, {1280, "light"}}

// unspoken is where the page is, without a language that was asked for.
const unspoken = `(() => { const u = new URL(location); u.searchParams.delete("lang"); return u.pathname + u.search })()`

// fetched reports whether the page that is open can be asked for again: what only a form
// has made cannot.
func (b *tab) fetched() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.got
}

// inOthers examines the page in every other language, as it comes, without what scripts
// add. It is laid into a window beside this one, whose fields and focus stay as they are.
func (b *tab) inOthers(name string) {
	b.Helper()
	if b.abroad == nil {
		b.abroad = b.chrome.window(b.journey, b.room, true)
		b.abroad.Goes("/about") // the policy is the same on all pages
	}
	e, path := b.abroad, b.Eval(unspoken)
	e.ill = b.ill
	turn := fnv.New32a()
	turn.Write([]byte(name))
	for i, lang := range tongues() {
		e.lay(b.ask(path, lang), lang)
		e.show(320, "light")
		if s := e.Eval(widest); s != "" {
			b.Errorf("%s in %s is too wide for 320 px: %s", name, lang, s)
		}
		if dir := os.Getenv("SIGILL_SHOTS"); dir != "" {
			e.picture(filepath.Join(dir, name+"-320-"+lang+".png"))
		}
		s := sights[(int(turn.Sum32()%4)+i)%len(sights)]
		e.show(s.width, s.scheme)
		for _, v := range e.violations() {
			b.Errorf("%s in %s, %d px, %s: %s", name, lang, s.width, s.scheme, v)
		}
		if s := e.Eval(widest); s != "" {
			b.Errorf("%s in %s sticks out: %s", name, lang, s)
		}
		e.Clean(name + " in " + lang)
	}
}

// ask asks for a page as this window would, but in another language, which the window's
// own cookies are not told of.
func (b *tab) ask(path, lang string) string {
	b.Helper()
	u, err := url.Parse(b.info.Portal + path)
	if err != nil {
		b.Fatal(err)
	}
	var kept []*network.Cookie
	b.act("ask for cookies", chromedp.ActionFunc(func(ctx context.Context) (err error) {
		kept, err = network.GetCookies().WithURLs([]string{u.String()}).Do(ctx)
		return err
	}))
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	cookies := make([]*http.Cookie, len(kept))
	for i, k := range kept {
		cookies[i] = &http.Cookie{Name: k.Name, Value: k.Value}
	}
	jar.SetCookies(u, cookies)
	q := u.Query()
	q.Set("lang", lang)
	u.RawQuery = q.Encode()
	c := http.Client{Jar: jar, Transport: b.chrome.through}
	r, err := c.Get(u.String())
	if err != nil {
		b.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		b.Fatalf("%s in %s: %v, %v", path, lang, r.Header, err)
	}
	return string(text)
}

// lay puts a page in the place of the one that is open.
func (b *tab) lay(html, lang string) {
	b.Helper()
	b.act("lay a page", chromedp.ActionFunc(func(ctx context.Context) error {
		return page.SetDocumentContent(cdp.FrameID(chromedp.FromContext(ctx).Target.TargetID), html).Do(ctx)
	}))
	b.Becomes(`document.documentElement.lang === "` + lang + `"`)
}
