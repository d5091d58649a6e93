package desk_test

import (
	"testing"

	"sigill/appliance/mail"
)

// Anna has an account. Since then a PIN to Bo's number was right for a letter to her
// address: whoever reads its mail may be another person by now.
func TestAnotherNumberThatHasWorkedSince(t *testing.T) {
	bare := mail.Request{Given: "anna@example.se.s", Address: anna}
	begin := func(t *testing.T) *house {
		h := newHouse(t)
		h.register(anna, annaPhone)
		h.clock.days(1)
		r := toAnna()
		r.Phone = boPhone
		dr := letterTo(r)
		dr.Ask.Confirmed = true
		h.guest(h.letter(dr).code)
		return h
	}
	t.Run("a letter without a number waits for a word of its sender", func(t *testing.T) {
		h := begin(t)
		x := h.held(t, letterTo(bare))
		if h.holds(x.message) != mail.HoldRegistered || len(x.list) != 1 || x.list[0].Number {
			t.Errorf("%v %+v", h.holds(x.message), x.list)
		}
		t.Run("which puts it into the account", func(t *testing.T) {
			h.fine(h.Mend(ctx, x.bearer, x.repair, x.waits, "", ""))
			if now := h.holder(x.waits); now.Kind != mail.HolderPerson || now.Channel != mail.ChannelRecipient {
				t.Errorf("%+v", now)
			}
		})
	})
	t.Run("or sends it to the number", func(t *testing.T) {
		h := begin(t)
		x := h.held(t, letterTo(bare))
		h.fine(h.Mend(ctx, x.bearer, x.repair, x.waits, anna, boPhone))
		if now := h.holder(x.waits); now.Kind != mail.HolderGuest || now.Hold != mail.HoldNone {
			t.Errorf("%+v", now)
		}
	})
	t.Run("the forecast says so, and names no number", func(t *testing.T) {
		h := begin(t)
		list, _, err := h.Plan(ctx, h.staff(caseworker).ID, letterTo(bare))
		fine(t, err)
		if f := list[0]; f.Doubt != mail.HoldRegistered || f.Phone != "" || f.Known != "" {
			t.Errorf("%+v", f)
		}
	})
	t.Run("one with the registered number goes to the account", func(t *testing.T) {
		h := begin(t)
		h.accept(letterTo(toAnna()))
		h.one(mail.NoticeRecipient)
	})
	t.Run("a number that worked before the account was made is no doubt", func(t *testing.T) {
		h := newHouse(t)
		r := toAnna()
		r.Phone = boPhone
		h.guest(h.letter(letterTo(r)).code)
		h.clock.days(1)
		h.register(anna, annaPhone)
		h.accept(letterTo(bare))
		h.one(mail.NoticeRecipient)
	})
}

func TestAForecastTellsNoRegisteredNumber(t *testing.T) {
	h := newHouse(t)
	h.guest(h.letter(letterTo(toAnna())).code) // it is remembered, too
	h.register(anna, annaPhone)
	r := toAnna()
	r.Phone = boPhone
	list, _, err := h.Plan(ctx, h.staff(caseworker).ID, letterTo(r))
	fine(t, err)
	if list[0].Doubt != mail.HoldRegistered || list[0].Known != "" {
		t.Errorf("who only looks is told %q of the number that Anna has registered", list[0].Known.Tail())
	}
}

func TestForecastsAreCounted(t *testing.T) {
	r := toAnna()
	r.Phone = boPhone
	times := func(n int, r mail.Request) *mail.Draft {
		dr := letterTo()
		for range n {
			dr.To = append(dr.To, r)
		}
		return dr
	}
	t.Run("who tries numbers at an account is told of so many a day, and others of theirs", func(t *testing.T) {
		h := newHouse(t)
		h.register(anna, annaPhone)
		me, other := h.staff(caseworker).ID, h.staff(colleague).ID
		_, _, err := h.Foresee(ctx, me, me, times(60, r))
		fine(t, err)
		list, _, err := h.Foresee(ctx, me, me, times(41, r))
		want(t, err, mail.Busy)
		if list != nil {
			t.Error("told all the same")
		}
		_, _, err = h.Foresee(ctx, me, me, times(40, r)) // what was refused is not counted
		fine(t, err)
		_, _, err = h.Foresee(ctx, me, other, letterTo(r)) // in another mailbox' name
		want(t, err, mail.Busy)
		_, _, err = h.Foresee(ctx, other, other, letterTo(r))
		fine(t, err)
		_, _, err = h.Foresee(ctx, me, me, letterTo(toAnna(), toBo(), toColleague()))
		fine(t, err)
		h.clock.days(1)
		_, _, err = h.Foresee(ctx, me, me, letterTo(r))
		fine(t, err)
	})
	t.Run("so is who goes through a register of addresses", func(t *testing.T) {
		h := newHouse(t)
		me := h.staff(caseworker).ID
		h.staff(colleague)
		for range 4 {
			_, _, err := h.Foresee(ctx, me, me, times(500, toBo()))
			fine(t, err)
		}
		_, _, err := h.Foresee(ctx, me, me, letterTo(toBo()))
		want(t, err, mail.Busy)
		_, _, err = h.Foresee(ctx, me, me, letterTo(toColleague()))
		fine(t, err)
		nobody := mail.Request{Given: "nobody@kommun.example", Address: "nobody@kommun.example"}
		_, _, err = h.Foresee(ctx, me, me, letterTo(nobody))
		want(t, err, mail.Busy)
		h.clock.days(1)
		before := len(h.people)
		list, _, err := h.Foresee(ctx, me, me, letterTo(nobody, toColleague()))
		fine(t, err)
		if len(list) != 2 || !list[0].Nobody || list[1].Nobody || len(h.people) != before {
			t.Errorf("%+v, and %d people more", list, len(h.people)-before)
		}
	})
}
