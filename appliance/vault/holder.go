package vault

import (
	"time"

	"sigill/appliance/mail"
)

const holderColumns = `h.id, h.message, h.kind, h.owner, h.house, h.folder, h.state, h.slot, h.columns, h.level, h.channel, h.hold,
			h.open_by, h.read_for, h.read_until, h.opened, h.seen, h.wrong, h.locked, h.ended, h.why, h.mark`

func scanHolder(s scanner) (h mail.Holder, err error) {
	return h, s.Scan(intoHolder(&h)...)
}

func intoHolder(h *mail.Holder) []any {
	return []any{intoID{&h.ID}, intoID{&h.Message}, number(&h.Kind), intoID{&h.Owner}, intoBit{&h.House}, number(&h.Folder),
		number(&h.State), intoShred{&h.Slot}, intoBox{&h.Columns}, number(&h.Level), number(&h.Channel), number(&h.Hold),
		intoTime{&h.OpenBy}, intoSpan{&h.ReadFor}, intoTime{&h.ReadUntil}, intoTime{&h.Opened}, intoTime{&h.Seen},
		number(&h.Wrong), intoBit{&h.Locked}, intoTime{&h.Ended}, number(&h.Why), number(&h.Mark)}
}

// Holder returns one holder.
func (tx *ReadTx) Holder(id mail.ID) (mail.Holder, error) {
	return one(tx.c, scanHolder, `
		SELECT `+holderColumns+`
		FROM holder AS h
		WHERE h.id = ?`, id[:])
}

// Holders returns all holders of a message, the house's first.
func (tx *ReadTx) Holders(message mail.ID) ([]mail.Holder, error) {
	return all(tx.c, scanHolder, `
		SELECT `+holderColumns+`
		FROM holder AS h
		WHERE h.message = ?
		ORDER BY h.house DESC, h.id`, message[:])
}

// DueHolders returns up to n holders whose access ends by itself at now or ended
// before, the longest overdue first.
func (tx *ReadTx) DueHolders(now time.Time, n int) ([]mail.Holder, error) {
	return all(tx.c, scanHolder, `
		SELECT `+holderColumns+`
		FROM holder AS h
		WHERE h.state < 2 AND h.due > 0 AND h.due <= ?
		ORDER BY h.due
		LIMIT ?`, ms(now), n)
}

// HoldersOf returns up to n holders of a person or function mailbox that have not ended.
func (tx *ReadTx) HoldersOf(owner mail.ID, n int) ([]mail.Holder, error) {
	return all(tx.c, scanHolder, `
		SELECT `+holderColumns+`
		FROM holder AS h
		WHERE h.kind = 1 AND h.owner = ? AND h.state < 2
		LIMIT ?`, owner[:], n)
}

// CountHolders returns how many letters a person or function mailbox has.
func (tx *ReadTx) CountHolders(owner mail.ID) (int, error) {
	n, err := one(tx.c, scanInt, `
		SELECT count(*)
		FROM holder
		WHERE kind = 1 AND owner = ? AND state < 2`, owner[:])
	return int(n), err
}

// PurgingHolders returns up to n holders whose end has begun.
func (tx *ReadTx) PurgingHolders(n int) ([]mail.Holder, error) {
	return all(tx.c, scanHolder, `
		SELECT `+holderColumns+`
		FROM holder AS h
		WHERE h.state = 2
		ORDER BY h.id
		LIMIT ?`, n)
}

func (tx *Tx) putHolders(list []mail.Holder, at int64) error {
	args := make([]any, 0, 24*len(list))
	for i := range list {
		h := &list[i]
		args = append(args, h.ID[:], h.Message[:], int64(h.Kind), h.Owner[:], bit(h.House), int64(h.Folder), int64(h.State),
			int64(h.Slot.N), full(h.Columns), int64(h.Level), int64(h.Channel), int64(h.Hold), ms(h.OpenBy),
			h.ReadFor.Milliseconds(), ms(h.ReadUntil), ms(h.Opened), ms(h.Seen), int64(h.Wrong), bit(h.Locked), ms(h.Ended),
			int64(h.Why), int64(h.Mark), at, due(h))
		tx.name(h.Slot)
	}
	return tx.c.insert(`
		INSERT INTO holder (id, message, kind, owner, house, folder, state, slot, columns, level, channel, hold, open_by,
			read_for, read_until, opened, seen, wrong, locked, ended, why, mark, at, due)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, len(list), args)
}

// SaveHolder writes a holder again, all but its id, message and house.
// Once its state is Erased it names no slot, and its columns are emptied. The error
// is Absent if there is no such holder.
func (tx *Tx) SaveHolder(h mail.Holder) error {
	before, err := tx.Holder(h.ID)
	if err != nil {
		return err
	}
	if h.State == mail.Erased {
		h.Slot, h.Columns = mail.Slot{}, nil
	}
	tx.rename(before.Slot, h.Slot)
	return tx.c.must(`
		UPDATE holder
		SET kind = ?, owner = ?, folder = ?, state = ?, slot = ?, columns = ?, level = ?, channel = ?, hold = ?, open_by = ?, read_for = ?,
			read_until = ?, opened = ?, seen = ?, wrong = ?, locked = ?, ended = ?, why = ?, mark = ?, due = ?
		WHERE id = ?`,
		int64(h.Kind), h.Owner[:], int64(h.Folder), int64(h.State), int64(h.Slot.N), full(h.Columns), int64(h.Level), int64(h.Channel), int64(h.Hold),
		ms(h.OpenBy), h.ReadFor.Milliseconds(), ms(h.ReadUntil), ms(h.Opened), ms(h.Seen), int64(h.Wrong), bit(h.Locked),
		ms(h.Ended), int64(h.Why), int64(h.Mark), due(&h), h.ID[:])
}

// due is what the index of due holders has: nothing that is not active ends by
// itself.
func due(h *mail.Holder) int64 {
	if h.State != mail.Active {
		return 0
	}
	return ms(h.Due())
}
