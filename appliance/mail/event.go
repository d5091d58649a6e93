package mail

import "time"

// Event is one act for the journal. It holds no personal data: people and
// addresses stand as Who, a salted commitment that says nothing once the
// message's slot is erased.
type Event struct {
	Kind    string // such as "opened"; the constants stand in journal
	At      time.Time
	Actor   ActorKind
	Part    string   // of the appliance, if that acts
	Message ID       // zero if none
	Holder  ID       // of a letter; else the person or unit that was acted upon; zero if none
	Who     [32]byte // commitment to the actor, zero if the appliance acts
	Detail  string   // a code word or an id; never a text of others
}
