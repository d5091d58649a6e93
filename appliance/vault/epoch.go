package vault

import "sigill/appliance/mail"

const epochColumns = `id, owner, box, at`

func scanEpoch(s scanner) (e mail.Epoch, err error) {
	return e, s.Scan(intoID{&e.ID}, intoID{&e.Owner}, intoBox{&e.Box}, intoTime{&e.At})
}

// Epoch returns an epoch.
func (tx *ReadTx) Epoch(id mail.ID) (mail.Epoch, error) {
	return one(tx.c, scanEpoch, `
		SELECT `+epochColumns+`
		FROM epoch
		WHERE id = ?`, id[:])
}

// putEpoch adds an epoch; one that is there already stays as it is.
func (tx *Tx) putEpoch(e mail.Epoch) error {
	// Each of a thousand messages brings its epoch along, so this is mostly a look.
	_, err := tx.c.exec(`
		INSERT INTO epoch (id, owner, box, at)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO NOTHING`, e.ID[:], e.Owner[:], full(e.Box), ms(e.At))
	return err
}
