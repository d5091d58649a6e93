package vault

import (
	"time"

	"sigill/appliance/mail"
)

func scanRegistration(s scanner) (r mail.Registration, err error) {
	return r, s.Scan(intoID{&r.Person}, intoTime{&r.Inbox}, intoTime{&r.Lost}, intoTime{&r.Phone}, intoTime{&r.Offered}, &r.Offers, &r.Why)
}

// Registration returns what a registered recipient has shown. The error is Absent for
// everybody else.
func (tx *ReadTx) Registration(person mail.ID) (mail.Registration, error) {
	return one(tx.c, scanRegistration, `
		SELECT person, inbox, lost, phone, offered, offers, why
		FROM registration
		WHERE person = ?`, person[:])
}

// PutRegistration writes what a registered recipient has shown, in place of what is there.
func (tx *Tx) PutRegistration(r mail.Registration) error {
	_, err := tx.c.exec(`
		INSERT INTO registration (person, inbox, lost, phone, offered, offers, why)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (person) DO UPDATE SET inbox = excluded.inbox, lost = excluded.lost, phone = excluded.phone, offered = excluded.offered, offers = excluded.offers, why = excluded.why`,
		r.Person[:], ms(r.Inbox), ms(r.Lost), ms(r.Phone), ms(r.Offered), r.Offers, string(r.Why))
	return err
}

// ShowInbox writes down that a mail of this time was shown to have reached a registered
// recipient, unless a later one was. Of who is none it does nothing; nor for a time to come,
// which the clock has said when it had leapt ahead. What is there of such a time gives way.
func (tx *Tx) ShowInbox(person mail.ID, at time.Time) error {
	if at.After(tx.Now()) {
		return nil
	}
	_, err := tx.c.exec(`
		UPDATE registration
		SET inbox = CASE WHEN inbox > ? THEN ? ELSE max(inbox, ?) END
		WHERE person = ?`, ms(tx.Now()), ms(at), ms(at), person[:])
	return err
}

// LoseInbox writes down that a mail to a registered recipient's address has come back, unless
// one did later. Of who is none it does nothing. What is there of a time to come, which the
// clock has said when it had leapt ahead, gives way.
func (tx *Tx) LoseInbox(person mail.ID, at time.Time) error {
	_, err := tx.c.exec(`
		UPDATE registration
		SET lost = CASE WHEN lost > ? THEN ? ELSE max(lost, ?) END
		WHERE person = ?`, ms(tx.Now()), ms(at), ms(at), person[:])
	return err
}

// DeleteRegistration takes that away of somebody who is no registered recipient any more.
// Where there is nothing it does nothing.
func (tx *Tx) DeleteRegistration(person mail.ID) error {
	_, err := tx.c.exec(`DELETE FROM registration WHERE person = ?`, person[:])
	return err
}
