package keyring

import (
	"crypto/sha256"

	"sigill/appliance/seal"
)

// PRFSize is the length of what a passkey gives by the PRF extension (WebAuthn Level 3,
// 10.1.4), in bytes.
const PRFSize = 32

// PRFInput goes into what every passkey of this installation is asked to derive from
// (FORMAT.md, 6): public, and another one in each installation.
func (a *App) PRFInput() [32]byte {
	return sha256.Sum256(append(seal.NewContext("prf"), a.salt...))
}

// PasskeyLock is the lock of a seed's wrap by passkey (FORMAT.md, 6), from what the passkey
// gave. It is zero, which opens nothing, for anything that is not PRFSize bytes.
func (a *App) PasskeyLock(prf []byte) seal.Secret {
	if len(prf) != PRFSize {
		return seal.Secret{}
	}
	return seal.DeriveBytes(seal.NewContext("passkey"), prf, a.salt)
}

// Credential is the keyed hash by which a passkey is found.
func (a *App) Credential(id []byte) [32]byte { return [32]byte(a.Tag("passkey", string(id))) }

// SealPasskey seals what a passkey is checked by. The server must be able to open it
// before the person's own key is open, so it dies with K_app and not with a slot.
func (a *App) SealPasskey(id seal.ID, plain []byte) []byte {
	ctx := seal.NewContext("passkey", id)
	return seal.Box(seal.Derive(ctx, a.totp), ctx, plain)
}

// OpenPasskey opens what SealPasskey sealed.
func (a *App) OpenPasskey(id seal.ID, box []byte) ([]byte, error) {
	ctx := seal.NewContext("passkey", id)
	return seal.Unbox(seal.Derive(ctx, a.totp), ctx, box)
}
