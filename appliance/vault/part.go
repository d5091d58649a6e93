package vault

import "sigill/appliance/mail"

const partColumns = `message, n, piece, size, box, blob`

func scanPart(s scanner) (p mail.Part, err error) {
	return p, s.Scan(intoID{&p.Message}, number(&p.N), number(&p.Piece), number(&p.Size), intoBox{&p.Box}, intoID{&p.Blob})
}

// Parts returns a message's parts in the order of their numbers, without the
// boxes: those may be large.
func (tx *ReadTx) Parts(message mail.ID) ([]mail.Part, error) {
	return all(tx.c, scanPart, `
		SELECT message, n, piece, size, NULL, blob
		FROM part
		WHERE message = ?
		ORDER BY n, piece`, message[:])
}

// Part returns one piece of a part, with its box if it stands in the row.
func (tx *ReadTx) Part(message mail.ID, n, piece uint32) (mail.Part, error) {
	return one(tx.c, scanPart, `
		SELECT `+partColumns+`
		FROM part
		WHERE message = ? AND n = ? AND piece = ?`, message[:], n, piece)
}

// PutPart adds a piece. If it refers to a blob, that is written before.
func (tx *Tx) PutPart(p mail.Part) error { return tx.putParts([]mail.Part{p}) }

func (tx *Tx) putParts(list []mail.Part) error {
	args := make([]any, 0, 6*len(list))
	for _, p := range list {
		// Exactly one of the two is NULL; the table checks it.
		var box, blob []byte
		if p.Blob.IsZero() {
			box = full(p.Box)
		} else {
			blob = append(blob, p.Blob[:]...)
			tx.made.blobs = append(tx.made.blobs, p.Blob)
		}
		args = append(args, p.Message[:], int64(p.N), int64(p.Piece), p.Size, box, blob)
	}
	return tx.c.insert(`
		INSERT INTO part (message, n, piece, size, box, blob)
		VALUES (?, ?, ?, ?, ?, ?)`, len(list), args)
}

// DeleteParts takes away all of a message's parts and returns the blobs that they
// referred to, which the caller erases.
func (tx *Tx) DeleteParts(message mail.ID) ([]mail.ID, error) {
	blobs, err := all(tx.c, scanID, `
		SELECT blob
		FROM part
		WHERE message = ? AND blob IS NOT NULL`, message[:])
	if err != nil {
		return nil, err
	}
	_, err = tx.c.exec(`
		DELETE FROM part
		WHERE message = ?`, message[:])
	return blobs, err
}

// DeletePart takes away the pieces of one part, as of a file taken out of a draft,
// and returns their blobs.
func (tx *Tx) DeletePart(message mail.ID, n uint32) ([]mail.ID, error) {
	blobs, err := all(tx.c, scanID, `
		SELECT blob
		FROM part
		WHERE message = ? AND n = ? AND blob IS NOT NULL`, message[:], n)
	if err != nil {
		return nil, err
	}
	_, err = tx.c.exec(`
		DELETE FROM part
		WHERE message = ? AND n = ?`, message[:], n)
	return blobs, err
}

// namedBlobs lists the blobs that parts refer to.
func namedBlobs(c *conn) (map[mail.ID]bool, error) {
	list, err := all(c, scanID, `
		SELECT blob
		FROM part
		WHERE blob IS NOT NULL`)
	known := make(map[mail.ID]bool, len(list))
	for _, id := range list {
		known[id] = true
	}
	return known, err
}
