package vault

import "sigill/appliance/mail"

// Spooled reports whether a mail of the spool was taken in.
func (tx *ReadTx) Spooled(id mail.ID) (bool, error) {
	n, err := one(tx.c, scanInt, `
		SELECT COUNT(*)
		FROM spooled
		WHERE id = ?`, id[:])
	return n > 0, err
}

// PutSpooled writes down that a mail of the spool is taken in by this transaction. The error
// is Gone if another has done so before.
func (tx *Tx) PutSpooled(id mail.ID) error {
	done, err := tx.Spooled(id)
	if err != nil {
		return err
	}
	if done {
		return mail.E(mail.Gone, "error.gone", nil)
	}
	_, err = tx.c.exec(`
		INSERT INTO spooled (id, at)
		VALUES (?, ?)`, id[:], ms(tx.now))
	return err
}

// ForgetSpooled takes all rows away: the files that they tell of are gone.
func (tx *Tx) ForgetSpooled() error {
	_, err := tx.c.exec(`DELETE FROM spooled`)
	return err
}
