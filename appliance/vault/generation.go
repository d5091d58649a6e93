package vault

import (
	"time"

	"sigill/appliance/mail"
)

const (
	generationColumns     = `id, mailbox, n, public, at`
	generationWrapColumns = `w.generation, w.kind, w.member, w.slot, w.box, w.helper`
)

func scanGeneration(s scanner) (g mail.Generation, err error) {
	return g, s.Scan(intoID{&g.ID}, intoID{&g.Mailbox}, number(&g.N), &g.Public, intoTime{&g.At})
}

func scanGenerationWrap(s scanner) (w mail.GenerationWrap, err error) {
	return w, s.Scan(intoID{&w.Generation}, number(&w.Kind), intoID{&w.Member}, intoShred{&w.Slot}, intoBox{&w.Box},
		intoID{&w.Helper})
}

// Generations returns the generations of all function mailboxes, each mailbox's
// together, the oldest first.
func (tx *ReadTx) Generations() ([]mail.Generation, error) {
	return all(tx.c, scanGeneration, `
		SELECT `+generationColumns+`
		FROM generation
		ORDER BY mailbox, n`)
}

// GenerationsOf returns a function mailbox's generations, the newest first.
func (tx *ReadTx) GenerationsOf(mailbox mail.ID) ([]mail.Generation, error) {
	return all(tx.c, scanGeneration, `
		SELECT `+generationColumns+`
		FROM generation
		WHERE mailbox = ?
		ORDER BY n DESC`, mailbox[:])
}

// GenerationWrap returns a generation's seed as one member can open it. The error is
// Absent if the member has no part in it, or if it is another mailbox's.
func (tx *ReadTx) GenerationWrap(mailbox, generation, member mail.ID) (mail.GenerationWrap, error) {
	return one(tx.c, scanGenerationWrap, `
		SELECT `+generationWrapColumns+`
		FROM generation_wrap AS w
		JOIN generation AS g ON g.id = w.generation
		WHERE g.mailbox = ? AND w.generation = ? AND w.kind = ? AND w.member = ?`,
		mailbox[:], generation[:], int64(mail.SeedMember), member[:])
}

// ReadsSince returns from when on a member can open what has come to a function mailbox;
// zero: from its beginning. Who may read what came before holds the keys of all that time,
// so the oldest that they hold says it. The error is Absent if they hold none.
func (tx *ReadTx) ReadsSince(mailbox, member mail.ID) (time.Time, error) {
	scan := func(s scanner) (at time.Time, err error) { return at, s.Scan(intoTime{&at}) }
	return one(tx.c, scan, `
		SELECT g.at * (g.n > (SELECT MIN(n) FROM generation WHERE mailbox = g.mailbox))
		FROM generation AS g
		JOIN generation_wrap AS w ON w.generation = g.id
		WHERE g.mailbox = ? AND w.kind = ? AND w.member = ?
		ORDER BY g.n
		LIMIT 1`, mailbox[:], int64(mail.SeedMember), member[:])
}

// GenerationWraps returns a generation's seed under each of its locks.
func (tx *ReadTx) GenerationWraps(generation mail.ID) ([]mail.GenerationWrap, error) {
	return all(tx.c, scanGenerationWrap, `
		SELECT `+generationWrapColumns+`
		FROM generation_wrap AS w
		WHERE w.generation = ?
		ORDER BY w.kind, w.member`, generation[:])
}

// PutGeneration adds a generation. Its mailbox must be there, and have none of that
// number.
func (tx *Tx) PutGeneration(g mail.Generation) error {
	_, err := tx.c.exec(`
		INSERT INTO generation (id, mailbox, n, public, at)
		VALUES (?, ?, ?, ?, ?)`, g.ID[:], g.Mailbox[:], int64(g.N), full(g.Public), ms(g.At))
	return err
}

// PutGenerationWrap puts a generation's seed under a lock, in the place of an older one
// of the same kind and member. It returns that one's slot, which the caller erases after
// the commit; zero if there was none. The helper pair, if it names one, must be there.
func (tx *Tx) PutGenerationWrap(w mail.GenerationWrap) (old mail.Slot, err error) {
	slots, err := tx.dropGenerationWraps(`generation = ? AND kind = ? AND member = ?`, w.Generation[:], int64(w.Kind), w.Member[:])
	if err != nil {
		return mail.Slot{}, err
	}
	if len(slots) > 0 {
		old = slots[0]
	}
	_, err = tx.c.exec(`
		INSERT INTO generation_wrap (generation, kind, member, slot, box, helper)
		VALUES (?, ?, ?, ?, ?, ?)`,
		w.Generation[:], int64(w.Kind), w.Member[:], int64(w.Slot.N), full(w.Box), orNull(w.Helper))
	tx.name(w.Slot)
	return old, err
}

// DeleteGenerationWraps takes from a member all generations of a function mailbox; none
// is no error. It returns the slots, which the caller erases after the commit.
func (tx *Tx) DeleteGenerationWraps(mailbox, member mail.ID) ([]mail.Slot, error) {
	return tx.dropGenerationWraps(`kind = ? AND member = ? AND generation IN (SELECT id FROM generation WHERE mailbox = ?)`,
		int64(mail.SeedMember), member[:], mailbox[:])
}

// DeleteGeneration takes a generation away with its locks. It returns their slots, which
// the caller erases after the commit. That nothing is sealed to it is the caller's to
// know. The error is Absent if there is no such generation.
func (tx *Tx) DeleteGeneration(id mail.ID) ([]mail.Slot, error) {
	slots, err := tx.dropGenerationWraps(`generation = ?`, id[:])
	if err != nil {
		return nil, err
	}
	return slots, tx.c.must(`
		DELETE FROM generation
		WHERE id = ?`, id[:])
}

// dropGenerationWraps deletes the wraps of which where, a condition in SQL, is true, and
// returns the slots that they had.
func (tx *Tx) dropGenerationWraps(where string, args ...any) ([]mail.Slot, error) {
	return tx.dropWraps(`generation_wrap`, where, args...)
}
