// Package admin is the door for who runs the machine: one plain page that says how it
// is, who its people are, and lets them be invited and the clock be confirmed.
//
// It never shows a letter, a subject or a recipient: an administrator runs the
// machine and reads nobody's mail.
//
// On the wire are pages of HTML that work without script.
//
// What holds always: each of its routes needs an administrator.
package admin

import (
	"context"
	"net/http"
	"time"

	"sigill/appliance/door/web"
	"sigill/appliance/jobs"
	"sigill/appliance/mail"
)

// Machine is what the page shows and does; the appliance is one.
type Machine interface {
	Status(ctx context.Context) (Status, error)
	People(ctx context.Context) ([]Person, error)
	// Invite makes a person of the house, with a key, and sends an invitation; or a
	// fresh one to who was never here. The errors for people are Invalid.
	Invite(ctx context.Context, by mail.Actor, a mail.Address, name string) error
	// BelieveClock says that the clock is right after it has leapt.
	BelieveClock(ctx context.Context, by mail.Actor) error
}

// Status is how the machine is.
type Status struct {
	Domains   []string
	Own       string // domain of the addresses that we make
	Smarthost string
	Down      time.Time // since when the smarthost cannot be used; zero: it can
	Detail    string    // why
	Waiting   int64     // mails of ours on their way
	Held      bool      // the clock has leapt ahead; no letter ends
	Behind    bool      // the clock has been set back; no mail is taken
	Ahead     time.Duration
	SMS       int64 // today
	SMSMost   int64
	Journal   int64 // entries
	Medium    string
	InPlace   bool     // overwriting reaches the medium here
	Faults    []string // keys: why overwritten bytes may still be on the medium
	Jobs      []jobs.Result
}

// Person is one of the house's people.
type Person struct {
	Address string
	Name    string
	Active  bool
	Admin   bool
	Since   time.Time
	Until   time.Time // of who was never here: until when the invitation is good; zero: it is not
	Waits   bool      // the invitation's mail has not left yet
}

// Door is the administrator's door.
type Door struct{ m Machine }

// New returns the door.
func New(m Machine) *Door { return &Door{m} }

// Routes is its map.
func (d *Door) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/admin", Need: web.Admin, Handle: d.page},
		{Method: "POST", Path: "/admin/invite", Need: web.Admin, Body: web.Form, Handle: d.invite},
		{Method: "POST", Path: "/admin/clock", Need: web.Admin, Body: web.Form, Handle: d.clock},
	}
}

type adminPage struct {
	web.Frame
	Status  Status
	People  []Person
	Address web.Field
	Name    web.Field
	Hours   int
}

func (d *Door) page(r *web.Request) error { return d.show(r, http.StatusOK, "", "", "") }

func (d *Door) show(r *web.Request, status int, address, name, fault string) error {
	s, err := d.m.Status(r.Context())
	if err != nil {
		return err
	}
	people, err := d.m.People(r.Context())
	if err != nil {
		return err
	}
	return r.PageWith(status, "admin/machine", &adminPage{
		Status: s, People: people, Hours: int(s.Ahead.Abs().Hours()),
		Address: web.Field{Name: "address", Label: r.T("page.admin.address"), Value: address, Error: fault, Type: "email", Max: mail.MaxAddress, Required: true},
		Name:    web.Field{Name: "name", Label: r.T("page.admin.name"), Value: name, Max: 100},
	})
}

func (d *Door) invite(r *web.Request) error {
	address, name := r.Form("address"), r.Form("name")
	a, err := mail.ParseAddress(address)
	if err == nil {
		err = d.m.Invite(r.Context(), actor(r), a, name)
	}
	if err != nil && mail.KindOf(err) == mail.Invalid {
		return d.show(r, http.StatusUnprocessableEntity, address, name, r.Sentence(err))
	}
	if err != nil {
		return err
	}
	r.Flash("flash.invited")
	return r.Redirect("/admin")
}

func (d *Door) clock(r *web.Request) error {
	if err := d.m.BelieveClock(r.Context(), actor(r)); err != nil {
		return err
	}
	r.Flash("flash.clock")
	return r.Redirect("/admin")
}

// actor is who presses the button. The session's value knows; the floor has seen to
// it that it is an administrator.
func actor(r *web.Request) mail.Actor {
	if s, ok := r.Viewer().Value.(interface{ Actor() mail.Actor }); ok {
		a := s.Actor()
		a.Kind = mail.ActorAdmin
		return a
	}
	return mail.Actor{}
}
