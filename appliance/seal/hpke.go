package seal

import (
	"crypto/hpke"
	"errors"
	"fmt"
	"io"
)

// PublicKeySize is the length of a public key: ML-KEM-768 (1,184) and X25519 (32).
const PublicKeySize = 1216

// PublicKey is the hybrid public key of a person, mailbox, pair or custodian.
type PublicKey struct{ k hpke.PublicKey }

// PrivateKey is its counterpart, made from a seed of 32 bytes. It lives in memory
// only, and prints as [secret]; for the function see Secret.
type PrivateKey struct{ at func() hpke.PrivateKey }

// ParsePublicKey reads a public key as PublicKey.Bytes wrote it, or gives ErrOpen.
func ParsePublicKey(b []byte) (PublicKey, error) {
	k, err := hpke.MLKEM768X25519().NewPublicKey(b)
	if err != nil {
		return PublicKey{}, ErrOpen
	}
	return PublicKey{k}, nil
}

// Bytes returns the key's PublicKeySize bytes.
func (p PublicKey) Bytes() []byte { return p.k.Bytes() }

// IsZero reports whether there is no key.
func (p PublicKey) IsZero() bool { return p.k == nil }

// Seal encrypts plain to the key, bound to ctx (RFC 9180 base mode). ctx is the
// info string; the same seed is an age identity too, whose info is another string,
// so neither use opens the other's ciphertext.
func (p PublicKey) Seal(ctx Context, plain []byte) ([]byte, error) {
	if p.k == nil {
		return nil, errors.New("seal: no public key")
	}
	return sealTo(p.k, ctx, plain)
}

// PrivateKeyOf expands a seed. It costs about 0.1 ms, so who opens many things
// keeps the result. A zero seed is no key: the result is zero too.
func PrivateKeyOf(seed Secret) PrivateKey {
	if seed.IsZero() {
		return PrivateKey{}
	}
	k, err := hpke.MLKEM768X25519().NewPrivateKey(seed.Bytes())
	if err != nil {
		panic("seal: internal: " + err.Error()) // a seed of 32 bytes is always a key
	}
	return PrivateKey{func() hpke.PrivateKey { return k }}
}

// Public returns the public key; the zero one of no key.
func (k PrivateKey) Public() PublicKey {
	if k.at == nil {
		return PublicKey{}
	}
	return PublicKey{k.at().PublicKey()}
}

// Format prints [secret] for every verb.
func (k PrivateKey) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// IsZero reports whether there is no key.
func (k PrivateKey) IsZero() bool { return k.at == nil }

// Open opens what Seal made with the same ctx, or gives ErrOpen.
func (k PrivateKey) Open(ctx Context, box []byte) ([]byte, error) {
	if k.at == nil || len(box) < HPKEOverhead {
		return nil, ErrOpen
	}
	plain, err := openWith(k.at(), ctx, box)
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// SealEpoch seals a holder's epoch key to its public key.
func SealEpoch(pub PublicKey, owner, epoch ID, key Secret) ([]byte, error) {
	keyed(key)
	return pub.Seal(NewContext("epoch", owner, epoch), key.raw())
}

// OpenEpoch opens what SealEpoch sealed.
func OpenEpoch(key PrivateKey, owner, epoch ID, box []byte) (Secret, error) {
	b, err := key.Open(NewContext("epoch", owner, epoch), box)
	if err != nil {
		return Secret{}, err
	}
	return SecretOf(b)
}
