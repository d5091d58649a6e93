package vault

import "sigill/appliance/mail"

const functionMailboxColumns = `id, unit, lookup, columns, rules, alarm, at, ends, decision, reminded`

func scanFunctionMailbox(s scanner) (m mail.FunctionMailbox, err error) {
	return m, s.Scan(intoID{&m.ID}, intoID{&m.Unit}, intoHash{&m.Lookup}, intoBox{&m.Columns}, number(&m.Rules), number(&m.Alarm),
		intoTime{&m.At}, intoTime{&m.Ends}, &m.Decision, intoTime{&m.Reminded})
}

// FunctionMailboxes returns all function mailboxes, in no order.
func (tx *ReadTx) FunctionMailboxes() ([]mail.FunctionMailbox, error) {
	return all(tx.c, scanFunctionMailbox, `
		SELECT `+functionMailboxColumns+`
		FROM function_mailbox`)
}

// FunctionMailboxByLookup finds a function mailbox by the keyed hash of its address.
func (tx *ReadTx) FunctionMailboxByLookup(lookup [32]byte) (mail.FunctionMailbox, error) {
	return one(tx.c, scanFunctionMailbox, `
		SELECT `+functionMailboxColumns+`
		FROM function_mailbox
		WHERE lookup = ?`, lookup[:])
}

// PutFunctionMailbox adds a function mailbox. Its unit must be there, and no other may
// have its address. That no person has it is the caller's to know.
func (tx *Tx) PutFunctionMailbox(m mail.FunctionMailbox) error {
	_, err := tx.c.exec(`
		INSERT INTO function_mailbox (id, unit, lookup, columns, rules, alarm, at, ends, decision, reminded)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		m.ID[:], m.Unit[:], m.Lookup[:], full(m.Columns), int64(m.Rules), int64(m.Alarm), ms(m.At), ms(m.Ends), m.Decision, ms(m.Reminded))
	return err
}

// SaveFunctionMailbox writes a function mailbox again, all but its id and when it came.
// The error is Absent if there is no such mailbox.
func (tx *Tx) SaveFunctionMailbox(m mail.FunctionMailbox) error {
	return tx.c.must(`
		UPDATE function_mailbox
		SET unit = ?, lookup = ?, columns = ?, rules = ?, alarm = ?, ends = ?, decision = ?, reminded = ?
		WHERE id = ?`, m.Unit[:], m.Lookup[:], full(m.Columns), int64(m.Rules), int64(m.Alarm), ms(m.Ends), m.Decision, ms(m.Reminded), m.ID[:])
}

// DeleteFunctionMailbox takes a function mailbox away, with its claims, members, remarks
// and keys. It returns the slots of the keys, which the caller erases after the commit.
// What was sealed to the mailbox stays, and nobody can open it by them. The error is
// Absent if there is no such mailbox.
func (tx *Tx) DeleteFunctionMailbox(id mail.ID) ([]mail.Slot, error) {
	slots, err := tx.dropGenerationWraps(`generation IN (SELECT id FROM generation WHERE mailbox = ?)`, id[:])
	if err != nil {
		return nil, err
	}
	for _, query := range []string{
		`DELETE FROM claim WHERE mailbox = ?`,
		`DELETE FROM mailbox_member WHERE mailbox = ?`,
		`DELETE FROM remark WHERE mailbox = ?`,
		`DELETE FROM generation WHERE mailbox = ?`,
	} {
		if _, err := tx.c.exec(query, id[:]); err != nil {
			return nil, err
		}
	}
	return slots, tx.c.must(`
		DELETE FROM function_mailbox
		WHERE id = ?`, id[:])
}
