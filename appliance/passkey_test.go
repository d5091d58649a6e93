package appliance_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// softKey is a passkey in software, with the script of the page before it: ES256, and a
// secret by the extension prf if it has one. What package passkey refuses of an answer is
// tried there; here is what a right one does.
type softKey struct {
	t     testing.TB
	key   *ecdsa.PrivateKey
	id    []byte
	prf   []byte // nil: it gives no secret
	user  []byte // from when it was made
	count uint32
}

func newSoftKey(t testing.TB, gives bool) *softKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &softKey{t: t, key: k, id: make([]byte, 20)}
	rand.Read(s.id)
	if gives {
		s.prf = make([]byte, 32)
		rand.Read(s.prf)
	}
	return s
}

// asked is what the page's script gets from the portal.
type asked struct {
	PublicKey struct {
		Challenge string
		RPID      string `json:"rpId"`
		RP        struct{ ID string }
		User      struct{ ID string }
		Allow     []struct{ ID string } `json:"allowCredentials"`
	}
	State string
}

// asks is the POST of the script.
func (b *browser) asks(path string) (a asked) {
	b.j.Helper()
	page, code, at, head := b.page, b.code, b.at, b.head
	b.Post(path)
	if b.code != http.StatusOK {
		b.j.Fatalf("%s: %d %s", path, b.code, b.page)
	}
	if err := json.Unmarshal([]byte(b.page), &a); err != nil {
		b.j.Fatal(err)
	}
	b.page, b.code, b.at, b.head = page, code, at, head
	return a
}

// Makes lets the key be made on the page of passkeys that is open.
func (b *browser) Makes(k *softKey, name string) *browser {
	b.j.Helper()
	a := b.asks("/account/passkeys/options")
	k.user, _ = base64.RawURLEncoding.DecodeString(a.PublicKey.User.ID)
	point, err := k.key.PublicKey.Bytes()
	if err != nil {
		b.j.Fatal(err)
	}
	// COSE_Key of ES256 (RFC 9053, 7.1.1) and an attestation object without statement.
	cose := slices.Concat([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, point[1:33], []byte{0x22, 0x58, 32}, point[33:])
	data := k.data(a.PublicKey.RP.ID, 0x45, slices.Concat(make([]byte, 16), []byte{0, byte(len(k.id))}, k.id, cose))
	object := slices.Concat([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), []byte{byte(len(data))}, data)
	client := k.client(b, "webauthn.create", a)
	answer := k.answer(map[string]any{"clientDataJSON": text(client), "attestationObject": text(object), "transports": []string{"internal"}}, map[string]any{"prf": map[string]any{"enabled": k.prf != nil}})
	return b.Post("/account/passkeys", "name", name, "state", a.State, "response", answer, "prf", text(k.prf))
}

// Uses shows the key on the page that is open.
func (b *browser) Uses(k *softKey, fields ...string) *browser {
	b.j.Helper()
	a := b.asks("/in/passkey/options")
	return b.Post("/in/passkey", append([]string{"state", a.State, "response", k.signs(b, a), "prf", text(k.prf)}, fields...)...)
}

func (k *softKey) signs(b *browser, a asked) string {
	k.t.Helper()
	k.count++
	data, client := k.data(a.PublicKey.RPID, 0x05, nil), k.client(b, "webauthn.get", a)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(slices.Concat(data, sum[:]))
	sig, err := ecdsa.SignASN1(rand.Reader, k.key, digest[:])
	if err != nil {
		k.t.Fatal(err)
	}
	return k.answer(map[string]any{"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(sig), "userHandle": text(k.user)}, map[string]any{})
}

// data is the authenticator data (WebAuthn, 6.1).
func (k *softKey) data(party string, flags byte, attested []byte) []byte {
	sum := sha256.Sum256([]byte(party))
	return slices.Concat(sum[:], []byte{flags}, binary.BigEndian.AppendUint32(nil, k.count), attested)
}

func (k *softKey) client(b *browser, ceremony string, a asked) []byte {
	k.t.Helper()
	u, err := url.Parse(b.j.info.Portal)
	if err != nil {
		k.t.Fatal(err)
	}
	return k.json(map[string]any{"type": ceremony, "challenge": a.PublicKey.Challenge, "origin": u.Scheme + "://" + u.Host, "crossOrigin": false})
}

func (k *softKey) answer(response, extensions map[string]any) string {
	k.t.Helper()
	return string(k.json(map[string]any{"id": text(k.id), "rawId": text(k.id), "type": "public-key", "response": response, "clientExtensionResults": extensions}))
}

func (k *softKey) json(v any) []byte {
	k.t.Helper()
	var out bytes.Buffer
	if err := json.NewEncoder(&out).Encode(v); err != nil {
		k.t.Fatal(err)
	}
	return []byte(strings.TrimSpace(out.String()))
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
