package tlscert_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// authority plays one that speaks ACME, as far as we use it. It checks no signatures, which
// pebble does; it asks truly whether a name is ours.
type authority struct {
	*httptest.Server
	t     testing.TB
	clock *clock
	key   *ecdsa.PrivateKey
	ca    *x509.Certificate

	http, alpn string // where it asks
	mu         sync.Mutex
	life       time.Duration // of what it gives
	refuse     string        // problem of each order from now on; "" for none
	asked      []string      // paths, in their order
	orders     []*order
}

type order struct {
	name, token string
	status      string // of the proof
	problem     string
	chain       []byte
}

func newAuthority(t testing.TB, c *clock) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{t: t, clock: c, key: key, life: 90 * 24 * time.Hour}
	a.ca = &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: c.Now().Add(-time.Hour), NotAfter: c.Now().Add(20 * 365 * 24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, a.ca, a.ca, key.Public(), key)
	if err == nil {
		a.ca, err = x509.ParseCertificate(der)
	}
	if err != nil {
		t.Fatal(err)
	}
	a.Server = httptest.NewTLSServer(a)
	t.Cleanup(a.Close)
	return a
}

// roots are what its own web server is proved by.
func (a *authority) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Certificate())
	return pool
}

func (a *authority) set(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
}

// times is how often a path was asked for.
func (a *authority) times(path string) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.asked {
		if p == path {
			n++
		}
	}
	return n
}

func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, r.URL.Path)
	w.Header().Set("Replay-Nonce", fmt.Sprint(len(a.asked)))
	var jws struct{ Payload string }
	if r.Method == http.MethodPost {
		_ = json.NewDecoder(r.Body).Decode(&jws)
	}
	payload, _ := base64.RawURLEncoding.DecodeString(jws.Payload)
	n, _ := new(big.Int).SetString("0"+path.Base(r.URL.Path), 10)
	var o *order
	if n != nil && int(n.Int64()) < len(a.orders) {
		o = a.orders[n.Int64()]
	}
	switch p := r.URL.Path; {
	case p == "/dir":
		a.json(w, 200, map[string]any{"newNonce": a.URL + "/nonce", "newAccount": a.URL + "/account", "newOrder": a.URL + "/order"})
	case p == "/nonce":
	case p == "/account":
		w.Header().Set("Location", a.URL+"/account/1")
		a.json(w, 201, map[string]any{"status": "valid"})
	case p == "/order":
		a.order(w, payload)
	case strings.HasPrefix(p, "/order/"):
		a.show(w, o, int(n.Int64()))
	case strings.HasPrefix(p, "/authz/"):
		a.json(w, 200, a.authz(o, int(n.Int64())))
	case strings.HasPrefix(p, "/prove/"):
		a.ask(o, strings.Split(p, "/")[2])
		a.json(w, 200, map[string]any{"type": strings.Split(p, "/")[2], "token": o.token, "url": a.URL + p, "status": "processing"})
	case strings.HasPrefix(p, "/finalize/"):
		a.give(o, payload)
		a.show(w, o, int(n.Int64()))
	case strings.HasPrefix(p, "/cert/"):
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		_, _ = w.Write(o.chain)
	}
}

func (a *authority) json(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (a *authority) order(w http.ResponseWriter, payload []byte) {
	if a.refuse != "" {
		w.Header().Set("Retry-After", "7200")
		a.json(w, 400, map[string]any{"type": "urn:ietf:params:acme:error:" + a.refuse, "detail": "we say " + a.refuse})
		return
	}
	var asked struct {
		Identifiers []struct{ Value string }
	}
	_ = json.Unmarshal(payload, &asked)
	a.orders = append(a.orders, &order{name: asked.Identifiers[0].Value, token: fmt.Sprintf("token-%d", len(a.orders)), status: "pending"})
	w.Header().Set("Location", fmt.Sprintf("%s/order/%d", a.URL, len(a.orders)-1))
	w.WriteHeader(201)
	_ = json.NewEncoder(w).Encode(a.view(a.orders[len(a.orders)-1], len(a.orders)-1))
}

func (a *authority) show(w http.ResponseWriter, o *order, n int) {
	w.Header().Set("Location", fmt.Sprintf("%s/order/%d", a.URL, n))
	a.json(w, 200, a.view(o, n))
}

func (a *authority) view(o *order, n int) map[string]any {
	v := map[string]any{"status": "pending", "authorizations": []string{fmt.Sprintf("%s/authz/%d", a.URL, n)}, "finalize": fmt.Sprintf("%s/finalize/%d", a.URL, n)}
	switch {
	case o.chain != nil:
		v["status"], v["certificate"] = "valid", fmt.Sprintf("%s/cert/%d", a.URL, n)
	case o.status == "valid":
		v["status"] = "ready"
	case o.status == "invalid":
		v["status"] = "invalid"
	}
	return v
}

func (a *authority) authz(o *order, n int) map[string]any {
	var ways []map[string]any
	for _, way := range []string{"http-01", "tls-alpn-01"} {
		c := map[string]any{"type": way, "token": o.token, "url": fmt.Sprintf("%s/prove/%s/%d", a.URL, way, n), "status": "pending"}
		if o.problem != "" {
			c["status"], c["error"] = "invalid", map[string]any{"type": "urn:ietf:params:acme:error:" + o.problem, "detail": "asked in vain by " + way}
		}
		ways = append(ways, c)
	}
	return map[string]any{"status": o.status, "identifier": map[string]string{"type": "dns", "value": o.name}, "challenges": ways}
}

// ask asks by one of the ways whether the name is theirs who ordered.
func (a *authority) ask(o *order, way string) {
	o.status, o.problem = "invalid", "connection"
	if way == "http-01" {
		req, _ := http.NewRequest("GET", "http://"+a.http+"/.well-known/acme-challenge/"+o.token, nil)
		req.Host = o.name
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		if o.problem = "unauthorized"; res.StatusCode == 200 && strings.HasPrefix(string(body), o.token+".") {
			o.status, o.problem = "valid", ""
		}
		return
	}
	raw, err := net.Dial("tcp", a.alpn)
	if err != nil {
		return
	}
	defer raw.Close()
	c := tls.Client(raw, &tls.Config{ServerName: o.name, InsecureSkipVerify: true, NextProtos: []string{"acme-tls/1"}})
	if c.Handshake() != nil {
		return
	}
	leaf := c.ConnectionState().PeerCertificates[0]
	proof := slices.ContainsFunc(leaf.Extensions, func(e pkix.Extension) bool { return e.Id.String() == "1.3.6.1.5.5.7.1.31" && e.Critical })
	if o.problem = "unauthorized"; proof && slices.Equal(leaf.DNSNames, []string{o.name}) && c.ConnectionState().NegotiatedProtocol == "acme-tls/1" {
		o.status, o.problem = "valid", ""
	}
}

func (a *authority) give(o *order, payload []byte) {
	var asked struct{ CSR string }
	_ = json.Unmarshal(payload, &asked)
	der, _ := base64.RawURLEncoding.DecodeString(asked.CSR)
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil || !slices.Equal(csr.DNSNames, []string{o.name}) {
		a.t.Errorf("asked for %v: %v", csr, err)
		return
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(int64(len(a.asked))), DNSNames: csr.DNSNames, NotBefore: a.clock.Now().Add(-time.Hour), NotAfter: a.clock.Now().Add(a.life)}
	out, err := x509.CreateCertificate(rand.Reader, leaf, a.ca, csr.PublicKey, a.key)
	if err != nil {
		a.t.Error(err)
		return
	}
	o.chain = append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: out}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.ca.Raw})...)
}
