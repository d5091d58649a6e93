package office_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestAppPasswords(t *testing.T) {
	x := newTown(t)
	p, bo := x.withPassword(ullas, forgot), x.withPassword("bo@kommun.example", forgot)
	made := func(name string) (access.AppPassword, error) { return x.MakeAppPassword(ctx, x.owner(p, nil), name) }
	program := func(t *testing.T, name string) access.AppPassword {
		t.Helper()
		a, err := made(name)
		fine(t, err)
		return a
	}
	signsIn := func(a mail.Address, pw access.AppPassword) (access.Sender, error) {
		return x.Sender(ctx, x.app.Lookup(a.Key()), pw)
	}
	printer := program(t, "  Skrivaren ")
	t.Run("one is made, the person is told, and the name is kept sealed", func(t *testing.T) {
		list, err := x.AppPasswords(ctx, p.ID)
		fine(t, err)
		if len(list) != 1 || list[0].Name != "Skrivaren" || !list[0].At.Equal(x.clock.Now()) || !list[0].Used.IsZero() {
			t.Errorf("%+v", list)
		}
		same(t, x.kinds(ullas), []mail.NoticeKind{mail.NoticeAppPassword})
		same(t, x.noted(p), []string{"app_password_made"})
		x.view(func(tx *vault.ReadTx) error {
			rows, err := tx.AppPasswords(p.ID)
			if strings.Contains(string(rows[0].Name), "Skrivaren") {
				t.Error("the name is in the row")
			}
			return err
		})
	})
	t.Run("it lets its owner send, from the own address", func(t *testing.T) {
		s, err := signsIn(ullas, printer)
		fine(t, err)
		if s.Person != p.ID || s.Address != ullas {
			t.Errorf("%+v", s)
		}
		fine(t, x.Sends(ctx, s))
	})
	t.Run("a wrong one, none, another's and one for nobody are refused alike", func(t *testing.T) {
		for _, err := range []error{
			errOf(signsIn(ullas, access.NewAppPassword())), errOf(signsIn(ullas, access.AppPassword{})),
			errOf(signsIn("bo@kommun.example", printer)), errOf(signsIn("ingen@kommun.example", printer)), errOf(signsIn("", printer)),
		} {
			want(t, err, mail.Denied)
			if err.Error() != errOf(signsIn(ullas, access.NewAppPassword())).Error() {
				t.Errorf("told apart: %v", err)
			}
		}
	})
	t.Run("the last use is written at most once an hour", func(t *testing.T) {
		used := func() time.Time {
			list, err := x.AppPasswords(ctx, p.ID)
			fine(t, err)
			return list[0].Used
		}
		first := used()
		if !first.Equal(x.clock.Now()) {
			t.Errorf("used %v", first)
		}
		x.clock.goes(59 * time.Minute)
		if _, err := signsIn(ullas, printer); err != nil || !used().Equal(first) {
			t.Errorf("%v: used %v", err, used())
		}
		x.clock.goes(time.Minute)
		if _, err := signsIn(ullas, printer); err != nil || !used().Equal(first.Add(time.Hour)) {
			t.Errorf("%v: used %v", err, used())
		}
	})
	t.Run("a name that will not do is refused, and one of sixty characters will", func(t *testing.T) {
		for _, name := range []string{"", "   ", strings.Repeat("å", 61), "a\x00b", "rad\nbrott", "\xff"} {
			_, err := made(name)
			want(t, err, mail.Invalid)
		}
		program(t, strings.Repeat("å", 60))
	})
	t.Run("an ordinary change of the password leaves them, and one made under the older is refused", func(t *testing.T) {
		before := x.owner(p, keyOf(t, x, p))
		_, err := x.ChangePassword(ctx, before, newWords)
		fine(t, err)
		if _, err := signsIn(ullas, printer); err != nil {
			t.Error(err)
		}
		_, err = x.MakeAppPassword(ctx, before, "Sent")
		want(t, err, mail.Denied)
	})
	t.Run("a removed one is good no more, at once, and nobody else removes it", func(t *testing.T) {
		s, err := signsIn(ullas, printer)
		fine(t, err)
		want(t, x.DropAppPassword(ctx, bo.ID, s.Password), mail.Absent)
		fine(t, x.Sends(ctx, s))
		fine(t, x.DropAppPassword(ctx, p.ID, s.Password))
		want(t, x.Sends(ctx, s), mail.Denied)
		want(t, errOf(signsIn(ullas, printer)), mail.Denied)
		want(t, x.DropAppPassword(ctx, p.ID, s.Password), mail.Absent)
		if n := x.noted(p); n[len(n)-1] != "app_password_removed" {
			t.Errorf("%v", n)
		}
	})
	t.Run("there may be ten", func(t *testing.T) {
		for range mail.MaxAppPasswords - 1 { // the one of sixty characters is there
			program(t, "En till")
		}
		_, err := made("Den elfte")
		want(t, err, mail.Invalid)
	})
	t.Run("who has no address of the house makes none", func(t *testing.T) {
		out := x.withPassword("eva@firma.example", forgot)
		if x.MaySend(out.ID) {
			t.Error("may send")
		}
		_, err := x.MakeAppPassword(ctx, x.owner(out, nil), "Datorn")
		want(t, err, mail.Invalid)
	})
}

func errOf[T any](_ T, err error) error { return err }

// keyOf is the key of somebody with the password forgot.
func keyOf(t *testing.T, x *town, p mail.Person) *keyring.Person {
	t.Helper()
	l, _, err := x.Login(ctx, p.Lookup)
	fine(t, err)
	seed, err := x.stretch.OpenSeedByPassword(ctx, p.ID, []byte(forgot), l.Slot, l.Box)
	fine(t, err)
	return keyring.NewPerson(p.ID, seed)
}

// TestAccessWonBackEndsAppPasswords: whoever had the account until then may have made an app password.
func TestAccessWonBackEndsAppPasswords(t *testing.T) {
	gone := func(t *testing.T, x kitTown, p mail.Person, s access.Sender) {
		t.Helper()
		if list, err := x.AppPasswords(ctx, p.ID); err != nil || len(list) != 0 {
			t.Errorf("%d are left, %v", len(list), err)
		}
		want(t, x.Sends(ctx, s), mail.Denied)
		if n := x.noted(p); !slices.Contains(n, "app_password_removed") {
			t.Errorf("%v", n)
		}
	}
	start := func(t *testing.T) (kitTown, mail.Person, *keyring.Person, access.Sender) {
		x := newKitTown(t)
		p, key := x.settled()
		a, err := x.MakeAppPassword(ctx, x.owner(p, key), "Datorn")
		fine(t, err)
		s, err := x.Sender(ctx, p.Lookup, a)
		fine(t, err)
		return x, p, key, s
	}
	t.Run("by the recovery kit", func(t *testing.T) {
		x, p, _, s := start(t)
		_, err := x.Restore(ctx, here, x.answer(), false)
		fine(t, err)
		gone(t, x, p, s)
	})
	t.Run("by the code on paper", func(t *testing.T) {
		x, p, key, s := start(t)
		code, err := x.MakeRecoveryCode(ctx, x.owner(p, key))
		fine(t, err)
		_, err = x.UseRecoveryCode(ctx, p.Lookup, keyring.NewRecoveryCode(), newWords)
		want(t, err, mail.Denied)
		fine(t, x.Sends(ctx, s)) // a wrong code takes nothing away
		_, err = x.UseRecoveryCode(ctx, p.Lookup, code, newWords)
		fine(t, err)
		gone(t, x, p, s)
	})
}
