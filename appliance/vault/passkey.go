package vault

import "sigill/appliance/mail"

const passkeyColumns = `id, person, credential, columns, slot, lock, at, used`

func scanPasskey(s scanner) (p mail.Passkey, err error) {
	return p, s.Scan(intoID{&p.ID}, intoID{&p.Person}, intoHash{&p.Credential}, intoBox{&p.Columns}, intoShred{&p.Slot}, intoBox{&p.Lock}, intoTime{&p.At}, intoTime{&p.Used})
}

// Passkeys returns a person's passkeys, the oldest first.
func (tx *ReadTx) Passkeys(person mail.ID) ([]mail.Passkey, error) {
	return all(tx.c, scanPasskey, `
		SELECT `+passkeyColumns+`
		FROM passkey
		WHERE person = ?
		ORDER BY at, id`, person[:])
}

// Passkey returns one. The error is Absent if it is none any more.
func (tx *ReadTx) Passkey(id mail.ID) (mail.Passkey, error) {
	return one(tx.c, scanPasskey, `
		SELECT `+passkeyColumns+`
		FROM passkey
		WHERE id = ?`, id[:])
}

// PasskeyOf finds the passkey of a credential. The error is Absent if there is none.
func (tx *ReadTx) PasskeyOf(credential [32]byte) (mail.Passkey, error) {
	return one(tx.c, scanPasskey, `
		SELECT `+passkeyColumns+`
		FROM passkey
		WHERE credential = ?`, credential[:])
}

// PutPasskey gives a person one more.
func (tx *Tx) PutPasskey(p mail.Passkey) error {
	_, err := tx.c.exec(`
		INSERT INTO passkey (`+passkeyColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		p.ID[:], p.Person[:], p.Credential[:], full(p.Columns), int64(p.Slot.N), full(p.Lock), ms(p.At), ms(p.Used))
	tx.name(p.Slot)
	return err
}

// UsePasskey keeps what the use of one has changed of it. The error is Absent if it is
// none any more.
func (tx *Tx) UsePasskey(p mail.Passkey) error {
	return tx.c.must(`
		UPDATE passkey
		SET columns = ?, used = ?
		WHERE id = ?`, full(p.Columns), ms(p.Used), p.ID[:])
}

// DeletePasskey takes one of a person's away, and returns its slot, which the caller
// erases after the commit; zero if it opened no key. The error is Absent if there is none
// of this id, or it is another's.
func (tx *Tx) DeletePasskey(person, id mail.ID) (mail.Slot, error) {
	p, err := one(tx.c, scanPasskey, `
		SELECT `+passkeyColumns+`
		FROM passkey
		WHERE id = ? AND person = ?`, id[:], person[:])
	if err != nil {
		return mail.Slot{}, err
	}
	tx.unname(p.Slot)
	return p.Slot, tx.c.must(`
		DELETE FROM passkey
		WHERE id = ?`, id[:])
}
