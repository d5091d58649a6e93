package vault_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// moment is the store's time as a row keeps it.
func moment() time.Time { return newClock().Now().Truncate(time.Millisecond).UTC() }

// mailboxOf puts a function mailbox of the root into the store, with so many generations.
func mailboxOf(t *testing.T, db *vault.DB, generations int) (m mail.FunctionMailbox, list []mail.Generation) {
	t.Helper()
	m = mail.FunctionMailbox{ID: mail.NewID(), Unit: mail.RootUnit, Lookup: [32]byte(random(32)), Columns: random(80),
		Rules: mail.AnswersToWriter | mail.TellAddress, Alarm: 2, At: moment()}
	for n := range generations {
		list = append(list, mail.Generation{ID: mail.NewID(), Mailbox: m.ID, N: n + 1, Public: random(1216), At: moment().Add(time.Duration(n) * time.Hour)})
	}
	update(t, db, func(tx *vault.Tx) error {
		if err := tx.PutFunctionMailbox(m); err != nil {
			return err
		}
		for _, g := range list {
			if err := tx.PutGeneration(g); err != nil {
				return err
			}
		}
		return nil
	})
	return m, list
}

// lock puts a generation's seed under a lock of its own slot.
func lock(t *testing.T, db *vault.DB, generation mail.ID, kind mail.SeedKind, member mail.ID) (mail.GenerationWrap, mail.SlotWrite, mail.Slot) {
	t.Helper()
	slots, err := db.Reserve(mail.Shred, 1)
	if err != nil {
		t.Fatal(err)
	}
	put := mail.SlotWrite{Slot: slots[0], Value: value()}
	w := mail.GenerationWrap{Generation: generation, Kind: kind, Member: member, Slot: slots[0], Box: random(90)}
	var old mail.Slot
	update(t, db, func(tx *vault.Tx) (err error) {
		if err := tx.PutSlots([]mail.SlotWrite{put}); err != nil {
			return err
		}
		old, err = tx.PutGenerationWrap(w)
		return err
	})
	return w, put, old
}

// givenOut reports whether the store would give a slot to somebody now.
func givenOut(t *testing.T, db *vault.DB, s mail.Slot) bool {
	t.Helper()
	var all []mail.Slot
	defer func() { db.Unreserve(all) }()
	for range 20_000 { // more than the file has, so the search comes round
		list, err := db.Reserve(mail.Shred, 1)
		if err != nil {
			t.Fatal(err)
		}
		if list[0] == s {
			db.Unreserve(list)
			return true
		}
		all = append(all, list...)
	}
	return false
}

// read is what one method of a reading transaction returns.
func read[T any](t *testing.T, db *vault.DB, ask func(tx *vault.ReadTx) (T, error)) (v T) {
	t.Helper()
	view(t, db, func(tx *vault.ReadTx) (err error) { v, err = ask(tx); return err })
	return v
}

func wrapsOf(t *testing.T, db *vault.DB, generation mail.ID) []mail.GenerationWrap {
	t.Helper()
	return read(t, db, func(tx *vault.ReadTx) ([]mail.GenerationWrap, error) { return tx.GenerationWraps(generation) })
}

func places(t *testing.T, db *vault.DB) map[mail.MailboxMember]bool {
	t.Helper()
	by := map[mail.MailboxMember]bool{}
	for _, m := range read(t, db, (*vault.ReadTx).MailboxMembers) {
		by[m] = true
	}
	return by
}

func refused(t *testing.T, db *vault.DB, what string, do func(tx *vault.Tx) error) {
	t.Helper()
	if err := db.Update(ctx, do); err == nil {
		t.Errorf("%s is taken", what)
	}
}

func TestFunctionMailboxes(t *testing.T) {
	db := open(t, t.TempDir())
	m, _ := mailboxOf(t, db, 0)
	t.Run("one comes back as it was put, and as it was saved", func(t *testing.T) {
		same(t, "mailboxes", read(t, db, (*vault.ReadTx).FunctionMailboxes), []mail.FunctionMailbox{m})
		dep := mail.Unit{ID: mail.NewID(), Parent: mail.RootUnit, Kind: mail.Department, At: moment()}
		saved := m
		saved.Unit, saved.Lookup, saved.Columns = dep.ID, [32]byte(random(32)), random(70)
		saved.Rules, saved.Alarm, saved.At = mail.AnswersFromUnit, 0, moment().Add(time.Hour)
		saved.Ends, saved.Decision = moment().Add(2*time.Hour), "KS 2026/17"
		update(t, db, func(tx *vault.Tx) error {
			if err := tx.PutUnit(dep); err != nil {
				return err
			}
			return tx.SaveFunctionMailbox(saved)
		})
		saved.At = m.At // when it came does not change
		m = saved
		same(t, "mailboxes", read(t, db, (*vault.ReadTx).FunctionMailboxes), []mail.FunctionMailbox{m})
	})
	t.Run("one that is not there is absent", func(t *testing.T) {
		nobody := m
		nobody.ID, nobody.Lookup = mail.NewID(), [32]byte{}
		want(t, db.Update(ctx, func(tx *vault.Tx) error { return tx.SaveFunctionMailbox(nobody) }), mail.Absent)
		want(t, db.Update(ctx, func(tx *vault.Tx) error { _, err := tx.DeleteFunctionMailbox(nobody.ID); return err }), mail.Absent)
	})
	t.Run("an address of another, a department that is not there and a rule that nobody knows are refused", func(t *testing.T) {
		for what, change := range map[string]func(m *mail.FunctionMailbox){
			"the address of another": func(n *mail.FunctionMailbox) { n.Lookup = m.Lookup },
			"no department":          func(n *mail.FunctionMailbox) { n.Unit = mail.NewID() },
			"an unknown rule":        func(n *mail.FunctionMailbox) { n.Rules = 8 },
			"an alarm before time":   func(n *mail.FunctionMailbox) { n.Alarm = -1 },
			"the same id":            func(n *mail.FunctionMailbox) { n.ID = m.ID },
		} {
			n := m
			n.ID, n.Lookup = mail.NewID(), [32]byte(random(32))
			change(&n)
			refused(t, db, what, func(tx *vault.Tx) error { return tx.PutFunctionMailbox(n) })
		}
	})
	t.Run("a department does not go while a mailbox is its", func(t *testing.T) {
		refused(t, db, "its end", func(tx *vault.Tx) error { return tx.DeleteUnit(m.Unit) })
		update(t, db, func(tx *vault.Tx) error {
			if _, err := tx.DeleteFunctionMailbox(m.ID); err != nil {
				return err
			}
			return tx.DeleteUnit(m.Unit)
		})
	})
}

func TestTheEndOfAFunctionMailbox(t *testing.T) {
	db := open(t, t.TempDir())
	m, gens := mailboxOf(t, db, 2)
	other, otherGens := mailboxOf(t, db, 1)
	p, at := somebody(t, db), moment()
	l := newLetter(t, db, at)
	update(t, db, l.put)
	message := l.sealed.Message
	w1, put, _ := lock(t, db, gens[0].ID, mail.SeedMember, p)
	w2, _, _ := lock(t, db, gens[1].ID, mail.SeedRecoveryKey, mail.ID{})
	kept, keptPut, _ := lock(t, db, otherGens[0].ID, mail.SeedMember, p)
	for _, of := range []mail.ID{m.ID, other.ID} {
		update(t, db, func(tx *vault.Tx) error {
			if err := tx.PutMailboxMember(mail.MailboxMember{Mailbox: of, Person: p, Role: mail.MailboxReader, Since: at}); err != nil {
				return err
			}
			if err := tx.PutClaim(mail.Claim{Mailbox: of, Thread: message.Thread, Person: p, At: at}); err != nil {
				return err
			}
			return tx.PutRemark(mail.Remark{ID: mail.NewID(), Message: message.ID, Mailbox: of, Generation: gens[0].ID, Author: p, At: at, Box: random(60)})
		})
	}
	var slots []mail.Slot
	update(t, db, func(tx *vault.Tx) (err error) { slots, err = tx.DeleteFunctionMailbox(m.ID); return err })
	t.Run("gives back the slots of all its keys, which are there until the caller erases them", func(t *testing.T) {
		if len(slots) != 2 || !slices.Contains(slots, w1.Slot) || !slices.Contains(slots, w2.Slot) {
			t.Errorf("slots %v, want %v and %v", slots, w1.Slot, w2.Slot)
		}
		same(t, "value", read(t, db, func(tx *vault.ReadTx) (mail.SlotValue, error) { return tx.SlotValue(put.Slot) }), put.Value)
		if err := db.EraseSlots(ctx, slots); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("takes along all that is its, and nothing of another", func(t *testing.T) {
		same(t, "mailboxes", read(t, db, (*vault.ReadTx).FunctionMailboxes), []mail.FunctionMailbox{other})
		same(t, "generations", read(t, db, (*vault.ReadTx).Generations), otherGens)
		same(t, "locks", wrapsOf(t, db, gens[0].ID), []mail.GenerationWrap(nil))
		same(t, "locks", wrapsOf(t, db, gens[1].ID), []mail.GenerationWrap(nil))
		same(t, "locks of the other", wrapsOf(t, db, otherGens[0].ID), []mail.GenerationWrap{kept})
		same(t, "key of the other", read(t, db, func(tx *vault.ReadTx) (mail.SlotValue, error) { return tx.SlotValue(kept.Slot) }), keptPut.Value)
		same(t, "places", places(t, db), map[mail.MailboxMember]bool{{Mailbox: other.ID, Person: p, Role: mail.MailboxReader, Since: at}: true})
		for of, n := range map[mail.ID]int{m.ID: 0, other.ID: 1} {
			claims := read(t, db, func(tx *vault.ReadTx) ([]mail.Claim, error) { return tx.ClaimsOf(of, []mail.ID{message.Thread}) })
			remarks := read(t, db, func(tx *vault.ReadTx) ([]mail.Remark, error) { return tx.Remarks(message.ID, of) })
			if len(claims) != n || len(remarks) != n {
				t.Errorf("%d claims and %d remarks, want %d", len(claims), len(remarks), n)
			}
		}
	})
	t.Run("leaves what was sealed to it", func(t *testing.T) {
		same(t, "message", read(t, db, func(tx *vault.ReadTx) (mail.Message, error) { return tx.Message(message.ID) }), message)
	})
}

func TestGenerations(t *testing.T) {
	db := open(t, t.TempDir())
	a, of := mailboxOf(t, db, 3)
	b, foreign := mailboxOf(t, db, 1)
	p, q := somebody(t, db), somebody(t, db)
	t.Run("they come back as they were put", func(t *testing.T) {
		want := append(slices.Clone(of), foreign...)
		slices.SortStableFunc(want, func(x, y mail.Generation) int { return bytes.Compare(x.Mailbox[:], y.Mailbox[:]) })
		same(t, "all", read(t, db, (*vault.ReadTx).Generations), want)
		same(t, "one mailbox's, the newest first", read(t, db, func(tx *vault.ReadTx) ([]mail.Generation, error) { return tx.GenerationsOf(a.ID) }),
			[]mail.Generation{of[2], of[1], of[0]})
		same(t, "nobody's", read(t, db, func(tx *vault.ReadTx) ([]mail.Generation, error) { return tx.GenerationsOf(mail.NewID()) }), []mail.Generation(nil))
	})
	t.Run("a number twice, a number before the first and a mailbox that is not there are refused", func(t *testing.T) {
		for _, g := range []mail.Generation{{Mailbox: a.ID, N: 3}, {Mailbox: a.ID, N: 0}, {Mailbox: mail.NewID(), N: 1}} {
			g.ID, g.Public = mail.NewID(), random(30)
			refused(t, db, "it", func(tx *vault.Tx) error { return tx.PutGeneration(g) })
		}
	})
	recovery, _, _ := lock(t, db, of[0].ID, mail.SeedRecoveryKey, mail.ID{})
	helper, _, _ := lock(t, db, of[0].ID, mail.SeedHelper, mail.ID{})
	mine, _, old := lock(t, db, of[0].ID, mail.SeedMember, p)
	same(t, "slot before", old, mail.Slot{})
	wrap := func(mailbox, generation, member mail.ID) (w mail.GenerationWrap, err error) {
		view(t, db, func(tx *vault.ReadTx) error { w, err = tx.GenerationWrap(mailbox, generation, member); return nil })
		return w, err
	}
	t.Run("each lock comes back as it was put", func(t *testing.T) {
		same(t, "locks", wrapsOf(t, db, of[0].ID), []mail.GenerationWrap{recovery, helper, mine})
		w, err := wrap(a.ID, of[0].ID, p)
		same(t, "the member's", w, mine)
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("who is no member, and who asks by another mailbox, finds nothing", func(t *testing.T) {
		for what, ask := range map[string][3]mail.ID{
			"another person":     {a.ID, of[0].ID, q},
			"another generation": {a.ID, of[1].ID, p},
			"another mailbox":    {b.ID, of[0].ID, p},
			"a lock of R or H":   {a.ID, of[0].ID, {}},
		} {
			t.Run(what, func(t *testing.T) {
				_, err := wrap(ask[0], ask[1], ask[2])
				want(t, err, mail.Absent)
			})
		}
	})
	t.Run("a new lock takes the place of the old one, and of no other", func(t *testing.T) {
		again, _, old := lock(t, db, of[0].ID, mail.SeedMember, p)
		same(t, "slot before", old, mine.Slot)
		same(t, "locks", wrapsOf(t, db, of[0].ID), []mail.GenerationWrap{recovery, helper, again})
		mine = again
	})
	t.Run("a lock of another kind, one of nobody, one of R for somebody and one of no generation are refused", func(t *testing.T) {
		for _, w := range []mail.GenerationWrap{
			{Generation: of[0].ID, Kind: mail.SeedPassword, Member: p},
			{Generation: of[0].ID, Kind: mail.SeedMember},
			{Generation: of[0].ID, Kind: mail.SeedRecoveryKey, Member: p},
			{Generation: mail.NewID(), Kind: mail.SeedMember, Member: p},
		} {
			refused(t, db, "it", func(tx *vault.Tx) error { _, err := tx.PutGenerationWrap(w); return err })
		}
	})
	t.Run("who leaves loses each generation of that mailbox alone", func(t *testing.T) {
		second, _, _ := lock(t, db, of[1].ID, mail.SeedMember, p)
		elsewhere, _, _ := lock(t, db, foreign[0].ID, mail.SeedMember, p)
		theirs, _, _ := lock(t, db, of[1].ID, mail.SeedMember, q)
		leave := func() (slots []mail.Slot) {
			update(t, db, func(tx *vault.Tx) (err error) { slots, err = tx.DeleteGenerationWraps(a.ID, p); return err })
			return slots
		}
		slots := leave()
		if len(slots) != 2 || !slices.Contains(slots, mine.Slot) || !slices.Contains(slots, second.Slot) {
			t.Errorf("slots %v, want %v and %v", slots, mine.Slot, second.Slot)
		}
		same(t, "locks of the first", wrapsOf(t, db, of[0].ID), []mail.GenerationWrap{recovery, helper})
		same(t, "locks of the second", wrapsOf(t, db, of[1].ID), []mail.GenerationWrap{theirs})
		same(t, "locks of the other mailbox", wrapsOf(t, db, foreign[0].ID), []mail.GenerationWrap{elsewhere})
		if more := leave(); len(more) != 0 {
			t.Errorf("the second time %v", more)
		}
	})
}

func TestTheSlotOfAGeneration(t *testing.T) {
	t.Run("is there after the store was closed and opened", func(t *testing.T) {
		dir := t.TempDir()
		db := open(t, dir)
		_, gens := mailboxOf(t, db, 1)
		_, put, _ := lock(t, db, gens[0].ID, mail.SeedMember, somebody(t, db))
		db.Close()
		db = open(t, dir)
		if c := db.Checked(); c.Swept != 0 || c.Slots != 1 {
			t.Errorf("%+v", c)
		}
		same(t, "value", read(t, db, func(tx *vault.ReadTx) (mail.SlotValue, error) { return tx.SlotValue(put.Slot) }), put.Value)
	})
	t.Run("is given out again once it is erased and its lock is gone, and not before", func(t *testing.T) {
		db := open(t, t.TempDir())
		m, gens := mailboxOf(t, db, 1)
		p := somebody(t, db)
		w, _, _ := lock(t, db, gens[0].ID, mail.SeedMember, p)
		if err := db.EraseSlots(ctx, []mail.Slot{w.Slot}); err != nil {
			t.Fatal(err)
		}
		if givenOut(t, db, w.Slot) {
			t.Fatal("given out while a lock has it")
		}
		update(t, db, func(tx *vault.Tx) error { _, err := tx.DeleteGenerationWraps(m.ID, p); return err })
		if !givenOut(t, db, w.Slot) {
			t.Error("never given out again")
		}
	})
	t.Run("goes at the next start if nobody erased it", func(t *testing.T) {
		for what, drop := range map[string]func(tx *vault.Tx, mailbox, member mail.ID) ([]mail.Slot, error){
			"after the member left": (*vault.Tx).DeleteGenerationWraps,
			"after the mailbox ended": func(tx *vault.Tx, mailbox, _ mail.ID) ([]mail.Slot, error) {
				return tx.DeleteFunctionMailbox(mailbox)
			},
			"after the member became another": func(tx *vault.Tx, _, member mail.ID) ([]mail.Slot, error) {
				return tx.MoveMailboxPlaces(member, mail.NewID())
			},
		} {
			t.Run(what, func(t *testing.T) {
				dir := t.TempDir()
				db := open(t, dir)
				m, gens := mailboxOf(t, db, 1)
				p := somebody(t, db)
				w, _, _ := lock(t, db, gens[0].ID, mail.SeedMember, p)
				update(t, db, func(tx *vault.Tx) error {
					slots, err := drop(tx, m.ID, p)
					same(t, "slots", slots, []mail.Slot{w.Slot})
					return err
				})
				db.Close()
				db = open(t, dir)
				if c := db.Checked(); c.Swept != 1 || c.Slots != 0 {
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

func TestMailboxMembers(t *testing.T) {
	db := open(t, t.TempDir())
	m, _ := mailboxOf(t, db, 0)
	other, _ := mailboxOf(t, db, 0)
	p, q, now := somebody(t, db), somebody(t, db), moment()
	reader := mail.MailboxMember{Mailbox: m.ID, Person: p, Role: mail.MailboxReader, Asks: true, Asker: q, Since: now}
	elsewhere := mail.MailboxMember{Mailbox: other.ID, Person: p, Role: mail.MailboxReader, Since: now}
	substitute := mail.MailboxMember{Mailbox: m.ID, Person: q, Role: mail.MailboxSubstitute, Since: now}
	t.Run("places come back as they were put", func(t *testing.T) {
		for _, x := range []mail.MailboxMember{reader, elsewhere, substitute} {
			update(t, db, func(tx *vault.Tx) error { return tx.PutMailboxMember(x) })
		}
		same(t, "places", places(t, db), map[mail.MailboxMember]bool{reader: true, elsewhere: true, substitute: true})
	})
	t.Run("a place is written again, and nobody has two", func(t *testing.T) {
		reader.Asks, reader.Asker = false, mail.ID{}
		substitute.Role, substitute.Since = mail.MailboxReader, now.Add(time.Hour)
		for _, x := range []mail.MailboxMember{reader, substitute} {
			update(t, db, func(tx *vault.Tx) error { return tx.PutMailboxMember(x) })
		}
		same(t, "places", places(t, db), map[mail.MailboxMember]bool{reader: true, elsewhere: true, substitute: true})
	})
	t.Run("a role that nobody knows, a stranger and a mailbox that is not there are refused", func(t *testing.T) {
		for _, x := range []mail.MailboxMember{
			{Mailbox: m.ID, Person: p, Role: 0}, {Mailbox: m.ID, Person: p, Role: 3},
			{Mailbox: m.ID, Person: mail.NewID(), Role: mail.MailboxReader}, {Mailbox: mail.NewID(), Person: p, Role: mail.MailboxReader},
		} {
			refused(t, db, "it", func(tx *vault.Tx) error { return tx.PutMailboxMember(x) })
		}
	})
	t.Run("who leaves takes along their claims there, and leaves those elsewhere", func(t *testing.T) {
		mine, theirs, there := mail.Claim{Mailbox: m.ID, Thread: mail.NewID(), Person: p, At: now}, mail.Claim{Mailbox: m.ID, Thread: mail.NewID(), Person: q, At: now},
			mail.Claim{Mailbox: other.ID, Thread: mail.NewID(), Person: p, At: now}
		for _, c := range []mail.Claim{mine, theirs, there} {
			update(t, db, func(tx *vault.Tx) error { return tx.PutClaim(c) })
		}
		update(t, db, func(tx *vault.Tx) error { return tx.DeleteMailboxMember(m.ID, p) })
		same(t, "places", places(t, db), map[mail.MailboxMember]bool{elsewhere: true, substitute: true})
		view(t, db, func(tx *vault.ReadTx) error {
			_, err := tx.Claim(mine.Mailbox, mine.Thread)
			want(t, err, mail.Absent)
			for _, c := range []mail.Claim{theirs, there} {
				got, err := tx.Claim(c.Mailbox, c.Thread)
				same(t, "claim", got, c)
				if err != nil {
					t.Error(err)
				}
			}
			return nil
		})
	})
	t.Run("who has no place cannot leave", func(t *testing.T) {
		want(t, db.Update(ctx, func(tx *vault.Tx) error { return tx.DeleteMailboxMember(m.ID, p) }), mail.Absent)
	})
}

func TestMovingMailboxPlaces(t *testing.T) {
	db := open(t, t.TempDir())
	m, gens := mailboxOf(t, db, 2)
	other, _ := mailboxOf(t, db, 0)
	from, to, third, now := somebody(t, db), somebody(t, db), somebody(t, db), moment()
	place := func(mailbox, who mail.ID, role mail.MailboxRole, asks bool) mail.MailboxMember {
		return mail.MailboxMember{Mailbox: mailbox, Person: who, Role: role, Asks: asks, Since: now}
	}
	claim, theirs := mail.Claim{Mailbox: m.ID, Thread: mail.NewID(), Person: from, At: now}, mail.Claim{Mailbox: m.ID, Thread: mail.NewID(), Person: third, At: now}
	update(t, db, func(tx *vault.Tx) error {
		for _, x := range []mail.MailboxMember{place(m.ID, from, mail.MailboxReader, true), place(other.ID, from, mail.MailboxSubstitute, false), place(m.ID, third, mail.MailboxReader, false)} {
			if err := tx.PutMailboxMember(x); err != nil {
				return err
			}
		}
		if err := tx.PutClaim(theirs); err != nil {
			return err
		}
		return tx.PutClaim(claim)
	})
	w1, _, _ := lock(t, db, gens[0].ID, mail.SeedMember, from)
	w2, _, _ := lock(t, db, gens[1].ID, mail.SeedMember, from)
	recovery, _, _ := lock(t, db, gens[1].ID, mail.SeedRecoveryKey, mail.ID{})
	stays, _, _ := lock(t, db, gens[1].ID, mail.SeedMember, third)
	var slots []mail.Slot
	update(t, db, func(tx *vault.Tx) (err error) { slots, err = tx.MoveMailboxPlaces(from, to); return err })
	t.Run("whoever takes the places has all of them, as they were", func(t *testing.T) {
		same(t, "places", places(t, db), map[mail.MailboxMember]bool{
			place(m.ID, to, mail.MailboxReader, true): true, place(other.ID, to, mail.MailboxSubstitute, false): true, place(m.ID, third, mail.MailboxReader, false): true})
		claim.Person = to
		for _, c := range []mail.Claim{claim, theirs} {
			same(t, "claim", read(t, db, func(tx *vault.ReadTx) (mail.Claim, error) { return tx.Claim(c.Mailbox, c.Thread) }), c)
		}
	})
	t.Run("but no key: those of the first go", func(t *testing.T) {
		if len(slots) != 2 || !slices.Contains(slots, w1.Slot) || !slices.Contains(slots, w2.Slot) {
			t.Errorf("slots %v, want %v and %v", slots, w1.Slot, w2.Slot)
		}
		same(t, "locks", wrapsOf(t, db, gens[0].ID), []mail.GenerationWrap(nil))
		same(t, "locks of others", wrapsOf(t, db, gens[1].ID), []mail.GenerationWrap{recovery, stays})
	})
	t.Run("somebody who has a place there already is refused, and nothing moves", func(t *testing.T) {
		before := places(t, db)
		refused(t, db, "a second place", func(tx *vault.Tx) error { _, err := tx.MoveMailboxPlaces(third, to); return err })
		same(t, "places", places(t, db), before)
		same(t, "locks", wrapsOf(t, db, gens[1].ID), []mail.GenerationWrap{recovery, stays})
	})
	t.Run("nobody's places are none", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error {
			slots, err := tx.MoveMailboxPlaces(from, to)
			if len(slots) != 0 {
				t.Error(slots)
			}
			return err
		})
	})
}

func TestClaims(t *testing.T) {
	db := open(t, t.TempDir())
	m, _ := mailboxOf(t, db, 0)
	other, _ := mailboxOf(t, db, 0)
	p, q, now := somebody(t, db), somebody(t, db), moment()
	thread := mail.NewID()
	c := mail.Claim{Mailbox: m.ID, Thread: thread, Person: p, At: now}
	put := func(c mail.Claim) error {
		return db.Update(ctx, func(tx *vault.Tx) error { return tx.PutClaim(c) })
	}
	has := func(mailbox mail.ID) mail.Claim {
		t.Helper()
		return read(t, db, func(tx *vault.ReadTx) (mail.Claim, error) { return tx.Claim(mailbox, thread) })
	}
	t.Run("a thread that nobody has is absent, and cannot be given back", func(t *testing.T) {
		view(t, db, func(tx *vault.ReadTx) error {
			_, err := tx.Claim(m.ID, thread)
			want(t, err, mail.Absent)
			return nil
		})
		want(t, db.Update(ctx, func(tx *vault.Tx) error { return tx.DeleteClaim(m.ID, thread) }), mail.Absent)
	})
	t.Run("who has it may take it again, and has it since before", func(t *testing.T) {
		again := c
		again.At = now.Add(time.Hour)
		for _, x := range []mail.Claim{c, again} {
			if err := put(x); err != nil {
				t.Fatal(err)
			}
			same(t, "claim", has(m.ID), c)
		}
	})
	t.Run("a second person is told that it is taken", func(t *testing.T) {
		second := c
		second.Person = q
		err := put(second)
		want(t, err, mail.Busy)
		same(t, "words", err.Error(), mail.E(mail.Busy, "error.claimed", nil).Error())
		same(t, "claim", has(m.ID), c)
	})
	t.Run("in another mailbox the same thread is another's", func(t *testing.T) {
		there := mail.Claim{Mailbox: other.ID, Thread: thread, Person: q, At: now}
		if err := put(there); err != nil {
			t.Fatal(err)
		}
		same(t, "claim", has(other.ID), there)
		same(t, "claim", has(m.ID), c)
	})
	t.Run("once it is given back the other may have it", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error { return tx.DeleteClaim(m.ID, thread) })
		c.Person = q
		if err := put(c); err != nil {
			t.Fatal(err)
		}
		same(t, "claim", has(m.ID), c)
	})
	t.Run("a stranger, and a mailbox that is not there, are refused", func(t *testing.T) {
		for _, x := range []mail.Claim{{Mailbox: m.ID, Thread: mail.NewID(), Person: mail.NewID()}, {Mailbox: mail.NewID(), Thread: thread, Person: p}} {
			if put(x) == nil {
				t.Errorf("taken: %+v", x)
			}
		}
	})
	t.Run("a page's claims come together, and only that mailbox's", func(t *testing.T) {
		threads := []mail.ID{thread}
		for range 199 {
			threads = append(threads, mail.NewID())
		}
		last := mail.Claim{Mailbox: m.ID, Thread: threads[199], Person: p, At: now}
		for _, x := range []mail.Claim{last, {Mailbox: m.ID, Thread: mail.NewID(), Person: p, At: now}, {Mailbox: other.ID, Thread: threads[7], Person: p, At: now}} {
			if err := put(x); err != nil {
				t.Fatal(err)
			}
		}
		of := func(threads ...mail.ID) map[mail.Claim]bool {
			by := map[mail.Claim]bool{}
			for _, x := range read(t, db, func(tx *vault.ReadTx) ([]mail.Claim, error) { return tx.ClaimsOf(m.ID, threads) }) {
				if by[x] {
					t.Errorf("twice: %+v", x)
				}
				by[x] = true
			}
			return by
		}
		same(t, "a full page", of(threads...), map[mail.Claim]bool{c: true, last: true})
		same(t, "three", of(threads[5], thread, threads[7]), map[mail.Claim]bool{c: true})
		same(t, "one", of(threads[199]), map[mail.Claim]bool{last: true})
		same(t, "an empty page", of(), map[mail.Claim]bool{})
		view(t, db, func(tx *vault.ReadTx) error {
			_, err := tx.ClaimsOf(m.ID, append(threads, mail.NewID()))
			want(t, err, mail.Invalid)
			return nil
		})
	})
}

func TestRemarks(t *testing.T) {
	db := open(t, t.TempDir())
	m, gens := mailboxOf(t, db, 1)
	other, otherGens := mailboxOf(t, db, 1)
	p, now := somebody(t, db), moment()
	first, second := newLetter(t, db, now), newLetter(t, db, now)
	update(t, db, first.put)
	update(t, db, second.put)
	message := first.sealed.Message.ID
	remark := func(message mail.ID, g mail.Generation, after time.Duration) mail.Remark {
		r := mail.Remark{ID: mail.NewID(), Message: message, Mailbox: g.Mailbox, Generation: g.ID, Author: p, At: now.Add(after), Box: random(80)}
		update(t, db, func(tx *vault.Tx) error { return tx.PutRemark(r) })
		return r
	}
	later, earlier := remark(message, gens[0], time.Hour), remark(message, gens[0], time.Minute)
	there := remark(message, otherGens[0], 0)
	elsewhere := remark(second.sealed.Message.ID, gens[0], 0)
	of := func(message, mailbox mail.ID) []mail.Remark {
		t.Helper()
		return read(t, db, func(tx *vault.ReadTx) ([]mail.Remark, error) { return tx.Remarks(message, mailbox) })
	}
	t.Run("come back as they were put, the oldest first, to their own mailbox", func(t *testing.T) {
		same(t, "remarks", of(message, m.ID), []mail.Remark{earlier, later})
		same(t, "of the other mailbox", of(message, other.ID), []mail.Remark{there})
		same(t, "of no message", of(mail.NewID(), m.ID), []mail.Remark(nil))
	})
	t.Run("about what is not there, by a stranger, of no mailbox, or twice, are refused", func(t *testing.T) {
		for what, change := range map[string]func(r *mail.Remark){
			"one about nothing": func(r *mail.Remark) { r.Message = mail.NewID() },
			"one by a stranger": func(r *mail.Remark) { r.Author = mail.NewID() },
			"one of no mailbox": func(r *mail.Remark) { r.Mailbox = mail.NewID() },
			"one that is there": func(r *mail.Remark) { r.ID = later.ID },
		} {
			r := later
			r.ID = mail.NewID()
			change(&r)
			refused(t, db, what, func(tx *vault.Tx) error { return tx.PutRemark(r) })
		}
	})
	t.Run("end with their message, those of each mailbox", func(t *testing.T) {
		for range 2 { // none is no error
			update(t, db, func(tx *vault.Tx) error { return tx.DeleteRemarks(message) })
			same(t, "remarks", of(message, m.ID), []mail.Remark(nil))
			same(t, "of the other mailbox", of(message, other.ID), []mail.Remark(nil))
		}
		same(t, "about another message", of(second.sealed.Message.ID, m.ID), []mail.Remark{elsewhere})
	})
}

func TestUnread(t *testing.T) {
	db := open(t, t.TempDir())
	m, _ := mailboxOf(t, db, 0)
	start := moment()
	put := func(after time.Duration, change func(h *mail.Holder)) mail.Unread {
		l := newLetter(t, db, start.Add(after))
		h := &l.sealed.Holders[0]
		h.Owner, h.Folder, h.Opened = m.ID, mail.Inbox, time.Time{}
		change(h)
		update(t, db, l.put)
		return mail.Unread{Holder: h.ID, At: start.Add(after)}
	}
	unread := func(before time.Time, n int) []mail.Unread {
		t.Helper()
		return read(t, db, func(tx *vault.ReadTx) ([]mail.Unread, error) { return tx.UnreadBefore(m.ID, before, n) })
	}
	same(t, "an empty mailbox", unread(start.Add(time.Hour), 10), []mail.Unread(nil))
	plain := func(*mail.Holder) {}
	third, first, second := put(3*time.Minute, plain), put(time.Minute, plain), put(2*time.Minute, plain)
	for _, change := range []func(h *mail.Holder){
		func(h *mail.Holder) { h.Opened = start },
		func(h *mail.Holder) { h.State = mail.Unsent },
		func(h *mail.Holder) { h.State = mail.Purging },
		func(h *mail.Holder) { h.State = mail.Erased },
		func(h *mail.Holder) { h.Folder = mail.Sent },
		func(h *mail.Holder) { h.Folder = mail.Drafts },
		func(h *mail.Holder) { h.Folder = mail.Trash },
		func(h *mail.Holder) { h.Folder = mail.Kept },
		func(h *mail.Holder) { h.Hold = mail.HoldNoNumber },
		func(h *mail.Holder) { h.Owner = mail.NewID() },
		func(h *mail.Holder) { h.Kind = mail.HolderTransit },
	} {
		put(90*time.Second, change)
	}
	late := start.Add(time.Hour)
	t.Run("what nobody has opened comes back, the oldest first", func(t *testing.T) {
		same(t, "unread", unread(late, 10), []mail.Unread{first, second, third})
	})
	t.Run("no more than so many, and only what came before", func(t *testing.T) {
		same(t, "two", unread(late, 2), []mail.Unread{first, second})
		same(t, "before the third", unread(third.At, 10), []mail.Unread{first, second})
		same(t, "before all", unread(first.At, 10), []mail.Unread(nil))
	})
	t.Run("what was told of since then is left out, and comes again when that is long ago", func(t *testing.T) {
		for range 2 { // it may be told of more than once
			update(t, db, func(tx *vault.Tx) error { return tx.PutAlarm(second.Holder, late) })
		}
		same(t, "told", unread(late, 10), []mail.Unread{first, third})
		same(t, "later, while nobody there can open it", unread(late.Add(time.Millisecond), 10), []mail.Unread{first, third})
		g := mail.Generation{ID: mail.NewID(), Mailbox: m.ID, N: 99, Public: random(40), At: start}
		e := mail.Epoch{ID: mail.NewID(), Owner: g.ID, Box: random(40), At: start}
		update(t, db, func(tx *vault.Tx) error {
			if err := tx.PutGeneration(g); err != nil {
				return err
			}
			other := mail.Message{ID: mail.NewID(), Thread: mail.NewID(), State: mail.Active, Owner: mail.NewID(), Envelope: random(10), At: start}
			if err := tx.PutSealed(&mail.Sealed{Message: other, Head: random(10), Epochs: []mail.Epoch{e}}); err != nil {
				return err
			}
			return tx.PutWrap(mail.Wrap{Holder: second.Holder, Kind: mail.WrapEpoch, Ref: e.ID, Box: random(60)})
		})
		same(t, "still", unread(late.Add(time.Millisecond), 10), []mail.Unread{first, third})
		slots, err := db.Reserve(mail.Shred, 1)
		if err != nil {
			t.Fatal(err)
		}
		update(t, db, func(tx *vault.Tx) error {
			if err := tx.PutSlots([]mail.SlotWrite{{Slot: slots[0], Value: mail.SlotValue(random(60))}}); err != nil {
				return err
			}
			_, err := tx.PutGenerationWrap(mail.GenerationWrap{Generation: g.ID, Kind: mail.SeedMember, Member: mail.NewID(), Slot: slots[0], Box: random(60)})
			return err
		})
		same(t, "later", unread(late.Add(time.Millisecond), 10), []mail.Unread{first, second, third})
	})
	t.Run("nobody is told of a letter that is not there", func(t *testing.T) {
		refused(t, db, "an alarm", func(tx *vault.Tx) error { return tx.PutAlarm(mail.NewID(), late) })
	})
	t.Run("what is opened is unread no more", func(t *testing.T) {
		update(t, db, func(tx *vault.Tx) error {
			h, err := tx.Holder(second.Holder)
			if err != nil {
				return err
			}
			h.Opened = late
			return tx.SaveHolder(h)
		})
		same(t, "unread", unread(late, 10), []mail.Unread{first, third})
	})
}
