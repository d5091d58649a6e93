package access_test

import (
	"fmt"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/mail"
)

// newBudget is a budget with a clock of its own.
func newBudget(t *testing.T, limits access.SMSLimits) (*access.Budget, *clock) {
	c := newClock()
	return access.NewBudget(newCounter(t, c), newApp(), func() access.SMSLimits { return limits }), c
}

func TestSpendNew(t *testing.T) {
	t.Parallel()
	const number = mail.Phone("+46701234567")
	nth := func(i int) mail.Phone { return mail.Phone(fmt.Sprintf("+4670123%04d", i)) }
	t.Run("whatever somebody types, letters and sign-ins to that number have all their SMS", func(t *testing.T) {
		b, c := newBudget(t, access.DefaultSMSLimits())
		for range 2 {
			stranger := mail.NewID()
			for range 5 {
				_ = b.SpendNew(ctx, stranger, number)
				c.goes(time.Minute)
			}
		}
		fine(t, b.SpendNew(ctx, mail.NewID(), nth(1)))
		fine(t, b.Spend(ctx, mail.NewID(), nth(1))) // in the same minute
		for range 5 {
			fine(t, b.Spend(ctx, mail.NewID(), number))
			c.goes(time.Minute)
		}
		b, _ = newBudget(t, access.DefaultSMSLimits())
		fine(t, b.SpendNew(ctx, mail.NewID(), number))
		fine(t, b.SpendOwn(ctx, mail.NewID(), number))
	})
	t.Run("a number gets five a day, whoever types it", func(t *testing.T) {
		b, c := newBudget(t, access.DefaultSMSLimits())
		for range 5 {
			fine(t, b.SpendNew(ctx, mail.NewID(), number))
			want(t, b.SpendNew(ctx, mail.NewID(), number), mail.Busy, "error.sms.pause")
			c.goes(time.Minute)
		}
		want(t, b.SpendNew(ctx, mail.NewID(), number), mail.Busy, "error.sms.number")
		want(t, b.SpendNew(ctx, mail.NewID(), "+12025550123"), mail.Invalid, "error.own.country")
	})
	t.Run("three numbers a week and person, each as often as its day allows", func(t *testing.T) {
		b, c := newBudget(t, access.DefaultSMSLimits())
		me := mail.NewID()
		for i := range 3 {
			fine(t, b.SpendNew(ctx, me, nth(i)))
		}
		want(t, b.SpendNew(ctx, me, nth(3)), mail.Busy, "error.own.numbers")
		c.goes(time.Minute)
		fine(t, b.SpendNew(ctx, me, nth(2)))
		fine(t, b.SpendNew(ctx, mail.NewID(), nth(3))) // another's are not counted with them
		c.goes(8 * 24 * time.Hour)
		fine(t, b.SpendNew(ctx, me, nth(4)))
	})
	t.Run("ten a day and person", func(t *testing.T) {
		b, c := newBudget(t, access.DefaultSMSLimits())
		me := mail.NewID()
		for i := range 10 {
			fine(t, b.SpendNew(ctx, me, nth(i%3)))
			c.goes(time.Minute)
		}
		want(t, b.SpendNew(ctx, me, nth(1)), mail.Busy, "error.own.person")
	})
	t.Run("a quarter of the house's day, so that letters have the rest", func(t *testing.T) {
		l := access.DefaultSMSLimits()
		l.Day = 8
		b, _ := newBudget(t, l)
		for i := range 2 {
			fine(t, b.SpendNew(ctx, mail.NewID(), nth(i)))
		}
		want(t, b.SpendNew(ctx, mail.NewID(), nth(2)), mail.Busy, "error.own.day")
		for i := range 6 {
			fine(t, b.Spend(ctx, mail.NewID(), nth(i)))
		}
	})
	t.Run("what the gateway did not take costs no minute", func(t *testing.T) {
		b, _ := newBudget(t, access.DefaultSMSLimits())
		me := mail.NewID()
		fine(t, b.SpendNew(ctx, me, number))
		fine(t, b.GiveBackNew(ctx, number))
		fine(t, b.SpendNew(ctx, me, number))
	})
}

func TestANumberThatIsProven(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, s, err := h.Password(ctx, anna, password, ip("192.0.2.1"), "")
	fine(t, err)
	b := access.NewBudget(h.config.Count, h.config.App, access.DefaultSMSLimits)
	nth := func(i int) mail.Phone { return mail.Phone(fmt.Sprintf("+4670123%04d", i)) }
	asks := func(i int) error {
		h.clock.goes(time.Minute)
		return b.SpendNew(ctx, s.Person.ID, nth(i))
	}
	proves := func(i int) {
		t.Helper()
		e := s.Enrolment()
		pin, err := h.config.PINs.Make(e.Ask(nth(i)))
		fine(t, err)
		fine(t, h.ProvePhone(ctx, s.Person.ID, e, pin))
	}
	t.Run("is none of the three", func(t *testing.T) {
		for i := range 5 {
			fine(t, asks(i))
			proves(i)
			h.clock.goes(time.Hour)
		}
	})
	t.Run("and makes no room for others by being proven again", func(t *testing.T) {
		fine(t, asks(0))
		for i := 10; i < 12; i++ {
			fine(t, asks(i))
		}
		want(t, asks(12), mail.Busy, "error.own.numbers")
		proves(0)
		fine(t, asks(12))
		want(t, asks(0), mail.Busy, "error.own.numbers")
	})
}

func TestInvitedByAddress(t *testing.T) {
	t.Parallel()
	const invited, number = mail.Address("bo@example.se"), mail.Phone("+46701234567")
	t.Run("an address gets 15 SMS in its invitation's time, however often it is invited, to whatever numbers", func(t *testing.T) {
		b, c := newBudget(t, access.DefaultSMSLimits())
		for i := range 15 {
			fine(t, b.SpendInvited(ctx, "Bo@Example.se", mail.Phone(fmt.Sprintf("+4670123%04d", i))))
			c.goes(5 * 24 * time.Hour)
		}
		want(t, b.SpendInvited(ctx, invited, number), mail.Busy, "error.invited.sms")
		fine(t, b.SpendInvited(ctx, "eva@example.se", number))
		c.goes(20 * 24 * time.Hour)
		fine(t, b.SpendInvited(ctx, invited, number))
	})
	t.Run("and letters to the number lose none by it", func(t *testing.T) {
		b, c := newBudget(t, access.DefaultSMSLimits())
		for range 5 {
			fine(t, b.SpendInvited(ctx, invited, number))
			want(t, b.SpendInvited(ctx, invited, number), mail.Busy, "error.sms.pause")
			c.goes(time.Minute)
		}
		want(t, b.SpendInvited(ctx, "eva@example.se", number), mail.Busy, "error.sms.number")
		want(t, b.SpendInvited(ctx, invited, "+12025550123"), mail.Invalid, "error.own.country")
		fine(t, b.Spend(ctx, mail.NewID(), number))
	})
	t.Run("25 PINs are compared, however often it is invited", func(t *testing.T) {
		h := newHouse(t)
		compared := 0
		try := func(a mail.Address) (err error, right error) {
			e := access.NewEnrolment() // of another visit, by another invitation
			pin, err := h.config.PINs.Make(e.Ask(number))
			fine(t, err)
			bad := "000000"
			if pin == bad {
				bad = "000001"
			}
			return h.ProveInvited(ctx, a, e, bad), h.ProveInvited(ctx, a, e, pin)
		}
		for compared = 0; compared < 30; compared++ {
			e := access.NewEnrolment()
			_, err := h.config.PINs.Make(e.Ask(number))
			fine(t, err)
			err = h.ProveInvited(ctx, invited, e, "x00000")
			if mail.KindOf(err) == mail.Busy {
				break
			}
			want(t, err, mail.Invalid, "error.pin")
		}
		wrong, right := try("BO@example.se")
		want(t, wrong, mail.Busy, "error.invited.tries")
		want(t, right, mail.Busy, "error.invited.tries")
		if compared != 25 {
			t.Errorf("%d were compared", compared)
		}
		_, right = try("eva@example.se")
		fine(t, right)
	})
}
