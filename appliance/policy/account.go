package policy

import "sigill/appliance/mail"

// InAccount reports whether a letter of a level may be in a registered recipient's account.
// A password and a code by SMS open that: more than a letter's link and PIN, and no e-ID.
// It is one rule for new letters and for those that move in.
func InAccount(l mail.Level) bool { return l <= mail.Registered }

// MayMoveIn reports whether a letter that somebody has opened may move into an account. own
// says that it was sent to the account's address. Of another's letter its reader must have
// shown more than the link, which may have been forwarded, and is asked first.
func MayMoveIn(l mail.Level, own bool) bool {
	return InAccount(l) && (own || l > mail.Letter)
}
