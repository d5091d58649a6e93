package mail

import "time"

// Factor is a person's second factor, as the rows know it.
type Factor struct {
	Person ID
	Box    Box   // FactorSecret, sealed under K_totp
	Step   int64 // TOTP: this step and those before it are used up
	At     time.Time
}

// FactorSecret is what stands in a factor's box.
type FactorSecret struct {
	TOTP  []byte `json:"totp"`  // the key that the app has too (RFC 6238)
	Phone Phone  `json:"phone"` // the reserve phone: the person's own, proven by a PIN
}

// SignInCodes is what is kept of a person's printed sign-in codes: one salt for the set
// and a hash for each that is not used.
type SignInCodes struct {
	Salt   []byte
	Hashes [][32]byte
	At     time.Time
}
