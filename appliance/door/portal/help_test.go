package portal_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/portal"
	"sigill/appliance/door/web"
	"sigill/appliance/locale"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// still is a clock that stands, in a process that has run for an hour.
type still time.Time

func (s still) Now() time.Time       { return time.Time(s) }
func (still) Running() time.Duration { return time.Hour }

var now = still(time.Date(2026, 4, 26, 8, 14, 0, 0, time.UTC))

// door is the portal with the true pages, before a desk and an office that only note what
// they are asked to do.
type door struct {
	testing.TB
	url    string
	tree   *org.Tree
	desk   *noting
	signIn *access.SignIn
}

// noting is a desk and an office that do nothing. Readers are noted by their names.
type noting struct {
	portal.Desk
	portal.Office
	tree   *org.Tree
	asked  []string
	fails  error // what is said to the next act; nil: it is done
	lines  []desk.Line
	opened mail.Opened
	shared desk.Shared // without a mailbox it is the reader's own
	draft  desk.Unfinished
}

func (n *noting) Tree(f func(*org.Tree)) { f(n.tree) }

func (n *noting) MailboxesOf(person mail.ID) (ids []mail.ID) {
	for _, m := range n.tree.MailboxesOf(person) {
		ids = append(ids, m.ID)
	}
	return ids
}

func (n *noting) name(id mail.ID) string {
	p, _ := n.tree.Person(id)
	return p.Name
}

func (n *noting) note(what ...any) error {
	n.asked = append(n.asked, strings.TrimSuffix(fmt.Sprintln(what...), "\n"))
	return n.fails
}

func newDoor(t *testing.T) *door {
	t.Helper()
	tree := org.New("Exempelkommun")
	d := &door{TB: t, tree: tree, desk: &noting{tree: tree}, signIn: access.NewSignIn(access.SignInConfig{Clock: now})}
	cat, err := locale.Load(os.DirFS("../../../embed/locale"))
	if err != nil {
		t.Fatal(err)
	}
	assets, err := web.LoadAssets(os.DirFS("../../../embed/static"))
	if err != nil {
		t.Fatal(err)
	}
	views, err := web.NewViews(os.DirFS("../../../embed/template"), web.Words{Catalogue: cat, Assets: assets, Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.url = "http://" + l.Addr().String()
	log := slog.New(slog.DiscardHandler)
	p := portal.New(portal.Config{
		Desk: d.desk, Office: d.desk, SignIn: d.signIn, Roles: tree.Roles, Origin: d.url, Clock: now, Log: log,
	})
	s, err := web.New(web.Config{
		Listener: l, BaseURL: d.url, Clock: now, Log: log, Views: views, Sessions: p, Routes: p.Routes(), House: web.House{Name: "Exempelkommun"}, Stop: time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *door) person(name string) mail.ID {
	id := mail.NewID()
	d.tree.PutPerson(org.Person{ID: id, Address: mail.Address(strings.ToLower(name) + "@kommun.se"), Name: name, Active: true})
	return id
}

// browser is somebody who is signed in.
type browser struct {
	*door
	c      *http.Client
	status int
	to     string // where the answer leads
	page   string // in clear
}

func (d *door) signsIn(id mail.ID) *browser {
	d.Helper()
	s := &access.Session{ID: mail.NewID(), Person: mail.Person{ID: id}, Profile: mail.Profile{Name: d.desk.name(id), Lang: "sv"}, Form: web.NewToken().Secret()}
	s.SetLang("sv")
	t, err := d.signIn.Tokens.Add(s)
	if err != nil {
		d.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.Fatal(err)
	}
	at, _ := url.Parse(d.url)
	jar.SetCookies(at, []*http.Cookie{{Name: "sigill", Value: base64.RawURLEncoding.EncodeToString(t[:]), Path: "/"}})
	tr := &http.Transport{}
	d.Cleanup(tr.CloseIdleConnections)
	return &browser{door: d, c: &http.Client{Jar: jar, Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (b *browser) get(path string) *browser {
	b.Helper()
	return b.read(b.c.Get(b.url + path))
}

// csrf is the token of a page that everybody has who is signed in.
func (b *browser) csrf() string {
	b.Helper()
	b.get("/mail")
	_, rest, _ := strings.Cut(b.page, `name="csrf" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	return token
}

func (b *browser) post(path string, pairs ...string) *browser {
	b.Helper()
	form := url.Values{"csrf": {b.csrf()}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.send(path, "application/x-www-form-urlencoded", form.Encode())
}

func (b *browser) upload(path string, pairs ...string) *browser {
	b.Helper()
	var body strings.Builder
	w := multipart.NewWriter(&body)
	for i, pairs := 0, append([]string{"csrf", b.csrf()}, pairs...); i+1 < len(pairs); i += 2 {
		if err := w.WriteField(pairs[i], pairs[i+1]); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return b.send(path, w.FormDataContentType(), body.String())
}

func (b *browser) send(path, mediaType, body string) *browser {
	b.Helper()
	req, err := http.NewRequest("POST", b.url+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("Origin", b.url)
	return b.read(b.c.Do(req))
}

func (b *browser) read(res *http.Response, err error) *browser {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	b.status, b.to, b.page = res.StatusCode, res.Header.Get("Location"), html.UnescapeString(string(out))
	return b
}

func (b *browser) sees(words ...string) *browser {
	b.Helper()
	for _, w := range words {
		if !strings.Contains(b.page, w) {
			b.Errorf("%d: %q is not on the page", b.status, w)
		}
	}
	return b
}

func (b *browser) seesNot(words ...string) *browser {
	b.Helper()
	for _, w := range words {
		if strings.Contains(b.page, w) {
			b.Errorf("%d: %q is on the page", b.status, w)
		}
	}
	return b
}

func (b *browser) gets(status int, to string) *browser {
	b.Helper()
	if b.status != status || b.to != to {
		b.Errorf("%d %q, not %d %q", b.status, b.to, status, to)
	}
	return b
}

// did wants these acts, and forgets them.
func (d *door) did(want ...string) {
	d.Helper()
	if got := strings.Join(d.desk.asked, "\n"); got != strings.Join(want, "\n") {
		d.Errorf("was asked for:\n%s\nand not:\n%s", got, strings.Join(want, "\n"))
	}
	d.desk.asked = nil
}
