//go:build !symmetric

package seal

import "crypto/hpke"

// Hybrid says that what is sealed to a public key withstands a quantum computer. It
// is false only in a build with the tag symmetric, which exists to measure what that
// costs. A tag and not a setting, so that the binary that people run cannot be talked
// into it.
const Hybrid = true

// HPKEOverhead is how many bytes an HPKE ciphertext is longer than its content: the
// encapsulated key of X-Wing (1,120) and a tag of 16.
const HPKEOverhead = 1120 + 16

func sealTo(k hpke.PublicKey, ctx Context, plain []byte) ([]byte, error) {
	return hpke.Seal(k, hpke.HKDFSHA256(), hpke.AES256GCM(), ctx, plain)
}

func openWith(k hpke.PrivateKey, ctx Context, box []byte) ([]byte, error) {
	return hpke.Open(k, hpke.HKDFSHA256(), hpke.AES256GCM(), ctx, box)
}
