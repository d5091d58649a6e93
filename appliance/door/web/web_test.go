package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/locale"
	"sigill/appliance/mail"
)

// clock is the house's time, which tests turn.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 4, 26, 8, 14, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Running() time.Duration {
	return c.Now().Sub(time.Date(2026, 4, 26, 0, 0, 0, 0, time.UTC))
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// sessions is a Sessions of a map.
type sessions struct {
	mu sync.Mutex
	by map[web.Token]web.Viewer
}

func (s *sessions) Viewer(_ context.Context, t web.Token) (web.Viewer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[t], nil
}

func (s *sessions) begin(v web.Viewer) web.Token {
	t := web.NewToken()
	v.Form = web.NewToken().Secret()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[t] = v
	return t
}

// logs keeps what was logged.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// assets compresses the true files once for all tests.
var assets = sync.OnceValues(func() (*web.Assets, error) { return web.LoadAssets(os.DirFS("../../../embed/static")) })

// house is a running server and all that a test turns.
type house struct {
	t        testing.TB
	url      string
	server   *web.Server
	clock    *clock
	sessions *sessions
	logs     *logs
	assets   *web.Assets
	stop     func()
}

// pages are the true layout and parts, with pages of the tests' own.
func pages(t testing.TB) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	root := os.DirFS("../../../embed/template")
	for _, dir := range []string{"layout", "part"} {
		names, err := fs.Glob(root, dir+"/*.html")
		if err != nil || len(names) == 0 {
			t.Fatalf("no templates in %s: %v", dir, err)
		}
		for _, n := range names {
			data, err := fs.ReadFile(root, n)
			if err != nil {
				t.Fatal(err)
			}
			all[n] = &fstest.MapFile{Data: data}
		}
	}
	for _, n := range []string{"plain", "demo"} {
		data, err := os.ReadFile("testdata/" + n + ".html")
		if err != nil {
			t.Fatal(err)
		}
		all["test/"+n+".html"] = &fstest.MapFile{Data: data}
	}
	return all
}

func open(t testing.TB, change func(*web.Config), routes ...web.Route) *house {
	t.Helper()
	h := &house{t: t, clock: newClock(), sessions: &sessions{by: map[web.Token]web.Viewer{}}, logs: &logs{}}
	cat, err := locale.Load(os.DirFS("../../../embed/locale"))
	if err != nil {
		t.Fatal(err)
	}
	if h.assets, err = assets(); err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("CEST", 2*3600)
	views, err := web.NewViews(pages(t), web.Words{Catalogue: cat, Assets: h.assets, Clock: h.clock, Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := web.Config{
		Listener: l, BaseURL: "http://" + l.Addr().String(), Clock: h.clock, Views: views, Sessions: h.sessions, Routes: routes,
		Log:    slog.New(slog.NewTextHandler(h.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		House:  web.House{Name: "Exempelkommun"},
		Footer: []web.Link{{Key: "layout.footer.what", Path: "/what"}, {Key: "layout.footer.genuine", Path: "/genuine"}, {Key: "layout.footer.accessibility", Path: "/accessibility"}},
		Stop:   time.Second,
	}
	if change != nil {
		change(&c)
	}
	h.url = "http://" + l.Addr().String()
	if h.server, err = web.New(c); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.server.Run(ctx) }()
	h.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(h.stop)
	return h
}

// client is a browser that keeps cookies and follows nothing.
func (h *house) client() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	tr := &http.Transport{DisableCompression: true}
	h.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{
		Jar: jar, Transport: tr, Timeout: 2 * time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// as returns a client with a session.
func (h *house) as(v web.Viewer) *http.Client {
	t := h.sessions.begin(v)
	c := h.client()
	u, _ := url.Parse(h.url)
	c.Jar.SetCookies(u, []*http.Cookie{{Name: "sigill", Value: cookieText(t), Path: "/"}})
	return c
}

type reply struct {
	*http.Response
	body string
}

// do sends a request with headers given as name and value in turn.
func (h *house) do(c *http.Client, method, path string, body io.Reader, headers ...string) reply {
	h.t.Helper()
	req, err := http.NewRequest(method, h.url+path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.Do(req)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	return reply{res, string(out)}
}

const formType = "application/x-www-form-urlencoded"

func (h *house) post(c *http.Client, path string, form url.Values, headers ...string) reply {
	h.t.Helper()
	return h.do(c, "POST", path, strings.NewReader(form.Encode()), append([]string{"Content-Type", formType}, headers...)...)
}

type plainView struct {
	web.Frame
	Text string
}

// plain shows a text and a form.
func plain(text string) func(*web.Request) error {
	return func(r *web.Request) error { return r.Page("test/plain", &plainView{Text: text}) }
}

func get(path string, need web.Need, h func(*web.Request) error) web.Route {
	return web.Route{Method: "GET", Path: path, Need: need, Handle: h}
}

func post(path string, need web.Need, h func(*web.Request) error) web.Route {
	return web.Route{Method: "POST", Path: path, Need: need, Body: web.Form, Handle: h}
}

var person = web.Viewer{Kind: web.Person, Name: "Maria Ek", Initials: "ME"}

// formToken finds the hidden field in a page.
func formToken(t testing.TB, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `name="csrf" value="`)
	token, _, end := strings.Cut(rest, `"`)
	if !ok || !end {
		t.Fatalf("no form in %s", page)
	}
	return token
}

var errOurs = fmt.Errorf("disk: %w", mail.E(mail.Internal, "error.internal", io.ErrShortWrite))
