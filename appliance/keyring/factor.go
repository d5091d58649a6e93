package keyring

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"

	"sigill/appliance/seal"
)

// SealFactor seals a person's second factor. The server must be able to open it before
// the person's own key is open, so it dies with K_app and not with a slot.
func (a *App) SealFactor(u seal.ID, plain []byte) []byte {
	ctx := seal.NewContext("factor", u)
	return seal.Box(seal.Derive(ctx, a.totp), ctx, plain)
}

// OpenFactor opens what SealFactor sealed.
func (a *App) OpenFactor(u seal.ID, box []byte) ([]byte, error) {
	ctx := seal.NewContext("factor", u)
	return seal.Unbox(seal.Derive(ctx, a.totp), ctx, box)
}

// SignInCode is what is kept of a person's printed sign-in code: Argon2id of it, under a
// key of the appliance, so that who has the disk alone cannot even try (FORMAT.md, 6).
// It waits for its turn; the error is ctx's.
func (a *App) SignInCode(ctx context.Context, s *Stretcher, u seal.ID, code, salt []byte) ([32]byte, error) {
	slow, err := s.Stretch(ctx, code, salt)
	if err != nil {
		return [32]byte{}, err
	}
	h := hmac.New(sha256.New, seal.Derive(seal.NewContext("signincode", u), a.totp).Bytes())
	h.Write(slow.Bytes())
	return [32]byte(h.Sum(nil)), nil
}
