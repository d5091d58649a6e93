package access_test

import (
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/mail"
)

func TestClockSetBack(t *testing.T) {
	t.Parallel()
	t.Run("it gives no guess at the second step back", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		token := h.waits(t, "")
		for i := range 10 {
			if i == 9 {
				h.clock.turned(-2 * time.Hour)
			}
			want(t, h.second(token, h.wrong()), mail.Invalid, "error.second")
		}
		want(t, h.second(token, h.code(0)), mail.Busy, "error.second.wait")
		h.clock.turned(-2 * time.Hour)
		want(t, h.second(token, h.code(0)), mail.Busy, "error.second.wait")
		h.clock.goes(15*time.Minute - time.Second)
		want(t, h.second(h.waits(t, ""), h.code(0)), mail.Busy, "error.second.wait")
		h.clock.goes(time.Second)
		fine(t, h.second(h.waits(t, ""), h.code(0)))
	})
	t.Run("nor a guess at a password, and nobody is locked for longer than else", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		try := func(password string) error {
			_, err := h.SignIn.Password(ctx, anna, password, access.Caller{Network: ip("192.0.2.1")})
			return err
		}
		var last error
		tries := 0
		for last = try("wrong wrong wrong"); mail.KindOf(last) == mail.Denied; last = try("wrong wrong wrong") {
			if tries++; tries%5 == 0 {
				h.clock.turned(-2 * time.Hour)
			}
			if tries > 100 {
				t.Fatal("there is no end of tries")
			}
		}
		want(t, last, mail.Busy, "error.signin.wait")
		h.clock.turned(-30 * 24 * time.Hour)
		want(t, try(password), mail.Busy, "error.signin.wait")
		h.clock.goes(15 * time.Minute)
		fine(t, try(password))
	})
	t.Run("an SMS that was asked for while the clock was ahead costs the minute's pause, not a month", func(t *testing.T) {
		t.Parallel()
		p := newPurse(t, access.DefaultSMSLimits())
		p.clock.goes(30 * 24 * time.Hour)
		fine(t, p.Spend(ctx, mail.NewID(), "+46701234567"))
		p.clock.turned(-30 * 24 * time.Hour)
		want(t, p.Spend(ctx, mail.NewID(), "+46701234567"), mail.Busy, "error.sms.pause")
		p.clock.goes(time.Minute)
		fine(t, p.Spend(ctx, mail.NewID(), "+46701234567"))
	})
}
