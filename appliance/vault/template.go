package vault

import "sigill/appliance/mail"

const templateColumns = `id, unit, columns, at`

func scanTemplate(s scanner) (t mail.Template, err error) {
	return t, s.Scan(intoID{&t.ID}, intoID{&t.Unit}, intoBox{&t.Columns}, intoTime{&t.At})
}

// TemplatesOf returns a unit's templates, in no order.
func (tx *ReadTx) TemplatesOf(unit mail.ID) ([]mail.Template, error) {
	return all(tx.c, scanTemplate, `
		SELECT `+templateColumns+`
		FROM template
		WHERE unit = ?`, unit[:])
}

// Template returns one. The error is Absent.
func (tx *ReadTx) Template(id mail.ID) (mail.Template, error) {
	return one(tx.c, scanTemplate, `
		SELECT `+templateColumns+`
		FROM template
		WHERE id = ?`, id[:])
}

// PutTemplate adds a template, or writes again what one says; it stays in its unit.
func (tx *Tx) PutTemplate(t mail.Template) error {
	_, err := tx.c.exec(`
		INSERT INTO template (id, unit, columns, at)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE
		SET columns = excluded.columns, at = excluded.at`,
		t.ID[:], t.Unit[:], full(t.Columns), ms(t.At))
	return err
}

// DeleteTemplate takes one away. The error is Absent.
func (tx *Tx) DeleteTemplate(id mail.ID) error {
	return tx.c.must(`
		DELETE FROM template
		WHERE id = ?`, id[:])
}

const signatureColumns = `owner, box, at`

func scanSignature(s scanner) (g mail.Signature, err error) {
	return g, s.Scan(intoID{&g.Owner}, intoBox{&g.Box}, intoTime{&g.At})
}

// Signature returns that of a unit's people, or a person's own. The error is Absent.
func (tx *ReadTx) Signature(owner mail.ID) (mail.Signature, error) {
	return one(tx.c, scanSignature, `
		SELECT `+signatureColumns+`
		FROM signature
		WHERE owner = ?`, owner[:])
}

// PutSignature keeps one, in the place of the one before.
func (tx *Tx) PutSignature(g mail.Signature) error {
	_, err := tx.c.exec(`
		INSERT INTO signature (owner, box, at)
		VALUES (?, ?, ?)
		ON CONFLICT (owner) DO UPDATE
		SET box = excluded.box, at = excluded.at`,
		g.Owner[:], full(g.Box), ms(g.At))
	return err
}

// DeleteSignature takes one away; none is no error.
func (tx *Tx) DeleteSignature(owner mail.ID) error {
	_, err := tx.c.exec(`
		DELETE FROM signature
		WHERE owner = ?`, owner[:])
	return err
}
