package mail

import "time"

// Helper is a key pair to which seeds are locked, so that those who organise a branch can
// help its people to a new password: H of a unit. Its own seed is locked for each of
// them, and for R.
//
// When somebody comes or goes among them the unit gets another pair. Seeds that are
// locked to the old one follow when their owners sign in.
type Helper struct {
	ID     ID // stands where a person's id does, in wraps
	Unit   ID
	Public []byte
	At     time.Time
	Old    bool // another pair has taken its place
}

// HelperWrap is a helper pair's seed under one lock: SeedRecoveryKey or SeedMember.
type HelperWrap struct {
	Helper ID
	Kind   SeedKind
	Member ID // the organiser; zero for R
	Slot   Slot
	Box    Box
}
