package journal

import "slices"

// The kinds of events. They stand in the chain and never change their meaning; a
// new act gets a new word.
const (
	Started       = "started"
	Stopped       = "stopped"
	ClockHeld     = "clock_held" // the end of letters waits, because the clock leapt
	ClockReleased = "clock_released"

	UpdateBegun    = "update_begun"    // another version is to take over; Detail says which
	UpdateReturned = "update_returned" // the version before is to take over again

	SystemLocked   = "system_locked"   // started without the appliance key
	SystemUnlocked = "system_unlocked" // Detail is by what: "page", "command" or "server", or "kit" for page 2 of it
	SpoolRefused   = "spool_refused"   // a mail that came while the system was locked was not accepted, and its sender told
	KeyModeSet     = "key_mode_set"    // how the appliance key is kept; Detail is the mode

	Accepted      = "accepted"
	Held          = "held"
	Mended        = "mended"
	Opened        = "opened"
	Seen          = "seen"
	Answered      = "answered"
	Recalled      = "recalled"
	Extended      = "extended"
	Shortened     = "shortened"
	Done          = "done" // the reader deleted the copy
	Ended         = "ended"
	ClosedUnread  = "closed_unread" // the copy ends with its reader's account, and they had not opened it
	Erased        = "erased"
	Trashed       = "trashed"
	NewCode       = "new_code"
	NumberChanged = "number_changed"
	WrongNumber   = "wrong_number"
	Locked        = "locked"
	Unlocked      = "unlocked"

	NoticeSent    = "notice_sent"
	NoticeDelayed = "notice_delayed"
	NoticeFailed  = "notice_failed"
	SMSSent       = "sms_sent"
	SMSDelivered  = "sms_delivered"
	SMSFailed     = "sms_failed"
	ReadTold      = "read_told" // by SMS, to who sent it

	PersonMade   = "person_made"
	Invited      = "invited" // again: who was made was invited, too
	Activated    = "activated"
	SignedIn     = "signed_in"
	SignedOut    = "signed_out"
	SignInFailed = "sign_in_failed" // by what stands in Detail, see access.Tried; Holder is the person, or nobody
	SettingSet   = "setting_set"
	SetUp        = "set_up" // a step of the set-up, which stands in Detail

	RecoverAsked     = "recover_asked"      // a request to open somebody's seed with R was written
	Recovered        = "recovered"          // R has opened it; Detail is how the new code goes: "hand" or "mail"
	RecoveryCodeMade = "recovery_code_made" // by the person; the one before is dead
	RecoveryCodeUsed = "recovery_code_used" // a new password was chosen with it
	KitPractised     = "kit_practised"      // all pages of the recovery kit were shown and good
	Restored         = "restored"           // from a backup; Detail is of when its rows and its keys are, how much had to be ended again, and how many mails had not left
	BackupDrilled    = "backup_drilled"     // a backup was restored for trial, and its letter opened; Detail is the target, and "failed" if it did not go well

	FactorMade      = "factor_made"      // Detail "app" or "phone": what of it is new
	FactorRemoved   = "factor_removed"   // and its printed codes
	FactorReset     = "factor_reset"     // an organiser has taken it away, of the person in Holder
	CodesMade       = "codes_made"       // printed ones, to sign in by
	CodeUsed        = "code_used"        // one of them
	CodesEnded      = "codes_ended"      // what was left of them, after a restore
	PasswordChanged = "password_changed" // Activated tells of the first one
	SignInLocked    = "sign_in_locked"   // too many wrong second steps

	TriesStopped    = "tries_stopped"     // for now, after too many wrong ones; Detail is by what, and where: access.Tried, access.Brake
	FailuresLeftOut = "failures_left_out" // from here on, for a day: there were too many; Detail "people" or "nobody"

	HelpAsked   = "help_asked"   // for a new password, in the name of the person in Holder; Detail "proven" or "unproven"
	HelpAgreed  = "help_agreed"  // by the first of two organisers
	HelpGiven   = "help_given"   // by an organiser, whose key has opened the person's
	HelpRefused = "help_refused" // or numbers that did not fit have ended it
	HelpUsed    = "help_used"    // the person has chosen a new password

	AppPasswordMade    = "app_password_made" // for a mail program, to send with
	AppPasswordRemoved = "app_password_removed"

	Traced = "traced" // the help desk looked for letters of one address; Detail is over how many days

	Tried = "tried" // the way of a letter, by one of our own; Detail is the hop at which it broke, "" for none

	PasskeyMade    = "passkey_made"
	PasskeyRemoved = "passkey_removed"
	SignOnBound    = "signon_bound" // the organisation's sign-on has named the person for the first time
	SignOnFreed    = "signon_freed" // an organiser has undone that
	SeedHeld       = "seed_held"    // the server can open the person's key by itself from now on
	SeedsLetGo     = "seeds_let_go" // it can no more, as no administrator wants that now

	DomainAdded   = "domain_added"   // a mail domain of the house; Detail is its name
	DomainProven  = "domain_proven"  // Detail is its name, and "dns" or "word"
	DomainRemoved = "domain_removed" // Detail is its name

	ListedAdded   = "listed_added"   // to the contact list of the unit in Holder; Detail is the entry
	ListedChanged = "listed_changed" // the same
	ListedRemoved = "listed_removed" // the same

	TemplateAdded   = "template_added"   // to the unit in Holder; Detail is the template
	TemplateChanged = "template_changed" // the same
	TemplateRemoved = "template_removed" // the same
	SignatureSet    = "signature_set"    // what stands below letters of the unit, or the person, in Holder

	Suspended = "suspended"  // the person in Holder does not sign in any more; Detail "hand", "directory" or "day"
	Resumed   = "resumed"    // the same person does again; Detail the same
	LeavesSet = "leaves_set" // from when on the person in Holder is suspended by the clock; Detail is that time, "" for never

	ExportBegun = "export_begun" // of all letters of the person or function mailbox in Holder
	ExportEnded = "export_ended" // the same; Detail "whole 12 1": letters, and those that did not open; or "broken 7"

	Registered         = "registered"          // the person in Holder, as a recipient, by themself
	MovedIn            = "moved_in"            // a letter, from its link into its reader's mailbox
	RecipientInvited   = "recipient_invited"   // the person in Holder, to register; Detail "phone 67", and "confirmed" if another number has worked
	RecipientWithdrawn = "recipient_withdrawn" // the invitation of the same
	AccountClosed      = "account_closed"      // of the person in Holder, a registered recipient, by themself or by the house; Detail is why, "" for their own wish
	Adopted            = "adopted"             // the registered recipient in Holder is of the house now: their domain is
	JoinOffered        = "join_offered"        // a mail asks the same one for it
	InboxShown         = "inbox_shown"         // the registered recipient in Holder has opened the link of a mail to them
	InboxLost          = "inbox_lost"          // a mail to the registered recipient in Holder has come back
	RecipientOut       = "recipient_out"       // the account of the registered recipient in Holder is suspended; Detail is why, see mail.SuspendedFor
	RecipientIn        = "recipient_in"        // it is not any more
	RecipientEnds      = "recipient_ends"      // the suspended account of the registered recipient in Holder is to be closed; Detail is why

	UnitMade         = "unit_made"
	UnitChanged      = "unit_changed"
	UnitMoved        = "unit_moved"
	UnitRemoved      = "unit_removed"
	BrandSet         = "brand_set" // what the unit in Holder shows of itself; Detail "none" if it says nothing of its own any more
	Placed           = "placed"    // a person, in the unit of Detail
	Unplaced         = "unplaced"
	OrganiserMade    = "organiser_made"
	OrganiserRemoved = "organiser_removed"
	RolesChanged     = "roles_changed"
	ProfileChanged   = "profile_changed"
	PlanSet          = "plan_set"     // of the person's own; Detail "plan 1"
	MailboxMade      = "mailbox_made" // a function mailbox, which is in Holder
	MailboxChanged   = "mailbox_changed"
	MailboxRemoved   = "mailbox_removed"
	MailboxEnds      = "mailbox_ends"    // its end was set; Detail is the time and the disposal decision, "" if it was taken back
	MailboxClosed    = "mailbox_closed"  // it has ended with its keys and all that was in it
	MailboxJoined    = "mailbox_joined"  // Holder is the person, Detail the mailbox
	MailboxLeft      = "mailbox_left"    // the same
	MailboxGiven     = "mailbox_given"   // the same: what came before was given by a colleague
	MailboxOpened    = "mailbox_opened"  // the same: by an organiser, with the helper pair
	MailboxRefused   = "mailbox_refused" // the same: it was not
	HandedOver       = "handed_over"     // the mailbox of somebody who has left is a function mailbox from now on; Holder is both
	GenerationMade   = "generation_made" // of the mailbox in Holder
	Claimed          = "claimed"         // a thread of a function mailbox, by a member
	Released         = "released"
	Remarked         = "remarked"       // a note to colleagues
	DirectoryRead    = "directory_read" // the house's directory, and carried out; Detail is how many people were new, moved, suspended and resumed
	DirectoryHeld    = "directory_held" // it was read, and its brake let nothing through; Detail the same but for those resumed
	FaultFound       = "fault_found"    // something is wrong with the machine, and people are told; Detail is the check
	FaultMended      = "fault_mended"   // it is not any more; the same
	TableRead        = "table_read"     // of people, for the unit in Holder, to be planned or carried out; Detail is the number of rows
)

// kinds are all of them, in the order of above.
var kinds = [...]string{
	Started, Stopped, ClockHeld, ClockReleased, UpdateBegun, UpdateReturned, SystemLocked, SystemUnlocked, SpoolRefused, KeyModeSet,
	Accepted, Held, Mended, Opened, Seen, Answered, Recalled, Extended, Shortened, Done, Ended, ClosedUnread, Erased, Trashed, NewCode,
	NumberChanged, WrongNumber, Locked, Unlocked,
	NoticeSent, NoticeDelayed, NoticeFailed, SMSSent, SMSDelivered, SMSFailed, ReadTold,
	PersonMade, Invited, Activated, SignedIn, SignedOut, SignInFailed, SettingSet, SetUp,
	RecoverAsked, Recovered, RecoveryCodeMade, RecoveryCodeUsed, KitPractised, Restored, BackupDrilled,
	FactorMade, FactorRemoved, FactorReset, CodesMade, CodeUsed, CodesEnded, PasswordChanged, SignInLocked,
	TriesStopped, FailuresLeftOut,
	HelpAsked, HelpAgreed, HelpGiven, HelpRefused, HelpUsed,
	AppPasswordMade, AppPasswordRemoved,
	Traced, Tried, PasskeyMade, PasskeyRemoved, SignOnBound, SignOnFreed, SeedHeld, SeedsLetGo,
	DomainAdded, DomainProven, DomainRemoved,
	ListedAdded, ListedChanged, ListedRemoved, TemplateAdded, TemplateChanged, TemplateRemoved, SignatureSet,
	Suspended, Resumed, LeavesSet,
	ExportBegun, ExportEnded,
	Registered, MovedIn, RecipientInvited, RecipientWithdrawn, AccountClosed, Adopted, JoinOffered, InboxShown, InboxLost, RecipientOut, RecipientIn, RecipientEnds,
	UnitMade, UnitChanged, UnitMoved, UnitRemoved, BrandSet, Placed, Unplaced, OrganiserMade, OrganiserRemoved, RolesChanged,
	ProfileChanged, PlanSet, MailboxMade, MailboxChanged, MailboxRemoved, MailboxEnds, MailboxClosed, MailboxJoined, MailboxLeft, MailboxGiven, MailboxOpened, MailboxRefused, HandedOver,
	GenerationMade, Claimed, Released, Remarked, DirectoryRead, DirectoryHeld, FaultFound, FaultMended, TableRead,
}

// Kinds returns every kind of event that this program writes, those that belong together
// beside each other. A journal may hold others, of a later program.
func Kinds() []string { return slices.Clone(kinds[:]) }
