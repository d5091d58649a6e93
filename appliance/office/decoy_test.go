package office_test

import (
	"errors"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

func TestDecoy(t *testing.T) {
	x := newTown(t)
	const password = "fyra ord som passar"
	p := x.withPassword(ulla, password)
	real, ok, err := x.Login(ctx, p.Lookup)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	invited := x.person("inbjuden@kommun.example")
	out := x.withPassword("stig@kommun.example", password)
	fine(t, x.Suspend(ctx, system, out.ID, office.ByHand))
	nobody := x.app.Lookup("ingen@kommun.example")
	for name, lookup := range map[string][32]byte{"nobody": nobody, "who has no password": invited.Lookup, "who is suspended": out.Lookup} {
		t.Run("of "+name+" there is a login of the same form, which no password opens", func(t *testing.T) {
			l, ok, err := x.Login(ctx, lookup)
			if ok || err != nil {
				t.Fatal(ok, err)
			}
			if len(l.Box) != len(real.Box) || l.Slot.IsZero() || len(l.Person.Public) != len(p.Public) {
				t.Errorf("%d and %d bytes, %d and %d", len(l.Box), len(real.Box), len(l.Person.Public), len(p.Public))
			}
			if l.Person.ID == p.ID || l.Person.ID == invited.ID || l.Person.ID == out.ID || l.Person.ID.IsZero() {
				t.Error("it is somebody")
			}
			if _, err := x.stretch.OpenSeedByPassword(ctx, l.Person.ID, []byte(password), l.Slot, l.Box); !errors.Is(err, seal.ErrOpen) {
				t.Error(err)
			}
		})
	}
	t.Run("it is helped by nobody, sends nothing, has no second factor and no code on paper", func(t *testing.T) {
		l, _, err := x.Login(ctx, nobody)
		fine(t, err)
		if q, ok, err := x.Helped(ctx, nobody); ok || err != nil || !q.ID.IsZero() {
			t.Errorf("%+v %v %v", q, ok, err)
		}
		_, err = x.Sender(ctx, nobody, access.NewAppPassword())
		want(t, err, mail.Denied)
		for _, id := range []mail.ID{{}, l.Person.ID, p.ID} {
			if f, err := x.Factor(ctx, id); f.On() || f.Phone != "" || !f.At.Equal(time.Time{}) || err != nil {
				t.Errorf("%+v %v", f, err)
			}
		}
		_, err = x.UseRecoveryCode(ctx, nobody, keyring.NewRecoveryCode(), password)
		want(t, err, mail.Denied)
	})
	t.Run("it is in no list of people, and the next process has another one", func(t *testing.T) {
		x.view(func(tx *vault.ReadTx) error {
			list, err := tx.People()
			if len(list) != 3 {
				t.Errorf("%d people", len(list))
			}
			return err
		})
		a, _, _ := x.Login(ctx, nobody)
		b, _, _ := x.another().Login(ctx, nobody)
		if a.Person.ID == b.Person.ID || string(a.Box) == string(b.Box) {
			t.Error("the same")
		}
	})
	t.Run("a failure at it is about nobody", func(t *testing.T) {
		l, _, err := x.Login(ctx, nobody)
		fine(t, err)
		fine(t, x.SignInFailed(ctx, access.Failure{Lookup: nobody, By: access.TriedPassword, Wrong: true}))
		if n := len(x.noted(l.Person)); n != 0 {
			t.Errorf("%d entries", n)
		}
	})
}
