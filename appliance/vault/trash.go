package vault

import (
	"time"

	"sigill/appliance/mail"
)

// The trash is counted as emptying it does: what came in for the house stays, the rest ends.
// Of it, what nobody has opened yet, and what no other copy is left of; that a number is
// missing for a recipient keeps no letter alive.
const trashQuery = `
		SELECT COUNT(*), COALESCE(SUM(1 - kept), 0), COALESCE(SUM(NOT kept AND NOT house AND unread), 0), COALESCE(SUM(NOT kept AND NOT others), 0)
		FROM (
			SELECT h.house, h.house <> 0 AND m.way = ? AS kept, h.mark = 2 OR h.mark = 0 AND h.opened = 0 AS unread,
				EXISTS (SELECT 1 FROM holder AS o WHERE o.message = h.message AND o.id <> h.id AND o.state < 2 AND o.kind <> 3) AS others
			FROM holder AS h
			JOIN message AS m ON m.id = h.message
			WHERE h.kind = 1 AND h.owner = ? AND h.folder = 3 AND h.state < 2 AND h.at >= ?
			LIMIT ?)`

// CountTrash counts what emptying the trash of a mailbox would do, of what has come since a
// moment; zero: of all. It looks at mail.MaxStanding letters.
func (tx *ReadTx) CountTrash(owner mail.ID, since time.Time) (mail.TrashCount, error) {
	scan := func(s scanner) (n mail.TrashCount, err error) {
		return n, s.Scan(number(&n.All), number(&n.Ends), number(&n.Unread), number(&n.Last))
	}
	return one(tx.c, scan, trashQuery, int64(mail.In), owner[:], ms(since), mail.MaxStanding)
}
