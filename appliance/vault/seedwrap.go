package vault

import "sigill/appliance/mail"

const seedWrapColumns = `person, kind, slot, box, helper`

func scanSeedWrap(s scanner) (w mail.SeedWrap, err error) {
	return w, s.Scan(intoID{&w.Person}, number(&w.Kind), intoShred{&w.Slot}, intoBox{&w.Box}, intoID{&w.Helper})
}

func scanShred(s scanner) (p mail.Slot, err error) { return p, s.Scan(intoShred{&p}) }

// SeedWraps returns a person's seed under each of its locks.
func (tx *ReadTx) SeedWraps(person mail.ID) ([]mail.SeedWrap, error) {
	return all(tx.c, scanSeedWrap, `
		SELECT `+seedWrapColumns+`
		FROM seed_wrap
		WHERE person = ?
		ORDER BY kind`, person[:])
}

// SeedWrapOr returns a person's seed under one lock, and gives back decoy if there is no
// such lock; see PersonOr.
func (tx *ReadTx) SeedWrapOr(person mail.ID, kind mail.SeedKind, decoy mail.SeedWrap) (mail.SeedWrap, error) {
	w, err := one(tx.c, scanSeedWrap, `
		SELECT * FROM (SELECT `+seedWrapColumns+` FROM seed_wrap WHERE (person, kind) >= (?, ?) ORDER BY person, kind LIMIT 1)
		UNION ALL
		SELECT * FROM (SELECT `+seedWrapColumns+` FROM seed_wrap ORDER BY person, kind LIMIT 1)
		LIMIT 1`, person[:], int64(kind))
	err = instead(&w, decoy, err, w.Person == person && w.Kind == kind)
	return w, err
}

// PutSeedWrap puts a person's seed under a lock, in the place of an older one of
// the same kind. It returns that one's slot, which the caller erases after the
// commit; zero if there was none. The helper pair, if it names one, must be there.
func (tx *Tx) PutSeedWrap(w mail.SeedWrap) (mail.Slot, error) {
	old, err := tx.dropSeedWrap(w.Person, w.Kind)
	if err != nil {
		return mail.Slot{}, err
	}
	_, err = tx.c.exec(`
		INSERT INTO seed_wrap (person, kind, slot, box, helper)
		VALUES (?, ?, ?, ?, ?)`, w.Person[:], int64(w.Kind), int64(w.Slot.N), full(w.Box), orNull(w.Helper))
	tx.name(w.Slot)
	return old, err
}

// DeleteSeedWrap takes a lock away and returns its slot, which the caller erases
// after the commit. The error is Absent if there is no such lock.
func (tx *Tx) DeleteSeedWrap(person mail.ID, kind mail.SeedKind) (mail.Slot, error) {
	old, err := tx.dropSeedWrap(person, kind)
	if err == nil && old.IsZero() {
		return old, absent()
	}
	return old, err
}

func (tx *Tx) dropSeedWrap(person mail.ID, kind mail.SeedKind) (mail.Slot, error) {
	list, err := all(tx.c, scanSeedWrap, `
		SELECT `+seedWrapColumns+`
		FROM seed_wrap
		WHERE person = ? AND kind = ?`, person[:], int64(kind))
	if err != nil || len(list) == 0 {
		return mail.Slot{}, err
	}
	_, err = tx.c.exec(`
		DELETE FROM seed_wrap
		WHERE person = ? AND kind = ?`, person[:], int64(kind))
	tx.unname(list[0].Slot)
	return list[0].Slot, err
}

// dropWraps deletes the rows of a table of seeds under locks of which where, a condition
// in SQL, is true, and returns the slots that they had.
func (tx *Tx) dropWraps(table, where string, args ...any) ([]mail.Slot, error) {
	slots, err := all(tx.c, scanShred, `
		SELECT slot
		FROM `+table+`
		WHERE slot > 0 AND `+where, args...)
	if err != nil {
		return nil, err
	}
	if _, err := tx.c.exec(`
		DELETE FROM `+table+`
		WHERE `+where, args...); err != nil {
		return nil, err
	}
	for _, s := range slots {
		tx.unname(s)
	}
	return slots, nil
}
