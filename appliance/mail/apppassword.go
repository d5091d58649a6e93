package mail

import "time"

// AppPassword is one of the passwords by which a person's mail programs sign in to send,
// as the rows know it. It opens no key.
type AppPassword struct {
	ID     ID
	Person ID
	Name   Box      // what the person calls it, sealed under K_meta
	Hash   [32]byte // of the password, keyed
	At     time.Time
	Used   time.Time // last, to about an hour; zero: never
}

// MaxAppPasswords is how many one person may have.
const MaxAppPasswords = 10
