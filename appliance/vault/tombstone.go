package vault

import (
	"time"

	"sigill/appliance/mail"
)

const tombstoneColumns = `locator, ended, why, forget`

func scanTombstone(s scanner) (t mail.Tombstone, err error) {
	return t, s.Scan(intoHash{&t.Locator}, intoTime{&t.Ended}, number(&t.Why), intoTime{&t.Forget})
}

// Tombstone returns what may still be said of a code.
func (tx *ReadTx) Tombstone(locator [32]byte) (mail.Tombstone, error) {
	return one(tx.c, scanTombstone, `
		SELECT `+tombstoneColumns+`
		FROM tombstone
		WHERE locator = ?`, locator[:])
}

// PutTombstone adds a tombstone. A second one for the same code changes nothing:
// the end is told as it was the first time.
func (tx *Tx) PutTombstone(t mail.Tombstone) error {
	_, err := tx.c.exec(`
		INSERT INTO tombstone (locator, ended, why, forget)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (locator) DO NOTHING`, t.Locator[:], ms(t.Ended), int64(t.Why), ms(t.Forget))
	return err
}

// ForgetTombstones takes away those whose time is over at now, and returns how many.
func (tx *Tx) ForgetTombstones(now time.Time) (int64, error) {
	return tx.c.exec(`
		DELETE FROM tombstone
		WHERE forget <= ?`, ms(now))
}
