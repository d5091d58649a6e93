package mail

import "time"

// Ended is one line of DATA/destroyed: an id of which the key is gone. It is plain
// and random, so that a locked machine can write it and a restore can obey it.
type Ended struct {
	What Ends
	ID   ID
	At   time.Time
}

// Ends says what an end is of.
type Ends uint8

// What can end.
const (
	EndsHolder  Ends = 1
	EndsMessage Ends = 2
)

// Ledger is the intent to destroy, written before the key is erased.
type Ledger struct {
	ID    ID
	What  Ends
	Why   End
	Actor ActorKind
	Asked time.Time
	Done  time.Time
}

// Ending is when something has ended, and when its key was destroyed after that. The zero
// value: it has not, or nobody knows.
type Ending struct{ At, Erased time.Time }

// And is the ending of both: each moment is the later one, and nothing is erased before both
// are.
func (e Ending) And(o Ending) Ending {
	if e == (Ending{}) {
		return o
	}
	if o.At.After(e.At) {
		e.At = o.At
	}
	if o.Erased.IsZero() || !e.Erased.IsZero() && o.Erased.After(e.Erased) {
		e.Erased = o.Erased
	}
	return e
}

// Contact is the number last used for an address.
type Contact struct {
	Lookup  [32]byte
	Columns Box       // Columns, sealed under K_meta
	At      time.Time // when the number was given
	Worked  time.Time // when a PIN sent to it was last right; zero: never
}

// MailboxQuery asks for a page of one person's folder, newest first.
type MailboxQuery struct {
	Owner  ID
	Folder Folder
	Unread bool      // only what nobody has opened yet; of the sent ones, what a recipient has not. Of these two folders alone
	Since  time.Time // with Unread, of the inbox: what came before is left out; zero: nothing is
	Before time.Time // zero: from the newest on
	Skip   ID        // with Before: rows of that very moment up to this holder are left out
	Limit  int       // at most 200
}

// MailboxRow is one line of a mailbox, with all that is needed to open its head.
type MailboxRow struct {
	Message Message
	Holder  Holder
	Head    Box
	Wraps   []Wrap
}

// Entry is a letter in a mailbox by no more than where it is found.
type Entry struct {
	Holder ID
	At     time.Time
}

// MaxStanding is the most that a Standing counts of unread letters and of drafts.
const MaxStanding = 1000

// Standing is what waits for somebody in a mailbox.
type Standing struct {
	Unread int // in the inbox
	Drafts int
	Held   int // letters sent of which a recipient waits for what is missing
}

// TrashCount is what emptying a mailbox' trash would do.
type TrashCount struct {
	All    int // letters, up to MaxStanding
	Ends   int // of which the copy is destroyed; the others came in for the house, and are kept
	Unread int // of those that end, what has come and was never opened
	Last   int // of those that end, what nobody else has a copy of
}

// Many reports whether there may be more letters than are counted.
func (c TrashCount) Many() bool { return c.All >= MaxStanding }

// Lying is what has waited too long in a mailbox.
type Lying struct {
	Owner ID
	N     int       // letters; those that lie unread up to MaxStanding
	Since time.Time // when the oldest came
}

// Many reports whether there may be more unread letters than are counted.
func (s Standing) Many() bool { return s.Unread >= MaxStanding }
