package peers

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"

	"filippo.io/nistec"
)

// Tang plays a key server: Debian's tang, as far as its protocol goes.
type Tang struct {
	Down  atomic.Bool // it answers 503
	Asked atomic.Int64

	sign     *ecdsa.PrivateKey
	exchange *ecdh.PrivateKey
}

// NewTang returns one with fresh keys.
func NewTang() *Tang {
	sign, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		panic(err)
	}
	exchange, err := ecdh.P521().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return &Tang{sign: sign, exchange: exchange}
}

type tangKey struct {
	Alg string   `json:"alg"`
	Crv string   `json:"crv"`
	Ops []string `json:"key_ops"`
	Kty string   `json:"kty"`
	X   string   `json:"x"`
	Y   string   `json:"y"`
}

func tangKeyOf(point []byte, alg, op string) tangKey {
	return tangKey{alg, "P-521", []string{op}, "EC", b64(point[1:67]), b64(point[67:])}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (k tangKey) thumbprint() string {
	sum := sha256.Sum256([]byte(`{"crv":"P-521","kty":"EC","x":"` + k.X + `","y":"` + k.Y + `"}`))
	return b64(sum[:])
}

func (s *Tang) keys() (sign, exchange tangKey) {
	point, err := s.sign.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return tangKeyOf(point, "ES512", "verify"), tangKeyOf(s.exchange.PublicKey().Bytes(), "ECMR", "deriveKey")
}

// Thumbprint is that of the key that signs, as tang-show-keys shows it.
func (s *Tang) Thumbprint() string {
	sign, _ := s.keys()
	return sign.thumbprint()
}

// ServeHTTP answers.
func (s *Tang) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Asked.Add(1)
	sign, exchange := s.keys()
	switch {
	case s.Down.Load():
		w.WriteHeader(http.StatusServiceUnavailable)
	case r.Method == http.MethodGet && r.URL.Path == "/adv":
		json.NewEncoder(w).Encode(s.advert(sign, exchange))
	case r.Method == http.MethodPost && strings.TrimPrefix(r.URL.Path, "/rec/") == exchange.thumbprint():
		s.recover(w, r)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *Tang) advert(keys ...tangKey) map[string]string {
	set, _ := json.Marshal(map[string]any{"keys": keys}) // strings always encode
	payload, protected := b64(set), b64([]byte(`{"alg":"ES512","cty":"jwk-set+json"}`))
	sum := sha512.Sum512([]byte(protected + "." + payload))
	x, y, err := ecdsa.Sign(rand.Reader, s.sign, sum[:])
	if err != nil {
		panic(err)
	}
	sig := append(x.FillBytes(make([]byte, 66)), y.FillBytes(make([]byte, 66))...)
	return map[string]string{"payload": payload, "protected": protected, "signature": b64(sig)}
}

func (s *Tang) recover(w http.ResponseWriter, r *http.Request) {
	var k tangKey
	err := json.NewDecoder(r.Body).Decode(&k)
	x, errX := base64.RawURLEncoding.DecodeString(k.X)
	y, errY := base64.RawURLEncoding.DecodeString(k.Y)
	p, errP := nistec.NewP521Point().SetBytes(append(append([]byte{4}, x...), y...))
	if err != nil || errX != nil || errY != nil || errP != nil || k.Alg != "ECMR" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p, err = p.ScalarMult(p, s.exchange.Bytes())
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	json.NewEncoder(w).Encode(tangKeyOf(p.Bytes(), "ECMR", "deriveKey"))
}
