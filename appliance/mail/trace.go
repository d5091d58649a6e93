package mail

import "time"

// TraceAsked says what the help desk wants to follow: an address over a time, or one mail
// by its number.
type TraceAsked struct {
	Address     Address
	From, Until time.Time // from the first moment to before the second
	// Ref is the number of a mail or letter, or a Message-ID; then nothing else counts.
	Ref string
}

// TraceFound is what was found.
type TraceFound struct {
	Letters  []Traced
	Arrivals []Arrival // mails that were not taken, or whose letters have ended
	Whole    bool      // there was no more to look at
	Beyond   int64     // mails of those days that were only counted
}

// Traced is a letter as the help desk sees it: who, when, and how far it has come. Its
// subject, text, files and case stand nowhere in it.
type Traced struct {
	At         time.Time
	Sender     Address
	Recipients []TracedRecipient // those who were asked about; all, if that is the sender
	Arrival    *Arrival          // how it came in; nil if it was written here, or too long ago
}

// TracedRecipient is one recipient of such a letter.
type TracedRecipient struct {
	Holder  Holder
	Address Address
	Phone   Phone // of which only the tail is shown
	Steps   []Step
	// Waiting is the notice that the smarthost has not taken yet; the zero value: none waits.
	Waiting TracedNotice
}

// TracedNotice is a notice on its way.
type TracedNotice struct {
	Tries int
	Next  time.Time // when it is tried again
}
