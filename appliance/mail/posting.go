package mail

import "time"

// Posting is what the courier knows of a mail that it is about to send and that
// must stand in the mail's header. It is known only once the connection is:
// whether a code may be written depends on it.
type Posting struct {
	ID      ID        // of the outbox row; the Message-ID is made of it, so a mail sent twice is seen to be one
	At      time.Time // Date
	To      Address   // as it goes over the wire, the domain in ASCII if it can be
	ReplyTo Address   // a signed address of ours for answers; empty: answers go nowhere
	// Verified: the next server proved by a certificate who it is. Without that a
	// notice with MustTLS is written without its code.
	Verified bool
}
