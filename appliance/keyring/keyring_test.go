package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sigill/appliance/keyring"
	"sigill/appliance/seal"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func app() *keyring.App { return keyring.NewApp(seal.NewSecret(), keyring.NewSalt()) }

func isOpen(t *testing.T, got seal.Secret, err error, want seal.Secret) {
	t.Helper()
	if err != nil || !got.Equal(want) {
		t.Errorf("does not open: %v", err)
	}
}

func isShut(t *testing.T, got seal.Secret, err error) {
	t.Helper()
	if !errors.Is(err, seal.ErrOpen) || !got.IsZero() {
		t.Errorf("opens, or with another error: %v", err)
	}
}

func TestSlots(t *testing.T) {
	a, key := app(), seal.NewSecret()
	v := a.SealSlot(0, 5, key)
	t.Run("a slot opens in its place", func(t *testing.T) {
		got, err := a.OpenSlot(0, 5, v)
		isOpen(t, got, err, key)
	})
	t.Run("it opens in no other place, file or appliance", func(t *testing.T) {
		for n := range uint32(300) {
			if n == 5 {
				continue
			}
			got, err := a.OpenSlot(0, n, v)
			isShut(t, got, err)
		}
		for file := 1; file < 256; file++ {
			got, err := a.OpenSlot(byte(file), 5, v)
			isShut(t, got, err)
		}
		got, err := app().OpenSlot(0, 5, v)
		isShut(t, got, err)
	})
	t.Run("file and place cannot be mistaken for each other", func(t *testing.T) {
		got, err := a.OpenSlot(5, 0, v)
		isShut(t, got, err)
	})
	t.Run("erased by zeros or by random bytes it opens nothing", func(t *testing.T) {
		got, err := a.OpenSlot(0, 5, [keyring.SlotSize]byte{})
		isShut(t, got, err)
		var r [keyring.SlotSize]byte
		copy(r[:], append(seal.NewSecret().Bytes(), seal.NewSecret().Bytes()...))
		got, err = a.OpenSlot(0, 5, r)
		isShut(t, got, err)
	})
	t.Run("half erased it opens nothing", func(t *testing.T) {
		for n := range v {
			w := v
			clear(w[:n+1])
			got, err := a.OpenSlot(0, 5, w)
			isShut(t, got, err)
		}
	})
	t.Run("the same key sealed twice cannot be told to be the same", func(t *testing.T) {
		if a.SealSlot(0, 5, key) == v {
			t.Error("it can")
		}
	})
}

func TestEpochs(t *testing.T) {
	owner := seal.ID{1}
	seed := seal.NewSecret()
	pub := seal.PrivateKeyOf(seed).Public().Bytes()
	get := func(t *testing.T, s *keyring.Epochs, u seal.ID, now time.Time) keyring.Epoch {
		t.Helper()
		e, err := s.For(u, pub, now)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	t.Run("it lasts a minute, less one nanosecond", func(t *testing.T) {
		s := keyring.NewEpochs()
		first := get(t, s, owner, noon)
		if get(t, s, owner, noon.Add(time.Minute-1)).ID != first.ID {
			t.Error("ended too early")
		}
		if get(t, s, owner, noon.Add(time.Minute)).ID == first.ID {
			t.Error("outlives its minute")
		}
	})
	t.Run("its minute is counted from its making and not from its last use", func(t *testing.T) {
		s := keyring.NewEpochs()
		first := get(t, s, owner, noon)
		get(t, s, owner, noon.Add(50*time.Second))
		if get(t, s, owner, noon.Add(70*time.Second)).ID == first.ID {
			t.Error("use makes it live longer")
		}
	})
	t.Run("it wraps a thousand messages and no more", func(t *testing.T) {
		s := keyring.NewEpochs()
		count := map[seal.ID]int{}
		for range 2500 {
			count[get(t, s, owner, noon).ID]++
		}
		if len(count) != 3 {
			t.Errorf("%d epochs", len(count))
		}
		for _, n := range count {
			if n > 1000 {
				t.Errorf("%d messages", n)
			}
		}
	})
	t.Run("a clock that is set back by more than a minute ends it", func(t *testing.T) {
		s := keyring.NewEpochs()
		if get(t, s, owner, noon).ID == get(t, s, owner, noon.Add(-time.Hour)).ID {
			t.Error("it goes on")
		}
	})
	t.Run("every owner has one of his own", func(t *testing.T) {
		s := keyring.NewEpochs()
		a, b := get(t, s, owner, noon), get(t, s, seal.ID{2}, noon)
		if a.ID == b.ID || a.Key.Equal(b.Key) || a.Owner != owner || b.Owner != (seal.ID{2}) {
			t.Error("shared")
		}
	})
	t.Run("an owner who has got another key has another epoch", func(t *testing.T) {
		s := keyring.NewEpochs()
		a := get(t, s, owner, noon)
		fresh := seal.NewSecret()
		b, err := s.For(owner, seal.PrivateKeyOf(fresh).Public().Bytes(), noon)
		if err != nil || a.ID == b.ID {
			t.Fatal("sealed to the old key", err)
		}
		got, err := keyring.NewPerson(owner, fresh).Epoch(b.ID, b.Box)
		isOpen(t, got, err, b.Key)
	})
	t.Run("what is forgotten is not used again", func(t *testing.T) {
		s := keyring.NewEpochs()
		a := get(t, s, owner, noon)
		s.Forget(noon.Add(59 * time.Second))
		if get(t, s, owner, noon).ID != a.ID {
			t.Error("forgotten too early")
		}
		s.Forget(noon.Add(time.Minute))
		if get(t, s, owner, noon).ID == a.ID {
			t.Error("not forgotten")
		}
	})
	t.Run("a key that is none is refused, and nothing is kept", func(t *testing.T) {
		s := keyring.NewEpochs()
		for _, bad := range [][]byte{nil, pub[:100], append(bytes.Clone(pub), 0)} {
			if _, err := s.For(owner, bad, noon); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("%d bytes: %v", len(bad), err)
			}
		}
		get(t, s, owner, noon)
	})
	t.Run("only its owner opens it", func(t *testing.T) {
		e := get(t, keyring.NewEpochs(), owner, noon)
		p := keyring.NewPerson(owner, seed)
		got, err := p.Epoch(e.ID, e.Box)
		isOpen(t, got, err, e.Key)
		got, err = keyring.NewPerson(owner, seal.NewSecret()).Epoch(e.ID, e.Box)
		isShut(t, got, err)
		got, err = keyring.NewPerson(seal.ID{9}, seed).Epoch(e.ID, e.Box)
		isShut(t, got, err)
		got, err = p.Epoch(seal.ID{9}, e.Box)
		isShut(t, got, err)
	})
	t.Run("a session opens each once, and a failure is not remembered as a key", func(t *testing.T) {
		e := get(t, keyring.NewEpochs(), owner, noon)
		p := keyring.NewPerson(owner, seed)
		got, err := p.Epoch(e.ID, nil)
		isShut(t, got, err)
		got, err = p.Epoch(e.ID, e.Box)
		isOpen(t, got, err, e.Key)
		got, err = p.Epoch(e.ID, nil) // from memory: the box is not looked at
		isOpen(t, got, err, e.Key)
	})
	t.Run("many at once get whole epochs and keep the bound", func(t *testing.T) {
		s := keyring.NewEpochs()
		var mu sync.Mutex
		count, keys := map[seal.ID]int{}, map[seal.ID]keyring.Epoch{}
		var w sync.WaitGroup
		for range 8 {
			w.Go(func() {
				for n := range 400 {
					e, err := s.For(owner, pub, noon)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					count[e.ID]++
					if k, ok := keys[e.ID]; ok && !k.Key.Equal(e.Key) {
						t.Error("one epoch with two keys")
					}
					keys[e.ID] = e
					mu.Unlock()
					if n%100 == 0 {
						s.Forget(noon)
					}
				}
			})
		}
		w.Wait()
		for id, n := range count {
			if n > 1000 {
				t.Errorf("epoch %x: %d messages", id, n)
			}
		}
		if len(count) != 4 {
			t.Errorf("%d epochs for 3,200 messages", len(count))
		}
	})
}

func TestStretcher(t *testing.T) {
	t.Run("a caller who has gone is not served", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 20 { // a choice at random would show
			if _, err := keyring.NewStretcher(keyring.DefaultCost, 2, nil).Stretch(ctx, []byte("x"), make([]byte, 16)); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
	})
	t.Run("a stretcher without room still has room for one", func(t *testing.T) {
		if _, err := keyring.NewStretcher(keyring.DefaultCost, 0, nil).Stretch(t.Context(), []byte("x"), make([]byte, 16)); err != nil {
			t.Error(err)
		}
	})
	t.Run("it depends on password and salt", func(t *testing.T) {
		s := keyring.NewStretcher(keyring.DefaultCost, 1, nil)
		var seen []seal.Secret
		for _, c := range [][2]string{{"password", "salt salt salt s"}, {"password", "salt salt salt t"}, {"Password", "salt salt salt s"}, {"", "salt salt salt s"}} {
			k, err := s.Stretch(t.Context(), []byte(c[0]), []byte(c[1]))
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range seen {
				if k.Equal(o) {
					t.Errorf("%q", c)
				}
			}
			seen = append(seen, k)
		}
	})
}

func TestSeeds(t *testing.T) {
	u, seed, sw := seal.ID{1}, seal.NewSecret(), seal.NewSecret()
	a := app()
	locks := map[keyring.SeedKind]seal.Secret{
		keyring.SeedByRecoveryCode: a.RecoveryLock([]byte("AAAABBBBCCCCDDDDEEEEFFFFGG")),
		keyring.SeedByInvitation:   a.Code([]byte("K7FQ2QDM9XWT4HBNT6RC")).L,
	}
	for kind, lock := range locks {
		t.Run(fmt.Sprintf("kind %d opens by its lock and slot, and by nothing else", kind), func(t *testing.T) {
			box := keyring.SealSeed(kind, u, lock, sw, seed)
			got, err := keyring.OpenSeed(kind, u, lock, sw, box)
			isOpen(t, got, err, seed)
			for name, try := range map[string]func() (seal.Secret, error){
				"another lock":   func() (seal.Secret, error) { return keyring.OpenSeed(kind, u, seal.NewSecret(), sw, box) },
				"another slot":   func() (seal.Secret, error) { return keyring.OpenSeed(kind, u, lock, seal.NewSecret(), box) },
				"an erased slot": func() (seal.Secret, error) { return keyring.OpenSeed(kind, u, lock, seal.Secret{}, box) },
				"another person": func() (seal.Secret, error) { return keyring.OpenSeed(kind, seal.ID{2}, lock, sw, box) },
				"another kind":   func() (seal.Secret, error) { return keyring.OpenSeed(kind^7, u, lock, sw, box) },
				"lock and slot":  func() (seal.Secret, error) { return keyring.OpenSeed(kind, u, sw, lock, box) },
				"a cut box":      func() (seal.Secret, error) { return keyring.OpenSeed(kind, u, lock, sw, box[:40]) },
				"no box":         func() (seal.Secret, error) { return keyring.OpenSeed(kind, u, lock, sw, nil) },
			} {
				t.Run(name, func(t *testing.T) {
					got, err := try()
					isShut(t, got, err)
				})
			}
		})
	}
	for _, kind := range []keyring.SeedKind{keyring.SeedByRecoveryKey, keyring.SeedByHelper} {
		t.Run(fmt.Sprintf("kind %d opens by the custodian with the slot, and by nothing else", kind), func(t *testing.T) {
			r := seal.PrivateKeyOf(seal.NewSecret())
			box, err := keyring.SealSeedTo(kind, r.Public(), u, sw, seed)
			if err != nil {
				t.Fatal(err)
			}
			got, err := keyring.OpenSeedBy(kind, r, u, sw, box)
			isOpen(t, got, err, seed)
			for name, try := range map[string]func() (seal.Secret, error){
				"another custodian": func() (seal.Secret, error) {
					return keyring.OpenSeedBy(kind, seal.PrivateKeyOf(seal.NewSecret()), u, sw, box)
				},
				"no custodian":   func() (seal.Secret, error) { return keyring.OpenSeedBy(kind, seal.PrivateKey{}, u, sw, box) },
				"another slot":   func() (seal.Secret, error) { return keyring.OpenSeedBy(kind, r, u, seal.NewSecret(), box) },
				"an erased slot": func() (seal.Secret, error) { return keyring.OpenSeedBy(kind, r, u, seal.Secret{}, box) },
				"another person": func() (seal.Secret, error) { return keyring.OpenSeedBy(kind, r, seal.ID{2}, sw, box) },
				"another kind":   func() (seal.Secret, error) { return keyring.OpenSeedBy(kind^7, r, u, sw, box) },
				"the slot alone": func() (seal.Secret, error) { return keyring.OpenSeed(kind, u, seal.Secret{}, sw, box) },
				"a cut box":      func() (seal.Secret, error) { return keyring.OpenSeedBy(kind, r, u, sw, box[:len(box)-1]) },
			} {
				t.Run(name, func(t *testing.T) {
					got, err := try()
					isShut(t, got, err)
				})
			}
		})
	}
	t.Run("a password opens, and nothing else does", func(t *testing.T) {
		s := keyring.NewStretcher(keyring.DefaultCost, 2, nil)
		ctx := t.Context()
		box, err := s.SealSeedByPassword(ctx, u, []byte("correct horse"), sw, seed)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.OpenSeedByPassword(ctx, u, []byte("correct horse"), sw, box)
		isOpen(t, got, err, seed)
		for name, c := range map[string]struct {
			u        seal.ID
			password string
			sw       seal.Secret
			box      []byte
		}{
			"a wrong password":            {u, "correct horsf", sw, box},
			"another case":                {u, "Correct horse", sw, box},
			"another person":              {seal.ID{2}, "correct horse", sw, box},
			"another slot":                {u, "correct horse", seal.NewSecret(), box},
			"an erased slot":              {u, "correct horse", seal.Secret{}, box},
			"an account that is not":      {seal.ID{}, "correct horse", seal.Secret{}, nil},
			"a box shorter than its salt": {u, "correct horse", sw, box[:15]},
			"a box that is only a salt":   {u, "correct horse", sw, box[:16]},
			"another salt":                {u, "correct horse", sw, append(make([]byte, 16), box[16:]...)},
		} {
			t.Run(name, func(t *testing.T) {
				got, err := s.OpenSeedByPassword(ctx, c.u, []byte(c.password), c.sw, c.box)
				isShut(t, got, err)
			})
		}
		again, err := s.SealSeedByPassword(ctx, u, []byte("correct horse"), sw, seed)
		if err != nil || bytes.Equal(again[:16], box[:16]) {
			t.Errorf("the same salt twice, or %v", err)
		}
	})
}

func TestCodes(t *testing.T) {
	kapp, salt := seal.NewSecret(), keyring.NewSalt()
	a := keyring.NewApp(kapp, salt)
	code := []byte("K7FQ2QDM9XWT4HBNT6RC")
	t.Run("the same code gives the same, also after a restart", func(t *testing.T) {
		x, y := a.Code(code), keyring.NewApp(kapp, salt).Code(code)
		if !x.L.Equal(y.L) || x.Locator != y.Locator {
			t.Error("it does not")
		}
	})
	t.Run("it needs the salt and not K_app: the house cannot be asked to guess", func(t *testing.T) {
		if x := keyring.NewApp(seal.NewSecret(), salt).Code(code); !x.L.Equal(a.Code(code).L) {
			t.Error("it depends on K_app")
		}
		if x := keyring.NewApp(kapp, keyring.NewSalt()).Code(code); x.L.Equal(a.Code(code).L) || x.Locator == a.Code(code).Locator {
			t.Error("it does not depend on the salt")
		}
	})
	t.Run("the locator tells nothing of the key", func(t *testing.T) {
		x := a.Code(code)
		if bytes.Equal(x.Locator[:], x.L.Bytes()) {
			t.Error("it is the key")
		}
	})
	t.Run("another code is another one", func(t *testing.T) {
		seen := map[[32]byte]bool{}
		for _, c := range []string{"", "K7FQ2QDM9XWT4HBNT6RC", "K7FQ2QDM9XWT4HBNT6RD", "k7fq2qdm9xwt4hbnt6rc", "K7FQ-2QDM-9XWT-4HBN-T6RC"} {
			x := a.Code([]byte(c))
			if seen[x.Locator] || seen[[32]byte(x.L.Bytes())] {
				t.Errorf("%q", c)
			}
			seen[x.Locator], seen[[32]byte(x.L.Bytes())] = true, true
		}
	})
	t.Run("the inner key needs code, S_g and the code's id", func(t *testing.T) {
		x, sg := a.Code(code), seal.NewSecret()
		k := x.Inner(seal.ID{1}, sg)
		for name, other := range map[string]seal.Secret{
			"id": x.Inner(seal.ID{2}, sg), "S_g": x.Inner(seal.ID{1}, seal.NewSecret()), "code": a.Code([]byte("K7FQ2QDM9XWT4HBNT6RD")).Inner(seal.ID{1}, sg),
		} {
			if k.Equal(other) {
				t.Errorf("not the %s", name)
			}
		}
		if !x.Inner(seal.ID{1}, seal.Secret{}).IsZero() {
			t.Error("there is a key without S_g")
		}
		if !keyring.NewGuest(seal.ID{1}, x, sg).Inner().Equal(k) {
			t.Error("a guest has another")
		}
	})
}

func TestGuestPair(t *testing.T) {
	a := app()
	g, c, sg := seal.ID{1}, seal.ID{2}, seal.NewSecret()
	cs := a.Code([]byte("K7FQ2QDM9XWT4HBNT6RC"))
	guest := keyring.NewGuest(c, cs, sg)
	pub, box := guest.NewPair(g)
	lock := seal.Lock{Message: seal.ID{3}, Holder: seal.ID{4}, Ref: g, SKm: seal.NewSecret(), SKh: seal.NewSecret()}
	cek := seal.NewSecret()
	wrap, err := lock.WrapToPair(pub, cek)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("what is sealed to the pair opens with code and S_g", func(t *testing.T) {
		key, err := guest.Pair(g, box)
		if err != nil {
			t.Fatal(err)
		}
		got, err := lock.UnwrapByPair(key, wrap)
		isOpen(t, got, err, cek)
	})
	for name, other := range map[string]struct {
		guest *keyring.Guest
		g     seal.ID
	}{
		"another code":           {keyring.NewGuest(c, a.Code([]byte("00000000000000000000")), sg), g},
		"another id of the code": {keyring.NewGuest(seal.ID{9}, cs, sg), g},
		"another S_g":            {keyring.NewGuest(c, cs, seal.NewSecret()), g},
		"an erased S_g":          {keyring.NewGuest(c, cs, seal.Secret{}), g},
		"another pair":           {guest, seal.ID{9}},
	} {
		t.Run(name+" does not open it", func(t *testing.T) {
			key, err := other.guest.Pair(other.g, box)
			if !errors.Is(err, seal.ErrOpen) || !key.IsZero() {
				t.Errorf("got %v", err)
			}
			if _, err := lock.UnwrapByPair(key, wrap); !errors.Is(err, seal.ErrOpen) {
				t.Error(err)
			}
		})
	}
}

func TestApp(t *testing.T) {
	kapp, salt := seal.NewSecret(), keyring.NewSalt()
	a := keyring.NewApp(kapp, salt)
	t.Run("no two keys are alike", func(t *testing.T) {
		seen := map[string]string{string(kapp.Bytes()): "K_app"}
		lookup := a.Lookup("")
		for name, k := range map[string][]byte{"meta": a.Meta().Bytes(), "transit": a.Transit().Bytes(), "journal": a.JournalSeed(), "bounce": a.BounceKey(), "lookup": lookup[:], "tag": a.Tag("", "")} {
			if o, ok := seen[string(k)]; ok {
				t.Errorf("%s is %s", name, o)
			}
			seen[string(k)] = name
		}
	})
	t.Run("a lookup is the same for one address and appliance, and for nothing else", func(t *testing.T) {
		x := a.Lookup("anna@example.se")
		if x != keyring.NewApp(kapp, keyring.NewSalt()).Lookup("anna@example.se") {
			t.Error("it depends on the salt")
		}
		for _, other := range []string{"anna@example.s", "anna@example.see", "Anna@example.se", ""} {
			if x == a.Lookup(other) {
				t.Errorf("%q has the same", other)
			}
		}
		if x == app().Lookup("anna@example.se") {
			t.Error("another appliance has the same")
		}
	})
	t.Run("a tag is bound to purpose and value, and they cannot be shifted", func(t *testing.T) {
		seen := map[string]bool{}
		for _, c := range [][2]string{{"a", "b"}, {"ab", ""}, {"", "ab"}, {"a", "bc"}, {"ab", "c"}, {"b", "a"}} {
			k := string(a.Tag(c[0], c[1]))
			if seen[k] || k != string(a.Tag(c[0], c[1])) || len(k) != 32 {
				t.Errorf("%q", c)
			}
			seen[k] = true
		}
	})
	t.Run("a profile opens for its person only", func(t *testing.T) {
		box := a.SealProfile(seal.ID{1}, []byte("x"))
		if got, err := a.OpenProfile(seal.ID{1}, box); err != nil || string(got) != "x" {
			t.Error(err)
		}
		if _, err := a.OpenProfile(seal.ID{2}, box); !errors.Is(err, seal.ErrOpen) {
			t.Error(err)
		}
		if _, err := app().OpenProfile(seal.ID{1}, box); !errors.Is(err, seal.ErrOpen) {
			t.Error(err)
		}
	})
	t.Run("a contact opens for its address only", func(t *testing.T) {
		l := a.Lookup("anna@example.se")
		box := a.SealContact(l, []byte("x"))
		if got, err := a.OpenContact(l, box); err != nil || string(got) != "x" {
			t.Error(err)
		}
		if _, err := a.OpenContact(a.Lookup("bo@example.se"), box); !errors.Is(err, seal.ErrOpen) {
			t.Error(err)
		}
	})
	t.Run("somebody in a contact list opens in that place only", func(t *testing.T) {
		box := a.SealListed(seal.ID{1}, []byte("x"))
		if got, err := a.OpenListed(seal.ID{1}, box); err != nil || string(got) != "x" {
			t.Error(err)
		}
		if _, err := a.OpenListed(seal.ID{2}, box); !errors.Is(err, seal.ErrOpen) {
			t.Error(err)
		}
		if _, err := a.OpenUnit(seal.ID{1}, box); !errors.Is(err, seal.ErrOpen) {
			t.Error("opens as something else: ", err)
		}
	})
	t.Run("a row of the outbox dies with its slot", func(t *testing.T) {
		skl := seal.NewSecret()
		box := a.SealOutgoing(skl, seal.ID{1}, []byte("x"))
		if got, err := a.OpenOutgoing(skl, seal.ID{1}, box); err != nil || string(got) != "x" {
			t.Error(err)
		}
		for name, k := range map[string]seal.Secret{"erased": {}, "another": seal.NewSecret()} {
			if _, err := a.OpenOutgoing(k, seal.ID{1}, box); !errors.Is(err, seal.ErrOpen) {
				t.Error(name, err)
			}
		}
		if _, err := a.OpenOutgoing(skl, seal.ID{2}, box); !errors.Is(err, seal.ErrOpen) {
			t.Error(err)
		}
	})
}
