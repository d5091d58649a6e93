package vault

import "sigill/appliance/mail"

func scanMailboxMember(s scanner) (m mail.MailboxMember, err error) {
	return m, s.Scan(intoID{&m.Mailbox}, intoID{&m.Person}, number(&m.Role), intoBit{&m.Asks}, intoID{&m.Asker}, intoTime{&m.Since})
}

// MailboxMembers returns who has a place in which function mailbox, in no order.
func (tx *ReadTx) MailboxMembers() ([]mail.MailboxMember, error) {
	return all(tx.c, scanMailboxMember, `
		SELECT mailbox, person, role, asks, asker, since
		FROM mailbox_member`)
}

// PutMailboxMember gives a person a place in a function mailbox, or writes the one again
// that the person has.
func (tx *Tx) PutMailboxMember(m mail.MailboxMember) error {
	_, err := tx.c.exec(`
		INSERT INTO mailbox_member (mailbox, person, role, asks, asker, since)
		VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (mailbox, person) DO UPDATE
		SET role = excluded.role, asks = excluded.asks, asker = excluded.asker, since = excluded.since`,
		m.Mailbox[:], m.Person[:], int64(m.Role), bit(m.Asks), orNull(m.Asker), ms(m.Since))
	return err
}

// DeleteMailboxMember ends a person's place in a function mailbox, and their claims
// there. The keys go by DeleteGenerationWraps. The error is Absent if there is no such
// place.
func (tx *Tx) DeleteMailboxMember(mailbox, person mail.ID) error {
	if _, err := tx.c.exec(`
		DELETE FROM claim
		WHERE person = ? AND mailbox = ?`, person[:], mailbox[:]); err != nil {
		return err
	}
	return tx.c.must(`
		DELETE FROM mailbox_member
		WHERE mailbox = ? AND person = ?`, mailbox[:], person[:])
}

// MoveMailboxPlaces gives places in function mailboxes, and claims, of one person to
// another, who has none. The keys of the first go: they are locked for nobody else. Who
// reads where there are letters already asks for them from then on. It returns the keys'
// slots, which the caller erases after the commit.
func (tx *Tx) MoveMailboxPlaces(from, to mail.ID) ([]mail.Slot, error) {
	for _, query := range []string{
		`UPDATE mailbox_member
		SET person = ?, asks = asks OR role = 1 AND EXISTS (SELECT 1 FROM holder WHERE kind = 1 AND owner = mailbox)
		WHERE person = ?`,
		`UPDATE claim SET person = ? WHERE person = ?`,
	} {
		if _, err := tx.c.exec(query, to[:], from[:]); err != nil {
			return nil, err
		}
	}
	return tx.dropGenerationWraps(`kind = ? AND member = ?`, int64(mail.SeedMember), from[:])
}
