package office_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/seal"
)

// at is somebody as the sign-on names them.
func at(subject string, a mail.Address) office.Identity {
	return office.Identity{Issuer: "https://idp.example", Subject: subject, Address: a, Name: "Ulla Ek"}
}

func TestSignOn(t *testing.T) {
	x := newTown(t)
	p := x.withPassword(ulla, forgot)
	other := x.withPassword("siv@kommun.example", forgot)
	named := func(t *testing.T, who office.Identity, want mail.Person) {
		t.Helper()
		if q, err := x.SignedOn(ctx, who); err != nil || q.ID != want.ID {
			t.Errorf("%v %v", q.ID, err)
		}
	}
	t.Run("who comes for the first time is known by the address, and then by the subject", func(t *testing.T) {
		if is, err := x.IsBound(ctx, p.ID); is || err != nil {
			t.Error(is, err)
		}
		named(t, at("u1", "ULLA@kommun.example"), p)
		named(t, at("u1", "ulla.ny@kommun.example"), p) // who has married
		named(t, at("u1", "siv@kommun.example"), p)
		if is, err := x.IsBound(ctx, p.ID); !is || err != nil {
			t.Error(is, err)
		}
	})
	t.Run("an address that is given to somebody else there opens nothing here", func(t *testing.T) {
		_, err := x.SignedOn(ctx, at("u2", ulla))
		want(t, err, mail.Denied)
	})
	t.Run("another issuer's subject is another one", func(t *testing.T) {
		who := at("u1", "siv@kommun.example")
		who.Issuer = "https://other.example"
		named(t, who, other)
	})
	t.Run("an organiser may undo it, and nobody for themselves", func(t *testing.T) {
		boss, err := x.Make(ctx, office.NewPerson{Profile: mail.Profile{Address: "chef@kommun.example", Name: "Chef"}, Roles: mail.RoleAdmin, Password: forgot})
		fine(t, err)
		by := mail.Actor{Kind: mail.ActorPerson, ID: boss.ID}
		named(t, at("chef", "chef@kommun.example"), boss)
		want(t, x.Unbind(ctx, by, boss.ID), mail.Invalid)
		want(t, x.Unbind(ctx, mail.Actor{Kind: mail.ActorPerson, ID: other.ID}, p.ID), mail.Absent)
		fine(t, x.Unbind(ctx, by, p.ID))
		want(t, x.Unbind(ctx, by, p.ID), mail.Invalid)
		named(t, at("u2", ulla), p)
		same(t, x.noted(p), []string{"signon_bound", "signon_freed", "signon_bound"})
	})
	t.Run("an address of elsewhere is nobody's", func(t *testing.T) {
		_, err := x.SignedOn(ctx, at("x", "anna@example.se"))
		want(t, err, mail.Denied)
		_, err = x.Arrive(ctx, at("x", "anna@example.se"), "sv", forgot)
		want(t, err, mail.Denied)
	})
	t.Run("whom nobody has met yet comes in with a password of their own", func(t *testing.T) {
		who := at("n", "ny@kommun.example")
		_, err := x.SignedOn(ctx, who)
		want(t, err, mail.Absent)
		_, err = x.Arrive(ctx, who, "sv", "kort")
		want(t, err, mail.Invalid)
		n, err := x.Arrive(ctx, who, "sv", forgot)
		fine(t, err)
		named(t, who, n)
		if l, ok, err := x.Login(ctx, n.Lookup); !ok || err != nil || !n.Active {
			t.Error(l, err)
		}
		if len(x.kinds("ny@kommun.example")) != 0 {
			t.Error("with an invitation")
		}
	})
}

// seedOf is a person's seed, as the server opens it.
func (x *town) seedOf(t *testing.T, p mail.Person) seal.Secret {
	t.Helper()
	q, seed, err := x.OpenHeld(ctx, p.ID)
	fine(t, err)
	if q.ID != p.ID || !bytes.Equal(seal.PrivateKeyOf(seed).Public().Bytes(), p.Public) {
		t.Error("another key")
	}
	return seed
}

// signs is the key of who gives the password.
func (x *town) signs(p mail.Person, password string) *keyring.Person {
	x.t.Helper()
	l, _, err := x.Login(ctx, p.Lookup)
	fine(x.t, err)
	seed, err := x.stretch.OpenSeedByPassword(ctx, p.ID, []byte(password), l.Slot, l.Box)
	fine(x.t, err)
	return keyring.NewPerson(p.ID, seed)
}

func TestHeldSeeds(t *testing.T) {
	x := newTown(t)
	held := func(t *testing.T, p mail.Person, should bool) {
		t.Helper()
		has, err := x.Holds(ctx, p.ID)
		if err != nil || has != should {
			t.Errorf("%v %v", has, err)
		}
		if _, _, err := x.OpenHeld(ctx, p.ID); (err == nil) != should {
			t.Error(err)
		}
	}
	t.Run("the server holds nobody's key unless an administrator wants it", func(t *testing.T) {
		held(t, x.person(ulla), false)
		p := x.withPassword("siv@kommun.example", forgot)
		key := x.signs(p, forgot)
		fine(t, x.CameIn(ctx, x.owner(p, key), access.BySignOn))
		held(t, p, false)
	})
	x.ServerHeld = true
	p := x.withPassword("bo@kommun.example", forgot)
	t.Run("then it holds that of who comes by the sign-on, and not by a password", func(t *testing.T) {
		key := x.signs(p, forgot)
		fine(t, x.CameIn(ctx, x.owner(p, key), access.ByPassword))
		held(t, p, false)
		fine(t, x.CameIn(ctx, x.owner(p, key), access.BySignOn))
		fine(t, x.CameIn(ctx, x.owner(p, key), access.BySignOn))
		held(t, p, true)
		x.seedOf(t, p)
		if n, err := x.Held(ctx); n != 1 || err != nil {
			t.Error(n, err)
		}
	})
	t.Run("of who was invited until they choose a password: they were told that nobody else opens it", func(t *testing.T) {
		p := x.person(ulla2)
		held(t, p, true)
		code, secret := x.invitation(ulla2)
		_, _, err := x.Activate(ctx, code, secret, forgot)
		fine(t, err)
		held(t, p, false)
	})
	t.Run("and never of somebody of elsewhere, whom the sign-on cannot name", func(t *testing.T) {
		p, err := x.Make(ctx, office.NewPerson{Profile: mail.Profile{Address: "ordf@forening.example", Name: "Ordf", Lang: "sv"}, Invite: true})
		fine(t, err)
		held(t, p, false)
	})
	t.Run("somebody is made with what opens the key, or not at all", func(t *testing.T) {
		c := x.Office.Config
		c.Store = &fails{Store: x.store, from: 2}
		o := office.New(c)
		fine(t, o.Load(ctx))
		_, err := o.Arrive(ctx, at("k", "kim@kommun.example"), "sv", "")
		p, err2 := x.SignedOn(ctx, at("k", "kim@kommun.example"))
		if err2 == nil {
			held(t, p, true)
		} else if mail.KindOf(err2) != mail.Absent {
			t.Errorf("%v, %v", err, err2)
		}
	})
	invited := x.person("inbjuden@kommun.example")
	var nils mail.Person
	t.Run("and of who is met from then on: they need no password", func(t *testing.T) {
		p, err := x.Arrive(ctx, at("n", "nils@kommun.example"), "sv", "")
		fine(t, err)
		key := keyring.NewPerson(p.ID, x.seedOf(t, p))
		fine(t, x.CameIn(ctx, x.owner(p, key), access.BySignOn))
		if wraps, _ := x.wraps(p.ID); len(wraps) != 2 { // R and H
			t.Errorf("%d wraps", len(wraps))
		}
		nils = p
	})
	t.Run("who has no password may act on their own account all the same", func(t *testing.T) {
		key := keyring.NewPerson(nils.ID, x.seedOf(t, nils))
		_, err := x.MakeRecoveryCode(ctx, x.owner(nils, key))
		fine(t, err)
	})
	t.Run("when nobody wants it any more, it lets go of all but who has nothing else", func(t *testing.T) {
		x.ServerHeld = false
		fine(t, x.LetGo(ctx))
		held(t, p, false)
		held(t, invited, false) // an invitation is another way
		held(t, nils, true)
		fine(t, x.LetGo(ctx))
		held(t, nils, true)
	})
	t.Run("and of these as soon as they have chosen a password", func(t *testing.T) {
		by := x.owner(nils, keyring.NewPerson(nils.ID, x.seedOf(t, nils)))
		_, err := x.ChangePassword(ctx, by, forgot)
		fine(t, err)
		held(t, nils, false)
		_, err = x.MakeRecoveryCode(ctx, by) // a session from before
		want(t, err, mail.Denied)
	})
}

// ulla2 is somebody who is met while the server holds keys.
const ulla2 = mail.Address("ulla.ny@kommun.example")

// fails is a store that refuses every act from a certain one on.
type fails struct {
	office.Store
	from, n int
}

func (f *fails) Update(ctx context.Context, do func(office.Tx) error) error {
	if f.n++; f.n >= f.from {
		return errors.New("the power is off")
	}
	return f.Store.Update(ctx, do)
}

func TestWhatEndsHeldSeeds(t *testing.T) {
	for name, way := range map[string]func(x kitTown, p mail.Person, key *keyring.Person){
		"the recovery kit":  kitTown.usesKit,
		"the code on paper": kitTown.usesPaper,
	} {
		t.Run(name+" ends what the server holds: another password is to be the only way", func(t *testing.T) {
			x := newKitTown(t)
			p, key := x.settled()
			x.ServerHeld = true
			fine(t, x.CameIn(ctx, x.owner(p, key), access.BySignOn))
			if has, err := x.Holds(ctx, p.ID); !has || err != nil {
				t.Fatal(has, err)
			}
			way(x, p, key)
			if has, err := x.Holds(ctx, p.ID); has || err != nil {
				t.Error(has, err)
			}
		})
	}
	t.Run("who is suspended is opened to nobody, by whatever way", func(t *testing.T) {
		x := newKitTown(t)
		p, key, k := x.keyed()
		x.ServerHeld = true
		fine(t, x.CameIn(ctx, x.owner(p, key), access.BySignOn))
		fine(t, x.Suspend(ctx, mail.Actor{Kind: mail.ActorSystem}, p.ID, office.ByHand))
		if x.opensBy(k, gave) {
			t.Error("a passkey opens")
		}
		if _, _, err := x.FindPasskey(ctx, []byte("a")); mail.KindOf(err) != mail.Absent {
			t.Error(err)
		}
		if _, _, err := x.OpenHeld(ctx, p.ID); mail.KindOf(err) != mail.Denied {
			t.Error(err)
		}
		_, err := x.SignedOn(ctx, at("u", ullas))
		want(t, err, mail.Denied)
	})
}
