package tang

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"

	"filippo.io/nistec"
)

// coordinate is the length of one on P-521, in bytes.
const coordinate = 66

var b64 = base64.RawURLEncoding

// jwk is a key of P-521 (RFC 7518, 6.2).
type jwk struct {
	Alg string   `json:"alg,omitempty"`
	Crv string   `json:"crv"`
	Ops []string `json:"key_ops,omitempty"`
	Kty string   `json:"kty"`
	X   string   `json:"x"`
	Y   string   `json:"y"`
}

var errKey = errors.New("a key of the server's is none of P-521")

// bytes is the point, uncompressed. It is on the curve, and not the one at infinity.
func (k jwk) bytes() ([]byte, error) {
	x, errX := b64.DecodeString(k.X)
	y, errY := b64.DecodeString(k.Y)
	if errX != nil || errY != nil || k.Kty != "EC" || k.Crv != "P-521" || len(x) != coordinate || len(y) != coordinate {
		return nil, errKey
	}
	b := append(append([]byte{4}, x...), y...)
	if _, err := nistec.NewP521Point().SetBytes(b); err != nil {
		return nil, errKey
	}
	return b, nil
}

func (k jwk) point() (*nistec.P521Point, error) {
	b, err := k.bytes()
	if err != nil {
		return nil, err
	}
	return nistec.NewP521Point().SetBytes(b)
}

func (k jwk) verifier() (*ecdsa.PublicKey, error) {
	b, err := k.bytes()
	if err != nil {
		return nil, err
	}
	return ecdsa.ParseUncompressedPublicKey(elliptic.P521(), b)
}

// keyOf is a point as it is written.
func keyOf(uncompressed []byte, alg string, ops ...string) jwk {
	return jwk{
		Alg: alg, Crv: "P-521", Ops: ops, Kty: "EC",
		X: b64.EncodeToString(uncompressed[1 : 1+coordinate]), Y: b64.EncodeToString(uncompressed[1+coordinate:]),
	}
}

// thumbprint names a key (RFC 7638, 3), by SHA-256.
func (k jwk) thumbprint() string {
	b, err := json.Marshal(struct { // the members that are needed, in the order of their names
		Crv string `json:"crv"`
		Kty string `json:"kty"`
		X   string `json:"x"`
		Y   string `json:"y"`
	}{k.Crv, k.Kty, k.X, k.Y})
	if err != nil {
		panic("tang: internal: " + err.Error()) // strings always encode
	}
	sum := sha256.Sum256(b)
	return b64.EncodeToString(sum[:])
}

// is reports whether a key is for a use: "verify" or "deriveKey".
func (k jwk) is(op string) bool {
	for _, o := range k.Ops {
		if o == op {
			return true
		}
	}
	return false
}
