package vault

import "sigill/appliance/mail"

const signOnColumns = `person, subject, at`

func scanSignOn(s scanner) (b mail.SignOn, err error) {
	return b, s.Scan(intoID{&b.Person}, intoHash{&b.Subject}, intoTime{&b.At})
}

// SignOn returns by whom the provider of the sign-on means a person. The error is Absent
// if it was never said.
func (tx *ReadTx) SignOn(person mail.ID) (mail.SignOn, error) {
	return one(tx.c, scanSignOn, `
		SELECT `+signOnColumns+`
		FROM sign_on
		WHERE person = ?`, person[:])
}

// SignOnOf finds whom the provider means by a subject. The error is Absent if nobody.
func (tx *ReadTx) SignOnOf(subject [32]byte) (mail.SignOn, error) {
	return one(tx.c, scanSignOn, `
		SELECT `+signOnColumns+`
		FROM sign_on
		WHERE subject = ?`, subject[:])
}

// PutSignOn binds a person to a subject; neither may be bound.
func (tx *Tx) PutSignOn(b mail.SignOn) error {
	_, err := tx.c.exec(`
		INSERT INTO sign_on (`+signOnColumns+`)
		VALUES (?, ?, ?)`, b.Person[:], b.Subject[:], ms(b.At))
	return err
}

// DeleteSignOn unbinds a person. The error is Absent for who is not bound.
func (tx *Tx) DeleteSignOn(person mail.ID) error {
	return tx.c.must(`
		DELETE FROM sign_on
		WHERE person = ?`, person[:])
}
