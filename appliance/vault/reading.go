package vault

import "sigill/appliance/mail"

const readingColumns = `holder, person, at`

func scanReading(s scanner) (r mail.Reading, err error) {
	return r, s.Scan(intoID{&r.Holder}, intoID{&r.Person}, intoTime{&r.At})
}

// ReadingPeople returns who is still to be told by SMS of what was read, whoever has waited
// longest first.
func (tx *ReadTx) ReadingPeople() ([]mail.ID, error) {
	return all(tx.c, scanID, `
		SELECT person
		FROM reading
		GROUP BY person
		ORDER BY MIN(at)`)
}

// maxReadings is the most that Readings returns: the recipients of one letter.
const maxReadings = 500

// Readings returns up to 500 of the readings of which a person is still to be told, the
// oldest first.
func (tx *ReadTx) Readings(person mail.ID) ([]mail.Reading, error) {
	return all(tx.c, scanReading, `
		SELECT `+readingColumns+`
		FROM reading
		WHERE person = ?
		ORDER BY at, holder
		LIMIT ?`, person[:], maxReadings)
}

// PutReading adds one. Its holder and person must be there; once a holder is enough.
func (tx *Tx) PutReading(r mail.Reading) error {
	_, err := tx.c.exec(`
		INSERT INTO reading (holder, person, at)
		VALUES (?, ?, ?)
		ON CONFLICT (holder) DO NOTHING`, r.Holder[:], r.Person[:], ms(r.At))
	return err
}

// DeleteReading takes one away: its person was told. The error is Absent if another was
// quicker.
func (tx *Tx) DeleteReading(holder mail.ID) error {
	return tx.c.must(`
		DELETE FROM reading
		WHERE holder = ?`, holder[:])
}
