package vault

import (
	"errors"
	"time"

	"sigill/appliance/journal"
	"sigill/appliance/mail"
)

const journalColumns = `seq, at, kind, actor, part, message, holder, who, detail, hash`

func scanEntry(s scanner) (e journal.Entry, err error) {
	return e, s.Scan(number(&e.Seq), intoTime{&e.At}, &e.Kind, number(&e.Actor), &e.Part, intoID{&e.Message}, intoID{&e.Holder},
		intoHash{&e.Who}, &e.Detail, intoHash{&e.Hash})
}

// JournalSince returns up to n entries after the one with number seq; 0 is before
// the first.
func (tx *ReadTx) JournalSince(seq int64, n int) ([]journal.Entry, error) {
	return all(tx.c, scanEntry, `
		SELECT `+journalColumns+`
		FROM journal
		WHERE seq > ?
		ORDER BY seq
		LIMIT ?`, seq, n)
}

// JournalWhere returns up to n entries that are asked for. It reads no others than those
// between the numbers asked for, which have no gaps.
func (tx *ReadTx) JournalWhere(q journal.Query, n int) ([]journal.Entry, error) {
	actor := int64(-1)
	if q.Actor != nil {
		actor = int64(*q.Actor)
	}
	if q.Oldest {
		return all(tx.c, scanEntry, `
			SELECT `+journalColumns+`
			FROM journal
			WHERE seq >= ? AND seq < ? AND (? = '' OR kind = ?) AND (? < 0 OR actor = ?)
			ORDER BY seq
			LIMIT ?`, q.From, q.To, q.Kind, q.Kind, actor, actor, n)
	}
	return all(tx.c, scanEntry, `
		SELECT `+journalColumns+`
		FROM journal
		WHERE seq >= ? AND seq < ? AND (? = '' OR kind = ?) AND (? < 0 OR actor = ?)
		ORDER BY seq DESC
		LIMIT ?`, q.From, q.To, q.Kind, q.Kind, actor, actor, n)
}

// JournalAt returns the number of the first entry that is not older than a moment, or, if
// all are, the one that the next entry will have. It halves what is left with each look:
// entries stand in the order of their times, but for those of an hour in which the clock
// was set back.
func (tx *ReadTx) JournalAt(at time.Time) (int64, error) {
	last, _, err := tx.JournalHead()
	low, high := int64(1), last+1
	for err == nil && low < high {
		var e journal.Entry
		mid := low + (high-low)/2
		if e, err = one(tx.c, scanEntry, `
			SELECT `+journalColumns+`
			FROM journal
			WHERE seq = ?`, mid); e.At.Before(at) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, err
}

// JournalOf returns the entries about one message, in order.
//
// It reads the whole journal: no index stands on message, because every act would
// pay for it and hardly anybody asks.
func (tx *ReadTx) JournalOf(message mail.ID) ([]journal.Entry, error) {
	return all(tx.c, scanEntry, `
		SELECT `+journalColumns+`
		FROM journal
		WHERE message = ?
		ORDER BY seq`, message[:])
}

// JournalHead returns number and hash of the last entry; both are zero while there
// is none.
func (tx *ReadTx) JournalHead() (int64, [32]byte, error) {
	e, err := one(tx.c, scanEntry, `
		SELECT `+journalColumns+`
		FROM journal
		ORDER BY seq DESC
		LIMIT 1`)
	var none *mail.Error
	if errors.As(err, &none) && none.Kind == mail.Absent {
		return 0, [32]byte{}, nil
	}
	return e.Seq, e.Hash, err
}

func (tx *Tx) putEntry(e journal.Entry) error {
	_, err := tx.c.exec(`
		INSERT INTO journal (seq, at, kind, actor, part, message, holder, who, detail, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Seq, ms(e.At), e.Kind, int64(e.Actor), e.Part, e.Message[:], e.Holder[:], e.Who[:], e.Detail, e.Hash[:])
	return err
}
