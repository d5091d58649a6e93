package vault

import (
	"time"

	"sigill/appliance/mail"
)

type signInCode struct {
	hash [32]byte
	salt []byte
	at   time.Time
}

func scanSignInCode(s scanner) (c signInCode, err error) {
	return c, s.Scan(intoHash{&c.hash}, &c.salt, intoTime{&c.at})
}

// SignInCodes returns what is kept of a person's printed codes. If there are none, the
// set is empty.
func (tx *ReadTx) SignInCodes(person mail.ID) (set mail.SignInCodes, err error) {
	list, err := all(tx.c, scanSignInCode, `
		SELECT hash, salt, at
		FROM sign_in_code
		WHERE person = ?
		ORDER BY hash`, person[:])
	for _, c := range list {
		set.Salt, set.At, set.Hashes = c.salt, c.at, append(set.Hashes, c.hash)
	}
	return set, err
}

// WithSignInCodes returns who has printed codes that are not used.
func (tx *ReadTx) WithSignInCodes() ([]mail.ID, error) {
	return all(tx.c, scanID, `
		SELECT DISTINCT person
		FROM sign_in_code
		ORDER BY person`)
}

// PutSignInCodes gives a person a set of printed codes; the older one is no good any
// more. Who has no second factor can have none.
func (tx *Tx) PutSignInCodes(person mail.ID, set mail.SignInCodes) error {
	if _, err := tx.c.exec(`
		DELETE FROM sign_in_code
		WHERE person = ?`, person[:]); err != nil {
		return err
	}
	for i := range set.Hashes {
		if _, err := tx.c.exec(`
			INSERT INTO sign_in_code (person, hash, salt, at)
			VALUES (?, ?, ?, ?)`, person[:], set.Hashes[i][:], set.Salt, ms(set.At)); err != nil {
			return err
		}
	}
	return nil
}

// UseSignInCode uses a printed code up. The error is Absent if it was used already.
func (tx *Tx) UseSignInCode(person mail.ID, hash [32]byte) error {
	return tx.c.must(`
		DELETE FROM sign_in_code
		WHERE person = ? AND hash = ?`, person[:], hash[:])
}
