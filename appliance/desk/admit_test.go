package desk_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// says returns the key and a value of an error's sentence.
func says(err error, name string) (say, value string) {
	var e *mail.Error
	if !errors.As(err, &e) {
		return "", ""
	}
	return e.Say, e.With[name]
}

func TestLook(t *testing.T) {
	h := newHouse(t)
	l := h.letter(letterTo(toAnna()))
	t.Run("a code finds its letter, and looking changes nothing", func(t *testing.T) {
		before := h.holder(l.anna)
		h.store.done = nil
		x := h.look(l.code)
		if x.Message != l.message || x.Kind != mail.CodeGuest || x.Phone != annaPhone || x.Owner.IsZero() || x.Level != mail.Registered || x.Locked || !x.Until.Equal(before.Due()) {
			t.Errorf("%+v", x)
		}
		if after := h.holder(l.anna); len(h.store.done) != 0 || !after.Opened.IsZero() || !after.Seen.IsZero() {
			t.Errorf("%v %+v", h.store.done, after)
		}
	})
	t.Run("an unknown code is absent, and so is one with a wrong character", func(t *testing.T) {
		_, err := h.Look(ctx, mail.NewLinkCode())
		want(t, err, mail.Absent)
		text := []byte(l.code.Text())
		text[0] = map[bool]byte{true: '1', false: '0'}[text[0] == '0']
		c, err := mail.ParseLinkCode(string(text))
		fine(t, err)
		_, err = h.Look(ctx, c)
		want(t, err, mail.Absent)
	})
	t.Run("what is due is over before retention has been there, and the day is said", func(t *testing.T) {
		due := h.holder(l.anna).Due()
		h.clock.goes(due.Sub(h.clock.Now()) - time.Millisecond)
		x := h.look(l.code)
		h.clock.goes(time.Millisecond)
		for _, look := range []func() error{
			func() error { _, err := h.Look(ctx, l.code); return err },
			func() error { _, err := h.Again(ctx, x); return err },
			func() error { _, err := h.Admit(ctx, x, "sms"); return err },
		} {
			err := look()
			want(t, err, mail.Gone)
			if say, at := says(err, "At"); say != "error.ended" || at != due.Format(time.RFC3339) {
				t.Errorf("%s %s", say, at)
			}
		}
	})
}

func TestAdmit(t *testing.T) {
	h := newHouse(t)
	dr := letterTo(toAnna())
	dr.Ask.Receipt, dr.Ask.ReceiptSet = mail.ReceiptMail, true
	l := h.letter(dr)
	foreign := h.letter(letterTo(toBo()))

	t.Run("a code that is another letter's opens nothing, and nothing is written down", func(t *testing.T) {
		x, y := h.look(l.code), h.look(foreign.code)
		mixed := x
		mixed.Secret = y.Secret
		_, err := h.Admit(ctx, mixed, "sms")
		want(t, err, mail.Absent)
		mixed = x
		mixed.Code, mixed.Secret = y.Code, y.Secret
		_, err = h.Admit(ctx, mixed, "sms")
		want(t, err, mail.Absent)
		if !h.holder(l.anna).Opened.IsZero() || len(h.steps(l.anna)) != 0 {
			t.Error("an opening is written down")
		}
	})
	t.Run("a locked letter admits nobody", func(t *testing.T) {
		x := h.look(l.code)
		h.wrong(t, l.anna, desk.MaxWrong)
		_, err := h.Admit(ctx, x, "sms")
		want(t, err, mail.Locked)
		if !h.holder(l.anna).Opened.IsZero() {
			t.Error("opened")
		}
		fine(t, h.Unlock(ctx, h.staff(caseworker), l.anna))
	})
	h.news()
	h.clock.days(5)
	opened := h.clock.Now()
	until := time.Date(2027, 4, 5, 23, 59, 59, 0, time.UTC)
	r, _ := h.guest(l.code)
	t.Run("the right code opens the letter", func(t *testing.T) {
		o, err := h.Open(ctx, r, l.anna)
		fine(t, err)
		if o.Head.Subject != dr.Subject || o.Body.Text != dr.Text || o.Head.FromName != "ulla" {
			t.Errorf("%+v", o)
		}
	})
	t.Run("but no other letter", func(t *testing.T) {
		_, err := h.Open(ctx, r, foreign.anna)
		want(t, err, mail.Absent)
		_, err = h.Open(ctx, r, l.house)
		want(t, err, mail.Absent)
		_, err = h.Open(ctx, r, mail.NewID())
		want(t, err, mail.Absent)
	})
	t.Run("the first opening fixes until when it is read, and tells the sender", func(t *testing.T) {
		x := h.holder(l.anna)
		if !x.Opened.Equal(opened) || !x.ReadUntil.Equal(until) || !x.Due().Equal(until) || h.steps(l.anna)[len(h.steps(l.anna))-1] != mail.StepOpened {
			t.Errorf("%+v %v", x, h.steps(l.anna))
		}
		n := h.one(mail.NoticeRead).Notice
		if n.To != caseworker || n.Outcomes[0].Address != anna || n.Outcomes[0].Step != mail.StepOpened || n.Code != "" {
			t.Errorf("%v", n.Outcomes)
		}
	})
	t.Run("the next ones move nothing and tell nobody", func(t *testing.T) {
		h.clock.goes(29 * time.Minute)
		h.guest(l.code)
		h.clock.goes(29 * time.Minute)
		h.guest(l.code)
		if n := count(h.steps(l.anna), mail.StepSeen); n != 0 {
			t.Errorf("the same visit is written down %d times", n)
		}
		h.clock.days(10)
		h.guest(l.code)
		x := h.holder(l.anna)
		if !x.Opened.Equal(opened) || !x.ReadUntil.Equal(until) || !x.Seen.Equal(h.clock.Now()) || count(h.steps(l.anna), mail.StepSeen) != 1 || count(h.steps(l.anna), mail.StepOpened) != 1 {
			t.Errorf("%+v %v", x, h.steps(l.anna))
		}
		if len(h.news()) != 0 {
			t.Error("told again")
		}
	})
	t.Run("the number is noted to have worked, and the guest has one pair for the thread", func(t *testing.T) {
		h.view(func(tx *vault.ReadTx) error {
			c, err := tx.Contact(h.app.Lookup(anna.Key()))
			pairs, err2 := tx.PairsOfThread(h.message(l.message).Thread)
			if !c.Worked.Equal(h.clock.Now()) || len(pairs) != 1 {
				t.Errorf("%v, %d pairs", c.Worked, len(pairs))
			}
			return errors.Join(err, err2)
		})
	})
	t.Run("of two who open at the same moment one is the first", func(t *testing.T) {
		dr := letterTo(toBo())
		dr.Ask.Receipt, dr.Ask.ReceiptSet = mail.ReceiptMail, true
		l := h.letter(dr)
		x := h.look(l.code)
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if _, err := h.Admit(ctx, x, "sms"); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if n := count(h.steps(l.anna), mail.StepOpened); n != 1 || !slices.Equal(kinds(h.news()), []mail.NoticeKind{mail.NoticeRead}) {
			t.Errorf("%d openings", n)
		}
	})
	t.Run("a letter with a fixed end keeps it", func(t *testing.T) {
		dr := letterTo(toAnna())
		dr.Ask.Lifetime = mail.Lifetime{Hours: 5}
		l := h.letter(dr)
		end := h.clock.Now().Add(5 * time.Hour)
		h.clock.goes(time.Hour)
		h.guest(l.code)
		if due := h.holder(l.anna).Due(); !due.Equal(end) {
			t.Errorf("%v", due)
		}
	})
}

// wrong types so many wrong PINs.
func (h *house) wrong(t *testing.T, holder mail.ID, n int) {
	t.Helper()
	for range n {
		fine(t, h.CountTry(ctx, holder))
		fine(t, h.TryWasWrong(ctx, holder))
	}
}

func TestWrongPINs(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	l := h.letter(letterTo(toAnna()))
	t.Run("a right one takes back itself and no wrong one", func(t *testing.T) {
		h.wrong(t, l.anna, desk.MaxWrong-2)
		fine(t, h.CountTry(ctx, l.anna))
		fine(t, h.TryWasRight(ctx, l.anna))
		if n := h.holder(l.anna).Wrong; n != desk.MaxWrong-2 {
			t.Errorf("%d wrong ones", n)
		}
	})
	t.Run("the last try may be right", func(t *testing.T) {
		h.wrong(t, l.anna, 1)
		fine(t, h.CountTry(ctx, l.anna))
		fine(t, h.TryWasRight(ctx, l.anna))
	})
	t.Run("the 25th wrong one closes the letter and tells the sender, once", func(t *testing.T) {
		h.wrong(t, l.anna, 1)
		if x := h.look(l.code); !x.Locked {
			t.Error("not locked")
		}
		want(t, h.CountTry(ctx, l.anna), mail.Locked)
		fine(t, h.TryWasWrong(ctx, l.anna))
		if n := h.one(mail.NoticeLocked).Notice; n.To != caseworker || n.Outcomes[0].Step != mail.StepLocked {
			t.Errorf("%v", n.Outcomes)
		}
		if n := count(h.steps(l.anna), mail.StepLocked); n != 1 {
			t.Errorf("locked %d times", n)
		}
	})
	t.Run("a crash behind the last count is made up for", func(t *testing.T) {
		l := h.letter(letterTo(toBo()))
		h.wrong(t, l.anna, desk.MaxWrong-1)
		fine(t, h.CountTry(ctx, l.anna)) // and here the process died
		want(t, h.CountTry(ctx, l.anna), mail.Locked)
		fine(t, h.TryWasWrong(ctx, l.anna))
		if !h.holder(l.anna).Locked {
			t.Error("not closed")
		}
		h.one(mail.NoticeLocked)
	})
	t.Run("the sender opens it again, with all its tries", func(t *testing.T) {
		want(t, h.Unlock(ctx, h.staff(colleague), l.anna), mail.Absent)
		fine(t, h.Unlock(ctx, staff, l.anna))
		if x := h.holder(l.anna); x.Locked || x.Wrong != 0 {
			t.Errorf("%+v", x)
		}
		h.guest(l.code)
	})
	t.Run("fifty wrong ones at one phone close it for all letters to it, until a sender says that it is right", func(t *testing.T) {
		a, b := h.letter(letterTo(toAnna())), h.letter(letterTo(toAnna()))
		h.clock.days(1)
		h.wrong(t, a.anna, desk.MaxWrong-1)
		h.wrong(t, b.anna, desk.MaxWrong-1)
		fine(t, h.PhoneOpen(ctx, b.anna))
		h.wrong(t, a.anna, 1)
		fine(t, h.PhoneOpen(ctx, b.anna))
		h.wrong(t, b.anna, 1)
		third := h.letter(letterTo(toAnna()))
		want(t, h.PhoneOpen(ctx, third.anna), mail.Locked)
		fine(t, h.PhoneOpen(ctx, h.letter(letterTo(toBo())).anna))
		fine(t, h.Unlock(ctx, staff, a.anna))
		fine(t, h.PhoneOpen(ctx, third.anna))
	})
	t.Run("so do fifty that were counted and never compared, as by crashes, and right ones do not", func(t *testing.T) {
		h.clock.days(31)
		a, b, c := h.letter(letterTo(toAnna())), h.letter(letterTo(toAnna())), h.letter(letterTo(toAnna()))
		for range 60 {
			fine(t, h.CountTry(ctx, c.anna))
			fine(t, h.TryWasRight(ctx, c.anna))
		}
		for range desk.MaxWrong {
			fine(t, h.CountTry(ctx, a.anna))
			fine(t, h.PhoneOpen(ctx, c.anna))
			fine(t, h.CountTry(ctx, b.anna))
		}
		want(t, h.PhoneOpen(ctx, c.anna), mail.Locked)
		h.clock.days(31)
	})
	t.Run("and until thirty days have gone by", func(t *testing.T) {
		a, b := h.letter(letterTo(toBo())), h.letter(letterTo(toBo()))
		h.clock.days(31) // those of before are forgotten
		a, b = h.letter(letterTo(toBo())), h.letter(letterTo(toBo()))
		h.wrong(t, a.anna, desk.MaxWrong)
		h.wrong(t, b.anna, desk.MaxWrong)
		h.clock.goes(30*24*time.Hour - time.Second)
		c := h.letter(letterTo(toBo()))
		want(t, h.PhoneOpen(ctx, c.anna), mail.Locked)
		h.clock.goes(time.Second)
		fine(t, h.PhoneOpen(ctx, c.anna))
	})
}
