package vault

import "sigill/appliance/mail"

const contactColumns = `lookup, columns, at, worked`

func scanContact(s scanner) (c mail.Contact, err error) {
	return c, s.Scan(intoHash{&c.Lookup}, intoBox{&c.Columns}, intoTime{&c.At}, intoTime{&c.Worked})
}

// Contact returns what was last used for an address, by the keyed hash of it.
func (tx *ReadTx) Contact(lookup [32]byte) (mail.Contact, error) {
	return one(tx.c, scanContact, `
		SELECT `+contactColumns+`
		FROM contact
		WHERE lookup = ?`, lookup[:])
}

// PutContact adds a contact or takes the place of the one that is there.
func (tx *Tx) PutContact(c mail.Contact) error {
	_, err := tx.c.exec(`
		INSERT INTO contact (lookup, columns, at, worked)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (lookup) DO UPDATE
		SET columns = excluded.columns, at = excluded.at, worked = excluded.worked`,
		c.Lookup[:], full(c.Columns), ms(c.At), ms(c.Worked))
	return err
}

// DeleteContact forgets a contact; none is no error.
func (tx *Tx) DeleteContact(lookup [32]byte) error {
	_, err := tx.c.exec(`
		DELETE FROM contact
		WHERE lookup = ?`, lookup[:])
	return err
}
