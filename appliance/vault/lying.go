package vault

import (
	"time"

	"sigill/appliance/mail"
)

func scanLying(s scanner) (l mail.Lying, err error) {
	return l, s.Scan(intoID{&l.Owner}, number(&l.N), intoTime{&l.Since})
}

// LyingUnread returns what has come to a mailbox until a moment and lies unread there. What
// waits for something first is not counted.
func (tx *ReadTx) LyingUnread(owner mail.ID, until time.Time) (mail.Lying, error) {
	return one(tx.c, scanLying, `
		SELECT ?, COUNT(*), COALESCE(MIN(at), 0) FROM (
			SELECT at
			FROM holder INDEXED BY holder_unread
			WHERE `+unread+` AND owner = ? AND at <= ? AND hold = 0
			ORDER BY at
			LIMIT ?)`, owner[:], owner[:], ms(until), mail.MaxStanding)
}

// LyingHeld returns whose letters of until a moment wait for what one of their recipients
// lacks, in no order.
func (tx *ReadTx) LyingHeld(until time.Time) ([]mail.Lying, error) {
	return all(tx.c, scanLying, `
		SELECT m.owner, COUNT(DISTINCT m.id), MIN(m.at)
		FROM holder AS h INDEXED BY holder_held
		JOIN message AS m ON m.id = h.message
		WHERE h.hold <> 0 AND h.state = 1 AND m.state = 1 AND m.at <= ?
		GROUP BY m.owner`, ms(until))
}
