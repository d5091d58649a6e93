package portal_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/doortest"
	"sigill/appliance/door/portal"
	"sigill/appliance/door/web"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/seal"
)

var now doortest.Clock

// door is the portal with the true pages, before a desk and an office that only note what
// they are asked to do.
type door struct {
	*doortest.Site
	tree    *org.Tree
	desk    *noting
	app     *keyring.App
	signIn  *access.SignIn
	helping *access.Helping
	aid     *aid
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

func (n *noting) LookOf(owner mail.ID) mail.Look { return n.tree.Look(n.tree.UnitOf(owner)) }

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

// withPasswords is people of whom everybody has one.
type withPasswords struct{ access.People }

func (withPasswords) Login(context.Context, [32]byte) (access.Login, bool, error) {
	return access.Login{Box: mail.Box("x")}, true, nil
}

// nobook forgets what has failed.
type nobook struct{}

func (nobook) SignInFailed(context.Context, access.Failure) error { return nil }

func newDoor(t *testing.T) *door {
	t.Helper()
	tree := org.New("Exempelkommun")
	tree.SetBase(mail.Brand{Name: "Exempelkommun", Phone: "0771-12 34 56"})
	d := &door{tree: tree, desk: &noting{tree: tree}, aid: &aid{at: map[[32]byte]mail.ID{}}, app: keyring.NewApp(seal.NewSecret(), keyring.NewSalt())}
	d.signIn = access.NewSignIn(access.SignInConfig{
		App: d.app, Count: counts{}, Clock: now, People: withPasswords{}, Failures: access.NewFailures(nobook{}, slog.New(slog.DiscardHandler)),
		Required: func(mail.Person) (time.Time, bool) { return time.Time{}, false },
	})
	d.helping = access.NewHelping(d.signIn, d.aid)
	d.Site = doortest.Serve(t, "/mail", func(url string) (web.Sessions, []web.Route) {
		p := portal.New(portal.Config{
			Desk: d.desk, Office: d.desk, Account: ofAccount{}, SignIn: d.signIn, Helping: d.helping, Roles: tree.Roles, Origin: url, Clock: now, Log: slog.New(slog.DiscardHandler),
		})
		return p, p.Routes()
	})
	return d
}

func (d *door) person(name string) mail.ID {
	id := mail.NewID()
	address := mail.Address(strings.ToLower(name) + "@kommun.se")
	d.tree.PutPerson(org.Person{ID: id, Address: address, Name: name, Active: true})
	d.aid.at[d.app.Lookup(address.Key())] = id
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
