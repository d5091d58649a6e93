package passkey_test

import (
	"bytes"
	"crypto"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"sigill/appliance/mail"
	"sigill/appliance/passkey"
)

var update = flag.Bool("update", false, "write the vectors anew")

// asked is the challenge that the vectors answer.
var asked = [32]byte(sum("the challenge of the vectors"))

func createFixed(t testing.TB) (p passkey.Party, options []byte, ch passkey.Challenge) {
	t.Helper()
	p, _ = party(t)
	options, ch, err := p.Create(anna, "a", "b", []passkey.Credential{{ID: []byte("another")}})
	if err != nil {
		t.Fatal(err)
	}
	return p, fix(options, ch), ch
}

func askFixed(t testing.TB) (p passkey.Party, options []byte, ch passkey.Challenge) {
	t.Helper()
	p, _ = party(t)
	options, ch, err := p.Ask(nil)
	if err != nil {
		t.Fatal(err)
	}
	return p, fix(options, ch), ch
}

func fix(options []byte, ch passkey.Challenge) []byte {
	ch.Fix(asked)
	before, rest, _ := bytes.Cut(options, []byte(`"challenge":"`))
	_, after, _ := bytes.Cut(rest, []byte(`"`))
	return fmt.Appendf(nil, `%s"challenge":"%s"%s`, before, b64(asked[:]), after)
}

// kept is what the house keeps of the vectors' passkey, which has counted to 5.
func kept(t testing.TB, key crypto.Signer) passkey.Credential {
	return passkey.Credential{ID: device(key).id, Public: encodeCBOR(t, cose(key)), Count: 5, PRF: true}
}

// vectors are answers in the corpora of the fuzzer. What begins with "good-" must be taken
// for ever, what begins with "bad-" never.
func vectors(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	_, create, _ := createFixed(t)
	_, ask, _ := askFixed(t)
	for name, key := range map[string]crypto.Signer{"es256": es256(t), "eddsa": eddsa()} {
		d := device(key)
		all["FuzzCreated/good-"+name] = d.makes(t, create)
		d.count = 6
		all["FuzzAnswered/good-"+name] = d.signs(t, ask)
		all["FuzzHandle/good-"+name] = d.signs(t, ask)
	}
	all["FuzzCreated/good-rs256"] = device(rs256(t, 2048)).makes(t, create)
	d := device(eddsa())
	all["FuzzCreated/good-extensions"] = d.makes(t, create, flags(ed|be|bs, 0), func(a *answer) { a.ext = encodeCBOR(t, map[string]any{"hmac-secret": true}) })
	all["FuzzCreated/good-statement"] = d.makes(t, create, func(a *answer) { a.format, a.statement = "packed", map[string]any{"alg": -8, "sig": []byte("unread")} })
	all["FuzzCreated/bad-deep"] = d.makes(t, create, func(a *answer) { a.format, a.statement = "x", nested(9) })
	all["FuzzCreated/bad-length"] = d.makes(t, create, func(a *answer) { a.auth = func(b []byte) []byte { b[53] = 3; return b } })
	all["FuzzCreated/bad-key"] = d.makes(t, create, func(a *answer) { a.rawKey = []byte{0xa2, 1, 2} })
	all["FuzzCreated/bad-cut"] = d.makes(t, create, func(a *answer) { a.object = cut(9) })
	all["FuzzCreated/bad-origin"] = d.makes(t, create, client("origin", "https://evil.example"))
	d.count = 6
	all["FuzzAnswered/bad-signature"] = d.signs(t, ask, func(a *answer) { a.signature = cut(1) })
	all["FuzzAnswered/bad-extensions"] = d.signs(t, ask, flags(ed, 0))
	all["FuzzAnswered/bad-handle"] = d.signs(t, ask, inResponse("userHandle", "AAAA"))
	all["FuzzAnswered/bad-unverified"] = d.signs(t, ask, flags(0, uv))
	all["FuzzHandle/bad-secret"] = d.signs(t, ask, inJSON("clientExtensionResults", map[string]any{"prf": map[string]any{"results": map[string]any{"first": "AAAA"}}}))
	all["FuzzHandle/bad-nothing"] = []byte("null")
	return all
}

func TestVectors(t *testing.T) {
	if *update {
		for name, raw := range vectors(t) {
			path := filepath.Join("testdata", "fuzz", filepath.FromSlash(name))
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, fmt.Appendf(nil, "go test fuzz v1\n[]byte(%q)\n", raw), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name := range vectors(t) {
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join("testdata", "fuzz", filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			_, quoted, _ := strings.Cut(string(b), "[]byte(")
			raw, err := strconv.Unquote(strings.TrimSuffix(strings.TrimSpace(quoted), ")"))
			if err != nil {
				t.Fatal(err)
			}
			if err, good := judge(t, name, []byte(raw)), strings.Contains(name, "/good-"); (err == nil) != good {
				t.Errorf("good: %t, and it says: %v", good, err)
			}
		})
	}
}

// judge asks for a verdict on a vector.
func judge(t testing.TB, name string, raw []byte) error {
	switch target, _, _ := strings.Cut(name, "/"); target {
	case "FuzzCreated":
		p, _, ch := createFixed(t)
		_, err := p.Created(ch, raw)
		return err
	case "FuzzAnswered":
		p, _, ch := askFixed(t)
		_, err := p.Answered(ch, raw, anna, kept(t, es256(t)))
		if err == nil {
			return nil
		}
		p, _, ch = askFixed(t)
		_, err = p.Answered(ch, raw, anna, kept(t, eddsa()))
		return err
	default:
		p, _ := party(t)
		_, _, err := p.Handle(raw)
		return err
	}
}

// told wants an error that people can read, and nothing else with it.
func told(t *testing.T, err error, nothing bool) {
	t.Helper()
	var e *mail.Error
	var r passkey.Reason
	if !errors.As(err, &e) || !errors.As(err, &r) || !nothing || len(err.Error()) > 200 {
		t.Errorf("%v, with something: %t", err, !nothing)
	}
}

// agrees wants the library to take what was taken here. It checks statements too, which we
// take for nothing; and the form of members that nobody uses, which does not count unless
// the answer has none of them.
func agrees(t *testing.T, raw, public, object []byte, used bool) {
	t.Helper()
	read, err := library(b64(asked[:]), raw, public)
	if err == nil || !read && !used || object != nil && !bytes.Contains(object, []byte("\x63fmt\x64none")) {
		return
	}
	t.Errorf("the library refuses what was taken: %v", err)
}

// plain reports whether a page's data have no members but those that we read.
func plain(client []byte) bool {
	var members map[string]any
	if json.Unmarshal(client, &members) != nil {
		return false
	}
	for m := range members {
		if !slices.Contains([]string{"type", "challenge", "origin", "crossOrigin"}, m) {
			return false
		}
	}
	return true
}

// extended reports whether the passkey in an attestation object has extensions.
func extended(t *testing.T, object []byte) bool {
	var o struct {
		AuthData []byte `cbor:"authData"`
	}
	if err := webauthncbor.Unmarshal(object, &o); err != nil {
		t.Fatal(err)
	}
	return o.AuthData[32]&ed != 0
}

// FuzzCreated: what is taken is bounded, and the library takes it too.
func FuzzCreated(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, _, ch := createFixed(t)
		c, err := p.Created(ch, raw)
		if err != nil {
			told(t, err, c.ID == nil && c.Public == nil)
			return
		}
		if n := len(c.ID); n < 1 || n > 1023 || len(c.Public) > 1024 || len(c.Transports) > 8 || c.BackedUp && !c.Eligible {
			t.Errorf("%+v", c)
		}
		agrees(t, raw, nil, part(t, raw, "attestationObject"), false)
	})
}

// FuzzAnswered: what is taken the library takes too, and it was signed.
func FuzzAnswered(f *testing.F) {
	keys := []crypto.Signer{es256(f), eddsa()}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, key := range keys {
			p, _, ch := askFixed(t)
			before := kept(t, key)
			c, err := p.Answered(ch, raw, anna, before)
			if err != nil {
				told(t, err, c.ID == nil && c.Public == nil)
				continue
			}
			if c.Count < before.Count || !bytes.Equal(c.ID, before.ID) || !bytes.Equal(c.Public, before.Public) {
				t.Errorf("%+v", c)
			}
			agrees(t, raw, before.Public, nil, false)
		}
	})
}

// FuzzMade is FuzzCreated below JSON and base64, where chance seldom gets.
func FuzzMade(f *testing.F) {
	for name, raw := range vectors(f) {
		if strings.HasPrefix(name, "FuzzCreated/") {
			f.Add(part(f, raw, "attestationObject"), part(f, raw, "clientDataJSON"))
		}
	}
	id := b64(device(eddsa()).id)
	f.Fuzz(func(t *testing.T, object, client []byte) {
		p, _, ch := createFixed(t)
		raw := encodeJSON(t, map[string]any{"id": id, "rawId": id, "type": "public-key", "response": map[string]any{"attestationObject": b64(object), "clientDataJSON": b64(client)}})
		c, err := p.Created(ch, raw)
		if err != nil {
			told(t, err, c.ID == nil && c.Public == nil)
			return
		}
		agrees(t, raw, nil, object, plain(client) && !extended(t, object))
	})
}

// FuzzSigned is FuzzAnswered for a passkey that signs whatever it is given.
func FuzzSigned(f *testing.F) {
	for name, raw := range vectors(f) {
		if strings.HasPrefix(name, "FuzzAnswered/") {
			f.Add(part(f, raw, "authenticatorData"), part(f, raw, "clientDataJSON"))
		}
	}
	key := eddsa()
	f.Fuzz(func(t *testing.T, data, client []byte) {
		p, _, ch := askFixed(t)
		before := kept(t, key)
		id := b64(before.ID)
		signature := sign(t, key, slices.Concat(data, hash(client)))
		raw := encodeJSON(t, map[string]any{"id": id, "rawId": id, "type": "public-key", "response": map[string]any{
			"authenticatorData": b64(data), "clientDataJSON": b64(client), "signature": b64(signature), "userHandle": b64(anna[:])}})
		c, err := p.Answered(ch, raw, anna, before)
		if err != nil {
			told(t, err, c.ID == nil && c.Public == nil)
			return
		}
		agrees(t, raw, before.Public, nil, plain(client) && data[32]&ed == 0)
	})
}

// FuzzHandle: the id is bounded, and no error has anything with it.
func FuzzHandle(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, _ := party(t)
		id, user, err := p.Handle(raw)
		if err != nil {
			told(t, err, id == nil && user == [16]byte{})
		} else if len(id) < 1 || len(id) > 1023 {
			t.Errorf("%d bytes of id", len(id))
		}
	})
}
