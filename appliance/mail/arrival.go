package mail

import "time"

// ArrivedBy says who brought a mail to the door.
type ArrivedBy uint8

// Who brings mail. The numbers stand in sealed rows.
const (
	ByStranger ArrivedBy = iota // has shown nothing
	ByRelay                     // a mail server of the house's own
	ByLogin                     // a mail program that has signed in
	ByGateway                   // a gateway with mail for the house
	ByReturn                    // somebody who writes to an address that we made: a bounce, an answer to a hold
)

var arrivedBy = [...]string{"stranger", "relay", "login", "gateway", "return"}

// String returns the word that stands in catalogues.
func (b ArrivedBy) String() string {
	if int(b) < len(arrivedBy) {
		return arrivedBy[b]
	}
	return arrivedBy[ByStranger]
}

// Refusal says why the door has not taken a mail, as far as somebody can do something
// about it. The words stand in sealed rows and in catalogues.
type Refusal string

// The reasons.
const (
	NotRefused      Refusal = ""
	RefusedStranger Refusal = "stranger" // nobody of the house, or not shown to be
	RefusedAuthor   Refusal = "author"   // the From field is not the sender's to write
	RefusedProof    Refusal = "proof"    // a relay that serves others too, and the mail shows nothing of the house's
	RefusedSignIn   Refusal = "signin"   // a mail program that has not signed in
	RefusedSender   Refusal = "sender"   // the sender is nobody here, or suspended
	RefusedAddress  Refusal = "address"  // a recipient cannot be read
	RefusedContent  Refusal = "content"  // the mail itself: nothing in it asks for secure, or it is malformed
	RefusedSize     Refusal = "size"
	RefusedEnded    Refusal = "ended" // what it answers is over
	RefusedForNow   Refusal = "fornow"
	RefusedFault    Refusal = "fault" // our fault
	RefusedLost     Refusal = "lost"  // the connection ended in the middle
	RefusedCommand  Refusal = "command"
)

// Refusals are all reasons, in no order.
var Refusals = [...]Refusal{
	RefusedStranger, RefusedAuthor, RefusedProof, RefusedSignIn, RefusedSender, RefusedAddress, RefusedContent,
	RefusedSize, RefusedEnded, RefusedForNow, RefusedFault, RefusedLost, RefusedCommand,
}

// Bounds of what is kept of one mail.
const (
	MaxArrivalTo      = 20 // recipients of a mail that was refused
	MaxArrivalLetters = 20 // letters that it became
)

// Arrival is a mail as the door saw it: who brought it, how large it was, and what it was
// answered. Nothing of what it says is in it, nor a subject or the name of a file.
//
// From and To are those of the envelope, of a mail that was not taken. Of one that was
// taken its letters know them, and forget them when they end.
type Arrival struct {
	ID      ID          `json:"-"` // its number: in the log, in the Received field, in an answer
	At      time.Time   `json:"at"`
	By      ArrivedBy   `json:"by"`
	Friend  bool        `json:"friend,omitempty"` // the session had shown to be of the house
	Peer    string      `json:"peer,omitempty"`   // its address in the network
	TLS     bool        `json:"tls,omitempty"`
	From    Address     `json:"from,omitempty"`
	To      []ArrivalTo `json:"to,omitempty"`
	Count   int         `json:"count,omitempty"` // of recipients, those left out included
	Size    int64       `json:"size,omitempty"`  // bytes, as far as they came
	Answer  string      `json:"answer"`          // "550 5.7.1"
	Why     Refusal     `json:"why,omitempty"`
	Say     string      `json:"say,omitempty"` // key of the sentence that the sender was told; "" if it had none
	Letters []ID        `json:"letters,omitempty"`
	// MessageID is the mail's own (RFC 5322, 3.6.4), without brackets. Only a keyed hash of
	// it is kept.
	MessageID string `json:"-"`
	// Ended is when the letters have ended, if all have. It is not kept: who looks fills it in.
	Ended time.Time `json:"-"`
	// Erased is when the last of their keys was destroyed; zero: not yet. As Ended.
	Erased time.Time `json:"-"`
}

// ArrivalTo is a recipient of the envelope, and what the door said to it.
type ArrivalTo struct {
	Address Address `json:"address"`
	Answer  string  `json:"answer,omitempty"` // "" if it was taken
}

// Taken reports whether the house has the mail.
func (a Arrival) Taken() bool { return a.Why == NotRefused }

// ArrivalRow is a mail at the door as it is kept: sealed under the key of its day.
type ArrivalRow struct {
	ID   ID
	Day  int64 // since 1970, in UTC
	Box  Box
	Tags [][16]byte // by what it is found; see keyring.App.ArrivalTag
}

// ArrivalDay is a day whose mails are kept. Its slot has the key of all of them.
type ArrivalDay struct {
	Day       int64
	Slot      Slot
	House     int64 // mails kept that friends have brought
	Strangers int64 // and others
	Beyond    int64 // that were only counted
}
