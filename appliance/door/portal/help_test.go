package portal_test

import (
	"log/slog"
	"strings"
	"testing"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/doortest"
	"sigill/appliance/door/portal"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
	"sigill/appliance/org"
)

var now doortest.Clock

// door is the portal with the true pages, before a desk and an office that only note what
// they are asked to do.
type door struct {
	*doortest.Site
	tree   *org.Tree
	desk   *noting
	signIn *access.SignIn
}

// noting is a desk and an office that do nothing. Readers are noted by their names.
type noting struct {
	portal.Desk
	portal.Office
	doortest.Notes
	tree   *org.Tree
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

func newDoor(t *testing.T) *door {
	t.Helper()
	tree := org.New("Exempelkommun")
	d := &door{tree: tree, desk: &noting{tree: tree}, signIn: access.NewSignIn(access.SignInConfig{Clock: now})}
	d.Site = doortest.Serve(t, "/mail", func(url string) (web.Sessions, []web.Route) {
		p := portal.New(portal.Config{
			Desk: d.desk, Office: d.desk, SignIn: d.signIn, Roles: tree.Roles, Origin: url, Clock: now, Log: slog.New(slog.DiscardHandler),
		})
		return p, p.Routes()
	})
	return d
}

func (d *door) person(name string) mail.ID {
	id := mail.NewID()
	d.tree.PutPerson(org.Person{ID: id, Address: mail.Address(strings.ToLower(name) + "@kommun.se"), Name: name, Active: true})
	return id
}

func (d *door) signsIn(id mail.ID) *doortest.Browser {
	d.Helper()
	s := &access.Session{ID: mail.NewID(), Person: mail.Person{ID: id}, Profile: mail.Profile{Name: d.desk.name(id), Lang: "sv"}, Form: web.NewToken().Secret()}
	s.SetLang("sv")
	t, err := d.signIn.Tokens.Add(s)
	if err != nil {
		d.Fatal(err)
	}
	return d.Browser(t)
}

// did wants these acts of the desk and the office, and forgets them.
func (d *door) did(want ...string) {
	d.Helper()
	d.desk.Did(d, want...)
}
