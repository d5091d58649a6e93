package vault

import "sigill/appliance/mail"

const claimColumns = `mailbox, thread, person, at`

func scanClaim(s scanner) (c mail.Claim, err error) {
	return c, s.Scan(intoID{&c.Mailbox}, intoID{&c.Thread}, intoID{&c.Person}, intoTime{&c.At})
}

// Claim returns who of a function mailbox has a thread. The error is Absent if nobody
// does.
func (tx *ReadTx) Claim(mailbox, thread mail.ID) (mail.Claim, error) {
	return one(tx.c, scanClaim, `
		SELECT `+claimColumns+`
		FROM claim
		WHERE mailbox = ? AND thread = ?`, mailbox[:], thread[:])
}

// ClaimsOf returns who of a function mailbox has which of these threads, in no order:
// a page's, at most 200. The error is Invalid for more.
func (tx *ReadTx) ClaimsOf(mailbox mail.ID, threads []mail.ID) ([]mail.Claim, error) {
	args, err := pageOfThreads(mailbox, threads)
	if args == nil {
		return nil, err
	}
	return all(tx.c, scanClaim, `
		SELECT `+claimColumns+`
		FROM claim
		WHERE mailbox = ? AND thread IN `+aPage, args...)
}

// PutClaim gives a thread to a member, who may have it already and then has it since
// before. The error is Busy if somebody else has it.
func (tx *Tx) PutClaim(c mail.Claim) error {
	n, err := tx.c.exec(`
		INSERT INTO claim (mailbox, thread, person, at)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (mailbox, thread) DO NOTHING`, c.Mailbox[:], c.Thread[:], c.Person[:], ms(c.At))
	if err != nil || n > 0 {
		return err
	}
	has, err := tx.Claim(c.Mailbox, c.Thread)
	if err == nil && has.Person != c.Person {
		return mail.E(mail.Busy, "error.claimed", nil)
	}
	return err
}

// DeleteClaim gives a thread back to all. The error is Absent if nobody has it.
func (tx *Tx) DeleteClaim(mailbox, thread mail.ID) error {
	return tx.c.must(`
		DELETE FROM claim
		WHERE mailbox = ? AND thread = ?`, mailbox[:], thread[:])
}

// ForgetClaims deletes the claims of a thread in which no message is left that has not
// ended.
func (tx *Tx) ForgetClaims(thread mail.ID) error {
	_, err := tx.c.exec(`
		DELETE FROM claim
		WHERE thread = ? AND NOT EXISTS (
			SELECT 1
			FROM message
			WHERE thread = ? AND state < 2)`, thread[:], thread[:])
	return err
}
