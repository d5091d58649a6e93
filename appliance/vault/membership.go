package vault

import "sigill/appliance/mail"

func scanMembership(s scanner) (m mail.Membership, err error) {
	return m, s.Scan(intoID{&m.Person}, intoID{&m.Unit}, intoBit{&m.Home}, intoTime{&m.Since})
}

func scanOrganising(s scanner) (o mail.Organising, err error) {
	return o, s.Scan(intoID{&o.Person}, intoID{&o.Unit}, intoTime{&o.Since})
}

// Memberships returns who belongs to which unit, in no order.
func (tx *ReadTx) Memberships() ([]mail.Membership, error) {
	return all(tx.c, scanMembership, `
		SELECT person, unit, home, since
		FROM membership`)
}

// PutMembership makes a person a member of a unit. With Home set it ends the
// membership in the home before: nobody has two.
func (tx *Tx) PutMembership(m mail.Membership) error {
	if m.Home {
		if _, err := tx.c.exec(`
			DELETE FROM membership
			WHERE person = ? AND home = 1`, m.Person[:]); err != nil {
			return err
		}
	}
	_, err := tx.c.exec(`
		INSERT INTO membership (person, unit, home, since)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (person, unit) DO UPDATE
		SET home = max(home, excluded.home)`, m.Person[:], m.Unit[:], bit(m.Home), ms(m.Since))
	return err
}

// DeleteMembership ends a membership. The error is Absent if there is none.
func (tx *Tx) DeleteMembership(person, unit mail.ID) error {
	return tx.c.must(`
		DELETE FROM membership
		WHERE person = ? AND unit = ?`, person[:], unit[:])
}

// Organisings returns who organises which unit, in no order.
func (tx *ReadTx) Organisings() ([]mail.Organising, error) {
	return all(tx.c, scanOrganising, `
		SELECT person, unit, since
		FROM organiser`)
}

// PutOrganising gives a person the right over a unit. It may be there already.
func (tx *Tx) PutOrganising(o mail.Organising) error {
	_, err := tx.c.exec(`
		INSERT INTO organiser (person, unit, since)
		VALUES (?, ?, ?)
		ON CONFLICT DO NOTHING`, o.Person[:], o.Unit[:], ms(o.Since))
	return err
}

// DeleteOrganising takes the right back. The error is Absent if there is none.
func (tx *Tx) DeleteOrganising(person, unit mail.ID) error {
	return tx.c.must(`
		DELETE FROM organiser
		WHERE person = ? AND unit = ?`, person[:], unit[:])
}

// DropPlaces ends a person's memberships and rights; the directory knows them no more.
func (tx *Tx) DropPlaces(person mail.ID) error {
	for _, table := range []string{"membership", "organiser", "directory_person"} {
		if _, err := tx.c.exec(`
			DELETE FROM `+table+`
			WHERE person = ?`, person[:]); err != nil {
			return err
		}
	}
	return nil
}

// MovePlaces gives memberships and rights of one person to another, who has none, and what
// the directory knows them by.
func (tx *Tx) MovePlaces(from, to mail.ID) error {
	if _, err := tx.c.exec(`
		UPDATE membership
		SET person = ?
		WHERE person = ?`, to[:], from[:]); err != nil {
		return err
	}
	if _, err := tx.c.exec(`
		UPDATE organiser
		SET person = ?
		WHERE person = ?`, to[:], from[:]); err != nil {
		return err
	}
	_, err := tx.c.exec(`
		UPDATE directory_person
		SET person = ?
		WHERE person = ?`, to[:], from[:])
	return err
}
