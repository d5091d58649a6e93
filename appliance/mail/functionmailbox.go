package mail

import "time"

// FunctionMailbox is a mailbox of the house that several people read, as the rows know
// it: socialtjansten@. What comes there belongs to it, whoever its members are.
type FunctionMailbox struct {
	ID      ID
	Unit    ID       // the department whose it is
	Lookup  [32]byte // keyed hash of the address; no person has it
	Columns Box      // Profile: sealed under K_meta
	Rules   MailboxRules
	Alarm   int // working days after which its people are told what lies unread; 0: never
	At      time.Time

	Ends     time.Time // when it ends, with its keys and all that is in it; zero: it does not
	Decision string    // the disposal decision by which it does, as the house names that
	Reminded time.Time // the end of which its people were told once more
}

// MailboxRules is a set of what a function mailbox does by itself.
type MailboxRules uint8

// The rules.
const (
	// An answer to what a member wrote in the mailbox's name goes to that member, too.
	AnswersToWriter MailboxRules = 1 << iota
	// An answer to what somebody at home in its department wrote in their own name comes
	// to the mailbox, too.
	AnswersFromUnit
	// Its mails go to its own address, not to each member.
	TellAddress
)

// Generation is a key of a function mailbox. Who leaves has no part in the next, and who
// joins has none in those before, unless a colleague gives it.
type Generation struct {
	ID      ID // stands where a person's id does, in epochs and wraps
	Mailbox ID
	N       int // from 1
	Public  []byte
	At      time.Time
}

// SeedMember is the kind of lock of a generation's seed for a member.
const SeedMember SeedKind = 6

// GenerationWrap is a generation's seed under one lock: SeedRecoveryKey, SeedHelper or
// SeedMember.
type GenerationWrap struct {
	Generation ID
	Kind       SeedKind
	Member     ID // the person; zero for R and H
	Slot       Slot
	Box        Box
	Helper     ID // as in SeedWrap
}

// MailboxRole says what somebody has to do with a function mailbox.
type MailboxRole uint8

// The roles.
const (
	MailboxReader     MailboxRole = iota + 1 // reads and writes there
	MailboxSubstitute                        // is told what lies unread, and has no key
)

// MailboxMember is somebody's place in a function mailbox; nobody has two.
type MailboxMember struct {
	Mailbox ID
	Person  ID
	Role    MailboxRole
	Asks    bool // wants what came before; a colleague may give it
	Asker   ID   // which organiser asks that they get it; zero: nobody, or it is not known
	Since   time.Time
}

// Claim says who of a function mailbox's members has a thread.
type Claim struct {
	Mailbox ID
	Thread  ID
	Person  ID
	At      time.Time
}

// Unread is a letter in a function mailbox that nobody has opened.
type Unread struct {
	Holder ID
	At     time.Time // when it came
}

// MaxRemark bounds a remark, in characters.
const MaxRemark = 4000

// Remark is a note to colleagues about a message of a function mailbox. It is read by
// those who hold the generation by which the message is opened, and ends with it.
type Remark struct {
	ID         ID
	Message    ID
	Mailbox    ID
	Generation ID
	Author     ID
	At         time.Time
	Box        Box
}
