package seal_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sigill/appliance/keyring"
	"sigill/appliance/seal"
)

// bad is one thing that must not open, made from a vector that does.
type bad struct {
	name string
	in   map[string]string
	box  []byte
}

// damages of the bytes themselves, the same for every kind of box.
func damages(box, other []byte) map[string][]byte {
	flip := func(i int, mask byte) []byte {
		b := bytes.Clone(box)
		b[i] ^= mask
		return b
	}
	n := len(box)
	half := append(bytes.Clone(box[:n/2]), other[min(n/2, len(other)):]...)
	return map[string][]byte{
		"empty": {}, "one byte": box[:1], "shorter than a tag": box[:15], "shorter than nonce and tag": box[:27],
		"nonce and tag only": append(bytes.Clone(box[:12]), box[n-16:]...), "cut by one": box[:n-1], "cut in front": box[1:],
		"longer by a zero": append(bytes.Clone(box), 0), "longer in front": append([]byte{0}, box...), "twice": append(bytes.Clone(box), box...),
		"first bit": flip(0, 1), "bit of the nonce": flip(11, 0x80), "first bit behind the nonce": flip(12, 1), "bit in the middle": flip(n/2, 4),
		"first bit of the tag": flip(n-16, 1), "last bit": flip(n-1, 0x80), "zeros": make([]byte, n), "all ones": bytes.Repeat([]byte{0xff}, n),
		"half of another": half, "tag of another": append(bytes.Clone(box[:n-16]), other[max(0, len(other)-16):]...),
		"nonce of another": append(bytes.Clone(other[:12]), box[12:]...), "turned round": reversed(box),
	}
}

func reversed(b []byte) []byte { c := bytes.Clone(b); slices.Reverse(c); return c }

// TestBadVectors moves, cuts and bends every vector, and opens it with every input
// changed. Each case must give ErrOpen: no other error, and never an opened box.
func TestBadVectors(t *testing.T) {
	cases := 0
	for name, tp := range topics() {
		t.Run(name, func(t *testing.T) {
			list := load(t, name, func() []vector { return tp.make(t, name) })
			for n, v := range list {
				box := unhex(t, v.Sealed)
				other := unhex(t, tp.make(t, name)[n].Sealed)
				var all []bad
				if name != "seed-by-password" || n == 0 {
					for what, b := range damages(box, other) {
						if !bytes.Equal(b, box) { // a box of nothing is its nonce and tag
							all = append(all, bad{what, v.In, b})
						}
					}
				}
				for k, val := range v.In {
					changed := maps.Clone(v.In)
					if d, err := strconv.ParseUint(val, 10, 32); err == nil && len(val) < 32 {
						changed[k] = fmt.Sprint(d ^ 1)
						all = append(all, bad{"another " + k, changed, box})
						continue
					}
					b := unhex(t, val)
					b[len(b)-1] ^= 1
					changed[k] = hex.EncodeToString(b)
					// The salt does nothing where no code is derived, K_app nothing where one is.
					if code := v.In["code"] != ""; k != "salt" && k != "K_app" || k == "salt" == code {
						all = append(all, bad{"another " + k, changed, box})
					}
				}
				if name == "seed-by-password" {
					all = slices.DeleteFunc(all, func(b bad) bool { // each costs 64 MiB; these say the same as others
						return !slices.Contains([]string{"empty", "cut by one", "last bit", "another S_w"}, b.name)
					})
				}
				for _, b := range all {
					cases++
					if plain, err := tp.open(in{t, b.in}, b.box); !errors.Is(err, seal.ErrOpen) || err.Error() != seal.ErrOpen.Error() || plain != nil {
						t.Errorf("%s: %s: %d bytes, %v", v.Name, b.name, len(plain), err)
					}
				}
			}
		})
	}
	t.Run("nothing opens in another's place", func(t *testing.T) {
		// One message, one key for everything: only purpose and ids differ.
		same := map[string]string{"kind": "1", "file": "0", "n": "1", "code": hex.EncodeToString([]byte("K7FQ2QDM9XWT4HBNT6RC")), "lookup": hex.EncodeToString(fix("k"))}
		all := topics()
		for _, tp := range all {
			for _, k := range tp.in {
				if same[k] = hex.EncodeToString(fix("k")); short[k] {
					same[k] = same[k][:32]
				}
			}
		}
		for from, a := range all {
			if from == "slot" {
				continue
			}
			box := a.seal(in{t, same}, fix("plain"))
			for to, b := range all {
				if strings.HasPrefix(from, "seed-to-") && strings.HasPrefix(to, "seed-to-") {
					continue // one and the same, told apart by their kinds
				}
				if from == to || to == "slot" || to == "seed-by-password" {
					continue
				}
				cases++
				if _, err := b.open(in{t, same}, box); !errors.Is(err, seal.ErrOpen) {
					t.Errorf("%s opens as %s", from, to)
				}
			}
		}
	})
	t.Run("a wrap of one kind is none of another", func(t *testing.T) {
		l := seal.Lock{Message: seal.ID{1}, Holder: seal.ID{2}, Ref: seal.ID{3}, Inner: seal.NewSecret(), SKm: seal.NewSecret(), SKh: seal.NewSecret()}
		for from := seal.ByEpoch; from <= seal.ByTransit; from++ {
			l.Kind = from
			box := l.Wrap(seal.NewSecret())
			for to := seal.WrapKind(0); to <= 8; to++ {
				l.Kind = to
				_, err := l.Unwrap(box)
				cases++
				if (err == nil) != (from == to) {
					t.Errorf("kind %d as %d: %v", from, to, err)
				}
			}
		}
	})
	t.Run("keys in each other's place do not open", func(t *testing.T) {
		l := seal.Lock{Kind: seal.ByEpoch, Message: seal.ID{1}, Holder: seal.ID{2}, Ref: seal.ID{3}, Inner: seal.NewSecret(), SKm: seal.NewSecret(), SKh: seal.NewSecret()}
		box := l.Wrap(seal.NewSecret())
		for name, x := range map[string]seal.Lock{
			"slots swapped":            {Kind: l.Kind, Message: l.Message, Holder: l.Holder, Ref: l.Ref, Inner: l.Inner, SKm: l.SKh, SKh: l.SKm},
			"inner and slot swapped":   {Kind: l.Kind, Message: l.Message, Holder: l.Holder, Ref: l.Ref, Inner: l.SKm, SKm: l.Inner, SKh: l.SKh},
			"message and holder":       {Kind: l.Kind, Message: l.Holder, Holder: l.Message, Ref: l.Ref, Inner: l.Inner, SKm: l.SKm, SKh: l.SKh},
			"holder and ref":           {Kind: l.Kind, Message: l.Message, Holder: l.Ref, Ref: l.Holder, Inner: l.Inner, SKm: l.SKm, SKh: l.SKh},
			"the epoch of another":     {Kind: l.Kind, Message: l.Message, Holder: l.Holder, Ref: l.Ref, Inner: seal.NewSecret(), SKm: l.SKm, SKh: l.SKh},
			"the holder of another":    {Kind: l.Kind, Message: l.Message, Holder: l.Holder, Ref: l.Ref, Inner: l.Inner, SKm: l.SKm, SKh: seal.NewSecret()},
			"the message's of another": {Kind: l.Kind, Message: l.Message, Holder: l.Holder, Ref: l.Ref, Inner: l.Inner, SKm: seal.NewSecret(), SKh: l.SKh},
		} {
			cases++
			if _, err := x.Unwrap(box); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	if cases < 600 {
		t.Errorf("only %d cases", cases)
	}
	t.Logf("%d cases", cases)
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestErased is the promise of the slots: when a key is gone, nothing stands in for it.
func TestErased(t *testing.T) {
	k, id := seal.NewSecret(), seal.ID{1}
	var none seal.Secret
	zeros := make([]byte, 32)
	app := keyring.NewApp(k, make([]byte, 16))
	cs := app.Code([]byte("K7FQ2QDM9XWT4HBNT6RC"))
	lock := func() seal.Lock {
		return seal.Lock{Kind: seal.ByEpoch, Message: id, Holder: id, Ref: id, Inner: k, SKm: k, SKh: k}
	}
	t.Run("32 zeros are no key", func(t *testing.T) {
		if _, err := seal.SecretOf(zeros); !errors.Is(err, seal.ErrOpen) {
			t.Error(err)
		}
	})
	t.Run("an erased slot has no key, in any place", func(t *testing.T) {
		for n := range uint32(1000) {
			if _, err := app.OpenSlot(0, n, [60]byte{}); !errors.Is(err, seal.ErrOpen) {
				t.Fatal(n, err)
			}
		}
	})
	// Each box is made after FORMAT.md under a key of zeros, which everybody can: with
	// the check left out it would open.
	box := func(ikm []byte, ctx string, plain []byte) []byte {
		return specBox(specHKDF(ikm, nil, ctx), make([]byte, 12), ctx, plain)
	}
	kb, i := k.Bytes(), id[:]
	meta, link := app.Meta(), specHKDF(kb, nil, specCtx("app", []byte("link")))
	inner := specHKDF(cat(cs.L.Bytes(), zeros), nil, specCtx("code", i))
	wrapCtx, one := specCtx("wrap", be(1), i, i, i), fix("plain")
	for name, open := range map[string]func() error{
		"a wrap without SK_m": func() error {
			l := lock()
			l.SKm = none
			_, err := l.Unwrap(box(cat(kb, zeros, kb), wrapCtx, one))
			return err
		},
		"a wrap without SK_h": func() error {
			l := lock()
			l.SKh = none
			_, err := l.Unwrap(box(cat(kb, kb, zeros), wrapCtx, one))
			return err
		},
		"a wrap without an inner key": func() error {
			l := lock()
			l.Inner = none
			_, err := l.Unwrap(box(cat(zeros, kb, kb), wrapCtx, one))
			return err
		},
		"a guest's wrap without S_g": func() error {
			l := lock()
			l.Inner = keyring.NewGuest(id, cs, none).Inner()
			_, err := l.Unwrap(box(cat(inner, kb, kb), wrapCtx, one))
			return err
		},
		"a wrap that holds zeros": func() error { _, err := lock().Unwrap(box(cat(kb, kb, kb), wrapCtx, zeros)); return err },
		"a wrap by pair without SK_m": func() error {
			l := lock()
			b := sealed(l.WrapToPair(seal.PrivateKeyOf(k).Public(), k))
			l.SKm = none
			_, err := l.UnwrapByPair(seal.PrivateKeyOf(k), b)
			return err
		},
		"an envelope without SK_m": func() error {
			_, err := seal.OpenEnvelope(none, meta, id, box(cat(zeros, meta.Bytes()), specCtx("envelope", i), one))
			return err
		},
		"an envelope without K_meta": func() error {
			_, err := seal.OpenEnvelope(k, none, id, box(cat(kb, zeros), specCtx("envelope", i), one))
			return err
		},
		"columns without SK_h": func() error {
			_, err := seal.OpenColumns(none, meta, id, id, box(cat(zeros, meta.Bytes()), specCtx("columns", i, i), one))
			return err
		},
		"a head without CEK": func() error { _, err := seal.OpenHead(none, id, box(zeros, specCtx("head", i), one)); return err },
		"a box without a key": func() error {
			_, err := seal.Unbox(none, seal.NewContext("x"), specBox(zeros, make([]byte, 12), specCtx("x"), one))
			return err
		},
		"a part without CEK": func() error {
			f := agefile{key: specHKDF(zeros, nil, specCtx("part", i, be(1), be(0))), fileKey: one[:16], nonce: one[:12], stream: one[:16], plain: one}
			_, err := decrypt(seal.NewPart(none, id, 1, 0), f.bytes())
			return err
		},
		"a row of the outbox without SK_l": func() error {
			_, err := app.OpenOutgoing(none, id, box(cat(zeros, link), specCtx("outbox", i), one))
			return err
		},
		"a pair's seed without S_g": func() error {
			_, err := cs.OpenPair(id, id, none, box(cat(cs.L.Bytes(), zeros), specCtx("pairseed", i, i), one))
			return err
		},
		"a pair's seed without a code": func() error {
			_, err := keyring.CodeSecret{}.OpenPair(id, id, k, box(cat(zeros, kb), specCtx("pairseed", i, i), one))
			return err
		},
		"a seed without S_w": func() error {
			_, err := keyring.OpenSeed(2, id, k, none, box(cat(kb, zeros), specCtx("seed", be(2), i), one))
			return err
		},
		"a seed without a lock": func() error {
			_, err := keyring.OpenSeed(2, id, none, k, box(cat(zeros, kb), specCtx("seed", be(2), i), one))
			return err
		},
		"a seed for a custodian without S_w": func() error {
			hp := sealed(seal.PrivateKeyOf(k).Public().Seal(seal.NewContext("seed").Number(3).ID(id), one))
			_, err := keyring.OpenSeedBy(3, seal.PrivateKeyOf(k), id, none, box(cat(zeros, zeros), specCtx("seed", be(3), i), hp))
			return err
		},
		"an epoch without a private key": func() error {
			_, err := seal.OpenEpoch(seal.PrivateKeyOf(none), id, id, sealed(seal.SealEpoch(seal.PrivateKeyOf(k).Public(), id, id, k)))
			return err
		},
		"an epoch that holds zeros": func() error {
			b := sealed(seal.PrivateKeyOf(k).Public().Seal(seal.NewContext("epoch", id, id), zeros))
			_, err := seal.OpenEpoch(seal.PrivateKeyOf(k), id, id, b)
			return err
		},
		"a slot that holds zeros": func() error {
			v := specBox(specHKDF(kb, nil, specCtx("app", []byte("slots"))), make([]byte, 12), specCtx("slot", []byte{0}, be(1)), zeros)
			_, err := app.OpenSlot(0, 1, [60]byte(v))
			return err
		},
	} {
		t.Run(name+" does not open", func(t *testing.T) {
			if err := open(); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("without a key nothing is sealed", func(t *testing.T) {
		for name, f := range map[string]func(){
			"box": func() { seal.Box(none, nil, one) }, "head": func() { seal.Head(none, id, one) }, "envelope": func() { seal.Envelope(none, k, id, one) },
			"envelope's K_meta": func() { seal.Envelope(k, none, id, one) }, "columns": func() { seal.Columns(none, k, id, id, one) },
			"wrap": func() { l := lock(); l.SKm = none; l.Wrap(k) }, "wrap of nothing": func() { lock().Wrap(none) },
			"wrap to pair": func() { l := lock(); l.SKh = none; l.WrapToPair(seal.PrivateKeyOf(k).Public(), k) },
			"epoch":        func() { seal.SealEpoch(seal.PrivateKeyOf(k).Public(), id, id, none) },
			"slot":         func() { app.SealSlot(0, 1, none) }, "outbox": func() { app.SealOutgoing(none, id, one) }, "arrival": func() { app.SealArrival(none, id, one) },
			"pair's seed": func() { cs.SealPair(id, id, none, k) }, "seed": func() { keyring.SealSeed(2, id, k, none, k) },
			"seed's lock": func() { keyring.SealSeed(2, id, none, k, k) }, "seed to a key": func() { keyring.SealSeedTo(3, seal.PrivateKeyOf(k).Public(), id, none, k) },
			"app": func() { keyring.NewApp(none, nil) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: sealed", name)
					}
				}()
				f()
			}()
		}
		if _, err := (seal.Part{}).Encrypt(new(bytes.Buffer)); err == nil {
			t.Error("a part without a key was begun")
		}
		if _, err := (seal.PublicKey{}).Seal(nil, one); err == nil {
			t.Error("sealed to no public key")
		}
	})
	t.Run("a commitment without SK_m names nobody", func(t *testing.T) {
		if seal.Commitment(none, k, id, []byte("anna")) != [32]byte{} || seal.Commitment(k, k, id, []byte("anna")) == [32]byte{} {
			t.Error("it does")
		}
	})
}

// TestMalleability flips every single bit: whatever opens is byte for byte what was
// sealed.
func TestMalleability(t *testing.T) {
	for _, name := range []string{"wrap", "head", "envelope", "columns", "person", "contact", "outbox", "seed", "seed-to-key", "epoch", "pair", "pair-seed", "slot"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tp := topics()[name]
			v := tp.make(t, name)[0]
			if len(tp.plain) > 0 {
				v = tp.make(t, name)[1]
			}
			box, i := unhex(t, v.Sealed), in{t, v.In}
			step := 1
			if os.Getenv("SIGILL_FULL") == "" && len(box) > seal.HPKEOverhead {
				step = 7 // each byte of what takes 0.1 ms to open; SIGILL_FULL=1 tries each bit
			}
			for bit := 0; bit < len(box)*8; bit += step {
				box[bit/8] ^= 1 << (bit % 8)
				if _, err := tp.open(i, box); !errors.Is(err, seal.ErrOpen) {
					t.Fatalf("bit %d of byte %d of %d: %v", bit%8, bit/8, len(box), err)
				}
				box[bit/8] ^= 1 << (bit % 8)
			}
		})
	}
	t.Run("part", func(t *testing.T) {
		t.Parallel()
		v := load(t, "part", func() []partVector { return partVectors(t) })[1]
		p, f := v.parts(t)
		b := f.bytes()
		for bit := range len(b) * 8 {
			b[bit/8] ^= 1 << (bit % 8)
			if _, err := decrypt(p, b); !errors.Is(err, seal.ErrOpen) {
				t.Fatalf("bit %d of byte %d: %v", bit%8, bit/8, err)
			}
			if _, _, err := p.DecryptAt(bytes.NewReader(b), int64(len(b))); !errors.Is(err, seal.ErrOpen) {
				t.Fatalf("DecryptAt: bit %d of byte %d: %v", bit%8, bit/8, err)
			}
			b[bit/8] ^= 1 << (bit % 8)
		}
	})
}
