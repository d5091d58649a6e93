package vault

import "sigill/appliance/mail"

const brandColumns = `unit, columns, at`

func scanBrand(s scanner) (b mail.BrandRow, err error) {
	return b, s.Scan(intoID{&b.Unit}, intoBox{&b.Columns}, intoTime{&b.At})
}

// Brands returns what units say of themselves, in no order.
func (tx *ReadTx) Brands() ([]mail.BrandRow, error) {
	return all(tx.c, scanBrand, `
		SELECT `+brandColumns+`
		FROM brand`)
}

// PutBrand writes what a unit says of itself, in the place of what it said before.
func (tx *Tx) PutBrand(b mail.BrandRow) error {
	_, err := tx.c.exec(`
		INSERT INTO brand (unit, columns, at)
		VALUES (?, ?, ?)
		ON CONFLICT (unit) DO UPDATE SET columns = excluded.columns, at = excluded.at`,
		b.Unit[:], full(b.Columns), ms(b.At))
	return err
}

// DeleteBrand takes back all that a unit says of itself, if it says anything.
func (tx *Tx) DeleteBrand(unit mail.ID) error {
	_, err := tx.c.exec(`
		DELETE FROM brand
		WHERE unit = ?`, unit[:])
	return err
}
