package vault

import (
	"time"

	"sigill/appliance/mail"
)

const ledgerColumns = `id, what, why, actor, asked, done`

func scanLedger(s scanner) (l mail.Ledger, err error) {
	return l, s.Scan(intoID{&l.ID}, number(&l.What), number(&l.Why), number(&l.Actor), intoTime{&l.Asked}, intoTime{&l.Done})
}

// OpenLedger returns up to n intents that are not done, the oldest first.
func (tx *ReadTx) OpenLedger(n int) ([]mail.Ledger, error) {
	return all(tx.c, scanLedger, `
		SELECT `+ledgerColumns+`
		FROM ledger
		WHERE done = 0
		ORDER BY asked
		LIMIT ?`, n)
}

// Ledger returns the entry of a holder or message.
func (tx *ReadTx) Ledger(id mail.ID) (mail.Ledger, error) {
	return one(tx.c, scanLedger, `
		SELECT `+ledgerColumns+`
		FROM ledger
		WHERE id = ?`, id[:])
}

// PutLedger writes an intent down. It comes before the erasing, so that a crash in
// between is found. One that is there already stays as it is.
func (tx *Tx) PutLedger(l mail.Ledger) error {
	if l.Asked.IsZero() {
		l.Asked = tx.now
	}
	_, err := tx.c.exec(`
		INSERT INTO ledger (id, what, why, actor, asked, done)
		VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO NOTHING`, l.ID[:], int64(l.What), int64(l.Why), int64(l.Actor), ms(l.Asked), ms(l.Done))
	return err
}

// DoneLedger writes down that an intent was done at a time. The error is Absent if
// there is no such intent.
func (tx *Tx) DoneLedger(id mail.ID, at time.Time) error {
	return tx.c.must(`
		UPDATE ledger
		SET done = ?
		WHERE id = ?`, ms(at), id[:])
}
