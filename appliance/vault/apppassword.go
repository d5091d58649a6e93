package vault

import (
	"time"

	"sigill/appliance/mail"
)

const appPasswordColumns = `id, person, name, hash, at, used`

func scanAppPassword(s scanner) (p mail.AppPassword, err error) {
	return p, s.Scan(intoID{&p.ID}, intoID{&p.Person}, intoBox{&p.Name}, intoHash{&p.Hash}, intoTime{&p.At}, intoTime{&p.Used})
}

// AppPasswords returns a person's app passwords, the oldest first.
func (tx *ReadTx) AppPasswords(person mail.ID) ([]mail.AppPassword, error) {
	return all(tx.c, scanAppPassword, `
		SELECT `+appPasswordColumns+`
		FROM app_password
		WHERE person = ?
		ORDER BY at, id`, person[:])
}

// AppPassword returns the one of a person's app passwords that has a hash. The error is
// Absent if none has. The hash is keyed, so nobody steers by what they type how far a
// comparison with one of the rows goes.
func (tx *ReadTx) AppPassword(person mail.ID, hash [32]byte) (mail.AppPassword, error) {
	return one(tx.c, scanAppPassword, `
		SELECT `+appPasswordColumns+`
		FROM app_password
		WHERE person = ? AND hash = ?`, person[:], hash[:])
}

// PutAppPassword gives a person one more.
func (tx *Tx) PutAppPassword(p mail.AppPassword) error {
	_, err := tx.c.exec(`
		INSERT INTO app_password (id, person, name, hash, at, used)
		VALUES (?, ?, ?, ?, ?, ?)`, p.ID[:], p.Person[:], full(p.Name), p.Hash[:], ms(p.At), ms(p.Used))
	return err
}

// UseAppPassword keeps when one was last used. The error is Absent if it is none any more.
func (tx *Tx) UseAppPassword(id mail.ID, at time.Time) error {
	return tx.c.must(`
		UPDATE app_password
		SET used = ?
		WHERE id = ?`, ms(at), id[:])
}

// DeleteAppPassword takes one of a person's away. The error is Absent if there is none of
// this id, or it is another's.
func (tx *Tx) DeleteAppPassword(person, id mail.ID) error {
	return tx.c.must(`
		DELETE FROM app_password
		WHERE id = ? AND person = ?`, id[:], person[:])
}
