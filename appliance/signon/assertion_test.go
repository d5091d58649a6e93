package signon_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/signon"
)

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func ecKey(t testing.TB, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func certificate(t testing.TB, k crypto.Signer) []byte {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: start, NotAfter: start.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestAssertion(t *testing.T) {
	with := func(text []byte, id string) func(*signon.Config) {
		return func(c *signon.Config) { c.Secret, c.KeyPEM, c.KeyID = "", signon.Secret(text), id }
	}
	rsa2048, p256 := rsaKey(t, 2048), ecKey(t, elliptic.P256())
	for name, c := range map[string]struct {
		text  []byte
		key   crypto.Signer
		takes []string // algorithms
		want  string
	}{
		"an RSA key": {pemOf(t, rsa2048, nil), rsa2048, nil, "RS256"},
		"an RSA key, where the issuer takes PS256":        {pemOf(t, rsa2048, nil), rsa2048, []string{"HS256", "RS256", "PS256"}, "PS256"},
		"an RSA key, where the issuer takes RS256 only":   {pemOf(t, rsa2048, nil), rsa2048, []string{"ES256", "RS256"}, "RS256"},
		"an RSA key of the old form":                      {pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsa2048)}), rsa2048, nil, "RS256"},
		"an EC key":                                       {pemOf(t, p256, nil), p256, nil, "ES256"},
		"an EC key of the old form behind its parameters": {oldEC(t, p256), p256, []string{"ES256"}, "ES256"},
	} {
		t.Run("the appliance shows who it is by "+name, func(t *testing.T) {
			o := newOP(t)
			o.public, o.metadata["token_endpoint_auth_methods_supported"] = c.key.Public(), []string{"client_secret_basic", "private_key_jwt"}
			if c.takes != nil {
				o.metadata["token_endpoint_auth_signing_alg_values_supported"] = c.takes
			}
			p := o.provider(with(c.text, ""))
			for range 2 { // the issuer takes no jti twice
				if _, err := o.signIn(p, signon.Ask{}); err != nil || o.head["alg"] != c.want || o.head["kid"] != "" || o.head["x5t"] != nil {
					t.Errorf("%v, head %v", err, o.head)
				}
			}
		})
	}
	t.Run("a key id and a certificate are named in its head", func(t *testing.T) {
		o := newOP(t)
		o.public = rsa2048.Public()
		der := certificate(t, rsa2048)
		if _, err := o.signIn(o.provider(with(pemOf(t, rsa2048, der), "k1")), signon.Ask{}); err != nil {
			t.Fatal(err)
		}
		old, sum := thumbprints(der)
		if o.head["kid"] != "k1" || o.head["x5t"] != old || o.head["x5t#S256"] != sum || o.head["typ"] != "JWT" {
			t.Errorf("%v", o.head)
		}
	})
	t.Run("its times are the appliance's clock's", func(t *testing.T) {
		o := newOP(t)
		o.public = p256.Public()
		o.clock.isSet(-20 * 365 * 24 * time.Hour)
		if _, err := o.signIn(o.provider(with(pemOf(t, p256, nil), "")), signon.Ask{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("another key is not believed, and the operator is told", func(t *testing.T) {
		o := newOP(t)
		o.public = rsaKey(t, 2048).Public()
		_, err := o.signIn(o.provider(with(pemOf(t, rsa2048, nil), "")), signon.Ask{})
		want(t, err, mail.Internal, "error.signon.setup")
	})
	t.Run("an issuer that takes no keys, or none of this kind, is told", func(t *testing.T) {
		for name, v := range map[string]any{"token_endpoint_auth_methods_supported": []string{"client_secret_basic"}, "token_endpoint_auth_signing_alg_values_supported": []string{"RS256", "PS256"}} {
			o := newOP(t)
			o.metadata[name] = v
			_, _, err := o.provider(with(pemOf(t, p256, nil), "")).Begin(ctx, signon.Ask{})
			want(t, err, mail.Internal, "error.signon.setup")
		}
	})
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"a short RSA key":              pemOf(t, rsaKey(t, 1024), nil),
		"a key of another kind":        pemOf(t, edwards, nil),
		"a curve that is too small":    pemOf(t, ecKey(t, elliptic.P224()), nil),
		"no PEM":                       []byte("canary"),
		"a certificate alone":          pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate(t, rsa2048)}),
		"another key's certificate":    pemOf(t, rsa2048, certificate(t, p256)),
		"a certificate that is none":   pemOf(t, rsa2048, []byte("canary")),
		"a key that is none":           pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("canary")}),
		"two keys":                     append(pemOf(t, rsa2048, nil), pemOf(t, p256, nil)...),
		"a key locked with a password": pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("canary")}),
	} {
		t.Run(name+" is refused at start", func(t *testing.T) {
			c := newOP(t).config()
			with(text, "")(&c)
			if _, err := signon.New(c, newClock()); err == nil || strings.Contains(err.Error(), "canary") {
				t.Error(err)
			}
		})
	}
}

func oldEC(t *testing.T, k *ecdsa.PrivateKey) []byte {
	der, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	// As openssl ecparam -genkey writes it.
	return bytes.Join([][]byte{
		pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7}}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}),
	}, nil)
}

func TestNew(t *testing.T) {
	good := signon.Config{Issuer: "https://idp.example/a", ClientID: client, Secret: secret, Redirect: "https://post.example/in/sso/back"}
	if _, err := signon.New(good, newClock()); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*signon.Config){
		"no issuer":                      func(c *signon.Config) { c.Issuer = "" },
		"an issuer in the clear":         func(c *signon.Config) { c.Issuer = "http://idp.example" },
		"an issuer with a query":         func(c *signon.Config) { c.Issuer += "?a=b" },
		"an issuer with a fragment":      func(c *signon.Config) { c.Issuer += "#" },
		"an issuer with a password":      func(c *signon.Config) { c.Issuer = "https://a:canary@idp.example" },
		"no client id":                   func(c *signon.Config) { c.ClientID = "" },
		"no secret":                      func(c *signon.Config) { c.Secret = "" },
		"a secret and a key":             func(c *signon.Config) { c.KeyPEM = "x" },
		"a key id without key":           func(c *signon.Config) { c.KeyID = "x" },
		"a way back in the clear":        func(c *signon.Config) { c.Redirect = "http://post.example/" },
		"a scope of two words":           func(c *signon.Config) { c.Scopes = []string{"a b"} },
		"an acr of two words":            func(c *signon.Config) { c.ACR = []string{"a b"} },
		"a required claim without value": func(c *signon.Config) { c.Require = map[string]string{"tid": ""} },
		"a state of one's own":           func(c *signon.Config) { c.Extra = map[string]string{"state": "x"} },
		"an answer another way":          func(c *signon.Config) { c.Extra = map[string]string{"response_mode": "fragment"} },
		"PKCE in the clear":              func(c *signon.Config) { c.Extra = map[string]string{"code_challenge_method": "plain"} },
		"a prompt for nobody":            func(c *signon.Config) { c.Extra = map[string]string{"prompt": "none"} },
	} {
		t.Run(name+" is refused at start", func(t *testing.T) {
			c := good
			change(&c)
			if _, err := signon.New(c, newClock()); err == nil || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), secret) {
				t.Error(err)
			}
		})
	}
	t.Run("nothing prints the secret or the key", func(t *testing.T) {
		c := good
		c.KeyPEM = "canary"
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "c", c, "s", c.Secret)
		for _, s := range []string{string(b), log.String(), fmt.Sprintf("%v %+v %#v %q %x", c, c, c, c.Secret, c.Secret)} {
			if strings.Contains(s, secret) || strings.Contains(s, "canary") {
				t.Error(s)
			}
		}
	})
	t.Run("all that is wrong is told at once", func(t *testing.T) {
		_, err := signon.New(signon.Config{}, newClock())
		for _, part := range []string{"issuer", "client id", "secret", "come back"} {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s is not in %v", part, err)
			}
		}
	})
}
