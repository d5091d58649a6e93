package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// whole is a letter to Anna, Kim and somebody who waits, with two files in blobs and a
// notice that was not sent yet.
func (h *house) whole(t *testing.T) letter {
	t.Helper()
	dr := letterTo(toAnna(), toColleague(), toNobody())
	dr.Files = []mail.File{{Name: "a", Data: random(mail.InRow + 1)}, {Name: "b", Data: random(mail.InRow + 1)}}
	return h.letter(dr)
}

func (h *house) expire(t *testing.T) int {
	t.Helper()
	n, err := h.Expire(ctx)
	fine(t, err)
	return n
}

func (h *house) purge(t *testing.T) int {
	t.Helper()
	n, err := h.Purge(ctx)
	fine(t, err)
	return n
}

func TestExpire(t *testing.T) {
	h := newHouse(t)
	l := h.whole(t)
	read := h.letter(letterTo(toBo()))
	h.guest(read.code)
	why := func(m mail.ID) (list []mail.End) {
		for _, x := range h.holders(m) {
			if x.State >= mail.Purging {
				list = append(list, x.Why)
			}
		}
		slices.Sort(list)
		return list
	}
	days := func(n int) time.Time { return mail.Lifetime{Days: n}.End(noon, time.UTC) }
	for _, c := range []struct {
		name    string
		at      time.Time
		ended   int
		why     []mail.End
		whyRead []mail.End
		state   mail.State
	}{
		{"a millisecond before the first is due nothing ends", days(7).Add(-time.Millisecond), 0, nil, nil, mail.Active},
		{"after a week nobody can be mended any more", days(7), 2, []mail.End{mail.EndHold, mail.EndHold}, nil, mail.Active},
		{"after thirty days it ends for who has not opened it, and for who has", days(30), 3, []mail.End{mail.EndUnopened, mail.EndUnopened, mail.EndHold, mail.EndHold}, []mail.End{mail.EndRead}, mail.Active},
		{"after sixty the house's copy ends, and the message with its last holder", days(60), 2, []mail.End{mail.EndUnopened, mail.EndUnopened, mail.EndLastDay, mail.EndHold, mail.EndHold}, []mail.End{mail.EndRead, mail.EndLastDay}, mail.Purging},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.clock.goes(c.at.Sub(h.clock.Now()))
			if n := h.expire(t); n != c.ended {
				t.Errorf("%d ended, want %d", n, c.ended)
			}
			if n := h.expire(t); n != 0 {
				t.Errorf("and %d again", n)
			}
			if got := why(l.message); !slices.Equal(got, c.why) || !slices.Equal(why(read.message), c.whyRead) {
				t.Errorf("%v, %v", got, why(read.message))
			}
			if m := h.message(l.message); m.State != c.state || (c.state == mail.Purging) != m.Ended.Equal(c.at) {
				t.Errorf("%+v", m)
			}
		})
	}
	t.Run("each end is written down before anything is erased", func(t *testing.T) {
		for _, x := range h.holders(l.message) {
			h.view(func(tx *vault.ReadTx) error {
				led, err := tx.Ledger(x.ID)
				if led.What != mail.EndsHolder || led.Why != x.Why || !led.Done.IsZero() {
					t.Errorf("%+v", led)
				}
				return err
			})
			if count(h.steps(x.ID), mail.StepEnded) != 1 {
				t.Errorf("%v", h.steps(x.ID))
			}
		}
	})
	t.Run("more than two hundred that are due end all, the longest overdue first", func(t *testing.T) {
		var to []mail.Request
		for i := range 230 {
			to = append(to, mail.Request{Address: mail.Address(fmt.Sprintf("p%d@example.se", i)), Phone: boPhone})
		}
		many := h.accept(letterTo(to...))
		h.news()
		h.clock.days(1)
		late := h.letter(letterTo(toAnna()))
		h.clock.days(40)
		h.store.done = nil
		h.store.before = refuses("update", 2)
		_, err := h.Expire(ctx)
		want(t, err, mail.Again)
		h.store.whole()
		if len(why(many)) != 200 || len(why(late.message)) != 0 {
			t.Errorf("%d and %d", len(why(many)), len(why(late.message)))
		}
		if n := h.expire(t); n != 31 || len(why(many)) != 230 || len(why(late.message)) != 1 {
			t.Errorf("%d", n)
		}
	})
}

func TestTheRepairLetterEndsWithTheLast(t *testing.T) {
	h := newHouse(t)
	m := h.accept(letterTo(toNobody()))
	repair := h.code(h.one(mail.NoticeHold))
	t.Run("it keeps no message alive", func(t *testing.T) {
		for _, x := range h.holders(m) {
			if x.Kind != mail.HolderRepair {
				fine(t, h.db.Update(ctx, func(tx *vault.Tx) error {
					x.OpenBy, x.ReadUntil = noon, noon
					return tx.SaveHolder(x)
				}))
			}
		}
		if n := h.expire(t); n != 2 || h.message(m).State != mail.Purging {
			t.Errorf("%d ended, %+v", n, h.message(m))
		}
		_, err := h.Look(ctx, repair)
		want(t, err, mail.Gone)
	})
}

// gone holds that nothing of a message can be read any more.
func (h *house) gone(t *testing.T, before traces) {
	t.Helper()
	m := h.message(before.message)
	if m.State != mail.Erased || !m.Slot.IsZero() || len(m.Envelope) != 0 || len(h.parts(m.ID)) != 0 {
		t.Errorf("%+v, %d parts", m, len(h.parts(m.ID)))
	}
	h.view(func(tx *vault.ReadTx) error {
		head, err := tx.Head(m.ID)
		if len(head) != 0 {
			t.Error("there is a head")
		}
		for _, s := range before.slots {
			if v, err := tx.SlotValue(s); mail.KindOf(err) != mail.Gone {
				t.Errorf("slot %v: %v", s, v != mail.SlotValue{})
			}
		}
		for _, x := range before.holders {
			wraps, err2 := tx.Wraps(x)
			codes, err3 := tx.CodesOf(x)
			out, err4 := tx.OutgoingOf(x)
			led, err5 := tx.Ledger(x)
			y, err6 := tx.Holder(x)
			err = errors.Join(err, err2, err3, err4, err5, err6)
			if len(wraps)+len(codes)+len(y.Columns) != 0 || y.State != mail.Erased || !y.Slot.IsZero() || led.Done.IsZero() {
				t.Errorf("%d wraps, %d codes, %+v, %+v", len(wraps), len(codes), y, led)
			}
			for _, o := range out {
				if !o.Slot.IsZero() || len(o.Box) != 0 {
					t.Error("a link waits")
				}
			}
		}
		return err
	})
	for _, b := range before.blobs {
		if _, _, err := h.db.OpenBlob(b); mail.KindOf(err) != mail.Absent {
			t.Errorf("blob %v: %v", b, err)
		}
	}
	ended, err := h.db.LoadDestroyed(ctx)
	fine(t, err)
	for _, id := range append(before.holders, m.ID) {
		if !slices.ContainsFunc(ended, func(e mail.Ended) bool { return e.ID == id }) {
			t.Errorf("%v is not written down as destroyed", id)
		}
	}
}

// traces are where a message stands.
type traces struct {
	message mail.ID
	holders []mail.ID
	slots   []mail.Slot           // all
	keys    map[mail.ID]mail.Slot // of the message and of each holder
	blobs   []mail.ID
}

func (h *house) traces(m mail.ID) traces {
	h.t.Helper()
	tr := traces{message: m, slots: []mail.Slot{h.message(m).Slot}, keys: map[mail.ID]mail.Slot{m: h.message(m).Slot}}
	for _, x := range h.holders(m) {
		tr.holders, tr.slots = append(tr.holders, x.ID), append(tr.slots, x.Slot)
		tr.keys[x.ID] = x.Slot
		h.view(func(tx *vault.ReadTx) error {
			codes, err := tx.CodesOf(x.ID)
			for _, c := range codes {
				tr.slots = append(tr.slots, c.Slot)
			}
			out, err2 := tx.OutgoingOf(x.ID)
			for _, o := range out {
				tr.slots = append(tr.slots, o.Slot)
			}
			return errors.Join(err, err2)
		})
	}
	for _, p := range h.parts(m) {
		if !p.Blob.IsZero() {
			tr.blobs = append(tr.blobs, p.Blob)
		}
	}
	return tr
}

func TestPurge(t *testing.T) {
	h := newHouse(t)
	l := h.whole(t)
	kept := h.letter(letterTo(toBo()))
	guest, _ := h.guest(l.code)
	keeper, _ := h.guest(kept.code)
	_, err := h.SetEnd(ctx, h.staff(caseworker), kept.anna, 300)
	fine(t, err)
	before := h.traces(l.message)
	h.clock.days(61)
	h.expire(t)
	h.store.done = nil

	t.Run("from its end on a letter opens for nobody, though nothing is erased yet", func(t *testing.T) {
		for r, holder := range map[*desk.Reader]mail.ID{&guest: l.anna, new(h.staff(caseworker)): l.house} {
			_, err := h.Open(ctx, *r, holder)
			want(t, err, mail.Gone)
			_, err = h.File(ctx, *r, holder, mail.PartFile)
			want(t, err, mail.Gone)
			_, err = h.EML(ctx, *r, holder)
			want(t, err, mail.Gone)
		}
	})
	t.Run("keys go first, bytes second, the record third, and the state last", func(t *testing.T) {
		if n := h.purge(t); n != len(before.holders)+1 || h.Ended() != int64(len(before.holders)) {
			t.Errorf("%d ends, %d accesses", n, h.Ended())
		}
		order := []string{"erase slots", "destroyed", "update", "erase slots", "erase blob", "erase blob", "destroyed", "update"}
		if !slices.Equal(h.store.done, order) {
			t.Errorf("%v", h.store.done)
		}
	})
	t.Run("and nothing can be read any more", func(t *testing.T) { h.gone(t, before) })
	t.Run("a tombstone says why and when, for ninety days", func(t *testing.T) {
		_, err := h.Look(ctx, l.code)
		want(t, err, mail.Gone)
		if say, at := says(err, "At"); say != "error.ended" || at != "2027-03-31T23:59:59Z" { // its last moment, not the sweep's
			t.Errorf("%s %s", say, at)
		}
		h.view(func(tx *vault.ReadTx) error {
			tomb, err := tx.Tombstone(h.app.Code(l.code.Secret()).Locator)
			if tomb.Why != mail.EndRead || !tomb.Forget.Equal(h.clock.Now().AddDate(0, 0, 90)) {
				t.Errorf("%+v", tomb)
			}
			return err
		})
	})
	t.Run("another letter is as it was", func(t *testing.T) {
		o, err := h.Open(ctx, keeper, kept.anna)
		if err != nil || o.Body.Text != "Du får bistånd.\n" {
			t.Error(err)
		}
		h.look(kept.code)
	})
	t.Run("a second time there is nothing to do", func(t *testing.T) {
		h.store.done = nil
		if n := h.purge(t); n != 0 || len(h.store.done) != 0 {
			t.Errorf("%d, %v", n, h.store.done)
		}
	})
	t.Run("many that end together all go", func(t *testing.T) {
		var list []traces
		for range 3 {
			list = append(list, h.traces(h.whole(t).message))
		}
		h.clock.days(61)
		h.expire(t)
		h.purge(t)
		for _, tr := range list {
			h.gone(t, tr)
		}
	})
	t.Run("one reader's end leaves the others and the house what is theirs", func(t *testing.T) {
		m := h.accept(letterTo(toAnna(), toBo()))
		var readers []desk.Reader
		var ids []mail.ID
		for _, n := range h.news() {
			if n.Kind == mail.NoticeLetter {
				r, x := h.guest(h.code(n))
				readers, ids = append(readers, r), append(ids, x.Holder)
			}
		}
		fine(t, h.Done(ctx, readers[0], ids[0]))
		slot := h.holder(ids[0]).Slot
		if n := h.purge(t); n != 1 || h.message(m).State != mail.Active {
			t.Errorf("%d", n)
		}
		h.view(func(tx *vault.ReadTx) error {
			_, err := tx.SlotValue(slot)
			want(t, err, mail.Gone)
			return nil
		})
		_, err := h.Open(ctx, readers[0], ids[0])
		want(t, err, mail.Gone)
		if _, err := h.Open(ctx, readers[1], ids[1]); err != nil {
			t.Error(err)
		}
	})
}

func TestACodeLivesAsLongAsItsAnswers(t *testing.T) {
	h := newHouse(t)
	codeOf := func(l letter) error {
		return h.db.View(ctx, func(tx *vault.ReadTx) error {
			_, err := tx.CodeByLocator(h.app.Code(l.code.Secret()).Locator)
			return err
		})
	}
	answered := func(t *testing.T) (letter, desk.Reader, mail.ID) {
		t.Helper()
		l := h.letter(letterTo(toAnna()))
		r, _ := h.guest(l.code)
		h.reply(t, r, l.anna, "Tack!")
		list, err := h.Answers(ctx, r, l.anna)
		fine(t, err)
		return l, r, list[0].Holder
	}
	t.Run("when the letter ends first", func(t *testing.T) {
		l, r, answer := answered(t)
		fine(t, h.Done(ctx, r, l.anna))
		h.purge(t)
		fine(t, codeOf(l))
		if o, err := h.Open(ctx, r, answer); err != nil || o.Body.Text != "Tack!" {
			t.Error(err)
		}
		fine(t, h.Done(ctx, r, answer))
		h.purge(t)
		want(t, codeOf(l), mail.Absent)
	})
	t.Run("when the answer ends first", func(t *testing.T) {
		l, r, answer := answered(t)
		fine(t, h.Done(ctx, r, answer))
		h.purge(t)
		fine(t, codeOf(l))
		if _, err := h.Open(ctx, r, l.anna); err != nil {
			t.Error(err)
		}
		fine(t, h.Done(ctx, r, l.anna))
		h.purge(t)
		want(t, codeOf(l), mail.Absent)
	})
	t.Run("when both end together", func(t *testing.T) {
		l, r, answer := answered(t)
		fine(t, h.Done(ctx, r, answer))
		fine(t, h.Done(ctx, r, l.anna))
		h.purge(t)
		want(t, codeOf(l), mail.Absent)
		_, err := h.Look(ctx, l.code)
		want(t, err, mail.Gone)
	})
}

func TestPurgeGoesOnAfterACrash(t *testing.T) {
	const steps = 8 // as TestPurge has them
	h := newHouse(t)
	ready := func(t *testing.T) traces {
		t.Helper()
		l := h.whole(t)
		before := h.traces(l.message)
		h.clock.days(61)
		h.expire(t)
		h.store.whole()
		return before
	}
	for i := range steps {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("the process dies at step %d, which was done: %v", i+1, done), func(t *testing.T) {
				before := ready(t)
				left := i
				dies := func(string) error {
					if left--; left < 0 {
						return errCrash
					}
					return nil
				}
				if done {
					h.store.after = dies
				} else {
					h.store.before = dies
				}
				if _, err := h.Purge(ctx); !errors.Is(err, errCrash) {
					t.Fatalf("no crash: %v", err)
				}
				h.honest(t, before)
				h.open()
				h.honest(t, before)
				if n := h.purge(t); n == 0 && !(done && i == steps-1) {
					t.Error("nothing was left to do")
				}
				h.gone(t, before)
				if c := h.db.Checked(); c.Lost != 0 {
					t.Errorf("%+v", c)
				}
			})
		}
	}
	t.Run("a blob that cannot be overwritten keeps its own message waiting, and no other", func(t *testing.T) {
		l, other := h.whole(t), h.whole(t)
		a, b := h.traces(l.message), h.traces(other.message)
		h.clock.days(61)
		h.expire(t)
		h.store.whole()
		h.store.before = refuses("erase blob", 1)
		_, err := h.Purge(ctx)
		want(t, err, mail.Again)
		h.store.whole()
		waits := 0
		for _, m := range []mail.ID{a.message, b.message} {
			if h.message(m).State != mail.Erased {
				waits++
			}
		}
		if waits != 1 {
			t.Errorf("%d wait", waits)
		}
		h.purge(t)
		h.gone(t, a)
		h.gone(t, b)
	})
}

// honest holds that nothing is said to be erased that is not, and that nothing whose
// end has begun is alive again.
func (h *house) honest(t *testing.T, before traces) {
	t.Helper()
	erased := func(id mail.ID, s mail.State) {
		h.view(func(tx *vault.ReadTx) error {
			_, err := tx.SlotValue(before.keys[id])
			if s < mail.Purging || s == mail.Erased && mail.KindOf(err) != mail.Gone {
				t.Errorf("state %d, and its key: %v", s, err)
			}
			return nil
		})
	}
	for _, id := range before.holders {
		erased(id, h.holder(id).State)
	}
	m := h.message(before.message)
	erased(m.ID, m.State)
	for _, b := range before.blobs {
		if _, _, err := h.db.OpenBlob(b); m.State == mail.Erased && mail.KindOf(err) != mail.Absent {
			t.Error("the message is said to be erased, and a blob is there")
		}
	}
}
