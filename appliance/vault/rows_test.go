package vault_test

import (
	"bytes"
	"io"
	"reflect"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func TestASealedMessage(t *testing.T) {
	clock := newClock()
	db := openWith(t, vault.Config{Dir: t.TempDir(), Clock: clock})
	l := newLetter(t, db, clock.Now())
	s := l.sealed
	update(t, db, l.put)
	t.Run("comes back as it was put", func(t *testing.T) {
		view(t, db, func(tx *vault.ReadTx) error {
			m, err := tx.Message(s.Message.ID)
			same(t, "message", m, s.Message)
			head, err2 := tx.Head(s.Message.ID)
			same(t, "head", head, s.Head)
			for _, want := range s.Parts {
				p, err := tx.Part(want.Message, want.N, want.Piece)
				same(t, "part", p, want)
				want0 := want
				want0.Box = nil
				parts, err2 := tx.Parts(want.Message)
				if err != nil || err2 != nil || len(parts) != 2 || !reflect.DeepEqual(parts[want.N-1], want0) {
					t.Errorf("parts %+v %v %v", parts, err, err2)
				}
			}
			for _, want := range s.Holders {
				h, err3 := tx.Holder(want.ID)
				same(t, "holder", h, want)
				if err3 != nil {
					t.Error(err3)
				}
			}
			hs, err3 := tx.Holders(s.Message.ID)
			same(t, "holders", hs, s.Holders)
			for _, want := range s.Wraps {
				ws, err := tx.Wraps(want.Holder)
				same(t, "wraps", ws, []mail.Wrap{want})
				if err != nil {
					t.Error(err)
				}
			}
			c, err4 := tx.Code(s.Codes[0].ID)
			same(t, "code", c, s.Codes[0])
			c, err5 := tx.CodeByLocator(s.Codes[0].Locator)
			same(t, "code by locator", c, s.Codes[0])
			cs, err6 := tx.CodesOf(l.guest().ID)
			same(t, "codes of", cs, s.Codes)
			e, err7 := tx.Epoch(s.Epochs[0].ID)
			same(t, "epoch", e, s.Epochs[0])
			st, err8 := tx.Steps(l.guest().ID)
			same(t, "steps", st, []mail.Step{l.step})
			for _, w := range append(s.Slots, l.slots...) {
				v, err := tx.SlotValue(w.Slot)
				if err != nil || v != w.Value {
					t.Errorf("slot %v: %v", w.Slot, err)
				}
			}
			for _, err := range []error{err, err2, err3, err4, err5, err6, err7, err8} {
				if err != nil {
					t.Error(err)
				}
			}
			return nil
		})
	})
	t.Run("brings an epoch that is there already", func(t *testing.T) {
		update(t, db, newLetter(t, db, clock.Now()).put)
	})
	t.Run("is in the mailbox with all that opens its head", func(t *testing.T) {
		view(t, db, func(tx *vault.ReadTx) error {
			list, err := tx.Mailbox(mail.MailboxQuery{Owner: s.Message.Owner, Folder: mail.Sent, Limit: 10})
			same(t, "mailbox", list, []mail.MailboxRow{{Message: s.Message, Holder: s.Holders[0], Head: s.Head, Wraps: s.Wraps[:1]}})
			return err
		})
	})
	t.Run("is due when its holders are, the first due first", func(t *testing.T) {
		view(t, db, func(tx *vault.ReadTx) error {
			none, err := tx.DueHolders(clock.Now().Add(29*24*time.Hour), 10)
			same(t, "too early", none, []mail.Holder(nil))
			list, err2 := tx.DueHolders(clock.Now().Add(365*24*time.Hour), 3)
			if err != nil || err2 != nil || len(list) != 3 || list[2].Kind != mail.HolderPerson {
				t.Errorf("%+v %v %v", list, err, err2)
			}
			return nil
		})
	})
	t.Run("has its mails in the outbox until they are gone", func(t *testing.T) {
		o := l.outbox[0]
		view(t, db, func(tx *vault.ReadTx) error {
			got, err := tx.Outgoing(o.ID)
			same(t, "outgoing", got, o)
			byBounce, err2 := tx.OutgoingByBounce(o.Bounce)
			same(t, "by bounce", byBounce, o)
			of, err3 := tx.OutgoingOf(o.Holder)
			due, err4 := tx.DueOutgoing(clock.Now(), 10)
			next, err5 := tx.NextOutgoing()
			if len(of) != 2 || len(due) != 4 || !next.Equal(o.Next) {
				t.Errorf("of %d, due %d, next %v", len(of), len(due), next)
			}
			for _, err := range []error{err, err2, err3, err4, err5} {
				if err != nil {
					t.Error(err)
				}
			}
			return nil
		})
		t.Run("also when a clock that was far ahead has put them off", func(t *testing.T) {
			late := o
			for _, c := range []struct {
				off time.Duration
				due int
			}{{time.Hour, 3}, {100 * 24 * time.Hour, 4}, {0, 4}} {
				late.Next = o.Next.Add(c.off)
				update(t, db, func(tx *vault.Tx) error { return tx.SaveOutgoing(late) })
				view(t, db, func(tx *vault.ReadTx) error {
					due, err := tx.DueOutgoing(clock.Now(), 10)
					if len(due) != c.due {
						t.Errorf("put off by %v, %d are due", c.off, len(due))
					}
					return err
				})
			}
		})
		if err := db.EraseSlots(ctx, []mail.Slot{o.Slot}); err != nil {
			t.Fatal(err)
		}
		gone := o
		gone.Slot, gone.Next, gone.Tries = mail.Slot{}, time.Time{}, 1
		update(t, db, func(tx *vault.Tx) error { return tx.SaveOutgoing(gone) })
		gone.Box = nil
		view(t, db, func(tx *vault.ReadTx) error {
			got, err := tx.Outgoing(o.ID)
			same(t, "gone", got, gone)
			_, err2 := tx.SlotValue(o.Slot)
			want(t, err2, mail.Gone)
			return err
		})
	})
}

func TestTheEndOfAMessage(t *testing.T) {
	clock := newClock()
	dir := t.TempDir()
	db := openWith(t, vault.Config{Dir: dir, Clock: clock})
	l := newLetter(t, db, clock.Now())
	blob := db.NewBlobID()
	if _, err := db.PutBlob(ctx, blob, cipher(random(100_000))); err != nil {
		t.Fatal(err)
	}
	l.sealed.Parts = append(l.sealed.Parts, mail.Part{Message: l.sealed.Message.ID, N: mail.PartFile, Size: 99_000, Blob: blob})
	update(t, db, l.put)
	h, m := l.guest(), l.sealed.Message

	h.State, m.State = mail.Purging, mail.Purging
	update(t, db, func(tx *vault.Tx) error {
		if err := tx.SaveHolder(h); err != nil {
			return err
		}
		if err := tx.SaveMessage(m); err != nil {
			return err
		}
		return tx.PutLedger(mail.Ledger{ID: h.ID, What: mail.EndsHolder, Why: mail.EndRecalled, Actor: mail.ActorSender, Asked: tx.Now()})
	})
	view(t, db, func(tx *vault.ReadTx) error {
		hs, err := tx.PurgingHolders(10)
		same(t, "purging holders", hs, []mail.Holder{h})
		ms, err2 := tx.PurgingMessages(10)
		same(t, "purging messages", ms, []mail.Message{m})
		open, err3 := tx.OpenLedger(10)
		same(t, "ledger", open, []mail.Ledger{{ID: h.ID, What: mail.EndsHolder, Why: mail.EndRecalled, Actor: mail.ActorSender, Asked: clock.Now()}})
		if err != nil || err2 != nil || err3 != nil {
			t.Error(err, err2, err3)
		}
		due, err := tx.DueHolders(clock.Now().Add(1000*24*time.Hour), 10)
		if len(due) != 1 || due[0].ID == h.ID {
			t.Errorf("due %+v", due)
		}
		return err
	})
	slots := []mail.Slot{m.Slot, h.Slot, l.sealed.Codes[0].Slot}
	if err := db.EraseSlots(ctx, slots); err != nil {
		t.Fatal(err)
	}
	t.Run("an erased slot that a row still names is not given out again", func(t *testing.T) {
		for range 20_000 { // more than the file has, so the search comes round
			list, err := db.Reserve(mail.Shred, 1)
			if err != nil {
				t.Fatal(err)
			}
			if s := list[0]; s == slots[0] || s == slots[1] || s == slots[2] {
				t.Fatalf("slot %v given out", s)
			}
		}
	})
	ended := []mail.Ended{{What: mail.EndsHolder, ID: h.ID, At: clock.Now()}, {What: mail.EndsMessage, ID: m.ID, At: clock.Now()}}
	for range 2 { // as after a crash in between
		if err := db.Destroyed(ctx, ended); err != nil {
			t.Fatal(err)
		}
	}
	h.State, m.State, h.Ended, h.Why = mail.Erased, mail.Erased, clock.Now(), mail.EndRecalled
	var blobs []mail.ID
	update(t, db, func(tx *vault.Tx) (err error) {
		if err := tx.SaveHolder(h); err != nil {
			return err
		}
		if err := tx.SaveMessage(m); err != nil {
			return err
		}
		if err := tx.DeleteWraps(h.ID); err != nil {
			return err
		}
		if err := tx.DeleteCode(l.sealed.Codes[0].ID); err != nil {
			return err
		}
		if blobs, err = tx.DeleteParts(m.ID); err != nil {
			return err
		}
		if err := tx.PutTombstone(mail.Tombstone{Locator: l.sealed.Codes[0].Locator, Ended: tx.Now(), Why: mail.EndRecalled, Forget: tx.Now().Add(time.Hour)}); err != nil {
			return err
		}
		return tx.DoneLedger(h.ID, tx.Now())
	})
	same(t, "blobs", blobs, []mail.ID{blob})
	for range 2 {
		if err := db.EraseBlob(ctx, blob); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := db.OpenBlob(blob)
	want(t, err, mail.Absent)
	view(t, db, func(tx *vault.ReadTx) error {
		gotH, err := tx.Holder(h.ID)
		if err != nil || !gotH.Slot.IsZero() || gotH.Columns != nil || gotH.State != mail.Erased {
			t.Errorf("%+v %v", gotH, err)
		}
		gotM, err := tx.Message(m.ID)
		head, err2 := tx.Head(m.ID)
		if err != nil || err2 != nil || !gotM.Slot.IsZero() || gotM.Envelope != nil || head != nil {
			t.Errorf("%+v %v", gotM, err)
		}
		_, err = tx.Code(l.sealed.Codes[0].ID)
		want(t, err, mail.Absent)
		ts, err := tx.Tombstone(l.sealed.Codes[0].Locator)
		if err != nil || ts.Why != mail.EndRecalled {
			t.Errorf("%+v %v", ts, err)
		}
		open, err := tx.OpenLedger(10)
		if len(open) != 0 {
			t.Errorf("still open: %+v", open)
		}
		return err
	})
	list, err := db.LoadDestroyed(ctx)
	same(t, "destroyed", list, ended)
	if err != nil {
		t.Error(err)
	}
	update(t, db, func(tx *vault.Tx) error {
		n, err := tx.ForgetTombstones(clock.Now().Add(time.Hour))
		if n != 1 {
			t.Errorf("%d tombstones forgotten", n)
		}
		return err
	})
	db.Close()
	db = open(t, dir)
	if c := db.Checked(); c.Swept+c.Lost+c.Repaired != 0 {
		t.Errorf("after a clean end %+v", c)
	}
}

func cipher(b []byte) mail.Ciphertext {
	return func(w io.Writer) error { _, err := w.Write(b); return err }
}

func TestMailbox(t *testing.T) {
	db := open(t, t.TempDir())
	owner := mail.NewID()
	start := newClock().Now()
	var ids []mail.ID
	for i := range 25 {
		l := newLetter(t, db, start.Add(time.Duration(i/3)*time.Second)) // three of each moment
		h := &l.sealed.Holders[0]
		h.Owner, h.Folder = owner, mail.Inbox
		if i%5 != 0 {
			h.Opened = time.Time{}
		}
		l.sealed.Wraps = append(l.sealed.Wraps, mail.Wrap{Holder: h.ID, Kind: mail.WrapMailbox, Ref: owner, Box: random(60)})
		update(t, db, l.put)
		ids = append(ids, h.ID)
	}
	t.Run("pages meet each letter once, the newest first", func(t *testing.T) {
		seen := map[mail.ID]bool{}
		q := mail.MailboxQuery{Owner: owner, Folder: mail.Inbox, Limit: 4}
		last := start.Add(time.Hour)
		for {
			var page []mail.MailboxRow
			view(t, db, func(tx *vault.ReadTx) (err error) { page, err = tx.Mailbox(q); return err })
			if len(page) == 0 {
				break
			}
			for _, r := range page {
				if seen[r.Holder.ID] || r.Message.At.After(last) || len(r.Wraps) != 2 || len(r.Head) != 300 {
					t.Fatalf("out of order, twice, or not whole: %+v", r)
				}
				seen[r.Holder.ID], last = true, r.Message.At
			}
			q.Before, q.Skip = page[len(page)-1].Message.At, page[len(page)-1].Holder.ID
		}
		if len(seen) != len(ids) {
			t.Errorf("%d letters of %d", len(seen), len(ids))
		}
	})
	t.Run("counts say how many are unread", func(t *testing.T) {
		view(t, db, func(tx *vault.ReadTx) error {
			c, err := tx.CountMailbox(owner)
			same(t, "inbox", c[mail.Inbox], vault.Count{All: 25, Unread: 20})
			return err
		})
	})
	t.Run("a letter whose end has begun is not shown", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error {
			h, err := tx.Holder(ids[3])
			if err != nil {
				return err
			}
			h.State = mail.Purging
			return tx.SaveHolder(h)
		})
		view(t, db, func(tx *vault.ReadTx) error {
			list, err := tx.Mailbox(mail.MailboxQuery{Owner: owner, Limit: 200})
			if len(list) != 24 {
				t.Errorf("%d letters", len(list))
			}
			return err
		})
	})
	t.Run("a draft that is sent moves to the time of sending", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error {
			h, err := tx.Holder(ids[0])
			if err != nil {
				return err
			}
			m, err := tx.Message(h.Message)
			if err != nil {
				return err
			}
			m.At = start.Add(time.Hour)
			return tx.SaveMessage(m)
		})
		view(t, db, func(tx *vault.ReadTx) error {
			list, err := tx.Mailbox(mail.MailboxQuery{Owner: owner, Limit: 1})
			if len(list) != 1 || list[0].Holder.ID != ids[0] {
				t.Error("not the first now")
			}
			return err
		})
	})
}

func TestThreadsAndPairs(t *testing.T) {
	db := open(t, t.TempDir())
	at := newClock().Now()
	first, later := newLetter(t, db, at), newLetter(t, db, at.Add(time.Minute))
	later.sealed.Message.Thread = first.sealed.Message.ID
	code := first.sealed.Codes[0].ID
	pair := mail.Pair{ID: mail.NewID(), Thread: first.sealed.Message.ID, Code: code, Public: random(1216), Seed: random(60)}
	later.sealed.Wraps = append(later.sealed.Wraps, mail.Wrap{Holder: later.guest().ID, Kind: mail.WrapPair, Ref: pair.ID, Box: random(1228)})
	update(t, db, func(tx *vault.Tx) error {
		if err := first.put(tx); err != nil {
			return err
		}
		if err := tx.PutPair(pair); err != nil {
			return err
		}
		return later.put(tx)
	})
	inUse := func() (used bool) {
		view(t, db, func(tx *vault.ReadTx) (err error) { used, err = tx.CodeInUse(code); return err })
		return used
	}
	view(t, db, func(tx *vault.ReadTx) error {
		p, err := tx.Pair(pair.ID)
		same(t, "pair", p, pair)
		list, err2 := tx.PairsOfThread(pair.Thread)
		same(t, "pairs of thread", list, []mail.Pair{pair})
		p, err3 := tx.PairOfCode(code)
		same(t, "pair of code", p, pair)
		ms, err4 := tx.Thread(pair.Thread)
		same(t, "thread", ms, []mail.Message{first.sealed.Message, later.sealed.Message})
		for _, err := range []error{err, err2, err3, err4} {
			if err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	end := func(h mail.Holder) {
		update(t, db, func(tx *vault.Tx) error {
			h.State = mail.Purging
			return tx.SaveHolder(h)
		})
	}
	if !inUse() {
		t.Error("a code of two letters is not in use")
	}
	end(first.guest())
	if !inUse() {
		t.Error("a code that opens a later letter through its pair is not in use")
	}
	end(later.guest())
	if inUse() {
		t.Error("a code that opens nothing is in use")
	}
	update(t, db, func(tx *vault.Tx) error { return tx.DeleteCode(code) })
	view(t, db, func(tx *vault.ReadTx) error {
		_, err := tx.Pair(pair.ID)
		want(t, err, mail.Absent)
		return nil
	})
}

func TestPeople(t *testing.T) {
	clock := newClock()
	db := openWith(t, vault.Config{Dir: t.TempDir(), Clock: clock})
	p := mail.Person{ID: mail.NewID(), Lookup: [32]byte(random(32)), Public: random(1216), Columns: random(90), Roles: mail.RoleAdmin, At: clock.Now()}
	slots, err := db.Reserve(mail.Shred, 2)
	if err != nil {
		t.Fatal(err)
	}
	var old mail.Slot
	put := func(s mail.Slot) {
		update(t, db, func(tx *vault.Tx) (err error) {
			if err := tx.PutSlots([]mail.SlotWrite{{Slot: s, Value: value()}}); err != nil {
				return err
			}
			old, err = tx.PutSeedWrap(mail.SeedWrap{Person: p.ID, Kind: mail.SeedPassword, Slot: s, Box: random(80)})
			return err
		})
	}
	update(t, db, func(tx *vault.Tx) error { return tx.PutPerson(p) })
	put(slots[0])
	if !old.IsZero() {
		t.Errorf("a first wrap replaced %v", old)
	}
	put(slots[1])
	same(t, "replaced", old, slots[0])
	p.Suspended = clock.Now()
	contact := mail.Contact{Lookup: [32]byte(random(32)), Columns: random(80), At: clock.Now()}
	p.Active = true
	update(t, db, func(tx *vault.Tx) error {
		for _, err := range []error{tx.SavePerson(p), tx.PutContact(contact), tx.SetSetting("limits", `{"a":1}`), tx.SetSetting("limits", `{"a":2}`)} {
			if err != nil {
				return err
			}
		}
		contact.Worked = clock.Now()
		return tx.PutContact(contact)
	})
	view(t, db, func(tx *vault.ReadTx) error {
		got, err := tx.Person(p.ID)
		same(t, "person", got, p)
		got, err2 := tx.PersonByLookup(p.Lookup)
		same(t, "by lookup", got, p)
		people, err3 := tx.People()
		same(t, "people", people, []mail.Person{p})
		wraps, err4 := tx.SeedWraps(p.ID)
		if len(wraps) != 1 || wraps[0].Slot != slots[1] {
			t.Errorf("wraps %+v", wraps)
		}
		c, err5 := tx.Contact(contact.Lookup)
		same(t, "contact", c, contact)
		set, err6 := tx.Setting("limits")
		same(t, "setting", set, `{"a":2}`)
		for _, err := range []error{err, err2, err3, err4, err5, err6} {
			if err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	update(t, db, func(tx *vault.Tx) error {
		s, err := tx.DeleteSeedWrap(p.ID, mail.SeedPassword)
		same(t, "deleted", s, slots[1])
		if err != nil {
			return err
		}
		_, err = tx.DeleteSeedWrap(p.ID, mail.SeedPassword)
		want(t, err, mail.Absent)
		return nil
	})
}

func TestCounters(t *testing.T) {
	db := open(t, t.TempDir())
	name, start := []byte("pin/1"), newClock().Now()
	count := func(after time.Duration) (n int64) {
		update(t, db, func(tx *vault.Tx) (err error) { n, err = tx.Count(name, start.Add(after), time.Hour); return err })
		return n
	}
	for i, c := range []struct {
		after time.Duration
		want  int64
	}{{0, 1}, {time.Minute, 2}, {59 * time.Minute, 3}, {time.Hour, 1}, {90 * time.Minute, 2}, {2 * time.Hour, 1}} {
		if got := count(c.after); got != c.want {
			t.Errorf("count %d after %v is %d, want %d", i, c.after, got, c.want)
		}
	}
	view(t, db, func(tx *vault.ReadTx) error {
		now, err := tx.Counter(name, start.Add(2*time.Hour))
		later, err2 := tx.Counter(name, start.Add(3*time.Hour))
		if now != 1 || later != 0 || err != nil || err2 != nil {
			t.Error(now, later, err, err2)
		}
		return nil
	})
	uncount := func(after time.Duration) (n int64) {
		update(t, db, func(tx *vault.Tx) (err error) {
			if err := tx.Uncount(name, start.Add(after)); err != nil {
				return err
			}
			n, err = tx.Counter(name, start.Add(after))
			return err
		})
		return n
	}
	if n := count(2 * time.Hour); n != 2 {
		t.Errorf("again %d", n)
	}
	for _, want := range []int64{1, 0, 0} {
		if n := uncount(2 * time.Hour); n != want {
			t.Errorf("after giving one back %d, want %d", n, want)
		}
	}
	count(2 * time.Hour)
	if n := uncount(3 * time.Hour); n != 0 {
		t.Errorf("a count of a window that is over gives %d", n)
	}
	if n := count(2*time.Hour + time.Minute); n != 2 {
		t.Errorf("a count was taken out of a window that is over: %d", n)
	}
	update(t, db, func(tx *vault.Tx) error { return tx.ResetCounter(name) })
	if n := count(2 * time.Hour); n != 1 {
		t.Errorf("after a reset %d", n)
	}
	counter := func(after time.Duration) (n int64) {
		view(t, db, func(tx *vault.ReadTx) (err error) { n, err = tx.Counter(name, start.Add(after)); return err })
		return n
	}
	t.Run("a window from a clock that was far ahead keeps its count, and does not stay closed once it is mended", func(t *testing.T) {
		if n := count(1000 * time.Hour); n != 1 {
			t.Fatal(n)
		}
		if n := counter(2 * time.Hour); n != 1 {
			t.Errorf("it counts %d", n)
		}
		if n := count(2 * time.Hour); n != 2 {
			t.Errorf("counting goes on at %d", n)
		}
		if n := counter(3*time.Hour - time.Millisecond); n != 2 {
			t.Errorf("in its window %d", n)
		}
		if n := counter(3 * time.Hour); n != 0 {
			t.Errorf("after its window %d", n)
		}
	})
	t.Run("one that nobody counts in any more is open in time too", func(t *testing.T) {
		count(1000 * time.Hour)
		update(t, db, func(tx *vault.Tx) error { _, err := tx.ForgetCounters(start.Add(2 * time.Hour)); return err })
		if n := counter(2 * time.Hour); n != 1 {
			t.Errorf("forgotten: %d", n)
		}
		if n := counter(3 * time.Hour); n != 0 {
			t.Errorf("after its window %d", n)
		}
		count(2 * time.Hour)
	})
	t.Run("without a transaction the store counts by its own clock", func(t *testing.T) {
		name := []byte("sms/1")
		for _, want := range []int64{1, 2} {
			if n, err := db.Count(ctx, name, time.Minute); n != want || err != nil {
				t.Errorf("count %d is %d, %v", want, n, err)
			}
		}
		if err := db.GiveBack(ctx, name); err != nil {
			t.Error(err)
		}
		if n, err := db.Counted(ctx, name); n != 1 || err != nil {
			t.Errorf("after giving one back %d, %v", n, err)
		}
		update(t, db, func(tx *vault.Tx) error { return tx.ResetCounter(name) })
	})
	update(t, db, func(tx *vault.Tx) error {
		n, err := tx.ForgetCounters(start.Add(24 * time.Hour))
		if n != 1 {
			t.Errorf("%d forgotten", n)
		}
		return err
	})
}

func TestWhatIsMissingIsAbsent(t *testing.T) {
	db := open(t, t.TempDir())
	id := mail.NewID()
	view(t, db, func(tx *vault.ReadTx) error {
		for name, ask := range map[string]func() error{
			"message":   func() error { _, err := tx.Message(id); return err },
			"head":      func() error { _, err := tx.Head(id); return err },
			"part":      func() error { _, err := tx.Part(id, 1, 0); return err },
			"holder":    func() error { _, err := tx.Holder(id); return err },
			"code":      func() error { _, err := tx.CodeByLocator([32]byte{}); return err },
			"epoch":     func() error { _, err := tx.Epoch(id); return err },
			"pair":      func() error { _, err := tx.PairOfCode(id); return err },
			"person":    func() error { _, err := tx.PersonByLookup([32]byte{}); return err },
			"tombstone": func() error { _, err := tx.Tombstone([32]byte{}); return err },
			"outgoing":  func() error { _, err := tx.OutgoingByBounce([16]byte{}); return err },
			"ledger":    func() error { _, err := tx.Ledger(id); return err },
			"contact":   func() error { _, err := tx.Contact([32]byte{}); return err },
			"setting":   func() error { _, err := tx.Setting("x"); return err },
			"slot":      func() error { _, err := tx.SlotValue(mail.Slot{}); return err },
			"blob":      func() error { _, _, err := db.OpenBlob(id); return err },
		} {
			t.Run(name, func(t *testing.T) { want(t, ask(), mail.Absent) })
		}
		return nil
	})
	update(t, db, func(tx *vault.Tx) error {
		for name, do := range map[string]func() error{
			"save message":  func() error { return tx.SaveMessage(mail.Message{ID: id}) },
			"save holder":   func() error { return tx.SaveHolder(mail.Holder{ID: id}) },
			"add sealed":    func() error { return tx.AddSealed(&mail.Sealed{Message: mail.Message{ID: id}}) },
			"save outgoing": func() error { return tx.SaveOutgoing(mail.Outgoing{ID: id}) },
			"save person":   func() error { return tx.SavePerson(mail.Person{ID: id}) },
			"delete code":   func() error { return tx.DeleteCode(id) },
			"delete wrap":   func() error { return tx.DeleteWrap(id, mail.WrapGuest, id) },
			"done ledger":   func() error { return tx.DoneLedger(id, tx.Now()) },
		} {
			t.Run(name, func(t *testing.T) { want(t, do(), mail.Absent) })
		}
		return nil
	})
}

func TestBlobs(t *testing.T) {
	db := open(t, t.TempDir())
	t.Run("a blob is read at any place", func(t *testing.T) {
		id, content := db.NewBlobID(), random(200_001)
		n, err := db.PutBlob(ctx, id, cipher(content))
		if err != nil || n != int64(len(content)) {
			t.Fatal(n, err)
		}
		b, size, err := db.OpenBlob(id)
		if err != nil || size != n {
			t.Fatal(size, err)
		}
		defer b.Close()
		got := make([]byte, 1000)
		if _, err := b.ReadAt(got, 100_000); err != nil || !bytes.Equal(got, content[100_000:101_000]) {
			t.Error("other bytes", err)
		}
		if _, err := db.PutBlob(ctx, id, cipher(content)); err == nil {
			t.Error("written twice")
		}
	})
	t.Run("ids given out together share a directory", func(t *testing.T) {
		dirs := map[byte]bool{}
		for range 256 {
			dirs[db.NewBlobID()[0]] = true
		}
		if len(dirs) > 2 {
			t.Errorf("%d directories", len(dirs))
		}
	})
}
