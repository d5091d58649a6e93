package access

import (
	"context"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// Counter counts durably; the vault does.
type Counter interface {
	// Count counts once more. n is the count with this one.
	Count(ctx context.Context, name []byte, window time.Duration) (n int64, err error)
	Counted(ctx context.Context, name []byte) (n int64, err error)
	// Left returns how much there is left of the window that runs; 0 if nothing is counted in one.
	Left(ctx context.Context, name []byte) (time.Duration, error)
	// GiveBack takes one count back, of the window that runs.
	GiveBack(ctx context.Context, name []byte) error
	// Forget takes all of them back.
	Forget(ctx context.Context, name []byte) error
}

// Namer makes the keyed name of a counter, so that none tells a number or address;
// keyring.App is one.
type Namer interface {
	Tag(purpose, value string) []byte
}

// SMSLimits is how many SMS may be sent; each is money, and a gateway that sends at a
// stranger's wish is robbed (toll fraud). The zero value sends none.
type SMSLimits struct {
	Countries []string // calling codes, such as "46"; nobody else's numbers get an SMS
	Number    int64    // a day and number; those that are not proven have counts of their own, see SpendNew
	Letter    int64    // in a letter's life
	Day       int64    // a day, for the whole house
}

// DefaultSMSLimits are the product's: five a day and number, and the Nordic
// countries.
func DefaultSMSLimits() SMSLimits {
	return SMSLimits{Countries: []string{"46", "45", "47", "358", "354", "298", "299"}, Number: 5, Letter: 15, Day: 2000}
}

// Budget holds SMS against the limits.
type Budget struct {
	count  Counter
	name   Namer
	limits func() SMSLimits
}

// NewBudget returns a budget. limits is asked each time.
func NewBudget(c Counter, n Namer, limits func() SMSLimits) *Budget { return &Budget{c, n, limits} }

// Wait between two SMS to one number.
const smsPause = time.Minute

const (
	pausePurpose     = "sms.pause"
	helpPausePurpose = "sms.help.pause"
)

const day = 24 * time.Hour

// held are the limits of one SMS.
func (b *Budget) held(l SMSLimits, holder mail.ID, to mail.Phone) []limit {
	return []limit{
		// The narrow ones first, so that the answer helps most.
		{b.name.Tag(pausePurpose, string(to)), smsPause, 1, "error.sms.pause", ""},
		{b.name.Tag("sms.number", string(to)), day, l.Number, "error.sms.number", ""},
		{b.name.Tag("sms.letter", holder.String()), 400 * day, l.Letter, "error.sms.letter", ""},
		{b.name.Tag("sms.day", ""), day, l.Day, "error.sms.day", ""},
	}
}

// Spend takes one SMS to a number out of every budget, before it is sent. The errors
// are Busy (Say tells which budget) and Invalid for a country that is not allowed.
//
// A press that sends nothing must not eat another budget, or a stranger's presses would
// use up what a letter has in all its life.
func (b *Budget) Spend(ctx context.Context, holder mail.ID, to mail.Phone) error {
	l := b.limits()
	if !allowed(l.Countries, to) {
		return mail.E(mail.Invalid, "error.sms.country", nil)
	}
	return take(ctx, b.count, b.held(l, holder, to))
}

// GiveBack says that the gateway has certainly not taken the SMS for which Spend was
// asked: the reader need not wait a minute for the next one.
//
// That pause alone is given back. The counts of the number and the letter are what
// keeps one link from emptying the house's day: while a gateway refuses (or always, if
// it will not have this number), presses would else be free, each of them one less for
// everybody. And the day's count stays, because some gateways charge for what they
// refuse.
func (b *Budget) GiveBack(ctx context.Context, to mail.Phone) error {
	return b.count.GiveBack(ctx, b.name.Tag(pausePurpose, string(to)))
}

// Pause returns how long nothing more is sent to a letter's number; 0 when the next SMS may go.
func (b *Budget) Pause(ctx context.Context, to mail.Phone) (time.Duration, error) {
	left, err := b.count.Left(ctx, b.name.Tag(pausePurpose, string(to)))
	return min(left, smsPause), err // a clock that was set back makes a window longer than it was
}

// Today returns how many SMS were sent today, and how many may be.
func (b *Budget) Today(ctx context.Context) (sent, most int64, err error) {
	most = b.limits().Day
	sent, err = b.count.Counted(ctx, b.name.Tag("sms.day", ""))
	return min(sent, most), most, err
}

func allowed(countries []string, to mail.Phone) bool {
	for _, c := range countries {
		if c != "" && strings.HasPrefix(string(to), "+"+c) {
			return true
		}
	}
	return false
}
