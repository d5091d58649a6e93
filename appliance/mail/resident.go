package mail

import "time"

// Resident is who has a mailbox here as it stands at this moment: a person of the house,
// or a function mailbox.
type Resident struct {
	ID     ID // whose the letters are: the person's or the mailbox's
	Key    ID // to whose key they are sealed: the person's, or the current generation's
	Public []byte
	Profile
	// Out: somebody who is suspended. Letters to them are taken, sealed, and wait; they
	// send none and are told of none.
	Out bool
	// Shared: a function mailbox. Tell is who is told what concerns it, and Each who of them
	// gets a mail about each letter that comes; with nobody in Tell they go to its own address.
	Shared     bool
	Tell, Each []Profile
	// Left: it was the mailbox of somebody who has left, whose mail program may still know
	// the address. Letters in its name are written in the portal.
	Left bool
}

// Recipient is a registered recipient who can be written to at this moment.
type Recipient struct {
	Resident
	Phone Phone     // registered: their own, proven by a PIN
	Since time.Time // when the account was made
	// PhoneShown: a PIN to it was right not too long ago. Shown: and a mail to the address has
	// reached them. Without, a new letter is as to a guest: inbox or phone may be another's by now.
	PhoneShown, Shown bool
}

// Mails is how many mails it takes to say that something has come.
func (r Resident) Mails() int {
	switch {
	case r.Out || !r.Shared && r.Told != ToldEach:
		return 0
	case len(r.Tell) == 0:
		return 1
	}
	return len(r.Each)
}
