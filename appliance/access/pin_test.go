package access_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/mail"
)

// tries writes down what the letter's count was asked, in order.
type tries struct {
	mu     sync.Mutex
	said   []string
	locked bool
	broken error
	meet   *sync.WaitGroup // who counts waits here for the others
}

func (l *tries) say(s string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, s)
	return l.broken
}

func (l *tries) CountTry(context.Context, mail.ID) error {
	if err := l.say("count"); err != nil {
		return err
	}
	if l.meet != nil {
		l.meet.Done()
		l.meet.Wait()
	}
	if l.locked {
		return mail.E(mail.Locked, "error.locked", nil)
	}
	return nil
}
func (l *tries) TryWasRight(context.Context, mail.ID) error { return l.say("right") }
func (l *tries) TryWasWrong(context.Context, mail.ID) error { return l.say("wrong") }

func (l *tries) expect(t *testing.T, words ...string) {
	t.Helper()
	if !slices.Equal(l.said, words) {
		t.Errorf("the letter's count heard %v, want %v", l.said, words)
	}
	l.said = nil
}

// other is a PIN of six digits that is not pin.
func other(pin string) string {
	if pin == "000000" {
		return "000001"
	}
	return "000000"
}

func TestPINs(t *testing.T) {
	c, log := newClock(), &tries{}
	set := access.NewPINs(c, log)
	start := func(t *testing.T) (mail.ID, string) {
		t.Helper()
		*log = tries{}
		id := mail.NewID()
		pin, err := set.Make(id)
		fine(t, err)
		return id, pin
	}
	t.Run("a PIN has six digits, and the next is another", func(t *testing.T) {
		seen := map[string]bool{}
		for range 20 {
			_, pin := start(t)
			if !regexp.MustCompile(`^[0-9]{6}$`).MatchString(pin) {
				t.Errorf("%q", pin)
			}
			seen[pin] = true
		}
		if len(seen) < 15 {
			t.Errorf("%d different ones of 20", len(seen))
		}
	})
	t.Run("the right PIN lets in once only", func(t *testing.T) {
		id, pin := start(t)
		fine(t, set.Check(ctx, id, pin))
		log.expect(t, "count", "right")
		want(t, set.Check(ctx, id, pin), mail.Gone, "error.pin.none")
		log.expect(t)
	})
	t.Run("it may be typed with blanks and dashes", func(t *testing.T) {
		id, pin := start(t)
		fine(t, set.Check(ctx, id, " "+pin[:3]+" - "+pin[3:]+"\n"))
	})
	t.Run("more digits than it has are wrong, though the right ones are the first", func(t *testing.T) {
		id, pin := start(t)
		want(t, set.Check(ctx, id, pin+"7"), mail.Invalid, "error.pin")
		want(t, set.Check(ctx, id, pin+strings.Repeat("7", 1<<20)), mail.Invalid, "error.pin")
		want(t, set.Check(ctx, id, ""), mail.Invalid, "error.pin")
	})
	t.Run("one letter's PIN opens no other", func(t *testing.T) {
		_, pin := start(t)
		id, mine := start(t)
		if pin == mine {
			t.Skip("the same PIN twice, once in a million")
		}
		want(t, set.Check(ctx, id, pin), mail.Invalid, "error.pin")
		want(t, set.Check(ctx, mail.NewID(), mine), mail.Gone, "error.pin.none")
	})
	t.Run("there is one at a time: the next one ends the one before, and has tries of its own", func(t *testing.T) {
		id, old := start(t)
		for range access.PINTries - 1 {
			want(t, set.Check(ctx, id, other(old)), mail.Invalid, "error.pin")
		}
		pin, err := set.Make(id)
		fine(t, err)
		if old != pin {
			want(t, set.Check(ctx, id, old), mail.Invalid, "error.pin")
		}
		fine(t, set.Check(ctx, id, pin))
	})
	t.Run("ten minutes later it is over", func(t *testing.T) {
		id, pin := start(t)
		c.goes(access.PINLife - time.Second)
		if left, ok := set.Pending(id); !ok || left != time.Second {
			t.Error(left, ok)
		}
		c.turned(-time.Hour) // of no help
		c.goes(time.Second)
		if _, ok := set.Pending(id); ok {
			t.Error("still under way")
		}
		want(t, set.Check(ctx, id, pin), mail.Gone, "error.pin.none")
		log.expect(t)
	})
	t.Run("and until then it is good", func(t *testing.T) {
		id, pin := start(t)
		c.goes(access.PINLife - 1)
		fine(t, set.Check(ctx, id, pin))
	})
	t.Run("five wrong ones end it, and each but the last says how many are left", func(t *testing.T) {
		id, pin := start(t)
		for left := access.PINTries - 1; left > 0; left-- {
			err := set.Check(ctx, id, other(pin))
			want(t, err, mail.Invalid, "error.pin")
			var e *mail.Error
			if !errors.As(err, &e) || e.With["Left"] != fmt.Sprint(left) {
				t.Errorf("%v, want %d", e.With, left)
			}
		}
		if _, ok := set.Pending(id); !ok {
			t.Error("not under way any more, though a try is left")
		}
		want(t, set.Check(ctx, id, other(pin)), mail.Gone, "error.pin.used")
		want(t, set.Check(ctx, id, pin), mail.Gone, "error.pin.none")
		if _, ok := set.Pending(id); ok {
			t.Error("still under way")
		}
		if n := len(log.said); n != 2*access.PINTries {
			t.Errorf("%d words for the letter's count", n)
		}
	})
	t.Run("the fifth try may be the right one", func(t *testing.T) {
		id, pin := start(t)
		for range access.PINTries - 1 {
			want(t, set.Check(ctx, id, other(pin)), mail.Invalid, "error.pin")
		}
		fine(t, set.Check(ctx, id, pin))
	})
	t.Run("a letter that nobody asked a PIN for counts nothing", func(t *testing.T) {
		*log = tries{}
		want(t, set.Check(ctx, mail.NewID(), "123456"), mail.Gone, "error.pin.none")
		log.expect(t)
	})
}

func TestPINCounts(t *testing.T) {
	c := newClock()
	start := func(t *testing.T) (*access.PINs, *tries, mail.ID, string) {
		t.Helper()
		log, id := &tries{}, mail.NewID()
		set := access.NewPINs(c, log)
		pin, err := set.Make(id)
		fine(t, err)
		return set, log, id, pin
	}
	t.Run("a try is counted before it is compared, so what cannot be counted is not compared", func(t *testing.T) {
		set, log, id, pin := start(t)
		log.broken = errors.New("disk")
		for range access.PINTries {
			if err := set.Check(ctx, id, pin); !errors.Is(err, log.broken) {
				t.Errorf("the right PIN: %v", err)
			}
		}
		log.broken = nil
		want(t, set.Check(ctx, id, pin), mail.Gone, "error.pin.none") // those were all its tries
		if slices.Contains(log.said, "right") || slices.Contains(log.said, "wrong") {
			t.Errorf("%v", log.said)
		}
	})
	t.Run("a locked letter takes not even the right one, and closes what a crash left open", func(t *testing.T) {
		set, log, id, pin := start(t)
		log.locked = true
		if err := set.Check(ctx, id, pin); mail.KindOf(err) != mail.Locked {
			t.Error(err)
		}
		log.expect(t, "count", "wrong")
	})
	t.Run("of five who have the right PIN at the same moment one comes in", func(t *testing.T) {
		set, log, id, pin := start(t)
		log.meet = &sync.WaitGroup{}
		log.meet.Add(access.PINTries)
		var in atomic.Int32
		together(access.PINTries, func() {
			if set.Check(ctx, id, pin) == nil {
				in.Add(1)
			}
		})
		if in.Load() != 1 {
			t.Errorf("%d came in", in.Load())
		}
	})
	t.Run("of a hundred wrong ones at once five are compared", func(t *testing.T) {
		set, log, id, pin := start(t)
		together(100, func() { _ = set.Check(ctx, id, other(pin)) })
		n := 0
		for _, s := range log.said {
			if s == "wrong" {
				n++
			}
		}
		if n != access.PINTries || len(log.said) != 2*access.PINTries {
			t.Errorf("%d compared, %d words", n, len(log.said))
		}
	})
}

// together does f n times at once.
func together(n int, f func()) {
	var all sync.WaitGroup
	for range n {
		all.Go(f)
	}
	all.Wait()
}
