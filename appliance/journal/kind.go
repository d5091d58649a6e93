package journal

// The kinds of events. They stand in the chain and never change their meaning; a
// new act gets a new word.
const (
	Started       = "started"
	Stopped       = "stopped"
	ClockHeld     = "clock_held" // the end of letters waits, because the clock leapt
	ClockReleased = "clock_released"

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

	PersonMade   = "person_made"
	Invited      = "invited" // again: who was made was invited, too
	Activated    = "activated"
	SignedIn     = "signed_in"
	SignedOut    = "signed_out"
	SignInFailed = "sign_in_failed"
	SettingSet   = "setting_set"
)
