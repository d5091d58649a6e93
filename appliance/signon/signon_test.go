package signon_test

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"sigill/appliance/mail"
	"sigill/appliance/signon"
)

var ctx = context.Background()

func TestSignIn(t *testing.T) {
	maria := signon.Identity{Subject: "u-17", Address: "Maria.Ek@kommun.example", Name: "Maria Ek", AuthTime: start, Methods: []string{"pwd", "otp"}, ACR: "high"}
	t.Run("somebody of the house signs in", func(t *testing.T) {
		o := newOP(t)
		p := o.provider()
		for range 2 {
			id, err := o.signIn(p, signon.Ask{})
			maria.Issuer = o.server.URL
			if err != nil || !reflect.DeepEqual(id, maria) {
				t.Fatalf("%+v %v", id, err)
			}
		}
		if o.times("/.well-known/openid-configuration") != 1 || o.times("/keys") != 1 || o.times("/token") != 2 {
			t.Errorf("asked %v", o.asked)
		}
	})
	t.Run("the issuer is asked for nothing before somebody signs in", func(t *testing.T) {
		o := newOP(t)
		o.provider()
		if len(o.asked) != 0 {
			t.Errorf("asked %v", o.asked)
		}
	})
	for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.PS256} {
		t.Run("by a token signed with "+string(alg), func(t *testing.T) {
			o := newOP(t)
			o.keys = []key{newKey(t, "k", alg)}
			o.metadata["id_token_signing_alg_values_supported"] = []string{string(alg)}
			if _, err := o.signIn(o.provider(), signon.Ask{}); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("where the issuer takes the secret in the form only", func(t *testing.T) {
		o := newOP(t)
		o.metadata["token_endpoint_auth_methods_supported"] = []string{"client_secret_post", "private_key_jwt"}
		if _, err := o.signIn(o.provider(), signon.Ask{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("over TLS, where the house's own authority has signed the issuer's certificate, and not otherwise", func(t *testing.T) {
		o := newOP(t)
		o.server.Close()
		o.server = httptest.NewUnstartedServer(o)
		o.server.Config.ErrorLog = log.New(io.Discard, "", 0)
		o.server.StartTLS()
		t.Cleanup(o.server.Close)
		roots := x509.NewCertPool()
		roots.AddCert(o.server.Certificate())
		if _, err := o.signIn(o.provider(func(c *signon.Config) { c.Roots = roots }), signon.Ask{}); err != nil {
			t.Error(err)
		}
		_, err := o.signIn(o.provider(), signon.Ask{})
		want(t, err, mail.Again, "error.signon.down")
		if !strings.Contains(err.Error(), "certificate") {
			t.Error(err)
		}
		// An issuer that is spoken to over TLS has no business in the clear, here or elsewhere.
		for _, name := range []string{"token_endpoint", "jwks_uri", "authorization_endpoint"} {
			o.metadata = map[string]any{name: "http://127.0.0.1/" + name}
			_, _, err := o.provider(func(c *signon.Config) { c.Roots = roots }).Begin(ctx, signon.Ask{})
			want(t, err, mail.Internal, "error.signon.setup")
		}
		clear := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the access token goes in the clear") }))
		defer clear.Close()
		o.metadata = map[string]any{"userinfo_endpoint": clear.URL}
		o.claims["email"] = nil
		_, err = o.signIn(o.provider(func(c *signon.Config) { c.Roots = roots }), signon.Ask{})
		want(t, err, mail.Again, "error.signon.down")
		if !strings.Contains(err.Error(), "not https") {
			t.Error(err)
		}
	})
	t.Run("with the claim that the configuration names, which needs no word of email", func(t *testing.T) {
		o := newOP(t)
		o.claims = map[string]any{"email": nil, "email_verified": nil, "upn": "m.ek@kommun.example", "name": nil, "given_name": "Maria", "family_name": "Ek", "auth_time": "2026-11-22T08:59:01.180Z", "amr": nil, "acr": nil}
		id, err := o.signIn(o.provider(func(c *signon.Config) { c.Claim = "upn" }), signon.Ask{})
		if err != nil || id.Address != "m.ek@kommun.example" || id.Name != "Maria Ek" || id.Methods != nil || id.ACR != "" || !id.AuthTime.Equal(start.Add(-59*time.Second)) && id.AuthTime.IsZero() {
			t.Errorf("%+v %v", id, err)
		}
	})
	t.Run("with a claim that is a list of one, and a verified that is a word", func(t *testing.T) {
		o := newOP(t)
		o.claims = map[string]any{"email": []string{"m.ek@kommun.example"}, "email_verified": "true"}
		if id, err := o.signIn(o.provider(), signon.Ask{}); err != nil || id.Address != "m.ek@kommun.example" {
			t.Errorf("%+v %v", id, err)
		}
	})
	t.Run("a name that cannot be shown is none", func(t *testing.T) {
		o := newOP(t)
		p := o.provider()
		for _, bad := range []any{"Maria\nEk", strings.Repeat("M", 101), 17, "\u202eMaria", nil} {
			o.claims = map[string]any{"name": bad}
			if id, err := o.signIn(p, signon.Ask{}); err != nil || id.Name != "" {
				t.Errorf("%q %v", id.Name, err)
			}
		}
	})
}

func TestRequest(t *testing.T) {
	query := func(t *testing.T, o *op, ask signon.Ask, change func(*signon.Config)) (url.Values, signon.Waiting) {
		t.Helper()
		address, w, err := o.provider(change).Begin(ctx, ask)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return u.Query(), w
	}
	t.Run("it asks for what the configuration says", func(t *testing.T) {
		q, w := query(t, newOP(t), signon.Ask{Hint: "maria&acr_values=low@kommun.example", Lang: "sv"}, func(c *signon.Config) {
			c.Scopes, c.ACR, c.Extra = []string{"email", "ssn"}, []string{"urn:a", "urn:b"}, map[string]string{"idp_values": "mitid", "prompt": "select_account"}
		})
		for name, want := range map[string]string{"scope": "openid email ssn", "acr_values": "urn:a urn:b", "idp_values": "mitid", "prompt": "select_account",
			"login_hint": "maria&acr_values=low@kommun.example", "ui_locales": "sv", "tenant": "a", "max_age": ""} {
			if len(q[name]) > 1 || q.Get(name) != want {
				t.Errorf("%s is %q", name, q[name])
			}
		}
		if w.Fresh() {
			t.Error("fresh")
		}
	})
	t.Run("before an act that needs it people show themselves anew, whatever else is asked for", func(t *testing.T) {
		q, w := query(t, newOP(t), signon.Ask{Fresh: true}, func(c *signon.Config) { c.Extra = map[string]string{"prompt": "select_account"} })
		if q.Get("max_age") != "0" || len(q["prompt"]) != 1 || q.Get("prompt") != "login" || !w.Fresh() {
			t.Errorf("%v", q)
		}
	})
	t.Run("no two have anything in common that is secret", func(t *testing.T) {
		o := newOP(t)
		a, _ := query(t, o, signon.Ask{}, func(*signon.Config) {})
		b, _ := query(t, o, signon.Ask{}, func(*signon.Config) {})
		for _, name := range []string{"state", "nonce", "code_challenge"} {
			if a.Get(name) == b.Get(name) {
				t.Errorf("%s is the same", name)
			}
		}
	})
	t.Run("what waits prints nothing of itself", func(t *testing.T) {
		q, w := query(t, newOP(t), signon.Ask{}, func(*signon.Config) {})
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "w", w)
		for _, s := range []string{fmt.Sprintf("%v %+v %#v %s %q %x", w, w, w, w, w, w), log.String()} {
			if strings.Contains(s, q.Get("state")) || strings.Contains(s, q.Get("nonce")) || !strings.Contains(s, "[secret]") {
				t.Error(s)
			}
		}
	})
}

func TestKeys(t *testing.T) {
	t.Run("a new key of the issuer's is fetched when it is first used", func(t *testing.T) {
		o := newOP(t)
		p := o.provider()
		for i := range 3 {
			if _, err := o.signIn(p, signon.Ask{}); err != nil || o.times("/keys") != i+1 {
				t.Fatalf("%v, fetched %d times", err, o.times("/keys"))
			}
			o.clock.goes(time.Hour)
			o.keys = append([]key{newKey(t, fmt.Sprint("new", i), jose.ES256)}, o.keys[:1]...)
		}
	})
	t.Run("a row of tokens by unknown keys makes us ask once in half a minute", func(t *testing.T) {
		o := newOP(t)
		p := o.provider()
		if _, err := o.signIn(p, signon.Ask{}); err != nil {
			t.Fatal(err)
		}
		o.clock.goes(time.Hour)
		foreign := newKey(t, "foreign", jose.RS256)
		o.signs = func(c map[string]any) string { return o.signed(foreign, c) }
		for i := range 5 {
			_, err := o.signIn(p, signon.Ask{})
			if i == 0 {
				want(t, err, mail.Denied, "error.signon.wrong")
				continue
			}
			want(t, err, mail.Again, "error.signon.down")
		}
		if n := o.times("/keys"); n != 2 {
			t.Errorf("fetched %d times", n)
		}
		o.signs = nil
		if _, err := o.signIn(p, signon.Ask{}); err != nil { // the old key is still known
			t.Error(err)
		}
		o.clock.goes(31 * time.Second)
		o.signs = func(c map[string]any) string { return o.signed(foreign, c) }
		_, err := o.signIn(p, signon.Ask{})
		want(t, err, mail.Denied, "error.signon.wrong")
		if n := o.times("/keys"); n != 3 {
			t.Errorf("fetched %d times", n)
		}
	})
	t.Run("a key with a known name and another value signs nothing", func(t *testing.T) {
		o := newOP(t)
		foreign := newKey(t, "one", jose.RS256)
		o.signs = func(c map[string]any) string { return o.signed(foreign, c) }
		_, err := o.signIn(o.provider(), signon.Ask{})
		want(t, err, mail.Denied, "error.signon.wrong")
	})
	t.Run("a secret that the issuer calls its key signs nothing", func(t *testing.T) {
		o := newOP(t)
		shared := append([]byte(secret), make([]byte, 32)...)
		o.signs = hmac(o, shared)
		o.misbehave["/keys"] = func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"keys":[{"kty":"oct","kid":"one","k":%q}]}`, base64.RawURLEncoding.EncodeToString(shared))
		}
		_, err := o.signIn(o.provider(), signon.Ask{})
		want(t, err, mail.Denied, "error.signon.wrong")
	})
	t.Run("keys of kinds that are not known are passed over", func(t *testing.T) {
		o := newOP(t)
		set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: o.keys[0].key.(*rsa.PrivateKey).Public(), KeyID: "one", Use: "sig"}}}
		b, err := set.Keys[0].MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		o.misbehave["/keys"] = func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"keys":[{"kty":"AKP","alg":"ML-DSA-65","kid":"x","pub":"AA"},{"kty":"OKP","crv":"Ed448","x":"AA"},%s]}`, b)
		}
		if _, err := o.signIn(o.provider(), signon.Ask{}); err != nil {
			t.Error(err)
		}
	})
}

func TestRefused(t *testing.T) {
	const denied = mail.Denied
	set := func(name string, v any) func(*op) { return func(o *op) { o.claims[name] = v } }
	for name, c := range map[string]struct {
		bad    func(*op)
		kind   mail.Kind
		say    string
		config func(*signon.Config)
		fresh  bool
	}{
		"a token with another nonce":                  {bad: set("nonce", "another"), kind: denied, say: "wrong"},
		"a token without nonce":                       {bad: set("nonce", nil), kind: denied, say: "wrong"},
		"a nonce that is a number":                    {bad: set("nonce", 17), kind: denied, say: "wrong"},
		"a nonce in a list":                           {bad: func(o *op) { o.signs = listed(o, "nonce") }, kind: denied, say: "wrong"},
		"an azp in a list":                            {bad: set("azp", []string{client}), kind: denied, say: "wrong"},
		"a subject in a list":                         {bad: set("sub", []string{"u-17"}), kind: denied, say: "wrong"},
		"a nonce under another spelling":              {bad: func(o *op) { o.claims["nonce"] = nil; o.claims["Nonce"] = "x" }, kind: denied, say: "wrong"},
		"a token for another client":                  {bad: set("aud", "other"), kind: denied, say: "wrong"},
		"a token for nobody":                          {bad: set("aud", nil), kind: denied, say: "wrong"},
		"a token for us and others":                   {bad: set("aud", []string{client, "other"}), kind: denied, say: "wrong"},
		"a token made for others":                     {bad: func(o *op) { o.claims["aud"] = []string{client, "other"}; o.claims["azp"] = "other" }, kind: denied, say: "wrong"},
		"one audience, made for others":               {bad: set("azp", "other"), kind: denied, say: "wrong"},
		"an azp that is no text":                      {bad: set("azp", 5), kind: denied, say: "wrong"},
		"a token of another issuer":                   {bad: set("iss", "https://evil.example"), kind: denied, say: "wrong"},
		"a token that has expired":                    {bad: func(o *op) { o.claims["exp"] = start.Add(-61 * time.Second).Unix() }, kind: denied, say: "wrong"},
		"a token without end":                         {bad: set("exp", nil), kind: denied, say: "wrong"},
		"a token from the future":                     {bad: set("iat", start.Add(61*time.Second).Unix()), kind: denied, say: "wrong"},
		"a token from before the question":            {bad: set("iat", start.Add(-61*time.Second).Unix()), kind: denied, say: "wrong"},
		"a token without iat":                         {bad: set("iat", nil), kind: denied, say: "wrong"},
		"a token that is not good yet":                {bad: set("nbf", start.Add(time.Hour).Unix()), kind: denied, say: "wrong"},
		"a token without signature":                   {bad: func(o *op) { o.signs = unsigned }, kind: denied, say: "wrong"},
		"a token signed by the client secret":         {bad: func(o *op) { o.signs = hmac(o, []byte(secret)) }, kind: denied, say: "wrong"},
		"a token signed by the public key":            {bad: func(o *op) { o.signs = hmac(o, publicPEM(o)) }, kind: denied, say: "wrong"},
		"a token in another form":                     {bad: func(o *op) { o.signs = inJSON(o) }, kind: denied, say: "wrong"},
		"a token with a piece changed":                {bad: func(o *op) { o.signs = changed(o) }, kind: denied, say: "wrong"},
		"no token at all":                             {bad: func(o *op) { o.signs = func(map[string]any) string { return "" } }, kind: denied, say: "wrong"},
		"a token that is no token":                    {bad: func(o *op) { o.signs = func(map[string]any) string { return "canary" } }, kind: denied, say: "wrong"},
		"an at_hash of another access token":          {bad: set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), kind: denied, say: "wrong"},
		"no subject":                                  {bad: set("sub", nil), kind: denied, say: "wrong"},
		"a subject beyond all measure":                {bad: set("sub", strings.Repeat("x", 256)), kind: denied, say: "wrong"},
		"a subject of control characters":             {bad: set("sub", "a\x00b"), kind: denied, say: "wrong"},
		"an email that is not verified":               {bad: set("email_verified", false), kind: denied, say: "address"},
		"an email of which nothing is said":           {bad: set("email_verified", nil), kind: denied, say: "address"},
		"no email":                                    {bad: set("email", nil), kind: denied, say: "address"},
		"an email that is none":                       {bad: set("email", "canary <maria@kommun.example>"), kind: denied, say: "address"},
		"two emails":                                  {bad: set("email", []string{"a@kommun.example", "b@kommun.example"}), kind: denied, say: "address"},
		"an acr that was not asked for":               {bad: set("acr", "low"), kind: denied, say: "level", config: wantsACR},
		"no acr":                                      {bad: set("acr", nil), kind: denied, say: "level", config: wantsACR},
		"an acr that is two":                          {bad: set("acr", []string{"high", "low"}), kind: denied, say: "level", config: wantsACR},
		"a required claim that is missing":            {bad: func(*op) {}, kind: denied, say: "account", config: wantsTenant},
		"a required claim that is another":            {bad: set("tid", "other"), kind: denied, say: "account", config: wantsTenant},
		"a required claim among others' names":        {bad: set("tid", map[string]string{"house": "house"}), kind: denied, say: "account", config: wantsTenant},
		"people who did not show themselves":          {bad: set("auth_time", start.Add(-2*time.Minute).Unix()), kind: denied, say: "fresh", fresh: true},
		"no word of when they did":                    {bad: set("auth_time", nil), kind: denied, say: "fresh", fresh: true},
		"a time before there was any":                 {bad: set("auth_time", -1), kind: denied, say: "fresh", fresh: true},
		"a time that is no time":                      {bad: set("auth_time", "canary"), kind: denied, say: "fresh", fresh: true},
		"a time that is yet to come":                  {bad: set("auth_time", start.Add(time.Hour).Unix()), kind: denied, say: "wrong"},
		"a secret that the issuer does not know":      {bad: func(*op) {}, kind: mail.Internal, say: "setup", config: func(c *signon.Config) { c.Secret = "canary" }},
		"an issuer that takes no secret":              {bad: func(o *op) { o.metadata["token_endpoint_auth_methods_supported"] = []string{"private_key_jwt"} }, kind: mail.Internal, say: "setup"},
		"an issuer that signs by HS256 only":          {bad: func(o *op) { o.metadata["id_token_signing_alg_values_supported"] = []string{"HS256", "none"} }, kind: mail.Internal, say: "setup"},
		"a discovery document of another issuer":      {bad: func(o *op) { o.metadata["issuer"] = o.server.URL + "/" }, kind: mail.Internal, say: "setup"},
		"a token endpoint in the clear":               {bad: func(o *op) { o.metadata["token_endpoint"] = "http://idp.example/token" }, kind: mail.Internal, say: "setup"},
		"a login page that is a script":               {bad: func(o *op) { o.metadata["authorization_endpoint"] = "javascript:alert(1)" }, kind: mail.Internal, say: "setup"},
		"keys in a file":                              {bad: func(o *op) { o.metadata["jwks_uri"] = "file:///etc/passwd" }, kind: mail.Internal, say: "setup"},
		"a discovery document that is none":           {bad: func(o *op) { o.misbehave["/.well-known/openid-configuration"] = says(http.StatusOK, "canary") }, kind: mail.Internal, say: "setup"},
		"no discovery document":                       {bad: func(o *op) { o.misbehave["/.well-known/openid-configuration"] = says(http.StatusNotFound, "canary") }, kind: mail.Again, say: "down"},
		"a token endpoint that is broken":             {bad: func(o *op) { o.misbehave["/token"] = says(http.StatusBadGateway, "canary") }, kind: mail.Again, say: "down"},
		"a token endpoint that talks of other things": {bad: func(o *op) { o.misbehave["/token"] = says(http.StatusOK, "canary") }, kind: mail.Again, say: "down"},
		"a token endpoint without ID token":           {bad: func(o *op) { o.misbehave["/token"] = says(http.StatusOK, `{"access_token":"canary"}`) }, kind: mail.Internal, say: "setup"},
		"keys that are none":                          {bad: func(o *op) { o.misbehave["/keys"] = says(http.StatusOK, "canary") }, kind: mail.Again, say: "down"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			o := newOP(t)
			p := o.provider(func(cfg *signon.Config) {
				if c.config != nil {
					c.config(cfg)
				}
			})
			c.bad(o)
			id, err := o.signIn(p, signon.Ask{Fresh: c.fresh})
			if !reflect.DeepEqual(id, signon.Identity{}) {
				t.Errorf("all the same it says who it is: %+v", id)
			}
			want(t, err, c.kind, "error.signon."+c.say)
		})
	}
}
