package access

import (
	"cmp"
	"context"
	"net/netip"
	"time"

	"sigill/appliance/mail"
)

// Bounds of guessing at the codes of links. A code has 100 random bits: against a million
// codes that are good at a time, a million networks that try a thousand each second for a
// year meet one with 10⁶ · 10³ · 3.2·10⁷ · 10⁶ / 2¹⁰⁰, which is 2.5·10⁻⁸. So it is the bits
// that keep a code, and the count is there to tell who guesses so. It shuts out nobody who
// holds a good one: a whole town may come out of one network, and a stranger in it would
// else keep all the others from their letters.
const (
	codeWindow  = 15 * time.Minute
	codeNetwork = 300
)

// LinkCodes counts tries at the codes of links.
type LinkCodes struct {
	app   Namer
	count Counter
}

// NewLinkCodes returns a LinkCodes.
func NewLinkCodes(app Namer, count Counter) *LinkCodes { return &LinkCodes{app, count} }

// Look asks look for what a code opens. The try is counted, durably, before. One that was
// right is taken back: its error is nil, or Gone for a letter that has ended. Behind too many
// wrong ones from a network another wrong one is Busy.
func (c *LinkCodes) Look(ctx context.Context, from netip.Addr, look func() error) error {
	of := limit{name: c.app.Tag("code.network", Network(from)), window: codeWindow, most: codeNetwork, say: "error.signin.wait"}
	full := take(ctx, c.count, []limit{of})
	if full != nil && mail.KindOf(full) != mail.Busy {
		return full
	}
	err := look()
	switch right := err == nil || mail.KindOf(err) == mail.Gone; {
	case right && full == nil:
		return cmp.Or(c.count.GiveBack(ctx, of.name), err)
	case mail.KindOf(err) == mail.Absent && full != nil:
		return full
	}
	return err
}
