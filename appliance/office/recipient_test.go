package office_test

import (
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/org"
	"sigill/appliance/vault"
)

const (
	citizen      = mail.Address("anna@example.se")
	citizenPhone = mail.Phone("+46701234567")
	citizenWord  = "sju gröna båtar i viken"
)

func (x *town) registers(a mail.Address) (mail.Person, error) {
	return x.Register(ctx, office.NewRecipient{Address: a, Lang: "sv", Phone: citizenPhone, Password: citizenWord}, stands)
}

// stands is a letter that has neither ended nor changed.
func stands(office.ReadTx) error { return nil }

// seed opens a person's key by the password.
func (x *town) key(p mail.Person, password string) *keyring.Person {
	x.t.Helper()
	l, ok, err := x.Login(ctx, p.Lookup)
	fine(x.t, err)
	if !ok {
		x.t.Fatal("nobody signs in there")
	}
	lock, err := x.stretch.PasswordLock(ctx, []byte(password), l.Box)
	fine(x.t, err)
	seed, err := keyring.OpenSeedByLock(p.ID, lock, l.Slot, l.Box)
	fine(x.t, err)
	return keyring.NewPerson(p.ID, seed)
}

func TestRegister(t *testing.T) {
	x := newTown(t)
	p, err := x.registers(citizen)
	fine(t, err)
	t.Run("the key is locked under the password and for R, and for nobody's helpers", func(t *testing.T) {
		x.key(p, citizenWord)
		var kinds []mail.SeedKind
		x.view(func(tx *vault.ReadTx) error {
			list, err := tx.SeedWraps(p.ID)
			for _, w := range list {
				kinds = append(kinds, w.Kind)
			}
			return err
		})
		if len(kinds) != 2 || kinds[0] != mail.SeedPassword || kinds[1] != mail.SeedRecoveryKey {
			t.Errorf("%v", kinds)
		}
	})
	t.Run("the phone is a second factor in its own right", func(t *testing.T) {
		f, err := x.Factor(ctx, p.ID)
		fine(t, err)
		if !f.On() || !f.Phoned || f.Phone != citizenPhone || !f.Key.IsZero() {
			t.Errorf("%+v", f)
		}
	})
	t.Run("they are found as a recipient, and are in no list, also after a start", func(t *testing.T) {
		for _, o := range []*office.Office{x.Office, x.another()} {
			found, err := o.Recipients(ctx, []mail.Address{citizen, "ingen@example.se"})
			fine(t, err)
			if r := found[citizen.Key()]; len(found) != 1 || r.ID != p.ID || r.Phone != citizenPhone || r.Lang != "sv" || !r.Since.Equal(p.At) || r.Since.IsZero() {
				t.Errorf("%+v", found)
			}
			o.Tree(func(tree *org.Tree) {
				if _, known := tree.PersonAt(citizen); known {
					t.Error("the organisation knows them")
				}
			})
			if _, ok, err := o.Resident(ctx, citizen, ""); ok || err != nil {
				t.Errorf("one of the house: %v %v", ok, err)
			}
			if o.MayWrite(p.ID) || o.Roles(p.ID) != 0 {
				t.Error("rights of the house")
			}
			if _, ok, _ := o.Helped(ctx, p.Lookup); ok {
				t.Error("an organiser would help them")
			}
		}
	})
	t.Run("signing in and another language tell the organisation nothing", func(t *testing.T) {
		fine(t, x.CameIn(ctx, x.owner(p, x.key(p, citizenWord)), access.ByPassword))
		fine(t, x.SetLanguage(ctx, p.ID, "en"))
		x.Tree(func(tree *org.Tree) {
			if _, known := tree.PersonAt(citizen); known {
				t.Error("the organisation knows them")
			}
		})
	})
	t.Run("the address is told, and registers once", func(t *testing.T) {
		if k := x.kinds(citizen); len(k) != 1 || k[0] != mail.NoticeAccount {
			t.Errorf("%v", k)
		}
		_, err := x.registers(citizen)
		want(t, err, mail.Invalid)
	})
	t.Run("an address of the house does not register, in the same words", func(t *testing.T) {
		_, taken := x.registers(citizen)
		_, ours := x.registers("ulla@kommun.example")
		if ours == nil || taken.Error() != ours.Error() {
			t.Errorf("%v, %v", taken, ours)
		}
	})
	t.Run("a leaked password makes nobody", func(t *testing.T) {
		_, err := x.Register(ctx, office.NewRecipient{Address: "bo@example.se", Phone: citizenPhone, Password: leakedOne}, stands)
		want(t, err, mail.Invalid)
		if found, _ := x.Recipients(ctx, []mail.Address{"bo@example.se"}); len(found) != 0 {
			t.Error("made")
		}
	})
	t.Run("nobody is made one of the house of them from outside", func(t *testing.T) {
		_, err := x.Make(ctx, office.NewPerson{Profile: mail.Profile{Address: citizen}})
		want(t, err, mail.Invalid)
	})
	t.Run("an app takes the phone's place as the second factor", func(t *testing.T) {
		fine(t, x.sets(p, access.NewTOTPKey(), 1, citizenPhone))
		f, err := x.Factor(ctx, p.ID)
		fine(t, err)
		if f.Phoned || f.Key.IsZero() {
			t.Errorf("%+v", f)
		}
		want(t, x.sets(p, access.NewTOTPKey(), 2, citizenPhone), mail.Denied)
	})
}

func TestCloseAccount(t *testing.T) {
	x := newTown(t)
	p, err := x.registers(citizen)
	fine(t, err)
	owner := x.owner(p, x.key(p, citizenWord))
	_, err = x.MakeCodes(ctx, owner)
	fine(t, err)
	paper, err := x.MakeRecoveryCode(ctx, owner)
	fine(t, err)
	var slots []mail.Slot
	x.view(func(tx *vault.ReadTx) error {
		list, err := tx.SeedWraps(p.ID)
		for _, w := range list {
			slots = append(slots, w.Slot)
		}
		return err
	})
	t.Run("one of the house closes nothing", func(t *testing.T) {
		u := x.withPassword("ulla@kommun.example", "fyra gröna hästar")
		want(t, x.closes(x.owner(u, nil)), mail.Absent)
	})
	t.Run("a password of before closes nothing", func(t *testing.T) {
		late := owner
		late.Lock = mail.Box("another")
		want(t, x.closes(late), mail.Denied)
		if x.Replaced(p.ID) {
			t.Error("letters to them are refused")
		}
	})
	fine(t, x.closes(owner))
	t.Run("every lock of the key is erased, and all that they sign in by", func(t *testing.T) {
		x.view(func(tx *vault.ReadTx) error {
			list, err := tx.SeedWraps(p.ID)
			if err != nil || len(list) != 0 {
				t.Errorf("%d locks, %v", len(list), err)
			}
			for _, s := range slots {
				if _, err := tx.SlotValue(s); mail.KindOf(err) != mail.Gone {
					t.Errorf("slot %v: %v", s, err)
				}
			}
			if codes, _ := tx.SignInCodes(p.ID); len(codes.Hashes) != 0 {
				t.Error("printed codes are good")
			}
			return nil
		})
		if f, _ := x.Factor(ctx, p.ID); f.On() {
			t.Error("there is a second factor")
		}
		if _, ok, err := x.Login(ctx, p.Lookup); ok || err != nil {
			t.Errorf("%v %v", ok, err)
		}
		_, err := x.UseRecoveryCode(ctx, p.Lookup, paper, "fem gula båtar i hamn")
		want(t, err, mail.Denied)
	})
	t.Run("sessions end, nothing more is sealed to them, and a mail tells it", func(t *testing.T) {
		if len(x.out) != 1 || !x.Replaced(p.ID) {
			t.Errorf("out %v, replaced %v", x.out, x.Replaced(p.ID))
		}
		if found, _ := x.Recipients(ctx, []mail.Address{citizen}); len(found) != 0 {
			t.Error("found")
		}
		if k := x.kinds(citizen); k[len(k)-1] != mail.NoticeClosed {
			t.Errorf("%v", k)
		}
	})
	t.Run("a second press changes nothing", func(t *testing.T) {
		want(t, x.closes(owner), mail.Absent)
		if !x.Replaced(p.ID) {
			t.Error("letters to nobody would be taken")
		}
	})
	t.Run("the address registers again, as somebody new", func(t *testing.T) {
		again, err := x.registers(citizen)
		fine(t, err)
		if again.ID == p.ID || string(again.Public) == string(p.Public) {
			t.Error("the same one")
		}
	})
	t.Run("a start finds nobody in the old row", func(t *testing.T) { x.another() })
}

func TestInviteRecipient(t *testing.T) {
	x := newTown(t)
	chief, err := x.Make(ctx, office.NewPerson{Profile: mail.Profile{Address: "chef@kommun.example", Name: "Chef"}, Roles: mail.RoleAdmin, Password: "fyra gröna hästar"})
	fine(t, err)
	boss := mail.Actor{Kind: mail.ActorAdmin, ID: chief.ID}
	organiser := x.withPassword("org@kommun.example", "fyra gröna hästar")
	fine(t, x.Appoint(ctx, boss, organiser.ID, mail.RootUnit))
	other := x.withPassword("annan@kommun.example", "fyra gröna hästar")
	by := mail.Actor{Kind: mail.ActorPerson, ID: organiser.ID}
	invite := func(a mail.Actor, to mail.Address) error {
		return x.InviteRecipient(ctx, a, office.NewRecipient{Address: to, Lang: "sv", Phone: citizenPhone})
	}
	list := func(a mail.Actor) []office.InvitedRecipient {
		l, err := x.InvitedRecipients(ctx, a)
		fine(t, err)
		return l
	}
	t.Run("who organises nothing invites nobody, and sees nobody", func(t *testing.T) {
		nobody := mail.Actor{Kind: mail.ActorPerson, ID: other.ID}
		want(t, invite(nobody, citizen), mail.Absent)
		if len(list(nobody)) != 0 {
			t.Error("a list")
		}
	})
	t.Run("an address of the house is refused", func(t *testing.T) { want(t, invite(by, "ulla@kommun.example"), mail.Invalid) })
	fine(t, invite(by, citizen))
	first := x.invited(citizen)
	t.Run("its mail holds a code, and goes by verified TLS only: the phone that is asked for too is the inviter's word", func(t *testing.T) {
		if first.Kind != mail.NoticeInvited || first.Code == "" || !first.MustTLS || first.Tail != "67" {
			t.Errorf("%+v", first.Kind)
		}
	})
	t.Run("they are no recipient yet, and sign in nowhere", func(t *testing.T) {
		if found, _ := x.Recipients(ctx, []mail.Address{citizen}); len(found) != 0 {
			t.Error("letters would be sealed to them")
		}
		if _, ok, _ := x.Login(ctx, x.app.Lookup(citizen.Key())); ok {
			t.Error("there is a password")
		}
	})
	t.Run("who has invited sees it, and administrators", func(t *testing.T) {
		if l := list(by); len(l) != 1 || l[0].Address != citizen || l[0].Tail != "67" || l[0].Until.IsZero() {
			t.Errorf("%+v", l)
		}
		fine(t, x.Appoint(ctx, boss, other.ID, mail.RootUnit))
		third := mail.Actor{Kind: mail.ActorPerson, ID: other.ID}
		if len(list(boss)) != 1 || len(list(third)) != 0 {
			t.Errorf("%d, %d", len(list(boss)), len(list(third)))
		}
		want(t, x.WithdrawRecipient(ctx, third, list(by)[0].ID), mail.Absent)
		want(t, x.InviteRecipientAgain(ctx, third, list(by)[0].ID, false), mail.Absent)
		want(t, invite(third, citizen), mail.Invalid)
	})
	activate := func(n mail.Notice, phone mail.Phone) error {
		code, err := mail.ParseLinkCode(n.Code)
		fine(t, err)
		secret := x.app.Code(code.Secret())
		var id mail.ID
		x.view(func(tx *vault.ReadTx) error {
			c, err := tx.CodeByLocator(secret.Locator)
			id = c.ID
			if mail.KindOf(err) == mail.Absent {
				return nil
			}
			return err
		})
		if phone == "as one of the house" {
			_, _, err := x.Activate(ctx, id, secret, citizenWord)
			return err
		}
		_, err = x.ActivateRecipient(ctx, id, secret, phone, citizenWord)
		return err
	}
	t.Run("the code opens nothing without the proven phone", func(t *testing.T) {
		for _, phone := range []mail.Phone{"", "+46709998877", "as one of the house"} {
			want(t, activate(first, phone), mail.Absent)
		}
	})
	t.Run("again: the code of before is dead", func(t *testing.T) {
		fine(t, x.InviteRecipientAgain(ctx, by, list(by)[0].ID, false))
		want(t, activate(first, citizenPhone), mail.Absent)
	})
	t.Run("with both they are registered, and in the list no more", func(t *testing.T) {
		fine(t, activate(x.invited(citizen), citizenPhone))
		found, err := x.Recipients(ctx, []mail.Address{citizen})
		fine(t, err)
		if len(found) != 1 || len(list(boss)) != 0 {
			t.Errorf("%d, %d", len(found), len(list(boss)))
		}
		want(t, invite(by, citizen), mail.Invalid)
		want(t, x.WithdrawRecipient(ctx, boss, found[citizen.Key()].ID), mail.Absent)
	})
	t.Run("one that is withdrawn, and one that is over, leave nothing", func(t *testing.T) {
		fine(t, invite(by, "bo@example.se"))
		gone := x.invited("bo@example.se")
		fine(t, x.WithdrawRecipient(ctx, boss, list(by)[0].ID))
		want(t, activate(gone, citizenPhone), mail.Absent)
		fine(t, invite(by, "cia@example.se"))
		late := list(by)[0].ID
		x.clock.goes(91 * 24 * time.Hour)
		n, err := x.ForgetInvitations(ctx)
		fine(t, err)
		if n == 0 || len(list(by)) != 0 || !x.personRow(late).IsNobody() {
			t.Errorf("%d, %d", n, len(list(by)))
		}
		if f, _ := x.Factor(ctx, late); f.On() || f.Phone != "" {
			t.Error("the phone is kept")
		}
	})
}

// closes closes an account, and wants it to be closed just if there is no error.
func (x *town) closes(by access.Owner) error {
	x.t.Helper()
	closed, err := x.CloseAccount(ctx, by)
	if closed != (err == nil) {
		x.t.Errorf("closed %v, and %v", closed, err)
	}
	return err
}

// invited is the last invitation to a citizen at an address.
func (x *town) invited(a mail.Address) (n mail.Notice) {
	x.t.Helper()
	for _, m := range x.notices() {
		if m.To == a && m.Kind == mail.NoticeInvited {
			n = m
		}
	}
	if n.Code == "" {
		x.t.Fatal("no invitation")
	}
	return n
}
