package vault

import (
	"context"
	"errors"
	"time"

	"sigill/appliance/mail"
)

// maxPage is the most that Mailbox returns, and of which ClaimsOf tells.
const maxPage = 200

// Mailbox returns a page of a person's folder, the newest first, with all that it
// takes to open the heads. Letters whose end has begun are left out, but in the
// folder of sent ones, which keeps their times and states.
func (tx *ReadTx) Mailbox(q mail.MailboxQuery) ([]mail.MailboxRow, error) {
	before, skip := int64(1)<<62, mail.ID{}
	if !q.Before.IsZero() {
		before, skip = ms(q.Before), q.Skip
	}
	switch {
	case q.Unread && q.Folder == mail.Sent:
		return tx.mailboxRows(unreadSentRows, q.Owner[:], before, skip[:], min(q.Limit, maxPage))
	case q.Unread:
		return tx.mailboxRows(unreadRows, q.Owner[:], ms(q.Since), before, skip[:], min(q.Limit, maxPage))
	}
	return tx.mailboxRows(folderRows, q.Owner[:], int64(q.Folder), before, skip[:], min(q.Limit, maxPage))
}

// MailboxOf returns the row of one letter in a mailbox, whatever its state.
func (tx *ReadTx) MailboxOf(holder mail.ID) (mail.MailboxRow, error) {
	list, err := tx.mailboxRows(`
			SELECT *
			FROM holder
			WHERE id = ? AND kind = 1`, holder[:])
	if err == nil && len(list) == 0 {
		err = absent()
	}
	if err != nil {
		return mail.MailboxRow{}, err
	}
	return list[0], nil
}

// MailboxThread returns up to n letters of a thread that lie in a mailbox and have not
// ended, the newest first. Those that have left the trash are in no list.
func (tx *ReadTx) MailboxThread(owner, thread mail.ID, n int) ([]mail.MailboxRow, error) {
	return tx.mailboxRows(`
			SELECT c.*
			FROM message AS t
			JOIN holder AS c ON c.message = t.id
			WHERE t.thread = ? AND t.state = 1 AND c.kind = 1 AND c.owner = ? AND c.state = 1 AND c.folder < 4
			ORDER BY c.at DESC, c.id DESC
			LIMIT ?`, thread[:], owner[:], min(n, maxPage))
}

// unread is what lies unread in an inbox. The index holder_unread has these very words: with
// others SQLite does not take it for the same, and a query that names it fails.
const unread = `kind = 1 AND folder = 0 AND (mark = 2 OR mark = 0 AND opened = 0) AND state < 2`

// The holders of a page: each query walks one index and stops at its bound. SQLite, which
// has no figures of the tables, would take the larger index for the unread.
const (
	folderRows = `
			SELECT *
			FROM holder
			WHERE kind = 1 AND owner = ? AND folder = ? AND (state < 2 OR folder = 1) AND (at, id) < (?, ?)
			ORDER BY at DESC, id DESC
			LIMIT ?`
	unreadRows = `
			SELECT *
			FROM holder INDEXED BY holder_unread
			WHERE ` + unread + ` AND owner = ? AND at >= ? AND (at, id) < (?, ?)
			ORDER BY at DESC, id DESC
			LIMIT ?`
	unreadSentRows = `
			SELECT *
			FROM holder AS s
			WHERE kind = 1 AND owner = ? AND folder = 1 AND state < 2 AND (at, id) < (?, ?) AND EXISTS (
				SELECT 1
				FROM holder AS r
				WHERE r.message = s.message AND r.house = 0 AND r.kind IN (1, 2) AND r.state < 2 AND r.opened = 0)
			ORDER BY at DESC, id DESC
			LIMIT ?`
)

// mailboxRows reads the letters of some holders. Their wraps come by the join, so that a
// page of letters is one query.
func (tx *ReadTx) mailboxRows(holders string, args ...any) (list []mail.MailboxRow, err error) {
	s, err := tx.c.prepare(`
		SELECT ` + holderColumns + `, ` + messageColumns + `, m.head, w.kind, w.ref, w.box
		FROM (` + holders + `
		) AS h
		JOIN message AS m ON m.id = h.message
		LEFT JOIN wrap AS w ON w.holder = h.id
		ORDER BY h.at DESC, h.id DESC, w.kind`)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(context.Background(), args...)
	if err != nil {
		return nil, tx.c.note(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var l mail.MailboxRow
	var kind *int64
	var w mail.Wrap
	into := append(intoHolder(&l.Holder), intoMessage(&l.Message)...)
	into = append(into, intoBox{&l.Head}, &kind, intoID{&w.Ref}, intoBox{&w.Box})
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		if len(list) == 0 || list[len(list)-1].Holder.ID != l.Holder.ID {
			list = append(list, l)
		}
		if kind != nil { // NULL: a holder without any wrap
			w.Holder, w.Kind = l.Holder.ID, mail.WrapKind(*kind)
			last := &list[len(list)-1]
			last.Wraps = append(last.Wraps, w)
		}
	}
	return list, tx.c.note(rows.Err())
}

// maxEntries is the most that Entries returns.
const maxEntries = 1000

// Entries returns a page of a folder as Mailbox does, but no more of each letter than by
// what it is found: who searches has read the rest before.
func (tx *ReadTx) Entries(q mail.MailboxQuery) ([]mail.Entry, error) {
	before, skip := int64(1)<<62, mail.ID{}
	if !q.Before.IsZero() {
		before, skip = ms(q.Before), q.Skip
	}
	scan := func(s scanner) (e mail.Entry, err error) { return e, s.Scan(intoID{&e.Holder}, intoTime{&e.At}) }
	return all(tx.c, scan, `
		SELECT id, at
		FROM holder
		WHERE kind = 1 AND owner = ? AND folder = ? AND state < 2 AND (at, id) < (?, ?)
		ORDER BY at DESC, id DESC
		LIMIT ?`, q.Owner[:], int64(q.Folder), before, skip[:], min(q.Limit, maxEntries))
}

const standingQuery = `
		SELECT
			(SELECT COUNT(*) FROM (
				SELECT 1
				FROM holder INDEXED BY holder_unread
				WHERE ` + unread + ` AND owner = ? AND at >= ?
				LIMIT ?)),
			(SELECT COUNT(*) FROM (
				SELECT 1
				FROM holder
				WHERE kind = 1 AND owner = ? AND folder = 2 AND state < 2
				LIMIT ?)),
			(SELECT COUNT(DISTINCT h.message)
			FROM holder AS h
			JOIN message AS m ON m.id = h.message
			WHERE h.hold <> 0 AND h.state = 1 AND m.state = 1 AND m.owner = ?)`

// Standing counts what waits for somebody in a mailbox, each up to mail.MaxStanding: the
// menu of each page asks, however full the mailbox is. Of what lies unread only what came
// since a moment is counted; zero: all.
func (tx *ReadTx) Standing(owner mail.ID, since time.Time) (mail.Standing, error) {
	scan := func(s scanner) (n mail.Standing, err error) {
		return n, s.Scan(number(&n.Unread), number(&n.Drafts), number(&n.Held))
	}
	return one(tx.c, scan, standingQuery,
		owner[:], ms(since), mail.MaxStanding, owner[:], mail.MaxStanding, owner[:])
}

// NewUnread returns how many unread letters have come to a mailbox after one moment and
// until another, up to mail.MaxStanding.
func (tx *ReadTx) NewUnread(owner mail.ID, after, until time.Time) (int, error) {
	n, err := one(tx.c, scanInt, `
		SELECT COUNT(*) FROM (
			SELECT 1
			FROM holder INDEXED BY holder_unread
			WHERE `+unread+` AND owner = ? AND at > ? AND at <= ?
			LIMIT ?)`, owner[:], ms(after), ms(until), mail.MaxStanding)
	return int(n), err
}

const heldQuery = `
		SELECT DISTINCT m.id
		FROM holder AS h
		JOIN message AS m ON m.id = h.message
		WHERE h.hold <> 0 AND h.state = 1 AND m.state = 1 AND m.owner = ?
		ORDER BY m.at DESC, m.id DESC
		LIMIT ?`

// Held returns up to n letters of an owner's of which a recipient waits for what is
// missing, the newest first.
func (tx *ReadTx) Held(owner mail.ID, n int) ([]mail.ID, error) {
	return all(tx.c, scanID, heldQuery, owner[:], min(n, maxPage))
}

// EverHeld reports whether anything was ever sealed to an owner, also what has ended.
func (tx *ReadTx) EverHeld(owner mail.ID) (bool, error) {
	scan := func(s scanner) (n int, err error) { return n, s.Scan(number(&n)) }
	list, err := all(tx.c, scan, `
		SELECT 1
		FROM holder
		WHERE kind = 1 AND owner = ?
		LIMIT 1`, owner[:])
	return len(list) > 0, err
}

// WroteTo returns whose letters from the house somebody has, or had, a copy of, which is
// not the house's: up to 200, who wrote last first.
func (tx *ReadTx) WroteTo(owner mail.ID) ([]mail.ID, error) {
	scan := func(s scanner) (id mail.ID, err error) { return id, s.Scan(intoID{&id}) }
	return all(tx.c, scan, `
		SELECT m.owner
		FROM holder AS h
		JOIN message AS m ON m.id = h.message
		WHERE h.kind = 1 AND h.owner = ? AND h.house = 0 AND h.hold = 0 AND m.way = ?
		GROUP BY m.owner
		ORDER BY MAX(m.at) DESC
		LIMIT ?`, owner[:], int64(mail.Out), maxPage)
}

// Count is how many letters a folder has.
type Count struct {
	All    int
	Unread int // not yet opened
}

// CountMailbox counts the letters of a person's folders, by mail.Folder.
func (tx *ReadTx) CountMailbox(owner mail.ID) (folders [8]Count, err error) {
	type line struct {
		folder mail.Folder
		count  Count
	}
	scan := func(s scanner) (l line, err error) {
		return l, s.Scan(number(&l.folder), number(&l.count.All), number(&l.count.Unread))
	}
	list, err := all(tx.c, scan, `
		SELECT folder, COUNT(*), SUM(opened = 0)
		FROM holder
		WHERE kind = 1 AND owner = ? AND state < 2
		GROUP BY folder`, owner[:])
	for _, l := range list {
		folders[l.folder&7] = l.count
	}
	return folders, err
}
