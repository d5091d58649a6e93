package access_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/mail"
)

const number = mail.Phone("+46701234567")

// purse is a budget over a store of its own.
type purse struct {
	*access.Budget
	clock *clock
	limit *access.SMSLimits
}

func newPurse(t *testing.T, l access.SMSLimits) purse {
	t.Helper()
	c := newClock()
	p := purse{clock: c, limit: &l}
	p.Budget = access.NewBudget(newCounter(t, c), newApp(), func() access.SMSLimits { return *p.limit })
	return p
}

// later spends one SMS after the pause.
func (p purse) later(letter mail.ID, to mail.Phone) error {
	p.clock.goes(time.Minute)
	return p.Spend(ctx, letter, to)
}

func (p purse) today(t *testing.T) int64 {
	t.Helper()
	n, _, err := p.Today(ctx)
	fine(t, err)
	return n
}

var roomy = access.SMSLimits{Countries: []string{"46", "358"}, Number: 1000, Letter: 1000, Day: 1000}

func TestBudget(t *testing.T) {
	letter := mail.NewID()
	t.Run("only numbers of the countries that are named get an SMS, and the others cost nothing", func(t *testing.T) {
		p := newPurse(t, roomy)
		for _, to := range []mail.Phone{"+4512345678", "+3512345678", "+1467012345", "+447012345678", "46701234567", "+"} {
			want(t, p.Spend(ctx, letter, to), mail.Invalid, "error.sms.country")
		}
		fine(t, p.Spend(ctx, letter, "+358401234567"))
		if n := p.today(t); n != 1 {
			t.Errorf("%d spent", n)
		}
		p.limit.Countries = []string{""}
		want(t, p.Spend(ctx, letter, number), mail.Invalid, "error.sms.country")
	})
	t.Run("limits that nobody has set send nothing", func(t *testing.T) {
		p := newPurse(t, access.SMSLimits{})
		want(t, p.Spend(ctx, letter, number), mail.Invalid, "error.sms.country")
		p = newPurse(t, access.SMSLimits{Countries: []string{"46"}})
		want(t, p.Spend(ctx, letter, number), mail.Busy, "error.sms.number")
	})
	t.Run("who waits is told how long, and no longer than the minute, whatever the clock does", func(t *testing.T) {
		p := newPurse(t, roomy)
		left := func(most, least time.Duration) {
			t.Helper()
			d, err := p.Pause(ctx, number)
			fine(t, err)
			if d > most || d < least {
				t.Errorf("%v left", d)
			}
		}
		left(0, 0)
		fine(t, p.Spend(ctx, letter, number))
		left(time.Minute, time.Minute)
		p.clock.goes(18 * time.Second)
		left(42*time.Second, 42*time.Second)
		p.clock.goes(-48 * time.Hour)
		left(time.Minute, time.Minute)
		p.clock.goes(48 * time.Hour)
		fine(t, p.GiveBack(ctx, number))
		left(0, 0)
	})
	t.Run("between two to one number lies a minute, whoever asks", func(t *testing.T) {
		p := newPurse(t, roomy)
		fine(t, p.Spend(ctx, letter, number))
		want(t, p.Spend(ctx, mail.NewID(), number), mail.Busy, "error.sms.pause")
		fine(t, p.Spend(ctx, letter, "+46707654321"))
		p.clock.goes(time.Minute - time.Millisecond)
		want(t, p.Spend(ctx, letter, number), mail.Busy, "error.sms.pause")
		p.clock.goes(time.Millisecond)
		fine(t, p.Spend(ctx, letter, number))
	})
	for _, c := range []struct {
		name   string
		limits func(l *access.SMSLimits)
		say    string
		most   int
		after  time.Duration // then there are as many again
		letter bool          // each for a letter of its own
		number bool          // each to a number of its own
	}{
		{"a number gets five a day, from however many letters", func(l *access.SMSLimits) { l.Number = 5 }, "error.sms.number", 5, 24 * time.Hour, true, false},
		{"a letter has seven in its life, to whatever number", func(l *access.SMSLimits) { l.Letter = 7 }, "error.sms.letter", 7, 400 * 24 * time.Hour, false, true},
		{"the house has nine a day", func(l *access.SMSLimits) { l.Day = 9 }, "error.sms.day", 9, 24 * time.Hour, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			limits := roomy
			c.limits(&limits)
			p := newPurse(t, limits)
			spend := func(i int) error {
				l, to := letter, number
				if c.letter {
					l = mail.NewID()
				}
				if c.number {
					to = mail.Phone(fmt.Sprintf("+4670000%04d", i))
				}
				return p.later(l, to)
			}
			p.clock.goes(-time.Minute) // so that the first is at the start of the window
			start := p.clock.Now().Add(time.Minute)
			for i := range c.most {
				fine(t, spend(i))
			}
			for i := range 3 {
				want(t, spend(c.most+i), mail.Busy, c.say)
			}
			p.clock.goes(start.Add(c.after-time.Millisecond).Sub(p.clock.Now()) - time.Minute)
			want(t, spend(98), mail.Busy, c.say)
			p.clock.goes(time.Millisecond - time.Minute)
			for i := range c.most {
				fine(t, spend(i))
			}
		})
	}
	t.Run("presses that send nothing eat no other budget", func(t *testing.T) {
		limits := roomy
		limits.Number = 2
		p := newPurse(t, limits)
		fine(t, p.Spend(ctx, letter, number))
		for range 5 {
			want(t, p.Spend(ctx, letter, number), mail.Busy, "error.sms.pause")
		}
		fine(t, p.later(letter, number))
		for range 5 {
			want(t, p.later(letter, number), mail.Busy, "error.sms.number")
		}
		if n := p.today(t); n != 2 {
			t.Errorf("%d of the day's are gone", n)
		}
		p.limit.Number, p.limit.Letter = 3, 3
		fine(t, p.later(letter, number))
	})
	t.Run("of fifty presses at the same moment one gets an SMS", func(t *testing.T) {
		p := newPurse(t, roomy)
		var sent atomic.Int32
		together(50, func() {
			if p.Spend(ctx, letter, number) == nil {
				sent.Add(1)
			}
		})
		if sent.Load() != 1 {
			t.Errorf("%d were sent", sent.Load())
		}
	})
	t.Run("what was sent today is said, and never as more than may be", func(t *testing.T) {
		limits := roomy
		limits.Day = 2
		p := newPurse(t, limits)
		for i := range 3 {
			_ = p.later(letter, mail.Phone(fmt.Sprintf("+4670000%04d", i)))
		}
		if n, most, err := p.Today(ctx); n != 2 || most != 2 || err != nil {
			t.Error(n, most, err)
		}
		p.limit.Day = 1
		if n, most, _ := p.Today(ctx); n != 1 || most != 1 {
			t.Error(n, most)
		}
	})
}

func TestGiveBack(t *testing.T) {
	letter := mail.NewID()
	t.Run("who gets nothing from the gateway may ask again at once", func(t *testing.T) {
		p := newPurse(t, roomy)
		fine(t, p.Spend(ctx, letter, number))
		fine(t, p.GiveBack(ctx, number))
		fine(t, p.Spend(ctx, letter, number))
		want(t, p.Spend(ctx, letter, number), mail.Busy, "error.sms.pause")
	})
	t.Run("another number's minute stays", func(t *testing.T) {
		p := newPurse(t, roomy)
		fine(t, p.Spend(ctx, letter, number))
		fine(t, p.GiveBack(ctx, "+46707654321"))
		want(t, p.Spend(ctx, letter, number), mail.Busy, "error.sms.pause")
	})
	t.Run("what is given back twice is there once", func(t *testing.T) {
		p := newPurse(t, roomy)
		fine(t, p.Spend(ctx, letter, number))
		fine(t, p.GiveBack(ctx, number))
		fine(t, p.GiveBack(ctx, number))
		fine(t, p.Spend(ctx, letter, number))
		want(t, p.Spend(ctx, letter, number), mail.Busy, "error.sms.pause")
	})
	t.Run("a gateway that always refuses is asked no more often than the limits say", func(t *testing.T) {
		p := newPurse(t, access.SMSLimits{Countries: []string{"46"}, Number: 5, Letter: 15, Day: 2000})
		asked := 0
		for range 100 {
			if p.Spend(ctx, letter, number) == nil {
				asked++
				fine(t, p.GiveBack(ctx, number))
			}
		}
		if asked != 5 || p.today(t) != 5 {
			t.Errorf("asked %d times, the day has lost %d", asked, p.today(t))
		}
		for i := range 50 {
			if to := mail.Phone(fmt.Sprintf("+4670000%04d", i)); p.Spend(ctx, letter, to) == nil {
				asked++
				fine(t, p.GiveBack(ctx, to))
			}
		}
		if asked != 15 {
			t.Errorf("one letter has asked %d times", asked)
		}
	})
}

// deaf counts nothing.
type deaf struct{ err error }

func (d deaf) Count(context.Context, []byte, time.Duration) (int64, error) { return 0, d.err }
func (d deaf) Counted(context.Context, []byte) (int64, error)              { return 0, nil }
func (d deaf) Left(context.Context, []byte) (time.Duration, error)         { return 0, d.err }
func (d deaf) GiveBack(context.Context, []byte) error                      { return d.err }
func (d deaf) Forget(context.Context, []byte) error                        { return d.err }

func TestWhatCannotBeCountedIsNotSent(t *testing.T) {
	broken := deaf{errors.New("disk")}
	b := access.NewBudget(broken, newApp(), access.DefaultSMSLimits)
	if err := b.Spend(ctx, mail.NewID(), number); !errors.Is(err, broken.err) {
		t.Error(err)
	}
}
