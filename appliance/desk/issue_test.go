package desk_test

import (
	"slices"
	"testing"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func TestNewCode(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	l := h.letter(letterTo(toAnna()))
	old, seen := h.guest(l.code)
	before := h.holder(l.anna)
	h.clock.days(1)
	t.Run("only the sender makes one, and only for a guest who has one", func(t *testing.T) {
		want(t, h.NewCode(ctx, h.staff(colleague), l.anna), mail.Absent)
		want(t, h.NewCode(ctx, old, l.anna), mail.Absent)
		want(t, h.NewCode(ctx, staff, l.house), mail.Absent)
		m := h.accept(letterTo(toColleague(), toNobody()))
		for _, x := range h.holders(m)[1:] {
			want(t, h.NewCode(ctx, staff, x.ID), mail.Invalid)
		}
		h.news()
	})
	t.Run("if the store refuses, the old one goes on and nothing is kept", func(t *testing.T) {
		h.store.inside = errCrash
		if err := h.NewCode(ctx, staff, l.anna); err == nil {
			t.Error("done")
		}
		h.store.whole()
		h.look(l.code)
		h.holdsNoMore(t, h.every(t)...)
	})
	fine(t, h.NewCode(ctx, staff, l.anna))
	n := h.one(mail.NoticeLetter)
	code := h.code(n)
	t.Run("the old code is dead, and says so", func(t *testing.T) {
		_, err := h.Look(ctx, l.code)
		want(t, err, mail.Gone)
		if say, at := says(err, "At"); say != "error.replaced" || at != h.clock.Now().Format(time.RFC3339) {
			t.Errorf("%s %s", say, at)
		}
		_, err = h.Admit(ctx, seen, "sms")
		want(t, err, mail.Gone)
		_, err = h.Open(ctx, old, l.anna)
		want(t, err, mail.Gone)
	})
	t.Run("the new one opens the letter, and its end is where it was", func(t *testing.T) {
		r, x := h.guest(code)
		o, err := h.Open(ctx, r, x.Holder)
		fine(t, err)
		if o.Body.Text != "Du får bistånd.\n" || x.Holder == l.anna || x.Phone != annaPhone || n.Notice.To != anna {
			t.Errorf("%+v", x)
		}
		y := h.holder(x.Holder)
		if !y.Due().Equal(before.Due()) || !y.Opened.Equal(before.Opened) || y.Level != before.Level {
			t.Errorf("%+v", y)
		}
		_, err = h.Open(ctx, old, x.Holder)
		want(t, err, mail.Absent)
	})
	t.Run("the message lives on when the old access is erased, and the old code still says why", func(t *testing.T) {
		if _, err := h.Purge(ctx); err != nil {
			t.Fatal(err)
		}
		r, x := h.guest(code)
		if _, err := h.Open(ctx, r, x.Holder); err != nil || h.message(l.message).State != mail.Active {
			t.Error(err)
		}
		_, err := h.Look(ctx, l.code)
		if say, _ := says(err, "At"); say != "error.replaced" {
			t.Error(err)
		}
		h.holdsNoMore(t, h.every(t)...)
	})
	t.Run("whom it replaced is in no list any more", func(t *testing.T) {
		list, err := h.Progress(ctx, staff, l.message)
		if err != nil || len(list) != 1 || list[0].Holder.ID == l.anna {
			t.Errorf("%+v %v", list, err)
		}
		want(t, h.NewCode(ctx, staff, l.anna), mail.Gone)
	})
	t.Run("of two at the same moment one is made", func(t *testing.T) {
		l := h.letter(letterTo(toBo()))
		second := false
		h.store.before = func(step string) error {
			if step == "update" && !second {
				second = true
				return h.NewCode(ctx, staff, l.anna)
			}
			return nil
		}
		want(t, h.NewCode(ctx, staff, l.anna), mail.Gone)
		h.store.whole()
		h.one(mail.NoticeLetter)
		h.holdsNoMore(t, h.every(t)...)
	})
}

// held is a letter with somebody who waits.
type held struct {
	message, waits, repair mail.ID
	bearer                 desk.Reader
	list                   []desk.Waiting
}

func (h *house) held(t *testing.T, dr *mail.Draft) (x held) {
	t.Helper()
	x.message = h.accept(dr)
	l := h.look(h.code(h.one(mail.NoticeHold)))
	x.repair = l.Holder
	var err error
	x.bearer, x.list, err = h.Repair(ctx, l)
	fine(t, err)
	for _, y := range h.holders(x.message) {
		if y.Hold != mail.HoldNone {
			x.waits = y.ID
		}
	}
	return x
}

const eva = mail.Address("eva@example.se")

func TestMend(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	t.Run("the repair letter says who waits and why", func(t *testing.T) {
		x := h.held(t, letterTo(toAnna(), toNobody()))
		if len(x.list) != 1 || x.list[0].Holder != x.waits || x.list[0].Address != eva || x.list[0].Why != mail.HoldNoNumber {
			t.Errorf("%+v", x.list)
		}
	})
	t.Run("a guest's code is no repair letter", func(t *testing.T) {
		l := h.letter(letterTo(toAnna()))
		_, _, err := h.Repair(ctx, h.look(l.code))
		want(t, err, mail.Absent)
	})
	t.Run("nor is a repair code with somebody else's secret", func(t *testing.T) {
		h.accept(letterTo(toNobody()))
		a := h.look(h.code(h.one(mail.NoticeHold)))
		h.accept(letterTo(toNobody()))
		b := h.look(h.code(h.one(mail.NoticeHold)))
		a.Secret = b.Secret
		_, _, err := h.Repair(ctx, a)
		want(t, err, mail.Absent)
	})
	for name, by := range map[string]func(x held) (desk.Reader, mail.ID){
		"the sender, signed in":     func(held) (desk.Reader, mail.ID) { return staff, mail.ID{} },
		"whoever has the hold mail": func(x held) (desk.Reader, mail.ID) { return x.bearer, x.repair },
	} {
		t.Run(name+" gives what was missing", func(t *testing.T) {
			x := h.held(t, letterTo(toNobody()))
			r, via := by(x)
			now := h.clock.Now()
			fine(t, h.Mend(ctx, r, via, x.waits, "", boPhone))
			n := h.one(mail.NoticeLetter)
			g, l := h.guest(h.code(n))
			o, err := h.Open(ctx, g, x.waits)
			fine(t, err)
			if o.Body.Text != "Du får bistånd.\n" || l.Holder != x.waits || l.Phone != boPhone || n.Notice.To != eva || n.Notice.Tail != boPhone.Tail() {
				t.Errorf("%+v", l)
			}
			y := h.holder(x.waits)
			if y.Hold != mail.HoldNone || !y.OpenBy.Equal(mail.Lifetime{Days: 30}.End(now, time.UTC)) || y.ReadFor != 30*24*time.Hour || !slices.Contains(h.steps(x.waits), mail.StepMended) {
				t.Errorf("%+v", y)
			}
			if list, _, err := h.Plan(ctx, mail.ID{}, letterTo(mail.Request{Address: eva})); err != nil || list[0].Phone != boPhone {
				t.Errorf("not remembered: %+v %v", list, err)
			}
			t.Run("and the second is too late", func(t *testing.T) {
				want(t, h.Mend(ctx, staff, mail.ID{}, x.waits, "", annaPhone), mail.Absent)
				want(t, h.Mend(ctx, x.bearer, x.repair, x.waits, "", annaPhone), mail.Absent)
				if h.look(h.code(n)).Phone != boPhone {
					t.Error("changed after all")
				}
			})
			h.holdsNoMore(t, h.every(t)...)
			h.forget(t, eva)
		})
	}
	t.Run("of two at the same moment one is heard", func(t *testing.T) {
		x := h.held(t, letterTo(toNobody()))
		second := false
		h.store.before = func(step string) error {
			if step == "update" && !second {
				second = true
				return h.Mend(ctx, staff, mail.ID{}, x.waits, "", boPhone)
			}
			return nil
		}
		want(t, h.Mend(ctx, x.bearer, x.repair, x.waits, "", annaPhone), mail.Absent)
		h.store.whole()
		if l := h.look(h.code(h.one(mail.NoticeLetter))); l.Phone != boPhone {
			t.Errorf("%s", l.Phone)
		}
		h.holdsNoMore(t, h.every(t)...)
		h.forget(t, eva)
	})
	t.Run("an address that was nearly right is mended too", func(t *testing.T) {
		x := h.held(t, letterTo(mail.Request{Given: "ev@example.se,s", Address: "ev@example.se", Trap: mail.TrapTrigger}))
		fine(t, h.Mend(ctx, x.bearer, x.repair, x.waits, eva, annaPhone))
		if n := h.one(mail.NoticeLetter).Notice; n.To != eva {
			t.Errorf("%s", n.To)
		}
		h.forget(t, eva)
	})
	t.Run("a letter is not made to live longer than its sender wanted", func(t *testing.T) {
		dr := letterTo(toNobody())
		dr.Ask.Lifetime = mail.Lifetime{Days: 2}
		x := h.held(t, dr)
		h.clock.days(1)
		fine(t, h.Mend(ctx, staff, mail.ID{}, x.waits, "", boPhone))
		g, _ := h.guest(h.code(h.one(mail.NoticeLetter)))
		if last := h.message(x.message).LastDay; !h.holder(x.waits).Due().Equal(last) {
			t.Errorf("%v and %v", h.holder(x.waits).Due(), last)
		}
		h.clock.days(2)
		_, err := h.Open(ctx, g, x.waits)
		want(t, err, mail.Gone)
		h.forget(t, eva)
	})
	t.Run("nobody else mends: not the repair letter of another message, no colleague, no guest", func(t *testing.T) {
		x := h.held(t, letterTo(toAnna(), toColleague(), toNobody()))
		var reader desk.Reader // of the same letter
		var reads, kims mail.ID
		due, err := h.Next(ctx, h.clock.Now(), 1000)
		fine(t, err)
		for _, d := range due {
			if d.Message == x.message && d.Kind == mail.NoticeLetter {
				var l desk.Letter
				reader, l = h.guest(h.code(d))
				reads = l.Holder
			}
		}
		for _, y := range h.holders(x.message) {
			if y.Owner == h.staff(colleague).ID {
				kims = y.ID
			}
		}
		other := h.held(t, letterTo(toNobody()))
		g := h.letter(letterTo(toBo()))
		guest, _ := h.guest(g.code)
		h.store.done = nil
		for _, c := range []struct {
			r   desk.Reader
			via mail.ID
		}{
			{other.bearer, other.repair}, {other.bearer, x.repair}, {other.bearer, x.waits}, {other.bearer, mail.ID{}},
			{h.staff(colleague), mail.ID{}}, {h.staff(colleague), x.repair}, {guest, x.repair}, {guest, g.anna}, {guest, mail.ID{}}, {x.bearer, mail.ID{}},
			{reader, reads}, {reader, x.repair}, {reader, mail.ID{}}, {h.staff(colleague), kims},
		} {
			want(t, h.Mend(ctx, c.r, c.via, x.waits, "", boPhone), mail.Absent)
		}
		if reads.IsZero() || kims.IsZero() || len(h.store.done) != 0 || h.holder(x.waits).Hold == mail.HoldNone {
			t.Errorf("%v", h.store.done)
		}
	})
	t.Run("nobody is mended who does not wait", func(t *testing.T) {
		l := h.letter(letterTo(toAnna()))
		want(t, h.Mend(ctx, staff, mail.ID{}, l.anna, "", boPhone), mail.Absent)
		want(t, h.Mend(ctx, staff, mail.ID{}, l.house, "", boPhone), mail.Absent)
	})
	t.Run("if the store refuses, they wait on and nothing is kept", func(t *testing.T) {
		x := h.held(t, letterTo(toNobody()))
		h.store.inside = errCrash
		if err := h.Mend(ctx, staff, mail.ID{}, x.waits, "", boPhone); err == nil {
			t.Error("done")
		}
		h.store.whole()
		if h.holder(x.waits).Hold == mail.HoldNone || len(h.news()) != 0 {
			t.Error("mended")
		}
		h.holdsNoMore(t, h.every(t)...)
	})
	t.Run("after a week nothing can be mended", func(t *testing.T) {
		x := h.held(t, letterTo(toNobody()))
		h.clock.days(8)
		want(t, h.Mend(ctx, staff, mail.ID{}, x.waits, "", boPhone), mail.Gone)
		want(t, h.Mend(ctx, x.bearer, x.repair, x.waits, "", boPhone), mail.Gone)
	})
}

// forget takes what is remembered of an address away.
func (h *house) forget(t *testing.T, a mail.Address) {
	t.Helper()
	fine(t, h.db.Update(ctx, func(tx *vault.Tx) error { return tx.DeleteContact(h.app.Lookup(a.Key())) }))
}
