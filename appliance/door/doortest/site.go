// Package doortest serves a door's pages to the tests of that door: the true templates,
// texts and styles over HTTP, at a clock that stands, with browsers that are signed in.
// Only tests import it; that no other file does is held by the layers test.
package doortest

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"testing"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/locale"
	"sigill/embed"
)

// Clock stands, in a process that has run for an hour.
type Clock struct{}

// Now is a Sunday morning.
func (Clock) Now() time.Time { return time.Date(2026, 4, 26, 8, 14, 0, 0, time.UTC) }

// Running is an hour.
func (Clock) Running() time.Duration { return time.Hour }

// Site is a door that is open until the test is over.
type Site struct {
	testing.TB
	URL  string // without a slash at its end
	home string
}

// Serve opens a door at a free port of this machine. The door is made once its URL is
// known. home is a page that has a form for everybody who is signed in.
func Serve(t testing.TB, home string, door func(url string) (web.Sessions, []web.Route)) *Site {
	t.Helper()
	v := views(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	fine(t, err)
	s := &Site{TB: t, URL: "http://" + l.Addr().String(), home: home}
	sessions, routes := door(s.URL)
	server, err := web.New(web.Config{
		Listener: l, BaseURL: s.URL, Clock: Clock{}, Log: slog.New(slog.DiscardHandler), Views: v,
		Sessions: sessions, Routes: routes, House: web.House{Name: "Exempelkommun"}, Stop: time.Second,
	})
	fine(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

func views(t testing.TB) *web.Views {
	t.Helper()
	cat, err := locale.Load(tree(t, embed.Locale, "locale"))
	fine(t, err)
	assets, err := web.LoadAssets(tree(t, embed.Static, "static"))
	fine(t, err)
	v, err := web.NewViews(tree(t, embed.Templates, "template"), web.Words{Catalogue: cat, Assets: assets, Clock: Clock{}})
	fine(t, err)
	return v
}

func tree(t testing.TB, f fs.FS, dir string) fs.FS {
	t.Helper()
	sub, err := fs.Sub(f, dir)
	fine(t, err)
	return sub
}

func fine(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
