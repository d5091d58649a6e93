package keyring

import "sigill/appliance/seal"

// SealHeld locks a person's seed so that the server itself opens it, and nobody who lacks
// K_app or the slot's key sw. Where the house has turned it on, people read who have shown
// by the sign-on who they are, and so can whoever rules the machine.
func (a *App) SealHeld(u seal.ID, sw, seed seal.Secret) []byte {
	return SealSeed(SeedByServer, u, a.held, sw, seed)
}

// OpenHeld opens what SealHeld locked, or gives ErrOpen.
func (a *App) OpenHeld(u seal.ID, sw seal.Secret, box []byte) (seal.Secret, error) {
	return OpenSeed(SeedByServer, u, a.held, sw, box)
}

// Subject is the keyed hash by which it is found whom a provider of the sign-on means.
func (a *App) Subject(issuer, subject string) [32]byte {
	return [32]byte(a.Tag("signon", issuer+"\x00"+subject))
}
