package vault

import "sigill/appliance/mail"

const remarkColumns = `id, message, mailbox, generation, author, at, box`

func scanRemark(s scanner) (r mail.Remark, err error) {
	return r, s.Scan(intoID{&r.ID}, intoID{&r.Message}, intoID{&r.Mailbox}, intoID{&r.Generation}, intoID{&r.Author}, intoTime{&r.At},
		intoBox{&r.Box})
}

// Remarks returns what the people of a function mailbox have noted about a message, the
// oldest first. Another mailbox that has the message does not see it.
func (tx *ReadTx) Remarks(message, mailbox mail.ID) ([]mail.Remark, error) {
	return all(tx.c, scanRemark, `
		SELECT `+remarkColumns+`
		FROM remark
		WHERE message = ? AND mailbox = ?
		ORDER BY at, id`, message[:], mailbox[:])
}

// PutRemark adds a remark. Its message, mailbox and author must be there.
func (tx *Tx) PutRemark(r mail.Remark) error {
	_, err := tx.c.exec(`
		INSERT INTO remark (id, message, mailbox, generation, author, at, box)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, r.ID[:], r.Message[:], r.Mailbox[:], r.Generation[:], r.Author[:], ms(r.At), full(r.Box))
	return err
}

// DeleteRemarks takes away all remarks about a message, of each mailbox that has it;
// none is no error.
func (tx *Tx) DeleteRemarks(message mail.ID) error {
	_, err := tx.c.exec(`
		DELETE FROM remark
		WHERE message = ?`, message[:])
	return err
}
