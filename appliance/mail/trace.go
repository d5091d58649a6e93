package mail

import "time"

// Traced is a letter as the help desk sees it: who, when, and how far it has come. Its
// subject, text, files and case stand nowhere in it.
type Traced struct {
	At         time.Time
	Sender     Address
	Recipients []TracedRecipient // those who were asked about; all, if that is the sender
}

// TracedRecipient is one recipient of such a letter.
type TracedRecipient struct {
	Holder  Holder
	Address Address
	Phone   Phone // of which only the tail is shown
	Steps   []Step
}
