package desk_test

import (
	"slices"
	"testing"
	"time"

	"sigill/appliance/mail"
)

func TestRecall(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	m := h.accept(letterTo(toAnna(), toColleague(), toNobody()))
	var code mail.LinkCode
	for _, n := range h.news() {
		if n.Kind == mail.NoticeLetter {
			code = h.code(n)
		}
	}
	guest, x := h.guest(code)
	kim := h.staff(colleague)
	t.Run("nobody but the sender can", func(t *testing.T) {
		_, err := h.Recall(ctx, kim, m)
		want(t, err, mail.Absent)
		_, err = h.Recall(ctx, guest, m)
		want(t, err, mail.Absent)
		_, err = h.Recall(ctx, staff, mail.NewID())
		want(t, err, mail.Absent)
	})
	t.Run("a message is taken back from everybody, opened or not", func(t *testing.T) {
		n, err := h.Recall(ctx, staff, m)
		if n != 4 || err != nil { // three recipients and the repair letter
			t.Errorf("%d %v", n, err)
		}
		_, err = h.Open(ctx, guest, x.Holder)
		want(t, err, mail.Gone)
		_, err = h.Look(ctx, code)
		want(t, err, mail.Gone)
		for _, y := range h.holders(m)[1:] {
			if y.State != mail.Purging || y.Why != mail.EndRecalled || !slices.Contains(h.steps(y.ID), mail.StepRecalled) {
				t.Errorf("%+v", y)
			}
			if y.Kind == mail.HolderPerson {
				_, err = h.Open(ctx, kim, y.ID)
				want(t, err, mail.Gone)
			}
		}
	})
	t.Run("the house keeps its own copy", func(t *testing.T) {
		if _, err := h.Open(ctx, staff, h.holders(m)[0].ID); err != nil || h.message(m).State != mail.Active {
			t.Error(err)
		}
	})
	t.Run("again there is nothing to take back", func(t *testing.T) {
		if n, err := h.Recall(ctx, staff, m); n != 0 || err != nil {
			t.Error(n, err)
		}
	})
	t.Run("what came in is not ours to take back", func(t *testing.T) {
		l := h.letter(letterTo(toAnna()))
		r, _ := h.guest(l.code)
		answer := h.reply(t, r, l.anna, "Tack!")
		_, err := h.Recall(ctx, staff, answer)
		want(t, err, mail.Absent)
		_, err = h.SetEnd(ctx, staff, h.holders(answer)[1].ID, 1)
		want(t, err, mail.Absent)
		want(t, h.NewCode(ctx, staff, h.holders(answer)[1].ID), mail.Absent)
		if list, err := h.Answers(ctx, r, l.anna); err != nil || len(list) != 1 {
			t.Errorf("%d answers, %v", len(list), err)
		}
	})
}

func TestDone(t *testing.T) {
	h := newHouse(t)
	l := h.letter(letterTo(toAnna()))
	r, _ := h.guest(l.code)
	other := h.letter(letterTo(toBo()))
	t.Run("a reader ends the own copy and no other", func(t *testing.T) {
		want(t, h.Done(ctx, r, other.anna), mail.Absent)
		want(t, h.Done(ctx, r, l.house), mail.Absent)
		want(t, h.Done(ctx, h.staff(caseworker), l.house), mail.Absent)
		fine(t, h.Done(ctx, r, l.anna))
		if x := h.holder(l.anna); x.Why != mail.EndDone || h.message(l.message).State != mail.Active {
			t.Errorf("%+v", x)
		}
		_, err := h.Open(ctx, r, l.anna)
		want(t, err, mail.Gone)
		want(t, h.Done(ctx, r, l.anna), mail.Gone)
	})
}

func TestSetEnd(t *testing.T) {
	h := newHouse(t)
	h.rules.MaxDays, h.rules.MinDays = 100, 2
	staff := h.staff(caseworker)
	l := h.letter(letterTo(toAnna()))
	day := func(n int) time.Time { return time.Date(2027, 3, 1+n, 23, 59, 59, 0, time.UTC) }
	t.Run("an end is moved back, and the house's copy with it", func(t *testing.T) {
		until, err := h.SetEnd(ctx, staff, l.anna, 90)
		if err != nil || !until.Equal(day(90)) || !h.holder(l.anna).Due().Equal(until) || !h.message(l.message).LastDay.Equal(until) || !h.holder(l.house).Due().Equal(until) {
			t.Errorf("%v %v", until, err)
		}
	})
	t.Run("and forward, and the house's copy stays", func(t *testing.T) {
		until, err := h.SetEnd(ctx, staff, l.anna, 3)
		if err != nil || !until.Equal(day(3)) || !h.holder(l.anna).Due().Equal(until) || !h.holder(l.house).Due().Equal(day(90)) {
			t.Errorf("%v %v", until, err)
		}
		if s := h.steps(l.anna); !slices.Equal(s, []mail.StepKind{mail.StepExtended, mail.StepShortened}) {
			t.Errorf("%v", s)
		}
	})
	t.Run("not past the rules", func(t *testing.T) {
		for _, days := range []int{101, 1, 0, -1} {
			_, err := h.SetEnd(ctx, staff, l.anna, days)
			want(t, err, mail.Invalid)
		}
		for _, days := range []int{100, 2} {
			_, err := h.SetEnd(ctx, staff, l.anna, days)
			fine(t, err)
		}
	})
	t.Run("not by somebody else, and not the house's own", func(t *testing.T) {
		_, err := h.SetEnd(ctx, h.staff(colleague), l.anna, 50)
		want(t, err, mail.Absent)
		_, err = h.SetEnd(ctx, staff, l.house, 50)
		want(t, err, mail.Absent)
	})
	t.Run("an opening afterwards does not move it again", func(t *testing.T) {
		h.guest(l.code)
		if due := h.holder(l.anna).Due(); !due.Equal(day(2)) {
			t.Errorf("%v", due)
		}
	})
	t.Run("what was opened is moved as well", func(t *testing.T) {
		_, err := h.SetEnd(ctx, staff, l.anna, 10)
		if err != nil || !h.holder(l.anna).Due().Equal(day(10)) {
			t.Error(err)
		}
	})
	t.Run("after the end nothing is moved, whether or not retention has been there", func(t *testing.T) {
		h.clock.days(11)
		_, err := h.SetEnd(ctx, staff, l.anna, 50)
		want(t, err, mail.Gone)
		_, err = h.Expire(ctx)
		fine(t, err)
		_, err = h.SetEnd(ctx, staff, l.anna, 50)
		want(t, err, mail.Gone)
	})
}

func TestSetNumber(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	const third = mail.Phone("+46709998877")
	l := h.letter(letterTo(toAnna()))
	t.Run("before the first opening a slip is mended at once", func(t *testing.T) {
		fine(t, h.SetNumber(ctx, staff, l.anna, third))
		if x := h.look(l.code); x.Phone != third || len(h.news()) != 0 {
			t.Errorf("%+v", x)
		}
		h.holdsNoMore(t, l.message)
	})
	t.Run("and remembered for the next letter", func(t *testing.T) {
		list, _, err := h.Plan(ctx, mail.ID{}, letterTo(mail.Request{Address: anna}))
		if err != nil || list[0].Phone != third {
			t.Errorf("%+v %v", list, err)
		}
	})
	t.Run("afterwards the reader is told by mail, without the number", func(t *testing.T) {
		h.guest(l.code)
		fine(t, h.SetNumber(ctx, staff, l.anna, boPhone))
		if n := h.one(mail.NoticeNumber).Notice; n.To != anna || n.Tail != boPhone.Tail() || n.Code != "" {
			t.Errorf("%v", n.To)
		}
		if n := count(h.steps(l.anna), mail.StepNumber); n != 2 {
			t.Errorf("%d steps", n)
		}
	})
	t.Run("only of a guest who has one, and only by the sender", func(t *testing.T) {
		m := h.accept(letterTo(toColleague(), toNobody()))
		for _, x := range h.holders(m)[1:] {
			want(t, h.SetNumber(ctx, staff, x.ID, third), mail.Invalid)
		}
		want(t, h.SetNumber(ctx, h.staff(colleague), l.anna, third), mail.Absent)
		want(t, h.SetNumber(ctx, staff, h.holders(m)[0].ID, third), mail.Absent)
	})
	t.Run("if the store refuses nothing has changed and nothing is kept", func(t *testing.T) {
		h.store.inside = errCrash
		if err := h.SetNumber(ctx, staff, l.anna, third); err == nil {
			t.Error("done")
		}
		h.store.whole()
		if h.look(l.code).Phone != boPhone {
			t.Error("changed")
		}
		h.holdsNoMore(t, h.every(t)...)
	})
}
