package vault

import (
	"sigill/appliance/mail"
)

const messageColumns = `m.id, m.thread, m.way, m.state, m.owner, m.slot, m.envelope, m.size, m.at, m.level, m.receipt, m.last_day, m.ended, m.why`

func scanMessage(s scanner) (m mail.Message, err error) {
	return m, s.Scan(intoMessage(&m)...)
}

func intoMessage(m *mail.Message) []any {
	return []any{intoID{&m.ID}, intoID{&m.Thread}, number(&m.Way), number(&m.State), intoID{&m.Owner}, intoShred{&m.Slot},
		intoBox{&m.Envelope}, number(&m.Size), intoTime{&m.At}, number(&m.Level), number(&m.Receipt), intoTime{&m.LastDay},
		intoTime{&m.Ended}, number(&m.Why)}
}

func scanBox(s scanner) (b mail.Box, err error) { return b, s.Scan(intoBox{&b}) }
func scanID(s scanner) (id mail.ID, err error)  { return id, s.Scan(intoID{&id}) }
func scanInt(s scanner) (n int64, err error)    { return n, s.Scan(&n) }

// Message returns a message's row.
func (tx *ReadTx) Message(id mail.ID) (mail.Message, error) {
	return one(tx.c, scanMessage, `
		SELECT `+messageColumns+`
		FROM message AS m
		WHERE m.id = ?`, id[:])
}

// Head returns a message's head. It is empty once the message is erased.
func (tx *ReadTx) Head(id mail.ID) (mail.Box, error) {
	return one(tx.c, scanBox, `
		SELECT head
		FROM message
		WHERE id = ?`, id[:])
}

// Thread returns a thread's messages, the oldest first.
func (tx *ReadTx) Thread(thread mail.ID) ([]mail.Message, error) {
	return all(tx.c, scanMessage, `
		SELECT `+messageColumns+`
		FROM message AS m
		WHERE m.thread = ?
		ORDER BY m.at, m.id`, thread[:])
}

// PurgingMessages returns up to n messages whose end has begun.
func (tx *ReadTx) PurgingMessages(n int) ([]mail.Message, error) {
	return all(tx.c, scanMessage, `
		SELECT `+messageColumns+`
		FROM message AS m
		WHERE m.state = 2
		ORDER BY m.id
		LIMIT ?`, n)
}

// PutMessage adds a message with its head.
func (tx *Tx) PutMessage(m mail.Message, headBox mail.Box) error {
	_, err := tx.c.exec(`
		INSERT INTO message (id, thread, way, state, owner, slot, envelope, head, size, at, level, receipt, last_day, ended, why)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		m.ID[:], m.Thread[:], int64(m.Way), int64(m.State), m.Owner[:], int64(m.Slot.N), full(m.Envelope), full(headBox),
		m.Size, ms(m.At), int64(m.Level), int64(m.Receipt), ms(m.LastDay), ms(m.Ended), int64(m.Why))
	tx.name(m.Slot)
	return err
}

// SaveMessage writes a message's row again, all but its id and its head. Once its
// state is Erased it names no slot, and envelope and head are emptied. The error is
// Absent if there is no such message.
func (tx *Tx) SaveMessage(m mail.Message) error {
	before, err := tx.Message(m.ID)
	if err != nil {
		return err
	}
	if m.State == mail.Erased {
		m.Slot, m.Envelope = mail.Slot{}, nil
		if err := tx.SaveHead(m.ID, nil); err != nil {
			return err
		}
	}
	err = tx.c.must(`
		UPDATE message
		SET thread = ?, way = ?, state = ?, owner = ?, slot = ?, envelope = ?, size = ?, at = ?, level = ?, receipt = ?,
			last_day = ?, ended = ?, why = ?
		WHERE id = ?`,
		m.Thread[:], int64(m.Way), int64(m.State), m.Owner[:], int64(m.Slot.N), full(m.Envelope), m.Size, ms(m.At),
		int64(m.Level), int64(m.Receipt), ms(m.LastDay), ms(m.Ended), int64(m.Why), m.ID[:])
	if err != nil {
		return err
	}
	tx.rename(before.Slot, m.Slot)
	if before.At.Equal(m.At) {
		return nil
	}
	_, err = tx.c.exec(`
		UPDATE holder
		SET at = ?
		WHERE message = ?`, ms(m.At), m.ID[:])
	return err
}

// SaveHead writes a message's head again, as a draft's after each change. The
// error is Absent if there is no such message.
func (tx *Tx) SaveHead(id mail.ID, headBox mail.Box) error {
	return tx.c.must(`
		UPDATE message
		SET head = ?
		WHERE id = ?`, full(headBox), id[:])
}
