package signon_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"sigill/appliance/mail"
	"sigill/appliance/signon"
)

const (
	client   = "sigill"
	secret   = "the secret: 100 % odd & long + enough"
	redirect = "http://localhost:8080/in/sso/back"
)

var start = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// clock is the appliance's, and the issuer's too unless a test says otherwise.
type clock struct {
	mu      sync.Mutex
	now     time.Time
	running time.Duration
}

func newClock() *clock { return &clock{now: start} }

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) Running() time.Duration { c.mu.Lock(); defer c.mu.Unlock(); return c.running }

// goes lets d go by.
func (c *clock) goes(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.running = c.now.Add(d), c.running+d
}

// isSet puts the wall alone off by d.
func (c *clock) isSet(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

// key is one of the issuer's.
type key struct {
	id  string
	alg jose.SignatureAlgorithm
	key any
}

func newKey(t testing.TB, id string, alg jose.SignatureAlgorithm) key {
	t.Helper()
	k := key{id: id, alg: alg}
	var err error
	switch alg {
	case jose.ES256:
		k.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		k.key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// first is the key that every issuer begins with: making one takes a while.
var first = sync.OnceValue(func() key {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key{"one", jose.RS256, k}
})

// grant is what a code is good for.
type grant struct{ nonce, challenge, back string }

// op is an issuer of our own. Its fields may be changed between two sign-ins: a test says
// by them how it misbehaves.
type op struct {
	t      testing.TB
	server *httptest.Server
	clock  *clock
	public crypto.PublicKey // of a client with private_key_jwt; nil: by secret

	mu        sync.Mutex
	keys      []key // published; the first signs
	signs     func(claims map[string]any) string
	metadata  map[string]any
	claims    map[string]any // over the usual ones; nil takes one away
	userinfo  map[string]any
	codes     map[string]grant
	used      map[string]bool // codes and jti
	asked     map[string]int  // by path
	head      map[string]any  // of the last assertion
	careless  bool            // does not heed the verifier
	misbehave map[string]http.HandlerFunc
}

func newOP(t testing.TB) *op {
	o := &op{
		t: t, clock: newClock(), keys: []key{first()}, metadata: map[string]any{}, claims: map[string]any{},
		codes: map[string]grant{}, used: map[string]bool{}, asked: map[string]int{}, misbehave: map[string]http.HandlerFunc{},
	}
	o.server = httptest.NewServer(o)
	t.Cleanup(o.server.Close)
	return o
}

func (o *op) config() signon.Config {
	return signon.Config{Issuer: o.server.URL, ClientID: client, Secret: secret, Redirect: redirect}
}

// provider returns a relying party of this issuer.
func (o *op) provider(change ...func(*signon.Config)) *signon.Provider {
	o.t.Helper()
	c := o.config()
	for _, f := range change {
		f(&c)
	}
	p, err := signon.New(c, o.clock)
	if err != nil {
		o.t.Fatal(err)
	}
	return p
}

// ServeHTTP is all of the issuer but its login page, which is authorize.
func (o *op) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked[r.URL.Path]++
	if f := o.misbehave[r.URL.Path]; f != nil {
		f(w, r)
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		o.answer(w, http.StatusOK, o.discovery())
	case "/keys":
		set := jose.JSONWebKeySet{}
		for _, k := range o.keys {
			public := k.key.(crypto.Signer).Public()
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: public, KeyID: k.id, Algorithm: string(k.alg), Use: "sig"})
		}
		o.answer(w, http.StatusOK, set)
	case "/token":
		o.token(w, r)
	case "/userinfo":
		if r.Header.Get("Authorization") != "Bearer access" {
			o.answer(w, http.StatusUnauthorized, map[string]any{})
			return
		}
		o.answer(w, http.StatusOK, o.userinfo)
	default:
		http.NotFound(w, r)
	}
}

func (o *op) discovery() map[string]any {
	m := map[string]any{
		"issuer": o.server.URL, "authorization_endpoint": o.server.URL + "/authorize?tenant=a", "token_endpoint": o.server.URL + "/token", "jwks_uri": o.server.URL + "/keys",
		"id_token_signing_alg_values_supported":          []string{"RS256", "ES256", "HS256", "none"},
		"authorization_response_iss_parameter_supported": true,
	}
	if o.userinfo != nil {
		m["userinfo_endpoint"] = o.server.URL + "/userinfo"
	}
	maps.Copy(m, o.metadata)
	return m
}

func (o *op) answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// authorize is the login page: a browser goes to address and comes back with an answer.
// What does not belong in a request fails the test.
func (o *op) authorize(address string) signon.Answer {
	o.t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, o.server.URL+"/authorize?tenant=a&") {
		o.t.Fatalf("sent to %s: %v", address, err)
	}
	q := u.Query()
	for name, want := range map[string]string{"response_type": "code", "client_id": client, "redirect_uri": redirect, "code_challenge_method": "S256"} {
		if q.Get(name) != want {
			o.t.Errorf("%s is %q", name, q.Get(name))
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(q[name]) != 1 || len(q.Get(name)) < 22 {
			o.t.Errorf("%s is %q", name, q[name])
		}
	}
	code := rand.Text()
	o.codes[code] = grant{q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri")}
	return signon.Answer{Code: code, State: q.Get("state"), Issuer: o.server.URL}
}

// token gives an ID token for a code (RFC 6749, 4.1.3; RFC 7636, 4.6).
func (o *op) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, code string) {
		o.answer(w, status, map[string]any{"error": code, "error_description": "canary: " + r.FormValue("code")})
	}
	if r.Method != http.MethodPost || r.FormValue("grant_type") != "authorization_code" {
		refuse(http.StatusBadRequest, "invalid_request")
		return
	}
	if !o.isClient(r) {
		refuse(http.StatusUnauthorized, "invalid_client")
		return
	}
	code := r.FormValue("code")
	g, ok := o.codes[code]
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !ok || o.used[code] || g.back != r.FormValue("redirect_uri") || !o.careless && g.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		refuse(http.StatusBadRequest, "invalid_grant")
		return
	}
	o.used[code] = true
	now := o.clock.Now()
	c := map[string]any{
		"iss": o.server.URL, "sub": "u-17", "aud": client, "nonce": g.nonce, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "auth_time": now.Unix(),
		"email": "Maria.Ek@Kommun.example", "email_verified": true, "name": "Maria Ek", "amr": []string{"pwd", "otp"}, "acr": "high",
	}
	for name, v := range o.claims {
		if c[name] = v; v == nil {
			delete(c, name)
		}
	}
	sign := o.sign
	if o.signs != nil {
		sign = o.signs
	}
	o.answer(w, http.StatusOK, map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": sign(c)})
}

// isClient looks whether the request is by our client, by secret or by key.
func (o *op) isClient(r *http.Request) bool {
	if o.public == nil {
		id, pass, ok := r.BasicAuth()
		id, _ = url.QueryUnescape(id) // RFC 6749, 2.3.1
		pass, _ = url.QueryUnescape(pass)
		if !ok {
			id, pass = r.FormValue("client_id"), r.FormValue("client_secret")
		}
		return id == client && pass == secret
	}
	if r.FormValue("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" || r.FormValue("client_secret") != "" || r.Header.Get("Authorization") != "" {
		return false
	}
	parsed, err := jose.ParseSignedCompact(r.FormValue("client_assertion"), []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256})
	if err != nil {
		return false
	}
	payload, err := parsed.Verify(o.public)
	if err != nil {
		return false
	}
	var c struct {
		Iss, Sub, Aud, Jti string
		Exp, Nbf           int64
	}
	if json.Unmarshal(payload, &c) != nil || c.Iss != client || c.Sub != client || c.Aud != o.server.URL+"/token" || c.Jti == "" || o.used[c.Jti] {
		return false
	}
	o.used[c.Jti] = true
	now := o.clock.Now().Unix()
	o.head = map[string]any{"alg": parsed.Signatures[0].Protected.Algorithm, "kid": parsed.Signatures[0].Protected.KeyID}
	for name, v := range parsed.Signatures[0].Protected.ExtraHeaders {
		o.head[string(name)] = v
	}
	return c.Nbf <= now && now < c.Exp && c.Exp <= now+300
}

// sign is how the issuer signs when it behaves.
func (o *op) sign(c map[string]any) string { return o.signed(o.keys[0], c) }

func (o *op) signed(k key, c map[string]any) string {
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: k.alg, Key: k.key}, (&jose.SignerOptions{}).WithHeader("kid", k.id))
	if err != nil {
		o.t.Fatal(err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		o.t.Fatal(err)
	}
	j, err := s.Sign(b)
	if err != nil {
		o.t.Fatal(err)
	}
	text, err := j.CompactSerialize()
	if err != nil {
		o.t.Fatal(err)
	}
	return text
}

// unsigned is a token of the algorithm none.
func unsigned(c map[string]any) string {
	b, _ := json.Marshal(c)
	e := base64.RawURLEncoding
	return e.EncodeToString([]byte(`{"alg":"none"}`)) + "." + e.EncodeToString(b) + "."
}

// times is how often the issuer was asked for a path.
func (o *op) times(path string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked[path]
}

// signIn goes all the way.
func (o *op) signIn(p *signon.Provider, ask signon.Ask) (signon.Identity, error) {
	o.t.Helper()
	address, w, err := p.Begin(context.Background(), ask)
	if err != nil {
		return signon.Identity{}, err
	}
	return p.Finish(context.Background(), w, o.authorize(address))
}

// pemOf is a private key as it stands in a file, with its certificate if there is one.
func pemOf(t testing.TB, k any, certificate []byte) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if certificate != nil {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})...)
	}
	return text
}

// want looks for an error of a kind that says a sentence, and for a cause that an operator
// can read and nobody can misuse.
func want(t *testing.T, err error, kind mail.Kind, say string) {
	t.Helper()
	e, ok := err.(*mail.Error)
	if !ok || e.Kind != kind || e.Say != say || e.Err == nil {
		t.Fatalf("%v, want %v %s", err, kind, say)
	}
	for _, secret := range []string{"canary", secret, "Maria", "kommun.example", "eyJ", "Bearer"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error holds %q: %v", secret, err)
		}
	}
}
