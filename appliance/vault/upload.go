package vault

import (
	"time"

	"sigill/appliance/mail"
)

const uploadColumns = `message, n, person, size, box, at`

func scanUpload(s scanner) (u mail.Upload, err error) {
	return u, s.Scan(intoID{&u.Message}, number(&u.N), intoID{&u.Person}, number(&u.Size), intoBox{&u.Box}, intoTime{&u.At})
}

// Uploads returns the files on their way into a draft, in the order of their numbers.
func (tx *ReadTx) Uploads(message mail.ID) ([]mail.Upload, error) {
	return all(tx.c, scanUpload, `
		SELECT `+uploadColumns+`
		FROM upload
		WHERE message = ?
		ORDER BY n`, message[:])
}

// UploadsBefore returns up to n of which nothing has come since a time.
func (tx *ReadTx) UploadsBefore(at time.Time, n int) ([]mail.Upload, error) {
	return all(tx.c, scanUpload, `
		SELECT `+uploadColumns+`
		FROM upload
		WHERE at < ?
		ORDER BY at
		LIMIT ?`, ms(at), n)
}

// CountUploads returns how many a person has under way, in all drafts.
func (tx *ReadTx) CountUploads(person mail.ID) (int64, error) {
	return one(tx.c, scanInt, `
		SELECT count(*)
		FROM upload
		WHERE person = ?`, person[:])
}

// PutUpload adds one, or writes again what of it is there, and when that came.
func (tx *Tx) PutUpload(u mail.Upload) error {
	_, err := tx.c.exec(`
		INSERT INTO upload (message, n, person, size, box, at)
		VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (message, n) DO UPDATE
		SET box = excluded.box, at = excluded.at`,
		u.Message[:], int64(u.N), u.Person[:], u.Size, full(u.Box), ms(u.At))
	return err
}

// DeleteUpload takes one away; its pieces are parts, and stay. The error is Absent.
func (tx *Tx) DeleteUpload(message mail.ID, n uint32) error {
	return tx.c.must(`
		DELETE FROM upload
		WHERE message = ? AND n = ?`, message[:], int64(n))
}

// DeleteUploads takes away all of a draft's.
func (tx *Tx) DeleteUploads(message mail.ID) error {
	_, err := tx.c.exec(`
		DELETE FROM upload
		WHERE message = ?`, message[:])
	return err
}
