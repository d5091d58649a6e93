package mail

import (
	"fmt"
	"time"
)

// Level says what a reader must prove. Higher is stronger; the zero value is
// what ".s" means.
type Level int8

// The levels. Letter is as weak as the reader's inbox and therefore off unless a
// department accepts it in writing.
const (
	Letter     Level = -1 // the code in the notice is enough
	Registered Level = 0  // the code and a PIN by SMS
	InPerson   Level = 1  // and an e-ID bound to a personal number
)

// String returns the level's name in SQL, JSON and tags.
func (l Level) String() string {
	switch l {
	case Letter:
		return "letter"
	case Registered:
		return "registered"
	case InPerson:
		return "eid"
	}
	return fmt.Sprintf("level %d", int8(l))
}

// Lifetime is a lifetime that somebody asked for; zero is "the department's
// default". Either Days or Hours is set. Both are bounded by policy.
type Lifetime struct {
	Days  int
	Hours int
}

// IsZero reports whether nobody asked.
func (l Lifetime) IsZero() bool { return l.Days == 0 && l.Hours == 0 }

// End returns the moment at which a lifetime that begins now is over. Hours are
// counted; days end at 23:59:59 of the last day in zone, because people read "to
// 3 May" as "3 May included".
func (l Lifetime) End(now time.Time, zone *time.Location) time.Time {
	if l.Days == 0 {
		return now.Add(time.Duration(l.Hours) * time.Hour).UTC()
	}
	y, m, d := now.In(zone).Date()
	return time.Date(y, m, d+l.Days, 23, 59, 59, 0, zone).UTC()
}

// Ask is what the sender asked for, by subject tag, header or form.
type Ask struct {
	Level    Level
	LevelSet bool // the sender named a level himself
	Lifetime Lifetime
	// How the sender is told when it was read. Without ReceiptSet they have not said, and what
	// they have chosen for all their letters holds.
	Receipt    ReadReceipt
	ReceiptSet bool
	Case       string // case number, sealed like the subject; at most 100 bytes
	Lang       string // in which recipients are told who have chosen no language themselves; "" if the sender did not say
	// The sender has been shown which numbers are doubtful, and sends all the same.
	Confirmed bool
}
