package vault

import "sigill/appliance/mail"

const pairColumns = `id, thread, code, public, seed`

func scanPair(s scanner) (p mail.Pair, err error) {
	return p, s.Scan(intoID{&p.ID}, intoID{&p.Thread}, intoID{&p.Code}, &p.Public, intoBox{&p.Seed})
}

// Pair returns a guest's key pair.
func (tx *ReadTx) Pair(id mail.ID) (mail.Pair, error) {
	return one(tx.c, scanPair, `
		SELECT `+pairColumns+`
		FROM pair
		WHERE id = ?`, id[:])
}

// PairsOfThread returns the pairs to which later letters of a thread are sealed.
func (tx *ReadTx) PairsOfThread(thread mail.ID) ([]mail.Pair, error) {
	return all(tx.c, scanPair, `
		SELECT `+pairColumns+`
		FROM pair
		WHERE thread = ?
		ORDER BY id`, thread[:])
}

// PairOfCode returns the pair that a code opens.
func (tx *ReadTx) PairOfCode(code mail.ID) (mail.Pair, error) {
	return one(tx.c, scanPair, `
		SELECT `+pairColumns+`
		FROM pair
		WHERE code = ?
		ORDER BY id`, code[:])
}

// PutPair adds a pair; its code is there before.
func (tx *Tx) PutPair(p mail.Pair) error {
	_, err := tx.c.exec(`
		INSERT INTO pair (id, thread, code, public, seed)
		VALUES (?, ?, ?, ?, ?)`, p.ID[:], p.Thread[:], p.Code[:], full(p.Public), full(p.Seed))
	return err
}
