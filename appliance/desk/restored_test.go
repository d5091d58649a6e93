package desk_test

import (
	"bytes"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// TestReplay ends what a ledger names and has come back.
func TestReplay(t *testing.T) {
	h := newHouse(t)
	l, other := h.letter(letterTo(toAnna())), h.letter(letterTo(toBo()))
	ended := h.clock.Now().Add(-time.Hour).Truncate(time.Second)
	ledger := []mail.Ended{
		{What: mail.EndsHolder, ID: l.anna, At: ended}, {What: mail.EndsMessage, ID: l.message, At: ended},
		{What: mail.EndsMessage, ID: mail.NewID(), At: ended}, {What: mail.EndsHolder, ID: mail.NewID(), At: ended}, // came after the backup
	}
	n, err := h.Replay(ctx, ledger)
	fine(t, err)
	if n != len(h.holders(l.message)) {
		t.Errorf("%d have ended", n)
	}
	for _, x := range h.holders(l.message) {
		if x.State != mail.Purging || x.Why != mail.EndLedger || !x.Ended.Equal(ended) {
			t.Errorf("%+v", x)
		}
	}
	if n, err := h.Replay(ctx, ledger); err != nil || n != 0 {
		t.Errorf("again: %d, %v", n, err)
	}
	h.purge(t)
	if m := h.message(l.message); m.State != mail.Erased {
		t.Errorf("%+v", m)
	}
	if m := h.message(other.message); m.State != mail.Active {
		t.Errorf("the other has ended too: %+v", m)
	}
}

// TestUnsent gives up the mails whose keys no backup has, and tells the senders.
func TestUnsent(t *testing.T) {
	h := newHouse(t)
	l := h.letter(letterTo(toAnna()))
	due, err := h.Next(ctx, h.clock.Now(), 100)
	fine(t, err)
	var slots []mail.Slot
	for _, d := range due {
		slots = append(slots, d.Slot)
	}
	fine(t, h.store.EraseSlots(ctx, slots)) // as if link.slots had never been there
	letters, others, err := h.Unsent(ctx)
	fine(t, err)
	if letters != 1 || letters+others != len(due) {
		t.Errorf("%d letters and %d others of %d", letters, others, len(due))
	}
	if n := count(h.steps(l.anna), mail.StepNoticeFailed); n != 1 {
		t.Errorf("the sender sees it %d times", n)
	}
	told, err := h.Next(ctx, h.clock.Now(), 100)
	fine(t, err)
	if len(told) != 1 || told[0].Kind != mail.NoticeBounce {
		t.Errorf("%+v", told)
	}
	if letters, others, err := h.Unsent(ctx); err != nil || letters+others != 0 {
		t.Errorf("again: %d, %d, %v", letters, others, err)
	}
	h.view(func(tx *vault.ReadTx) error {
		list, err := tx.UnkeyedOutgoing(10)
		if len(list) > 0 {
			t.Errorf("%+v", list)
		}
		return err
	})
}

// TestTrial keeps a letter that the appliance has made for itself.
func TestTrial(t *testing.T) {
	h := newHouse(t)
	l := h.letter(letterTo(toAnna()))
	content := random(mail.InRow + 1)
	id, err := h.PutTrial(ctx, content)
	fine(t, err)
	if got, err := h.OpenTrial(ctx, id); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	t.Run("no other letter opens so", func(t *testing.T) {
		for _, x := range h.holders(l.message) {
			if _, err := h.OpenTrial(ctx, x.ID); mail.KindOf(err) != mail.Absent {
				t.Errorf("%v", err)
			}
		}
	})
	t.Run("it ends at once, or by itself after a day", func(t *testing.T) {
		fine(t, h.EndTrial(ctx, id))
		if _, err := h.OpenTrial(ctx, id); mail.KindOf(err) != mail.Gone {
			t.Errorf("%v", err)
		}
		id, err := h.PutTrial(ctx, content)
		fine(t, err)
		h.clock.goes(25 * time.Hour)
		if n := h.expire(t); n != 1 {
			t.Errorf("%d ended", n)
		}
		if _, err := h.OpenTrial(ctx, id); mail.KindOf(err) != mail.Gone {
			t.Errorf("%v", err)
		}
	})
}
