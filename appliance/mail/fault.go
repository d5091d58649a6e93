package mail

import "time"

// Fault is something wrong with the machine, and how far people were told of it. It is about
// nobody.
type Fault struct {
	Name   string    // the check, and what it says: doctor.Finding.Key
	Seen   time.Time // when it was found first
	Times  int       // how often in a row; more than two are two
	Missed int       // how often in a row it was not found since
	Told   time.Time // when it was told; zero: it was not
	Ended  time.Time // when its end was told; zero: it was not
	Calls  int       // how often the webhook is still to be tried
}

// Alarm is what a notice tells of one fault, in words of the catalogue and the language of
// whom it goes to.
type Alarm struct {
	Title   string   `json:"title"`             // what was looked at
	Say     string   `json:"say,omitempty"`     // what is wrong
	Do      string   `json:"do,omitempty"`      // and what to do about it
	Records []string `json:"records,omitempty"` // lines of DNS to be added
	Lasted  string   `json:"lasted,omitempty"`  // it is mended, and lasted so long; "" if it is not
}
