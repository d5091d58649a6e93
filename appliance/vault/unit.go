package vault

import "sigill/appliance/mail"

const unitColumns = `id, parent, kind, columns, starts, ends, sms, at, factor_from, two_help, plan, listing, links`

func scanUnit(s scanner) (u mail.Unit, err error) {
	return u, s.Scan(intoID{&u.ID}, intoID{&u.Parent}, number(&u.Kind), intoBox{&u.Columns}, intoTime{&u.Starts}, intoTime{&u.Ends},
		intoBit{&u.PaysSMS}, intoTime{&u.At}, intoTime{&u.FactorFrom}, intoBit{&u.TwoHelp}, number(&u.Plan), number(&u.Listing), number(&u.Links))
}

// Units returns all units, the root among them, in no order.
func (tx *ReadTx) Units() ([]mail.Unit, error) {
	return all(tx.c, scanUnit, `
		SELECT `+unitColumns+`
		FROM unit`)
}

// PutUnit adds a unit. Its parent must be there.
func (tx *Tx) PutUnit(u mail.Unit) error {
	_, err := tx.c.exec(`
		INSERT INTO unit (id, parent, kind, columns, starts, ends, sms, at, factor_from, two_help, plan, listing, links)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		u.ID[:], u.Parent[:], int64(u.Kind), full(u.Columns), ms(u.Starts), ms(u.Ends), bit(u.PaysSMS), ms(u.At), ms(u.FactorFrom),
		bit(u.TwoHelp), int64(u.Plan), int64(u.Listing), int64(u.Links))
	return err
}

// SaveUnit writes a unit again, all but its id and kind. The error is Absent if there is
// no such unit. Whether the tree stays one is the caller's to know.
func (tx *Tx) SaveUnit(u mail.Unit) error {
	return tx.c.must(`
		UPDATE unit
		SET parent = ?, columns = ?, starts = ?, ends = ?, sms = ?, factor_from = ?, two_help = ?, plan = ?, listing = ?, links = ?
		WHERE id = ?`,
		orNull(u.Parent), full(u.Columns), ms(u.Starts), ms(u.Ends), bit(u.PaysSMS), ms(u.FactorFrom), bit(u.TwoHelp), int64(u.Plan), int64(u.Listing), int64(u.Links), u.ID[:])
}

// DeleteUnit takes a unit away, with the rights over it and what it says of itself. It must have neither units
// below it, people, function mailboxes, helper pairs nor a contact list. The error is Absent if there is
// no such unit.
func (tx *Tx) DeleteUnit(id mail.ID) error {
	if _, err := tx.c.exec(`
		DELETE FROM organiser
		WHERE unit = ?`, id[:]); err != nil {
		return err
	}
	if err := tx.DeleteBrand(id); err != nil {
		return err
	}
	return tx.c.must(`
		DELETE FROM unit
		WHERE id = ?`, id[:])
}
