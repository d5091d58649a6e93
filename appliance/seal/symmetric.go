//go:build symmetric

package seal

import (
	"crypto/hpke"
	"crypto/sha256"
)

// Hybrid is false in this build: it is for measuring what hybrid keys cost, and keeps
// no secret. Whoever has the public key opens everything that is sealed to it.
const Hybrid = false

// HPKEOverhead is that of a box here. The formats of the two builds are not the same.
const HPKEOverhead = BoxOverhead

// The key is made of the public key, because sealing knows nothing else: a build that
// kept secrets without public keys would have to hand out the secret ones.
func symmetricKey(k hpke.PublicKey) Secret {
	b := sha256.Sum256(k.Bytes())
	return secret(&b)
}

func sealTo(k hpke.PublicKey, ctx Context, plain []byte) ([]byte, error) {
	return Box(symmetricKey(k), ctx, plain), nil
}

func openWith(k hpke.PrivateKey, ctx Context, box []byte) ([]byte, error) {
	return Unbox(symmetricKey(k.PublicKey()), ctx, box)
}
