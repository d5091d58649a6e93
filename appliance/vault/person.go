package vault

import "sigill/appliance/mail"

const personColumns = `id, lookup, public, columns, active, roles, plan, at, suspended, leaves, out_by, kind`

func scanPerson(s scanner) (p mail.Person, err error) {
	return p, s.Scan(intoID{&p.ID}, intoHash{&p.Lookup}, &p.Public, intoBox{&p.Columns}, intoBit{&p.Active}, number(&p.Roles), number(&p.Plan),
		intoTime{&p.At}, intoTime{&p.Suspended}, intoTime{&p.Leaves}, intoID{&p.OutBy}, number(&p.Kind))
}

// Person returns somebody of the house.
func (tx *ReadTx) Person(id mail.ID) (mail.Person, error) {
	return one(tx.c, scanPerson, `
		SELECT `+personColumns+`
		FROM person
		WHERE id = ?`, id[:])
}

// PersonByLookup finds a person by the keyed hash of the address.
func (tx *ReadTx) PersonByLookup(lookup [32]byte) (mail.Person, error) {
	return one(tx.c, scanPerson, `
		SELECT `+personColumns+`
		FROM person
		WHERE lookup = ?`, lookup[:])
}

// PersonOr finds a person by the keyed hash of the address, and gives back decoy if nobody
// has it. Whoever asks at a door is not to learn by time whether there is somebody: so where
// nobody has it, the row of the next one is read and forgotten. It is the pages that take the
// time: after each write, as of the count before a comparison, a reader reads them anew, and
// a person's row lies on two or three, 20 µs of them.
func (tx *ReadTx) PersonOr(lookup [32]byte, decoy mail.Person) (mail.Person, error) {
	p, err := one(tx.c, scanPerson, `
		SELECT * FROM (SELECT `+personColumns+` FROM person WHERE lookup >= ? ORDER BY lookup LIMIT 1)
		UNION ALL
		SELECT * FROM (SELECT `+personColumns+` FROM person ORDER BY lookup LIMIT 1)
		LIMIT 1`, lookup[:])
	err = instead(&p, decoy, err, p.Lookup == lookup)
	return p, err
}

// instead puts decoy in the place of a row that is not the one that was looked for, or of
// none.
func instead[T any](row *T, decoy T, err error, right bool) error {
	if mail.KindOf(err) == mail.Absent || err == nil && !right {
		*row = decoy
		return nil
	}
	return err
}

// People returns all people of the house, in the order in which they came.
func (tx *ReadTx) People() ([]mail.Person, error) {
	return all(tx.c, scanPerson, `
		SELECT `+personColumns+`
		FROM person
		ORDER BY at, id`)
}

// PutPerson adds a person.
func (tx *Tx) PutPerson(p mail.Person) error {
	_, err := tx.c.exec(`
		INSERT INTO person (id, lookup, public, columns, active, roles, plan, at, suspended, leaves, out_by, kind)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.ID[:], p.Lookup[:], full(p.Public), full(p.Columns), bit(p.Active), int64(p.Roles), int64(p.Plan), ms(p.At), ms(p.Suspended), ms(p.Leaves), orNull(p.OutBy), int64(p.Kind))
	return err
}

// SavePerson writes a person again, all but the id. The error is Absent if there is
// no such person.
func (tx *Tx) SavePerson(p mail.Person) error {
	return tx.c.must(`
		UPDATE person
		SET lookup = ?, public = ?, columns = ?, active = ?, roles = ?, plan = ?, at = ?, suspended = ?, leaves = ?, out_by = ?, kind = ?
		WHERE id = ?`, p.Lookup[:], full(p.Public), full(p.Columns), bit(p.Active), int64(p.Roles), int64(p.Plan), ms(p.At), ms(p.Suspended), ms(p.Leaves), orNull(p.OutBy), int64(p.Kind), p.ID[:])
}
