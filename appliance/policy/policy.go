// Package policy decides, for one draft and the house's rules: which level, which
// channel, which lifetime, and who must wait.
//
// It is pure. It reads no clock, no disk and no setting; what it must know it is
// given, and the same input gives the same decision.
//
// It never weakens what somebody asked for: of what the trigger, the tag and the
// rules say the strongest holds, and in doubt a recipient is held.
package policy

import (
	"cmp"
	"fmt"
	"time"

	"sigill/appliance/mail"
)

// Rules is what the house, or the department, has decided. The zero value with a
// Zone is safe: no level letter, no e-ID, default lifetimes.
type Rules struct {
	Zone     *time.Location
	OpenDays int  // a letter not opened ends after so many days; 0 means DefaultDays
	ReadDays int  // one that was opened ends so many days after the first opening
	MinDays  int  // the shortest lifetime in days that a sender may ask for; 0: an hour will do
	MaxDays  int  // the longest lifetime a sender may ask for; 0 means DefaultMaxDays
	Letter   bool // level letter is accepted, in writing
	EID      bool // level in person can be proven here
}

// The house's lifetimes until it has decided others.
const (
	DefaultDays    = 30
	DefaultMaxDays = 365
	MaxRecipients  = 500
	StaleDays      = 365 // after which a remembered number is asked for again
)

// Known is what the house knows of one recipient.
type Known struct {
	Person bool       // one of the house's own, with a key and a mailbox
	Phone  mail.Phone // the number last used
	Given  time.Time  // when it was last given
	Worked time.Time  // when a PIN sent to it was last right; zero: never
	// Registered is the phone of a registered recipient, who has a key and a mailbox; "" for
	// everybody else. Lapsed is that of one whose account is of no use for letters at present,
	// who is written to as anybody. Since is when they made the account.
	Registered, Lapsed mail.Phone
	Since              time.Time
}

// elsewhere reports whether a PIN to another number than the account's was right after the
// account was made: whoever reads the address' mail may be another person by now.
func (k Known) elsewhere() bool {
	account := cmp.Or(k.Registered, k.Lapsed)
	return account != "" && k.Phone != "" && k.Phone != account && k.Worked.After(k.Since)
}

// stale reports whether nobody has given a number, and no PIN to it was right, for so
// long that it may be somebody else's by now.
func (k Known) stale(now time.Time) bool {
	last := k.Given
	if k.Worked.After(last) {
		last = k.Worked
	}
	return now.Sub(last) > StaleDays*24*time.Hour
}

// Verdict is what becomes of one recipient.
type Verdict struct {
	Channel    mail.Channel
	Level      mail.Level
	Phone      mail.Phone
	Remembered bool // the number was not given but known
	Raised     bool // letter was asked for, registered is used
	Hold       mail.Hold
	Doubt      mail.Hold // for what it would be held if the sender had not confirmed it
}

// Decision is what becomes of a message.
type Decision struct {
	Recipients []Verdict // in the order of the draft's
	Life       Life
}

// Decide decides. known has one entry for each recipient of d, in the same order.
// The errors are Invalid, with a sentence that tells how to mend it.
func Decide(d *mail.Draft, known []Known, r Rules, now time.Time) (Decision, error) {
	if len(d.To) == 0 {
		return Decision{}, mail.E(mail.Invalid, "error.norecipient", nil)
	}
	if len(d.To) > MaxRecipients {
		return Decision{}, mail.E(mail.TooLarge, "error.recipients", nil).Tell("Max", fmt.Sprint(MaxRecipients))
	}
	life, err := r.life(d.Ask.Lifetime, now)
	if err != nil {
		return Decision{}, err
	}
	dec := Decision{Life: life}
	for i, to := range d.To {
		v, err := r.verdict(to, d.Ask, known[i], now)
		if err != nil {
			return Decision{}, err
		}
		dec.Recipients = append(dec.Recipients, v)
	}
	return dec, nil
}

func (r Rules) verdict(to mail.Request, ask mail.Ask, known Known, now time.Time) (Verdict, error) {
	v := Verdict{Level: to.Level, Phone: to.Phone}
	// A level that the sender named by tag or header holds for everybody, unless the
	// address itself asks for a stronger one.
	if ask.LevelSet && (ask.Level > v.Level || ask.Level == mail.Letter && to.Level <= mail.Registered) {
		v.Level = ask.Level
	}
	if v.Level == mail.InPerson && !r.EID {
		return v, mail.E(mail.Invalid, "error.eid", nil)
	}
	if v.Level == mail.Letter && !r.Letter {
		v.Level, v.Raised = mail.Registered, true
	}
	if to.Trap != mail.NoTrap {
		v.Hold = mail.HoldNearMiss
		if to.Trap == mail.TrapNumber {
			v.Hold = mail.HoldNumber
		}
		return v, nil
	}
	if known.Person {
		// A colleague signs in with a key of his own, which is stronger than any PIN.
		v.Channel, v.Raised, v.Phone = mail.ChannelInternal, false, ""
		return v, nil
	}
	if known.Registered != "" && InAccount(v.Level) {
		return toRecipient(v, ask, known), nil
	}
	if v.Phone == "" && v.Level != mail.Letter {
		if known.Phone == "" {
			v.Hold = mail.HoldNoNumber
			return v, nil
		}
		v.Phone, v.Remembered = known.Phone, true
	}
	if v.Level == mail.Letter {
		return v, nil
	}
	// A letter that goes to a stranger's phone is the worst slip there is.
	switch {
	case v.Remembered && known.stale(now):
		v.Doubt = mail.HoldStale
	case v.Remembered && known.elsewhere():
		v.Doubt = mail.HoldChanged // whose the address is by now is as little known of an account that is not used
	case !v.Remembered && known.Phone != "" && known.Phone != v.Phone && !known.Worked.IsZero():
		v.Doubt = mail.HoldChanged
	}
	if !ask.Confirmed {
		v.Hold = v.Doubt
	}
	return v, nil
}

// toRecipient is what becomes of a registered recipient: the letter goes to their key, if
// the sender gave the number that they have registered, or none. Another number may be
// another person's, or theirs by now: only the sender can know. If he has confirmed it, the
// letter goes there by a link, as to anybody. Nor is it known whose the account is if another
// number has worked for the address since, and none was given: that is asked too, and
// confirmed it goes to the account.
func toRecipient(v Verdict, ask mail.Ask, known Known) Verdict {
	given := v.Phone != ""
	if given && v.Phone != known.Registered || !given && known.elsewhere() {
		v.Doubt = mail.HoldRegistered
	}
	if v.Doubt != mail.HoldNone && !ask.Confirmed {
		v.Hold = v.Doubt
		return v
	}
	if !given || v.Phone == known.Registered {
		// Password and second factor are no weaker than a code and a PIN.
		v.Channel, v.Raised, v.Phone = mail.ChannelRecipient, false, ""
	}
	return v
}
