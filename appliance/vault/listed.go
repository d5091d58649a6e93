package vault

import "sigill/appliance/mail"

const listedColumns = `id, unit, columns, at`

func scanListed(s scanner) (l mail.Listed, err error) {
	return l, s.Scan(intoID{&l.ID}, intoID{&l.Unit}, intoBox{&l.Columns}, intoTime{&l.At})
}

// ListedIn returns who stands in a unit's contact list, in no order.
func (tx *ReadTx) ListedIn(unit mail.ID) ([]mail.Listed, error) {
	return all(tx.c, scanListed, `
		SELECT `+listedColumns+`
		FROM listed
		WHERE unit = ?`, unit[:])
}

// Listed returns one. The error is Absent.
func (tx *ReadTx) Listed(id mail.ID) (mail.Listed, error) {
	return one(tx.c, scanListed, `
		SELECT `+listedColumns+`
		FROM listed
		WHERE id = ?`, id[:])
}

// PutListed adds somebody to a unit's contact list, or writes again who that is.
func (tx *Tx) PutListed(l mail.Listed) error {
	_, err := tx.c.exec(`
		INSERT INTO listed (id, unit, columns, at)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE
		SET columns = excluded.columns, at = excluded.at`,
		l.ID[:], l.Unit[:], full(l.Columns), ms(l.At))
	return err
}

// DeleteListed takes somebody out. The error is Absent.
func (tx *Tx) DeleteListed(id mail.ID) error {
	return tx.c.must(`
		DELETE FROM listed
		WHERE id = ?`, id[:])
}
