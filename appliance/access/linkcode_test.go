package access_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/mail"
)

func TestLinkCodes(t *testing.T) {
	c := newClock()
	count := newCounter(t, c)
	codes := access.NewLinkCodes(newApp(), count)
	town, other := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.1")
	wrong := func(from netip.Addr) error {
		return codes.Look(ctx, from, func() error { return mail.E(mail.Absent, "error.absent", nil) })
	}
	for range 400 { // right ones are no tries
		fine(t, codes.Look(ctx, town, func() error { return nil }))
		want(t, codes.Look(ctx, town, func() error { return mail.E(mail.Gone, "error.gone", nil) }), mail.Gone, "error.gone")
	}
	for range 300 {
		want(t, wrong(town), mail.Absent, "error.absent")
	}
	t.Run("behind three hundred wrong ones another one is told that there were many, in that network alone", func(t *testing.T) {
		want(t, wrong(town), mail.Busy, "error.signin.wait")
		want(t, wrong(other), mail.Absent, "error.absent")
	})
	t.Run("a right one is let in all the same: a stranger in the same network keeps nobody from their letter", func(t *testing.T) {
		fine(t, codes.Look(ctx, town, func() error { return nil }))
	})
	t.Run("what goes wrong is told as it is", func(t *testing.T) {
		broken := errors.New("the disk")
		if err := codes.Look(ctx, town, func() error { return broken }); !errors.Is(err, broken) {
			t.Error(err)
		}
	})
	t.Run("after a quarter of an hour it begins anew", func(t *testing.T) {
		c.goes(16 * time.Minute)
		want(t, wrong(town), mail.Absent, "error.absent")
	})
}
