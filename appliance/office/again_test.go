package office_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/outbox"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

// leaves lets the next server take somebody's invitation: its code is nowhere here.
func (x *town) leaves(p mail.ID) {
	x.t.Helper()
	var dead []mail.Slot
	fine(x.t, x.db.Update(ctx, func(tx *vault.Tx) error {
		rows, err := tx.OutgoingOf(p)
		for _, o := range rows {
			dead = append(dead, o.Slot)
			err = errors.Join(err, tx.SaveOutgoing(outbox.Emptied(o)))
		}
		return err
	}))
	if len(dead) == 0 {
		x.t.Fatal("no invitation to leave")
	}
	fine(x.t, x.store.EraseSlots(ctx, dead))
}

// letter puts a letter into somebody's mailbox, and returns its error.
func (x *town) letter(p mail.ID, f mail.Folder) error {
	x.t.Helper()
	slots, err := x.store.Reserve(mail.Shred, 2)
	fine(x.t, err)
	m := mail.Message{ID: mail.NewID(), Thread: mail.NewID(), Way: mail.In, State: mail.Active, Owner: p, Slot: slots[0], Envelope: mail.Box("e"), At: x.clock.Now()}
	h := mail.Holder{ID: mail.NewID(), Message: m.ID, Kind: mail.HolderPerson, Owner: p, House: true, Folder: f, State: mail.Active, Slot: slots[1], Columns: mail.Box("c")}
	s := mail.Sealed{Message: m, Head: mail.Box("h"), Holders: []mail.Holder{h}}
	for _, slot := range slots {
		s.Slots = append(s.Slots, mail.SlotWrite{Slot: slot, Value: x.app.SealSlot(byte(slot.File), slot.N, seal.NewSecret())})
	}
	return x.db.Update(ctx, func(tx *vault.Tx) error { return tx.PutSealed(&s) })
}

func (x *town) invite(a mail.Address) error {
	return x.InviteAgain(ctx, system, x.person(a).ID)
}

// comes takes the key over with the code that waits, and returns it.
func (x *town) comes(a mail.Address) *keyring.Person {
	x.t.Helper()
	code, secret := x.invitation(a)
	_, key, err := x.Activate(ctx, code, secret, "fyra gröna hästar")
	fine(x.t, err)
	return key
}

// opens checks that a key is the one to which a person's letters are sealed.
func (x *town) opens(key *keyring.Person, p mail.Person) {
	x.t.Helper()
	if !bytes.Equal(seal.PrivateKeyOf(key.Seed()).Public().Bytes(), p.Public) {
		x.t.Error("the key does not open what is sealed to its owner")
	}
}

// kept checks that no slot is set aside for nothing, with so many in use.
func (x *town) kept(n int) {
	x.t.Helper()
	if len(x.store.slots) != n {
		x.t.Errorf("%d slots are set aside, want %d", len(x.store.slots), n)
	}
}

func TestInviteAgain(t *testing.T) {
	t.Run("while the mail waits, the same key gets a new code, letters or not, and the old code is dead", func(t *testing.T) {
		x := newTown(t)
		p := x.person(ulla)
		fine(t, x.letter(p.ID, mail.Inbox))
		code, secret := x.invitation(ulla)
		x.clock.goes(80 * 24 * time.Hour)
		fine(t, x.invite(ulla))
		want(t, second(x.Activate(ctx, code, secret, "fyra gröna hästar")), mail.Absent)
		if n := x.notices(); len(n) != 1 || n[0].ToName != "Ulla Ek" || !n[0].Until.Equal(x.clock.Now().AddDate(0, 0, 90)) {
			t.Errorf("%d notices", len(n))
		}
		if q := x.person(ulla); q.ID != p.ID {
			t.Error("another person")
		}
		x.kept(4 + 2)
		x.opens(x.comes(ulla), p)
	})
	t.Run("once it was lost, somebody without letters gets another key, for R and H as well", func(t *testing.T) {
		x := newTown(t)
		p := x.person(ulla)
		code, secret := x.invitation(ulla)
		x.leaves(p.ID)
		fine(t, x.invite(ulla))
		want(t, second(x.Activate(ctx, code, secret, "fyra gröna hästar")), mail.Absent)
		q := x.person(ulla)
		r, _, err := x.another().Resident(ctx, ulla, "")
		if err != nil || q.ID == p.ID || bytes.Equal(q.Public, p.Public) || r.ID != q.ID || x.woken.Load() == 0 {
			t.Errorf("%v: %v and %v", err, q.ID, r.ID)
		}
		wraps, keys := x.wraps(q.ID)
		seed, err := keyring.OpenSeedBy(keyring.SeedByRecoveryKey, x.recovery, q.ID, keys[mail.SeedRecoveryKey], wraps[mail.SeedRecoveryKey].Box)
		fine(t, err)
		if left, _ := x.wraps(p.ID); len(left) != 0 {
			t.Error("the old key is locked still")
		}
		x.kept(4)
		key := x.comes(ulla)
		x.opens(key, q)
		if !bytes.Equal(seed.Bytes(), key.Seed().Bytes()) {
			t.Error("R opens another seed")
		}
		if f, err := x.Profile(q); err != nil || f.Address != ulla || f.Name != "Ulla Ek" {
			t.Errorf("%+v %v", f, err)
		}
	})
	for f := mail.Inbox; f <= mail.Kept; f++ {
		t.Run("once it was lost, somebody with letters keeps the key that opens them, and the code if it turns up", func(t *testing.T) {
			x := newTown(t)
			p := x.person(ulla)
			code, secret := x.invitation(ulla)
			x.leaves(p.ID)
			fine(t, x.letter(p.ID, f))
			err := x.invite(ulla)
			want(t, err, mail.Invalid)
			var e *mail.Error
			if !errors.As(err, &e) || e.Say != "error.invite.letters" {
				t.Errorf("says %v", err)
			}
			if q := x.person(ulla); q.ID != p.ID || x.Replaced(p.ID) || len(x.notices()) != 0 {
				t.Error("something has changed")
			}
			x.kept(3 + 2)
			_, key, err := x.Activate(ctx, code, secret, "fyra gröna hästar")
			fine(t, err)
			x.opens(key, p)
		})
	}
	t.Run("a letter that is under way to the old key is refused, and one to the new key is not", func(t *testing.T) {
		x := newTown(t)
		p := x.person(ulla)
		x.leaves(p.ID)
		fine(t, x.invite(ulla))
		if q := x.person(ulla); !x.Replaced(p.ID) || x.Replaced(q.ID) {
			t.Error(x.Replaced(p.ID), x.Replaced(q.ID))
		}
	})
	t.Run("who has been here is not invited again", func(t *testing.T) {
		x := newTown(t)
		x.person(ulla)
		x.comes(ulla)
		want(t, x.invite(ulla), mail.Invalid)
	})
	t.Run("if the store refuses, everything is as it was", func(t *testing.T) {
		x := newTown(t)
		p := x.person(ulla)
		x.leaves(p.ID)
		broken := errors.New("disk")
		x.store.inside = broken
		err := x.invite(ulla)
		x.store.inside = nil
		if !errors.Is(err, broken) || x.Replaced(p.ID) || x.person(ulla).ID != p.ID {
			t.Errorf("%v, replaced: %v", err, x.Replaced(p.ID))
		}
		x.kept(3)
	})
}

func TestFirstAdminWhoWasNeverHere(t *testing.T) {
	const kim = mail.Address("kim@kommun.example")
	restart := func(x *town, a mail.Address) { x.t.Helper(); fine(x.t, x.another().FirstAdmin(ctx, a)) }
	t.Run("is invited anew by a later start, and not by one at once", func(t *testing.T) {
		x := newTown(t)
		restart(x, ulla)
		x.leaves(x.person(ulla).ID)
		x.clock.goes(time.Minute)
		restart(x, ulla)
		if n := x.notices(); len(n) != 0 {
			t.Fatalf("%d invitations at once", len(n))
		}
		x.clock.goes(time.Hour)
		restart(x, ulla)
		x.Office = x.another()
		x.opens(x.comes(ulla), x.person(ulla))
		if p := x.person(ulla); p.Roles&mail.RoleAdmin == 0 {
			t.Errorf("roles %v", p.Roles)
		}
		x.clock.goes(time.Hour)
		restart(x, ulla)
		if n := x.notices(); len(n) != 1 { // the one that was taken up
			t.Errorf("%d invitations", len(n))
		}
	})
	t.Run("keeps an invitation that waits", func(t *testing.T) {
		x := newTown(t)
		restart(x, ulla)
		code, _ := x.invitation(ulla)
		x.clock.goes(30 * 24 * time.Hour)
		restart(x, ulla)
		if again, _ := x.invitation(ulla); again != code {
			t.Error("another code")
		}
	})
	t.Run("does not stop the start if letters wait, and another address takes the place", func(t *testing.T) {
		x := newTown(t)
		restart(x, ulla)
		p := x.person(ulla)
		x.leaves(p.ID)
		fine(t, x.letter(p.ID, mail.Inbox))
		x.clock.goes(time.Hour)
		restart(x, ulla)
		restart(x, kim)
		x.Office = x.another()
		if u, k := x.person(ulla), x.person(kim); u.Roles&mail.RoleAdmin != 0 || k.Roles&mail.RoleAdmin == 0 {
			t.Errorf("%v %v", u.Roles, k.Roles)
		}
		x.comes(kim)
		restart(x, ulla)
		if p := x.person(ulla); p.Roles&mail.RoleAdmin != 0 {
			t.Error("another address becomes administrator though one has been here")
		}
	})
}

func TestForgetInvitations(t *testing.T) {
	forget := func(x *town, want int) {
		x.t.Helper()
		n, err := x.ForgetInvitations(ctx)
		fine(x.t, err)
		if n != want {
			x.t.Errorf("%d forgotten, want %d", n, want)
		}
	}
	state := func(x *town, p mail.ID) (i office.Invitation) {
		x.view(func(tx *vault.ReadTx) (err error) { i, err = x.Invitation(tx, p); return err })
		return i
	}
	t.Run("after ninety days lock, key and code are gone, those for R and H are not, and others are left alone", func(t *testing.T) {
		x := newTown(t)
		p := x.person(ulla)
		x.person("kim@kommun.example")
		x.comes("kim@kommun.example")
		until := x.clock.Now().AddDate(0, 0, 90)
		if i := state(x, p.ID); !i.Until.Equal(until) || !i.Waits {
			t.Errorf("%+v", i)
		}
		x.leaves(p.ID)
		wraps, _ := x.wraps(p.ID)
		x.clock.goes(90*24*time.Hour - time.Millisecond)
		forget(x, 0)
		if i := state(x, p.ID); !i.Until.Equal(until) || i.Waits {
			t.Errorf("%+v", i)
		}
		late := x.person("bo@skola.example")
		x.clock.goes(time.Millisecond)
		forget(x, 1)
		x.view(func(tx *vault.ReadTx) error {
			_, err := tx.SlotValue(wraps[mail.SeedInvitation].Slot)
			want(t, err, mail.Gone)
			codes, err := tx.CodesOf(p.ID)
			if err != nil || len(codes) != 0 {
				t.Errorf("%d codes, %v", len(codes), err)
			}
			return nil
		})
		left, _ := x.wraps(p.ID)
		if i := state(x, p.ID); len(left) != 2 || !i.Until.IsZero() || state(x, late.ID).Until.IsZero() {
			t.Errorf("%d locks, %+v", len(left), i)
		}
		forget(x, 0)
	})
	t.Run("and somebody without letters can be invited again", func(t *testing.T) {
		x := newTown(t)
		p := x.person(ulla)
		x.leaves(p.ID)
		x.clock.goes(91 * 24 * time.Hour)
		forget(x, 1)
		fine(t, x.invite(ulla))
		x.opens(x.comes(ulla), x.person(ulla))
	})
	t.Run("the mail waits as long as its code is good", func(t *testing.T) {
		x := newTown(t)
		p := x.person(ulla)
		var rows []mail.Outgoing
		x.view(func(tx *vault.ReadTx) (err error) { rows, err = tx.OutgoingOf(p.ID); return err })
		if len(rows) != 1 || !rows[0].Expires.Equal(state(x, p.ID).Until) {
			t.Errorf("%+v", rows)
		}
	})
}
