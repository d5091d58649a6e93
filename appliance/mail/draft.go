package mail

// Draft is a message in the clear, just come in. It lives in memory, between
// intake and the desk, and nowhere else: no store takes it.
type Draft struct {
	From     Address // who sends; proven by the door
	FromName string
	To       []Request // one for each recipient: one link, one outcome
	Subject  string    // without the tag
	Ask      Ask
	Text     string // UTF-8, LF; made from HTML if the mail had no text
	HTML     string // UTF-8 as it came, hostile; "" if there is none
	Files    []File
	Raw      []byte // the mail as it came, for a faithful EML; nil if written in the portal
	// MessageID, InReplyTo and References are RFC 5322, 3.6.4, without brackets.
	MessageID  string
	InReplyTo  string
	References []string
	// Faults says in the reader's words what was broken and had to be guessed.
	Faults []string
	// Spooled is the mail of DATA/spool that it was while the appliance was locked; zero if it
	// was none. It is taken in once.
	Spooled ID
}

// Request is one recipient as the sender named it.
type Request struct {
	Given   string // the address of RCPT TO, for the report
	Address Address
	Name    string
	Phone   Phone
	Level   Level // what the trigger asks for
	Trap    Trap
}

// Trap says what is wrong with a recipient, so that it must be held and asked
// for instead of guessed.
type Trap uint8

// The near misses of the address grammar. Nothing of them is ever sent in clear.
const (
	NoTrap        Trap = iota
	TrapTrigger        // ",s" ".s." " .s": almost a trigger
	TrapNumber         // digits that are no number of any allowed country, or one short
	TrapNoTrigger      // an address without a trigger, where the tag or header asked for all
)

// File is an attachment or an inline picture.
type File struct {
	Name      string // cleaned: no path, no control character; never empty
	Type      string // media type by content and name, lower-case, without parameters
	ContentID string // RFC 2392, without brackets; "" if it is not referred to
	Inline    bool   // shown within the HTML
	Data      []byte
	Raw       Span
}

// Span is where a file stands in its mail's Raw, if it stands there as base64 in lines
// of Chars characters with CRLF between them, exactly as it is written again. So the
// raw mail can be kept without its files. The zero Span: it does not.
type Span struct {
	At    int64 `json:"at"`
	Chars int   `json:"chars"` // of a line; a multiple of 4
}

// Len is how many bytes of Raw a file of size bytes takes.
func (s Span) Len(size int) int64 {
	if size == 0 || s.Chars == 0 {
		return 0
	}
	chars := (size + 2) / 3 * 4
	return int64(chars + (chars-1)/s.Chars*2)
}

// Size returns the clear bytes that the draft holds, for limits.
func (d *Draft) Size() int64 {
	n := int64(len(d.Text) + len(d.HTML) + len(d.Raw))
	for _, f := range d.Files {
		n += int64(len(f.Data))
	}
	return n
}
