package office_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/vault"
)

// withPassword is somebody who has one.
func (x *town) withPassword(a mail.Address, password string) mail.Person {
	x.t.Helper()
	p, err := x.Make(ctx, office.NewPerson{Profile: mail.Profile{Address: a, Name: "Ulla Ek", Lang: "en"}, Password: password})
	fine(x.t, err)
	return p
}

// owner is who acts in a session that begins now.
func (x *town) owner(p mail.Person, key *keyring.Person) access.Owner {
	x.t.Helper()
	l, ok, err := x.Login(ctx, p.Lookup)
	fine(x.t, err)
	if !ok {
		l.Box = nil
	}
	return access.Owner{Person: p, Key: key, Lock: l.Box}
}

// sets gives a second factor to who has none.
func (x *town) sets(p mail.Person, key access.TOTPKey, step int64, phone mail.Phone) error {
	_, err := x.SetFactor(ctx, x.owner(p, nil), access.NewFactor{Key: key, Step: step, Phone: phone})
	return err
}

func (x *town) reserves(p mail.Person, phone mail.Phone) error {
	_, err := x.SetReserve(ctx, x.owner(p, nil), phone)
	return err
}

// changes chooses another password in a session that begins now.
func (x *town) changes(p mail.Person, key *keyring.Person, password string) error {
	lock, err := x.ChangePassword(ctx, x.owner(p, key), password)
	if (lock == nil) == (err == nil) {
		x.t.Errorf("a lock of %d bytes beside %v", len(lock), err)
	}
	return err
}

// kinds are those of the mails that wait for somebody.
func (x *town) kinds(a mail.Address) (list []mail.NoticeKind) {
	x.t.Helper()
	for _, n := range x.notices() {
		if n.To == a {
			list = append(list, n.Kind)
		}
	}
	return list
}

// noted are the words of the journal about a person.
func (x *town) noted(p mail.Person) (list []string) {
	x.t.Helper()
	x.view(func(tx *vault.ReadTx) error {
		rows, err := tx.JournalSince(0, 1000)
		for _, e := range rows {
			if e.Holder == p.ID {
				list = append(list, e.Kind)
			}
		}
		return err
	})
	return list
}

func same[T comparable](t *testing.T, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}

func TestFactor(t *testing.T) {
	x := newTown(t)
	const a = "ulla.ek@kommun.example"
	p := x.withPassword(a, "fyra ord som passar")
	key := access.NewTOTPKey()
	t.Run("who has none has none", func(t *testing.T) {
		f, err := x.Factor(ctx, p.ID)
		if err != nil || !f.Key.IsZero() {
			t.Error(f, err)
		}
		if _, err := x.MakeCodes(ctx, x.owner(p, nil)); mail.KindOf(err) != mail.Absent {
			t.Errorf("codes without a factor: %v", err)
		}
		if err := x.reserves(p, "+46701234567"); mail.KindOf(err) != mail.Absent {
			t.Errorf("a reserve phone without a factor: %v", err)
		}
	})
	t.Run("it is kept sealed, and opens for the next process", func(t *testing.T) {
		fine(t, x.sets(p, key, 100, "+46701234567"))
		f, err := x.another().Factor(ctx, p.ID)
		fine(t, err)
		if !bytes.Equal(f.Key.Bytes(), key.Bytes()) || f.Phone != "+46701234567" {
			t.Errorf("%+v", f)
		}
		x.view(func(tx *vault.ReadTx) error {
			row, err := tx.Factor(p.ID)
			if bytes.Contains(row.Box, key.Bytes()) || bytes.Contains(row.Box, []byte("46701234567")) {
				t.Error("in clear")
			}
			return err
		})
	})
	t.Run("the step that showed the app is used up, and another phone does not give it back", func(t *testing.T) {
		fine(t, x.reserves(p, "+46707654321"))
		for step, good := range map[int64]bool{99: false, 100: false} {
			if ok, err := x.UseStep(ctx, p.ID, step); err != nil || ok != good {
				t.Errorf("%d: %v %v", step, ok, err)
			}
		}
		if ok, err := x.UseStep(ctx, p.ID, 101); err != nil || !ok {
			t.Error(ok, err)
		}
		if f, _ := x.Factor(ctx, p.ID); f.Phone != "+46707654321" || !bytes.Equal(f.Key.Bytes(), key.Bytes()) {
			t.Error("the phone is not changed, or the app is")
		}
	})
	t.Run("printed codes are used once", func(t *testing.T) {
		codes, err := x.MakeCodes(ctx, x.owner(p, nil))
		fine(t, err)
		f, err := x.Factor(ctx, p.ID)
		fine(t, err)
		if len(codes) != 10 || len(f.Codes.Hashes) != 10 {
			t.Fatal(len(codes), len(f.Codes.Hashes))
		}
		for _, want := range []bool{true, false} {
			if ok, err := x.UseCode(ctx, p.ID, f.Codes.Hashes[4]); err != nil || ok != want {
				t.Error(ok, err)
			}
		}
	})
	t.Run("after a restore no printed code is good, whoever has it, and that is done once", func(t *testing.T) {
		f, err := x.Factor(ctx, p.ID)
		fine(t, err)
		for _, want := range []int{1, 0} {
			if n, err := x.EndCodes(ctx); err != nil || n != want {
				t.Error(n, err)
			}
		}
		if ok, err := x.UseCode(ctx, p.ID, f.Codes.Hashes[0]); err != nil || ok {
			t.Error(ok, err)
		}
	})
	t.Run("without it nothing of it is left", func(t *testing.T) {
		fine(t, x.DropFactor(ctx, x.owner(p, nil)))
		if f, err := x.Factor(ctx, p.ID); err != nil || !f.Key.IsZero() || f.Phone != "" || len(f.Codes.Hashes) != 0 {
			t.Error(f, err)
		}
		if err := x.DropFactor(ctx, x.owner(p, nil)); mail.KindOf(err) != mail.Absent {
			t.Error(err)
		}
	})
	t.Run("each change is told to its owner, in their language, and stands in the journal", func(t *testing.T) {
		for _, n := range x.notices() {
			if n.To == a && (n.Lang != "en" || n.ToName != "Ulla Ek" || n.At.IsZero()) {
				t.Errorf("%+v", n.Kind)
			}
		}
		same(t, x.kinds(a), []mail.NoticeKind{mail.NoticeFactor, mail.NoticeFactor, mail.NoticeCodesOff, mail.NoticeFactorOff})
		same(t, x.noted(p), []string{"factor_made", "factor_made", "codes_made", "code_used", "codes_ended", "factor_removed"})
	})
}

func TestChangePassword(t *testing.T) {
	x := newTown(t)
	const a = "ulla.ek@kommun.example"
	p := x.withPassword(a, "fyra ord som passar")
	open := func(password string) (*keyring.Person, error) {
		l, ok, err := x.Login(ctx, x.app.Lookup(a))
		fine(t, err)
		if !ok {
			t.Fatal("no login")
		}
		seed, err := x.stretch.OpenSeedByPassword(ctx, p.ID, []byte(password), l.Slot, l.Box)
		return keyring.NewPerson(p.ID, seed), err
	}
	key, err := open("fyra ord som passar")
	fine(t, err)
	t.Run("one that will not do changes nothing", func(t *testing.T) {
		for _, bad := range []string{"kort", "ulla.ek ulla.ek", "aaaaaaaaaaaaaaaa"} {
			if err := x.changes(p, key, bad); mail.KindOf(err) != mail.Invalid {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if _, err := open("fyra ord som passar"); err != nil {
			t.Error(err)
		}
	})
	t.Run("the new one opens the same key, and the old one nothing", func(t *testing.T) {
		l, _, err := x.Login(ctx, x.app.Lookup(a))
		fine(t, err)
		fine(t, x.changes(p, key, "fem helt andra ord"))
		again, err := open("fem helt andra ord")
		fine(t, err)
		if !again.Seed().Equal(key.Seed()) {
			t.Error("another key")
		}
		if _, err := open("fyra ord som passar"); err == nil {
			t.Error("the old password opens it")
		}
		now, _, err := x.Login(ctx, x.app.Lookup(a))
		fine(t, err)
		if l.Slot.Equal(now.Slot) {
			t.Error("the lock's slot is not another one")
		}
	})
	t.Run("its owner is told, once", func(t *testing.T) {
		same(t, x.kinds(a), []mail.NoticeKind{mail.NoticePassword})
		same(t, x.noted(p), []string{"password_changed"})
	})
}

func TestTell(t *testing.T) {
	x := newTown(t)
	const a = "ulla.ek@kommun.example"
	p := x.withPassword(a, "fyra ord som passar")
	t.Run("a mail goes to the person's address, and of a lock the journal knows", func(t *testing.T) {
		fine(t, x.Tell(ctx, p, mail.Notice{Kind: mail.NoticeDevice, At: time.Now()}))
		fine(t, x.Tell(ctx, p, mail.Notice{Kind: mail.NoticeSecondLocked, At: time.Now()}))
		same(t, x.kinds(a), []mail.NoticeKind{mail.NoticeDevice, mail.NoticeSecondLocked})
		same(t, x.noted(p), []string{"sign_in_locked"})
	})
	t.Run("another language is that of the next mail", func(t *testing.T) {
		fine(t, x.SetLanguage(ctx, p.ID, "sv"))
		fine(t, x.Tell(ctx, p, mail.Notice{Kind: mail.NoticePassword, At: time.Now()}))
		all := x.notices()
		if n := all[len(all)-1]; n.Lang != "sv" || n.ToName != "Ulla Ek" {
			t.Errorf("%q", n.Lang)
		}
	})
	t.Run("to nobody there is nothing to tell", func(t *testing.T) {
		if err := x.Tell(ctx, mail.Person{ID: mail.NewID()}, mail.Notice{Kind: mail.NoticeDevice}); mail.KindOf(err) != mail.Absent {
			t.Error(err)
		}
	})
}

func TestResetFactor(t *testing.T) {
	h := newHouseOf(t)
	codes := func(name string) (n int) {
		h.view(func(tx *vault.ReadTx) error {
			_, err := tx.Factor(h.id(name))
			if err == nil {
				n = 1
			} else if mail.KindOf(err) != mail.Absent {
				return err
			}
			return nil
		})
		return n
	}
	for _, name := range []string{"maria", "karin", "it"} {
		h.comes(mail.Address(name + "@kommun.example"))
		h.hasFactor(h.id(name))
	}
	t.Run("only who organises the person may, and nobody their own", func(t *testing.T) {
		for _, c := range []struct {
			by, of string
			want   mail.Kind
		}{
			{"olle", "maria", mail.Absent}, {"maria", "karin", mail.Absent}, {"karin", "it", mail.Absent}, {"karin", "karin", mail.Invalid},
			{"it", "it", mail.Invalid}, {"karin", "nils", mail.Invalid}, // who has none
		} {
			want(t, h.ResetFactor(ctx, h.actor[c.by], h.id(c.of)), c.want)
		}
		if codes("maria")+codes("karin")+codes("it") != 3 {
			t.Error("one is gone")
		}
	})
	t.Run("it is gone, the person is told, and it stands in the journal with who did it", func(t *testing.T) {
		fine(t, h.ResetFactor(ctx, h.actor["karin"], h.id("maria")))
		if codes("maria") != 0 {
			t.Error("it is still there")
		}
		if k := h.kinds("maria@kommun.example"); !slices.Contains(k, mail.NoticeFactorReset) {
			t.Errorf("%v", k)
		}
		h.view(func(tx *vault.ReadTx) error {
			list, err := tx.JournalSince(0, 1000)
			if e := list[len(list)-1]; e.Kind != "factor_reset" || e.Holder != h.id("maria") || e.Who == ([32]byte{}) {
				t.Errorf("%+v", e)
			}
			return err
		})
	})
}
