package vault

import (
	"errors"

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

// JournalBefore returns up to n entries before the one with number seq, newest first.
func (tx *ReadTx) JournalBefore(seq int64, n int) ([]journal.Entry, error) {
	return all(tx.c, scanEntry, `
		SELECT `+journalColumns+`
		FROM journal
		WHERE seq < ?
		ORDER BY seq DESC
		LIMIT ?`, seq, n)
}

// JournalKindBefore returns up to n entries of one kind, newest first, of the look entries
// before the one with number seq. No index stands on kind, as in JournalOf; look bounds
// what is read, for the numbers have no gaps.
func (tx *ReadTx) JournalKindBefore(kind string, seq, look int64, n int) ([]journal.Entry, error) {
	return all(tx.c, scanEntry, `
		SELECT `+journalColumns+`
		FROM journal
		WHERE seq < ? AND seq >= ? AND kind = ?
		ORDER BY seq DESC
		LIMIT ?`, seq, seq-look, kind, n)
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
