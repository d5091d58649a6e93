package vault_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func chain(t *testing.T, db *vault.DB) (n int) {
	t.Helper()
	view(t, db, func(tx *vault.ReadTx) error {
		var prev journal.Entry
		list, err := tx.JournalSince(0, 1<<20)
		for _, e := range list {
			if e.Seq != prev.Seq+1 || journal.Hash(prev.Hash, e.Seq, e.Event) != e.Hash {
				t.Fatalf("the chain breaks at %d", e.Seq)
			}
			prev = e
		}
		seq, hash, err2 := tx.JournalHead()
		if seq != prev.Seq || hash != prev.Hash || err2 != nil {
			t.Errorf("head %d, last %d, %v", seq, prev.Seq, err2)
		}
		n = len(list)
		return err
	})
	return n
}

func TestGroupCommit(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	at := newClock().Now()
	mine := errors.New("mine")
	var kept, lost sync.Map
	var good atomic.Int64
	var wait sync.WaitGroup
	for g := range 64 {
		wait.Go(func() {
			for i := range 12 {
				l := newLetter(t, db, at)
				id := l.sealed.Message.ID
				err := db.Update(ctx, func(tx *vault.Tx) error {
					if err := l.put(tx); err != nil {
						return err
					}
					switch (g + i) % 4 {
					case 1:
						return mine
					case 2:
						panic("a fault in a closure")
					case 3:
						if err := tx.PutSealed(l.sealed); err == nil {
							t.Error("the same message twice")
						}
					}
					return nil
				})
				switch (g + i) % 4 {
				case 0:
					if err != nil {
						t.Error(err)
					}
				case 1:
					if !errors.Is(err, mine) {
						t.Error(err)
					}
				case 2:
					if mail.KindOf(err) != mail.Internal {
						t.Error(err)
					}
				}
				if err == nil {
					good.Add(1)
					kept.Store(id, l)
				} else {
					lost.Store(id, l)
					db.Unreserve(l.allSlots())
				}
			}
		})
	}
	wait.Wait()
	whole := func(db *vault.DB) {
		t.Helper()
		if n := chain(t, db); n != int(good.Load()) {
			t.Errorf("%d entries for %d acts", n, good.Load())
		}
		view(t, db, func(tx *vault.ReadTx) error {
			kept.Range(func(id, l any) bool {
				_, err := tx.Message(id.(mail.ID))
				hs, err2 := tx.Holders(id.(mail.ID))
				if err != nil || err2 != nil || len(hs) != 2 {
					t.Errorf("a kept message: %v %v %d", err, err2, len(hs))
				}
				for _, w := range l.(*letter).sealed.Slots {
					if v, err := tx.SlotValue(w.Slot); err != nil || v != w.Value {
						t.Errorf("slot %v: %v", w.Slot, err)
					}
				}
				return true
			})
			lost.Range(func(id, _ any) bool {
				_, err := tx.Message(id.(mail.ID))
				want(t, err, mail.Absent)
				return true
			})
			return nil
		})
	}
	whole(db)
	if good.Load() < 64*6/2 {
		t.Errorf("only %d were kept", good.Load())
	}
	db.Close()
	db = open(t, dir)
	whole(db)
	if c := db.Checked(); c.Swept != 0 || c.Slots != int(good.Load())*6 {
		t.Errorf("%+v for %d messages", c, good.Load())
	}
}

func TestUpdate(t *testing.T) {
	db := open(t, t.TempDir())
	t.Run("a caller who gave up before is not served", func(t *testing.T) {
		gone, cancel := context.WithCancel(ctx)
		hold, inside := make(chan struct{}), make(chan struct{})
		go db.Update(ctx, func(*vault.Tx) error { close(inside); <-hold; return nil })
		<-inside
		cancel()
		err := db.Update(gone, func(*vault.Tx) error { t.Error("run"); return nil })
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		close(hold)
		update(t, db, func(*vault.Tx) error { return nil })
	})
	t.Run("a transaction has one time", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error {
			if !tx.Now().Equal(newClock().Now()) {
				t.Error(tx.Now())
			}
			return nil
		})
	})
	t.Run("it sees its own slots and rows before they are on disk", func(t *testing.T) {
		l := newLetter(t, db, newClock().Now())
		update(t, db, func(tx *vault.Tx) error {
			if err := l.put(tx); err != nil {
				return err
			}
			w := l.sealed.Slots[0]
			if v, err := tx.SlotValue(w.Slot); err != nil || v != w.Value {
				return fmt.Errorf("slot: %w", err)
			}
			_, err := tx.Message(l.sealed.Message.ID)
			return err
		})
	})
	t.Run("a slot that is not reserved is refused", func(t *testing.T) {
		l := newLetter(t, db, newClock().Now())
		update(t, db, l.put)
		err := db.Update(ctx, func(tx *vault.Tx) error { return tx.PutSlots(l.sealed.Slots[:1]) })
		want(t, err, mail.Internal)
	})
	t.Run("who keeps the transaction has nothing", func(t *testing.T) {
		var kept *vault.Tx
		update(t, db, func(tx *vault.Tx) error { kept = tx; return nil })
		defer func() {
			if recover() == nil {
				t.Error("it still answers")
			}
		}()
		kept.Message(mail.NewID())
	})
	t.Run("a reader sees one state while others write", func(t *testing.T) {
		l := newLetter(t, db, newClock().Now())
		view(t, db, func(tx *vault.ReadTx) error {
			before, _, err := tx.JournalHead()
			update(t, db, l.put)
			after, _, err2 := tx.JournalHead()
			if before != after || err != nil || err2 != nil {
				t.Error(before, after, err, err2)
			}
			return nil
		})
	})
	t.Run("a closed store says so, and may be closed again", func(t *testing.T) {
		if err := errors.Join(db.Close(), db.Close()); err != nil {
			t.Error(err)
		}
		want(t, db.Update(ctx, func(*vault.Tx) error { return nil }), mail.Again)
		want(t, db.View(ctx, func(*vault.ReadTx) error { return nil }), mail.Again)
	})
}
