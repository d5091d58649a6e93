package mail

import "time"

// SettingChange says who changed a setting last.
type SettingChange struct {
	Place  ID // a unit, a function mailbox or a person; RootUnit for what is the house's own
	Name   string
	Person ID // zero: the machine itself
	At     time.Time
}

// The settings of which it is kept who changed them.
const (
	SettingFactor    = "factor"
	SettingTwoHelp   = "two"
	SettingPlan      = "plan"
	SettingListing   = "listing"
	SettingLinks     = "links"
	SettingSMS       = "sms"
	SettingBrand     = "brand"
	SettingSignature = "signature"
	SettingRules     = "rules"
	SettingAlarm     = "alarm"
	SettingStatement = "statement"

	// Of a person, what is done to them.
	SettingRoles     = "roles"
	SettingSuspended = "suspended" // or let in again
	SettingInvited   = "invited"
)
