package admin_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/admin"
	"sigill/appliance/door/doortest"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
)

var now doortest.Clock

// house is the door with the true pages, and an organisation that only notes what it is
// asked to do.
type house struct {
	*doortest.Site
	tree *org.Tree
	by   map[web.Token]web.Viewer
	org  *noting
	used *using
	kept *keeping

	helps   *helping
	stepped bool // everybody has just given the password
}

func (h *house) Viewer(_ context.Context, t web.Token) (web.Viewer, error) { return h.by[t], nil }

// noting is an organisation that does nothing.
type noting struct {
	admin.Organisation
	doortest.Notes
	tree    *org.Tree
	letters int // in every mailbox
	invited []office.InvitedRecipient
}

func (n *noting) Tree(f func(*org.Tree)) { f(n.tree) }

// idle is a house in which nothing waits, that has no directory and adds no domains.
type idle struct {
	admin.Domains
	admin.Directory
}

func (idle) UnreadBelow(context.Context, mail.Actor) ([]office.Waiting, error) { return nil, nil }
func (idle) HeldBelow(context.Context, mail.Actor) ([]office.Waiting, error)   { return nil, nil }
func (idle) LeftBelow(context.Context, mail.Actor, time.Duration) ([]office.Left, error) {
	return nil, nil
}
func (idle) DirectoryOn() bool                                   { return false }
func (idle) AddedDomains(context.Context) ([]mail.Domain, error) { return nil, nil }

// own is what a session knows.
type own struct{ id mail.ID }

func (o own) Actor() mail.Actor { return mail.Actor{Kind: mail.ActorPerson, ID: o.id} }

func newHouse(t *testing.T) *house {
	t.Helper()
	tree := org.New("Exempelkommun")
	h := &house{tree: tree, by: map[web.Token]web.Viewer{}, org: &noting{tree: tree}, used: &using{}, kept: &keeping{}, helps: &helping{}, stepped: true}
	h.Site = doortest.Serve(t, "/org", func(string) (web.Sessions, []web.Route) {
		return h, admin.New(admin.Config{
			Organisation: h.org, Attention: idle{}, Domains: idle{}, Directory: idle{}, Helping: h.helps, SteppedUp: func(*access.Session) bool { return h.stepped }, Usage: h.used, Journal: h.kept, Currency: "SEK", Zone: time.UTC, Lang: "sv", Log: slog.New(slog.DiscardHandler),
			Phone: func(typed string) (mail.Phone, error) { return mail.Phone(typed), nil },
		}).Routes()
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

func (h *house) signsIn(id mail.ID) *doortest.Browser {
	h.Helper()
	t := web.NewToken()
	h.by[t] = web.Viewer{Kind: web.Person, Name: "Någon", Lang: "sv", Roles: h.tree.Roles(id), Form: web.NewToken().Secret(), Value: own{id}}
	return h.Browser(t.Secret())
}
