package passkey_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"

	"sigill/appliance/mail"
	"sigill/appliance/passkey"
)

// made is a passkey of Anna's and what the house keeps of it.
func made(t testing.TB, p passkey.Party, d *authenticator) passkey.Credential {
	t.Helper()
	options, ch, err := p.Create(anna, "anna@example.se", "Anna Ek", nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Created(ch, d.makes(t, options))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOptions(t *testing.T) {
	p, _ := party(t)
	p.Hints = []string{"security-key"}
	have := []passkey.Credential{{ID: []byte{1, 2}, Transports: []string{"usb"}}}
	prf := sha256.Sum256(append([]byte("sigill/1/passkey\x00"), p.Salt[:]...))
	t.Run("a browser is asked for a passkey that names its owner and asks for a PIN, and for no attestation", func(t *testing.T) {
		got, _, err := p.Create(anna, "anna@example.se", "Anna <Ek>", have)
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, `{"rp":{"id":"brev.example.se","name":"Exempelkommun"},"user":{"id":"`+b64(anna[:])+`","name":"anna@example.se","displayName":"Anna <Ek>"},
			"challenge":"*","pubKeyCredParams":[{"type":"public-key","alg":-7},{"type":"public-key","alg":-8},{"type":"public-key","alg":-257}],"timeout":300000,
			"excludeCredentials":[{"type":"public-key","id":"AQI","transports":["usb"]}],"hints":["security-key"],"attestation":"none",
			"authenticatorSelection":{"residentKey":"required","requireResidentKey":true,"userVerification":"required"},"extensions":{"prf":{"eval":{"first":"`+b64(prf[:])+`"}}}}`)
	})
	t.Run("and for any passkey of this house, or for one of these", func(t *testing.T) {
		for list, allow := range map[string][]passkey.Credential{`[]`: nil, `[{"type":"public-key","id":"AQI","transports":["usb"]}]`: have} {
			got, _, err := p.Ask(allow)
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, `{"challenge":"*","timeout":300000,"rpId":"brev.example.se","allowCredentials":`+list+`,"userVerification":"required","hints":["security-key"],"extensions":{"prf":{"eval":{"first":"`+b64(prf[:])+`"}}}}`)
		}
	})
	t.Run("another installation asks the same passkey for another secret", func(t *testing.T) {
		other := p
		other.Salt = [32]byte{1}
		a, _, _ := p.Ask(nil)
		b, _, _ := other.Ask(nil)
		_, first, _ := strings.Cut(string(a), `"eval"`)
		if strings.Contains(string(b), first) {
			t.Error("it does not")
		}
	})
	t.Run("no two challenges are alike", func(t *testing.T) {
		a, _, _ := p.Ask(nil)
		b, _, _ := p.Ask(nil)
		if bytes.Equal(a, b) {
			t.Error(string(a))
		}
	})
	t.Run("nothing is asked for by a party that lacks something, or for nobody", func(t *testing.T) {
		for name, spoil := range map[string]func(*passkey.Party){
			"id": func(p *passkey.Party) { p.ID = "" }, "origins": func(p *passkey.Party) { p.Origins = nil },
			"salt": func(p *passkey.Party) { p.Salt = [32]byte{} }, "clock": func(p *passkey.Party) { p.Clock = nil },
		} {
			q := p
			spoil(&q)
			_, _, create := q.Create(anna, "a", "b", nil)
			_, _, ask := q.Ask(nil)
			if create == nil || ask == nil {
				t.Errorf("without %s: %v, %v", name, create, ask)
			}
		}
		if _, _, err := p.Create([16]byte{}, "a", "b", nil); err == nil {
			t.Error("a passkey for nobody")
		}
	})
}

// same compares JSON whose challenge is any of 32 bytes.
func same(t *testing.T, got []byte, want string) {
	t.Helper()
	var g, w map[string]any
	if err := errors.Join(json.Unmarshal(got, &g), json.Unmarshal([]byte(want), &w)); err != nil {
		t.Fatal(err)
	}
	if c, _ := g["challenge"].(string); len(c) != 43 {
		t.Errorf("challenge %q", c)
	}
	g["challenge"] = "*"
	if a, b := encodeJSON(t, g), encodeJSON(t, w); !bytes.Equal(a, b) {
		t.Errorf("%s\nand not\n%s", a, b)
	}
}

func TestNew(t *testing.T) {
	for base, want := range map[string]string{
		"https://brev.example.se":       "brev.example.se https://brev.example.se",
		"https://Brev.Example.SE:443/":  "brev.example.se https://brev.example.se",
		"https://brev.example.se:8443":  "brev.example.se https://brev.example.se:8443",
		"http://localhost:8080":         "localhost http://localhost:8080",
		"http://localhost:80":           "localhost http://localhost",
		"https://xn--rebro-sqa.example": "xn--rebro-sqa.example https://xn--rebro-sqa.example",
		"http://brev.example.se":        "", "http://127.0.0.1:8080": "", "https://[::1]": "", "https://192.0.2.1": "",
		"https://örebro.example": "", "https://brev.example.se/x": "", "brev.example.se": "", "": "", "ftp://localhost": "", "%": "",
	} {
		p, err := passkey.New(base, "x", [32]byte{1}, &clock{})
		got := strings.TrimSpace(p.ID + " " + strings.Join(p.Origins, " "))
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q and not %q, %v", base, got, want, err)
		}
	}
}

func TestGood(t *testing.T) {
	rsaKey := rs256(t, 2048)
	for name, key := range map[string]crypto.Signer{"ES256": es256(t), "EdDSA": eddsa(), "RS256": rsaKey} {
		t.Run("a passkey of "+name+" is made, and signs in by itself and when it is asked for", func(t *testing.T) {
			p, _ := party(t)
			d := device(key)
			options, ch, err := p.Create(anna, "anna@example.se", "Anna Ek", []passkey.Credential{{ID: []byte("another")}})
			if err != nil {
				t.Fatal(err)
			}
			answer := d.makes(t, options)
			c, err := p.Created(ch, answer)
			if err != nil {
				t.Fatal(err)
			}
			libraryTakes(t, options, answer, nil)
			if !bytes.Equal(c.ID, d.id) || !bytes.Equal(c.Public, encodeCBOR(t, cose(key))) || c.Count != 0 || c.Eligible || c.BackedUp || !c.PRF ||
				!slices.Equal(c.Transports, []string{"internal", "hybrid"}) || !bytes.Equal(c.AAGUID[:], sum("make")[:16]) {
				t.Errorf("%+v", c)
			}
			for _, allow := range [][]passkey.Credential{nil, {{ID: []byte("another")}, c}} {
				options, ch, err := p.Ask(allow)
				if err != nil {
					t.Fatal(err)
				}
				answer := d.signs(t, options)
				id, user, err := p.Handle(answer)
				if err != nil || !bytes.Equal(id, c.ID) || user != anna {
					t.Errorf("%x %x %v", id, user, err)
				}
				after, err := p.Answered(ch, answer, anna, c)
				if err != nil || !bytes.Equal(after.Public, c.Public) || !after.PRF {
					t.Errorf("%+v, %v", after, err)
				}
				libraryTakes(t, options, answer, c.Public)
			}
		})
	}
}

// libraryTakes wants the library's own judge to take what was taken here.
func libraryTakes(t testing.TB, options, answer, public []byte) {
	t.Helper()
	var o struct{ Challenge string }
	if err := json.Unmarshal(options, &o); err != nil {
		t.Fatal(err)
	}
	if _, err := library(o.Challenge, answer, public); err != nil {
		t.Errorf("the library refuses what was taken: %v", err)
	}
}

// library judges an answer by the library's package protocol: of Ask, if there is a key. It
// says too whether it could read the answer.
func library(challenge string, answer, public []byte) (read bool, err error) {
	origins := []string{origin}
	if public == nil {
		r, err := protocol.ParseCredentialCreationResponseBytes(answer)
		if err != nil {
			return false, err
		}
		_, err = r.Verify(challenge, "brev.example.se", origins, nil, nil, protocol.TopOriginExplicitVerificationMode, false, true, true, nil,
			[]protocol.CredentialParameter{{Algorithm: -7}, {Algorithm: -8}, {Algorithm: -257}}, protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
		return true, err
	}
	r, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return false, err
	}
	return true, r.Verify(challenge, "brev.example.se", "", origins, nil, nil, protocol.TopOriginExplicitVerificationMode, false, true, true, public, protocol.SignaturePolicy{})
}

func TestKept(t *testing.T) {
	p, _ := party(t)
	create := func(d *authenticator, lies ...func(*answer)) (passkey.Credential, error) {
		options, ch, _ := p.Create(anna, "a", "b", nil)
		return p.Created(ch, d.makes(t, options, lies...))
	}
	ask := func(d *authenticator, c passkey.Credential, lies ...func(*answer)) (passkey.Credential, error) {
		options, ch, _ := p.Ask(nil)
		return p.Answered(ch, d.signs(t, options, lies...), anna, c)
	}
	t.Run("a passkey may be backed up later, and be no longer", func(t *testing.T) {
		d := device(es256(t))
		d.flags |= be
		c := made(t, p, d)
		for _, now := range []bool{true, false, true} {
			d.flags &^= bs
			if now {
				d.flags |= bs
			}
			var err error
			if c, err = ask(d, c); err != nil || c.BackedUp != now || !c.Eligible {
				t.Errorf("%t: %+v, %v", now, c, err)
			}
		}
	})
	t.Run("the highest count is kept", func(t *testing.T) {
		d := device(eddsa())
		c := made(t, p, d)
		for _, step := range []struct{ says, kept uint32 }{{0, 0}, {3, 3}, {4, 4}, {0, 4}, {1 << 31, 1 << 31}} {
			d.count = step.says
			var err error
			if c, err = ask(d, c); err != nil || c.Count != step.kept {
				t.Errorf("%d: %d, %v", step.says, c.Count, err)
			}
		}
	})
	t.Run("a passkey without prf is kept as one", func(t *testing.T) {
		for _, ext := range []any{map[string]any{}, map[string]any{"prf": nil}, map[string]any{"prf": map[string]any{}}, map[string]any{"prf": map[string]any{"enabled": false, "results": nil}}, nil} {
			c, err := create(device(eddsa()), func(a *answer) { a.json["clientExtensionResults"] = ext })
			if err != nil || c.PRF {
				t.Errorf("%v: %+v, %v", ext, c, err)
			}
		}
	})
	t.Run("of the transports those are kept that look like one, a few and each once", func(t *testing.T) {
		named := append([]string{"usb", "usb", "", "a\"b", "ÅÄÖ", "UPPER", strings.Repeat("x", 33), "smart-card"}, strings.Split("a b c d e f g h i", " ")...)
		c, err := create(device(eddsa()), func(a *answer) { a.response["transports"] = named })
		if want := strings.Fields("usb smart-card a b c d e f"); err != nil || !slices.Equal(c.Transports, want) {
			t.Errorf("%q, %v", c.Transports, err)
		}
	})
	t.Run("extensions of the passkey and statements of attestation do no harm, and no good", func(t *testing.T) {
		hmac := encodeCBOR(t, map[string]any{"hmac-secret": true})
		for name, lie := range map[string]func(*answer){
			"extensions": func(a *answer) { a.flags |= ed; a.ext = hmac },
			"statement": func(a *answer) {
				a.format, a.statement = "packed", map[string]any{"alg": -7, "sig": []byte("nonsense")}
			},
			"compound": func(a *answer) {
				a.format, a.statement = "compound", []any{map[string]any{"fmt": "x", "attStmt": map[string]any{"x": []any{}}}}
			},
			"future flags": func(a *answer) { a.flags |= 1<<1 | 1<<5 },
		} {
			if _, err := create(device(eddsa()), lie); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		d := device(eddsa())
		if _, err := ask(d, made(t, p, d), func(a *answer) {
			a.flags |= ed
			a.ext = encodeCBOR(t, map[string]any{"hmac-secret": make([]byte, 48)})
		}); err != nil {
			t.Error(err)
		}
	})
	t.Run("who is asked for one of their passkeys need not say who they are", func(t *testing.T) {
		d := device(eddsa())
		c := made(t, p, d)
		options, ch, _ := p.Ask([]passkey.Credential{c})
		silent := d.signs(t, options, func(a *answer) { a.response["userHandle"] = nil })
		if _, user, err := p.Handle(silent); err != nil || user != [16]byte{} {
			t.Errorf("%x %v", user, err)
		}
		if _, err := p.Answered(ch, silent, anna, c); err != nil {
			t.Error(err)
		}
	})
	t.Run("what is kept lives on when the answer's memory is used again", func(t *testing.T) {
		d := device(es256(t))
		options, ch, _ := p.Create(anna, "a", "b", nil)
		raw := d.makes(t, options)
		c, err := p.Created(ch, raw)
		clear(raw)
		if err != nil || !bytes.Equal(c.ID, d.id) {
			t.Error(err)
		}
	})
}

// refuses wants an error for this reason, with a sentence for people.
func refuses(t *testing.T, err error, want passkey.Reason) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%v, and not: %s", err, want)
	}
	var e *mail.Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Say, "error.passkey.") || e.Kind != mail.Invalid && e.Kind != mail.Denied {
		t.Errorf("people are told %v", err)
	}
	for _, of := range []string{"evil", "brev.example", "brfxyz", "x8K"} {
		if strings.Contains(err.Error(), of) {
			t.Errorf("the error holds something of the answer: %v", err)
		}
	}
}
