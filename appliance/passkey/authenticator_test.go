package passkey_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"sigill/appliance/passkey"
)

// clock stands until it is turned.
type clock struct{ running time.Duration }

func (c *clock) Now() time.Time         { return time.Date(2026, 4, 26, 8, 0, 0, 0, time.UTC).Add(c.running) }
func (c *clock) Running() time.Duration { return c.running }

const origin = "https://brev.example.se"

var anna = [16]byte{0: 0xa1, 15: 1}

func party(t testing.TB) (passkey.Party, *clock) {
	t.Helper()
	c := &clock{running: time.Hour}
	p, err := passkey.New(origin, "Exempelkommun", [32]byte{31: 7}, c)
	if err != nil {
		t.Fatal(err)
	}
	return p, c
}

// authenticator is a passkey in software, with the browser before it. What it says stands
// in the fields of answer, so that a test can make it lie.
type authenticator struct {
	key   crypto.Signer
	id    []byte
	user  []byte
	count uint32
	flags byte
}

const (
	up = 1 << 0
	uv = 1 << 2
	be = 1 << 3
	bs = 1 << 4
	at = 1 << 6
	ed = 1 << 7
)

// The keys never change, so that answers can be kept as vectors.
func es256(t testing.TB) crypto.Signer {
	t.Helper()
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), sum("ES256"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func eddsa() crypto.Signer { return ed25519.NewKeyFromSeed(sum("EdDSA")) }

func rs256(t testing.TB, bits int) crypto.Signer {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func device(key crypto.Signer) *authenticator {
	return &authenticator{key: key, id: sum("id")[:20], user: anna[:], flags: up | uv}
}

// answer is all that an answer is made of. What is set to nil or "" is left out.
type answer struct {
	client    map[string]any
	party     string
	flags     byte
	count     uint32
	aaguid    []byte
	id        []byte
	key       map[int]any
	rawKey    []byte // instead of key
	ext       []byte // CBOR
	tail      []byte // behind the authenticator data
	format    string
	statement any
	auth      func([]byte) []byte // changes the authenticator data as a whole
	object    func([]byte) []byte // the attestation object
	signer    crypto.Signer
	signature func([]byte) []byte
	data      []byte         // the authenticator data as they were signed, to be changed by signature
	json      map[string]any // what is set here goes before what is true
	response  map[string]any // the same, in "response"
	raw       func([]byte) []byte
}

// makes answers Create.
func (d *authenticator) makes(t testing.TB, options []byte, lies ...func(*answer)) []byte {
	t.Helper()
	a := d.says(t, options, "webauthn.create")
	a.flags |= at
	a.aaguid, a.key, a.format, a.statement = sum("make")[:16], cose(d.key), "none", map[string]any{}
	for _, lie := range lies {
		lie(a)
	}
	object := map[string]any{"authData": a.authData(t), "attStmt": a.statement, "fmt": a.format}
	if a.format == "" {
		delete(object, "fmt")
	}
	o := encodeCBOR(t, object)
	if a.object != nil {
		o = a.object(o)
	}
	return a.write(t, map[string]any{"attestationObject": b64(o), "transports": []string{"internal", "hybrid"}}, map[string]any{"prf": map[string]any{"enabled": true}})
}

// signs answers Ask.
func (d *authenticator) signs(t testing.TB, options []byte, lies ...func(*answer)) []byte {
	t.Helper()
	a := d.says(t, options, "webauthn.get")
	for _, lie := range lies {
		lie(a)
	}
	a.data = a.authData(t)
	s := sign(t, a.signer, slices.Concat(a.data, hash(encodeJSON(t, a.client))))
	if a.signature != nil {
		s = a.signature(s)
	}
	return a.write(t, map[string]any{"authenticatorData": b64(a.data), "signature": b64(s), "userHandle": b64(d.user)}, map[string]any{})
}

func (d *authenticator) says(t testing.TB, options []byte, ceremony string) *answer {
	t.Helper()
	var o struct {
		Challenge string `json:"challenge"`
		RPID      string `json:"rpId"`
		RP        struct {
			ID string `json:"id"`
		} `json:"rp"`
	}
	if err := json.Unmarshal(options, &o); err != nil {
		t.Fatal(err)
	}
	return &answer{
		client: map[string]any{"type": ceremony, "challenge": o.Challenge, "origin": origin, "crossOrigin": false},
		party:  o.RPID + o.RP.ID, flags: d.flags, count: d.count, id: d.id, signer: d.key, json: map[string]any{}, response: map[string]any{},
	}
}

func (a *answer) authData(t testing.TB) []byte {
	t.Helper()
	b := append(hash([]byte(a.party)), a.flags)
	b = binary.BigEndian.AppendUint32(b, a.count)
	if a.flags&at != 0 {
		b = append(b, a.aaguid...)
		b = binary.BigEndian.AppendUint16(b, uint16(len(a.id)))
		b = append(b, a.id...)
		if a.rawKey == nil {
			a.rawKey = encodeCBOR(t, a.key)
		}
		b = append(b, a.rawKey...)
	}
	b = slices.Concat(b, a.ext, a.tail)
	if a.auth != nil {
		b = a.auth(b)
	}
	return b
}

func (a *answer) write(t testing.TB, response, extensions map[string]any) []byte {
	t.Helper()
	response["clientDataJSON"] = b64(encodeJSON(t, a.client))
	for k, v := range a.response {
		response[k] = v
	}
	all := map[string]any{"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "response": response, "clientExtensionResults": extensions}
	for k, v := range a.json {
		all[k] = v
	}
	b := encodeJSON(t, all)
	if a.raw != nil {
		b = a.raw(b)
	}
	return b
}

// cose writes a key as a passkey does (RFC 9053, 7; RFC 8230, 4).
func cose(key crypto.Signer) map[int]any {
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		point, err := k.PublicKey.Bytes()
		if err != nil {
			panic(err)
		}
		n := (len(point) - 1) / 2
		alg, curve := map[int]int{32: -7, 48: -35, 66: -36}[n], map[int]int{32: 1, 48: 2, 66: 3}[n]
		return map[int]any{1: 2, 3: alg, -1: curve, -2: point[1 : 1+n], -3: point[1+n:]}
	case ed25519.PrivateKey:
		return map[int]any{1: 1, 3: -8, -1: 6, -2: []byte(k.Public().(ed25519.PublicKey))}
	case *rsa.PrivateKey:
		return map[int]any{1: 3, 3: -257, -1: k.N.Bytes(), -2: big.NewInt(int64(k.E)).Bytes()}
	}
	panic("no such key")
}

func sign(t testing.TB, key crypto.Signer, data []byte) []byte {
	t.Helper()
	opts, digest := crypto.SignerOpts(crypto.SHA256), hash(data)
	if _, ok := key.(ed25519.PrivateKey); ok {
		opts, digest = crypto.Hash(0), data
	}
	s, err := key.Sign(rand.Reader, digest, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func encodeCBOR(t testing.TB, v any) []byte {
	t.Helper()
	b, err := webauthncbor.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func encodeJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func hash(b []byte) []byte {
	s := sha256.Sum256(b)
	return s[:]
}

func sum(s string) []byte { return hash([]byte(s)) }

// part is what stands in an answer's response by this name.
func part(t testing.TB, raw []byte, name string) []byte {
	t.Helper()
	var r struct{ Response map[string]any }
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	text, _ := r.Response[name].(string)
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
