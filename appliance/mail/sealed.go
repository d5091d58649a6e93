package mail

import (
	"io"
	"time"
)

// Box is ciphertext: the output of seal or keyring, and nothing else.
type Box []byte

// Way says which way a message goes. It decides how the house's copy ends: what
// came in is a public record and has no timer; what went out ends on the
// letter's own last day.
type Way uint8

// The ways.
const (
	Out    Way = iota // from the house to somebody outside
	In                // from somebody outside to the house
	Within            // from the house to the house
)

// State is where a message or a holder stands in its life.
type State uint8

// The states. They only ever grow.
const (
	Unsent  State = iota // a draft of the portal; only its writer holds it
	Active               // can be opened by who may
	Purging              // its end has begun; opens for nobody; the slot is to be erased
	Erased               // key gone, bytes overwritten; only steps and times are left
)

// Sealed is a message of which nothing can be read: what vault takes.
type Sealed struct {
	Message Message
	Head    Box
	Parts   []Part
	Holders []Holder
	Wraps   []Wrap
	Codes   []Code
	Epochs  []Epoch     // stored if they are not there yet
	Slots   []SlotWrite // made durable before the rows
}

// Message is a message's row: times, sizes, ids and states, and the sealed
// envelope. It tells when and how much, not who and what.
type Message struct {
	ID       ID
	Thread   ID
	Way      Way
	State    State
	Owner    ID   // the person or mailbox of the house whose copy it is
	Slot     Slot // SK_m
	Envelope Box  // who and which case: Envelope, sealed under SK_m and K_meta
	Size     int64
	At       time.Time
	Level    Level
	Receipt  ReadReceipt
	LastDay  time.Time // when the house's own copy ends; zero: no timer
	Ended    time.Time // zero while Active
	Why      End
}

// Part is a piece of content. Small ones stand in the row, those above InRow in
// a blob file. Its name and type stand in the head.
type Part struct {
	Message ID
	N       uint32 // PartBody, PartRaw, or PartFile and up
	Piece   uint32 // pieces of one file, from 0, at most MaxPiece clear bytes each
	Size    int64  // clear bytes
	Box     Box    // an age v1 file, or nil if it is in Blob
	Blob    ID     // an age v1 file of this name, or zero if it is in Box
}

// The numbers of parts, and where they are kept.
const (
	PartBody = 1  // the text and the HTML
	PartRaw  = 2  // the mail as it came, without the files that have a Span in it
	PartForm = 3  // of a draft: the form as it was filled in
	PartFile = 16 // the first file; the next has the next number

	InRow    = 64 << 10 // clear bytes; above this a part is a blob file
	MaxPiece = 8 << 20  // clear bytes; so an upload goes on at the next piece
)

// Ciphertext writes one sealed part. It is made by seal; vault only carries it to
// the disk.
type Ciphertext func(w io.Writer) error

// HolderKind says how a holder opens.
type HolderKind uint8

// The kinds of holder, as in seal/FORMAT.md.
const (
	HolderPerson  HolderKind = iota + 1 // signs in, or is a mailbox whose members do; the seed opens epochs
	HolderGuest                         // code and proof
	HolderRepair                        // the sender's repair link, 7 days
	HolderTransit                       // the server itself, at most 24 h, for channels outside the portal
)

// Holder is one party that may open one message. Ending a holder erases its slot
// and touches no other holder.
type Holder struct {
	ID      ID
	Message ID
	Kind    HolderKind
	Owner   ID   // person or function mailbox; zero for a guest
	House   bool // the house's own copy: exactly one a message
	Folder  Folder
	State   State
	Slot    Slot // SK_h
	Columns Box  // Columns, sealed under SK_h and K_meta
	Level   Level
	Channel Channel
	Hold    Hold // why it waits; HoldNone if it does not
	// OpenBy ends the letter for a holder who never opened it; ReadUntil for one
	// who did. ReadFor fills ReadUntil at the first opening. Plain, because what
	// is due must be found, and erased, without any key.
	OpenBy    time.Time
	ReadFor   time.Duration
	ReadUntil time.Time
	Opened    time.Time // first
	Seen      time.Time // last
	Wrong     int       // wrong PINs in all; a right one does not take them back
	Locked    bool      // closed by wrong PINs, until the sender opens it again
	Ended     time.Time
	Why       End
	Mark      Mark
}

// Mark is what somebody has said of a letter in their mailbox: it stands in the list as read,
// or as unread, whether or not it was opened. Who sent it learns nothing of that. The zero
// value is as its opening says.
type Mark uint8

// The marks.
const (
	MarkNone Mark = iota
	MarkRead
	MarkUnread
)

// Unread reports whether a list shows the letter as unread.
func (h Holder) Unread() bool {
	return h.Mark == MarkUnread || h.Mark == MarkNone && h.Opened.IsZero()
}

// Folder is where a holder's copy lies in a person's mailbox.
type Folder uint8

// The folders.
const (
	Inbox Folder = iota
	Sent
	Drafts
	Trash
	Kept // in no list: what came in and left the trash; a public record stays
)

// Due returns when this holder's access ends by itself; zero: never.
func (h Holder) Due() time.Time {
	if !h.Opened.IsZero() || h.OpenBy.IsZero() {
		return h.ReadUntil
	}
	return h.OpenBy
}

// Channel is how a holder is reached.
type Channel uint8

// The channels.
const (
	ChannelPortal    Channel = iota // a notice with a link
	ChannelInternal                 // the portal mailbox of a person of the house
	ChannelRecipient                // the portal mailbox of a registered recipient
)

// Hold says why a recipient waits.
type Hold uint8

// The reasons.
const (
	HoldNone       Hold = iota
	HoldNoNumber        // no number given and none remembered
	HoldNearMiss        // the address was almost a secure address
	HoldNumber          // the number cannot be one that is allowed
	HoldStale           // the number remembered is old, and the sender has not confirmed it
	HoldChanged         // another number than the one that has worked was given, or has worked since a lapsed account was made, and not confirmed
	HoldRegistered      // another number than the one that a registered recipient has, and not confirmed
)

// ByNumber reports whether a number is all that is missing. Of a near miss the address
// is a guess, which its sender must see and confirm.
func (h Hold) ByNumber() bool { return h != HoldNone && h != HoldNearMiss }

// End says how an access came to its end.
type End uint8

// The ends.
const (
	EndNone     End = iota
	EndUnopened     // the time to open it went by
	EndRead         // the time to read it went by
	EndRecalled     // the sender took it back
	EndDone         // the reader deleted the copy
	EndTrash        // the house emptied its trash
	EndLastDay      // the house's copy of what went out
	EndReplaced     // a new code took this one's place
	EndHold         // nobody mended what was missing
	EndClosed       // whose it was is no more
	EndMoved        // it moved into its reader's mailbox, where another holder has it
	EndLedger       // it had ended before the machine was restored, as the ledger says, and not why
)

// Passed reports whether the access did not end but was handed on: another holder of the
// same message has it.
func (e End) Passed() bool { return e == EndReplaced || e == EndMoved }

// WrapKind says under what a content key stands.
type WrapKind uint8

// The kinds of wrap, as in seal/FORMAT.md.
const (
	WrapEpoch   WrapKind = iota + 1 // Ref: the epoch
	WrapMailbox                     // Ref: the person; under K_U, from the first sight on
	WrapGuest                       // Ref: the code
	WrapPair                        // Ref: the guest pair
	WrapRepair                      // Ref: the code
	WrapTransit
)

// Wrap is a content key, locked for one holder.
type Wrap struct {
	Holder ID
	Kind   WrapKind
	Ref    ID
	Box    Box
}

// CodeKind says what a code opens.
type CodeKind uint8

// The kinds.
const (
	CodeGuest      CodeKind = iota + 1 // a letter
	CodeRepair                         // a recipient that waits
	CodeInvitation                     // a person's key
)

// Code is what is kept of a link code: by what it is found, and the slot without
// which it opens nothing.
type Code struct {
	ID      ID
	Kind    CodeKind
	Locator [32]byte // SHA-256 of HKDF(code, "find")
	Holder  ID       // for an invitation: the person
	Slot    Slot     // S_g
	Expires time.Time
}

// Epoch is a holder's key for a minute or 1,000 messages, sealed to the public
// key of its owner.
type Epoch struct {
	ID    ID
	Owner ID
	Box   Box // HPKE
	At    time.Time
}

// Pair is a guest's key pair for one thread. Its seed stands under the code's
// secrets, so the server cannot open what is sealed to it.
type Pair struct {
	ID     ID
	Thread ID
	Code   ID
	Public []byte
	Seed   Box
}

// PersonKind tells who works in the house, or is sponsored by it, from who only gets
// letters from it.
type PersonKind uint8

// The kinds.
const (
	HousePerson PersonKind = iota
	// RecipientPerson is a registered recipient: somebody from outside with a mailbox of
	// their own. They are in no unit, and nobody organises them.
	RecipientPerson
)

// Person is somebody with a key and a mailbox here, as the rows know them.
type Person struct {
	ID      ID
	Lookup  [32]byte // keyed hash of the address
	Public  []byte   // MLKEM768X25519
	Columns Box      // address, name, language: sealed under K_meta
	Active  bool     // has signed in at least once
	Roles   Roles
	Plan    Plan // of their own
	At      time.Time
	// Since when they may not sign in; zero: they may. What comes to them is kept.
	Suspended time.Time
	Leaves    time.Time // from when on they are suspended; zero: nobody has said
	OutBy     ID        // who has suspended them, or said that they leave; zero: the machine
	Kind      PersonKind
}

// IsNobody reports whether a row is only what is left of somebody whose place was taken, or
// who has left.
func (p Person) IsNobody() bool { return len(p.Public) == 0 }

// Roles is a set of what a person may do beyond their own mail. None of them opens
// anybody else's letter.
type Roles uint8

// The roles.
const (
	RoleAdmin     Roles = 1 << iota // runs the machine
	RoleOrganiser                   // of some branch; never in a row, it follows from Organising
	RoleAuditor                     // reads the journal, statistics and policy
	RoleHelpDesk                    // sees who, when and which hop
)

// SeedKind says how a person's seed is locked.
type SeedKind uint8

// The kinds.
const (
	SeedPassword SeedKind = iota + 1
	SeedRecoveryCode
	SeedRecoveryKey // R
	SeedHelper      // H
	SeedInvitation
)

// SeedWrap is a person's seed under one lock.
type SeedWrap struct {
	Person ID
	Kind   SeedKind
	Slot   Slot
	Box    Box
	Helper ID // of SeedHelper: the pair; zero: the one that stands with the recovery kit
}

// SlotFile names one of the two slot files.
type SlotFile uint8

// The files.
const (
	Shred SlotFile = iota // keys of messages, holders, codes and seeds; in backups for a day
	Link                  // keys of links waiting to be sent; in no backup
)

// Slot is a place in a slot file.
type Slot struct {
	File SlotFile
	N    uint32
}

// IsZero reports whether there is no slot. Slot 0 of each file is never given out.
func (s Slot) IsZero() bool { return s.N == 0 }

// SlotValue is a slot's content: a key under K_slots, as keyring made it.
type SlotValue [60]byte

// SlotWrite is a slot and what to put there.
type SlotWrite struct {
	Slot  Slot
	Value SlotValue
}
