package vault

import (
	"time"

	"sigill/appliance/mail"
)

const (
	helperColumns     = `id, unit, public, at, old`
	helperWrapColumns = `helper, kind, member, slot, box`

	// unusedHelpers are the old pairs to which no seed is locked, of units that have none
	// made since a time.
	unusedHelpers = `
		SELECT h.id
		FROM helper AS h
		WHERE h.old = 1
			AND h.unit NOT IN (SELECT unit FROM helper WHERE at >= ?)
			AND NOT EXISTS (SELECT 1 FROM seed_wrap AS s WHERE s.helper = h.id)
			AND NOT EXISTS (SELECT 1 FROM generation_wrap AS g WHERE g.helper = h.id)`
)

func scanHelper(s scanner) (h mail.Helper, err error) {
	return h, s.Scan(intoID{&h.ID}, intoID{&h.Unit}, &h.Public, intoTime{&h.At}, intoBit{&h.Old})
}

func scanHelperWrap(s scanner) (w mail.HelperWrap, err error) {
	return w, s.Scan(intoID{&w.Helper}, number(&w.Kind), intoID{&w.Member}, intoShred{&w.Slot}, intoBox{&w.Box})
}

// Helpers returns the helper pairs of all units, each unit's together, the oldest first
// and the current one last.
func (tx *ReadTx) Helpers() ([]mail.Helper, error) {
	return all(tx.c, scanHelper, `
		SELECT `+helperColumns+`
		FROM helper
		ORDER BY unit, old DESC, at, id`)
}

// Helper returns a helper pair. The error is Absent if there is none of that id.
func (tx *ReadTx) Helper(id mail.ID) (mail.Helper, error) {
	return one(tx.c, scanHelper, `
		SELECT `+helperColumns+`
		FROM helper
		WHERE id = ?`, id[:])
}

// CurrentHelper returns the pair to which a unit's seeds are locked from now on. The
// error is Absent if the unit has none, whatever old ones it has.
func (tx *ReadTx) CurrentHelper(unit mail.ID) (mail.Helper, error) {
	return one(tx.c, scanHelper, `
		SELECT `+helperColumns+`
		FROM helper
		WHERE unit = ? AND old = 0`, unit[:])
}

// HelperWrap returns a pair's seed as one member can open it. The error is Absent if the
// member has no part in it.
func (tx *ReadTx) HelperWrap(helper, member mail.ID) (mail.HelperWrap, error) {
	return one(tx.c, scanHelperWrap, `
		SELECT `+helperWrapColumns+`
		FROM helper_wrap
		WHERE helper = ? AND kind = ? AND member = ?`, helper[:], int64(mail.SeedMember), member[:])
}

// HelperWraps returns a pair's seed under each of its locks.
func (tx *ReadTx) HelperWraps(helper mail.ID) ([]mail.HelperWrap, error) {
	return all(tx.c, scanHelperWrap, `
		SELECT `+helperWrapColumns+`
		FROM helper_wrap
		WHERE helper = ?
		ORDER BY kind, member`, helper[:])
}

// HelperMembers returns for each pair, by its id, the members who can open it, by their
// ids in order. A pair that no member can open is not among them. It reads no boxes, so
// that it may be asked at each change of organisers.
func (tx *ReadTx) HelperMembers() (map[mail.ID][]mail.ID, error) {
	type place struct{ helper, member mail.ID }
	scan := func(s scanner) (p place, err error) { return p, s.Scan(intoID{&p.helper}, intoID{&p.member}) }
	// In the order of the index, which has all that is asked for; the table has the boxes too.
	list, err := all(tx.c, scan, `
		SELECT helper, member
		FROM helper_wrap
		WHERE kind = ?
		ORDER BY member`, int64(mail.SeedMember))
	by := map[mail.ID][]mail.ID{}
	for _, p := range list {
		by[p.helper] = append(by[p.helper], p.member)
	}
	return by, err
}

// PutHelper adds a pair as its unit's current one, whatever h says of that. The one that
// the unit had is an old one from now on. The unit must be there.
func (tx *Tx) PutHelper(h mail.Helper) error {
	if err := tx.RetireHelper(h.Unit); err != nil {
		return err
	}
	_, err := tx.c.exec(`
		INSERT INTO helper (id, unit, public, at, old)
		VALUES (?, ?, ?, ?, 0)`, h.ID[:], h.Unit[:], full(h.Public), ms(h.At))
	return err
}

// RetireHelper makes a unit's current pair an old one, if it has one.
func (tx *Tx) RetireHelper(unit mail.ID) error {
	_, err := tx.c.exec(`
		UPDATE helper
		SET old = 1
		WHERE unit = ? AND old = 0`, unit[:])
	return err
}

// MoveHelpers hangs all pairs of a unit that is going away on another one, as old ones:
// seeds may be locked to them still. None is no error.
func (tx *Tx) MoveHelpers(from, to mail.ID) error {
	_, err := tx.c.exec(`
		UPDATE helper
		SET unit = ?, old = 1
		WHERE unit = ?`, to[:], from[:])
	return err
}

// PutHelperWrap puts a pair's seed under a lock, in the place of an older one of the same
// kind and member. It returns that one's slot, which the caller erases after the commit;
// zero if there was none. The pair must be there.
func (tx *Tx) PutHelperWrap(w mail.HelperWrap) (old mail.Slot, err error) {
	slots, err := tx.dropHelperWraps(`helper = ? AND kind = ? AND member = ?`, w.Helper[:], int64(w.Kind), w.Member[:])
	if err != nil {
		return mail.Slot{}, err
	}
	if len(slots) > 0 {
		old = slots[0]
	}
	_, err = tx.c.exec(`
		INSERT INTO helper_wrap (helper, kind, member, slot, box)
		VALUES (?, ?, ?, ?, ?)`, w.Helper[:], int64(w.Kind), w.Member[:], int64(w.Slot.N), full(w.Box))
	tx.name(w.Slot)
	return old, err
}

// DeleteHelperWrap takes a pair from a member and returns the lock's slot, which the
// caller erases after the commit. The error is Absent if the member has no part in it.
func (tx *Tx) DeleteHelperWrap(helper, member mail.ID) (mail.Slot, error) {
	w, err := tx.HelperWrap(helper, member)
	if err != nil {
		return mail.Slot{}, err
	}
	_, err = tx.dropHelperWraps(`helper = ? AND kind = ? AND member = ?`, helper[:], int64(w.Kind), member[:])
	return w.Slot, err
}

// DropUnusedHelpers deletes the old pairs to which no seed is locked any more, neither a
// person's nor a function mailbox's, with their locks. It returns their slots, which the
// caller erases after the commit. A unit's current pair stays, though nobody be locked to
// it. Of a unit that has a pair made at before or later all stay: somebody may just now be
// locking a seed to the one whose place that took.
func (tx *Tx) DropUnusedHelpers(before time.Time) ([]mail.Slot, error) {
	slots, err := tx.dropHelperWraps(`helper IN (`+unusedHelpers+`)`, ms(before))
	if err != nil {
		return nil, err
	}
	_, err = tx.c.exec(`
		DELETE FROM helper
		WHERE id IN (`+unusedHelpers+`)`, ms(before))
	return slots, err
}

// dropHelperWraps deletes the wraps of which where, a condition in SQL, is true, and
// returns the slots that they had.
func (tx *Tx) dropHelperWraps(where string, args ...any) ([]mail.Slot, error) {
	return tx.dropWraps(`helper_wrap`, where, args...)
}
