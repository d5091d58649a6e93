package vault_test

import (
	"slices"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/usage"
	"sigill/appliance/vault"
)

func TestUsage(t *testing.T) {
	db := open(t, t.TempDir())
	maria, johan, here, there := mail.ID{11}, mail.ID{12}, mail.ID{2}, mail.ID{3}
	used := func(first, last usage.Day) (list []usage.Line) {
		t.Helper()
		view(t, db, func(tx *vault.ReadTx) (err error) { list, err = tx.Usage(first, last); return err })
		return list
	}
	sms := func(l usage.Line) {
		t.Helper()
		update(t, db, func(tx *vault.Tx) error { return tx.AddSMS(l) })
	}
	t.Run("SMS of one day, person and unit are one line", func(t *testing.T) {
		for range 2 {
			sms(usage.Line{Day: 7, Owner: maria, Unit: here, SMS: 1, Cost: 350_000, GroupSMS: 1, GroupCost: 350_000, Letters: 9})
		}
		sms(usage.Line{Day: 7, Owner: maria, Unit: there, SMS: 2})
		same(t, "lines", used(0, 100), []usage.Line{{Day: 7, Owner: maria, Unit: here, SMS: 2, Cost: 700_000, GroupSMS: 2, GroupCost: 700_000}, {Day: 7, Owner: maria, Unit: there, SMS: 2}})
	})
	t.Run("a day is written again without its letters being counted twice, and its SMS stay", func(t *testing.T) {
		for _, n := range []int64{5, 3} {
			update(t, db, func(tx *vault.Tx) error {
				return tx.PutDay(7, []usage.Line{{Owner: maria, Unit: here, Letters: n, Recipients: n + 1, Bytes: 100}})
			})
			same(t, "lines", used(7, 7), []usage.Line{
				{Day: 7, Owner: maria, Unit: here, Letters: n, Recipients: n + 1, Bytes: 100, SMS: 2, Cost: 700_000, GroupSMS: 2, GroupCost: 700_000}, {Day: 7, Owner: maria, Unit: there, SMS: 2},
			})
		}
	})
	t.Run("what is not there any more is taken away with its line", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error {
			return tx.PutDay(8, []usage.Line{{Owner: johan, Unit: here, Letters: 1, Recipients: 1}})
		})
		update(t, db, func(tx *vault.Tx) error {
			return tx.PutDay(8, []usage.Line{{Owner: maria, Unit: here, Letters: 1, Recipients: 1}})
		})
		same(t, "lines", used(8, 8), []usage.Line{{Day: 8, Owner: maria, Unit: here, Letters: 1, Recipients: 1}})
	})
	t.Run("days outside of those that are asked for are not told", func(t *testing.T) {
		if got := used(9, 100); got != nil {
			t.Errorf("%+v", got)
		}
	})
}

// posted is a letter as it is when it was accepted at a moment: its ids begin with it.
func posted(t *testing.T, db *vault.DB, owner mail.ID, way mail.Way, begun, sent time.Time) *letter {
	t.Helper()
	l := newLetter(t, db, sent)
	m := mail.NewIDAt(begun)
	l.sealed.Message.ID, l.sealed.Message.Thread, l.sealed.Message.Owner, l.sealed.Message.Way = m, m, owner, way
	for i := range l.sealed.Parts {
		l.sealed.Parts[i].Message = m
	}
	l.sealed.Wraps = nil
	for i := range l.sealed.Holders {
		h := &l.sealed.Holders[i]
		h.ID, h.Message = mail.NewIDAt(sent), m
		if h.House {
			h.ID = mail.NewIDAt(begun)
		}
		l.step.Holder = h.ID
	}
	l.outbox, l.slots = nil, nil
	update(t, db, l.put)
	return l
}

func TestWhatWasSent(t *testing.T) {
	db := open(t, t.TempDir())
	day := time.Date(2027, 2, 10, 0, 0, 0, 0, time.UTC)
	next := day.AddDate(0, 0, 1)
	noon, before := day.Add(12*time.Hour), day.AddDate(0, -3, 0)
	sent := func(from, to time.Time) (list []usage.Line) {
		t.Helper()
		view(t, db, func(tx *vault.ReadTx) (err error) { list, err = tx.SentBetween(from, to); return err })
		return list
	}
	has := func(t *testing.T, owner mail.ID, letters, recipients int64) {
		t.Helper()
		list := sent(day, next)
		var got usage.Line
		if i := slices.IndexFunc(list, func(l usage.Line) bool { return l.Owner == owner }); i >= 0 {
			got = list[i]
		}
		if got.Letters != letters || got.Recipients != recipients || got.Bytes != 4000*letters {
			t.Errorf("%+v", got)
		}
	}
	change := func(h mail.Holder) { update(t, db, func(tx *vault.Tx) error { return tx.SaveHolder(h) }) }

	t.Run("a letter is its day's, from the first moment on and before the next day's", func(t *testing.T) {
		owner := mail.NewID()
		posted(t, db, owner, mail.Out, day, day)
		posted(t, db, owner, mail.Within, next.Add(-time.Millisecond), next.Add(-time.Millisecond))
		posted(t, db, owner, mail.Out, next, next)
		posted(t, db, owner, mail.Out, day.Add(-time.Millisecond), day.Add(-time.Millisecond))
		has(t, owner, 2, 2)
	})
	t.Run("one that lay as a draft for months is of the day on which it was sent", func(t *testing.T) {
		owner := mail.NewID()
		posted(t, db, owner, mail.Out, before, noon)
		has(t, owner, 1, 1)
		if got := sent(before, before.AddDate(0, 0, 1)); got != nil {
			t.Errorf("%+v", got)
		}
	})
	t.Run("what came in is nobody's", func(t *testing.T) {
		owner := mail.NewID()
		posted(t, db, owner, mail.In, noon, noon)
		has(t, owner, 0, 0)
	})
	t.Run("a draft is no letter, also when it was dropped", func(t *testing.T) {
		owner := mail.NewID()
		for _, s := range []mail.State{mail.Unsent, mail.Purging} {
			l := newLetter(t, db, noon)
			l.sealed.Message.ID, l.sealed.Message.Owner, l.sealed.Message.State = mail.NewIDAt(noon), owner, s
			l.sealed.Parts, l.sealed.Wraps, l.sealed.Codes, l.outbox, l.slots = nil, nil, nil, nil, nil
			l.sealed.Holders = l.sealed.Holders[:1]
			l.sealed.Holders[0].ID, l.sealed.Holders[0].Message = mail.NewIDAt(noon), l.sealed.Message.ID
			l.step.Holder = l.sealed.Holders[0].ID
			update(t, db, l.put)
		}
		has(t, owner, 0, 0)
	})
	t.Run("one that has ended counts as before", func(t *testing.T) {
		owner := mail.NewID()
		l := posted(t, db, owner, mail.Out, noon, noon)
		m, h := l.sealed.Message, l.guest()
		m.State, h.State, h.Why = mail.Erased, mail.Erased, mail.EndRead
		change(h)
		update(t, db, func(tx *vault.Tx) error { return tx.SaveMessage(m) })
		has(t, owner, 1, 1)
	})
	t.Run("who got a new code is one recipient, on whichever day", func(t *testing.T) {
		owner := mail.NewID()
		l := posted(t, db, owner, mail.Out, noon, noon)
		old := l.guest()
		for _, at := range []time.Time{noon.Add(time.Hour), noon.AddDate(0, 0, 5)} {
			more, err := db.Reserve(mail.Shred, 1)
			if err != nil {
				t.Fatal(err)
			}
			h := l.guest()
			h.ID, h.Slot = mail.NewIDAt(at), more[0]
			update(t, db, func(tx *vault.Tx) error {
				return tx.AddSealed(&mail.Sealed{Message: l.sealed.Message, Holders: []mail.Holder{h}, Slots: []mail.SlotWrite{{Slot: h.Slot, Value: value()}}})
			})
			old.State, old.Why = mail.Purging, mail.EndReplaced
			change(old)
			old = h
			has(t, owner, 1, 1)
		}
		if got := sent(noon.AddDate(0, 0, 5), noon.AddDate(0, 0, 6)); got != nil {
			t.Errorf("the new code's day has %+v", got)
		}
	})
	t.Run("who may mend it is no recipient", func(t *testing.T) {
		owner := mail.NewID()
		l := posted(t, db, owner, mail.Out, noon, noon)
		more, err := db.Reserve(mail.Shred, 1)
		if err != nil {
			t.Fatal(err)
		}
		h := l.guest()
		h.ID, h.Kind, h.Slot = mail.NewIDAt(noon), mail.HolderRepair, more[0]
		update(t, db, func(tx *vault.Tx) error {
			return tx.AddSealed(&mail.Sealed{Message: l.sealed.Message, Holders: []mail.Holder{h}, Slots: []mail.SlotWrite{{Slot: h.Slot, Value: value()}}})
		})
		has(t, owner, 1, 1)
	})
	t.Run("what lies here is what has not ended", func(t *testing.T) {
		owner := mail.NewID()
		l := posted(t, db, owner, mail.Out, noon, noon)
		posted(t, db, owner, mail.In, noon, noon)
		stored := func() (n int64) {
			view(t, db, func(tx *vault.ReadTx) error {
				all, err := tx.Storage()
				n = all[owner]
				return err
			})
			return n
		}
		if got := stored(); got != 8000 {
			t.Errorf("%d bytes", got)
		}
		m := l.sealed.Message
		m.State = mail.Purging
		update(t, db, func(tx *vault.Tx) error { return tx.SaveMessage(m) })
		if got := stored(); got != 4000 {
			t.Errorf("%d bytes", got)
		}
	})
}
