package keyring

import (
	"crypto/hmac"
	"crypto/sha256"

	"sigill/appliance/seal"
)

// AppPassword is what is kept of an app password of a person: a keyed hash of its 20
// characters (FORMAT.md, 6). There is no slow hash: at 100 random bits a guess cannot
// succeed, with K_app or without, and mail programs sign in for each mail.
func (a *App) AppPassword(u seal.ID, password []byte) [32]byte {
	h := hmac.New(sha256.New, seal.Derive(seal.NewContext("apppassword", u), a.session).Bytes())
	h.Write(password)
	return [32]byte(h.Sum(nil))
}

// SealAppName seals what a person calls an app password. It dies with K_app.
func (a *App) SealAppName(id seal.ID, plain []byte) []byte {
	return a.box(seal.NewContext("appname", id), plain)
}

// OpenAppName opens what SealAppName sealed.
func (a *App) OpenAppName(id seal.ID, box []byte) ([]byte, error) {
	return a.unbox(seal.NewContext("appname", id), box)
}
