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
	Holder  ID       // zero if none
	Who     [32]byte // commitment to the actor, zero if the appliance acts
	Detail  string   // a code word; never a text of others
}
