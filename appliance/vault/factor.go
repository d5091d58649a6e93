package vault

import "sigill/appliance/mail"

const factorColumns = `person, box, step, at`

func scanFactor(s scanner) (f mail.Factor, err error) {
	return f, s.Scan(intoID{&f.Person}, intoBox{&f.Box}, number(&f.Step), intoTime{&f.At})
}

// Factor returns a person's second factor. The error is Absent if there is none.
func (tx *ReadTx) Factor(person mail.ID) (mail.Factor, error) {
	return one(tx.c, scanFactor, `
		SELECT `+factorColumns+`
		FROM factor
		WHERE person = ?`, person[:])
}

// FactorOr returns a person's second factor, and gives back decoy if there is none; see
// PersonOr.
func (tx *ReadTx) FactorOr(person mail.ID, decoy mail.Factor) (mail.Factor, error) {
	f, err := one(tx.c, scanFactor, `
		SELECT * FROM (SELECT `+factorColumns+` FROM factor WHERE person >= ? ORDER BY person LIMIT 1)
		UNION ALL
		SELECT * FROM (SELECT `+factorColumns+` FROM factor ORDER BY person LIMIT 1)
		LIMIT 1`, person[:])
	err = instead(&f, decoy, err, f.Person == person)
	return f, err
}

// PutFactor gives a person a second factor, in the place of an older one. Printed codes
// stay.
func (tx *Tx) PutFactor(f mail.Factor) error {
	_, err := tx.c.exec(`
		INSERT INTO factor (person, box, step, at)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (person) DO UPDATE
		SET box = excluded.box, step = excluded.step, at = excluded.at`, f.Person[:], full(f.Box), f.Step, ms(f.At))
	return err
}

// UseStep uses a step of a person's factor up, and those before it. The error is Absent
// if it was used up already.
//
// So whoever has used a code while the clock was ahead has no good one until it is there
// again: a printed code, a PIN or the app connected anew helps until then. To take back
// what lies far in the future is not safe with the one step that is kept here. It would
// be good again when its day comes, and that which was used last before the clock leapt
// is not known any more.
func (tx *Tx) UseStep(person mail.ID, step int64) error {
	return tx.c.must(`
		UPDATE factor
		SET step = ?1
		WHERE person = ?2 AND step < ?1`, step, person[:])
}

// UseSteps uses a step of everybody's factor up, and those before it. After a restore nobody
// knows which were.
func (tx *Tx) UseSteps(step int64) error {
	_, err := tx.c.exec(`
		UPDATE factor
		SET step = ?1
		WHERE step < ?1`, step)
	return err
}

// DeleteFactor takes a person's second factor away, and the printed codes with it. The
// error is Absent if there is none.
func (tx *Tx) DeleteFactor(person mail.ID) error {
	return tx.c.must(`
		DELETE FROM factor
		WHERE person = ?`, person[:])
}
