package access

import (
	"context"
	"net/netip"
)

// Bounds of what is handed in without any proof of who it is, a day: enough for a library
// full of people behind one address, and few enough to be read by somebody.
const (
	strangersNetwork = 10
	strangersDay     = 200
)

// Strangers counts what people hand in who have shown neither a code nor a password.
type Strangers struct {
	app   Namer
	count Counter
}

// NewStrangers returns a Strangers.
func NewStrangers(app Namer, count Counter) *Strangers { return &Strangers{app, count} }

// Take counts once, durably, before anything is taken. The error is Busy when a network, or
// all of them together, have handed in what they may on a day.
func (s *Strangers) Take(ctx context.Context, from netip.Addr) error {
	return take(ctx, s.count, []limit{
		{name: s.app.Tag("stranger.network", Network(from)), window: day, most: strangersNetwork, say: "error.feedback.full"},
		{name: s.app.Tag("stranger.day", ""), window: day, most: strangersDay, say: "error.feedback.full"},
	})
}
