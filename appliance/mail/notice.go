package mail

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"
)

// NoticeKind says what a notice tells. Each has a text in embed/notice.
type NoticeKind string

// The notices.
const (
	NoticeLetter     NoticeKind = "letter"      // to a guest: there is a letter
	NoticeInternal   NoticeKind = "internal"    // to a person: there is a letter in your mailbox
	NoticeDaily      NoticeKind = "daily"       // to a person who wants one mail a day: so many letters have come to your mailbox
	NoticeShared     NoticeKind = "shared"      // to a member: there is a letter in your function mailbox
	NoticeUnread     NoticeKind = "unread"      // to a member or substitute: letters lie unread in a function mailbox
	NoticeJoined     NoticeKind = "joined"      // to a member: somebody has got a place in your function mailbox
	NoticeAsked      NoticeKind = "asked"       // to a member: that one wants what came before
	NoticeGiven      NoticeKind = "given"       // to a member: a colleague has given what came before
	NoticeOpened     NoticeKind = "opened"      // to who reads there, and who asked: an organiser has given what came before
	NoticeHandedOver NoticeKind = "handedover"  // to who takes over the mailbox of somebody who has left
	NoticeHandedOff  NoticeKind = "handedoff"   // to who has left: somebody else has the mailbox now
	NoticeClosing    NoticeKind = "closing"     // to a member: when a function mailbox ends with all that is in it, or that it does not
	NoticeRestored   NoticeKind = "restored"    // to a member: the recovery kit has given what came before
	NoticeExported   NoticeKind = "exported"    // to a person or a member: letters of the mailbox were written out
	NoticeSubstitute NoticeKind = "substitute"  // to who is told from now on what lies unread
	NoticeLeft       NoticeKind = "left"        // to who has no place in a function mailbox any more
	NoticeInvitation NoticeKind = "invitation"  // to a person who never signed in
	NoticeReport     NoticeKind = "report"      // to the sender: what became of each recipient
	NoticeHold       NoticeKind = "hold"        // to the sender: something is missing, here is the link
	NoticeBounce     NoticeKind = "bounce"      // to the sender: the notice came back
	NoticeRead       NoticeKind = "read"        // to the sender: it was read
	NoticeAnswer     NoticeKind = "answer"      // to the sender: there is an answer in your mailbox
	NoticeWrong      NoticeKind = "wrongnumber" // to the sender: the reader says the number is not theirs
	NoticeLocked     NoticeKind = "locked"      // to the sender: closed by wrong PINs
	NoticeNeverRead  NoticeKind = "neverread"   // to the sender: the recipient's account was closed before they had read it
	NoticeRefused    NoticeKind = "refused"     // to the sender: a mail that came while the appliance was locked cannot be sent
	NoticeNumber     NoticeKind = "number"      // to the guest: the number was changed
	NoticeRecovered  NoticeKind = "recovered"   // to a person: the recovery kit has opened the way to a new password
	NoticePaperCode  NoticeKind = "papercode"   // to a person: a new password was chosen with the recovery code
	NoticeDevice     NoticeKind = "device"      // to a person: signed in at another browser

	NoticeSecondLocked NoticeKind = "secondlocked" // to a person: too many wrong codes at the second step
	NoticeFactor       NoticeKind = "factor"       // to a person: the second factor was set up or changed
	NoticeFactorOff    NoticeKind = "factoroff"    // to a person: the second factor was taken away
	NoticeCodesOff     NoticeKind = "codesoff"     // to a person: the printed codes are no good any more, after a restore
	NoticeFactorReset  NoticeKind = "factorreset"  // to a person: an organiser has taken the second factor away
	NoticeResumed      NoticeKind = "resumed"      // to a person: who was suspended may sign in again
	NoticePassword     NoticeKind = "password"     // to a person: the password was changed
	NoticeAppPassword  NoticeKind = "apppassword"  // to a person: a password for a mail program was made
	NoticePasskey      NoticeKind = "passkey"      // to a person: a passkey was added
	NoticePasskeyOff   NoticeKind = "passkeyoff"   // to a person: a passkey was taken away

	NoticeRecipient NoticeKind = "recipient" // to a registered recipient: there is a letter in your mailbox
	NoticeAccount   NoticeKind = "account"   // to a registered recipient: the account was made
	NoticeInvited   NoticeKind = "invited"   // to somebody from outside: you may make an account
	NoticeClosed    NoticeKind = "closed"    // to who was a registered recipient: the account is closed
	NoticeOut       NoticeKind = "out"       // to a registered recipient: the house has suspended the account
	NoticeJoin      NoticeKind = "join"      // to a registered recipient whose address is the house's by now: will you be one of it
	NoticeAdopted   NoticeKind = "adopted"   // to the same: you are

	NoticeHelpAsked   NoticeKind = "helpasked"   // to a person: somebody asks, in their name, for help with a new password
	NoticeHelpWanted  NoticeKind = "helpwanted"  // to who may help: a person asks
	NoticeHelpGiven   NoticeKind = "helpgiven"   // to a person: an organiser has helped
	NoticeHelped      NoticeKind = "helped"      // to the others who may help: one of them has
	NoticeHelpRefused NoticeKind = "helprefused" // to a person: nobody has

	NoticeAlarm NoticeKind = "alarm" // to an administrator: something is wrong with the machine, or is mended
)

// Invites reports whether a notice holds the one code by which a person takes over a key.
// It waits for a line that proves who takes it, for as long as the code is good.
func (k NoticeKind) Invites() bool { return k == NoticeInvitation || k == NoticeInvited }

// Notice is one mail of ours before it is put into words. In the outbox it
// stands sealed under a key of its own in link.slots, which is erased as soon as
// the next server has taken it.
type Notice struct {
	Kind     NoticeKind `json:"kind"`
	To       Address    `json:"to"`
	ToName   string     `json:"toName,omitempty"`
	Lang     string     `json:"lang,omitempty"`
	Code     string     `json:"code,omitempty"`     // LinkCode.Text, of a letter, hold or invitation
	Letter   ID         `json:"letter,omitzero"`    // which the link leads to, when signed in
	Owner    ID         `json:"owner,omitzero"`     // in whose name it is sent, which looks as their unit does; zero: the house's
	Tail     string     `json:"tail,omitempty"`     // last digits of the phone
	Until    time.Time  `json:"until,omitzero"`     // last day to open
	Outcomes []Outcome  `json:"outcomes,omitempty"` // of a report or hold
	At       time.Time  `json:"at,omitzero"`        // when what is told of happened
	Mailbox  string     `json:"mailbox,omitempty"`  // what the function mailbox is called
	Person   string     `json:"person,omitempty"`   // who has got a place in it, or asks for help
	Helper   string     `json:"helper,omitempty"`   // who has helped
	Count    int        `json:"count,omitempty"`    // of unread letters, or of recipients
	Shared   int        `json:"shared,omitempty"`   // how many of the unread letters lie in function mailboxes
	Proof    string     `json:"proof,omitempty"`    // of the link by which a registered recipient shows the inbox
	Why      string     `json:"why,omitempty"`      // of an account's end or suspension, a word of ours
	Browser  string     `json:"browser,omitempty"`  // in which it happened, in words of ours
	System   string     `json:"system,omitempty"`   // on which that runs
	Alarms   []Alarm    `json:"alarms,omitempty"`   // what is wrong with the machine, and what is mended
	// NoLink: whoever gets it goes to the house's web address by themself, and types the code.
	NoLink bool `json:"noLink,omitempty"`
	// MustTLS: the notice holds something that opens a letter by itself and goes
	// only over verified TLS; else it is sent without the code. An invitation waits.
	MustTLS bool `json:"mustTls,omitempty"`
	// InReplyTo lets the sender's mail program put a report beside his mail.
	InReplyTo string `json:"inReplyTo,omitempty"`
}

// Held returns how many recipients wait for what is missing.
func (n Notice) Held() int {
	held := 0
	for _, o := range n.Outcomes {
		if o.Hold != HoldNone {
			held++
		}
	}
	return held
}

// Answerable returns the one recipient to whom a bare mobile number, sent as an answer
// to this hold, can only be meant; false if there is none.
func (n Notice) Answerable() (Outcome, bool) {
	if n.Kind != NoticeHold || n.Held() != 1 {
		return Outcome{}, false
	}
	i := slices.IndexFunc(n.Outcomes, func(o Outcome) bool { return o.Hold.ByNumber() })
	if i < 0 {
		return Outcome{}, false
	}
	return n.Outcomes[i], true
}

// Format keeps the code in a notice out of logs and errors, whatever the verb.
func (n Notice) Format(f fmt.State, _ rune) { io.WriteString(f, "notice "+string(n.Kind)) }

// LogValue keeps the code in a notice out of slog.
func (n Notice) LogValue() slog.Value { return slog.StringValue("notice " + string(n.Kind)) }

// Outcome is what became of one recipient, for the sender's report.
type Outcome struct {
	Address Address  `json:"address"`
	Given   string   `json:"given,omitempty"`
	Number  Phone    `json:"number,omitempty"` // shown to the sender if remembered
	Known   bool     `json:"known,omitempty"`  // the number was remembered, not given
	Hold    Hold     `json:"hold,omitempty"`
	Channel Channel  `json:"channel,omitempty"`
	Step    StepKind `json:"step,omitempty"`
	Detail  string   `json:"detail,omitempty"`
	// Raised: letter was asked for and is not accepted here; registered was used.
	Raised bool      `json:"raised,omitempty"`
	Until  time.Time `json:"until,omitzero"`
}

// Outgoing is a row of the outbox.
type Outgoing struct {
	ID      ID
	Kind    NoticeKind
	Message ID // zero if it is about none
	Holder  ID // the recipient it concerns; zero if none
	Slot    Slot
	Box     Box // Notice, sealed under the slot's key
	At      time.Time
	Next    time.Time // not before
	Tries   int
	Expires time.Time // given up then
	Bounce  [16]byte  // token in the return address (VERP), signed again by courier
}
