package mail

import "time"

// StepKind is something that happened to one recipient.
type StepKind uint8

// The steps, in the order in which they usually come.
const (
	StepAccepted StepKind = iota + 1
	StepHeld
	StepMended        // what was missing was given
	StepNoticeSent    // the smarthost has taken the notice
	StepNoticeDelayed // not yet; it will be tried again
	StepNoticeFailed  // it came back, or will never go
	StepSMSSent       // the gateway has taken the PIN
	StepSMSDelivered
	StepSMSFailed
	StepOpened // the first time
	StepSeen   // again
	StepAnswered
	StepWrongNumber // the reader says that the number is not theirs
	StepLocked      // too many wrong PINs
	StepUnlocked
	StepNewCode
	StepNumber // the sender gave another number
	StepExtended
	StepShortened
	StepRecalled
	StepDone // the reader deleted the copy
	StepEnded
	StepErased
	// The numbers stand in rows: what came later stands behind.
	StepClosedUnread // the reader's account was closed, and they had not opened the copy
)

var stepNames = [...]string{"", "accepted", "held", "mended", "notice_sent", "notice_delayed", "notice_failed",
	"sms_sent", "sms_delivered", "sms_failed", "opened", "seen", "answered", "wrong_number", "locked", "unlocked",
	"new_code", "number", "extended", "shortened", "recalled", "done", "ended", "erased",
	"closed_unread"}

// String returns the word that stands in catalogues and JSON.
func (k StepKind) String() string {
	if int(k) < len(stepNames) {
		return stepNames[k]
	}
	return ""
}

// Step is one thing that happened to one holder.
type Step struct {
	Holder ID
	Kind   StepKind
	At     time.Time
	Detail string // a code such as "550 5.1.1"; never an address, never a text of others
}

// Stuck returns the step after which nothing goes on by itself: the notice or the SMS
// did not arrive, or the number is not the reader's, and nobody has done anything about
// it since.
func Stuck(steps []Step) (StepKind, bool) {
	for i := len(steps) - 1; i >= 0; i-- {
		switch k := steps[i].Kind; k {
		case StepNoticeFailed, StepSMSFailed, StepWrongNumber:
			return k, true
		case StepNoticeSent, StepSMSSent, StepSMSDelivered, StepNumber, StepNewCode, StepMended:
			return 0, false
		}
	}
	return 0, false
}

// Light is a message's colour in the sender's list; always told in words too.
type Light uint8

// The colours.
const (
	Red    Light = iota // nobody has read it
	Yellow              // some have
	Green               // all have
)

// LightOf returns the colour for the recipients' holders, the house's own left out.
func LightOf(holders []Holder) Light {
	all, read := 0, 0
	for _, h := range holders {
		if h.House || h.Kind == HolderRepair || h.Kind == HolderTransit || h.Why.Passed() {
			continue
		}
		all++
		if !h.Opened.IsZero() {
			read++
		}
	}
	switch {
	case all > 0 && read == all:
		return Green
	case read > 0:
		return Yellow
	}
	return Red
}
