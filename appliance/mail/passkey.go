package mail

import "time"

// MaxPasskeys is how many passkeys a person may have.
const MaxPasskeys = 20

// Passkey is one of a person's passkeys, as the rows know it.
type Passkey struct {
	ID, Person ID
	Credential [32]byte // keyed hash of the credential's id, by which it is found
	Columns    Box      // PasskeyColumns, sealed under K_totp
	Slot       Slot     // of Lock; zero: it does not open the person's key
	Lock       Box      // the person's seed under what the passkey gives (PRF); empty without
	At, Used   time.Time
}

// PasskeyColumns is which passkey it is and what its signatures are checked by. Nothing
// of it signs anybody in.
type PasskeyColumns struct {
	Name       string `json:"name"`
	Credential []byte `json:"credential"` // JSON of passkey.Credential
}

// SignOn binds a person to whom the provider of the sign-on means.
type SignOn struct {
	Person  ID
	Subject [32]byte // keyed hash of issuer and subject
	At      time.Time
}

// HeldSeed is a person's seed under a lock that the server opens by itself.
type HeldSeed struct {
	Person ID
	Slot   Slot
	Box    Box
	At     time.Time
}
