package vault

import (
	"time"

	"sigill/appliance/mail"
)

const sessionColumns = `token, person, made, seen, expires, device`

func scanSession(s scanner) (v mail.Session, err error) {
	return v, s.Scan(intoHash{&v.Token}, intoID{&v.Person}, intoTime{&v.Made}, intoTime{&v.Seen}, intoTime{&v.Expires}, &v.Device)
}

// Session finds a signed-in browser by the hash of its cookie. Whether it has
// expired is the caller's to judge.
func (tx *ReadTx) Session(token [32]byte) (mail.Session, error) {
	return one(tx.c, scanSession, `
		SELECT `+sessionColumns+`
		FROM session
		WHERE token = ?`, token[:])
}

// SessionsOf returns a person's sessions, the last seen first.
func (tx *ReadTx) SessionsOf(person mail.ID) ([]mail.Session, error) {
	return all(tx.c, scanSession, `
		SELECT `+sessionColumns+`
		FROM session
		WHERE person = ?
		ORDER BY seen DESC, token`, person[:])
}

// PutSession adds a session.
func (tx *Tx) PutSession(s mail.Session) error {
	_, err := tx.c.exec(`
		INSERT INTO session (token, person, made, seen, expires, device)
		VALUES (?, ?, ?, ?, ?, ?)`, s.Token[:], s.Person[:], ms(s.Made), ms(s.Seen), ms(s.Expires), s.Device)
	return err
}

// TouchSession writes down that a session was seen at now. The error is Absent if
// there is no such session.
func (tx *Tx) TouchSession(token [32]byte, now time.Time) error {
	return tx.c.must(`
		UPDATE session
		SET seen = ?
		WHERE token = ?`, ms(now), token[:])
}

// DeleteSession signs a browser out; none is no error.
func (tx *Tx) DeleteSession(token [32]byte) error {
	_, err := tx.c.exec(`
		DELETE FROM session
		WHERE token = ?`, token[:])
	return err
}

// DeleteSessionsOf signs a person out everywhere, and returns from how many browsers.
func (tx *Tx) DeleteSessionsOf(person mail.ID) (int64, error) {
	return tx.c.exec(`
		DELETE FROM session
		WHERE person = ?`, person[:])
}

// DeleteSessions signs everybody out, as at each start.
func (tx *Tx) DeleteSessions() (int64, error) {
	return tx.c.exec(`
		DELETE FROM session`)
}

// ForgetSessions takes away those that have expired at now, and returns how many.
func (tx *Tx) ForgetSessions(now time.Time) (int64, error) {
	return tx.c.exec(`
		DELETE FROM session
		WHERE expires <= ?`, ms(now))
}
