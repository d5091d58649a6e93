package office_test

import (
	"bytes"
	"testing"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

// gave is what a passkey gives for the key.
var gave = bytes.Repeat([]byte{7}, keyring.PRFSize)

// keyed is somebody with a second factor and a passkey that opens their key.
func (x kitTown) keyed() (mail.Person, *keyring.Person, office.Passkey) {
	x.t.Helper()
	p, key := x.settled()
	fine(x.t, x.sets(p, access.NewTOTPKey(), 1, "+46701234567"))
	fine(x.t, x.AddPasskey(ctx, x.owner(p, key), office.NewPasskey{Name: " Telefonen ", ID: []byte("a"), Credential: []byte(`{"a":1}`), PRF: gave}))
	_, k, err := x.FindPasskey(ctx, []byte("a"))
	fine(x.t, err)
	return p, key, k
}

// opensBy reports whether a passkey that has given this opens ullas's key.
func (x kitTown) opensBy(k office.Passkey, prf []byte) bool {
	x.t.Helper()
	p, seed, err := x.OpenByPasskey(ctx, k.ID, x.Shown(mail.Person{}, k, prf).Lock)
	if err != nil && mail.KindOf(err) != mail.Denied {
		x.t.Error(err)
	}
	return err == nil && bytes.Equal(seal.PrivateKeyOf(seed).Public().Bytes(), p.Public)
}

func TestPasskeys(t *testing.T) {
	t.Run("who has no second factor gets none: it is lost with the machine that it is in", func(t *testing.T) {
		x := newKitTown(t)
		p, key := x.settled()
		err := x.AddPasskey(ctx, x.owner(p, key), office.NewPasskey{Name: "Telefonen", ID: []byte("a"), PRF: gave})
		want(t, err, mail.Invalid)
	})
	x := newKitTown(t)
	p, key, k := x.keyed()
	t.Run("it opens the key, with what it gives and with nothing else", func(t *testing.T) {
		if !x.opensBy(k, gave) || x.opensBy(k, bytes.Repeat([]byte{8}, 32)) || x.opensBy(k, nil) || x.opensBy(k, gave[:31]) {
			t.Error("it does not, or something else does")
		}
		if x.opensBy(office.Passkey{ID: mail.NewID(), Opens: true}, gave) {
			t.Error("one that is not there opens")
		}
	})
	t.Run("it is found by its credential, with its name, sealed", func(t *testing.T) {
		q, k, err := x.FindPasskey(ctx, []byte("a"))
		if err != nil || q.ID != p.ID || k.Name != "Telefonen" || string(k.Credential) != `{"a":1}` || !k.Opens || !k.Used.IsZero() {
			t.Errorf("%+v %v", k, err)
		}
		if _, _, err := x.FindPasskey(ctx, []byte("b")); mail.KindOf(err) != mail.Absent || err == nil {
			t.Error(err)
		}
		x.view(func(tx *vault.ReadTx) error {
			row, err := tx.Passkey(k.ID)
			if bytes.Contains(row.Columns, []byte("Telefonen")) {
				t.Error("in the clear")
			}
			return err
		})
	})
	t.Run("they are told", func(t *testing.T) {
		kinds := x.kinds(ullas)
		if kinds[len(kinds)-1] != mail.NoticePasskey {
			t.Error(kinds)
		}
	})
	t.Run("what a use changes of it is kept", func(t *testing.T) {
		k.Credential = []byte(`{"a":2}`)
		fine(t, x.UsePasskey(ctx, k))
		if list, err := x.Passkeys(ctx, p.ID); err != nil || len(list) != 1 || string(list[0].Credential) != `{"a":2}` || list[0].Used.IsZero() {
			t.Errorf("%+v %v", list, err)
		}
	})
	t.Run("none is taken twice, and none without a name", func(t *testing.T) {
		want(t, x.AddPasskey(ctx, x.owner(p, key), office.NewPasskey{Name: "En till", ID: []byte("a"), PRF: gave}), mail.Invalid)
		want(t, x.AddPasskey(ctx, x.owner(p, key), office.NewPasskey{Name: " ", ID: []byte("b"), PRF: gave}), mail.Invalid)
	})
	t.Run("one that gives nothing is kept without a slot, and opens nothing", func(t *testing.T) {
		before := len(x.store.slots)
		fine(t, x.AddPasskey(ctx, x.owner(p, key), office.NewPasskey{Name: "Pinnen", ID: []byte("c")}))
		_, c, err := x.FindPasskey(ctx, []byte("c"))
		if err != nil || c.Opens || x.opensBy(c, gave) || len(x.store.slots) != before+1 { // of the mail
			t.Errorf("%+v %v, %d slots", c, err, len(x.store.slots)-before)
		}
		fine(t, x.DropPasskey(ctx, x.owner(p, key), c.ID))
	})
	t.Run("there are twenty at most", func(t *testing.T) {
		for i := range mail.MaxPasskeys - 1 {
			fine(t, x.AddPasskey(ctx, x.owner(p, key), office.NewPasskey{Name: "En", ID: []byte{'n', byte(i)}}))
		}
		want(t, x.AddPasskey(ctx, x.owner(p, key), office.NewPasskey{Name: "En", ID: []byte("z"), PRF: gave}), mail.Invalid)
	})
	t.Run("it outlives another password, and is removed by its owner only", func(t *testing.T) {
		fine(t, x.changes(p, key, newWords))
		if !x.opensBy(k, gave) {
			t.Error("it opens nothing any more")
		}
		other := x.withPassword("siv@kommun.example", forgot)
		want(t, x.DropPasskey(ctx, x.owner(other, nil), k.ID), mail.Absent)
		fine(t, x.DropPasskey(ctx, x.owner(p, key), k.ID))
		if x.opensBy(k, gave) {
			t.Error("it still opens")
		}
		if _, _, err := x.FindPasskey(ctx, []byte("a")); mail.KindOf(err) != mail.Absent {
			t.Error(err)
		}
	})
}

// usesKit has the recovery kit open the key.
func (x kitTown) usesKit(mail.Person, *keyring.Person) {
	x.t.Helper()
	_, err := x.Restore(ctx, here, x.answer(), false)
	fine(x.t, err)
}

// usesPaper has a code on paper open it.
func (x kitTown) usesPaper(p mail.Person, key *keyring.Person) {
	x.t.Helper()
	code, err := x.MakeRecoveryCode(ctx, x.owner(p, key))
	fine(x.t, err)
	_, err = x.UseRecoveryCode(ctx, p.Lookup, code, newWords)
	fine(x.t, err)
}

func TestWhatEndsPasskeys(t *testing.T) {
	ways := map[string]func(x kitTown, p mail.Person, key *keyring.Person){
		"the recovery kit":  kitTown.usesKit,
		"the code on paper": kitTown.usesPaper,
		"the owner, with the second factor": func(x kitTown, p mail.Person, key *keyring.Person) {
			fine(x.t, x.DropFactor(ctx, x.owner(p, key)))
		},
		"a phone that is lost": func(x kitTown, p mail.Person, _ *keyring.Person) {
			boss, err := x.Make(ctx, office.NewPerson{Profile: mail.Profile{Address: "chef@kommun.example", Name: "Chef"}, Roles: mail.RoleAdmin, Password: forgot})
			fine(x.t, err)
			fine(x.t, x.ResetFactor(ctx, mail.Actor{Kind: mail.ActorPerson, ID: boss.ID}, p.ID))
		},
	}
	for name, way := range ways {
		t.Run(name+" ends them, with their slots", func(t *testing.T) {
			x := newKitTown(t)
			p, key, k := x.keyed()
			var row mail.Passkey
			x.view(func(tx *vault.ReadTx) (err error) { row, err = tx.Passkey(k.ID); return err })
			way(x, p, key)
			if x.opensBy(k, gave) {
				t.Error("it still opens the key")
			}
			x.view(func(tx *vault.ReadTx) error {
				v, err := tx.SlotValue(row.Slot)
				if err != nil {
					return nil // there is nothing in it
				}
				sw, _ := x.app.OpenSlot(byte(row.Slot.File), row.Slot.N, v)
				if _, err := keyring.OpenSeed(keyring.SeedByPasskey, p.ID, x.app.PasskeyLock(gave), sw, row.Lock); err == nil {
					t.Error("the row from before opens with the slot as it is now")
				}
				return nil
			})
		})
	}
}
