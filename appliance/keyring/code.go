package keyring

import (
	"crypto/sha256"

	"sigill/appliance/seal"
)

// CodeSecret is what a link code is worth: L, from which keys are derived, and the
// locator by which its row is found. The code itself is forgotten.
type CodeSecret struct {
	L       seal.Secret
	Locator [32]byte
}

// Code derives both from the code's 20 characters (FORMAT.md, 4). There is no slow
// hash: at 100 random bits a guess cannot succeed, and the locator would be the
// faster test of it anyway.
func (a *App) Code(code []byte) CodeSecret {
	find := seal.DeriveBytes(seal.NewContext("find"), code, a.salt)
	return CodeSecret{
		L:       seal.DeriveBytes(seal.NewContext("guest"), code, a.salt),
		Locator: sha256.Sum256(find.Bytes()),
	}
}

// Inner returns the inner key of wraps by code c, once S_g is released. If S_g is
// erased there is none: the result is zero, which opens and seals nothing.
func (s CodeSecret) Inner(c seal.ID, sg seal.Secret) seal.Secret {
	if sg.IsZero() || s.L.IsZero() {
		return seal.Secret{}
	}
	return seal.Derive(seal.NewContext("code", c), s.L, sg)
}

// SealPair keeps the seed of a guest pair under the code's secrets.
func (s CodeSecret) SealPair(g, c seal.ID, sg, seed seal.Secret) []byte {
	keyed(s.L, sg, seed)
	ctx := seal.NewContext("pairseed", g, c)
	return seal.Box(seal.Derive(ctx, s.L, sg), ctx, seed.Bytes())
}

// OpenPair opens what SealPair kept.
func (s CodeSecret) OpenPair(g, c seal.ID, sg seal.Secret, box []byte) (seal.Secret, error) {
	if sg.IsZero() || s.L.IsZero() {
		return seal.Secret{}, seal.ErrOpen
	}
	ctx := seal.NewContext("pairseed", g, c)
	b, err := seal.Unbox(seal.Derive(ctx, s.L, sg), ctx, box)
	if err != nil {
		return seal.Secret{}, err
	}
	return seal.SecretOf(b)
}
