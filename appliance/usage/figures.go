package usage

import (
	"time"

	"sigill/appliance/mail"
)

// Figures are what became of letters of a unit, by day. They name nobody.
type Figures struct {
	Day        Day
	Unit       mail.ID // of the sender, when it was counted
	Recipients int64   // of letters that were sent on the day
	Held       int64   // of those: waited for a number
	SameDay    int64   // of those: opened on the same day
	ThreeDays  int64   // of those: later, and within three days
	SevenDays  int64   // of those: later, and within seven
	Later      int64   // of those: after that
	Never      int64   // of those: ended, and had not been opened

	Bounced     int64 // on the day: notices that came back, or will never go
	Undelivered int64 // on the day: SMS to readers that did not arrive
	Closed      int64 // on the day: letters that too many wrong codes have closed
}

// Fewest is how many recipients there must be before it is told when they read. Of one
// letter to one citizen, "read on the same day" would tell what that citizen did to
// somebody who knows of the letter and may not see it. Somebody who may see two sums can
// take one from the other: this keeps the few out of sight, and no more than that.
const Fewest = 5

// And is two sums in one. Day and unit are those of the first.
func (f Figures) And(o Figures) Figures {
	f.Recipients += o.Recipients
	f.Held += o.Held
	f.SameDay += o.SameDay
	f.ThreeDays += o.ThreeDays
	f.SevenDays += o.SevenDays
	f.Later += o.Later
	f.Never += o.Never
	f.Bounced += o.Bounced
	f.Undelivered += o.Undelivered
	f.Closed += o.Closed
	return f
}

// Failed is what did not arrive.
func (f Figures) Failed() int64 { return f.Bounced + f.Undelivered }

// Waiting is how many may still open. Whoever moves between units after sending takes what
// is opened later along; nobody waits less than not at all for that.
func (f Figures) Waiting() int64 {
	return max(0, f.Recipients-f.SameDay-f.ThreeDays-f.SevenDays-f.Later-f.Never)
}

// Tells reports whether it may be told when they were read; see Fewest.
func (f Figures) Tells() bool { return f.Recipients >= Fewest }

// Read counts that a letter of a day was opened at a time, by the calendar: what is sent in
// the evening and read the next morning was read the day after.
func (f *Figures) Read(sent Day, opened time.Time, zone *time.Location) {
	switch days := DayOf(opened, zone) - sent; {
	case days <= 0:
		f.SameDay++
	case days <= 3:
		f.ThreeDays++
	case days <= 7:
		f.SevenDays++
	default:
		f.Later++
	}
}
