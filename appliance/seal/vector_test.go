package seal_test

import (
	"bytes"
	"context"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"sigill/appliance/keyring"
	"sigill/appliance/seal"
)

// -update writes vectors that are not there yet. It never writes over one: version 1
// must open for ever.
var update = flag.Bool("update", false, "write missing vectors")

// vector is one sealed thing with all that opens it; bytes are in hexadecimal.
type vector struct {
	Name   string            `json:"name"`
	In     map[string]string `json:"in"`
	Plain  string            `json:"plain"`
	Sealed string            `json:"sealed"`
}

// in reads an input of the vector: bytes, a key, an id or a number.
type in struct {
	t testing.TB
	m map[string]string
}

func (i in) bytes(k string) []byte {
	i.t.Helper()
	b, err := hex.DecodeString(i.m[k])
	if err != nil || len(b) == 0 {
		i.t.Fatalf("input %q is %q", k, i.m[k])
	}
	return b
}

func (i in) key(k string) seal.Secret {
	s, err := seal.SecretOf(i.bytes(k))
	if err != nil {
		i.t.Fatalf("input %q: %v", k, err)
	}
	return s
}

func (i in) id(k string) seal.ID { return seal.ID(i.bytes(k)) }

func (i in) num(k string) uint32 {
	n, err := strconv.ParseUint(i.m[k], 10, 32)
	if err != nil {
		i.t.Fatalf("input %q is %q", k, i.m[k])
	}
	return uint32(n)
}

func (i in) app() *keyring.App { return keyring.NewApp(i.key("K_app"), i.bytes("salt")) }

func (i in) lock() seal.Lock {
	return seal.Lock{Kind: seal.WrapKind(i.num("kind")), Message: i.id("m"), Holder: i.id("h"), Ref: i.id("ref"),
		Inner: i.key("inner"), SKm: i.key("SK_m"), SKh: i.key("SK_h")}
}

// topic is how one kind of thing is sealed, opened, and opened after FORMAT.md.
type topic struct {
	in    []string // names of the inputs; a 32-byte key, but m h u e c g id ref have 16
	more  []map[string]string
	seal  func(i in, plain []byte) []byte
	open  func(i in, box []byte) ([]byte, error)
	spec  func(t testing.TB, i in, box []byte) []byte
	plain []int // lengths; nil: a key of 32
}

func sealed(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func secretBytes(s seal.Secret, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return s.Bytes(), nil
}

func secretOf(b []byte) seal.Secret {
	s, err := seal.SecretOf(b)
	if err != nil {
		panic(err)
	}
	return s
}

func specHPKE(t testing.TB, seed []byte, info string, box []byte) []byte {
	t.Helper()
	k, err := hpke.MLKEM768X25519().NewPrivateKey(seed)
	if err != nil {
		t.Fatal(err)
	}
	p, err := hpke.Open(k, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(info), box)
	if err != nil {
		t.Fatalf("the HPKE ciphertext is not what FORMAT.md says: %v", err)
	}
	return p
}

func cat(b ...[]byte) []byte { return bytes.Join(b, nil) }

func specApp(i in, label string) []byte {
	return specHKDF(i.bytes("K_app"), nil, specCtx("app", []byte(label)))
}

// boxTopic is a box whose key is derived from inputs, in order, under one context.
func boxTopic(open func(i in, b []byte) ([]byte, error), sealer func(i in, p []byte) []byte, ctx func(i in) string, ikm func(i in) []byte, names []string, plain []int) topic {
	return topic{in: names, seal: sealer, open: open, plain: plain, spec: func(t testing.TB, i in, box []byte) []byte {
		return specUnbox(t, specHKDF(ikm(i), nil, ctx(i)), ctx(i), box)
	}}
}

var texts = []int{0, 1, 300, 5000}

func topics() map[string]topic {
	kinds := func(from, to int) (l []map[string]string) {
		for k := from; k <= to; k++ {
			l = append(l, map[string]string{"kind": strconv.Itoa(k)})
		}
		return l
	}
	wrapCtx := func(i in) string {
		return specCtx("wrap", be(i.num("kind")), i.bytes("m"), i.bytes("h"), i.bytes("ref"))
	}
	seedCtx := func(i in) string { return specCtx("seed", be(i.num("kind")), i.bytes("u")) }
	wrap := boxTopic(
		func(i in, b []byte) ([]byte, error) { return secretBytes(i.lock().Unwrap(b)) },
		func(i in, p []byte) []byte { return i.lock().Wrap(secretOf(p)) },
		wrapCtx, func(i in) []byte { return cat(i.bytes("inner"), i.bytes("SK_m"), i.bytes("SK_h")) },
		[]string{"m", "h", "ref", "inner", "SK_m", "SK_h"}, nil)
	for _, k := range []string{"1", "2", "3", "5", "6"} { // 4 is pair
		wrap.more = append(wrap.more, map[string]string{"kind": k})
	}
	seed := boxTopic(
		func(i in, b []byte) ([]byte, error) {
			return secretBytes(keyring.OpenSeed(keyring.SeedKind(i.num("kind")), i.id("u"), i.key("lock"), i.key("S_w"), b))
		},
		func(i in, p []byte) []byte {
			return keyring.SealSeed(keyring.SeedKind(i.num("kind")), i.id("u"), i.key("lock"), i.key("S_w"), secretOf(p))
		},
		seedCtx, func(i in) []byte { return cat(i.bytes("lock"), i.bytes("S_w")) }, []string{"u", "lock", "S_w"}, nil)
	seed.more = []map[string]string{{"kind": "2"}, {"kind": "5"}}
	seedTo := func(from, to int) topic {
		k := topic{
			in: []string{"u", "custodian", "S_w"},
			seal: func(i in, p []byte) []byte {
				return sealed(keyring.SealSeedTo(keyring.SeedKind(i.num("kind")), seal.PrivateKeyOf(i.key("custodian")).Public(), i.id("u"), i.key("S_w"), secretOf(p)))
			},
			open: func(i in, b []byte) ([]byte, error) {
				return secretBytes(keyring.OpenSeedBy(keyring.SeedKind(i.num("kind")), seal.PrivateKeyOf(i.key("custodian")), i.id("u"), i.key("S_w"), b))
			},
			spec: func(t testing.TB, i in, box []byte) []byte {
				inner := specUnbox(t, specHKDF(cat(make([]byte, 32), i.bytes("S_w")), nil, seedCtx(i)), seedCtx(i), box)
				return specHPKE(t, i.bytes("custodian"), seedCtx(i), inner)
			},
		}
		k.more = kinds(from, to)
		return k
	}
	stretch := keyring.NewStretcher(keyring.DefaultCost, 1, nil)
	return map[string]topic{
		"wrap": wrap,
		"head": boxTopic(
			func(i in, b []byte) ([]byte, error) { return seal.OpenHead(i.key("CEK"), i.id("m"), b) },
			func(i in, p []byte) []byte { return seal.Head(i.key("CEK"), i.id("m"), p) },
			func(i in) string { return specCtx("head", i.bytes("m")) }, func(i in) []byte { return i.bytes("CEK") },
			[]string{"CEK", "m"}, texts),
		"envelope": boxTopic(
			func(i in, b []byte) ([]byte, error) {
				return seal.OpenEnvelope(i.key("SK_m"), i.key("K_meta"), i.id("m"), b)
			},
			func(i in, p []byte) []byte { return seal.Envelope(i.key("SK_m"), i.key("K_meta"), i.id("m"), p) },
			func(i in) string { return specCtx("envelope", i.bytes("m")) }, func(i in) []byte { return cat(i.bytes("SK_m"), i.bytes("K_meta")) },
			[]string{"SK_m", "K_meta", "m"}, texts),
		"columns": boxTopic(
			func(i in, b []byte) ([]byte, error) {
				return seal.OpenColumns(i.key("SK_h"), i.key("K_meta"), i.id("m"), i.id("h"), b)
			},
			func(i in, p []byte) []byte {
				return seal.Columns(i.key("SK_h"), i.key("K_meta"), i.id("m"), i.id("h"), p)
			},
			func(i in) string { return specCtx("columns", i.bytes("m"), i.bytes("h")) }, func(i in) []byte { return cat(i.bytes("SK_h"), i.bytes("K_meta")) },
			[]string{"SK_h", "K_meta", "m", "h"}, texts),
		"remark": boxTopic(
			func(i in, b []byte) ([]byte, error) {
				return seal.OpenRemark(i.key("CEK"), i.key("K_U"), i.id("m"), i.id("r"), b)
			},
			func(i in, p []byte) []byte { return seal.Remark(i.key("CEK"), i.key("K_U"), i.id("m"), i.id("r"), p) },
			func(i in) string { return specCtx("remark", i.bytes("m"), i.bytes("r")) }, func(i in) []byte { return cat(i.bytes("CEK"), i.bytes("K_U")) },
			[]string{"CEK", "K_U", "m", "r"}, texts),
		"person": boxTopic(
			func(i in, b []byte) ([]byte, error) { return i.app().OpenProfile(i.id("u"), b) },
			func(i in, p []byte) []byte { return i.app().SealProfile(i.id("u"), p) },
			func(i in) string { return specCtx("person", i.bytes("u")) }, func(i in) []byte { return specApp(i, "meta") },
			[]string{"K_app", "salt", "u"}, texts),
		"contact": boxTopic(
			func(i in, b []byte) ([]byte, error) { return i.app().OpenContact([32]byte(i.bytes("lookup")), b) },
			func(i in, p []byte) []byte { return i.app().SealContact([32]byte(i.bytes("lookup")), p) },
			func(i in) string { return specCtx("contact", i.bytes("lookup")) }, func(i in) []byte { return specApp(i, "meta") },
			[]string{"K_app", "salt", "lookup"}, texts),
		"outbox": boxTopic(
			func(i in, b []byte) ([]byte, error) { return i.app().OpenOutgoing(i.key("SK_l"), i.id("id"), b) },
			func(i in, p []byte) []byte { return i.app().SealOutgoing(i.key("SK_l"), i.id("id"), p) },
			func(i in) string { return specCtx("outbox", i.bytes("id")) }, func(i in) []byte { return cat(i.bytes("SK_l"), specApp(i, "link")) },
			[]string{"K_app", "salt", "SK_l", "id"}, texts),
		"arrival": boxTopic(
			func(i in, b []byte) ([]byte, error) { return i.app().OpenArrival(i.key("SK_d"), i.id("id"), b) },
			func(i in, p []byte) []byte { return i.app().SealArrival(i.key("SK_d"), i.id("id"), p) },
			func(i in) string { return specCtx("arrival", i.bytes("id")) }, func(i in) []byte { return cat(i.bytes("SK_d"), specApp(i, "meta")) },
			[]string{"K_app", "salt", "SK_d", "id"}, texts),
		"seed": seed,
		"seed-by-password": {
			in: []string{"u", "S_w"},
			seal: func(i in, p []byte) []byte {
				return sealed(stretch.SealSeedByPassword(context.Background(), i.id("u"), []byte("correct horse battery staple åäö"), i.key("S_w"), secretOf(p)))
			},
			open: func(i in, b []byte) ([]byte, error) {
				return secretBytes(stretch.OpenSeedByPassword(context.Background(), i.id("u"), []byte("correct horse battery staple åäö"), i.key("S_w"), b))
			},
			spec: func(t testing.TB, i in, box []byte) []byte {
				lock := specArgon("correct horse battery staple åäö", box[:16])
				ctx := specCtx("seed", be(1), i.bytes("u"))
				return specUnbox(t, specHKDF(cat(lock, i.bytes("S_w")), nil, ctx), ctx, box[16:])
			},
		},
		"seed-to-key":    seedTo(3, 4),
		"seed-to-member": seedTo(6, 6),
		"epoch": {
			in: []string{"seed", "u", "e"},
			seal: func(i in, p []byte) []byte {
				return sealed(seal.SealEpoch(seal.PrivateKeyOf(i.key("seed")).Public(), i.id("u"), i.id("e"), secretOf(p)))
			},
			open: func(i in, b []byte) ([]byte, error) {
				return secretBytes(seal.OpenEpoch(seal.PrivateKeyOf(i.key("seed")), i.id("u"), i.id("e"), b))
			},
			spec: func(t testing.TB, i in, box []byte) []byte {
				return specHPKE(t, i.bytes("seed"), specCtx("epoch", i.bytes("u"), i.bytes("e")), box)
			},
		},
		"pair": {
			in: []string{"seed", "m", "h", "ref", "SK_m", "SK_h"},
			seal: func(i in, p []byte) []byte {
				return sealed(i.pairLock().WrapToPair(seal.PrivateKeyOf(i.key("seed")).Public(), secretOf(p)))
			},
			open: func(i in, b []byte) ([]byte, error) {
				return secretBytes(i.pairLock().UnwrapByPair(seal.PrivateKeyOf(i.key("seed")), b))
			},
			spec: func(t testing.TB, i in, box []byte) []byte {
				x := specHPKE(t, i.bytes("seed"), specCtx("pair", i.bytes("m"), i.bytes("h"), i.bytes("ref")), box[:1168])
				ctx := specCtx("wrap", be(4), i.bytes("m"), i.bytes("h"), i.bytes("ref"))
				return specUnbox(t, specHKDF(cat(x, i.bytes("SK_m"), i.bytes("SK_h")), nil, ctx), ctx, box[1168:])
			},
		},
		"pair-seed": {
			in: []string{"K_app", "salt", "S_g", "g", "c"}, more: []map[string]string{{"code": hex.EncodeToString([]byte("K7FQ2QDM9XWT4HBNT6RC"))}},
			seal: func(i in, p []byte) []byte {
				return i.app().Code(i.bytes("code")).SealPair(i.id("g"), i.id("c"), i.key("S_g"), secretOf(p))
			},
			open: func(i in, b []byte) ([]byte, error) {
				return secretBytes(i.app().Code(i.bytes("code")).OpenPair(i.id("g"), i.id("c"), i.key("S_g"), b))
			},
			spec: func(t testing.TB, i in, box []byte) []byte {
				l := specHKDF(i.bytes("code"), i.bytes("salt"), specCtx("guest"))
				ctx := specCtx("pairseed", i.bytes("g"), i.bytes("c"))
				return specUnbox(t, specHKDF(cat(l, i.bytes("S_g")), nil, ctx), ctx, box)
			},
		},
		"slot": {
			in: []string{"K_app", "salt"}, more: []map[string]string{{"file": "0", "n": "1"}, {"file": "1", "n": "1"}, {"file": "0", "n": "4294967295"}},
			seal: func(i in, p []byte) []byte {
				v := i.app().SealSlot(byte(i.num("file")), i.num("n"), secretOf(p))
				return append(v[:], crcOf(v[:])...)
			},
			open: func(i in, b []byte) ([]byte, error) {
				if len(b) != 64 || !bytes.Equal(b[60:], crcOf(b[:60])) {
					return nil, seal.ErrOpen
				}
				return secretBytes(i.app().OpenSlot(byte(i.num("file")), i.num("n"), [60]byte(b)))
			},
			spec: func(t testing.TB, i in, box []byte) []byte {
				return specUnbox(t, specApp(i, "slots"), specCtx("slot", []byte{byte(i.num("file"))}, be(i.num("n"))), box[:60])
			},
		},
	}
}

func (i in) pairLock() seal.Lock {
	return seal.Lock{Message: i.id("m"), Holder: i.id("h"), Ref: i.id("ref"), SKm: i.key("SK_m"), SKh: i.key("SK_h")}
}

// crcOf is CRC-32C, little-endian.
func crcOf(b []byte) []byte {
	c := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	return []byte{byte(c), byte(c >> 8), byte(c >> 16), byte(c >> 24)}
}

var short = map[string]bool{"m": true, "h": true, "u": true, "e": true, "c": true, "g": true, "id": true, "ref": true, "salt": true, "r": true}

// make seals everything that there is of a topic with fixed keys.
func (tp topic) make(t testing.TB, name string) (list []vector) {
	more := tp.more
	if more == nil {
		more = []map[string]string{{}}
	}
	sizes := tp.plain
	if sizes == nil {
		sizes = []int{-1}
	}
	for _, extra := range more {
		for _, n := range sizes {
			v := vector{Name: name, In: maps.Clone(extra)}
			for _, k := range slices.Sorted(maps.Keys(extra)) {
				v.Name += " " + k + " " + extra[k]
			}
			for _, k := range tp.in {
				b := fix(name + k)
				if short[k] {
					b = b[:16]
				}
				v.In[k] = hex.EncodeToString(b)
			}
			plain := fix(v.Name + " plain")
			if n >= 0 {
				plain = pattern(n)
				v.Name += fmt.Sprintf(" %d bytes", n)
			}
			v.Plain = hex.EncodeToString(plain)
			v.Sealed = hex.EncodeToString(tp.seal(in{t, v.In}, plain))
			list = append(list, v)
		}
	}
	return list
}

// load reads testdata/v1/name.json, or writes it first if it is not there and
// -update is set.
func load[T any](t testing.TB, name string, make func() T) (list T) {
	t.Helper()
	path := filepath.Join("testdata", "v1", name+".json")
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) && *update {
		if b, err = json.MarshalIndent(make(), "", "  "); err == nil {
			err = os.WriteFile(path, append(b, '\n'), 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestVectors(t *testing.T) {
	for name, tp := range topics() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := load(t, name, func() []vector { return tp.make(t, name) })
			for _, v := range list {
				i := in{t, v.In}
				box, plain := in{t, map[string]string{"b": v.Sealed}}.bytes("b"), v.Plain
				got, err := tp.open(i, box)
				if err != nil || hex.EncodeToString(got) != plain {
					t.Errorf("%s: does not open any more: %v", v.Name, err)
				}
				if got := tp.spec(t, i, box); hex.EncodeToString(got) != plain {
					t.Errorf("%s: is not what FORMAT.md says", v.Name)
				}
				// What is sealed today follows the page too, and is as long.
				p, _ := hex.DecodeString(plain)
				again := tp.seal(i, p)
				if len(again) != len(box) || bytes.Equal(again, box) {
					t.Errorf("%s: sealed anew it has %d bytes, not %d, or the same ones", v.Name, len(again), len(box))
				}
				if got := tp.spec(t, i, again); !bytes.Equal(got, p) {
					t.Errorf("%s: sealed anew it is not what FORMAT.md says", v.Name)
				}
			}
			if len(list) == 0 {
				t.Error("no vector")
			}
		})
	}
}

// value is something that is derived and not sealed.
type value struct {
	Name, Value string
}

func values() []value {
	kapp, salt, code := fix("app"), fix("salt")[:16], []byte("K7FQ2QDM9XWT4HBNT6RC")
	app := keyring.NewApp(secretOf(kapp), salt)
	cs := app.Code(code)
	lookup := app.Lookup("anna@example.se")
	m := seal.ID(fix("m"))
	c := seal.Commitment(secretOf(fix("SK_m")), secretOf(fix("K_meta")), m, []byte("person 1"))
	person := keyring.NewPerson(seal.ID(fix("u")), secretOf(fix("seed")))
	inner := cs.Inner(seal.ID(fix("c")), secretOf(fix("S_g")))
	pub := sha256.Sum256(seal.PrivateKeyOf(secretOf(fix("seed"))).Public().Bytes())
	id, err := keyring.Identity(secretOf(fix("seed")))
	if err != nil {
		panic(err)
	}
	h := hex.EncodeToString
	return []value{
		{"K_meta", h(app.Meta().Bytes())}, {"K_transit", h(app.Transit().Bytes())}, {"K_journal", h(app.JournalSeed())},
		{"K_bounce", h(app.BounceKey())}, {"tag", h(app.Tag("purpose", "value"))},
		{"L", h(cs.L.Bytes())}, {"locator", h(cs.Locator[:])}, {"inner of a code", h(inner.Bytes())},
		{"recovery lock", h(app.RecoveryLock(code).Bytes())}, {"lookup", h(lookup[:])}, {"commitment", h(c[:])},
		{"K_U", h(person.Mailbox().Bytes())}, {"SHA-256 of a public key", h(pub[:])}, {"age identity", id},
	}
}

// specValues are the same after FORMAT.md.
func specValues(t testing.TB) map[string]string {
	i := in{t, map[string]string{"K_app": hex.EncodeToString(fix("app"))}}
	salt, code := fix("salt")[:16], []byte("K7FQ2QDM9XWT4HBNT6RC")
	l := specHKDF(code, salt, specCtx("guest"))
	locator := sha256.Sum256(specHKDF(code, salt, specCtx("find")))
	m := fix("m")[:16]
	who := specHMAC(specHKDF(cat(fix("SK_m"), fix("K_meta")), nil, specCtx("journal", m)), []byte(specCtx("who")+"person 1"))
	h := hex.EncodeToString
	return map[string]string{
		"K_meta": h(specApp(i, "meta")), "K_transit": h(specApp(i, "transit")), "K_journal": h(specApp(i, "journal")), "K_bounce": h(specApp(i, "bounce")),
		"tag": h(specHMAC(specHKDF(specApp(i, "session"), nil, specCtx("tag", []byte("purpose"))), []byte("value"))),
		"L":   h(l), "locator": h(locator[:]), "inner of a code": h(specHKDF(cat(l, fix("S_g")), nil, specCtx("code", fix("c")[:16]))),
		"recovery lock": h(specHKDF(code, salt, specCtx("recovery"))),
		"lookup":        h(specHMAC(specHKDF(specApp(i, "meta"), nil, specCtx("lookup")), []byte("anna@example.se"))),
		"commitment":    h(who), "K_U": h(specHKDF(fix("seed"), nil, specCtx("mailbox", fix("u")[:16]))),
	}
}

func TestValues(t *testing.T) {
	want := map[string]string{}
	for _, v := range load(t, "values", values) {
		want[v.Name] = v.Value
	}
	spec := specValues(t)
	for _, v := range values() {
		if v.Value != want[v.Name] {
			t.Errorf("%s is %s, was %s", v.Name, v.Value, want[v.Name])
		}
		if s, ok := spec[v.Name]; ok && s != v.Value {
			t.Errorf("%s is %s, FORMAT.md says %s", v.Name, v.Value, s)
		}
	}
}

// partVector is one age file: what is random in it, and what it must become.
type partVector struct {
	Size int               `json:"size"`
	In   map[string]string `json:"in"`
	Hash string            `json:"sha256"`         // of the file
	File string            `json:"file,omitempty"` // if it is small
}

func (v partVector) parts(t testing.TB) (seal.Part, agefile) {
	i := in{t, v.In}
	key := specHKDF(i.bytes("CEK"), nil, specCtx("part", i.bytes("m"), be(i.num("n")), be(i.num("k"))))
	return seal.NewPart(i.key("CEK"), i.id("m"), i.num("n"), i.num("k")),
		agefile{key: key, fileKey: i.bytes("file key"), nonce: i.bytes("nonce"), stream: i.bytes("stream"), plain: pattern(v.Size)}
}

func partVectors(t testing.TB) (list []partVector) {
	for n, size := range []int{0, 1, 65535, 65536, 65537, 200_000, 1 << 20} {
		name := fmt.Sprint("part", size)
		v := partVector{Size: size, In: map[string]string{
			"CEK": hex.EncodeToString(fix(name + "CEK")), "m": hex.EncodeToString(fix(name + "m")[:16]), "n": fmt.Sprint(n + 1), "k": fmt.Sprint(n / 3),
			"file key": hex.EncodeToString(fix(name + "file")[:16]), "nonce": hex.EncodeToString(fix(name + "nonce")[:12]), "stream": hex.EncodeToString(fix(name + "stream")[:16])}}
		_, f := v.parts(t)
		b := f.bytes()
		h := sha256.Sum256(b)
		v.Hash = hex.EncodeToString(h[:])
		if size < 100 {
			v.File = hex.EncodeToString(b)
		}
		list = append(list, v)
	}
	return list
}

func TestPartVectors(t *testing.T) {
	for _, v := range load(t, "part", func() []partVector { return partVectors(t) }) {
		t.Run(fmt.Sprint(v.Size, " bytes"), func(t *testing.T) {
			p, f := v.parts(t)
			b := f.bytes()
			if h := sha256.Sum256(b); hex.EncodeToString(h[:]) != v.Hash || v.File != "" && hex.EncodeToString(b) != v.File {
				t.Fatal("the file is another one")
			}
			if got, err := decrypt(p, b); err != nil || !bytes.Equal(got, f.plain) {
				t.Errorf("does not open any more: %v", err)
			}
			r, n, err := p.DecryptAt(bytes.NewReader(b), int64(len(b)))
			if err != nil || n != int64(v.Size) {
				t.Fatalf("DecryptAt: %d bytes, %v", n, err)
			}
			if got, err := io.ReadAll(io.NewSectionReader(r, 0, n)); err != nil || !bytes.Equal(got, f.plain) {
				t.Errorf("DecryptAt does not open any more: %v", err)
			}
			if want := 164 + v.Size + 16*max(1, (v.Size+65535)/65536); len(b) != want {
				t.Errorf("%d bytes, FORMAT.md says %d", len(b), want)
			}
			// What is written today has the same form.
			if again := encrypt(t, p, f.plain); len(again) != len(b) || !bytes.Equal(again[:39], b[:39]) || bytes.Equal(again, b) {
				t.Errorf("written anew it has %d bytes, not %d, or begins otherwise", len(again), len(b))
			}
		})
	}
}

func encrypt(t testing.TB, p seal.Part, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := p.Encrypt(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decrypt(p seal.Part, b []byte) ([]byte, error) {
	r, err := p.Decrypt(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
