package vault

import (
	"time"

	"sigill/appliance/mail"
)

func scanUnread(s scanner) (u mail.Unread, err error) {
	return u, s.Scan(intoID{&u.Holder}, intoTime{&u.At})
}

// UnreadBefore returns up to n letters in a function mailbox's inbox that came before a
// time and that nobody has opened, nor was told of since then, the oldest first. One that
// waits for something first, or whose end has begun, is none. Of one that none of those
// who read there can open it is told once.
func (tx *ReadTx) UnreadBefore(owner mail.ID, before time.Time, n int) ([]mail.Unread, error) {
	return all(tx.c, scanUnread, `
		SELECT h.id, h.at
		FROM holder AS h
		LEFT JOIN alarm AS a ON a.holder = h.id
		WHERE h.kind = 1 AND h.owner = ? AND h.folder = 0 AND h.at < ? AND h.state = 1 AND (h.mark = 2 OR h.mark = 0 AND h.opened = 0) AND h.hold = 0
			AND (a.at IS NULL OR a.at < ? AND EXISTS (
				SELECT 1
				FROM wrap AS w
				JOIN epoch AS e ON e.id = w.ref
				JOIN generation_wrap AS g ON g.generation = e.owner
				WHERE w.holder = h.id AND g.kind = 6))
		ORDER BY h.at, h.id
		LIMIT ?`, owner[:], ms(before), ms(before), n)
}

// PutAlarm writes down when a mailbox's people were told that a letter lies unread, in
// the place of the time before.
func (tx *Tx) PutAlarm(holder mail.ID, at time.Time) error {
	_, err := tx.c.exec(`
		INSERT INTO alarm (holder, at)
		VALUES (?, ?)
		ON CONFLICT (holder) DO UPDATE
		SET at = excluded.at`, holder[:], ms(at))
	return err
}
