package vault_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// department puts a unit under the root into the store.
func department(t *testing.T, db *vault.DB) mail.ID {
	t.Helper()
	u := mail.Unit{ID: mail.NewID(), Parent: mail.RootUnit, Kind: mail.Department, Columns: random(60), At: moment()}
	update(t, db, func(tx *vault.Tx) error { return tx.PutUnit(u) })
	return u.ID
}

// pairOf gives a unit a helper pair, so long after the start.
func pairOf(t *testing.T, db *vault.DB, unit mail.ID, after time.Duration) mail.Helper {
	t.Helper()
	h := mail.Helper{ID: mail.NewID(), Unit: unit, Public: random(1216), At: moment().Add(after)}
	update(t, db, func(tx *vault.Tx) error { return tx.PutHelper(h) })
	return h
}

// inSlot fills a slot, and does in the same go what names it.
func inSlot(t *testing.T, db *vault.DB, do func(tx *vault.Tx, s mail.Slot) (mail.Slot, error)) (put mail.SlotWrite, old mail.Slot) {
	t.Helper()
	slots, err := db.Reserve(mail.Shred, 1)
	if err != nil {
		t.Fatal(err)
	}
	put = mail.SlotWrite{Slot: slots[0], Value: value()}
	update(t, db, func(tx *vault.Tx) (err error) {
		if err := tx.PutSlots([]mail.SlotWrite{put}); err != nil {
			return err
		}
		old, err = do(tx, put.Slot)
		return err
	})
	return put, old
}

// lockPair puts a pair's seed under a lock of its own slot.
func lockPair(t *testing.T, db *vault.DB, helper mail.ID, kind mail.SeedKind, member mail.ID) (mail.HelperWrap, mail.SlotWrite, mail.Slot) {
	t.Helper()
	w := mail.HelperWrap{Helper: helper, Kind: kind, Member: member, Box: random(90)}
	put, old := inSlot(t, db, func(tx *vault.Tx, s mail.Slot) (mail.Slot, error) {
		w.Slot = s
		return tx.PutHelperWrap(w)
	})
	return w, put, old
}

// lockSeed locks a person's seed to a pair.
func lockSeed(t *testing.T, db *vault.DB, person, helper mail.ID) mail.SeedWrap {
	t.Helper()
	w := mail.SeedWrap{Person: person, Kind: mail.SeedHelper, Box: random(90), Helper: helper}
	inSlot(t, db, func(tx *vault.Tx, s mail.Slot) (mail.Slot, error) {
		w.Slot = s
		return tx.PutSeedWrap(w)
	})
	return w
}

// lockGeneration locks a generation's seed to a pair.
func lockGeneration(t *testing.T, db *vault.DB, generation, helper mail.ID) mail.GenerationWrap {
	t.Helper()
	w := mail.GenerationWrap{Generation: generation, Kind: mail.SeedHelper, Box: random(90), Helper: helper}
	inSlot(t, db, func(tx *vault.Tx, s mail.Slot) (mail.Slot, error) {
		w.Slot = s
		return tx.PutGenerationWrap(w)
	})
	return w
}

func seedsOf(t *testing.T, db *vault.DB, person mail.ID) []mail.SeedWrap {
	t.Helper()
	return read(t, db, func(tx *vault.ReadTx) ([]mail.SeedWrap, error) { return tx.SeedWraps(person) })
}

func locksOf(t *testing.T, db *vault.DB, helper mail.ID) []mail.HelperWrap {
	t.Helper()
	return read(t, db, func(tx *vault.ReadTx) ([]mail.HelperWrap, error) { return tx.HelperWraps(helper) })
}

func old(h mail.Helper) mail.Helper {
	h.Old = true
	return h
}

func TestHelpers(t *testing.T) {
	db := open(t, t.TempDir())
	a, b := department(t, db), department(t, db)
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	current := func(unit mail.ID) (h mail.Helper, err error) {
		view(t, db, func(tx *vault.ReadTx) error { h, err = tx.CurrentHelper(unit); return nil })
		return h, err
	}
	t.Run("a unit has none from the start, and none is absent", func(t *testing.T) {
		same(t, "all", read(t, db, (*vault.ReadTx).Helpers), []mail.Helper(nil))
		_, err := current(a)
		want(t, err, mail.Absent)
		view(t, db, func(tx *vault.ReadTx) error {
			_, err := tx.Helper(mail.NewID())
			want(t, err, mail.Absent)
			return nil
		})
	})
	first := pairOf(t, db, a, 2*time.Hour)
	other := pairOf(t, db, b, 0)
	t.Run("one comes back as it was put", func(t *testing.T) {
		for _, h := range []mail.Helper{first, other} {
			same(t, "pair", read(t, db, func(tx *vault.ReadTx) (mail.Helper, error) { return tx.Helper(h.ID) }), h)
			same(t, "current", read(t, db, func(tx *vault.ReadTx) (mail.Helper, error) { return tx.CurrentHelper(h.Unit) }), h)
		}
	})
	second := pairOf(t, db, a, 3*time.Hour)
	t.Run("the next one takes its place, and that of no other unit's", func(t *testing.T) {
		got, _ := current(a)
		same(t, "current", got, second)
		same(t, "the one before", read(t, db, func(tx *vault.ReadTx) (mail.Helper, error) { return tx.Helper(first.ID) }), old(first))
		same(t, "all", read(t, db, (*vault.ReadTx).Helpers), []mail.Helper{old(first), second, other})
	})
	t.Run("the newest put is the current one and stands last, whatever its time and what it says", func(t *testing.T) {
		h := mail.Helper{ID: mail.NewID(), Unit: a, Public: random(40), At: moment(), Old: true}
		update(t, db, func(tx *vault.Tx) error { return tx.PutHelper(h) })
		h.Old = false
		got, _ := current(a)
		same(t, "current", got, h)
		same(t, "all", read(t, db, (*vault.ReadTx).Helpers), []mail.Helper{old(first), old(second), h, other})
		second = h
	})
	t.Run("an id twice and a unit that is not there are refused, and change nothing", func(t *testing.T) {
		before := read(t, db, (*vault.ReadTx).Helpers)
		for _, h := range []mail.Helper{{ID: first.ID, Unit: b}, {ID: mail.NewID(), Unit: mail.NewID()}} {
			refused(t, db, "it", func(tx *vault.Tx) error { return tx.PutHelper(h) })
		}
		same(t, "all", read(t, db, (*vault.ReadTx).Helpers), before)
	})
}

func TestLocksOfHelpers(t *testing.T) {
	db := open(t, t.TempDir())
	h, other := pairOf(t, db, department(t, db), 0), pairOf(t, db, mail.RootUnit, 0)
	p, q := somebody(t, db), somebody(t, db)
	if bytes.Compare(p[:], q[:]) > 0 {
		p, q = q, p
	}
	recovery, _, _ := lockPair(t, db, h.ID, mail.SeedRecoveryKey, mail.ID{})
	mine, _, before := lockPair(t, db, h.ID, mail.SeedMember, p)
	same(t, "slot before", before, mail.Slot{})
	lockPair(t, db, other.ID, mail.SeedRecoveryKey, mail.ID{})
	wrap := func(helper, member mail.ID) (w mail.HelperWrap, err error) {
		view(t, db, func(tx *vault.ReadTx) error { w, err = tx.HelperWrap(helper, member); return nil })
		return w, err
	}
	members := func() map[mail.ID][]mail.ID {
		t.Helper()
		return read(t, db, (*vault.ReadTx).HelperMembers)
	}
	t.Run("each comes back as it was put", func(t *testing.T) {
		same(t, "locks", locksOf(t, db, h.ID), []mail.HelperWrap{recovery, mine})
		same(t, "locks of none", locksOf(t, db, mail.NewID()), []mail.HelperWrap(nil))
		w, err := wrap(h.ID, p)
		same(t, "the member's", w, mine)
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("who is no member finds nothing", func(t *testing.T) {
		for what, ask := range map[string][2]mail.ID{"another person": {h.ID, q}, "another pair": {other.ID, p}, "the lock of R": {h.ID, {}}} {
			t.Run(what, func(t *testing.T) {
				_, err := wrap(ask[0], ask[1])
				want(t, err, mail.Absent)
				want(t, db.Update(ctx, func(tx *vault.Tx) error { _, err := tx.DeleteHelperWrap(ask[0], ask[1]); return err }), mail.Absent)
			})
		}
		same(t, "locks", locksOf(t, db, h.ID), []mail.HelperWrap{recovery, mine})
	})
	t.Run("a new one takes the place of the old one, and of no other", func(t *testing.T) {
		again, _, before := lockPair(t, db, h.ID, mail.SeedMember, p)
		same(t, "slot before", before, mine.Slot)
		same(t, "locks", locksOf(t, db, h.ID), []mail.HelperWrap{recovery, again})
		mine = again
	})
	t.Run("one of another kind, one of nobody, one of R for somebody and one of no pair are refused", func(t *testing.T) {
		for _, w := range []mail.HelperWrap{
			{Helper: h.ID, Kind: mail.SeedPassword, Member: p},
			{Helper: h.ID, Kind: mail.SeedHelper},
			{Helper: h.ID, Kind: mail.SeedMember},
			{Helper: h.ID, Kind: mail.SeedRecoveryKey, Member: p},
			{Helper: mail.NewID(), Kind: mail.SeedMember, Member: p},
		} {
			refused(t, db, "it", func(tx *vault.Tx) error { _, err := tx.PutHelperWrap(w); return err })
		}
	})
	t.Run("who can open which pair is known without the boxes, and R is nobody", func(t *testing.T) {
		same(t, "members", members(), map[mail.ID][]mail.ID{h.ID: {p}})
		lockPair(t, db, h.ID, mail.SeedMember, q)
		lockPair(t, db, other.ID, mail.SeedMember, q)
		same(t, "members", members(), map[mail.ID][]mail.ID{h.ID: {p, q}, other.ID: {q}})
	})
	t.Run("a member who leaves loses that pair alone, and the others keep it", func(t *testing.T) {
		w, _ := wrap(h.ID, q)
		var slot mail.Slot
		update(t, db, func(tx *vault.Tx) (err error) { slot, err = tx.DeleteHelperWrap(h.ID, q); return err })
		same(t, "slot", slot, w.Slot)
		same(t, "locks", locksOf(t, db, h.ID), []mail.HelperWrap{recovery, mine})
		same(t, "members", members(), map[mail.ID][]mail.ID{h.ID: {p}, other.ID: {q}})
		want(t, db.Update(ctx, func(tx *vault.Tx) error { _, err := tx.DeleteHelperWrap(h.ID, q); return err }), mail.Absent)
	})
}

func TestLocksToHelpers(t *testing.T) {
	db := open(t, t.TempDir())
	h, next := pairOf(t, db, mail.RootUnit, 0), pairOf(t, db, mail.RootUnit, time.Hour)
	p := somebody(t, db)
	_, gens := mailboxOf(t, db, 2)
	t.Run("a person's seed says to which pair it is locked", func(t *testing.T) {
		w := lockSeed(t, db, p, h.ID)
		same(t, "locks", seedsOf(t, db, p), []mail.SeedWrap{w})
		w = lockSeed(t, db, p, next.ID)
		same(t, "locks", seedsOf(t, db, p), []mail.SeedWrap{w})
	})
	t.Run("a generation's seed says so too", func(t *testing.T) {
		w := lockGeneration(t, db, gens[0].ID, h.ID)
		same(t, "locks", wrapsOf(t, db, gens[0].ID), []mail.GenerationWrap{w})
		w = lockGeneration(t, db, gens[0].ID, next.ID)
		member, _, _ := lock(t, db, gens[0].ID, mail.SeedMember, p)
		same(t, "locks", wrapsOf(t, db, gens[0].ID), []mail.GenerationWrap{w, member})
	})
	t.Run("what is locked to the pair of the recovery kit names none", func(t *testing.T) {
		seed, wrap := lockSeed(t, db, p, mail.ID{}), lockGeneration(t, db, gens[1].ID, mail.ID{})
		same(t, "seed", seedsOf(t, db, p), []mail.SeedWrap{seed})
		same(t, "generation", wrapsOf(t, db, gens[1].ID), []mail.GenerationWrap{wrap})
	})
	t.Run("nothing is locked to a pair that is not there, and what was before stays", func(t *testing.T) {
		seeds, wraps := seedsOf(t, db, p), wrapsOf(t, db, gens[0].ID)
		refused(t, db, "a seed", func(tx *vault.Tx) error {
			_, err := tx.PutSeedWrap(mail.SeedWrap{Person: p, Kind: mail.SeedHelper, Helper: mail.NewID()})
			return err
		})
		refused(t, db, "a generation", func(tx *vault.Tx) error {
			_, err := tx.PutGenerationWrap(mail.GenerationWrap{Generation: gens[0].ID, Kind: mail.SeedHelper, Helper: mail.NewID()})
			return err
		})
		same(t, "seed", seedsOf(t, db, p), seeds)
		same(t, "generation", wrapsOf(t, db, gens[0].ID), wraps)
	})
	t.Run("whoever takes another's places leaves what helpers can open as it is", func(t *testing.T) {
		w, q := wrapsOf(t, db, gens[0].ID)[0], somebody(t, db)
		update(t, db, func(tx *vault.Tx) error { _, err := tx.MoveMailboxPlaces(p, q); return err })
		same(t, "locks", wrapsOf(t, db, gens[0].ID), []mail.GenerationWrap{w})
	})
}

func TestHelpersOfAUnitThatGoes(t *testing.T) {
	db := open(t, t.TempDir())
	dep, empty := department(t, db), department(t, db)
	above := pairOf(t, db, mail.RootUnit, 0)
	first, second := pairOf(t, db, dep, time.Hour), pairOf(t, db, dep, 2*time.Hour)
	seed := lockSeed(t, db, somebody(t, db), second.ID)
	w, _, _ := lockPair(t, db, second.ID, mail.SeedMember, somebody(t, db))
	t.Run("it does not go while it has a pair", func(t *testing.T) {
		refused(t, db, "its end", func(tx *vault.Tx) error { return tx.DeleteUnit(dep) })
	})
	t.Run("nor while all it has are old ones", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error { return tx.MoveHelpers(dep, empty) })
		refused(t, db, "its end", func(tx *vault.Tx) error { return tx.DeleteUnit(empty) })
		update(t, db, func(tx *vault.Tx) error { return tx.DeleteUnit(dep) })
	})
	third := pairOf(t, db, empty, 3*time.Hour)
	t.Run("once its pairs hang on another, as old ones with their locks, it goes", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error {
			if err := tx.MoveHelpers(empty, mail.RootUnit); err != nil {
				return err
			}
			return tx.DeleteUnit(empty)
		})
		first.Unit, second.Unit, third.Unit = mail.RootUnit, mail.RootUnit, mail.RootUnit
		same(t, "all", read(t, db, (*vault.ReadTx).Helpers), []mail.Helper{old(first), old(second), old(third), above})
		same(t, "current", read(t, db, func(tx *vault.ReadTx) (mail.Helper, error) { return tx.CurrentHelper(mail.RootUnit) }), above)
		same(t, "locks", locksOf(t, db, second.ID), []mail.HelperWrap{w})
		same(t, "seed", seedsOf(t, db, seed.Person), []mail.SeedWrap{seed})
	})
	t.Run("to move them nowhere is refused, and to move none is no error", func(t *testing.T) {
		refused(t, db, "nowhere", func(tx *vault.Tx) error { return tx.MoveHelpers(mail.RootUnit, mail.NewID()) })
		none := department(t, db)
		update(t, db, func(tx *vault.Tx) error { return tx.MoveHelpers(none, mail.RootUnit) })
	})
}

func TestHelpersThatNobodyUses(t *testing.T) {
	db := open(t, t.TempDir())
	dep := department(t, db)
	p, q := somebody(t, db), somebody(t, db)
	_, gens := mailboxOf(t, db, 1)
	list := make([]mail.Helper, 4) // one for a person, one for a mailbox, one for nobody, the current one
	wraps := make([][]mail.HelperWrap, len(list))
	for i := range list {
		list[i] = pairOf(t, db, dep, time.Duration(i)*time.Hour)
		recovery, _, _ := lockPair(t, db, list[i].ID, mail.SeedRecoveryKey, mail.ID{})
		member, _, _ := lockPair(t, db, list[i].ID, mail.SeedMember, q)
		wraps[i] = []mail.HelperWrap{recovery, member}
	}
	lockSeed(t, db, p, list[0].ID)
	lockGeneration(t, db, gens[0].ID, list[1].ID)
	dropBefore := func(after time.Duration) (slots []mail.Slot) {
		update(t, db, func(tx *vault.Tx) (err error) { slots, err = tx.DropUnusedHelpers(moment().Add(after)); return err })
		return slots
	}
	drop := func() []mail.Slot { return dropBefore(5 * time.Hour) }
	gone := func(i int, slots []mail.Slot) {
		t.Helper()
		if len(slots) != 2 || !slices.Contains(slots, wraps[i][0].Slot) || !slices.Contains(slots, wraps[i][1].Slot) {
			t.Errorf("slots %v, want those of %+v", slots, wraps[i])
		}
		same(t, "locks", locksOf(t, db, list[i].ID), []mail.HelperWrap(nil))
		view(t, db, func(tx *vault.ReadTx) error {
			_, err := tx.Helper(list[i].ID)
			want(t, err, mail.Absent)
			return nil
		})
	}
	t.Run("none goes while its unit has one made since then", func(t *testing.T) {
		for _, before := range []time.Duration{-time.Hour, 2 * time.Hour, 3 * time.Hour} {
			if slots := dropBefore(before); len(slots) != 0 {
				t.Error(before, slots)
			}
		}
		for i := range list {
			same(t, "locks", locksOf(t, db, list[i].ID), wraps[i])
		}
	})
	t.Run("an old pair to which nothing is locked goes with its locks, and no other, whatever another unit has", func(t *testing.T) {
		elsewhere := pairOf(t, db, mail.RootUnit, 9*time.Hour)
		gone(2, dropBefore(3*time.Hour+time.Millisecond))
		same(t, "elsewhere", read(t, db, func(tx *vault.ReadTx) (mail.Helper, error) { return tx.Helper(elsewhere.ID) }), elsewhere)
		same(t, "all", read(t, db, (*vault.ReadTx).Helpers), []mail.Helper{elsewhere, old(list[0]), old(list[1]), list[3]})
		for _, i := range []int{0, 1, 3} {
			same(t, "locks", locksOf(t, db, list[i].ID), wraps[i])
		}
	})
	t.Run("a second time there is none", func(t *testing.T) {
		if slots := drop(); len(slots) != 0 {
			t.Error(slots)
		}
	})
	t.Run("one goes when the last seed has followed to the current one", func(t *testing.T) {
		lockSeed(t, db, p, list[3].ID)
		gone(0, drop())
		lockGeneration(t, db, gens[0].ID, list[3].ID)
		gone(1, drop())
	})
	t.Run("the current one stays though nothing is locked to it", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error { _, err := tx.DeleteSeedWrap(p, mail.SeedHelper); return err })
		update(t, db, func(tx *vault.Tx) error { _, err := tx.DeleteGeneration(gens[0].ID); return err })
		if slots := drop(); len(slots) != 0 {
			t.Error(slots)
		}
		same(t, "current", read(t, db, func(tx *vault.ReadTx) (mail.Helper, error) { return tx.CurrentHelper(dep) }), list[3])
	})
}

func TestTheSlotOfAHelper(t *testing.T) {
	t.Run("is there after the store was closed and opened", func(t *testing.T) {
		dir := t.TempDir()
		db := open(t, dir)
		_, put, _ := lockPair(t, db, pairOf(t, db, mail.RootUnit, 0).ID, mail.SeedMember, somebody(t, db))
		db.Close()
		db = open(t, dir)
		if c := db.Checked(); c.Swept != 0 || c.Slots != 1 {
			t.Errorf("%+v", c)
		}
		same(t, "value", read(t, db, func(tx *vault.ReadTx) (mail.SlotValue, error) { return tx.SlotValue(put.Slot) }), put.Value)
		if givenOut(t, db, put.Slot) {
			t.Error("given out while a lock has it")
		}
	})
	t.Run("is given out again once it is erased and its lock is gone, and not before", func(t *testing.T) {
		for what, reopen := range map[string]bool{"in the same run": false, "after the next start": true} {
			t.Run(what, func(t *testing.T) {
				dir := t.TempDir()
				db := open(t, dir)
				h, p := pairOf(t, db, mail.RootUnit, 0), somebody(t, db)
				w, _, _ := lockPair(t, db, h.ID, mail.SeedMember, p)
				if err := db.EraseSlots(ctx, []mail.Slot{w.Slot}); err != nil {
					t.Fatal(err)
				}
				if reopen {
					db.Close()
					db = open(t, dir)
				}
				if givenOut(t, db, w.Slot) {
					t.Fatal("given out while a lock has it")
				}
				update(t, db, func(tx *vault.Tx) error { _, err := tx.DeleteHelperWrap(h.ID, p); return err })
				if !givenOut(t, db, w.Slot) {
					t.Error("never given out again")
				}
			})
		}
	})
	t.Run("goes at the next start if nobody erased it", func(t *testing.T) {
		dropIn := func(t *testing.T, db *vault.DB, drop func(tx *vault.Tx) (mail.Slot, error)) (old mail.Slot) {
			update(t, db, func(tx *vault.Tx) (err error) { old, err = drop(tx); return err })
			return old
		}
		for what, drop := range map[string]func(t *testing.T, db *vault.DB, h mail.Helper, member mail.ID) mail.Slot{
			"after the member left": func(t *testing.T, db *vault.DB, h mail.Helper, member mail.ID) mail.Slot {
				return dropIn(t, db, func(tx *vault.Tx) (mail.Slot, error) { return tx.DeleteHelperWrap(h.ID, member) })
			},
			"after the lock was made anew": func(t *testing.T, db *vault.DB, h mail.Helper, member mail.ID) mail.Slot {
				_, _, old := lockPair(t, db, h.ID, mail.SeedMember, member)
				return old
			},
			"after the pair was used no more": func(t *testing.T, db *vault.DB, h mail.Helper, _ mail.ID) mail.Slot {
				return dropIn(t, db, func(tx *vault.Tx) (mail.Slot, error) {
					if err := tx.MoveHelpers(h.Unit, h.Unit); err != nil {
						return mail.Slot{}, err
					}
					slots, err := tx.DropUnusedHelpers(moment().Add(time.Hour))
					if len(slots) != 1 {
						return mail.Slot{}, err
					}
					return slots[0], err
				})
			},
		} {
			t.Run(what, func(t *testing.T) {
				dir := t.TempDir()
				db := open(t, dir)
				h, p := pairOf(t, db, mail.RootUnit, 0), somebody(t, db)
				w, _, _ := lockPair(t, db, h.ID, mail.SeedMember, p)
				same(t, "slot", drop(t, db, h, p), w.Slot)
				db.Close()
				db = open(t, dir)
				if c := db.Checked(); c.Swept != 1 || c.Kept != 0 || c.Lost != 0 {
					t.Errorf("%+v", c)
				}
				view(t, db, func(tx *vault.ReadTx) error {
					_, err := tx.SlotValue(w.Slot)
					want(t, err, mail.Gone)
					return nil
				})
			})
		}
	})
}

// TestSeedsOfBefore opens a store of the seventh migration, in which the only pair of
// helpers stood with the recovery kit.
func TestSeedsOfBefore(t *testing.T) {
	dir := t.TempDir()
	raw := before(t, dir, 7)
	person, unit, box, generation := mail.NewID(), mail.NewID(), mail.NewID(), mail.NewID()
	for _, do := range []struct {
		query string
		args  []any
	}{
		{`INSERT INTO person (id, lookup, public, columns, active, roles, at) VALUES (?, ?, x'01', x'02', 1, 0, 5)`, []any{person[:], random(32)}},
		{`INSERT INTO unit (id, parent, kind, columns, starts, ends, sms, at, factor_from) VALUES (?, ?, 1, x'03', 0, 0, 0, 5, 0)`, []any{unit[:], mail.RootUnit[:]}},
		{`INSERT INTO seed_wrap (person, kind, slot, box) VALUES (?, 1, 1, x'04'), (?, 4, 2, x'05')`, []any{person[:], person[:]}},
		{`INSERT INTO function_mailbox (id, unit, lookup, columns, rules, alarm, at) VALUES (?, ?, ?, x'06', 0, 0, 5)`, []any{box[:], unit[:], random(32)}},
		{`INSERT INTO generation (id, mailbox, n, public, at) VALUES (?, ?, 1, x'07', 5)`, []any{generation[:], box[:]}},
		{`INSERT INTO generation_wrap (generation, kind, member, slot, box) VALUES (?, 4, zeroblob(16), 3, x'08'), (?, 6, ?, 4, x'09')`,
			[]any{generation[:], generation[:], person[:]}},
	} {
		if _, err := raw.Exec(do.query, do.args...); err != nil {
			t.Fatal(err)
		}
	}
	raw.Close()
	db := open(t, dir)
	shred := func(n uint32) mail.Slot { return mail.Slot{File: mail.Shred, N: n} }
	t.Run("its locks are as they were, and name no pair", func(t *testing.T) {
		same(t, "seed", seedsOf(t, db, person), []mail.SeedWrap{
			{Person: person, Kind: mail.SeedPassword, Slot: shred(1), Box: mail.Box{4}},
			{Person: person, Kind: mail.SeedHelper, Slot: shred(2), Box: mail.Box{5}}})
		same(t, "generation", wrapsOf(t, db, generation), []mail.GenerationWrap{
			{Generation: generation, Kind: mail.SeedHelper, Slot: shred(3), Box: mail.Box{8}},
			{Generation: generation, Kind: mail.SeedMember, Member: person, Slot: shred(4), Box: mail.Box{9}}})
		same(t, "pairs", read(t, db, (*vault.ReadTx).Helpers), []mail.Helper(nil))
		same(t, "members", read(t, db, (*vault.ReadTx).HelperMembers), map[mail.ID][]mail.ID{})
	})
	t.Run("helping in its units does not take two yet", func(t *testing.T) {
		list := read(t, db, (*vault.ReadTx).Units)
		if len(list) != 2 || list[0].TwoHelp || list[1].TwoHelp {
			t.Errorf("%+v", list)
		}
	})
	t.Run("they may be locked to a pair from now on", func(t *testing.T) {
		h := pairOf(t, db, unit, 0)
		w := lockSeed(t, db, person, h.ID)
		same(t, "seed", seedsOf(t, db, person)[1], w)
		g := lockGeneration(t, db, generation, h.ID)
		same(t, "generation", wrapsOf(t, db, generation)[0], g)
		if err := db.Sound(ctx); err != nil {
			t.Error(err)
		}
	})
}
