package signon

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// assertionType is of RFC 7523, 2.2.
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// assertionLives is how long an assertion is good: the clocks may be apart, and no more.
const assertionLives = 2 * time.Minute

// minRSA is the shortest RSA key, in bits (RFC 7518, 3.3).
const minRSA = 2048

// signer shows who we are by a key of our own, so that the issuer holds nothing that could
// be stolen there (private_key_jwt, OpenID Connect Core, 9).
type signer struct {
	key    crypto.Signer
	can    []jose.SignatureAlgorithm // the preferred one first
	header map[jose.HeaderKey]any
}

// newSigner reads a private key, PKCS #8 or of its own kind, and the certificate that may
// stand beside it. No error holds anything of the file.
func newSigner(text []byte, keyID string) (*signer, error) {
	s := &signer{header: map[jose.HeaderKey]any{jose.HeaderType: "JWT"}}
	if keyID != "" {
		s.header["kid"] = keyID
	}
	var cert *x509.Certificate
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		var err error
		switch {
		case block.Type == "CERTIFICATE" && cert == nil: // the first: others are those that signed it
			cert, err = x509.ParseCertificate(block.Bytes)
		case block.Type == "PRIVATE KEY" || block.Type == "RSA PRIVATE KEY" || block.Type == "EC PRIVATE KEY":
			if s.key != nil {
				return nil, errors.New("there is more than one private key")
			}
			s.key, err = privateKey(block.Bytes)
		}
		if err != nil {
			return nil, errors.New("a " + block.Type + " cannot be read")
		}
	}
	if s.key == nil {
		return nil, errors.New("there is no private key in PEM form that can be read without a password")
	}
	if err := s.suit(); err != nil {
		return nil, err
	}
	if cert == nil {
		return s, nil
	}
	if k, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !k.Equal(s.key.Public()) {
		return nil, errors.New("the certificate is not the key's")
	}
	// Entra finds the key by these (RFC 7515, 4.1.7 and 4.1.8).
	old, sum := sha1.Sum(cert.Raw), sha256.Sum256(cert.Raw)
	s.header["x5t"] = base64.RawURLEncoding.EncodeToString(old[:])
	s.header["x5t#S256"] = base64.RawURLEncoding.EncodeToString(sum[:])
	return s, nil
}

func privateKey(der []byte) (crypto.Signer, error) {
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if s, ok := k.(crypto.Signer); ok {
			return s, nil
		}
		return nil, errors.New("not a key that signs")
	}
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, nil
	}
	return x509.ParseECPrivateKey(der)
}

// suit finds the algorithms that go with the key (RFC 7518, 3.1).
func (s *signer) suit() error {
	switch k := s.key.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < minRSA {
			return errors.New("an RSA key needs 2048 bits or more")
		}
		s.can = []jose.SignatureAlgorithm{jose.PS256, jose.RS256}
		return nil
	case *ecdsa.PrivateKey:
		by := map[int]jose.SignatureAlgorithm{256: jose.ES256, 384: jose.ES384, 521: jose.ES512}
		if a, ok := by[k.Curve.Params().BitSize]; ok && k.Curve.Params().Name[:2] == "P-" {
			s.can = []jose.SignatureAlgorithm{a}
			return nil
		}
	}
	return errors.New("the key must be RSA, or EC on P-256, P-384 or P-521")
}

// choose returns the algorithm for an issuer that says which ones it takes. Of one that
// says nothing it is known that each takes RS256 (OpenID Connect Discovery, 3).
func (s *signer) choose(taken []string) (string, error) {
	for _, a := range s.can {
		if slices.Contains(taken, string(a)) {
			return string(a), nil
		}
	}
	if len(taken) > 0 {
		return "", setup("the issuer takes no assertion signed by %v", s.can)
	}
	return string(s.can[len(s.can)-1]), nil
}

// assert says that we are client, to one audience, for a moment, once (RFC 7523, 3). The
// audience is the token endpoint, one string and no list: that is what Entra, Keycloak and
// AD FS all take. We speak with one issuer only, so none can hand it on to another.
func (s *signer) assert(algorithm, client, audience string, now time.Time) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(algorithm), Key: s.key}, &jose.SignerOptions{ExtraHeaders: s.header})
	if err != nil {
		return "", err
	}
	said, err := json.Marshal(map[string]any{
		"iss": client, "sub": client, "aud": audience, "jti": rand.Text(),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(assertionLives).Unix(),
	})
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(said)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}
