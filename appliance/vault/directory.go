package vault

import "sigill/appliance/mail"

func scanDirectoryPerson(s scanner) (d mail.DirectoryPerson, err error) {
	return d, s.Scan(intoHash{&d.ID}, intoID{&d.Person}, intoHash{&d.Name}, intoHash{&d.Units}, intoTime{&d.Out})
}

// DirectoryPeople returns who came from the directory, in no order.
func (tx *ReadTx) DirectoryPeople() ([]mail.DirectoryPerson, error) {
	return all(tx.c, scanDirectoryPerson, `
		SELECT id, person, name, units, out
		FROM directory_person`)
}

// PutDirectoryPerson adds somebody, or writes again what the directory says of them. What
// was known of the person by another id, or of the id by another person, is forgotten.
func (tx *Tx) PutDirectoryPerson(d mail.DirectoryPerson) error {
	if _, err := tx.c.exec(`
		DELETE FROM directory_person
		WHERE person = ? AND id <> ?`, d.Person[:], d.ID[:]); err != nil {
		return err
	}
	_, err := tx.c.exec(`
		INSERT INTO directory_person (id, person, name, units, out)
		VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE
		SET person = excluded.person, name = excluded.name, units = excluded.units, out = excluded.out`,
		d.ID[:], d.Person[:], d.Name[:], d.Units[:], ms(d.Out))
	return err
}

func scanDirectoryRun(s scanner) (r mail.DirectoryRun, err error) {
	return r, s.Scan(intoTime{&r.At}, intoBox{&r.Box})
}

// DirectoryRun returns how the last reading went. The error is Absent before the first.
func (tx *ReadTx) DirectoryRun() (mail.DirectoryRun, error) {
	return one(tx.c, scanDirectoryRun, `
		SELECT at, box
		FROM directory_run`)
}

// PutDirectoryRun keeps how a reading went, in the place of the one before.
func (tx *Tx) PutDirectoryRun(r mail.DirectoryRun) error {
	_, err := tx.c.exec(`
		INSERT INTO directory_run (one, at, box)
		VALUES (1, ?, ?)
		ON CONFLICT (one) DO UPDATE
		SET at = excluded.at, box = excluded.box`, ms(r.At), full(r.Box))
	return err
}
