package passkey_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/passkey"
)

// lie is one thing that is wrong about an answer, and why it is refused.
type lie struct {
	name string
	tell func(*answer)
	want passkey.Reason
}

func client(key string, value any) func(*answer) { return func(a *answer) { a.client[key] = value } }
func inJSON(key string, value any) func(*answer) { return func(a *answer) { a.json[key] = value } }
func inResponse(key string, value any) func(*answer) {
	return func(a *answer) { a.response[key] = value }
}
func flags(set, unset byte) func(*answer) {
	return func(a *answer) { a.flags = a.flags&^unset | set }
}
func whole(change func([]byte) []byte) func(*answer) { return func(a *answer) { a.raw = change } }
func cut(n int) func([]byte) []byte                  { return func(b []byte) []byte { return b[:max(0, len(b)-n)] } }
func longer(s string) func([]byte) []byte            { return func(b []byte) []byte { return append(b, s...) } }

// either are the lies of both ceremonies.
func either(other string) []lie {
	return []lie{
		{"of the other ceremony", client("type", other), passkey.WrongType},
		{"of a ceremony for payments", client("type", "payment.get"), passkey.WrongType},
		{"of no ceremony", client("type", nil), passkey.WrongType},
		{"to another challenge", client("challenge", b64(sum("x"))), passkey.WrongChallenge},
		{"to no challenge", client("challenge", ""), passkey.WrongChallenge},
		{"to half a challenge", func(a *answer) { a.client["challenge"] = a.client["challenge"].(string)[:20] }, passkey.WrongChallenge},
		{"to a challenge with an end", func(a *answer) { a.client["challenge"] = a.client["challenge"].(string) + "=" }, passkey.WrongChallenge},
		{"to a page of others", client("origin", "https://evil.example"), passkey.WrongOrigin},
		{"to a page whose name begins like ours", client("origin", origin+".evil.example"), passkey.WrongOrigin},
		{"to a page below ours", client("origin", "https://evil.brev.example.se"), passkey.WrongOrigin},
		{"to a page above ours", client("origin", "https://example.se"), passkey.WrongOrigin},
		{"to a page without TLS", client("origin", "http://brev.example.se"), passkey.WrongOrigin},
		{"to a page at another port", client("origin", origin+":8443"), passkey.WrongOrigin},
		{"to a page with a path", client("origin", origin+"/"), passkey.WrongOrigin},
		{"to a page in capitals", client("origin", strings.ToUpper(origin)), passkey.WrongOrigin},
		{"to an app", client("origin", "android:apk-key-hash:evil"), passkey.WrongOrigin},
		{"to no page", client("origin", "null"), passkey.WrongOrigin},
		{"to a page in a frame", client("crossOrigin", true), passkey.CrossOrigin},
		{"to a page below another", client("topOrigin", origin), passkey.CrossOrigin},
		{"with words where a yes belongs", client("crossOrigin", "no"), passkey.Malformed},
		{"with a page's data that are no JSON", inResponse("clientDataJSON", b64([]byte("{"))), passkey.Malformed},
		{"with a page's data that are a list", inResponse("clientDataJSON", b64([]byte("[]"))), passkey.Malformed},
		{"with a page's data twice", inResponse("clientDataJSON", b64([]byte("{}{}"))), passkey.Malformed},
		{"without a page's data", inResponse("clientDataJSON", nil), passkey.Malformed},
		{"by a passkey of another house", func(a *answer) { a.party = "evil.example" }, passkey.WrongParty},
		{"with nobody there", flags(0, up), passkey.NotPresent},
		{"without a fingerprint or PIN", flags(0, uv), passkey.NotVerified},
		{"backed up without being able to", flags(bs, be), passkey.WrongBackup},
		{"with bytes behind the data", func(a *answer) { a.tail = []byte{0} }, passkey.Malformed},
		{"with extensions that it says it has not", func(a *answer) { a.ext = []byte{0xa0} }, passkey.Malformed},
		{"without the extensions that it says it has", flags(ed, 0), passkey.Malformed},
		{"with extensions that are a list", func(a *answer) { a.flags |= ed; a.ext = []byte{0x80} }, passkey.Malformed},
		{"with extensions that are nothing", func(a *answer) { a.flags |= ed; a.ext = []byte{0xf6} }, passkey.Malformed},
		{"with extensions that are cut", func(a *answer) { a.flags |= ed; a.ext = []byte{0xa1, 0x61, 'x'} }, passkey.Malformed},
		{"with the same extension twice", func(a *answer) { a.flags |= ed; a.ext = []byte{0xa2, 0x61, 'x', 1, 0x61, 'x', 2} }, passkey.Malformed},
		{"with an extension whose name is a number", func(a *answer) { a.flags |= ed; a.ext = []byte{0xa1, 1, 2} }, passkey.Malformed},
		{"with extensions too deep", func(a *answer) { a.flags |= ed; a.ext = append([]byte{0xa1, 0x61, 'x'}, deep(9)...) }, passkey.Malformed},
		{"with data of no length", func(a *answer) { a.auth = func([]byte) []byte { return nil } }, passkey.Malformed},
		{"with data one byte short of the least", func(a *answer) { a.auth = func(b []byte) []byte { return b[:36] } }, passkey.Malformed},
		{"with the secret in it", inJSON("clientExtensionResults", map[string]any{"prf": map[string]any{"results": map[string]any{"first": b64(sum("x8K"))}}}), passkey.Leaked},
		{"with a part of the secret in it", inJSON("clientExtensionResults", map[string]any{"prf": map[string]any{"enabled": true, "results": 1}}), passkey.Leaked},
		{"with prf that is a word", inJSON("clientExtensionResults", map[string]any{"prf": "brfxyz"}), passkey.Malformed},
		{"of another type", inJSON("type", "password"), passkey.Malformed},
		{"of no type", inJSON("type", nil), passkey.Malformed},
		{"with two ids", inJSON("id", "AAAA"), passkey.WrongID},
		{"without its id in words", inJSON("id", nil), passkey.WrongID},
		{"without an id", inJSON("rawId", ""), passkey.Malformed},
		{"with an id that is too long", func(a *answer) { a.json["rawId"] = b64(make([]byte, 1024)) }, passkey.Malformed},
		{"with an id with an end", inJSON("rawId", "AAA="), passkey.Malformed},
		{"with an id in the other base64", inJSON("rawId", "+/+/"), passkey.Malformed},
		{"with an id over two lines", inJSON("rawId", "AA\nAA"), passkey.Malformed},
		{"with an id whose last bits are not 0", inJSON("rawId", "AB"), passkey.Malformed},
		{"with an id that is a number", inJSON("rawId", 17), passkey.Malformed},
		{"without a response", inJSON("response", nil), passkey.Malformed},
		{"with a response that is a word", inJSON("response", "brfxyz"), passkey.Malformed},
		{"cut", whole(cut(1)), passkey.Malformed},
		{"of nothing", whole(func([]byte) []byte { return nil }), passkey.Malformed},
		{"that is null", whole(func([]byte) []byte { return []byte("null") }), passkey.Malformed},
		{"that is a list", whole(func(b []byte) []byte { return slices.Concat([]byte("["), b, []byte("]")) }), passkey.Malformed},
		{"with bytes behind it", whole(longer("x")), passkey.Malformed},
		{"with another behind it", whole(longer("{}")), passkey.Malformed},
		{"that is too large", whole(func(b []byte) []byte { return append(b, bytes.Repeat([]byte(" "), 64<<10)...) }), passkey.TooLarge},
		{"that is a large number of lists", whole(func([]byte) []byte { return bytes.Repeat([]byte("["), 64<<10) }), passkey.Malformed},
	}
}

// deep is CBOR of so many lists in one another.
func deep(n int) []byte { return append(bytes.Repeat([]byte{0x81}, n), 0) }

func TestCreatedRefuses(t *testing.T) {
	p, c := party(t)
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, okp, long, short := cose(es256(t)), cose(eddsa()), cose(rs256(t, 2048)), cose(rs256(t, 1024))
	key := func(k map[int]any, changes ...any) func(*answer) {
		k = clone(k)
		for i := 0; i < len(changes); i += 2 {
			k[changes[i].(int)] = changes[i+1]
		}
		return func(a *answer) { a.key = k }
	}
	object := func(change func([]byte) []byte) func(*answer) { return func(a *answer) { a.object = change } }
	lies := append(either("webauthn.get"), []lie{
		{"with a key of ES384", key(cose(other)), passkey.WrongKey},
		{"with a key of ES256K", key(ec, 3, -47, -1, 8), passkey.WrongKey},
		{"with a key of ES256 that says ESP256", key(ec, 3, -9), passkey.WrongKey},
		{"with a key whose curve is a word", key(ec, -1, "P-256"), passkey.WrongKey},
		{"with a key without a curve", func(a *answer) { a.key = clone(ec); delete(a.key, -1) }, passkey.WrongKey},
		{"with a key on another curve than it says", key(ec, -1, 2), passkey.WrongKey},
		{"with a point that is not on the curve", key(ec, -3, make([]byte, 32)), passkey.WrongKey},
		{"with half a point", key(ec, -3, []byte(nil)), passkey.WrongKey},
		{"with a point in one number", key(ec, -3, true), passkey.WrongKey},
		{"with a key of Ed448", key(okp, -1, 7, -2, make([]byte, 57)), passkey.WrongKey},
		{"with a key for X25519", key(okp, -1, 4), passkey.WrongKey},
		{"with a key of Ed25519 by its newer name", key(okp, 3, -19), passkey.WrongKey},
		{"with a key of Ed25519 that is short", key(okp, -2, make([]byte, 31)), passkey.WrongKey},
		{"with a key of Ed25519 that says ES256", key(okp, 3, -7), passkey.WrongKey},
		{"with a key of RSA with 1,024 bits", key(short), passkey.WrongKey},
		{"with a key of RSA with 4,104 bits", key(long, -1, bytes.Repeat([]byte{0xff}, 513)), passkey.WrongKey},
		{"with a key of RSA that takes a while", key(long, -1, bytes.Repeat([]byte{0xff}, 20_000)), passkey.Malformed},
		{"with a key of RSA for PSS", key(long, 3, -37), passkey.WrongKey},
		{"with a key of RSA for SHA-1", key(long, 3, -65535), passkey.WrongKey},
		{"with a key of RSA that says ES256", key(long, 3, -7), passkey.WrongKey},
		{"with a key of RSA with the exponent 1", key(long, -2, []byte{1}), passkey.WrongKey},
		{"with a key of RSA with an even exponent", key(long, -2, []byte{1, 0, 0}), passkey.WrongKey},
		{"with a key of RSA with an even modulus", key(long, -1, append(bytes.Repeat([]byte{0xff}, 255), 0xfe)), passkey.WrongKey},
		{"with a key of RSA with an exponent of 32 bits", key(long, -2, bytes.Repeat([]byte{0xff}, 4)), passkey.WrongKey},
		{"with a key of RSA whose modulus is a number", key(long, -1, 17), passkey.WrongKey},
		{"with a key of RSA with an exponent of 64 bits", key(long, -2, bytes.Repeat([]byte{0xff}, 8)), passkey.WrongKey},
		{"with a key of RSA with an exponent of 72 bits that ends well", key(long, -2, []byte{1, 0, 0, 0, 0, 0, 1, 0, 1}), passkey.WrongKey},
		{"with a key of RSA without an exponent", key(long, -2, []byte{}), passkey.WrongKey},
		{"with a symmetric key", key(map[int]any{1: 4, 3: 5, -1: sum("x")}), passkey.WrongKey},
		{"with a key of no type", key(map[int]any{}), passkey.WrongKey},
		{"with a key that is a list", func(a *answer) { a.rawKey = []byte{0x80} }, passkey.WrongKey},
		{"with a key that says twice what it is", func(a *answer) { a.rawKey = []byte{0xa2, 1, 2, 1, 2} }, passkey.WrongKey},
		{"with a key that is cut", func(a *answer) { a.rawKey = []byte{0xa2, 1, 2} }, passkey.Malformed},
		{"with a key that is too deep", func(a *answer) { a.rawKey = deep(9) }, passkey.Malformed},
		{"with a key whose end is open", func(a *answer) { a.rawKey = []byte{0xbf, 1, 2, 0xff} }, passkey.Malformed},
		{"without a key", flags(0, at), passkey.Malformed},
		{"with a key that it says it has not", func(a *answer) { a.auth = func(b []byte) []byte { b[32] &^= at; return b } }, passkey.Malformed},
		{"with data that end in the length of the id", func(a *answer) { a.auth = func(b []byte) []byte { return b[:54] } }, passkey.Malformed},
		{"with data that end in the make", func(a *answer) { a.auth = func(b []byte) []byte { return b[:50] } }, passkey.Malformed},
		{"with data that end in the id", func(a *answer) { a.auth = func(b []byte) []byte { return b[:60] } }, passkey.Malformed},
		{"with data that end behind the id", func(a *answer) { a.auth = func(b []byte) []byte { return b[:75] } }, passkey.Malformed},
		{"with an attested id of no length", func(a *answer) { a.id = nil; a.json["id"], a.json["rawId"] = "AAAA", "AAAA" }, passkey.Malformed},
		{"with an attested id that is too long", func(a *answer) { a.id = make([]byte, 1024); a.json["id"], a.json["rawId"] = "AAAA", "AAAA" }, passkey.Malformed},
		{"that names another passkey than it made", func(a *answer) { a.json["id"], a.json["rawId"] = "AAAA", "AAAA" }, passkey.WrongID},
		{"with a statement that says that it is none", func(a *answer) { a.statement = map[string]any{"x5c": []any{}} }, passkey.WrongStatement},
		{"with a statement that is a list and says that it is none", func(a *answer) { a.statement = []any{} }, passkey.WrongStatement},
		{"without a format", func(a *answer) { a.format = "" }, passkey.Malformed},
		{"without an object", inResponse("attestationObject", nil), passkey.Malformed},
		{"with an object that is a word", inResponse("attestationObject", "brfxyz!"), passkey.Malformed},
		{"with an object that is cut", object(cut(1)), passkey.Malformed},
		{"with an object that is cut in half", object(cut(90)), passkey.Malformed},
		{"with an object with bytes behind it", object(longer("\x00")), passkey.Malformed},
		{"with an object with another behind it", object(func(b []byte) []byte { return slices.Concat(b, b) }), passkey.Malformed},
		{"with an object that is a list", object(func(b []byte) []byte { return append([]byte{0x81}, b...) }), passkey.Malformed},
		{"with an object that has a tag", object(func(b []byte) []byte { return append([]byte{0xd9, 0xd9, 0xf7}, b...) }), passkey.Malformed},
		{"with an object whose end is open", object(func(b []byte) []byte { return append(append([]byte{0xbf}, b[1:]...), 0xff) }), passkey.Malformed},
		{"with an object that says twice what format it has", object(func(b []byte) []byte { return append(append([]byte{b[0] + 1}, b[1:]...), "\x63fmt\x64none"...) }), passkey.Malformed},
		{"with an object that promises a million members", object(func([]byte) []byte { return []byte{0xba, 0, 0x0f, 0x42, 0x40} }), passkey.Malformed},
		{"with a statement that is too deep", func(a *answer) { a.format, a.statement = "x", nested(9) }, passkey.Malformed},
		{"with a statement that is far too deep", object(func([]byte) []byte { return deep(40_000) }), passkey.Malformed},
		{"with transports that are a word", inResponse("transports", "usb"), passkey.Malformed},
	}...)
	for _, l := range lies {
		t.Run("an answer "+l.name, func(t *testing.T) {
			options, ch, _ := p.Create(anna, "a", "b", nil)
			got, err := p.Created(ch, device(es256(t)).makes(t, options, l.tell))
			refuses(t, err, l.want)
			if got.ID != nil || got.Public != nil {
				t.Errorf("%+v", got)
			}
		})
	}
	t.Run("a passkey that the person has already", func(t *testing.T) {
		d := device(es256(t))
		options, ch, _ := p.Create(anna, "a", "b", []passkey.Credential{{ID: []byte("x")}, made(t, p, d)})
		_, err := p.Created(ch, d.makes(t, options))
		refuses(t, err, passkey.Known)
	})
	t.Run("a challenge", func(t *testing.T) {
		options, ch, _ := p.Create(anna, "a", "b", nil)
		answer := device(es256(t)).makes(t, options)
		challenges(t, c, ch, func() (passkey.Challenge, func(passkey.Challenge) error) {
			options, ch, _ := p.Create(anna, "a", "b", nil)
			answer := device(es256(t)).makes(t, options)
			return ch, func(ch passkey.Challenge) error { _, err := p.Created(ch, answer); return err }
		}, func(ch passkey.Challenge) error { _, err := p.Created(ch, answer); return err })
		_, other, _ := p.Ask(nil)
		_, err := p.Created(other, answer)
		refuses(t, err, passkey.Unasked)
	})
}

// challenges wants a challenge to be answered once, in time and not by another's answer.
func challenges(t *testing.T, c *clock, first passkey.Challenge, fresh func() (passkey.Challenge, func(passkey.Challenge) error), answer func(passkey.Challenge) error) {
	t.Helper()
	if err := answer(first); err != nil {
		t.Fatal(err)
	}
	refuses(t, answer(first), passkey.Replayed)
	stolen, honest := fresh()
	refuses(t, answer(stolen), passkey.WrongChallenge) // an old answer to a new question
	refuses(t, honest(stolen), passkey.Replayed)       // which is used up by that
	refuses(t, answer(passkey.Challenge{}), passkey.Unasked)
	slow, honest := fresh()
	c.running += passkey.Life
	refuses(t, honest(slow), passkey.Late)
	quick, honest := fresh()
	c.running += passkey.Life - time.Nanosecond
	if err := honest(quick); err != nil {
		t.Error(err)
	}
}

func TestAnsweredRefuses(t *testing.T) {
	p, c := party(t)
	stranger := device(eddsa()).key
	sig := func(change func([]byte) []byte) func(*answer) { return func(a *answer) { a.signature = change } }
	lies := append(either("webauthn.create"), []lie{
		{"with another person's handle", inResponse("userHandle", b64(make([]byte, 16))), passkey.WrongUser},
		{"with somebody's handle", inResponse("userHandle", b64(sum("x")[:16])), passkey.WrongUser},
		{"without a handle, though nobody was named", inResponse("userHandle", nil), passkey.WrongUser},
		{"with a short handle", inResponse("userHandle", b64(anna[:15])), passkey.WrongUser},
		{"with a long handle", inResponse("userHandle", b64(append(anna[:], 0))), passkey.WrongUser},
		{"with a handle in the other base64", inResponse("userHandle", "+///"), passkey.Malformed},
		{"by another passkey", func(a *answer) { a.id = []byte("another") }, passkey.WrongID},
		{"signed by another key", func(a *answer) { a.signer = stranger }, passkey.WrongSignature},
		{"without a signature", inResponse("signature", nil), passkey.WrongSignature},
		{"with an empty signature", sig(func([]byte) []byte { return nil }), passkey.WrongSignature},
		{"with a signature that is cut", sig(cut(1)), passkey.WrongSignature},
		{"with a signature with bytes behind it", sig(longer("\x00")), passkey.WrongSignature},
		{"with a signature of zeros", sig(func(b []byte) []byte { return []byte{0x30, 6, 2, 1, 0, 2, 1, 0} }), passkey.WrongSignature},
		{"with a signature with one bit turned", sig(func(b []byte) []byte { b[len(b)-1] ^= 1; return b }), passkey.WrongSignature},
		{"whose page's data were changed after signing", func(a *answer) {
			a.raw = func(b []byte) []byte {
				was := b64([]byte(`{"challenge"`))
				if !bytes.Contains(b, []byte(was)) {
					panic("the page's data begin otherwise")
				}
				return bytes.Replace(b, []byte(was), []byte(b64([]byte(`{"Challenge"`))), 1)
			}
		}, passkey.WrongSignature},
		{"whose count was changed after signing", changed(36, 9), passkey.WrongSignature},
		{"whose flags were changed after signing", changed(32, up|uv|1<<5), passkey.WrongSignature},
		{"by a passkey that can be backed up all of a sudden", flags(be, 0), passkey.WrongBackup},
		{"by a passkey that is backed up all of a sudden", flags(be|bs, 0), passkey.WrongBackup},
		{"that has counted backwards", func(a *answer) { a.count = 4 }, passkey.Cloned},
		{"that has not counted", func(a *answer) { a.count = 5 }, passkey.Cloned},
		{"that has counted round", func(a *answer) { a.count = 1 }, passkey.Cloned},
		{"with a key in it", func(a *answer) { a.flags |= at; a.aaguid = make([]byte, 16); a.key = cose(stranger) }, passkey.Malformed},
		{"without the key that it says it has", func(a *answer) { a.auth = func(b []byte) []byte { b[32] |= at; return b } }, passkey.Malformed},
		{"without data", inResponse("authenticatorData", nil), passkey.Malformed},
	}...)
	for _, l := range lies {
		t.Run("an answer "+l.name, func(t *testing.T) {
			d := device(es256(t))
			d.count = 5
			kept := made(t, p, d)
			d.count = 6
			options, ch, _ := p.Ask(nil)
			got, err := p.Answered(ch, d.signs(t, options, l.tell), anna, kept)
			refuses(t, err, l.want)
			if got.ID != nil || got.Public != nil {
				t.Errorf("%+v", got)
			}
		})
	}
	d := device(es256(t))
	kept := made(t, p, d)
	t.Run("a passkey that cannot be backed up any more", func(t *testing.T) {
		able := kept
		able.Eligible = true
		options, ch, _ := p.Ask(nil)
		_, err := p.Answered(ch, d.signs(t, options), anna, able)
		refuses(t, err, passkey.WrongBackup)
	})
	t.Run("a passkey of Anna's for Bo", func(t *testing.T) {
		options, ch, _ := p.Ask(nil)
		_, err := p.Answered(ch, d.signs(t, options), [16]byte{7}, kept)
		refuses(t, err, passkey.WrongUser)
		for _, says := range []any{nil, b64(make([]byte, 16))} {
			options, ch, _ = p.Ask([]passkey.Credential{kept})
			_, err = p.Answered(ch, d.signs(t, options, inResponse("userHandle", says)), [16]byte{}, kept)
			refuses(t, err, passkey.WrongUser) // nobody is not a person
		}
	})
	t.Run("a passkey that was not asked for", func(t *testing.T) {
		options, ch, _ := p.Ask([]passkey.Credential{{ID: []byte("another")}})
		_, err := p.Answered(ch, d.signs(t, options), anna, kept)
		refuses(t, err, passkey.NotAllowed)
	})
	t.Run("a passkey that was not asked for, though the list has it since", func(t *testing.T) {
		list := []passkey.Credential{{ID: bytes.Repeat([]byte{1}, len(kept.ID))}}
		options, ch, _ := p.Ask(list)
		copy(list[0].ID, kept.ID)
		_, err := p.Answered(ch, d.signs(t, options), anna, kept)
		refuses(t, err, passkey.NotAllowed)
	})
	t.Run("a passkey whose key was lost", func(t *testing.T) {
		padded := clone(cose(d.key))
		padded[99] = make([]byte, 1024)
		for _, public := range [][]byte{nil, {0xa0}, kept.Public[1:], encodeCBOR(t, padded)} {
			lost := kept
			lost.Public = public
			options, ch, _ := p.Ask(nil)
			_, err := p.Answered(ch, d.signs(t, options), anna, lost)
			refuses(t, err, passkey.WrongKey)
		}
	})
	t.Run("a challenge", func(t *testing.T) {
		by := func(answer []byte) func(passkey.Challenge) error {
			return func(ch passkey.Challenge) error { _, err := p.Answered(ch, answer, anna, kept); return err }
		}
		options, ch, _ := p.Ask(nil)
		answer := d.signs(t, options)
		challenges(t, c, ch, func() (passkey.Challenge, func(passkey.Challenge) error) {
			options, ch, _ := p.Ask(nil)
			return ch, by(d.signs(t, options))
		}, by(answer))
		_, other, _ := p.Create(anna, "a", "b", nil)
		refuses(t, by(answer)(other), passkey.Unasked)
	})
}

// changed sets a byte of the authenticator data when they are signed already.
func changed(at int, to byte) func(*answer) {
	return func(a *answer) { a.signature = func(s []byte) []byte { a.data[at] = to; return s } }
}

func TestHandleRefuses(t *testing.T) {
	p, _ := party(t)
	d := device(eddsa())
	for _, l := range []lie{
		{"that is too large", whole(func(b []byte) []byte { return append(b, bytes.Repeat([]byte(" "), 64<<10)...) }), passkey.TooLarge},
		{"that is cut", whole(cut(1)), passkey.Malformed},
		{"without an id", inJSON("rawId", nil), passkey.Malformed},
		{"with two ids", inJSON("id", "AAAA"), passkey.WrongID},
		{"with a short handle", inResponse("userHandle", "AAAA"), passkey.WrongUser},
		{"with the secret in it", inJSON("clientExtensionResults", map[string]any{"prf": map[string]any{"results": map[string]any{"first": "x8K"}}}), passkey.Leaked},
	} {
		t.Run("an answer "+l.name, func(t *testing.T) {
			options, _, _ := p.Ask(nil)
			id, user, err := p.Handle(d.signs(t, options, l.tell))
			refuses(t, err, l.want)
			if id != nil || user != [16]byte{} {
				t.Errorf("%x %x", id, user)
			}
		})
	}
}

func clone(k map[int]any) map[int]any {
	c := map[int]any{}
	for i, v := range k {
		c[i] = v
	}
	return c
}

// nested are so many lists in one another.
func nested(n int) any {
	if n == 0 {
		return 0
	}
	return []any{nested(n - 1)}
}
