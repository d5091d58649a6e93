package access_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sigill/appliance/access"
	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// factored is a house whose person has an app, a phone and printed codes.
type factored struct {
	house
	codes []access.SignInCode
	key   access.TOTPKey
}

func newFactored(t *testing.T) factored {
	t.Helper()
	h := factored{house: newHouse(t), key: access.NewTOTPKey()}
	h.people.factor = access.Factor{Key: h.key, Phone: "+46701234567", At: h.clock.Now()}
	return h
}

// printed gives the person a set of codes, which costs ten Argon2id.
func (h *factored) printed(t *testing.T) {
	t.Helper()
	codes, keep, err := access.NewSignInCodes(ctx, h.people.app, keyring.NewStretcher(cheap, 2, nil), h.people.person.ID)
	fine(t, err)
	h.codes, h.people.factor.Codes = codes, keep
}

// code is what the app shows now, or some steps away.
func (h factored) code(steps int) string {
	s, err := totp.GenerateCode(h.key.Text(), h.clock.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		panic(err)
	}
	return s
}

// wrong is a code that is none of those that are good now.
func (h factored) wrong() string {
	for i := range 10 {
		s := fmt.Sprintf("%06d", i)
		if _, ok := h.key.Match(s, h.clock.Now()); !ok {
			return s
		}
	}
	panic("all are right")
}

// waits gives the password from a browser with this mark.
func (h factored) waits(t *testing.T, device string) access.Token {
	t.Helper()
	e, err := h.SignIn.Password(ctx, anna, password, access.Caller{Network: ip("192.0.2.1"), Device: device, Agent: access.Agent{Browser: "Firefox", System: "Linux"}})
	fine(t, err)
	if e.Session != nil || e.Pending == nil || e.Pending.Enrols() {
		t.Fatalf("the password alone leads to %+v", e)
	}
	return e.Token
}

func (h factored) second(token access.Token, typed string) error {
	_, err := h.Second(ctx, token, access.ByCode, typed)
	return err
}

func TestSecondStep(t *testing.T) {
	t.Parallel()
	t.Run("the password alone makes no session, and the app's code does", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		token := h.waits(t, "")
		if _, ok := h.Tokens.Get(token); ok || len(h.Sessions(h.people.person.ID)) != 0 {
			t.Fatal("there is a session")
		}
		e, err := h.Second(ctx, token, access.ByCode, h.code(0)[:3]+" "+h.code(0)[3:])
		fine(t, err)
		if e.Session == nil || !e.Session.Key.Seed().Equal(h.seed) {
			t.Fatalf("%+v", e)
		}
		if _, ok := h.Pending(token); ok {
			t.Error("the sign-in still waits")
		}
	})
	t.Run("a code is good once, and so are those before it, even if the clock is set back", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		used, before := h.code(0), h.code(-1)
		fine(t, h.second(h.waits(t, ""), used))
		token := h.waits(t, "")
		want(t, h.second(token, used), mail.Invalid, "error.second")
		want(t, h.second(token, before), mail.Invalid, "error.second")
		h.clock.turned(-time.Minute)
		want(t, h.second(token, used), mail.Invalid, "error.second")
		h.clock.turned(time.Minute)
		h.clock.goes(30 * time.Second)
		fine(t, h.second(token, h.code(0)))
	})
	t.Run("a printed code is good once, with one Argon2id for a try", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		h.printed(t)
		fine(t, h.second(h.waits(t, ""), strings.ToLower(h.codes[3].Text())))
		want(t, h.second(h.waits(t, ""), h.codes[3].Text()), mail.Invalid, "error.second")
		fine(t, h.second(h.waits(t, ""), h.codes[9].Text()))
		want(t, h.second(h.waits(t, ""), access.NewSignInCode().Text()), mail.Invalid, "error.second")
		if n := len(h.people.factor.Codes.Hashes); n != 8 {
			t.Errorf("%d are left", n)
		}
	})
	t.Run("a PIN to the reserve phone is good for the sign-in that asked for it, and for no other", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		one, two := h.waits(t, ""), h.waits(t, "")
		p, _ := h.Pending(one)
		pin, err := h.config.PINs.Make(p.PIN())
		fine(t, err)
		if _, err := h.Second(ctx, two, access.ByPIN, pin); mail.KindOf(err) != mail.Gone {
			t.Errorf("another sign-in: %v", err)
		}
		if err := h.second(one, pin); pin != h.code(0) && mail.KindOf(err) != mail.Invalid {
			t.Errorf("as a code of the app: %v", err)
		}
		_, err = h.Second(ctx, one, access.ByPIN, pin)
		fine(t, err)
	})
	t.Run("what cannot be a code is no try", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		token := h.waits(t, "")
		for range 30 {
			for _, s := range []string{"", "12345", "1234567", "hej", strings.Repeat("1", 1000)} {
				want(t, h.second(token, s), mail.Invalid, "error.second.form")
			}
		}
		if _, err := h.Enrolled(ctx, token); mail.KindOf(err) != mail.Denied {
			t.Errorf("past the second step: %v", err)
		}
		fine(t, h.second(token, h.code(0)))
	})
	t.Run("it waits for ten minutes and no longer, however often it is looked at", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		token := h.waits(t, "")
		for range 9 {
			h.clock.goes(time.Minute)
			if _, ok := h.Pending(token); !ok {
				t.Fatal("over too early")
			}
		}
		h.clock.goes(time.Minute)
		want(t, h.second(token, h.code(0)), mail.Denied, "error.signin")
	})
	t.Run("a password that was changed meanwhile opens nothing", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		token := h.waits(t, "")
		box, err := h.config.Stretch.SealSeedByPassword(ctx, h.people.person.ID, []byte("another password"), h.people.login.Slot, h.seed)
		fine(t, err)
		h.people.login.Box = box
		want(t, h.second(token, h.code(0)), mail.Denied, "error.signin")
	})
	t.Run("a wrong password is told the same, whether there is a second factor or not", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		_, wrong := h.SignIn.Password(ctx, anna, "wrong", access.Caller{Network: ip("192.0.2.1")})
		h.people.factor = access.Factor{}
		_, without := h.SignIn.Password(ctx, anna, "wrong", access.Caller{Network: ip("192.0.2.1")})
		want(t, wrong, mail.Denied, "error.signin")
		want(t, without, mail.Denied, "error.signin")
	})
	t.Run("one button pressed many times makes one session", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		token, code := h.waits(t, ""), h.code(0)
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() { _ = h.second(token, code) })
		}
		wait.Wait()
		if n := len(h.Sessions(h.people.person.ID)); n != 1 {
			t.Errorf("%d sessions", n)
		}
	})
}

func TestSecondStepIsBounded(t *testing.T) {
	t.Parallel()
	busy := func(t *testing.T, err error) { t.Helper(); want(t, err, mail.Busy, "error.second.wait") }
	t.Run("ten wrong ones in a row, then a pause that doubles, and a mail for each", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		token := h.waits(t, "")
		for range 10 {
			want(t, h.second(token, h.wrong()), mail.Invalid, "error.second")
		}
		for i, pause := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour, 24 * time.Hour, 24 * time.Hour} {
			if n := len(h.told()); n != i+1 {
				t.Fatalf("%d mails after %d pauses", n, i)
			}
			busy(t, h.second(token, h.code(0)))
			h.clock.goes(pause - time.Second)
			token = h.waits(t, "")
			busy(t, h.second(token, h.code(0)))
			h.clock.goes(time.Second)
			want(t, h.second(token, h.wrong()), mail.Invalid, "error.second")
		}
		h.clock.goes(24 * time.Hour)
		fine(t, h.second(h.waits(t, ""), h.code(0)))
		h.clock.goes(time.Minute)
		token = h.waits(t, "")
		for range 9 {
			want(t, h.second(token, h.wrong()), mail.Invalid, "error.second")
		}
		fine(t, h.second(token, h.code(0)))
	})
	t.Run("a stranger who has the password does not lock the owner out of a known browser", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		e, err := h.Second(ctx, h.waits(t, ""), access.ByCode, h.code(0))
		fine(t, err)
		mark := h.MarkDevice("", e.Session)
		h.clock.goes(time.Minute)
		stranger := h.waits(t, "")
		for range 10 {
			_ = h.second(stranger, h.wrong())
		}
		busy(t, h.second(stranger, h.code(0)))
		fine(t, h.second(h.waits(t, mark), h.code(0)))
		busy(t, h.second(stranger, h.wrong())) // and what is right there takes nothing back here
	})
	// compared is how many of these many wrong ones from each browser are compared.
	compared := func(h factored, t *testing.T, marks []string, each int) (n int) {
		t.Helper()
		for _, mark := range marks {
			token := h.waits(t, mark)
			for range each {
				switch err := h.second(token, h.wrong()); mail.KindOf(err) {
				case mail.Invalid:
					n++
				default:
					busy(t, err)
				}
			}
		}
		return n
	}
	t.Run("browsers that were known before the factor was set up, or was another one, give no tries", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		now := h.people.factor
		h.people.factor = access.Factor{}
		var marks []string
		for range 4 {
			marks = append(marks, h.home(t, ""))
		}
		h.people.factor = access.Factor{Key: h.key, At: now.At.Add(-time.Hour)}
		for range 2 {
			h.clock.goes(30 * time.Second)
			e, err := h.Second(ctx, h.waits(t, ""), access.ByCode, h.code(0))
			fine(t, err)
			marks = append(marks, h.MarkDevice("", e.Session))
		}
		h.people.factor = now
		if n := compared(h, t, marks, 11); n != 10 {
			t.Errorf("%d were compared", n)
		}
	})
	t.Run("fifty wrong ones in a week, from however many browsers at which the factor was shown, and right ones are none of them", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		var marks []string
		for range 7 {
			h.clock.goes(30 * time.Second)
			e, err := h.Second(ctx, h.waits(t, ""), access.ByCode, h.code(0))
			fine(t, err)
			marks = append(marks, h.MarkDevice("", e.Session))
		}
		if n := compared(h, t, marks, 10); n != 50 {
			t.Errorf("%d were compared", n)
		}
		if n := len(h.told()); n != 5 {
			t.Errorf("%d mails", n)
		}
		h.clock.goes(6 * 24 * time.Hour)
		busy(t, h.second(h.waits(t, marks[6]), h.code(0)))
		h.clock.goes(24 * time.Hour)
		fine(t, h.second(h.waits(t, marks[6]), h.code(0)))
	})
	t.Run("many tries at the same moment are compared no oftener", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		token, wrong := h.waits(t, ""), h.wrong()
		var mu sync.Mutex
		compared := 0
		var wait sync.WaitGroup
		for range 60 {
			wait.Go(func() {
				if err := h.second(token, wrong); mail.KindOf(err) == mail.Invalid {
					mu.Lock()
					compared++
					mu.Unlock()
				}
			})
		}
		wait.Wait()
		if compared > 10 {
			t.Errorf("%d were compared", compared)
		}
	})
	t.Run("a try that was counted and never compared, as by a crash, is not given back", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		token := h.waits(t, "")
		for range 10 {
			broken, cancel := context.WithCancel(ctx)
			h.people.crash = func() error { cancel(); return context.Canceled }
			if _, err := h.Second(broken, token, access.ByCode, h.wrong()); mail.KindOf(err) == mail.Invalid {
				t.Fatal("compared")
			}
			h.people.crash = nil
		}
		busy(t, h.second(h.waits(t, ""), h.code(0)))
	})
	t.Run("in a pause nothing is sent to the phone either", func(t *testing.T) {
		t.Parallel()
		h := newFactored(t)
		token := h.waits(t, "")
		for range 10 {
			_ = h.second(token, h.wrong())
		}
		p, _ := h.Pending(token)
		busy(t, h.CanTry(ctx, p))
	})
}

// told are the mails about locks.
func (h factored) told() (list []mail.Notice) {
	for _, n := range h.people.told {
		if n.Kind == mail.NoticeSecondLocked {
			list = append(list, n)
		}
	}
	return list
}

func TestSecondFactorRequired(t *testing.T) {
	t.Parallel()
	from := newClock().now.Add(24 * time.Hour)
	h := newHouse(t)
	h.config.Required = func(mail.Person) (time.Time, bool) { return from, true }
	h.SignIn = access.NewSignIn(h.config)
	enter := func() access.Entry {
		t.Helper()
		e, err := h.SignIn.Password(ctx, anna, password, access.Caller{Network: ip("192.0.2.1")})
		fine(t, err)
		return e
	}
	t.Run("before the day it is a hint", func(t *testing.T) {
		if e := enter(); e.Session == nil || !e.Session.Wanted().Equal(from) {
			t.Errorf("%+v", e)
		}
	})
	h.clock.goes(24 * time.Hour)
	t.Run("from the day on there is no session before there is a factor", func(t *testing.T) {
		e := enter()
		if e.Session != nil || e.Pending == nil || !e.Pending.Enrols() {
			t.Fatalf("%+v", e)
		}
		if _, err := h.Second(ctx, e.Token, access.ByCode, "123456"); mail.KindOf(err) != mail.Denied {
			t.Errorf("a second step: %v", err)
		}
		e2 := e.Pending.Enrolment()
		code, err := totp.GenerateCode(e2.Key().Text(), h.clock.Now())
		fine(t, err)
		if _, err := h.Confirm(e2, "x"+code[1:]); mail.KindOf(err) != mail.Invalid {
			t.Error("confirmed by nothing")
		}
		_, err = h.Confirm(e2, code)
		fine(t, err)
		if _, err := h.Enrolled(ctx, e.Token); mail.KindOf(err) != mail.Denied {
			t.Errorf("in without a factor: %v", err)
		}
		h.people.factor = access.Factor{Key: e2.Key()}
		defer func() { h.people.factor = access.Factor{} }()
		in, err := h.Enrolled(ctx, e.Token)
		fine(t, err)
		if in.Session == nil || !in.Session.Wanted().IsZero() {
			t.Errorf("%+v", in)
		}
	})
	t.Run("who has an hour finds and installs an app in it", func(t *testing.T) {
		e := enter()
		h.clock.goes(59 * time.Minute)
		if _, ok := h.Pending(e.Token); !ok {
			t.Error("over")
		}
		h.clock.goes(time.Minute)
		if _, ok := h.Pending(e.Token); ok {
			t.Error("not over")
		}
	})
}

func TestOwnPhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, s, err := h.Password(ctx, anna, password, ip("192.0.2.1"), "")
	fine(t, err)
	e := s.Enrolment()
	pinTo := func(to mail.Phone) string {
		pin, err := h.config.PINs.Make(e.Ask(to))
		fine(t, err)
		return pin
	}
	t.Run("a number's PIN proves no other number", func(t *testing.T) {
		first := pinTo("+46701234567")
		if second := pinTo("+46707654321"); first != second {
			if err := h.ProvePhone(ctx, s.Person.ID, e, first); mail.KindOf(err) != mail.Invalid {
				t.Errorf("%v", err)
			}
		}
		if e.Proven() != "" {
			t.Error("proven")
		}
		pin := pinTo("+46707654321")
		fine(t, h.ProvePhone(ctx, s.Person.ID, e, pin))
		if e.Proven() != "+46707654321" {
			t.Errorf("%s", e.Proven())
		}
	})
	t.Run("25 wrong ones in a month, however many numbers and PINs", func(t *testing.T) {
		right, wrong := 0, 0
		for i := range 40 {
			pin := pinTo(mail.Phone(fmt.Sprintf("+4670123%04d", i)))
			bad := "000000"
			if pin == bad {
				bad = "000001"
			}
			err := h.ProvePhone(ctx, s.Person.ID, e, bad)
			switch mail.KindOf(err) {
			case mail.Invalid:
				wrong++
			case mail.Busy:
				want(t, err, mail.Busy, "error.own.tries")
			default:
				t.Fatal(err)
			}
			right++
		}
		if wrong > 25 || wrong < 24 {
			t.Errorf("%d of %d were compared", wrong, right)
		}
	})
}

func TestSpendOwn(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := access.NewBudget(newCounter(t, c), newApp(), access.DefaultSMSLimits)
	me := mail.NewID()
	t.Run("ten a day, to whatever numbers", func(t *testing.T) {
		for i := range 12 {
			err := b.SpendOwn(ctx, me, mail.Phone(fmt.Sprintf("+4670123%04d", i)))
			if i < 10 {
				fine(t, err)
			} else {
				want(t, err, mail.Busy, "error.own.person")
			}
		}
	})
	t.Run("for years", func(t *testing.T) {
		for range 60 {
			c.goes(24 * time.Hour)
			fine(t, b.SpendOwn(ctx, me, "+46701234567"))
		}
	})
	t.Run("to allowed countries, once a minute and five a day for a number", func(t *testing.T) {
		want(t, b.SpendOwn(ctx, me, "+12025550123"), mail.Invalid, "error.own.country")
		want(t, b.SpendOwn(ctx, me, "+46701234567"), mail.Busy, "error.sms.pause")
		for range 4 {
			c.goes(time.Minute)
			fine(t, b.SpendOwn(ctx, me, "+46701234567"))
		}
		c.goes(time.Minute)
		want(t, b.SpendOwn(ctx, mail.NewID(), "+46701234567"), mail.Busy, "error.sms.number")
	})
}

func TestSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	in := func(agent access.Agent) (access.Token, *access.Session) {
		t.Helper()
		e, err := h.SignIn.Password(ctx, anna, password, access.Caller{Network: ip("192.0.2.1"), Agent: agent})
		fine(t, err)
		return e.Token, e.Session
	}
	one, first := in(access.Agent{Browser: "Firefox", System: "Windows"})
	h.clock.goes(10 * time.Minute)
	two, second := in(access.Agent{Browser: "Safari", System: "iPhone"})
	t.Run("they are listed with when they were used, the last one first", func(t *testing.T) {
		list := h.Sessions(h.people.person.ID)
		now := h.clock.Now()
		if len(list) != 2 || list[0].ID != second.ID || list[1].ID != first.ID || list[1].Agent.Browser != "Firefox" || !list[1].Seen.Equal(now.Add(-10*time.Minute)) || !list[0].Seen.Equal(now) {
			t.Errorf("%+v", list)
		}
		if len(h.Sessions(mail.NewID())) != 0 {
			t.Error("somebody else sees them")
		}
	})
	t.Run("nobody ends another's", func(t *testing.T) {
		h.End(mail.NewID(), first.ID)
		if _, ok := h.Tokens.Get(one); !ok {
			t.Error("ended")
		}
	})
	t.Run("one ends at once", func(t *testing.T) {
		if ended := h.End(h.people.person.ID, first.ID); len(ended) != 1 || ended[0] != first {
			t.Errorf("%v", ended)
		}
		if _, ok := h.Tokens.Get(one); ok {
			t.Error("it lives")
		}
	})
	t.Run("all others end, and what waits for its second step", func(t *testing.T) {
		three, _ := in(access.Agent{})
		h.people.factor = access.Factor{Key: access.NewTOTPKey()}
		e, err := h.SignIn.Password(ctx, anna, password, access.Caller{Network: ip("192.0.2.1")})
		fine(t, err)
		h.EndOthers(second)
		_, a := h.Tokens.Get(two)
		_, b := h.Tokens.Get(three)
		_, c := h.Pending(e.Token)
		if !a || b || c {
			t.Error(a, b, c)
		}
	})
}

func TestStepUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token, s, err := h.Password(ctx, anna, password, ip("192.0.2.1"), "")
	fine(t, err)
	t.Run("the sign-in itself counts for five minutes", func(t *testing.T) {
		if !h.SteppedUp(s) {
			t.Error("not at first")
		}
		h.clock.turned(-time.Hour) // a wall that is set back makes it no longer
		h.clock.goes(5 * time.Minute)
		if h.SteppedUp(s) {
			t.Error("still")
		}
	})
	t.Run("a wrong password does not, and ten wrong ones close it for a quarter of an hour", func(t *testing.T) {
		for range 10 {
			_, err := h.Prove(ctx, token, s, "wrong")
			want(t, err, mail.Denied, "error.prove")
		}
		_, err := h.Prove(ctx, token, s, password)
		want(t, err, mail.Busy, "error.signin.wait")
		if h.SteppedUp(s) {
			t.Error("stepped up")
		}
		h.clock.goes(15 * time.Minute)
	})
	t.Run("the right one does, under another token", func(t *testing.T) {
		fresh, err := h.Prove(ctx, token, s, password)
		fine(t, err)
		_, old := h.Tokens.Get(token)
		again, ok := h.Tokens.Get(fresh)
		if !h.SteppedUp(s) || old || !ok || again != s {
			t.Error(old, ok)
		}
	})
}

func TestStepUpFromTheFirstStep(t *testing.T) {
	t.Parallel()
	h := newFactored(t)
	token := h.waits(t, "")
	h.clock.goes(4 * time.Minute)
	e, err := h.Second(ctx, token, access.ByCode, h.code(0))
	fine(t, err)
	t.Run("what counts is when the password was given, not when the second step was taken", func(t *testing.T) {
		if !h.SteppedUp(e.Session) {
			t.Error("not after four minutes")
		}
		h.clock.goes(time.Minute)
		if h.SteppedUp(e.Session) {
			t.Error("still after five")
		}
	})
}

func TestNewSignInIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	told := func() int { return len(h.people.told) }
	firefox := access.Caller{Network: ip("192.0.2.1"), Agent: access.Agent{Browser: "Firefox", System: "Windows"}}
	e, err := h.SignIn.Password(ctx, anna, password, firefox)
	fine(t, err)
	t.Run("not of the first one ever", func(t *testing.T) {
		if told() != 0 {
			t.Errorf("%d", told())
		}
	})
	t.Run("not of one in a browser that is known", func(t *testing.T) {
		known := firefox
		known.Device = h.MarkDevice("", e.Session)
		_, err := h.SignIn.Password(ctx, anna, password, known)
		fine(t, err)
		if told() != 0 {
			t.Errorf("%d", told())
		}
	})
	t.Run("of one in another", func(t *testing.T) {
		_, err := h.SignIn.Password(ctx, anna, password, firefox)
		fine(t, err)
		if told() != 1 || h.people.told[0].Kind != mail.NoticeDevice || h.people.told[0].Browser != "Firefox" || h.people.told[0].System != "Windows" {
			t.Errorf("%v", h.people.told)
		}
	})
	t.Run("and not of a wrong password", func(t *testing.T) {
		_, _, _ = h.Password(ctx, anna, "wrong", netip.MustParseAddr("192.0.2.9"), "")
		if told() != 1 {
			t.Errorf("%d", told())
		}
	})
}
