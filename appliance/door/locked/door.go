// Package locked is the web door of an appliance that has not its key: one page in place of
// all, which says so and takes the passphrase.
//
// It knows no people, no letters and no sessions: there is nothing that it could show. What is
// typed goes to Machine.Unlock and nowhere else.
//
// On the wire: every path is answered 503 with the page, or in JSON where a program asks;
// /healthz in JSON. Nothing is on disk.
//
// What holds always: the passphrase is asked for over TLS only, or on the machine itself.
package locked

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// Way says by what the appliance is waiting to be unlocked.
type Way string

// The ways. With each the page of the kit that holds the key will do as well.
const (
	ByPassphrase Way = "passphrase"
	ByServer     Way = "server" // it asks the key servers by itself, again and again
	ByNothing    Way = "nothing"
)

// Machine is what the door opens.
type Machine interface {
	// Unlock takes a passphrase, or the page of the kit that holds the key. The error is
	// Denied for a wrong one, Busy for who tries too often, and then nothing was tried.
	Unlock(ctx context.Context, typed string, from netip.Addr) error
}

// maxTyped bounds what is typed, in bytes: 24 words of the kit have less than 300.
const maxTyped = 1024

// Door is the web door.
type Door struct {
	Machine Machine
	Way     Way
	// Safe: what is typed comes over TLS, or not over a network.
	Safe bool
}

// Routes returns all that may be called.
func (d *Door) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/", Need: web.Anyone, Handle: d.Page},
		{Method: "POST", Path: "/unlock", Need: web.Anyone, Body: web.Form, Limit: 4 * maxTyped, Handle: d.unlock},
		{Method: "GET", Path: "/healthz", Need: web.Anyone, Handle: health},
	}
}

// page says that the appliance is locked.
type page struct {
	web.Frame
	Server  bool // it waits for a key server
	Nothing bool // its key is nowhere
	Unsafe  bool // nothing is typed here
	Open    bool // it was unlocked just now
	Typed   web.Field
	Say     *web.Alert
}

// Page answers whatever is asked for. A program is told in JSON.
func (d *Door) Page(r *web.Request) error {
	if strings.HasPrefix(r.Path(), "/api") || r.Header("Accept") == "application/json" {
		return r.JSON(http.StatusServiceUnavailable, map[string]string{"title": r.T("page.locked.title"), "say": r.T("page.locked.lead")})
	}
	return d.show(r, http.StatusServiceUnavailable, &page{})
}

func (d *Door) show(r *web.Request, status int, p *page) error {
	p.Server, p.Nothing, p.Unsafe = d.Way == ByServer, d.Way == ByNothing, !d.Safe
	p.Typed = web.Field{
		Name: "typed", Label: r.T("page.locked.passphrase"), Hint: r.T("page.locked.passphrase.hint"), Type: "password", Required: true, Max: maxTyped,
	}
	if d.Way != ByPassphrase {
		p.Typed.Label, p.Typed.Hint = r.T("page.locked.kit"), ""
	}
	return r.PageWith(status, "portal/locked", p)
}

func (d *Door) unlock(r *web.Request) error {
	typed := r.Form("typed")
	if !d.Safe || len(typed) > maxTyped {
		return d.Page(r)
	}
	err := d.Machine.Unlock(r.Context(), typed, r.Address())
	switch mail.KindOf(err) {
	case mail.Denied:
		return d.show(r, http.StatusForbidden, &page{Say: &web.Alert{Tone: web.Danger, Text: r.Sentence(err)}})
	case mail.Busy:
		return d.show(r, http.StatusTooManyRequests, &page{Say: &web.Alert{Tone: web.Warning, Text: r.Sentence(err)}})
	}
	if err != nil {
		return err
	}
	return d.show(r, http.StatusOK, &page{Open: true})
}

// health is for whoever watches the machine. That it is locked is no secret: any page says so.
func health(r *web.Request) error {
	return r.JSON(http.StatusServiceUnavailable, map[string]string{"status": "locked"})
}
