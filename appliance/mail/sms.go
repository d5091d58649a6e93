package mail

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// SMSText is what an SMS says. It may hold a PIN, so it prints as [secret]; only a
// gateway calls Reveal, to hand it on.
type SMSText string

// Reveal returns the text itself.
func (t SMSText) Reveal() string { return string(t) }

// Parts returns in how many parts the text goes; see Parts.
func (t SMSText) Parts() int { return Parts(string(t)) }

// String keeps the text out of logs and errors.
func (t SMSText) String() string { return "[secret]" }

// Format prints [secret] for every verb, %x and %d included.
func (t SMSText) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// LogValue keeps the text out of slog.
func (t SMSText) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalJSON keeps the text out of JSON.
func (t SMSText) MarshalJSON() ([]byte, error) { return []byte(`"[secret]"`), nil }

// SMS is one short message on its way to a gateway. It lives in memory only: no
// outbox takes it. After a crash who waits for a PIN presses the button again, and one that
// tells of readings is written anew.
type SMS struct {
	To   Phone
	Text SMSText
	Ref  string        // ours, random, at most 40 letters and digits; says nothing of anybody
	TTL  time.Duration // of no use after that; zero: the gateway's own
}

// Receipt is a gateway's word that it has taken an SMS.
type Receipt struct {
	Provider string // the gateway's name in the configuration
	ID       string // by which its delivery reports name this SMS; may be empty
	Parts    int    // that it charges for; 0: it does not say
	Cost     int64  // of all of them, in millionths of the account's currency
	Priced   bool   // it has said what it costs
}
