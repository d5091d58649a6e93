package passkey

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"
	"slices"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// The algorithms of COSE that are asked for, by their numbers (RFC 9053, 2; RFC 8812, 2).
const (
	es256 = -7
	edDSA = -8
	rs256 = -257
)

// algorithms are those that are asked for, the one that we like best first. Every passkey
// has ES256 or, on older Windows, RS256.
func algorithms() (list []algorithm) {
	for _, a := range []int64{es256, edDSA, rs256} {
		list = append(list, algorithm{publicKey, a})
	}
	return list
}

// Bounds of RSA in bits: below, it is no longer strong; above, checking a signature is work
// that a stranger could ask for.
const minRSA, maxRSA = 2048, 4096

// coseKey is a COSE_Key of these algorithms. What the members mean depends on the type
// (RFC 9053, 7.1 and 7.2; RFC 8230, 4).
type coseKey struct {
	Type      int64                   `cbor:"1,keyasint"`
	Algorithm int64                   `cbor:"3,keyasint"`
	First     webauthncbor.RawMessage `cbor:"-1,keyasint"` // curve; of RSA the modulus
	Second    []byte                  `cbor:"-2,keyasint"` // x; of RSA the exponent
	Third     []byte                  `cbor:"-3,keyasint"` // y
}

// readKey takes a COSE_Key of one of the algorithms, and of nothing else: type and curve go
// with the algorithm (WebAuthn, 5.8.5).
func readKey(public []byte) (crypto.PublicKey, error) {
	var k coseKey
	if len(public) > maxPublic || webauthncbor.Unmarshal(public, &k) != nil {
		return nil, WrongKey
	}
	const okp, ec2, rsaType, p256, ed = 1, 2, 3, 1, 6
	switch [2]int64{k.Type, k.Algorithm} {
	case [2]int64{ec2, es256}:
		// Both have 32 bytes always; a point in one number is not taken.
		if k.curve() != p256 || len(k.Second) != 32 || len(k.Third) != 32 {
			return nil, WrongKey
		}
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, k.Second, k.Third))
		if err != nil {
			return nil, WrongKey // the point is not on the curve
		}
		return key, nil
	case [2]int64{okp, edDSA}:
		if k.curve() != ed || len(k.Second) != ed25519.PublicKeySize {
			return nil, WrongKey
		}
		return ed25519.PublicKey(k.Second), nil
	case [2]int64{rsaType, rs256}:
		return k.rsa()
	}
	return nil, WrongKey
}

// curve is 0, which is none, if it is not a number.
func (k coseKey) curve() (n int64) {
	if webauthncbor.Unmarshal(k.First, &n) != nil {
		return 0
	}
	return n
}

func (k coseKey) rsa() (crypto.PublicKey, error) {
	var modulus []byte
	if webauthncbor.Unmarshal(k.First, &modulus) != nil || len(k.Second) > 4 {
		return nil, WrongKey
	}
	n, e := new(big.Int).SetBytes(modulus), new(big.Int).SetBytes(k.Second).Int64()
	if n.BitLen() < minRSA || n.BitLen() > maxRSA || n.Bit(0) == 0 || e < 3 || e >= 1<<31 || e%2 == 0 {
		return nil, WrongKey
	}
	return &rsa.PublicKey{N: n, E: int(e)}, nil
}

// signed reports whether a signature by the key is over these bytes (6.5.5).
func signed(key crypto.PublicKey, data, signature []byte) bool {
	digest := sha256.Sum256(data)
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(k, digest[:], signature)
	case ed25519.PublicKey:
		return ed25519.Verify(k, data, signature)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, digest[:], signature) == nil
	}
	return false
}
