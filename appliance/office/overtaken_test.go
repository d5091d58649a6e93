package office_test

import (
	"context"
	"errors"
	"testing"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/vault"
)

// TestAnActFromBeforeAnotherPassword is what somebody begins who has the password, and
// ends after the owner has got it another one.
func TestAnActFromBeforeAnotherPassword(t *testing.T) {
	const intruders = "sju gula tranor i dimman"
	acts := map[string]func(x kitTown, by access.Owner) error{
		"a password":      func(x kitTown, by access.Owner) error { _, err := x.ChangePassword(ctx, by, intruders); return err },
		"a recovery code": func(x kitTown, by access.Owner) error { _, err := x.MakeRecoveryCode(ctx, by); return err },
		"a factor": func(x kitTown, by access.Owner) error {
			_, err := x.SetFactor(ctx, by, access.NewFactor{Key: access.NewTOTPKey(), Phone: "+46701234567", Replaces: true})
			return err
		},
		"a phone":       func(x kitTown, by access.Owner) error { _, err := x.SetReserve(ctx, by, "+46701234567"); return err },
		"no factor":     func(x kitTown, by access.Owner) error { return x.DropFactor(ctx, by) },
		"printed codes": func(x kitTown, by access.Owner) error { _, err := x.MakeCodes(ctx, by); return err },
	}
	others := map[string]func(x kitTown, p mail.Person, key *keyring.Person){
		"a change": func(x kitTown, p mail.Person, key *keyring.Person) { fine(x.t, x.changes(p, key, newWords)) },
		"two changes, of which the second has the first one's slot": func(x kitTown, p mail.Person, key *keyring.Person) {
			fine(x.t, x.changes(p, key, "sex rosa giraffer på is"))
			fine(x.t, x.changes(p, key, newWords))
		},
		"a recovery": func(x kitTown, p mail.Person, key *keyring.Person) {
			code, err := x.MakeRecoveryCode(ctx, x.owner(p, key))
			fine(x.t, err)
			_, err = x.UseRecoveryCode(ctx, p.Lookup, code, newWords)
			fine(x.t, err)
		},
		"a recovery by the kit": func(x kitTown, _ mail.Person, _ *keyring.Person) {
			r, err := x.Restore(ctx, here, x.answer(), false)
			fine(x.t, err)
			row, secret := x.row(r.Code)
			_, _, err = x.Activate(ctx, row.ID, secret, newWords)
			fine(x.t, err)
		},
	}
	for name, other := range others {
		t.Run("after "+name+" it is refused, and changes nothing", func(t *testing.T) {
			x := newKitTown(t)
			p, key := x.settled()
			fine(t, x.sets(p, access.NewTOTPKey(), 1, "+46700000001"))
			by := x.owner(p, key)
			other(x, p, key)
			n, before := len(x.store.slots), x.noted(p)
			for what, act := range acts {
				err := act(x, by)
				if want(t, err, mail.Denied); err == nil {
					t.Error(what)
				}
			}
			if !x.opens(newWords) || x.opens(intruders) {
				t.Error("the intruder's password won")
			}
			same(t, x.noted(p), before)
			if len(x.store.slots) != n {
				t.Errorf("%d slots are set aside for nothing", len(x.store.slots)-n)
			}
			for what, act := range acts { // in a session of the new password they are done
				if what != "a password" && what != "no factor" {
					fine(t, act(x, x.owner(p, key)))
				}
			}
		})
	}
	t.Run("between a recovery by the kit and the new password nothing is done either", func(t *testing.T) {
		x := newKitTown(t)
		p, key := x.settled()
		by := x.owner(p, key)
		_, err := x.Restore(ctx, here, x.answer(), false)
		fine(t, err)
		for _, by := range []access.Owner{by, {Person: p, Key: key}} {
			for what, act := range acts {
				if err := act(x, by); err == nil || mail.KindOf(err) != mail.Denied {
					t.Errorf("%s: %v", what, err)
				}
			}
		}
	})
	t.Run("of two changes at once one stands, and the session goes on with its lock", func(t *testing.T) {
		x := newKitTown(t)
		p, key := x.settled()
		by := x.owner(p, key)
		type end struct {
			lock mail.Box
			err  error
		}
		ends := make(chan end, 2)
		for _, password := range []string{newWords, intruders} {
			go func() { lock, err := x.ChangePassword(ctx, by, password); ends <- end{lock, err} }()
		}
		a, b := <-ends, <-ends
		if a.err != nil {
			a, b = b, a
		}
		fine(t, a.err)
		want(t, b.err, mail.Denied)
		by.Lock = a.lock
		_, err := x.ChangePassword(ctx, by, "sex rosa giraffer på is")
		fine(t, err)
	})
	t.Run("a factor that was set up meanwhile is not replaced by a first one", func(t *testing.T) {
		x := newKitTown(t)
		p, _ := x.settled()
		key := access.NewTOTPKey()
		fine(t, x.sets(p, key, 1, "+46700000001"))
		want(t, x.sets(p, access.NewTOTPKey(), 1, "+46700000002"), mail.Denied)
		f, err := x.Factor(ctx, p.ID)
		fine(t, err)
		if f.Phone != "+46700000001" {
			t.Error("replaced")
		}
	})
}

// gone is a store whose caller goes away as soon as a change stands, or whose disk erases
// nothing then.
type gone struct {
	office.Store
	leave context.CancelFunc
	disk  error
}

func (g gone) Update(ctx context.Context, f func(office.Tx) error) error {
	err := g.Store.Update(ctx, f)
	g.leave()
	return err
}

func (g gone) EraseSlots(ctx context.Context, list []mail.Slot) error {
	return errors.Join(g.disk, g.Store.EraseSlots(ctx, list))
}

func TestWhatStandsIsErasedWhoeverWaits(t *testing.T) {
	start := func(t *testing.T, disk error) (kitTown, *office.Office, context.Context, mail.Person, *keyring.Person, keyring.RecoveryCode) {
		x := newKitTown(t)
		p, key := x.settled()
		code, err := x.MakeRecoveryCode(ctx, x.owner(p, key))
		fine(t, err)
		left, leave := context.WithCancel(ctx)
		c := x.Office.Config
		c.Store = gone{x.store, leave, disk}
		o := office.New(c)
		fine(t, o.Load(ctx))
		return x, o, left, p, key, code
	}
	// erased holds that the slot keeps its key no more.
	erased := func(t *testing.T, x kitTown, w mail.SeedWrap) {
		t.Helper()
		x.view(func(tx *vault.ReadTx) error {
			if v, err := tx.SlotValue(w.Slot); err == nil && v != (mail.SlotValue{}) {
				t.Error("the old lock's key is there")
			}
			return nil
		})
	}
	t.Run("a change", func(t *testing.T) {
		x, o, left, p, key, _ := start(t, nil)
		old, _ := x.wraps(p.ID)
		lock, err := o.ChangePassword(left, x.owner(p, key), newWords)
		fine(t, err)
		if len(lock) == 0 || !x.opens(newWords) {
			t.Error("it does not stand")
		}
		erased(t, x, old[mail.SeedPassword])
	})
	t.Run("a recovery", func(t *testing.T) {
		x, o, left, p, _, code := start(t, nil)
		old, _ := x.wraps(p.ID)
		_, err := o.UseRecoveryCode(left, p.Lookup, code, newWords)
		fine(t, err)
		erased(t, x, old[mail.SeedPassword])
		erased(t, x, old[mail.SeedRecoveryCode])
	})
	t.Run("a code on paper", func(t *testing.T) {
		x, o, left, p, key, _ := start(t, nil)
		old, _ := x.wraps(p.ID)
		_, err := o.MakeRecoveryCode(left, x.owner(p, key))
		fine(t, err)
		erased(t, x, old[mail.SeedRecoveryCode])
	})
	t.Run("a disk that fails is told, beside what stands", func(t *testing.T) {
		broken := errors.New("the disk erases nothing")
		x, o, left, p, key, code := start(t, broken)
		lock, err := o.ChangePassword(left, x.owner(p, key), newWords)
		if !errors.Is(err, broken) || lock == nil || !x.opens(newWords) {
			t.Errorf("%v, %d bytes", err, len(lock))
		}
		q, err := o.UseRecoveryCode(ctx, p.Lookup, code, "sex rosa giraffer på is")
		if !errors.Is(err, broken) || q.ID != p.ID {
			t.Errorf("%v, %v", q.ID, err)
		}
	})
}
