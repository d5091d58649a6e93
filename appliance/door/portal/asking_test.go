package portal_test

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/door/doortest"
	"sigill/appliance/door/portal"
	"sigill/appliance/mail"
)

// aid is an office in which everybody may help everybody, and that notes what is done.
type aid struct {
	access.Aid
	doortest.Notes
	at map[[32]byte]mail.ID // people, by the lookups of their addresses
}

func (a *aid) Helped(_ context.Context, lookup [32]byte) (mail.Person, bool, error) {
	id, ok := a.at[lookup]
	return mail.Person{ID: id}, ok, nil
}

func (a *aid) MayHelp(mail.ID, mail.ID) bool  { return true }
func (a *aid) MayVouch(mail.ID, mail.ID) bool { return true }
func (a *aid) TwoHelp(mail.ID) bool           { return false }

func (a *aid) HelpAsked(context.Context, mail.Person, bool, access.Agent) error { return nil }
func (a *aid) HelpAgreed(context.Context, mail.Actor, mail.Person) error        { return nil }
func (a *aid) RefuseHelp(context.Context, mail.Actor, mail.Person) error        { return nil }

func (a *aid) GiveHelp(context.Context, mail.Actor, *access.Key, mail.Person) (access.Given, error) {
	return access.Given{}, nil
}

func (a *aid) DenyHelp(_ context.Context, by mail.Actor) error { return a.Note("deny", by.ID) }

// counts lets everybody try as often as they like.
type counts struct{ access.Counter }

func (counts) Counted(context.Context, []byte) (int64, error)              { return 0, nil }
func (counts) Count(context.Context, []byte, time.Duration) (int64, error) { return 1, nil }

// ofAccount is everybody's own account, with nothing set up.
type ofAccount struct{ portal.Account }

func (ofAccount) Factor(context.Context, mail.ID) (access.Factor, error)   { return access.Factor{}, nil }
func (ofAccount) ProvenPhone(context.Context, mail.ID) (mail.Phone, error) { return "", nil }
func (ofAccount) OwnSignature(context.Context, mail.ID) (string, error)    { return "", nil }
func (ofAccount) HasRecoveryCode(context.Context, mail.ID) (bool, error)   { return false, nil }
func (ofAccount) Holds(context.Context, mail.ID) (bool, error)             { return false, nil }

// forgets is a browser in which somebody asks for help with the password at an address.
func (d *door) forgets(address string) (*doortest.Browser, access.Token, *access.Asking) {
	d.Helper()
	token, err := d.helping.Begin(d.Context(), address, access.Caller{Network: netip.MustParseAddr("192.0.2.7")})
	if err != nil {
		d.Fatal(err)
	}
	q, ok := d.helping.Asking(token)
	if !ok {
		d.Fatal("no question")
	}
	return d.Browser(token), token, q
}

// asks is forgets by somebody who has put the question.
func (d *door) asks(address string) (*doortest.Browser, access.Token, *access.Asking) {
	d.Helper()
	b, token, q := d.forgets(address)
	if err := d.helping.Ask(d.Context(), q); err != nil {
		d.Fatal(err)
	}
	return b, token, q
}

// helps lets two people answer a question.
func (d *door) helps(q *access.Asking) {
	d.Helper()
	for range 2 {
		by := mail.Actor{Kind: mail.ActorPerson, ID: mail.NewID()}
		if _, err := d.helping.Help(d.Context(), by, nil, q.ID, q.State().Number); err != nil {
			d.Fatal(err)
		}
	}
}

func TestNotMe(t *testing.T) {
	const says = "Någon ber om ett nytt lösenord i ditt namn"
	d := newDoor(t)
	anna, bo := d.person("Anna"), d.person("Bo")
	owner, other := d.signsIn(anna), d.signsIn(bo)
	pages := []string{"/mail", "/account"}
	sees := func(t *testing.T) {
		t.Helper()
		for _, page := range pages {
			owner.Get(page).Gets(http.StatusOK, "").Sees(says, "Det är inte jag", `action="/account/nothelp"`)
			other.Get(page).Gets(http.StatusOK, "").SeesNot(says)
		}
	}
	seesNot := func(t *testing.T) {
		t.Helper()
		for _, page := range pages {
			owner.Get(page).Gets(http.StatusOK, "").SeesNot(says)
		}
	}
	t.Run("nothing is said before somebody asks, and one who has only begun has not asked", func(t *testing.T) {
		seesNot(t)
		_, token, _ := d.forgets("anna@kommun.se")
		seesNot(t)
		d.helping.Drop(token)
	})
	t.Run("who is signed in is told, in the inbox and under the own account, and nobody else", func(t *testing.T) {
		d.asks("anna@kommun.se")
		sees(t)
		owner.Get("/mail/sent").SeesNot(says)
	})
	t.Run("one button ends the question", func(t *testing.T) {
		asking, _, _ := d.asks("anna@kommun.se")
		owner.Post("/account/nothelp").Gets(http.StatusSeeOther, "/account")
		d.aid.Did(t, "deny "+anna.String())
		owner.Get("/account").Sees("Frågan är avslutad. Ditt lösenord är som förut.")
		seesNot(t)
		asking.Get("/in/help/wait").Gets(http.StatusSeeOther, "/in")
	})
	t.Run("as long as no password is chosen it ends one that was answered, too", func(t *testing.T) {
		asking, _, q := d.asks("anna@kommun.se")
		d.helps(q)
		asking.Get("/in/help/password").Gets(http.StatusOK, "")
		sees(t)
		owner.Post("/account/nothelp")
		d.aid.Did(t, "deny "+anna.String())
		asking.Get("/in/help/password").Gets(http.StatusSeeOther, "/in")
	})
	t.Run("what an organiser has refused is not told of any more", func(t *testing.T) {
		_, _, q := d.asks("anna@kommun.se")
		if err := d.helping.Refuse(t.Context(), mail.Actor{Kind: mail.ActorPerson, ID: bo}, q.ID); err != nil {
			t.Fatal(err)
		}
		seesNot(t)
	})
	t.Run("who is not signed in ends nothing", func(t *testing.T) {
		asking, _, _ := d.asks("anna@kommun.se")
		asking.Post("/account/nothelp").Gets(http.StatusNotFound, "")
		d.Browser(access.Token{}).Post("/account/nothelp").Gets(http.StatusNotFound, "")
		d.aid.Did(t)
		sees(t)
	})
}

func TestWaiting(t *testing.T) {
	d := newDoor(t)
	d.person("Anna")
	t.Run("the page can be read in peace, and says whom to call", func(t *testing.T) {
		b, _, q := d.asks("anna@kommun.se")
		b.Get("/in/help/wait").Gets(http.StatusOK, "").Sees(q.State().Number, `data-reload="10"`, "Vet du inte vem det är?", `href="tel:0771123456"`)
		_, main, _ := strings.Cut(b.Page, "<main")
		if strings.Contains(main, `role="status"`) {
			t.Error("the number is announced with each reload")
		}
	})
	t.Run("who is helped is told that the second step is still asked for", func(t *testing.T) {
		b, _, q := d.asks("anna@kommun.se")
		d.helps(q)
		b.Get("/in/help/wait").Gets(http.StatusSeeOther, "/in/help/password")
		b.Get("/in/help/password").Sees("Har du inloggning i två steg behövs den", "be sedan den som hjälpte dig att nollställa")
	})
	t.Run("a question that lives no more leads to the sign-in, which says so once", func(t *testing.T) {
		for _, page := range []string{"/in/help/wait", "/in/help/password", "/in/help/proof"} {
			b, token, _ := d.asks("anna@kommun.se")
			d.helping.Drop(token)
			b.Get(page).Gets(http.StatusSeeOther, "/in")
			b.Get("/in").Sees("Frågan om ett nytt lösenord gäller inte längre")
			b.Get("/in").SeesNot("gäller inte längre")
			b.Get("/in/help").Gets(http.StatusOK, "").Sees("Be om hjälp med lösenordet")
		}
	})
	t.Run("a browser that has never asked begins", func(t *testing.T) {
		for _, page := range []string{"/in/help/wait", "/in/help/password", "/in/help/proof"} {
			d.Browser(access.Token{}).Get(page).Gets(http.StatusSeeOther, "/in/help")
			d.signsIn(d.person("Bo")).Get(page).Gets(http.StatusSeeOther, "/in/help")
		}
	})
}
