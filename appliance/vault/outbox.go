package vault

import (
	"time"

	"sigill/appliance/mail"
)

const outgoingColumns = `id, kind, message, holder, slot, box, at, next, tries, expires, bounce`

func scanOutgoing(s scanner) (o mail.Outgoing, err error) {
	return o, s.Scan(intoID{&o.ID}, &o.Kind, intoID{&o.Message}, intoID{&o.Holder}, intoLink{&o.Slot}, intoBox{&o.Box},
		intoTime{&o.At}, intoTime{&o.Next}, number(&o.Tries), intoTime{&o.Expires}, intoToken{&o.Bounce})
}

// Outgoing returns a row of the outbox.
func (tx *ReadTx) Outgoing(id mail.ID) (mail.Outgoing, error) {
	return one(tx.c, scanOutgoing, `
		SELECT `+outgoingColumns+`
		FROM outbox
		WHERE id = ?`, id[:])
}

// OutgoingByBounce finds the mail that came back by the token of its return address.
func (tx *ReadTx) OutgoingByBounce(token [16]byte) (mail.Outgoing, error) {
	return one(tx.c, scanOutgoing, `
		SELECT `+outgoingColumns+`
		FROM outbox
		WHERE bounce = ?`, token[:])
}

// OutgoingOf returns the mails that concern a holder, the oldest first.
func (tx *ReadTx) OutgoingOf(holder mail.ID) ([]mail.Outgoing, error) {
	return all(tx.c, scanOutgoing, `
		SELECT `+outgoingColumns+`
		FROM outbox
		WHERE holder = ?
		ORDER BY at, id`, holder[:])
}

// longestWait is longer than any pause between two tries. A mail that waits for later
// was put off by a clock that was wrong and has been mended.
const longestWait = 24 * time.Hour

// DueOutgoing returns up to n mails that may be sent at now, the longest waiting
// first.
func (tx *ReadTx) DueOutgoing(now time.Time, n int) ([]mail.Outgoing, error) {
	return all(tx.c, scanOutgoing, `
		SELECT `+outgoingColumns+`
		FROM outbox
		WHERE next > 0 AND (next <= ? OR next > ?)
		ORDER BY next
		LIMIT ?`, ms(now), ms(now.Add(longestWait)), n)
}

// KeyedOutgoing returns up to n mails that have a slot, in order of their ids, behind one of
// them.
func (tx *ReadTx) KeyedOutgoing(after mail.ID, n int) ([]mail.Outgoing, error) {
	return all(tx.c, scanOutgoing, `
		SELECT `+outgoingColumns+`
		FROM outbox
		WHERE next > 0 AND slot > 0 AND id > ?
		ORDER BY id
		LIMIT ?`, after[:], n)
}

// UnkeyedOutgoing returns up to n mails that are to go and have no slot: after a restore
// there are such, until their senders are told.
func (tx *ReadTx) UnkeyedOutgoing(n int) ([]mail.Outgoing, error) {
	return all(tx.c, scanOutgoing, `
		SELECT `+outgoingColumns+`
		FROM outbox
		WHERE next > 0 AND slot = 0
		ORDER BY id
		LIMIT ?`, n)
}

// NextOutgoing returns when the next mail may be sent; zero if none waits.
func (tx *ReadTx) NextOutgoing() (time.Time, error) {
	n, err := one(tx.c, scanInt, `
		SELECT COALESCE(MIN(next), 0)
		FROM outbox
		WHERE next > 0`)
	return fromMS(n), err
}

// OldestOutgoing returns when the oldest mail was written that is still on its way; the
// zero time if there is none.
func (tx *ReadTx) OldestOutgoing() (time.Time, error) {
	n, err := one(tx.c, scanInt, `
		SELECT COALESCE(MIN(at), 0)
		FROM outbox
		WHERE next > 0`)
	return fromMS(n), err
}

// CountOutgoing returns how many mails of ours are on their way.
func (tx *ReadTx) CountOutgoing() (int64, error) {
	return one(tx.c, scanInt, `
		SELECT COUNT(*)
		FROM outbox
		WHERE next > 0`)
}

// Enqueue adds a mail of ours. Its slot is put in the same transaction.
func (tx *Tx) Enqueue(o mail.Outgoing) error { return tx.EnqueueAll([]mail.Outgoing{o}) }

// EnqueueAll adds mails of ours with one statement.
func (tx *Tx) EnqueueAll(list []mail.Outgoing) error {
	args := make([]any, 0, 11*len(list))
	for i := range list {
		o := &list[i]
		args = append(args, o.ID[:], string(o.Kind), o.Message[:], o.Holder[:], int64(o.Slot.N), full(o.Box), ms(o.At),
			ms(o.Next), int64(o.Tries), ms(o.Expires), o.Bounce[:])
		tx.name(o.Slot)
	}
	return tx.c.insert(`
		INSERT INTO outbox (id, kind, message, holder, slot, box, at, next, tries, expires, bounce)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, len(list), args)
}

// SaveOutgoing writes slot, box, next, tries and expires again. A mail without a
// slot is gone, and its box is emptied. The error is Absent if there is no such mail.
func (tx *Tx) SaveOutgoing(o mail.Outgoing) error {
	before, err := tx.Outgoing(o.ID)
	if err != nil {
		return err
	}
	if o.Slot.IsZero() {
		o.Box = nil
	}
	tx.rename(before.Slot, o.Slot)
	return tx.c.must(`
		UPDATE outbox
		SET slot = ?, box = ?, next = ?, tries = ?, expires = ?
		WHERE id = ?`, int64(o.Slot.N), full(o.Box), ms(o.Next), int64(o.Tries), ms(o.Expires), o.ID[:])
}
