package appliance_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	control "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"sigill/appliance/peers"
)

// chrome is Debian's Chromium with a fresh profile, behind a proxy that writes down
// what it asks for. A sandboxed frame lives in a process of its own, which the
// debugger's events do not show; the proxy sees it all the same.
type chrome struct {
	ctx context.Context
	own testing.TB // the test that ends it
	dir string     // where downloads go

	pages   *pages
	through *http.Transport // for what asks as the browser does

	mu    sync.Mutex
	asked []asking
	sent  map[string]*posting // by host, the last form that a window has sent
	acted map[string]bool     // what of acts, and more, was met
	other map[string]*tab     // by portal, a window that shows its pages in other languages
}

// asking is one request of the browser and its answer.
type asking struct {
	method, host, path string
	size               *countedBody
}

type countedBody struct {
	io.ReadCloser
	mu sync.Mutex
	n  int
}

func (c *countedBody) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.mu.Lock()
	c.n += n
	c.mu.Unlock()
	return n, err
}

func (c *countedBody) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// newChrome starts Chromium, or skips the test.
func newChrome(t *testing.T) *chrome {
	t.Helper()
	c := &chrome{own: t, dir: t.TempDir(), pages: newPages(t), sent: map[string]*posting{}, acted: map[string]bool{}, other: map[string]*tab{}}
	proxy := httptest.NewServer(c.proxy())
	t.Cleanup(proxy.Close)
	via, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	c.through = &http.Transport{Proxy: http.ProxyURL(via)}
	t.Cleanup(c.through.CloseIdleConnections)
	life := 25 * time.Minute
	if everyView() {
		life = 5 * time.Hour
	}
	c.ctx = peers.Chromium(t, life, chromedp.ProxyServer(proxy.URL), chromedp.Flag("proxy-bypass-list", "<-loopback>"))
	return c
}

// proxy passes everything on that is plain HTTP, as it came, and notes it. Chromium
// itself wants to reach its maker by CONNECT; nobody answers it.
func (c *chrome) proxy() http.Handler {
	pass := &httputil.ReverseProxy{
		Rewrite:   func(*httputil.ProxyRequest) {},
		Transport: &http.Transport{DisableCompression: true},
		ModifyResponse: func(r *http.Response) error {
			body := &countedBody{ReadCloser: r.Body}
			r.Body = body
			c.mu.Lock()
			c.asked = append(c.asked, asking{r.Request.Method, r.Request.URL.Host, r.Request.URL.Path, body})
			if p := c.sent[r.Request.URL.Host]; byWindow(r.Request) && r.Request.Method == http.MethodPost {
				p.status = r.StatusCode
			}
			c.mu.Unlock()
			c.pages.read(r)
			return nil
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect || r.URL.Host == "" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		c.note(r)
		pass.ServeHTTP(w, r)
	})
}

// Asked returns what was asked of a portal so far.
func (c *chrome) Asked(base string) []asking {
	u, _ := url.Parse(base)
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.asked), func(a asking) bool { return a.host != u.Host })
}

// tab is a window of Chromium with cookies of its own.
type tab struct {
	*journey
	chrome *chrome
	ctx    context.Context
	room   cdp.BrowserContextID
	script bool
	ill    bool // a page of ours may have a status of 500
	cut    bool // there may be no connection

	foreign bool  // the page that was laid into it is not in Swedish
	shown   sight // how its page is seen
	axe     cdp.ScriptID

	elsewhere string // another host that may be asked

	mu     sync.Mutex
	got    bool // the page that is open was asked for by GET
	faults []string
	saved  map[string]string // GUID of a download → its name
	done   chan string       // GUIDs of downloads that have come
	links  map[string]bool   // addresses that stood on a page
}

// Tab opens a window, with or without JavaScript.
func (c *chrome) Tab(j *journey, script bool) *tab {
	j.Helper()
	room := c.newRoom(j)
	b := c.window(j, room, script)
	err := control.SetDownloadBehavior(control.SetDownloadBehaviorBehaviorAllowAndName).
		WithBrowserContextID(room).WithDownloadPath(c.dir).WithEventsEnabled(true).Do(c.whole())
	if err != nil {
		j.Fatal(err)
	}
	chromedp.ListenBrowser(b.ctx, b.hearBrowser)
	return b
}

// whole is for what concerns the browser and none of its windows.
func (c *chrome) whole() context.Context {
	return cdp.WithExecutor(c.ctx, chromedp.FromContext(c.ctx).Browser)
}

// newRoom is where windows share their cookies.
func (c *chrome) newRoom(j *journey) cdp.BrowserContextID {
	j.Helper()
	room, err := target.CreateBrowserContext().Do(c.whole())
	if err != nil {
		j.Fatal(err)
	}
	return room
}

// window opens one more window that shares cookies with the others of its room.
func (c *chrome) window(j *journey, room cdp.BrowserContextID, script bool) *tab {
	j.Helper()
	// Made by hand, because Chromium opens the first tab of a new context only in a
	// window of its own, which chromedp does not ask for.
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(room).WithNewWindow(true).Do(c.whole())
	if err != nil {
		j.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(c.ctx, chromedp.WithTargetID(id))
	j.Cleanup(cancel)
	b := &tab{journey: j, chrome: c, ctx: ctx, room: room, script: script, saved: map[string]string{}, done: make(chan string, 20), links: map[string]bool{}}
	chromedp.ListenTarget(ctx, b.hear)
	b.act("open a window", network.Enable(), log.Enable(),
		network.SetExtraHTTPHeaders(network.Headers{"Accept-Language": "sv"}),
		emulation.SetScriptExecutionDisabled(!script))
	b.prefers("light")
	b.tall()
	return b
}

// hear notes what the console says and what goes to other hosts: both are faults.
func (b *tab) hear(ev any) {
	fault := func(format string, args ...any) {
		b.mu.Lock()
		b.faults = append(b.faults, fmt.Sprintf(format, args...))
		b.mu.Unlock()
	}
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		fault("exception: %s", e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
			fault("console: %v", e.Args)
		}
	case *log.EventEntryAdded:
		// A page that says "this is wrong" has a status of 400 or more, and Chromium
		// notes it; a file of ours never has.
		answered := strings.Contains(e.Entry.Text, "responded with a status of 4") || strings.Contains(e.Entry.Text, "responded with a status of 503") // the locked appliance's
		page := answered && !strings.Contains(e.Entry.URL, "/static/") ||
			b.ill && strings.Contains(e.Entry.Text, "responded with a status of 500") ||
			b.cut && (strings.Contains(e.Entry.Text, "net::ERR_INTERNET_DISCONNECTED") || strings.Contains(e.Entry.Text, "responded with a status of 502"))
		if (e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning) && !page {
			fault("console: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if e.Type == network.ResourceTypeDocument && e.FrameID.String() == chromedp.FromContext(b.ctx).Target.TargetID.String() {
			b.mu.Lock()
			b.got = e.Request.Method == http.MethodGet
			b.mu.Unlock()
		}
		if u := e.Request.URL; !strings.HasPrefix(u, b.info.Portal+"/") && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, b.info.Trap) && (b.elsewhere == "" || !strings.HasPrefix(u, b.elsewhere)) {
			fault("asks another host: %s", u)
		}
	}
}

func (b *tab) hearBrowser(ev any) {
	switch e := ev.(type) {
	case *control.EventDownloadWillBegin:
		// The browser tells every window of every download.
		if e.FrameID.String() != chromedp.FromContext(b.ctx).Target.TargetID.String() {
			return
		}
		b.mu.Lock()
		b.saved[e.GUID] = e.SuggestedFilename
		b.mu.Unlock()
	case *control.EventDownloadProgress:
		b.mu.Lock()
		_, mine := b.saved[e.GUID]
		b.mu.Unlock()
		if mine && e.State == control.DownloadProgressStateCompleted {
			select {
			case b.done <- e.GUID:
			default:
			}
		}
	}
}

// Clean wants no fault since the last time.
func (b *tab) Clean(at string) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		b.Errorf("%s: %s", at, f)
	}
	b.faults = nil
}

func (b *tab) act(what string, actions ...chromedp.Action) {
	b.Helper()
	if err := b.try(actions...); err != nil {
		var page string
		b.try(chromedp.OuterHTML("html", &page, chromedp.ByQuery))
		b.Fatalf("%s: %v, on:\n%s", what, err, page)
	}
}

func (b *tab) try(actions ...chromedp.Action) error {
	// The first call opens the window, which lives as long as its context.
	if chromedp.FromContext(b.ctx).Target == nil {
		return chromedp.Run(b.ctx, actions...)
	}
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	return chromedp.Run(ctx, actions...)
}

// Goes opens a path of the portal.
func (b *tab) Goes(path string) *tab {
	b.Helper()
	b.act("open "+strings.SplitN(path, "#", 2)[0], chromedp.Navigate(b.info.Portal+path))
	return b
}

// Fills puts values into fields, by name, within the first form that has them.
func (b *tab) Fills(pairs ...string) *tab {
	b.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		sel := pairs[i]
		if !strings.ContainsAny(sel, "[ ") {
			sel = `[name="` + sel + `"]`
		}
		b.act("fill "+sel, chromedp.SetValue(sel, pairs[i+1], chromedp.ByQuery))
	}
	return b
}

// Presses clicks on what leads to another page, and waits for it. The button of the
// first page wants a real mouse; the others are clicked from within, because a busy
// Chromium aims a mouse by where things stood a moment ago.
func (b *tab) Presses(sel string) *tab {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	var click chromedp.Action = chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q).click()`, sel), nil)
	if sel == firstButton {
		click = chromedp.Click(sel, chromedp.ByQuery)
	}
	if _, err := chromedp.RunResponse(ctx, click); err != nil {
		b.act("press "+sel, chromedp.ActionFunc(func(context.Context) error { return err }))
	}
	return b
}

const firstButton = `form[action="/m"] button[type=submit]`

// Sends presses the button of the form with this action.
func (b *tab) Sends(action string) *tab {
	b.Helper()
	return b.Presses(`form[action="` + action + `"] button[type=submit]`)
}

// Sees wants the page to say something.
func (b *tab) Sees(words ...string) *tab {
	b.Helper()
	text := b.Eval(`document.body.innerText`)
	for _, w := range words {
		if !strings.Contains(text, w) {
			b.Fatalf("%s does not say %q:\n%s", b.Path(), w, text)
		}
	}
	return b
}

// At wants the window to be at a path.
func (b *tab) At(path string) *tab {
	b.Helper()
	if at := b.Path(); at != path {
		b.Fatalf("at %s, not at %s:\n%s", at, path, b.Eval(`document.body.innerText`))
	}
	return b
}

// Path returns where the window is.
func (b *tab) Path() string { b.Helper(); return b.Eval(`location.pathname`) }

// Eval returns what an expression gives, as text.
func (b *tab) Eval(expression string) string {
	b.Helper()
	var s string
	b.act("evaluate", chromedp.Evaluate(`String(`+expression+`)`, &s))
	return s
}

// Becomes waits until an expression is true; while a page is being left, it is not.
func (b *tab) Becomes(expression string) *tab {
	b.Helper()
	for deadline := time.Now().Add(15 * time.Second); ; b.pause() {
		yes := false
		if err := b.try(chromedp.Evaluate(`document.readyState === "complete" && !!(`+expression+`)`, &yes)); err == nil && yes {
			return b
		}
		if time.Now().After(deadline) {
			b.Fatalf("%s never becomes true on:\n%s", expression, b.Eval(`document.body.innerText`))
		}
	}
}

// Downloads clicks on a link and returns the name and the bytes of what comes.
func (b *tab) Downloads(sel string) (string, []byte) {
	b.Helper()
	b.act("download "+sel, chromedp.Click(sel, chromedp.ByQuery))
	select {
	case guid := <-b.done:
		b.mu.Lock()
		name := b.saved[guid]
		b.mu.Unlock()
		return name, readFile(b, filepath.Join(b.chrome.dir, guid))
	case <-time.After(15 * time.Second):
		b.Fatalf("%s is never saved", sel)
		return "", nil
	}
}

// Signs signs a person of the demo in.
func (b *tab) Signs(address string) *tab {
	b.Helper()
	for _, a := range b.info.Accounts {
		if a.Email == address {
			return b.Goes("/in").Fills("address", a.Email, "password", a.Password).Sends("/in").At("/mail")
		}
	}
	b.Fatalf("%s is nobody in the demo", address)
	return b
}

// Code shows a code as the link does, or typed where there is no script.
func (b *tab) Code(code string) *tab {
	b.Helper()
	if !b.script {
		return b.Goes("/m").Fills("code", code)
	}
	// A fragment alone loads no page, so the window is led away first.
	return b.Goes("/about").Goes("/m#" + code).Becomes(`document.querySelector("[name=code]").value != ""`)
}

// Opens reads a letter, from the notice to the text.
func (b *tab) Opens(m trapped, number string) *tab {
	b.Helper()
	return b.Code(b.CodeOf(m)).Sends("/m").At("/m/pin").Fills("pin", b.LastPIN(number)).Sends("/m/pin").At("/m/letter")
}

// Links returns the addresses seen on pages, in order.
func (b *tab) Links() []string { return slices.Sorted(maps.Keys(b.links)) }

func writeFile(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
