package mail

import "time"

// Registration is what a registered recipient has shown of themself, and what the house
// has done with the account.
type Registration struct {
	Person  ID
	Inbox   time.Time    // of the last mail to the address that was shown to have reached them; zero: none was
	Lost    time.Time    // when a mail to the address last came back; zero: none did
	Phone   time.Time    // when a PIN to the registered phone was last right; zero: never
	Offered time.Time    // when the last mail went by which they may become one of the house; zero: none did
	Offers  int          // how many of these went
	Why     SuspendedFor // "": the house has not suspended them
}

// SuspendedFor is why the house has suspended a recipient's account. The journal says it,
// and so it is one of a few words and nobody's own.
type SuspendedFor string

// The reasons.
const (
	ForAsked    SuspendedFor = "asked"    // its owner has asked for it
	ForStranger SuspendedFor = "stranger" // somebody else may be using it
	ForMisuse   SuspendedFor = "misuse"   // it is used for what it is not there for
	ForDeath    SuspendedFor = "death"    // its owner has died
)

// SuspendedForAll are the reasons, in the order in which they are offered.
var SuspendedForAll = []SuspendedFor{ForAsked, ForStranger, ForMisuse, ForDeath}

// The purposes of the links in mails to recipients by which they show the inbox.
const (
	ProofLetter = "letter" // that a letter has come
	ProofJoin   = "join"   // that they may become one of the house
)
