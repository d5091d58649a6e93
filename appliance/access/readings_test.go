package access_test

import (
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/mail"
)

func TestSMSAboutReadings(t *testing.T) {
	t.Run("one an hour, and so many a day, of one person", func(t *testing.T) {
		p := newPurse(t, roomy)
		a, b := mail.NewID(), mail.NewID()
		waits := func(who mail.ID, yes bool) {
			t.Helper()
			if got, err := p.ReadingWaits(ctx, who); err != nil || got != yes {
				t.Errorf("%v %v", got, err)
			}
		}
		for range access.ReadingsDay {
			waits(a, false)
			fine(t, p.SpendReading(ctx, a, number))
			waits(a, true)
			want(t, p.SpendReading(ctx, a, number), mail.Busy, "error.sms.pause")
			p.clock.goes(access.ReadingPause)
		}
		waits(a, false)
		want(t, p.SpendReading(ctx, a, number), mail.Busy, "error.sms.number")
		waits(a, false) // so that a mail goes at once
		fine(t, p.SpendReading(ctx, b, number))
		p.clock.goes(24 * time.Hour)
		fine(t, p.SpendReading(ctx, a, number))
	})
	t.Run("all together they leave three quarters of the house's day to what opens letters", func(t *testing.T) {
		p := newPurse(t, access.SMSLimits{Countries: []string{"46"}, Number: 100, Letter: 100, Day: 8})
		fine(t, p.SpendReading(ctx, mail.NewID(), number))
		fine(t, p.SpendReading(ctx, mail.NewID(), number))
		want(t, p.SpendReading(ctx, mail.NewID(), number), mail.Busy, "error.sms.day")
		for range 6 {
			fine(t, p.later(mail.NewID(), number))
		}
		want(t, p.later(mail.NewID(), number), mail.Busy, "error.sms.day")
	})
	t.Run("and they go to no other country, nor take from what a letter's own phone gets", func(t *testing.T) {
		p := newPurse(t, roomy)
		want(t, p.SpendReading(ctx, mail.NewID(), "+447012345678"), mail.Invalid, "error.own.country")
		fine(t, p.SpendReading(ctx, mail.NewID(), number))
		fine(t, p.Spend(ctx, mail.NewID(), number))
	})
}
