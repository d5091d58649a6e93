package office_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
	"sigill/appliance/office"
	"sigill/appliance/seal"
	"sigill/appliance/vault"
)

const ulla = mail.Address("ulla@kommun.example")

func TestPeople(t *testing.T) {
	x := newTown(t)
	p := x.person(ulla)
	t.Run("at first sight somebody of the house is made, with a key, and nobody else", func(t *testing.T) {
		if len(p.Public) == 0 || p.Active || p.Roles != 0 || !p.At.Equal(x.clock.Now()) {
			t.Errorf("%+v", p)
		}
		for _, a := range []mail.Address{"anna@example.se", "ulla@sub.kommun.example", "ulla@kommun.example.evil.se", "ulla@xkommun.example"} {
			if _, ok, err := x.Resident(ctx, a, ""); ok || err != nil {
				t.Errorf("%s: %v %v", a, ok, err)
			}
		}
		var people []mail.Person
		x.view(func(tx *vault.ReadTx) (err error) { people, err = tx.People(); return err })
		if len(people) != 1 {
			t.Errorf("%d people", len(people))
		}
	})
	t.Run("what is known of them opens, and stands sealed", func(t *testing.T) {
		f, err := x.Profile(p)
		if err != nil || f != (mail.Profile{Address: ulla, Name: "Ulla Ek", Lang: "sv"}) {
			t.Errorf("%+v %v", f, err)
		}
		other := p
		other.ID = mail.NewID()
		_, err = x.Profile(other)
		want(t, err, mail.Internal)
		if bytes.Contains(p.Columns, []byte("ulla")) {
			t.Error("in the clear")
		}
	})
	t.Run("the seed is locked for R, for H and for the invitation, and for nobody else", func(t *testing.T) {
		wraps, keys := x.wraps(p.ID)
		_, secret := x.invitation(ulla)
		open := map[mail.SeedKind]func(w mail.SeedWrap, key seal.Secret) (seal.Secret, error){
			mail.SeedRecoveryKey: func(w mail.SeedWrap, key seal.Secret) (seal.Secret, error) {
				return keyring.OpenSeedBy(keyring.SeedByRecoveryKey, x.recovery, p.ID, key, w.Box)
			},
			mail.SeedHelper: func(w mail.SeedWrap, key seal.Secret) (seal.Secret, error) {
				return keyring.OpenSeedBy(keyring.SeedByHelper, x.helper, p.ID, key, w.Box)
			},
			mail.SeedInvitation: func(w mail.SeedWrap, key seal.Secret) (seal.Secret, error) {
				return keyring.OpenSeed(keyring.SeedByInvitation, p.ID, secret.L, key, w.Box)
			},
		}
		if len(wraps) != len(open) {
			t.Errorf("%d wraps", len(wraps))
		}
		slots := map[mail.Slot]bool{}
		for kind, f := range open {
			slots[wraps[kind].Slot] = true
			seed, err := f(wraps[kind], keys[kind])
			if err != nil || !bytes.Equal(seal.PrivateKeyOf(seed).Public().Bytes(), p.Public) {
				t.Errorf("kind %d: %v", kind, err)
			}
			if _, err := f(wraps[kind], seal.Secret{}); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("kind %d opens without its slot", kind)
			}
		}
		if len(slots) != 3 {
			t.Error("two wraps share a slot")
		}
	})
	t.Run("the invitation goes to the person's own mailbox, over TLS, and is good for ninety days", func(t *testing.T) {
		n := x.notices()[0]
		if n.To != ulla || n.ToName != "Ulla Ek" || !n.MustTLS || !n.Owner.IsZero() || !n.Until.Equal(p.At.AddDate(0, 0, 90)) || x.woken.Load() != 1 || len(x.notices()) != 1 {
			t.Errorf("to %s, until %v, woken %d times", n.To, n.Until, x.woken.Load())
		}
		if len(x.store.slots) != 4 { // three wraps and the mail
			t.Errorf("%d slots are set aside", len(x.store.slots))
		}
	})
	t.Run("who was met once is met again, in any spelling and by the next process", func(t *testing.T) {
		for _, o := range []*office.Office{x.Office, x.another()} {
			for _, a := range []mail.Address{ulla, "ULLA@kommun.example"} {
				q, ok, err := o.Resident(ctx, a, "")
				if err != nil || !ok || q.ID != p.ID {
					t.Errorf("%+v %v %v", q, ok, err)
				}
			}
		}
		if len(x.notices()) != 1 || len(x.store.slots) != 4 {
			t.Errorf("%d notices, %d slots", len(x.notices()), len(x.store.slots))
		}
	})
	t.Run("of two who meet somebody at the same moment both get the same person", func(t *testing.T) {
		const a = "kim@skola.example"
		var first mail.Resident
		once := false
		x.store.reserve = func() error {
			if once {
				return nil
			}
			once = true
			var err error
			first, _, err = x.another().Resident(ctx, a, "")
			return err
		}
		second := x.person(a)
		x.store.reserve = nil
		if first.ID != second.ID || first.ID.IsZero() || len(x.notices()) != 2 || len(x.store.slots) != 8 {
			t.Errorf("%v %v, %d notices, %d slots", first.ID, second.ID, len(x.notices()), len(x.store.slots))
		}
	})
	t.Run("if the store refuses, nobody is made and nothing is kept", func(t *testing.T) {
		before := len(x.store.slots)
		broken := errors.New("disk")
		x.store.inside = broken
		_, _, err := x.Resident(ctx, "bo@skola.example", "")
		x.store.inside = nil
		if !errors.Is(err, broken) || len(x.store.slots) != before || len(x.notices()) != 2 {
			t.Errorf("%v, %d slots", err, len(x.store.slots)-before)
		}
		left := 2
		x.store.reserve = func() error {
			if left--; left == 0 {
				return broken
			}
			return nil
		}
		_, _, err = x.Resident(ctx, "bo@skola.example", "")
		x.store.reserve = nil
		if !errors.Is(err, broken) || len(x.store.slots) != before {
			t.Errorf("%v, %d slots", err, len(x.store.slots)-before)
		}
		if q := x.person("bo@skola.example"); q.ID.IsZero() {
			t.Error("not made afterwards")
		}
	})
}

func TestInvite(t *testing.T) {
	x := newTown(t)
	invite := func(a mail.Address) error {
		_, err := x.AddPerson(ctx, system, mail.RootUnit, office.NewPerson{Profile: mail.Profile{Address: a, Lang: "en"}})
		return err
	}
	t.Run("somebody of the house is invited once", func(t *testing.T) {
		fine(t, invite(ulla))
		if n := x.notices(); len(n) != 1 || n[0].Lang != "en" {
			t.Errorf("%d notices", len(n))
		}
	})
	t.Run("nobody of another domain", func(t *testing.T) {
		want(t, invite("anna@example.se"), mail.Invalid)
		if len(x.notices()) != 1 {
			t.Error("invited")
		}
	})
}

func TestFirstAdmin(t *testing.T) {
	roles := mail.RoleAdmin
	t.Run("the first start makes one, the next ones none", func(t *testing.T) {
		x := newTown(t)
		for _, a := range []mail.Address{ulla, ulla} {
			fine(t, x.another().FirstAdmin(ctx, a))
		}
		var people []mail.Person
		x.view(func(tx *vault.ReadTx) (err error) { people, err = tx.People(); return err })
		if len(people) != 1 || people[0].Roles != roles || people[0].ID != x.person(ulla).ID {
			t.Errorf("%+v", people)
		}
		if n := x.notices(); len(n) != 1 || n[0].Kind != mail.NoticeInvitation || n[0].To != ulla {
			t.Errorf("%d notices", len(n))
		}
	})
	t.Run("who was met before becomes one, and is not invited again", func(t *testing.T) {
		x := newTown(t)
		p := x.person(ulla)
		fine(t, x.FirstAdmin(ctx, ulla))
		if q := x.person(ulla); q.ID != p.ID || q.Roles != roles {
			t.Errorf("%+v", q)
		}
		q, _, err := x.another().Resident(ctx, ulla, "")
		if err != nil || x.personRow(q.ID).Roles != roles || len(x.notices()) != 1 {
			t.Errorf("%+v %v, %d notices", q, err, len(x.notices()))
		}
	})
}

func TestActivate(t *testing.T) {
	x := newTown(t)
	p := x.person(ulla)
	code, secret := x.invitation(ulla)
	const password = "en stor blå elefant"
	login := func(t *testing.T) bool {
		t.Helper()
		_, ok, err := x.Login(ctx, x.app.Lookup(ulla.Key()))
		fine(t, err)
		return ok
	}
	t.Run("who has not taken the key over cannot sign in", func(t *testing.T) {
		if login(t) || x.person(ulla).Active {
			t.Error("can")
		}
		if _, ok, err := x.Login(ctx, x.app.Lookup("nobody@kommun.example")); ok || err != nil {
			t.Error(ok, err)
		}
	})
	t.Run("a code that is none, or another's secret, takes nothing over", func(t *testing.T) {
		x.person("kim@kommun.example")
		other, secret2 := x.invitation("kim@kommun.example")
		_, _, err := x.Activate(ctx, mail.NewID(), secret, password)
		want(t, err, mail.Absent)
		for _, err := range []error{second(x.Activate(ctx, code, secret2, password)), second(x.Activate(ctx, other, secret, password))} {
			if !errors.Is(err, seal.ErrOpen) {
				t.Error(err)
			}
		}
		if login(t) {
			t.Error("taken over")
		}
	})
	t.Run("nor does a guest's code, whoever it is of", func(t *testing.T) {
		guest := mail.Code{ID: mail.NewID(), Kind: mail.CodeGuest, Locator: [32]byte{1}, Holder: p.ID, Expires: x.clock.Now().Add(time.Hour)}
		fine(t, x.db.Update(ctx, func(tx *vault.Tx) error { return tx.PutCode(guest) }))
		want(t, second(x.Activate(ctx, guest.ID, secret, password)), mail.Absent)
	})
	t.Run("a password that will not do is refused, and the invitation stays good", func(t *testing.T) {
		for _, bad := range []string{"kort", "ulla ek och hennes hund", "ulla@kommun.example!", "aaaaaaaaaaaaaaaa", leakedOne} {
			want(t, second(x.Activate(ctx, code, secret, bad)), mail.Invalid)
		}
	})
	t.Run("if the store refuses, the invitation stays good and nothing is kept", func(t *testing.T) {
		before := len(x.store.slots)
		broken := errors.New("disk")
		x.store.inside = broken
		err := second(x.Activate(ctx, code, secret, password))
		x.store.inside = nil
		if !errors.Is(err, broken) || len(x.store.slots) != before || login(t) {
			t.Errorf("%v, %d slots", err, len(x.store.slots)-before)
		}
	})
	wraps, _ := x.wraps(p.ID)
	invited := wraps[mail.SeedInvitation].Slot
	t.Run("of two with the same invitation one takes the key over", func(t *testing.T) {
		var key *keyring.Person
		once := false
		x.store.reserve = func() error {
			if once {
				return nil
			}
			once = true
			var err error
			var q mail.Person
			q, key, err = x.Activate(ctx, code, secret, password)
			if !q.Active || q.ID != p.ID {
				t.Errorf("%+v", q)
			}
			return err
		}
		want(t, second(x.Activate(ctx, code, secret, "ett helt annat lösen")), mail.Absent)
		x.store.reserve = nil
		if key == nil || !bytes.Equal(seal.PrivateKeyOf(key.Seed()).Public().Bytes(), p.Public) {
			t.Error("another key")
		}
	})
	t.Run("then the password of that one signs in, to the key of before", func(t *testing.T) {
		l, ok, err := x.Login(ctx, x.app.Lookup(ulla.Key()))
		if err != nil || !ok || !l.Person.Active || !x.person(ulla).Active {
			t.Fatalf("%+v %v %v", l.Person, ok, err)
		}
		seed, err := x.stretch.OpenSeedByPassword(ctx, p.ID, []byte(password), l.Slot, l.Box)
		if err != nil || !bytes.Equal(seal.PrivateKeyOf(seed).Public().Bytes(), p.Public) {
			t.Error(err)
		}
	})
	t.Run("the invitation is erased, and R and H are not", func(t *testing.T) {
		wraps, _ := x.wraps(p.ID)
		_, r := wraps[mail.SeedRecoveryKey]
		_, h := wraps[mail.SeedHelper]
		_, i := wraps[mail.SeedInvitation]
		if !r || !h || i || len(wraps) != 3 {
			t.Errorf("%d wraps", len(wraps))
		}
		x.view(func(tx *vault.ReadTx) error {
			_, err := tx.SlotValue(invited)
			want(t, err, mail.Gone)
			return nil
		})
		want(t, second(x.Activate(ctx, code, secret, password)), mail.Absent)
		if len(x.store.slots) != 8 { // of two people: R, H, password or invitation, and the mail
			t.Errorf("%d slots are set aside", len(x.store.slots))
		}
	})
	t.Run("after ninety days an invitation is none", func(t *testing.T) {
		other, secret := x.invitation("kim@kommun.example")
		x.clock.goes(90 * 24 * time.Hour)
		want(t, second(x.Activate(ctx, other, secret, password)), mail.Absent)
	})
}

// second is the error of an activation.
func second(_ mail.Person, _ *keyring.Person, err error) error { return err }

func TestMadeWithAPassword(t *testing.T) {
	x := newTown(t)
	p, err := x.Make(ctx, office.NewPerson{Profile: mail.Profile{Address: ulla}, Password: "en stor blå elefant"})
	fine(t, err)
	t.Run("somebody made with a password needs no invitation", func(t *testing.T) {
		_, ok, err := x.Login(ctx, x.app.Lookup(ulla.Key()))
		wraps, _ := x.wraps(p.ID)
		if _, invited := wraps[mail.SeedInvitation]; !ok || err != nil || invited || !p.Active || len(x.notices()) != 0 || x.woken.Load() != 0 {
			t.Errorf("%v %v", ok, err)
		}
		if len(x.store.slots) != 3 {
			t.Errorf("%d slots are set aside", len(x.store.slots))
		}
	})
}

func TestCheckPassword(t *testing.T) {
	x := newTown(t)
	who := mail.Profile{Address: "ulla.ek@kommun.example", Name: "Ulla Ek"}
	long := string(bytes.Repeat([]byte("ab c"), 256))
	for password, say := range map[string]string{
		"elva tecken": "error.password.length", "tolv tecken!": "", "åäöåäöåäöxy": "error.password.length", "åäöxåyäzöxyz": "",
		long: "error.password.easy", "x" + long: "error.password.length", "twelve chars\xff": "error.password.length", "": "error.password.length",
		"ULLA EK är bäst": "error.password.name", "min Ulla.Ek, min": "error.password.name", "kommun.example1": "error.password.name",
		"aaaaaaaaaaaa": "error.password.easy", "abcabcabcabc": "error.password.easy", "ABCDabcdABCD": "error.password.easy", "hemshemshems": "error.password.easy",
		"abcdefghijkl": "error.password.easy", "123456789012": "error.password.easy", "210987654321": "error.password.easy", "987654321098": "error.password.easy",
		"correct horse battery": "", "123456789013": "", leakedOne: "error.password.leaked",
	} {
		err := x.CheckPassword(password, who)
		var e *mail.Error
		if say == "" && err != nil || say != "" && (!errors.As(err, &e) || e.Kind != mail.Invalid || e.Say != say) {
			t.Errorf("%q: %v, want %s", password[:min(len(password), 30)], err, say)
		}
	}
	if err := x.CheckPassword("abcdefgh, ulla och ek", mail.Profile{Address: "ek@b.se", Name: "Ek"}); err != nil {
		t.Errorf("a short name forbids its letters: %v", err)
	}
}
