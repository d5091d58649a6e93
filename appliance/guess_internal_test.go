package appliance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/pquerna/otp/totp"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/vault"
)

// Secrets are what a guesser does not have, and the test does.
type Secrets struct {
	Address, Password, AppKey, MailProgram, Paper, Link string

	Printed []string
	Life    int // which of them is used up by who signs in before the guessing begins
}

// Guesser tries secrets of one kind at a demo that does not run, wrong ones or the right one.
type Guesser struct {
	d    *Demo
	kind string
	s    Secrets
	who  mail.Person
	from access.Caller

	count   *countStops
	letters *access.PINs
	own     *access.PINs
	signIn  *access.SignIn

	token   access.Token // of a sign-in that waits
	session *access.Session
	enrol   *access.Enrolment
	holder  mail.ID
	pin     string
}

// countStops counts where the product does, and then calls counted, once what has the last
// name before the comparison stands counted.
type countStops struct {
	access.Counter
	access.Tries
	last    []byte
	counted func()
	lying   bool // counts nothing of that name: the control
}

// Count counts durably, and stops there.
func (c *countStops) Count(ctx context.Context, name []byte, window time.Duration) (int64, error) {
	if !bytes.Equal(name, c.last) || c.counted == nil {
		return c.Counter.Count(ctx, name, window)
	}
	n, err := int64(1), error(nil)
	if !c.lying {
		n, err = c.Counter.Count(ctx, name, window)
	}
	if err == nil {
		c.counted()
	}
	return n, err
}

// CountTry counts at a letter, and stops there.
func (c *countStops) CountTry(ctx context.Context, holder mail.ID) error {
	err := c.Tries.CountTry(ctx, holder)
	if err == nil && c.counted != nil {
		c.counted()
	}
	return err
}

// NewGuesser returns one. counted, which may be nil, is called between the count of each
// try and its comparison.
func NewGuesser(ctx context.Context, d *Demo, kind string, s Secrets, counted func(), lying bool) (*Guesser, error) {
	a := d.Appliance
	g := &Guesser{d: d, kind: kind, s: s, from: access.Caller{Network: netip.MustParseAddr("192.0.2.1")}}
	g.count = &countStops{Counter: a.db, Tries: a.desk, lying: lying}
	g.letters, g.own = access.NewPINs(d.Clock, g.count), access.NewPINs(d.Clock, access.CountedBefore{})
	g.signIn = access.NewSignIn(access.SignInConfig{
		App: a.founding.app, People: a.office, Count: g.count, Stretch: a.office.Stretch, PINs: g.own, Clock: d.Clock, Log: a.c.Log, Failures: a.failures,
		Required: a.required, SignOnOnly: a.signOnOnly,
	})
	a.office.Tree(func(t *org.Tree) {
		p, _ := t.PersonAt(mail.Address(s.Address))
		g.who.ID = p.ID
	})
	if g.who.ID.IsZero() {
		return nil, fmt.Errorf("%s is nobody", s.Address)
	}
	if err := g.begin(ctx); err != nil {
		return nil, err
	}
	g.count.last, g.count.counted = g.last(), counted
	return g, nil
}

// last is the name under which a try of the kind is counted last before it is compared; nil
// for a letter's PIN, which is counted in its row.
func (g *Guesser) last() []byte {
	app, key, id := g.d.Appliance.founding.app, mail.Address(g.s.Address).Key(), string(g.who.ID[:])
	switch g.kind {
	case "password":
		return app.Tag("signin.account", key)
	case "app", "printed":
		return app.Tag("second.all", id)
	case "phone":
		return app.Tag("own.pin", id)
	case "program":
		return app.Tag("sending.account", key)
	case "paper":
		return app.Tag("recovery.account", key)
	case "again":
		return app.Tag("prove", id)
	case "link":
		return app.Tag("code.network", access.Network(g.from.Network))
	}
	return nil
}

// Counted is how many tries stand counted.
func (g *Guesser) Counted(ctx context.Context) (int64, error) {
	if name := g.last(); name != nil {
		return g.d.Appliance.db.Counted(ctx, name)
	}
	wrong, err := int64(0), error(nil)
	err = g.d.Appliance.db.View(ctx, func(tx *vault.ReadTx) error {
		h, err := tx.Holder(g.holder)
		wrong = int64(h.Wrong)
		return err
	})
	return wrong, err
}

// begin goes as far as the secret is asked for.
func (g *Guesser) begin(ctx context.Context) error {
	switch g.kind {
	case "app", "printed", "again":
		e, err := g.signIn.Password(ctx, g.s.Address, g.s.Password, g.from)
		if err != nil || g.kind != "again" {
			g.token = e.Token
			return err
		}
		if e, err = g.signIn.Second(ctx, e.Token, access.ByCode, g.s.Printed[g.s.Life]); err == nil {
			g.token, g.session = e.Token, e.Session
		}
		return err
	case "letter":
		code, err := mail.ParseLinkCode(g.s.Link)
		if err != nil {
			return err
		}
		l, err := g.d.Appliance.desk.Look(ctx, code)
		g.holder = l.Holder
		return errors.Join(err, g.Fresh())
	case "phone":
		g.enrol = access.NewEnrolment()
		return g.Fresh()
	}
	return nil
}

// Fresh makes another PIN, where there are PINs: one has five tries.
func (g *Guesser) Fresh() (err error) {
	switch g.kind {
	case "letter":
		g.pin, err = g.letters.Make(g.holder)
	case "phone":
		g.pin, err = g.own.Make(g.enrol.Ask("+46701234567"))
	}
	return err
}

// Try tries a secret of the kind.
func (g *Guesser) Try(ctx context.Context, right bool) error {
	typed := func(secret, wrong string) string {
		if right {
			return secret
		}
		return wrong
	}
	a := g.d.Appliance
	switch g.kind {
	case "password":
		_, err := g.signIn.Password(ctx, g.s.Address, typed(g.s.Password, "solrosor i motvind"), g.from)
		return err
	case "app":
		code, err := totp.GenerateCode(g.s.AppKey, g.d.Clock.Now())
		if err == nil {
			_, err = g.signIn.Second(ctx, g.token, access.ByCode, typed(code, another(code)))
		}
		return err
	case "printed":
		_, err := g.signIn.Second(ctx, g.token, access.ByCode, typed(g.s.Printed[0], "ABCDE-FGHJK"))
		return err
	case "letter":
		return g.letters.Check(ctx, g.holder, typed(g.pin, another(g.pin)))
	case "phone":
		return g.signIn.ProvePhone(ctx, g.who.ID, g.enrol, typed(g.pin, another(g.pin)))
	case "program":
		_, err := access.NewSending(a.founding.app, g.count, g.d.Clock, a.office, a.failures).SignIn(ctx, g.s.Address, typed(g.s.MailProgram, "AAAA-AAAA-AAAA-AAAA-AAAA"), g.from.Network)
		return err
	case "paper":
		return access.NewRecovery(g.signIn, a.office).Recover(ctx, g.s.Address, typed(g.s.Paper, keyring.NewRecoveryCode().Text()), "en annan fras med ord", g.from)
	case "again":
		_, err := g.signIn.Prove(ctx, g.token, g.session, typed(g.s.Password, "solrosor i motvind"))
		return err
	case "link":
		code, err := mail.ParseLinkCode(typed(g.s.Link, "AAAA-AAAA-AAAA-AAAA-AAAA"))
		if err != nil {
			return err
		}
		return access.NewLinkCodes(a.founding.app, g.count).Look(ctx, g.from.Network, func() error {
			_, err := a.desk.Look(ctx, code)
			return err
		})
	}
	return fmt.Errorf("no kind %q", g.kind)
}

// another is six digits that are not these, nor those of the app's steps beside them but
// once in half a million.
func another(digits string) string {
	if digits != "000000" {
		return "000000"
	}
	return "000001"
}

// Shut closes a demo that does not run.
func Shut(d *Demo) error {
	d.Appliance.failures.Wait()
	err := d.Appliance.Close()
	d.close()
	return err
}
