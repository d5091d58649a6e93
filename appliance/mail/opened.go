package mail

import "time"

// Head is what lists show of a message: sealed as one box under the content key.
type Head struct {
	Subject  string     `json:"subject"`
	From     Address    `json:"from"`
	FromName string     `json:"fromName,omitempty"`
	To       []Named    `json:"to,omitempty"`
	Files    []FileHead `json:"files,omitempty"`
	Raw      bool       `json:"raw,omitempty"`    // the mail as it came is kept
	Faults   []string   `json:"faults,omitempty"` // what was broken in it
	// MessageID and InReplyTo are RFC 5322, 3.6.4.
	MessageID string `json:"messageId,omitempty"`
	InReplyTo string `json:"inReplyTo,omitempty"`
}

// Named is an address with a name for people.
type Named struct {
	Name    string  `json:"name,omitempty"`
	Address Address `json:"address"`
}

// FileHead is a file without its content.
type FileHead struct {
	N         uint32 `json:"n"` // the part's number
	Name      string `json:"name"`
	Type      string `json:"type"`
	Size      int64  `json:"size"`
	Pieces    uint32 `json:"pieces"` // so a cut tail is seen
	ContentID string `json:"contentId,omitempty"`
	Inline    bool   `json:"inline,omitempty"`
	Raw       Span   `json:"raw,omitzero"` // where it was cut out of the raw mail
}

// Body is the message's text.
type Body struct {
	Text string `json:"text"`
	HTML string `json:"html,omitempty"`
}

// Opened is a message in the clear for one reader, never stored.
type Opened struct {
	Message Message
	Holder  Holder
	Head    Head
	Body    Body
}

// Envelope is what the house must know of a message without opening it.
type Envelope struct {
	Sender     Address `json:"sender"`
	SenderName string  `json:"senderName,omitempty"`
	Case       string  `json:"case,omitempty"`
	Writer     ID      `json:"writer,omitzero"`   // who wrote in a function mailbox's name, in the portal
	Answers    Address `json:"answers,omitempty"` // of an answer: whose it is
}

// Columns is what the house must know of one recipient without opening the
// message: whom to tell, by which number, in which language.
type Columns struct {
	Address Address `json:"address"`
	Given   string  `json:"given,omitempty"` // as the sender wrote it
	Name    string  `json:"name,omitempty"`
	Phone   Phone   `json:"phone,omitempty"`
	Lang    string  `json:"lang,omitempty"`
}

// Profile is what the house knows of one of its own people, or of a registered recipient.
type Profile struct {
	Address Address `json:"address"`
	Name    string  `json:"name,omitempty"`
	Lang    string  `json:"lang,omitempty"`
	Phone   Phone   `json:"phone,omitempty"`
	By      ID      `json:"by,omitzero"`      // of a registered recipient: who has invited them
	Told    Told    `json:"told,omitempty"`   // of what comes to their own mailbox
	Shared  Told    `json:"shared,omitempty"` // of what comes to function mailboxes in which they read
	// Receipt is what holds of letters of theirs that say nothing of it.
	Receipt ReadReceipt `json:"receipt,omitempty"`
}

// Told is when somebody of the house wants a mail about what comes to a mailbox. It says
// nothing of what becomes of what they send.
type Told string

// The choices. The zero value is at each letter.
const (
	ToldEach  Told = ""
	ToldDaily Told = "daily"
	ToldNever Told = "never"
)

// Valid reports whether it is one of the choices.
func (t Told) Valid() bool { return t == ToldEach || t == ToldDaily || t == ToldNever }

// Tombstone is what may still be said to whoever holds a code after the end.
type Tombstone struct {
	Locator [32]byte
	Ended   time.Time
	Why     End
	Forget  time.Time // 90 days later
}

// Form is a letter that somebody writes in the portal, as far as it is filled in:
// nothing of it is checked yet. It is a part of the draft, sealed like the text.
type Form struct {
	To      []FormTo    `json:"to,omitempty"`
	Subject string      `json:"subject,omitempty"`
	Text    string      `json:"text,omitempty"`
	Level   string      `json:"level,omitempty"` // as Level.String; "" is the house's default
	Days    string      `json:"days,omitempty"`  // readable for so many days; "" is the house's default, DaysUntil the day in Until
	Until   string      `json:"until,omitempty"` // a day as 2026-05-03, also while another choice holds
	Receipt ReadReceipt `json:"receipt,omitempty"`
	Lang    string      `json:"lang,omitempty"` // of the notices; "" is the recipient's own
}

// DaysUntil is what Form.Days says of a letter that ends on a day of its own.
const DaysUntil = "until"

// FormTo is one recipient as it was typed.
type FormTo struct {
	Address string `json:"address,omitempty"`
	Phone   string `json:"phone,omitempty"`
}
