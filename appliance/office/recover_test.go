package office_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/journal"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

const (
	ullas    = mail.Address("ulla@kommun.example")
	forgot   = "fyra gröna hästar i dimma"
	newWords = "fem blåa åsnor i solsken"
)

var here = keyring.Installation{1, 2, 3}

// kitTown is a town whose R is that of a recovery kit.
type kitTown struct {
	*town
	kit keyring.Kit
}

func newKitTown(t *testing.T) kitTown {
	x := kitTown{newTown(t), keyring.NewKit(here, keyring.DefaultSharing)}
	x.recovery = seal.PrivateKeyOf(x.kit.Recovery)
	x.Office = x.another()
	return x
}

// settled is somebody who has chosen a password.
func (x kitTown) settled() (mail.Person, *keyring.Person) {
	x.t.Helper()
	x.person(ullas)
	code, secret := x.invitation(ullas)
	p, key, err := x.Activate(ctx, code, secret, forgot)
	fine(x.t, err)
	return p, key
}

func (x kitTown) answer() keyring.Answer {
	x.t.Helper()
	r, err := x.AskRecovery(ctx, here, x.kit.Sharing, ullas)
	fine(x.t, err)
	c, err := r.Custody(x.kit.Pages()[3:])
	fine(x.t, err)
	a, err := r.Answer(c)
	fine(x.t, err)
	return a
}

// opens reports whether a password opens the key of who is at ullas's address.
func (x kitTown) opens(password string) bool {
	x.t.Helper()
	l, ok, err := x.Login(ctx, x.app.Lookup(ullas.Key()))
	fine(x.t, err)
	if !ok {
		return false
	}
	_, err = x.stretch.OpenSeedByPassword(ctx, l.Person.ID, []byte(password), l.Slot, l.Box)
	return err == nil
}

// invite finds the row of a code that was handed over.
func (x kitTown) row(c mail.LinkCode) (row mail.Code, secret keyring.CodeSecret) {
	x.t.Helper()
	secret = x.app.Code(c.Secret())
	x.view(func(tx *vault.ReadTx) (err error) { row, err = tx.CodeByLocator(secret.Locator); return err })
	return row, secret
}

func (x kitTown) events() (kinds []string) {
	x.t.Helper()
	x.view(func(tx *vault.ReadTx) error {
		list, err := tx.JournalSince(0, 1000)
		for _, e := range list {
			kinds = append(kinds, e.Kind)
		}
		return err
	})
	return kinds
}

func TestRestore(t *testing.T) {
	x := newKitTown(t)
	p, key := x.settled()
	paper, err := x.MakeRecoveryCode(ctx, x.owner(p, key))
	fine(t, err)
	before, slots := x.wraps(p.ID)
	ans := x.answer()
	t.Run("a request changes nothing", func(t *testing.T) {
		if now, _ := x.wraps(p.ID); len(now) != len(before) || !x.opens(forgot) {
			t.Error("locks were changed")
		}
	})
	t.Run("an answer for another installation is told", func(t *testing.T) {
		_, err := x.Restore(ctx, keyring.Installation{9}, ans, false)
		want(t, err, mail.Invalid)
	})
	t.Run("if the store refuses, everything is as it was", func(t *testing.T) {
		n := len(x.store.slots)
		x.store.inside = errors.New("full")
		_, err := x.Restore(ctx, here, ans, false)
		x.store.inside = nil
		if err == nil || !x.opens(forgot) || len(x.store.slots) != n {
			t.Errorf("%v, %d slots set aside", err, len(x.store.slots)-n)
		}
	})
	r, err := x.Restore(ctx, here, ans, false)
	fine(t, err)
	t.Run("the old password, the code on paper and the old locks open nothing", func(t *testing.T) {
		if x.opens(forgot) {
			t.Error("the password opens")
		}
		_, err := x.UseRecoveryCode(ctx, p.Lookup, paper, newWords)
		want(t, err, mail.Denied)
		wraps, _ := x.wraps(p.ID)
		for _, kind := range []mail.SeedKind{mail.SeedPassword, mail.SeedRecoveryCode} {
			if _, ok := wraps[kind]; ok {
				t.Errorf("lock %d is there", kind)
			}
			// The row put back from an old backup finds its slot erased.
			x.view(func(tx *vault.ReadTx) error {
				v, err := tx.SlotValue(before[kind].Slot)
				if err == nil && v != (mail.SlotValue{}) {
					if k, oerr := x.app.OpenSlot(byte(mail.Shred), before[kind].Slot.N, v); oerr == nil && k.Equal(slots[kind]) {
						t.Errorf("the slot of lock %d still holds its key", kind)
					}
				}
				return nil
			})
		}
	})
	t.Run("the person is told, without the code, and so is the journal", func(t *testing.T) {
		list := x.notices()
		i := slices.IndexFunc(list, func(n mail.Notice) bool { return n.Kind == mail.NoticeRecovered })
		if i < 0 || list[i].To != ullas || list[i].Code != "" || list[i].At.IsZero() {
			t.Errorf("%v", list)
		}
		if k := x.events(); !slices.Contains(k, journal.RecoverAsked) || !slices.Contains(k, journal.Recovered) {
			t.Errorf("%v", k)
		}
	})
	t.Run("the answer is good once, and every other answer to an older request is dead", func(t *testing.T) {
		_, err := x.Restore(ctx, here, ans, false)
		want(t, err, mail.Invalid)
	})
	t.Run("no fresh invitation takes the place of the code", func(t *testing.T) {
		err := x.InviteAgain(ctx, system, p.ID)
		want(t, err, mail.Invalid)
		if row, _ := x.row(r.Code); row.Holder != p.ID {
			t.Error("the code is dead")
		}
	})
	t.Run("with the code a new password is chosen, and the key is the same", func(t *testing.T) {
		row, secret := x.row(r.Code)
		q, again, err := x.Activate(ctx, row.ID, secret, newWords)
		fine(t, err)
		if q.ID != p.ID || !again.Seed().Equal(key.Seed()) || !x.opens(newWords) || x.opens(forgot) {
			t.Error("another key or password")
		}
	})
	t.Run("it can be done again, and the code can go by mail", func(t *testing.T) {
		r, err := x.Restore(ctx, here, x.answer(), true)
		fine(t, err)
		list := x.notices()
		if i := slices.IndexFunc(list, func(n mail.Notice) bool { return n.Code == r.Code.Text() }); i < 0 || !list[i].MustTLS || list[i].Kind != mail.NoticeRecovered {
			t.Errorf("%v", list)
		}
	})
}

// unerasing is a store whose disk does not erase.
type unerasing struct {
	office.Store
	fault error
}

func (u unerasing) EraseSlots(context.Context, []mail.Slot) error { return u.fault }

func TestWhatFailsAfterRestoring(t *testing.T) {
	x := newKitTown(t)
	p, _ := x.settled()
	t.Run("who asked has gone away by then: the old lock's key is erased all the same", func(t *testing.T) {
		before, keys := x.wraps(p.ID)
		ans := x.answer()
		asked, gone := context.WithCancel(ctx)
		x.store.after = gone
		r, err := x.Restore(asked, here, ans, false)
		x.store.after = nil
		fine(t, err)
		x.view(func(tx *vault.ReadTx) error {
			v, err := tx.SlotValue(before[mail.SeedPassword].Slot)
			if k, oerr := x.app.OpenSlot(byte(mail.Shred), before[mail.SeedPassword].Slot.N, v); err == nil && oerr == nil && k.Equal(keys[mail.SeedPassword]) {
				t.Error("the slot still holds its key")
			}
			return nil
		})
		if q, ok, err := x.Resident(ctx, ullas, ""); err != nil || !ok || x.personRow(q.ID).Active {
			t.Errorf("the office remembers %+v, %v", q, err)
		}
		row, secret := x.row(r.Code)
		_, _, err = x.Activate(ctx, row.ID, secret, forgot)
		fine(t, err)
	})
	t.Run("the disk does not erase: the code is there beside the error", func(t *testing.T) {
		ans, disk := x.answer(), errors.New("the disk did not do it")
		x.Store = unerasing{x.store, disk}
		r, err := x.Restore(ctx, here, ans, false)
		x.Store = x.store
		if !errors.Is(err, disk) || r.Person != p.ID || r.Address != ullas {
			t.Fatalf("%s, %v", r.Address, err)
		}
		row, secret := x.row(r.Code)
		_, _, err = x.Activate(ctx, row.ID, secret, newWords)
		fine(t, err)
	})
	t.Run("who had gone away before the store took it up: it is done whole, or not at all", func(t *testing.T) {
		ans := x.answer()
		gone, cancel := context.WithCancel(ctx)
		cancel()
		r, err := x.Restore(gone, here, ans, false)
		if done := !x.opens(newWords); done == r.Person.IsZero() || done == (err != nil) {
			t.Errorf("done: %v, %+v, %v", done, r.Person, err)
		}
	})
}

func TestRestoreOfOthers(t *testing.T) {
	x := newKitTown(t)
	t.Run("an address that nobody has is told", func(t *testing.T) {
		_, err := x.AskRecovery(ctx, here, x.kit.Sharing, "ingen@kommun.example")
		want(t, err, mail.Invalid)
	})
	t.Run("who was only invited, and lost the invitation, gets in too", func(t *testing.T) {
		p := x.person(ullas)
		old, secret := x.invitation(ullas)
		r, err := x.Restore(ctx, here, x.answer(), false)
		fine(t, err)
		if _, _, err := x.Activate(ctx, old, secret, newWords); err == nil {
			t.Error("the old invitation opens")
		}
		for _, n := range x.notices() {
			if n.Kind == mail.NoticeInvitation {
				t.Error("the old invitation still goes out")
			}
		}
		row, secret := x.row(r.Code)
		if q, _, err := x.Activate(ctx, row.ID, secret, newWords); err != nil || q.ID != p.ID {
			t.Error(err)
		}
	})
	t.Run("an answer to an old request is refused, and the code is forgotten in time", func(t *testing.T) {
		ans := x.answer()
		x.clock.goes(15 * 24 * time.Hour)
		_, err := x.Restore(ctx, here, ans, false)
		want(t, err, mail.Invalid)
		r, err := x.Restore(ctx, here, x.answer(), false)
		fine(t, err)
		x.clock.goes(15 * 24 * time.Hour)
		row, secret := x.row(r.Code)
		if _, _, err := x.Activate(ctx, row.ID, secret, newWords); err == nil {
			t.Error("good for longer than said")
		}
		if n, err := x.ForgetInvitations(ctx); n != 1 || err != nil {
			t.Errorf("%d forgotten, %v", n, err)
		}
		if _, err := x.Restore(ctx, here, x.answer(), false); err != nil {
			t.Errorf("it cannot be done again: %v", err)
		}
	})
	t.Run("the only administrator stays one, and no start invites anew meanwhile", func(t *testing.T) {
		x := newKitTown(t)
		fine(t, x.FirstAdmin(ctx, ullas))
		code, secret := x.invitation(ullas)
		p, _, err := x.Activate(ctx, code, secret, forgot)
		fine(t, err)
		r, err := x.Restore(ctx, here, x.answer(), false)
		fine(t, err)
		x.clock.goes(time.Hour)
		next := x.another()
		fine(t, next.Load(ctx))
		fine(t, next.FirstAdmin(ctx, "annan@kommun.example"))
		row, secret := x.row(r.Code)
		q, _, err := next.Activate(ctx, row.ID, secret, newWords)
		if err != nil || q.ID != p.ID || q.Roles&mail.RoleAdmin == 0 {
			t.Errorf("%+v %v", q.Roles, err)
		}
	})
}

func TestPaperCode(t *testing.T) {
	x := newKitTown(t)
	p, key := x.settled()
	lookup := x.app.Lookup(ullas.Key())
	if has, err := x.HasRecoveryCode(ctx, p.ID); has || err != nil {
		t.Fatal(has, err)
	}
	first, err := x.MakeRecoveryCode(ctx, x.owner(p, key))
	fine(t, err)
	_, oldSlots := x.wraps(p.ID)
	code, err := x.MakeRecoveryCode(ctx, x.owner(p, key))
	fine(t, err)
	t.Run("a new code kills the old one", func(t *testing.T) {
		_, err := x.UseRecoveryCode(ctx, lookup, first, newWords)
		want(t, err, mail.Denied)
		if _, now := x.wraps(p.ID); now[mail.SeedRecoveryCode].Equal(oldSlots[mail.SeedRecoveryCode]) {
			t.Error("the same slot's key")
		}
		if has, err := x.HasRecoveryCode(ctx, p.ID); !has || err != nil {
			t.Error(has, err)
		}
	})
	t.Run("a wrong code, none, and an address that nobody has are refused alike", func(t *testing.T) {
		_, a := x.UseRecoveryCode(ctx, lookup, keyring.NewRecoveryCode(), newWords)
		_, b := x.UseRecoveryCode(ctx, x.app.Lookup("ingen@kommun.example"), code, newWords)
		x.person("bo@kommun.example")
		_, c := x.UseRecoveryCode(ctx, x.app.Lookup("bo@kommun.example"), code, newWords)
		for _, err := range []error{a, b, c} {
			want(t, err, mail.Denied)
			if err.Error() != a.Error() {
				t.Errorf("%q and %q", err, a)
			}
		}
	})
	t.Run("a password that will not do leaves the code good", func(t *testing.T) {
		_, err := x.UseRecoveryCode(ctx, lookup, code, "kort")
		want(t, err, mail.Invalid)
		if !x.opens(forgot) {
			t.Error("the old password is gone")
		}
	})
	t.Run("the code sets a new password once; the key is the same, and the person is told", func(t *testing.T) {
		q, err := x.UseRecoveryCode(ctx, lookup, code, newWords)
		fine(t, err)
		if q.ID != p.ID || !x.opens(newWords) || x.opens(forgot) {
			t.Error("another person or password")
		}
		_, err = x.UseRecoveryCode(ctx, lookup, code, "sex rosa giraffer på is")
		want(t, err, mail.Denied)
		if !slices.ContainsFunc(x.notices(), func(n mail.Notice) bool { return n.Kind == mail.NoticePaperCode && n.To == ullas }) {
			t.Error("nobody was told")
		}
		if k := x.events(); !slices.Contains(k, journal.RecoveryCodeMade) || !slices.Contains(k, journal.RecoveryCodeUsed) {
			t.Errorf("%v", k)
		}
		if has, err := x.HasRecoveryCode(ctx, p.ID); has || err != nil {
			t.Error(has, err)
		}
	})
	t.Run("of two who use it at once, one does", func(t *testing.T) {
		code, err := x.MakeRecoveryCode(ctx, x.owner(p, key))
		fine(t, err)
		won := make(chan error, 2)
		for _, password := range []string{"sju svarta katter i natt", "åtta vita duvor i skyn"} {
			go func() { _, err := x.UseRecoveryCode(ctx, lookup, code, password); won <- err }()
		}
		if a, b := <-won, <-won; (a == nil) == (b == nil) {
			t.Errorf("%v and %v", a, b)
		}
	})
}

var _ access.Recoverer = (*office.Office)(nil)
