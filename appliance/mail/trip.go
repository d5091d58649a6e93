package mail

import "time"

// Hop is one part of the way that a letter goes. The words stand in a setting and in
// catalogues.
type Hop string

// The hops, in order.
const (
	HopDoor   Hop = "door"   // the door for mail takes it, policy decides, it is sealed and durable
	HopOut    Hop = "out"    // the smarthost takes the notice
	HopBack   Hop = "back"   // the notice comes back by the MX of our own domain
	HopSMS    Hop = "sms"    // a gateway takes the PIN
	HopReport Hop = "report" // and reports that it was delivered
	HopOpen   Hop = "open"   // code and PIN open it
	HopAnswer Hop = "answer" // an answer is sealed for its sender
	HopErase  Hop = "erase"  // the keys are gone, and the code opens nothing
)

// Hops are all of them, in order.
var Hops = [...]Hop{HopDoor, HopOut, HopBack, HopSMS, HopReport, HopOpen, HopAnswer, HopErase}

// TripState is how it went at a hop.
type TripState string

// The states.
const (
	TripWell    TripState = "well"
	TripBroken  TripState = "broken"
	TripPassed  TripState = "passed"  // not to be tried here: no gateway reports
	TripUntried TripState = "untried" // something before was broken, or it is still to come
)

// TripHop is how it went at one hop.
type TripHop struct {
	Hop    Hop           `json:"hop"`
	State  TripState     `json:"state"`
	Took   time.Duration `json:"took"`
	Detail string        `json:"detail,omitempty"` // an answer such as "550 5.1.1", or one of TripWhys; never an address
}

// TripWhys are the words for what went wrong, where no answer says it.
var TripWhys = [...]string{"late", "sender", "connection", "letter", "unreadable", "code", "another", "content", "opens", "there", "stopped", "fault"}

// Trip is one letter of ours on the whole way. Nothing of it is about a person.
type Trip struct {
	Began   time.Time `json:"began"` // zero: there was none
	Running bool      `json:"-"`
	Hops    []TripHop `json:"hops"`
}

// Broken returns the first hop at which it did not go well.
func (t Trip) Broken() (TripHop, bool) {
	for _, h := range t.Hops {
		if h.State == TripBroken {
			return h, true
		}
	}
	return TripHop{}, false
}
