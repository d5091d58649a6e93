package admin_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"sigill/appliance/door/admin"
	"sigill/appliance/door/web"
	"sigill/appliance/locale"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// still is a clock that stands.
type still time.Time

func (s still) Now() time.Time           { return time.Time(s) }
func (still) Running() (d time.Duration) { return d }

var now = still(time.Date(2026, 4, 26, 8, 14, 0, 0, time.UTC))

// house is the door with the true pages, and an organisation that only notes what it is
// asked to do.
type house struct {
	testing.TB
	url  string
	tree *org.Tree
	by   map[web.Token]web.Viewer
	org  *noting
	used *using
	kept *keeping
}

func (h *house) Viewer(_ context.Context, t web.Token) (web.Viewer, error) { return h.by[t], nil }

// noting is an organisation that does nothing.
type noting struct {
	admin.Organisation
	tree  *org.Tree
	asked []string
	fails error // what is said to the next act; nil: it is done
}

func (n *noting) Tree(f func(*org.Tree)) { f(n.tree) }

func (n *noting) note(what ...any) error {
	n.asked = append(n.asked, strings.TrimSuffix(fmt.Sprintln(what...), "\n"))
	return n.fails
}

// own is what a session knows.
type own struct{ id mail.ID }

func (o own) Actor() mail.Actor { return mail.Actor{Kind: mail.ActorPerson, ID: o.id} }

func newHouse(t *testing.T) *house {
	t.Helper()
	tree := org.New("Exempelkommun")
	h := &house{TB: t, tree: tree, by: map[web.Token]web.Viewer{}, org: &noting{tree: tree}, used: &using{}, kept: &keeping{}}
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
	h.url = "http://" + l.Addr().String()
	log := slog.New(slog.DiscardHandler)
	s, err := web.New(web.Config{
		Listener: l, BaseURL: h.url, Clock: now, Log: log, Views: views, Sessions: h, House: web.House{Name: "Exempelkommun"}, Stop: time.Second,
		Routes: admin.New(admin.Config{Organisation: h.org, Usage: h.used, Journal: h.kept, Currency: "SEK", Zone: time.UTC, Lang: "sv", Log: log}).Routes(),
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
	return h
}

// person puts somebody at home in a unit.
func (h *house) person(address, name string, unit mail.ID, active bool) mail.ID {
	id := mail.NewID()
	h.tree.PutPerson(org.Person{ID: id, Address: mail.Address(address), Name: name, Active: active})
	h.tree.Place(id, unit, true)
	return id
}

func (h *house) department(name string) mail.ID {
	id := mail.NewID()
	h.tree.PutUnit(org.Unit{ID: id, Parent: mail.RootUnit, Kind: mail.Department, Label: org.Label{Name: name}})
	return id
}

// browser is somebody who is signed in.
type browser struct {
	*house
	c      *http.Client
	status int
	to     string // where the answer leads
	page   string // in clear
}

func (h *house) signsIn(id mail.ID) *browser {
	h.Helper()
	t := web.NewToken()
	h.by[t] = web.Viewer{Kind: web.Person, Name: "Någon", Lang: "sv", Roles: h.tree.Roles(id), Form: web.NewToken().Secret(), Value: own{id}}
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.Fatal(err)
	}
	at, _ := url.Parse(h.url)
	secret := t.Secret()
	jar.SetCookies(at, []*http.Cookie{{Name: "sigill", Value: base64.RawURLEncoding.EncodeToString(secret[:]), Path: "/"}})
	tr := &http.Transport{}
	h.Cleanup(tr.CloseIdleConnections)
	return &browser{house: h, c: &http.Client{Jar: jar, Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (b *browser) get(path string) *browser {
	b.Helper()
	return b.read(b.c.Get(b.url + path))
}

// post sends a form with the token of the page of the organisation, which everybody has
// who may come here at all.
func (b *browser) post(path string, pairs ...string) *browser {
	b.Helper()
	b.get("/org")
	_, rest, _ := strings.Cut(b.page, `name="csrf" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	form := url.Values{"csrf": {token}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequest("POST", b.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
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
