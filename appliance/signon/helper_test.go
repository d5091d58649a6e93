package signon_test

import (
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"sigill/appliance/signon"
)

func wantsACR(c *signon.Config) { c.ACR = []string{"higher", "high"} }

func wantsTenant(c *signon.Config) { c.Require = map[string]string{"tid": "house"} }

// says is an answer that the issuer gives whatever it is asked.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// hmac signs as somebody does who holds the client secret, or takes the public key for one.
func hmac(o *op, by []byte) func(map[string]any) string {
	by = append(by, make([]byte, max(0, 32-len(by)))...) // the library wants 32 bytes
	return func(c map[string]any) string { return o.signed(key{o.keys[0].id, jose.HS256, by}, c) }
}

func publicPEM(o *op) []byte {
	der, err := x509.MarshalPKIXPublicKey(o.keys[0].key.(crypto.Signer).Public())
	if err != nil {
		o.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// changed signs one thing and says another.
func changed(o *op) func(map[string]any) string {
	return func(c map[string]any) string {
		head, rest, _ := strings.Cut(o.sign(c), ".")
		_, signature, _ := strings.Cut(rest, ".")
		c["email"] = "boss@kommun.example"
		_, said, _ := strings.Cut(o.sign(c), ".")
		said, _, _ = strings.Cut(said, ".")
		return head + "." + said + "." + signature
	}
}

// thumbprints are what a certificate is named by (RFC 7515, 4.1.7 and 4.1.8).
func thumbprints(der []byte) (old, sum string) {
	a, b := sha1.Sum(der), sha256.Sum256(der)
	return base64.RawURLEncoding.EncodeToString(a[:]), base64.RawURLEncoding.EncodeToString(b[:])
}

// moved is an issuer whose token endpoint is elsewhere by now.
func moved(o *op) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token/" {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.token(w, r)
			return
		}
		o.ServeHTTP(w, r)
	})
}

// inJSON writes a signed token in the other form that there is (RFC 7515, 7.2.2).
func inJSON(o *op) func(map[string]any) string {
	return func(c map[string]any) string {
		p := strings.Split(o.sign(c), ".")
		return fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q,"header":{"a.b":"."}}`, p[0], p[1], p[2])
	}
}

// listed puts a claim into a list.
func listed(o *op, name string) func(map[string]any) string {
	return func(c map[string]any) string {
		c[name] = []any{c[name]}
		return o.sign(c)
	}
}
