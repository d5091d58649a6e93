package office_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/vault"
)

func TestClosing(t *testing.T) {
	h := newHouseOf(t)
	h.in("maria")
	box := h.mailbox(0, "maria")
	key := h.receives(box)
	day := 24 * time.Hour
	ends := h.clock.Now().Add(15 * day)
	t.Run("who does not organise it, a day that is near, and no decision are refused, and nothing is set", func(t *testing.T) {
		want(t, h.SetClosing(ctx, h.actor["olle"], box, ends, "KS 1"), mail.Absent)
		want(t, h.SetClosing(ctx, h.actor["maria"], box, ends, "KS 1"), mail.Absent)
		want(t, h.SetClosing(ctx, h.actor["karin"], box, h.clock.Now().Add(13*day), "KS 1"), mail.Invalid)
		want(t, h.SetClosing(ctx, h.actor["karin"], box, ends, " "), mail.Invalid)
		want(t, h.SetClosing(ctx, h.actor["karin"], box, ends, strings.Repeat("å", 101)), mail.Invalid)
		if slices.Contains(h.kinds("maria@kommun.example"), mail.NoticeClosing) {
			t.Error("somebody was told")
		}
	})
	fine(t, h.SetClosing(ctx, h.actor["karin"], box, ends, " KS 2026/17 "))
	t.Run("it is told, written down, kept over a start, and kept when the mailbox is changed", func(t *testing.T) {
		if !slices.Contains(h.kinds("maria@kommun.example"), mail.NoticeClosing) || !slices.Contains(h.noted(mail.Person{ID: box}), journal.MailboxEnds) {
			t.Error("not told, or not written down")
		}
		var m org.Mailbox
		h.Tree(func(t *org.Tree) { m, _ = t.Mailbox(box) })
		m.Name = "Ett annat namn"
		m.Ends, m.Decision = time.Time{}, "" // as a form would have it
		fine(t, h.ChangeMailbox(ctx, h.actor["karin"], m))
		h.another().Tree(func(tree *org.Tree) {
			if m, _ = tree.Mailbox(box); !m.Ends.Equal(ends) || m.Decision != "KS 2026/17" || m.Name != "Ett annat namn" {
				t.Errorf("%+v", m)
			}
		})
	})
	told := func() (n int) {
		for _, k := range h.kinds("maria@kommun.example") {
			if k == mail.NoticeClosing {
				n++
			}
		}
		return n
	}
	t.Run("four days before, its people are told once more, and once", func(t *testing.T) {
		h.clock.goes(11*day - time.Second)
		fine(t, h.RemindClosing(ctx))
		if n := told(); n != 1 {
			t.Errorf("%d", n)
		}
		h.clock.goes(time.Second)
		fine(t, h.RemindClosing(ctx))
		fine(t, h.RemindClosing(ctx))
		fine(t, h.another().RemindClosing(ctx)) // after a start
		if n := told(); n != 2 {
			t.Errorf("%d", n)
		}
		h.clock.goes(-11 * day)
	})
	t.Run("before its day it does not end", func(t *testing.T) {
		h.clock.goes(15*day - time.Second)
		if ids := h.Closing(); len(ids) != 0 || h.Replaced(box) {
			t.Error(ids)
		}
	})
	h.clock.goes(time.Second)
	t.Run("then nothing is taken for it, and it stays as long as something is in it", func(t *testing.T) {
		same(t, h.Closing(), []mail.ID{box})
		if !h.Replaced(box) {
			t.Error("letters are still taken")
		}
		want(t, h.Close(ctx, box), mail.Internal)
		want(t, h.SetClosing(ctx, h.actor["karin"], box, time.Time{}, ""), mail.Invalid) // too late to take it back
		if h.key(box).Key != key.Key {
			t.Error("it is gone")
		}
	})
	t.Run("when that has ended it goes with its keys", func(t *testing.T) {
		var slots []mail.Slot
		h.view(func(tx *vault.ReadTx) error {
			wraps, err := tx.GenerationWraps(key.Key)
			for _, w := range wraps {
				slots = append(slots, w.Slot)
			}
			return err
		})
		h.empties(box)
		fine(t, h.Close(ctx, box))
		h.view(func(tx *vault.ReadTx) error {
			for _, s := range slots {
				if v, err := tx.SlotValue(s); err == nil && v != (mail.SlotValue{}) {
					t.Error("a key's slot is there")
				}
			}
			return nil
		})
		if _, err := h.Owner(ctx, box); mail.KindOf(err) != mail.Absent || len(slots) == 0 {
			t.Error(err, len(slots))
		}
		if !slices.Contains(h.noted(mail.Person{ID: box}), journal.MailboxClosed) || len(h.Closing()) != 0 {
			t.Error("not written down, or not over")
		}
	})
}

func TestClosingWhatWasHandedOver(t *testing.T) {
	l := newLeaving(t)
	l.hands()
	box := l.left.ID
	fine(t, l.SetClosing(ctx, system, box, l.clock.Now().Add(15*24*time.Hour), "KS 1"))
	l.clock.goes(15 * 24 * time.Hour)
	same(t, l.Closing(), []mail.ID{box})
	l.empties(box)
	fine(t, l.Close(ctx, box))
	t.Run("nobody is there any more: neither the mailbox nor who had it", func(t *testing.T) {
		_, err := l.Owner(ctx, box)
		want(t, err, mail.Absent)
	})
}

// empties ends all that is in a mailbox, as the desk does.
func (h *houseOf) empties(box mail.ID) {
	h.t.Helper()
	fine(h.t, h.store.DB.Update(ctx, func(tx *vault.Tx) error {
		list, err := tx.HoldersOf(box, 10)
		for _, x := range list {
			x.State = mail.Erased
			fine(h.t, tx.SaveHolder(x))
		}
		return err
	}))
}

func TestClosingTakenBack(t *testing.T) {
	h := newHouseOf(t)
	box := h.mailbox(0)
	fine(t, h.SetClosing(ctx, system, box, h.clock.Now().Add(20*24*time.Hour), "KS 1"))
	fine(t, h.SetClosing(ctx, h.actor["karin"], box, time.Time{}, "whatever"))
	h.clock.goes(30 * 24 * time.Hour)
	if ids := h.Closing(); len(ids) != 0 {
		t.Error(ids)
	}
	n := len(h.noted(mail.Person{ID: box}))
	fine(t, h.SetClosing(ctx, h.actor["karin"], box, time.Time{}, "")) // as it is
	if len(h.noted(mail.Person{ID: box})) != n {
		t.Error("written down once more")
	}
}
