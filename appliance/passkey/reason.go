package passkey

import (
	"errors"
	"fmt"

	"sigill/appliance/mail"
)

// Reason is why an answer was refused, for the log: fixed words with nothing of the answer
// in them. Every error of Created, Handle and Answered has one in its chain:
// errors.Is(err, passkey.Cloned).
type Reason string

// Error returns the words.
func (r Reason) Error() string { return string(r) }

// The reasons, by WebAuthn Level 3, 7.1 and 7.2 where a section is not named.
const (
	TooLarge       Reason = "the answer has more than 64 KiB"
	Malformed      Reason = "the answer is not in the form of WebAuthn"
	Unasked        Reason = "the challenge was not made for this"
	Replayed       Reason = "the challenge was answered before"
	Late           Reason = "the challenge is over"
	Leaked         Reason = "the answer holds the output of prf, which is a key"
	WrongType      Reason = "the answer is of another ceremony"
	WrongChallenge Reason = "the answer is to another challenge"
	WrongOrigin    Reason = "the page that asked is not ours"
	CrossOrigin    Reason = "the page that asked stood in a frame"
	WrongParty     Reason = "the passkey is another house's"
	NotPresent     Reason = "nobody was at the passkey"
	NotVerified    Reason = "the passkey has not verified who was there"
	WrongBackup    Reason = "the passkey contradicts itself about being backed up" // 6.1.3
	WrongKey       Reason = "the key is of a kind that was not asked for"
	WrongStatement Reason = "there is a statement where the answer says there is none" // 8.7
	WrongID        Reason = "the answer names another passkey"
	Known          Reason = "the person has this passkey already"
	NotAllowed     Reason = "the passkey is not one of those that were asked for"
	WrongUser      Reason = "the passkey is another person's"
	WrongSignature Reason = "the signature does not fit"
	Cloned         Reason = "the passkey has counted backwards: there may be a copy"
)

// told says what people read, and of which kind it is.
func (r Reason) told() (mail.Kind, string) {
	switch r {
	case TooLarge, Malformed, Leaked, WrongStatement, WrongID:
		return mail.Invalid, "error.passkey.answer"
	case Unasked, Replayed, Late:
		return mail.Invalid, "error.passkey.late"
	case WrongKey:
		return mail.Invalid, "error.passkey.kind"
	case Known:
		return mail.Invalid, "error.passkey.known"
	case NotVerified:
		return mail.Denied, "error.passkey.unverified"
	case Cloned:
		return mail.Denied, "error.passkey.copied"
	}
	return mail.Denied, "error.passkey.refused"
}

// refused makes the error of a reason that somebody has found; nil stays nil.
func refused(err error) error {
	if err == nil {
		return nil
	}
	var r Reason
	errors.As(err, &r)
	kind, say := r.told()
	return mail.E(kind, say, err)
}

// malformed says what of the answer is not in its form.
func malformed(what string) error { return fmt.Errorf("%w: %s", Malformed, what) }
