package mail

import "time"

// RootUnit is the organisation itself: the unit above all others. It is there from
// the first start on and cannot be moved or removed.
var RootUnit = ID{15: 1}

// UnitKind says what a unit is.
type UnitKind uint8

// The kinds.
const (
	Department UnitKind = iota + 1
	Group               // of outsiders, whom the house sponsors for a time
)

// Unit is a department or a sponsored group, as the rows know it.
type Unit struct {
	ID      ID
	Parent  ID // zero for RootUnit
	Kind    UnitKind
	Columns Box       // name, cost centre: sealed under K_meta; empty for a root without a name of its own
	Starts  time.Time // of a group; zero: at once
	Ends    time.Time // of a group, the first moment that is too late; zero: never
	PaysSMS bool      // the house pays the SMS that the unit's people cause
	At      time.Time
	// From when on its people, and those below it, must have a second factor; zero: need
	// not.
	FactorFrom time.Time
	// Helping its people, and those below it, to a new password takes two organisers in any
	// case.
	TwoHelp bool
	Plan    Plan // that it sponsors for its people; none: that of the unit above
	Listing Listing
	Links   Links // in mails to citizens, of its people and function mailboxes
}

// Membership is a person's place in a unit. Who has no home stands at RootUnit.
type Membership struct {
	Person ID
	Unit   ID
	Home   bool // the one department that the person belongs to
	Since  time.Time
}

// Organising is a person's right over a unit and all below it: its people, policy and
// usage, never the content of a letter.
type Organising struct {
	Person ID
	Unit   ID
	Since  time.Time
}
